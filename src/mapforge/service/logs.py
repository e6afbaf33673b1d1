"""What happens → structured lines on standard error. Names, codes and reasons; never a key or a customer's data."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog

from mapforge.delivery.outcomes import Outcome, Rejected
from mapforge.delivery.queue import Outlet
from mapforge.service.metrics import word
from mapforge.service.observer import ServiceObserver

Logger = Any  # structlog's own type for a logger whose methods are made when they are asked for


def logger_of(level: str, form: str | None, stream: TextIO | None = None) -> Logger:
    """A logger of its own, which leaves the process's logging alone. form: json or text; by the stream unless told."""
    to = stream or sys.stderr
    readable = form == "text" or (form is None and to.isatty())
    shown = structlog.dev.ConsoleRenderer(colors=to.isatty()) if readable else structlog.processors.JSONRenderer()
    return structlog.wrap_logger(
        structlog.PrintLogger(to),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        cache_logger_on_first_use=True,
    )


class Forward(logging.Handler):
    """Warnings of the libraries underneath, as lines of ours. Their texts, and no traceback with values in it."""

    def __init__(self, log: Logger) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        kind = record.exc_info[0] if record.exc_info else None
        about = {} if kind is None else {"error": kind.__name__}
        self._log.log(record.levelno, "library", name=record.name, said=record.getMessage(), **about)


class Journal(ServiceObserver):
    """Writes down what an operator must know; what happens all the time is debug."""

    def __init__(self, log: Logger) -> None:
        self._log = log

    def refused(self, connection: str, status: int, reason: str) -> None:
        self._log.warning("webhook refused", connection=connection[:100], status=status, reason=reason)

    def reloaded(self, vendors: tuple[str, ...], problem: str | None) -> None:
        if problem is None:
            self._log.info("mappers in use", vendors=list(vendors))
        else:
            self._log.error("new mappers cannot be used; those before are kept", problem=problem)

    def delivering(self, problem: str | None) -> None:
        if problem is None:
            self._log.info("delivering")
        else:
            self._log.error("the worker ended; it begins anew", problem=problem)

    def mapped(self, vendor: str, seconds: float, payloads: int, codes: tuple[str, ...], event: int) -> None:
        if codes:
            self._log.warning("dead letter", vendor=vendor, codes=list(codes))
        self._log.debug("mapped", vendor=vendor, payloads=payloads, seconds=round(seconds, 6))

    def sent(self, outlet: Outlet, kind: str, payloads: int, outcome: Outcome, seconds: float) -> None:
        said = {"payloads": payloads, "outcome": word(outcome), "seconds": round(seconds, 3)}
        self._log.debug("request", **_of(outlet), kind=kind, **said)

    def finished(self, outlet: Outlet, kind: str, outcome: Outcome, age: float, event: int) -> None:
        if isinstance(outcome, Rejected):
            codes = [reason.code for reason in outcome.reasons]
            self._log.warning("rejected", **_of(outlet), kind=kind, status=outcome.status, codes=codes)

    def breaker(self, outlet: Outlet, reason: str | None) -> None:
        if reason is None:
            self._log.info("outlet goes on", **_of(outlet))
        else:
            self._log.warning("outlet rests", **_of(outlet), reason=reason)

    def passed(self, outlet: Outlet, entry: str) -> None:
        self._log.warning("a later payload of a profile goes first", **_of(outlet), entry=entry)

    def ambiguous(self, outlet: Outlet, kind: str, payloads: int, held: bool) -> None:
        then = "held for an operator" if held else "sent again"
        self._log.warning("a request had no answer", **_of(outlet), kind=kind, payloads=payloads, then=then)

    def unknown(self, outlet: Outlet, kind: str, payloads: int, reason: str) -> None:
        self._log.warning(
            "nobody says what became of a bulk job", **_of(outlet), kind=kind, payloads=payloads, reason=reason
        )

    def unwritable(self, error: str) -> None:
        self._log.error("the queue takes no writes; waiting for it", error=error)


def _of(outlet: Outlet) -> dict[str, str]:
    return {"connection": outlet.connection, "platform": outlet.platform}
