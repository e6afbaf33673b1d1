"""The log: a line of JSON for what an operator must know, and nothing of customers or keys."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

from mapforge.delivery.outcomes import Delivered, Reason, Rejected
from mapforge.delivery.queue import Outlet
from mapforge.service.logs import Forward, Journal, logger_of
from mapforge.service.metrics import Metrics
from mapforge.service.observer import Observers, ServiceObserver

OUTLET = Outlet(id=1, connection="shop", platform="klaviyo", key=b"sealed")


def written(level: str, *told: tuple[Any, ...]) -> list[dict[str, Any]]:
    """The lines that come of what an observer is told, without their times."""
    stream = io.StringIO()
    journal = Observers(Journal(logger_of(level, "json", stream)), Metrics())
    for name, *said in told:
        getattr(journal, name)(*said)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [{key: value for key, value in line.items() if key != "timestamp"} for line in lines]


def test_what_an_operator_must_know() -> None:
    rejected = Rejected(400, (Reason("invalid", "ada@post.example is no address"),))
    assert written(
        "info",
        ("breaker", OUTLET, "the platform refuses the key (401)"),
        ("breaker", OUTLET, None),
        ("finished", OUTLET, "event", rejected, 1.5, 1),
        ("finished", OUTLET, "event", Delivered(202), 1.5, 1),
        ("mapped", "acme", 0.001, 0, ("MF705", "MF704"), 1),
        ("mapped", "acme", 0.001, 2, (), 1),
        ("ambiguous", OUTLET, "event", 3, True),
        ("refused", "shop", 401, "no header authorization"),
    ) == [
        {"level": "warning", "event": "outlet rests", "connection": "shop", "platform": "klaviyo",
         "reason": "the platform refuses the key (401)"},
        {"level": "info", "event": "outlet goes on", "connection": "shop", "platform": "klaviyo"},
        {"level": "warning", "event": "rejected", "connection": "shop", "platform": "klaviyo", "kind": "event",
         "status": 400, "codes": ["invalid"]},
        {"level": "warning", "event": "dead letter", "vendor": "acme", "codes": ["MF705", "MF704"]},
        {"level": "warning", "event": "a request had no answer", "connection": "shop", "platform": "klaviyo",
         "kind": "event", "payloads": 3, "then": "held for an operator"},
        {"level": "warning", "event": "webhook refused", "connection": "shop", "status": 401,
         "reason": "no header authorization"},
    ]  # fmt: skip


def test_the_level_is_kept() -> None:
    told = [("mapped", "acme", 0.001, 2, (), 1), ("passed", OUTLET, "Order"), ("unwritable", "disk full")]
    assert [line["event"] for line in written("error", *told)] == ["the queue takes no writes; waiting for it"]
    assert len(written("debug", *told)) == 3


def test_libraries_warnings_come_without_their_tracebacks() -> None:
    stream = io.StringIO()
    logger = logging.Logger("uvicorn.error")
    logger.addHandler(Forward(logger_of("info", "json", stream)))
    try:
        raise ValueError("ada@post.example")
    except ValueError:
        logger.exception("Exception in ASGI application")
    logger.info("not so important")
    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert {key: value for key, value in line.items() if key != "timestamp"} == {
        "level": "error", "event": "library", "name": "uvicorn.error", "said": "Exception in ASGI application",
        "error": "ValueError",
    }  # fmt: skip


def test_text_is_for_terminals() -> None:
    stream = io.StringIO()
    logger_of("info", "text", stream).info("listening", at=["http://127.0.0.1:1"])
    assert "listening" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_each_observer_is_told() -> None:
    heard: list[str] = []

    class Ear(ServiceObserver):
        def unwritable(self, error: str) -> None:
            heard.append(error)

    both = Observers(Ear(), ServiceObserver(), Ear())
    both.unwritable("disk full")
    both.waited(OUTLET, 1.0)
    assert heard == ["disk full", "disk full"]
