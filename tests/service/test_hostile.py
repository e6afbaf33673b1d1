"""Hostile webhooks at a real service: it answers or cuts them off, holds little for them, and goes on."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.cli.test_serve import EVENTS, LISTENING, PORTS, SECRET, VENDOR, Process, connected, post, raw, serving

MOST_MIB = 64
HEAD = f"POST /v1/ingest/shop HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {SECRET}\r\n".encode()
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"


class Served(NamedTuple):
    """A service in a process of its own."""

    process: Process
    url: str

    def mib(self) -> float:
        """What it holds of memory."""
        pid = str(self.process.process.pid)
        return int(subprocess.run(["ps", "-o", "rss=", "-p", pid], capture_output=True, check=True).stdout) / 1024

    def all_at_once(self, hostile: bytes, rest: bytes, times: int, connections: int) -> list[bytes]:
        """The first line that each of so many connections gets to the same hostile bytes; empty: cut off."""
        return asyncio.run(self._all_at_once(hostile, rest, times, connections))

    async def _all_at_once(self, hostile: bytes, rest: bytes, times: int, connections: int) -> list[bytes]:
        async with asyncio.timeout(60):
            return await asyncio.gather(*(self._one(hostile, rest, times) for _ in range(connections)))

    async def _one(self, hostile: bytes, rest: bytes, times: int) -> bytes:
        host, port = self.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        with contextlib.suppress(ConnectionError):
            writer.write(hostile)
            for _ in range(times):
                writer.write(rest)
                await writer.drain()
        line = b""
        with contextlib.suppress(ConnectionError):
            line = await reader.readline()
        writer.close()
        return line


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    project = tmp_path_factory.mktemp("hostile")
    home = project / "mappings" / "acme"
    home.mkdir(parents=True)
    (home / "vendor.yaml").write_text(VENDOR)
    (home / "events.yaml").write_text(EVENTS)
    key = connected(project)
    with serving(project, "serve", *PORTS, "--no-workers", MAPFORGE_SECRET_KEY=key) as process:
        yield Served(process, process.said(LISTENING)[1])


def chunk(size: int) -> bytes:
    return f"{size:x}\r\n".encode() + b" " * size + b"\r\n"


@pytest.mark.parametrize(
    ("hostile", "rest", "times", "status"),
    [
        (CHUNKED, chunk(65_536), 400, b" 413 "),
        (HEAD + b"content-length: 10000000000\r\n\r\n", b" " * 65_536, 400, b" 413 "),
        (HEAD + b"content-length: " + b"9" * 30 + b"\r\n\r\n", b" ", 10, b" 4"),
        (HEAD + b"content-length: 900000\r\n\r\n", b"[" * 900_000, 1, b" 400 "),
        (HEAD + b"content-length: 900000\r\n\r\n", (b'{"a":' * 180_000), 1, b" 400 "),
        (HEAD + b"content-length: 900000\r\n\r\n", b'"' + b"\xff" * 899_999, 1, b" 400 "),
        (HEAD + b"content-length: 900000\r\n\r\n", b"1" * 900_000, 1, b" 20"),
        (HEAD, b"x: y\r\n" * 10_000, 40, b" 4"),
    ],
    ids=["chunks", "promised", "absurd", "lists", "objects", "bytes", "digits", "headers"],
)
def test_it_is_answered_or_cut_off_and_nothing_is_held(
    served: Served, hostile: bytes, rest: bytes, times: int, status: bytes
) -> None:
    before = served.mib()
    lines = served.all_at_once(hostile, rest, times, 30)
    # Who goes on writing after the answer may find it gone with the connection.
    assert all(status in line or (line == b"" and times > 1) for line in lines), set(lines)
    assert served.mib() - before < MOST_MIB
    assert post(served.url, raw(1)) in (200, 202)


def test_connections_that_say_nothing_stop_nobody(served: Served) -> None:
    async def silent() -> None:
        host, port = served.url.removeprefix("http://").split(":")
        writers = [(await asyncio.open_connection(host, int(port)))[1] for _ in range(300)]
        assert await asyncio.to_thread(post, served.url, raw(2)) in (200, 202)
        for writer in writers:
            writer.close()

    asyncio.run(silent())
