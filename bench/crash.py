"""Kills a process that accepts and delivers, again and again, and counts what arrived: nothing lost, nothing doubled.

    python bench/crash.py --kills 50

A child process accepts events into a queue and delivers them over HTTP to platforms in this process, which answer, drop
a connection after they took a request, or answer 503. Batches are jobs there, which end some time later, and some of
which stop half-way. The child is killed by SIGKILL at random moments and started again on the same file. At the end
every event that was acknowledged must have arrived. Klaviyo's count once by unique_id; those of Omnisend may be held by
the rule for ambiguous failures, and none may arrive twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec

import mapforge
from mapforge.delivery.identity import event_id
from mapforge.delivery.mapping import CurrentMappers
from mapforge.delivery.queue import Connection
from mapforge.delivery.run import Delivery
from mapforge.delivery.secrets import Keys, Secret, fresh_key
from mapforge.delivery.settings import Settings
from mapforge.delivery.store.file import Store

_AT_ONCE = 8
PLATFORMS = ("klaviyo", "omnisend")
OPEN = ("event waiting", "event leased", "payload waiting", "payload leased", "payload sending", "payload taken")
VENDOR = """\
mapforge: 1
vendor: acme
source: {event: type, id: id, time: at}
identity: {email: email}
platforms: {klaviyo: {}, omnisend: {origin: acme}}
"""
EVENTS = "Order: {trigger: {event: order}, attributes: {number: integer}}\n"


class Batch(msgspec.Struct):
    """Omnisend's job of so many events, of which it begins the first ones; it ends at this time."""

    items: list[dict[str, Any]]
    begun: int
    ends: float

    def told(self) -> dict[str, Any]:
        """What is said of it now."""
        ended = "finished" if self.begun == len(self.items) else "stopped"
        status = ended if time.monotonic() >= self.ends else "inProgress"
        responses = [
            {"request": one, "status": "finished", "responseCode": 202} if at < self.begun else {"request": one}
            for at, one in enumerate(self.items)
        ]
        return {"status": status, "errorsCount": 0, "responses": responses}


