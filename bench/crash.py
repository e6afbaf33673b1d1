"""Kills the service under load, again and again, and counts what arrived: nothing lost, nothing doubled.

    python bench/crash.py --kills 50

`mapforge serve` takes webhooks over HTTP and delivers over HTTP to platforms in this process, which answer, drop a
connection after they took a request, or answer 503. Batches are jobs there, which end some time later, and some of
which stop half-way. The service is killed by SIGKILL at random moments, as it starts too, and started again on the same
file. A webhook that got no answer is sent again, as a vendor would. At the end every event that was acknowledged (202
or 200) must have arrived. Klaviyo's count once by unique_id; those of Omnisend may be held by the rule for ambiguous
failures, and none may arrive twice.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import msgspec
from loopback import VENDOR, free_port

import mapforge
from mapforge.delivery.queue import Connection
from mapforge.delivery.secrets import Keys, Secret, fresh_key
from mapforge.delivery.store.file import Store

_AT_ONCE = 8
SECRET = "the-signing-secret"
PLATFORMS = ("klaviyo", "omnisend")
OPEN = ("event waiting", "event leased", "payload waiting", "payload leased", "payload sending", "payload taken")
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


def environment(key: str, port: int) -> dict[str, str]:
    """The service's settings: it waits less than it would for real platforms."""
    said = {"idle": 0.05, "backoff": 0.05, "backoff_most": 0.5, "breaker_wait": 0.1, "breaker_most": 0.5}
    said |= {"job_wait": 0.05, "job_wait_most": 0.2, "order_wait": 0.5, "bulk_from": 20}
    said |= {f"origins__{platform}": f"http://127.0.0.1:{port}" for platform in PLATFORMS}
    settings = {f"MAPFORGE_DELIVERY__{name.upper()}": str(value) for name, value in said.items()}
    return {**os.environ, **settings, "MAPFORGE_SECRET_KEY": key}


class Vendor:
    """Sends webhooks to wherever the service is, each until it is acknowledged."""

    def __init__(self, port: int, pace: float) -> None:
        self.url = f"http://127.0.0.1:{port}/v1/ingest/acme"
        self.pace = pace
        self.numbers = itertools.count()
        self.acknowledged: list[int] = []
        self.unexpected: Counter[int] = Counter()

    async def run(self, until: asyncio.Event) -> None:
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {SECRET}"}, timeout=5) as client:
            await asyncio.gather(*(self._send(client, until) for _ in range(_AT_ONCE)))

    async def _send(self, client: httpx.AsyncClient, until: asyncio.Event) -> None:
        while not until.is_set():
            number = next(self.numbers)
            while not (taken := await self._taken(client, number)) and not until.is_set():
                await asyncio.sleep(0.02)
            self.acknowledged += [number] if taken else []
            await asyncio.sleep(self.pace * _AT_ONCE)

    async def _taken(self, client: httpx.AsyncClient, number: int) -> bool:
        try:
            answer = await client.post(self.url, content=_raw(number))
        except httpx.TransportError:
            return False
        if answer.status_code not in (200, 202, 503):
            self.unexpected[answer.status_code] += 1
        return answer.status_code in (200, 202)


def _raw(number: int) -> bytes:
    email = f"customer{number % 17}@post.example"
    head = {"type": "order", "id": f"e{number}", "at": "2026-03-01T12:00:00Z", "email": email, "number": number}
    return json.dumps(head).encode()


def prepare(folder: Path) -> str:
    """A build, and a queue with one connection to both platforms; the key that its secrets are sealed with."""
    home = folder / "mappings" / "acme"
    home.mkdir(parents=True)
    (home / "vendor.yaml").write_text(VENDOR)
    (home / "events.yaml").write_text(EVENTS)
    mapforge.build(mapforge.compile_vendor(home, "mappings/acme"), folder / "build")
    key = fresh_key()
    keys = Keys((key,))
    with Store(folder / "queue.db") as store:
        signing = keys.seal(Secret(SECRET))
        store.add_connection(Connection(id="acme", merchant="A", vendor="acme", signing=signing)).result()
        for platform in PLATFORMS:
            store.add_outlet("acme", platform, keys.seal(Secret(f"key-of-{platform}"))).result()
    return key


@contextmanager
def service(folder: Path, key: str, at: int, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The service, until the block ends: killed, if it is there still."""
    command = [sys.executable, "-m", "mapforge", "serve", "--port", str(at), "--admin-port", "0"]
    with subprocess.Popen(command, cwd=folder, env=environment(key, port), stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


async def under_load(folder: Path, key: str, port: int, kills: int, chance: random.Random, vendor: Vendor) -> None:
    """Start and kill the service so often, while the vendor sends; then let it deliver what is left."""
    at, until = int(vendor.url.split(":")[2].split("/")[0]), asyncio.Event()
    sending = asyncio.create_task(vendor.run(until))
    for _ in range(kills):
        with service(folder, key, at, port):
            await asyncio.sleep(0.5 + chance.random() * 3.5)
    with service(folder, key, at, port) as process:
        await asyncio.sleep(3)
        until.set()
        await sending
        await finished(folder, process)


async def finished(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until nothing is open, and stop the service in good order."""
    end = time.monotonic() + 90
    with Store(folder / "queue.db", read_only=True) as store:
        while any(one.state in OPEN for one in store.depths()) and time.monotonic() < end:
            await asyncio.sleep(0.1)
        left = [one for one in store.depths() if one.state in OPEN]
        if left:
            print("after 90 s there is still:", left, [one.trouble for one in store.outlets()])
    process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(process.wait, 30)


def sweep(kills: int, seed: int, pace: float) -> int:
    received = Received()
    server = platforms(received, random.Random(seed + 1))
    with tempfile.TemporaryDirectory() as name:
        folder, vendor = Path(name), Vendor(free_port(), pace)
        key = prepare(folder)
        port = server.server_address[1]
        asyncio.run(under_load(folder, key, port, kills, random.Random(seed), vendor))
        failed = report(folder, vendor, received, kills)
    server.shutdown()
    return failed


def report(folder: Path, vendor: Vendor, received: Received, kills: int) -> int:
    """Print what arrived; 1 where something was lost or doubled."""
    acknowledged = vendor.acknowledged
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
    if vendor.unexpected:
        print("answers that should not be:", dict(vendor.unexpected))
    return int(bool(lost["klaviyo"] or lost["omnisend"] or repeats["omnisend"] or vendor.unexpected))


def store_ids(store: Store, number: int) -> dict[str, tuple[str, str]]:
    """The id and the state of an event's payloads, by platform."""
    event = store.find_event("acme", f"order/e{number}")
    return {} if event is None else {one.platform: (one.unique_id, one.state) for one in store.payloads_of(event)}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--pace", type=float, default=0.005, help="seconds between two webhooks")
    said = parser.parse_args()
    print(f"seed {said.seed}")
    return sweep(said.kills, said.seed, said.pace)


if __name__ == "__main__":
    sys.exit(main())
