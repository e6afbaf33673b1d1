"""Webhooks: 202 for what is on disk, 200 for a repeat, and for what is wrong the status that says so."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from mapforge.delivery.queue import Connection
from mapforge.service.ingest import UNSIGNED
from tests.delivery.house import order, sealed
from tests.service.place import SIGNED, Place, place, problem

PROBE = {"host": "service", "accept": "*/*", "accept-encoding": "gzip, deflate", "connection": "keep-alive"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as found:
        yield found


def test_an_event_is_on_disk_before_the_answer(shop: Place) -> None:
    answer = shop.post(order(1))
    assert (answer.status_code, answer.json()) == (202, {"event": 1, "repeat": False})
    assert [(known, raw) for known, raw, _ in shop.raws] == [("order/evt_1", order(1))]
    assert (shop.heard.ingests, shop.heard.refusals) == ([("acme", 202)], [])


def test_a_repeat_is_the_same_event(shop: Place) -> None:
    shop.post(order(1))
    answer = shop.post(order(1))
    assert (answer.status_code, answer.json()) == (200, {"event": 1, "repeat": True})
    assert len(shop.raws) == 1


def test_many_at_once_are_each_answered_for_themselves(shop: Place) -> None:
    async def calls(client: httpx.AsyncClient) -> list[httpx.Response]:
        raws = [order(number) for number in (*range(1, 41), *range(1, 11))]
        return await asyncio.gather(*(client.post("/v1/ingest/shop", content=raw, headers=SIGNED) for raw in raws))

    answers = shop.ask(calls)
    assert [answer.status_code for answer in answers] == [202] * 40 + [200] * 10
    assert [answer.json()["event"] for answer in answers] == [*range(1, 41), *range(1, 11)]
    assert [known for known, _, _ in shop.raws] == [f"order/evt_{number}" for number in range(1, 41)]


def test_headers_that_hold_a_secret_are_not_kept(shop: Place) -> None:
    secret = {"Cookie": "c", "X-Api-Key": "k", "Proxy-Authorization": "p", "X-Kept": "yes"}
    shop.post(order(1), {**SIGNED, **secret})
    ((_, _, headers),) = shop.raws
    assert {name: value for name, value in headers.items() if name not in (*PROBE, "user-agent", "content-length")} == {
        "x-kept": "yes"
    }


def test_the_name_may_stand_in_the_address(tmp_path: Path) -> None:
    with place(tmp_path, source="{event: missing, id: id, time: at}") as shop:
        assert shop.post(order(1), query="?event=order").status_code == 202
        event = shop.store.event(1)
        assert event is not None
        assert (event.name, event.event_id) == ("order", "order/evt_1")


# ── what is wrong ─────────────────────────────────────────────────────────────────────────────────


def test_no_such_connection_is_404(shop: Place) -> None:
    assert problem(shop.post(order(1), name="nobody")) == (404, "there is no such connection")
    assert (shop.raws, shop.heard.ingests) == ([], [("", 404)])


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer Ä"}])
def test_a_wrong_signature_is_401_and_says_no_more(shop: Place, headers: dict[str, str]) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    answer = shop.ask(lambda client: client.post("/v1/ingest/shop", content=order(1), headers=raw))
    assert problem(answer) == (401, UNSIGNED)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert shop.raws == []
    assert [status for _, status, _ in shop.heard.refusals] == [401]


def test_a_connection_without_a_signing_secret_takes_nothing(shop: Place) -> None:
    shop.store.add_connection(Connection(id="open", merchant="M", vendor="acme")).result()
    assert problem(shop.post(order(1), name="open")) == (401, UNSIGNED)
    assert shop.heard.refusals == [("open", 401, "the connection has no signing secret; add one")]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"not json", b'{"a": 01}', b'{"a": "\xff"}', b'{"a": NaN}', b'{"a":1} x', b'"\\ud800"']
)
def test_what_is_no_json_is_400(shop: Place, body: bytes) -> None:
    status, detail = problem(shop.post(body))
    assert (status, detail.startswith("the body must be JSON")) == (400, True)
    assert shop.raws == []


def test_what_nests_too_deep_is_400(tmp_path: Path) -> None:
    with place(tmp_path, max_depth=10) as shop:
        assert shop.post(b'{"a":' + b"[" * 9 + b"]" * 9 + b"}").status_code == 202
        deep = b'{"a":' + b"[" * 10 + b"]" * 10 + b"}"
        assert problem(shop.post(deep)) == (400, "the body nests deeper than 10")
        assert shop.post(json.dumps({"a": "[" * 5000}).encode()).status_code == 202
        assert shop.post(b"[" * 200_000).status_code == 400


def test_what_is_too_large_is_413(tmp_path: Path) -> None:
    with place(tmp_path, max_body=1024) as shop:
        exact = b'"' + b"x" * 1022 + b'"'
        assert shop.post(exact).status_code == 202
        assert problem(shop.post(exact + b" ")) == (413, "a body has at most 1024 bytes")

        async def parts() -> AsyncIterator[bytes]:
            for _ in range(1000):
                yield b" " * 100

        streamed = shop.ask(lambda client: client.post("/v1/ingest/shop", content=parts(), headers=SIGNED))
        assert problem(streamed) == (413, "a body has at most 1024 bytes")


def test_a_compressed_body_is_415(shop: Place) -> None:
    answer = shop.post(b"\x1f\x8b", {**SIGNED, "Content-Encoding": "gzip"})
    assert problem(answer) == (415, "send the body as it is, without Content-Encoding")


def test_too_much_under_way_is_503(tmp_path: Path) -> None:
    with place(tmp_path, body_memory=1024) as shop:

        async def parts() -> AsyncIterator[bytes]:
            yield b" " * 1025
            yield b"{}"

        answer = shop.ask(lambda client: client.post("/v1/ingest/shop", content=parts(), headers=SIGNED))
        assert (*problem(answer), answer.headers["retry-after"]) == (503, "too many bodies are under way", "1")
        assert shop.post(order(1)).status_code == 202


def test_bodies_that_wait_for_the_disk_are_under_way(tmp_path: Path) -> None:
    body = b'"' + b"x" * 600 + b'"'
    with place(tmp_path, body_memory=1024, delivery={"busy": "0.3"}) as shop:
        other = sqlite3.connect(tmp_path / "queue.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        async def calls(client: httpx.AsyncClient) -> list[int]:
            waiting = [client.post("/v1/ingest/shop", content=body, headers=SIGNED) for _ in range(5)]
            return [answer.status_code for answer in await asyncio.gather(*waiting)]

        assert shop.ask(calls) == [503] * 5
        other.close()
        details = [reason for _, _, reason in shop.heard.refusals]
        assert details.count("too many bodies are under way") == 4
        assert [shop.post(body + b" " * extra).status_code for extra in range(5)] == [202] * 5


def test_a_body_that_does_not_come_is_408(tmp_path: Path) -> None:
    with place(tmp_path, body_seconds=0.05) as shop:

        async def parts() -> AsyncIterator[bytes]:
            yield b"{"
            await asyncio.sleep(5)
            yield b"}"

        answer = shop.ask(lambda client: client.post("/v1/ingest/shop", content=parts(), headers=SIGNED))
        assert problem(answer) == (408, "the body did not come in time")


def test_a_vendor_that_the_build_does_not_have_waits(shop: Place) -> None:
    shop.store.add_connection(Connection(id="other", merchant="M", vendor="gone", signing=sealed("s"))).result()
    answer = shop.post(order(1), name="other")
    assert (*problem(answer), answer.headers["retry-after"]) == (503, "the build has no mapper of gone", "5")


def test_a_queue_that_cannot_be_written_is_503_and_nothing_is_kept(tmp_path: Path) -> None:
    with place(tmp_path, delivery={"busy": "0.05"}) as shop:
        other = sqlite3.connect(tmp_path / "queue.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        answer = shop.post(order(1))
        other.close()
        assert (*problem(answer), answer.headers["retry-after"]) == (
            503, "the queue cannot be written; nothing of this was kept", "5",
        )  # fmt: skip
        assert shop.heard.unwritables == ["the queue cannot be written: database is locked"]
        assert shop.raws == []
        assert shop.post(order(1)).status_code == 202