class Received:
    """What the platforms took: how often each event of each, and their jobs."""

    def __init__(self) -> None:
        self.times: dict[str, Counter[str]] = {platform: Counter() for platform in PLATFORMS}
        self.batches: dict[str, Batch] = {}
        self.lock = threading.Lock()

    def take(self, path: str, body: Any, luck: float) -> str | None:
        """The name of the job, if it is one."""
        name = None
        if path == "/api/batches":
            stops, seconds = luck > 0.9, 0.3 * luck
            batch = Batch(body["items"], len(body["items"]) // (2 if stops else 1), time.monotonic() + seconds)
            body = {"items": body["items"][: batch.begun]}
        with self.lock:
            if path == "/api/batches":
                name = f"b{len(self.batches)}"
                self.batches[name] = batch
            platform, ids = _ids(path, body)
            self.times[platform].update(ids)
        return name

    def told(self, path: str) -> dict[str, Any]:
        """The answer to a question about batches."""
        with self.lock:
            name = path.split("/")[3] if path.count("/") > 2 else None
            if name is None:
                return {"batches": [{"batchID": one, **batch.told()} for one, batch in self.batches.items()][-250:]}
            return self.batches[name].told()


def _ids(path: str, body: Any) -> tuple[str, list[str]]:
    if path == "/api/event-bulk-create-jobs":
        people = body["data"]["attributes"]["events-bulk-create"]["data"]
        events = [event for one in people for event in one["attributes"]["events"]["data"]]
        return "klaviyo", [event["attributes"]["unique_id"] for event in events]
    if path == "/api/batches":
        return "omnisend", [item["eventID"] for item in body["items"]]
    if "data" in body:
        return "klaviyo", [body["data"]["attributes"]["unique_id"]]
    return "omnisend", [body["eventID"]]


def platforms(received: Received, chance: random.Random) -> ThreadingHTTPServer:
    """Both platforms on loopback, in threads of this process."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if chance.random() < 0.05:
                return self.answer(503)
            return self.answer(200, json.dumps(received.told(self.path.partition("?")[0])).encode())

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            luck = chance.random()
            if luck < 0.02:
                return self.answer(503)
            name = received.take(self.path, body, luck)
            if luck < 0.04:  # taken, and never answered
                self.close_connection = True
                self.connection.close()
                return None
            return self.answer(202, json.dumps({"batchID": name}).encode() if name else b"")

        def answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A killed child leaves its connections."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def settings(port: int) -> Settings:
    origins = dict.fromkeys(PLATFORMS, f"http://127.0.0.1:{port}")
    waits = {"idle": 0.05, "backoff": 0.05, "backoff_most": 0.5, "breaker_wait": 0.1, "breaker_most": 0.5}
    jobs = {"job_wait": 0.05, "job_wait_most": 0.2}
    return Settings(origins=origins, order_wait=0.5, bulk_from=20, **waits, **jobs)


def child(folder: Path, port: int, first: int, most: int) -> None:
    """Accept events from this number on, each printed once it is on disk, and deliver; most 0: what is there."""
    mappers = mapforge.load(folder / "build")
    keys = Keys(((folder / "key").read_text(),))
    with Store(folder / "queue.db", settings(port)) as store:
        asyncio.run(_deliver(store, Delivery(store, CurrentMappers(mappers), keys), mappers["acme"], first, most))


async def _deliver(store: Store, delivery: Delivery, mapper: Any, first: int, most: int) -> None:
    running = asyncio.create_task(delivery.run())
    for number in range(first, first + most, _AT_ONCE):
        raws = {one: _raw(one) for one in range(number, number + _AT_ONCE)}
        accepted = [store.accept("acme", event_id(mapper, raw, {}), raw, {}) for raw in raws.values()]
        await asyncio.gather(*map(asyncio.wrap_future, accepted))
        print(*raws, sep="\n", flush=True)
        delivery.arrived()
    while most or any(one.state in OPEN for one in store.depths()):
        if running.done():
            break
        await asyncio.sleep(0.05)
    delivery.stop()
    await running


def _raw(number: int) -> bytes:
    email = f"customer{number % 17}@post.example"
    head = {"type": "order", "id": f"e{number}", "at": "2026-03-01T12:00:00Z", "email": email, "number": number}
    return json.dumps(head).encode()


def prepare(folder: Path) -> None:
    """A build, a key and a queue with one connection to both platforms."""
    home = folder / "mappings" / "acme"
    home.mkdir(parents=True)
    (home / "vendor.yaml").write_text(VENDOR)
    (home / "events.yaml").write_text(EVENTS)
    mapforge.build(mapforge.compile_vendor(home), folder / "build")
    key = fresh_key()
    (folder / "key").write_text(key)
    with Store(folder / "queue.db") as store:
        store.add_connection(Connection(id="acme", merchant="A", vendor="acme")).result()
        for platform in PLATFORMS:
            store.add_outlet("acme", platform, Keys((key,)).seal(Secret(f"key-of-{platform}"))).result()


def killed(folder: Path, port: int, first: int, seconds: float, most: int) -> Iterator[int]:
    """Run a child and kill it after so long; the numbers that it acknowledged."""
    command = [sys.executable, __file__, "--child", str(folder), str(port), str(first), str(most)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        threading.Timer(seconds, process.send_signal, (signal.SIGKILL,)).start()
        yield from (int(line) for line in process.stdout if line.endswith("\n"))


def finish(folder: Path, port: int) -> None:
    """A last child, which delivers all that is left."""
    command = [sys.executable, __file__, "--child", str(folder), str(port), "0", "0"]
    try:
        subprocess.run(command, check=True, timeout=60)
    except subprocess.TimeoutExpired:
        with Store(folder / "queue.db") as store:
            print("after 60 s there is still:", store.depths(), [one.trouble for one in store.outlets()])


def sweep(kills: int, seed: int, most: int) -> int:
    chance = random.Random(seed)
    received = Received()
    server = platforms(received, random.Random(seed + 1))
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), server.server_address[1]
        prepare(folder)
        acknowledged: list[int] = []
        first = 0
        for _ in range(kills):
            acknowledged += killed(folder, port, first, 0.6 + chance.random() * 1.4, most)
            first += most + _AT_ONCE
        finish(folder, port)
        failed = report(folder, acknowledged, received, kills)
    server.shutdown()
    return failed


def report(folder: Path, acknowledged: list[int], received: Received, kills: int) -> int:
    """Print what arrived; 1 where something was lost or doubled."""
    with Store(folder / "queue.db") as store:
        held = {one.state: one.rows for one in store.depths()}.get("payload held", 0)
        ids = {number: store_ids(store, number) for number in acknowledged}
    lost = dict.fromkeys(PLATFORMS, 0)
    for number in acknowledged:
        for platform in PLATFORMS:
            unique_id, state = ids[number].get(platform, ("", "missing"))
            lost[platform] += state != "held" and received.times[platform][unique_id] == 0
    jobs = len(received.batches)
    repeats = {platform: sum(times - 1 for times in received.times[platform].values()) for platform in PLATFORMS}
    print(f"{kills} kills, {len(acknowledged)} events acknowledged")
    print(f"klaviyo: {lost['klaviyo']} lost, {repeats['klaviyo']} repeats, each of which it counts once by unique_id")
    print(f"omnisend: {lost['omnisend']} lost, {repeats['omnisend']} doubled, {held} held for the operator", end="")
    print(f", {jobs} batches")
    return int(bool(lost["klaviyo"] or lost["omnisend"] or repeats["omnisend"]))


def store_ids(store: Store, number: int) -> dict[str, tuple[str, str]]:
    """The id and the state of an event's payloads, by platform."""
    event = store.find_event("acme", f"order/e{number}")
    return {} if event is None else {one.platform: (one.unique_id, one.state) for one in store.payloads_of(event)}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--events", type=int, default=400, help="at most so many before each kill")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.child:
        child(Path(said.child[0]), *map(int, said.child[1:]))
        return 0
    print(f"seed {said.seed}")
    return sweep(said.kills, said.seed, said.events)


if __name__ == "__main__":
    sys.exit(main())
