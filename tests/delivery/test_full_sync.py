"""JeriCommerce's members, when profiles are switched on: killed on the way, and each at Klaviyo once, 500 a job."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

import mapforge
from mapforge.delivery.mapping import CurrentMappers
from mapforge.delivery.queue import Connection
from mapforge.delivery.run import Delivery
from mapforge.delivery.secrets import Secret
from mapforge.delivery.sources import source_of
from mapforge.delivery.store.file import Store
from mapforge.delivery.sync import Tally, sync
from mapforge.fakes import NONE, Settings, running
from tests.delivery.house import KEYS, QUICK

ROOT = Path(__file__).parents[2]
MEMBERS = 3_200
FULL_SYNC = "Full sync"


@pytest.fixture(scope="module")
def mappers(tmp_path_factory: pytest.TempPathFactory) -> CurrentMappers:
    vendor = mapforge.compile_vendor(ROOT / "mappings" / "jericommerce")
    return CurrentMappers(mapforge.load(mapforge.build(vendor, tmp_path_factory.mktemp("build"))))


def member(number: int, balance: int) -> bytes:
    """A customer's record as the mapping of a full sync has it."""
    said = {
        "email": f"member{number}@kaffa.example.net",
        "id": f"sync-{number}",
        "customerId": f"c{number}",
        "createdAt": "2026-03-08T12:00:00.000Z",
        "properties": {"balance": balance, "birthdate": "1991-05-17", "tier-name": "Gold", "tier-balance": 1240},
    }
    return json.dumps(said).encode()


def written(folder: Path, members: Iterable[bytes]) -> Path:
    file = folder / "members.ndjson"
    file.write_bytes(b"".join(line + b"\n" for line in members))
    return file


def opened(folder: Path, klaviyo: str) -> Store:
    """The queue, with the connection `kaffa`."""
    store = Store(folder / "queue.db", msgspec.structs.replace(QUICK, bulk_fill=0.3, origins={"klaviyo": klaviyo}))
    store.add_connection(Connection(id="kaffa", merchant="Kaffa", vendor="jericommerce")).result()
    store.add_outlet("kaffa", "klaviyo", KEYS.seal(Secret("pk_kaffa"))).result()
    return store


@contextmanager
def export(lines: Sequence[bytes], *stalls: int) -> Iterator[str]:
    """The address of these lines. Its first answers stop after so many of them, and are not over."""
    left, over = list(stalls), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            most = left.pop(0) if left else None
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"".join(line + b"\n" for line in lines[:most]))
            if most is not None:
                over.wait()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/members"
    finally:
        over.set()
        server.shutdown()
        server.server_close()


def killed_at(folder: Path, source: str, lines: int) -> None:
    """Run the verb, and kill it once so many lines are taken."""
    command = [sys.executable, "-m", "mapforge", "sync", "kaffa", source, "--event", FULL_SYNC, "--queue", "queue.db"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and taken(folder) < lines:
            time.sleep(0.01)
        assert process.poll() is None
        process.send_signal(signal.SIGKILL)


def taken(folder: Path) -> int:
    with Store(folder / "queue.db", read_only=True) as look:
        return sum(one.rows for one in look.depths())


def synced(store: Store, source: str) -> Tally:
    """The rest of a source, by the process that writes the queue: as a service would take it."""
    return sync(
        store,
        source_of(source),
        "kaffa",
        FULL_SYNC,
        lambda event_id, raw: store.accept("kaffa", event_id, raw, {}, FULL_SYNC),
    )


async def delivered(store: Store, mappers: CurrentMappers) -> None:
    delivery = Delivery(store, mappers, KEYS)
    working = asyncio.create_task(delivery.run())
    async with asyncio.timeout(60):
        while any(one.state != "dead" for one in store.depths()):
            await asyncio.sleep(0.02)
    delivery.stop()
    await working


def received(url: str) -> list[dict[str, Any]]:
    """The profiles that came, oldest first."""
    said: list[dict[str, Any]] = httpx.get(f"{url}/_received", params={"limit": 100_000}).json()["items"]
    return said[::-1]


def sizes(items: Iterable[dict[str, Any]]) -> list[int]:
    """How many came with each request."""
    return sorted(Counter(item["call"] for item in items).values(), reverse=True)


def test_a_full_sync_that_is_killed_and_run_again_brings_every_member_once(
    tmp_path: Path, mappers: CurrentMappers
) -> None:
    members = [member(number, 840) for number in range(MEMBERS)]
    fakes = Settings(limits=NONE, job_seconds=0.1, keep=MEMBERS * 2)
    with running(fakes) as at, export(members, 1_250, 2_100) as source:
        opened(tmp_path, at.klaviyo).close()
        killed_at(tmp_path, source, 1_000)
        killed_at(tmp_path, source, 2_000)
        with opened(tmp_path, at.klaviyo) as store:
            rest = synced(store, source)
            # The kill may fall between the last lines it took and the note of where it stood: those are repeats.
            assert rest.repeats in (0, 500)
            assert rest == Tally(MEMBERS, 2_000 - rest.repeats, MEMBERS - 2_000, rest.repeats)
            asyncio.run(delivered(store, mappers))
            items = received(at.url)
            assert [item["outcome"] for item in items] == ["created"] * MEMBERS
            assert len({item["body"]["data"]["attributes"]["email"] for item in items}) == MEMBERS
            assert sizes(items) == [500] * 6 + [200]
            assert store.dead_letters() == []


def test_a_later_sync_sends_what_has_changed_since_and_no_more(tmp_path: Path, mappers: CurrentMappers) -> None:
    with running(Settings(limits=NONE, job_seconds=0.0)) as at, opened(tmp_path, at.klaviyo) as store:
        for balances in ([10] * 600, [10] * 590 + [11] * 10):
            httpx.delete(f"{at.url}/_received").raise_for_status()
            file = written(tmp_path, [member(number, balance) for number, balance in enumerate(balances)])
            with file.open("ab") as end:
                end.write(b'{"email": \n')
            synced(store, str(file))
            asyncio.run(delivered(store, mappers))
        told = [item["body"]["data"]["attributes"] for item in received(at.url)]
        assert sizes(received(at.url)) == [10]
        assert [one["properties"] for one in told] == [{"balance": 11}] * 10
        letters = store.dead_letters()
        assert [letter.reasons[0].code for letter in letters] == ["MF701"] * 2
        events = [store.event(letter.inbox) for letter in letters]
        assert [one.event_id.split("/")[:3] for one in events if one] == [["sync", "1", "601"], ["sync", "2", "601"]]
