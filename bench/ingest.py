"""Webhooks onto the disk: the service's ingest beside a bare route that commits one row a request, in groups.

    python bench/ingest.py [--rounds 15] [--seconds 2] [--connections 64] [--least 0.7]

Two servers run in processes of their own, with the same uvicorn, parser and event loop. One is the service, without its
workers: it looks the connection up, holds the signature against the body, decodes it, takes the event's id from it and
keeps body and headers, with a look for repeats. The other is a Starlette route that reads the body and inserts it. Both
answer only once what they keep is flushed to disk. This process asks them in turns, over loopback and kept-alive
connections, with events of 99minds, each with an id of its own. Said are the medians of the rounds and the median of
the rounds' ratios; below --least the exit status is 1.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import queue
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import msgspec
import uvicorn
import uvloop
from loopback import free_port
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mapforge.delivery.queue import Connection
from mapforge.delivery.secrets import Keys, Secret, fresh_key
from mapforge.delivery.store.file import Store

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "mappings" / "99minds" / "samples" / "giftcard-issued.json"
SECRET = "of-the-benchmark"


# ── the bare route ────────────────────────────────────────────────────────────────────────────────


class Groups:
    """Rows from the event loop → commits in a thread, all that wait in one; a row's future is done after its commit."""

    def __init__(self, path: Path) -> None:
        self.waiting: queue.SimpleQueue[tuple[bytes, asyncio.Future[None]]] = queue.SimpleQueue()
        self.path = path

    def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        threading.Thread(target=self.run, daemon=True).start()

    def keep(self, row: bytes) -> asyncio.Future[None]:
        future = self.loop.create_future()
        self.waiting.put((row, future))
        return future

    def run(self) -> None:
        db = sqlite3.connect(self.path, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, raw BLOB)")
        while True:
            group = [self.waiting.get()]
            while not self.waiting.empty() and len(group) < 512:
                group.append(self.waiting.get())
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO row (raw) VALUES (?)", [(row,) for row, _ in group])
            db.execute("COMMIT")
            self.loop.call_soon_threadsafe(done, [future for _, future in group])


def done(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


def bare(folder: Path, port: int) -> None:
    """The bare route, until it is killed."""
    groups = Groups(folder / "bare.db")

    async def take(request: Request) -> Response:
        await groups.keep(await request.body())
        return Response(b"{}", 202, media_type="application/json")

    async def main() -> None:
        groups.start()
        app = Starlette(routes=[Route("/v1/ingest/{connection}", take, methods=["POST"])])
        config = uvicorn.Config(
            app, port=port, http="httptools", ws="none", lifespan="off", log_config=None, access_log=False,
            server_header=False,
        )  # fmt: skip
        await uvicorn.Server(config).serve()

    uvloop.run(main())


# ── this process ──────────────────────────────────────────────────────────────────────────────────


class Caller(asyncio.Protocol):
    """One kept-alive connection: the next event goes out when the last one was answered."""

    def __init__(self, events: Iterator[bytes], state: dict[str, Any]) -> None:
        self.events = events
        self.state = state
        self.seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.next()

    def next(self) -> None:
        if perf_counter() >= self.state["until"]:
            self.transport.close()
            return
        self.transport.write(next(self.events))  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.seen += data
        head, found, body = self.seen.partition(b"\r\n\r\n")
        if not found or len(body) < int(_LENGTH.search(head)[1]):  # type: ignore[index]
            return
        if not head.startswith(b"HTTP/1.1 202"):
            raise SystemExit(f"answered {head[:40]!r} {body[:200]!r}")
        self.seen = b""
        self.state["taken"] += 1
        self.next()

    def connection_lost(self, error: Exception | None) -> None:
        self.state["open"] -= 1
        if self.state["open"] == 0:
            self.state["end"].set_result(None)


_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def requests() -> Iterator[bytes]:
    """Webhooks without end, each with an id of its own."""
    raw = msgspec.json.format(SAMPLE.read_bytes(), indent=-1)
    found = re.search(rb'"id":"(evt_\w+)"', raw)
    assert found is not None
    before, after = raw.split(found[1], 1)
    number = 0
    while True:
        number += 1
        body = b"%sevt_%024d%s" % (before, number, after)
        head = b"POST /v1/ingest/shop HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer %s\r\n" % SECRET.encode()
        yield b"%scontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (head, len(body), body)


async def ask(port: int, events: Iterator[bytes], seconds: float, connections: int) -> float:
    """How many events a second were taken."""
    loop = asyncio.get_running_loop()
    state = {"taken": 0, "open": connections, "end": loop.create_future(), "until": perf_counter() + seconds}
    began = perf_counter()
    await asyncio.gather(
        *(loop.create_connection(lambda: Caller(events, state), "127.0.0.1", port) for _ in range(connections))
    )
    await state["end"]
    return state["taken"] / (perf_counter() - began)


@contextmanager
def running(command: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    """A server in a process of its own, until the block ends."""
    process = subprocess.Popen(command, env={**os.environ, **environment}, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        for _ in range(1000):
            try:
                socket.create_connection(("127.0.0.1", port), 0.1).close()
                break
            except OSError:
                threading.Event().wait(0.02)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def service(folder: Path, port: int, key: str) -> tuple[list[str], dict[str, str]]:
    """How the service is started, and with which variables."""
    keys = Keys((key,))
    with Store(folder / "queue.db") as store:
        signing = keys.seal(Secret(SECRET))
        store.add_connection(Connection(id="shop", merchant="A", vendor="99minds", signing=signing)).result()
    command = [sys.executable, "-m", "mapforge", "serve", "--port", str(port), "--admin-port", "0", "--no-workers"]
    return command, {"MAPFORGE_SECRET_KEY": key, "MAPFORGE_QUEUE": str(folder / "queue.db")}


def measure(ports: tuple[int, int], rounds: int, ask_once: Callable[[int], float]) -> list[list[float]]:
    """Each server's rates by round."""
    rates: list[list[float]] = [[], []]
    for port in ports:
        ask_once(port)  # what is lazy, is loaded
    for _ in range(rounds):
        for port, of_server in zip(ports, rates, strict=True):
            of_server.append(ask_once(port))
    return rates


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--least", type=float, default=0.7)
    parser.add_argument("--bare", nargs=2, help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.bare:
        bare(Path(said.bare[0]), int(said.bare[1]))
        return 0
    ports, events, key = (free_port(), free_port()), requests(), fresh_key()
    with tempfile.TemporaryDirectory() as name:
        command, environment = service(Path(name), ports[0], key)
        plain = [sys.executable, __file__, "--bare", name, str(ports[1])]
        with running(command, environment, ports[0]), running(plain, {}, ports[1]):
            rates = measure(
                ports, said.rounds, lambda port: uvloop.run(ask(port, events, said.seconds, said.connections))
            )
    ours, bare_rate = map(median, rates)
    ratio = median(one / other for one, other in zip(*rates, strict=True))
    print(f"the service: {ours:,.0f} events a second; the bare route: {bare_rate:,.0f}")
    verdict = "holds" if ratio >= said.least else "not reached"
    print(f"ratio {ratio:.2f} (at least {said.least:g}: {verdict})")
    return int(ratio < said.least)


if __name__ == "__main__":
    sys.exit(main())
