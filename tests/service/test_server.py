"""The listener over real sockets: hostile heads are bounded, and what is under way at a stop is ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from mapforge.diagnostics import MapforgeError
from mapforge.service import server
from mapforge.service.server import Listener, listen
from tests.delivery.house import order
from tests.service.place import SECRET, Place, place

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Listener], Awaitable[bytes]]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as found:
        yield found


def talk(shop: Place, with_it: Talk) -> bytes:
    """What comes of a conversation with the service's listener."""
    return asyncio.run(_talk(shop, with_it))


async def _talk(shop: Place, with_it: Talk) -> bytes:
    listener = Listener(shop.service.webhooks(), listen("127.0.0.1", 0), 5)
    answering = asyncio.create_task(listener.answer())
    host, port = listener.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        async with asyncio.timeout(20):
            return await with_it(reader, writer, listener)
    finally:
        writer.close()
        listener.should_exit = True
        await answering


def webhook(body: bytes) -> bytes:
    head = f"POST /v1/ingest/shop HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {SECRET}\r\ncontent-length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def test_a_webhook_over_a_socket(shop: Place) -> None:
    async def call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: Listener) -> bytes:
        writer.write(webhook(order(1)))
        return await reader.readuntil(b"}")

    assert talk(shop, call).startswith(b"HTTP/1.1 202 Accepted\r\n")
    assert [known for known, _, _ in shop.raws] == ["order/evt_1"]


@pytest.mark.parametrize(
    "part", [b"x" * 1000, b"a: b\r\n" * 100, b"GET /" + b"y" * 1000], ids=["value", "headers", "path"]
)
def test_a_head_without_end_is_cut_off(shop: Place, part: bytes) -> None:
    async def call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: Listener) -> bytes:
        writer.write(part if part.startswith(b"GET") else b"GET /healthz HTTP/1.1\r\na: " + part)
        for _part in range(2 * server.MOST_HEAD // len(part)):
            writer.write(part.removeprefix(b"GET /"))
        return await reader.read()

    with contextlib.suppress(ConnectionResetError):  # it was closed while more of it came
        assert talk(shop, call).startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize("begun", [b"", b"POST /v1/ingest/shop HT", b"POST /v1/ingest/shop HTTP/1.1\r\na: "])
def test_a_head_that_does_not_come_is_not_waited_for(
    shop: Place, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.1)

    async def call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: Listener) -> bytes:
        writer.write(begun)
        return await reader.read()

    assert talk(shop, call) == b""


@pytest.mark.parametrize(
    "said",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"POST /v1/ingest/shop HTTP/1.1\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
        b"POST /v1/ingest/shop HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/ingest/shop HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /v1/ingest/\xff HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused(shop: Place, said: bytes) -> None:
    async def call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: Listener) -> bytes:
        writer.write(said)
        return await reader.readline()

    assert talk(shop, call).startswith(b"HTTP/1.1 4")


def test_an_upgrade_is_not_followed(shop: Place) -> None:
    async def call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: Listener) -> bytes:
        head = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
        writer.write(head)
        return await reader.readline()

    assert talk(shop, call) == b"HTTP/1.1 200 OK\r\n"


def test_what_is_under_way_at_a_stop_is_ended(shop: Place) -> None:
    async def call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener: Listener) -> bytes:
        body = webhook(order(1))
        writer.write(body[:-10])
        await asyncio.sleep(0.1)
        listener.should_exit = True
        await asyncio.sleep(0.3)
        writer.write(body[-10:])
        return await reader.readuntil(b"}")

    assert talk(shop, call).startswith(b"HTTP/1.1 202 Accepted\r\n")


def test_an_address_that_cannot_be_is_said() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(MapforgeError, match=rf"cannot listen at 127\.0\.0\.1 port {port}: Address already in use"):
            listen("127.0.0.1", port)
    with pytest.raises(MapforgeError, match=r"cannot listen at no\.such\.host\.invalid"):
        listen("no.such.host.invalid", 0)
