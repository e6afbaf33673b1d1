"""A program for a process of its own: its files may not grow for a while, as on a full disk, while it delivers.

python -m tests.delivery.full_disk FOLDER URL: prints as JSON which events were refused at first, what the delivery
said meanwhile that it waits for, and what the queue said of the last write at the end.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec

from mapforge.delivery.identity import event_id
from mapforge.delivery.queue import Accepted, QueueUnwritable
from mapforge.delivery.run import Delivery
from tests.delivery.house import KEYS, QUICK, House, house, order

_EVENTS = 120
_ROOM = 100_000


async def deliver(home: House) -> dict[str, Any]:
    delivery = Delivery(home.store, home.mappers, KEYS, home.watch)
    running = asyncio.create_task(delivery.run())
    said: dict[str, Any] = {"refused": []}
    waits: set[str] = set()

    def refused(done: Future[Accepted]) -> None:
        # Called by the writer, before it writes anything smaller, after which nothing waits.
        if done.exception() is not None:
            waits.update(wait.reason for wait in delivery.waits() if wait.outlet is None)

    for number in range(_EVENTS):
        if number == _EVENTS // 3:
            _may_grow(_largest(home.store.path.parent) + _ROOM)
        if not await _accepted(home, number, refused):
            said["refused"].append(number)
    await asyncio.sleep(0.3)
    _may_grow(resource.RLIM_INFINITY)
    for number in said["refused"]:
        assert await _accepted(home, number, refused)
    while not home.idle():
        await asyncio.sleep(0.05)
    delivery.stop()
    await running
    return {**said, "waits": sorted(waits), "at_end": home.store.unwritable}


async def _accepted(home: House, number: int, told: Callable[[Future[Accepted]], None]) -> bool:
    raw = order(number, f"c{number}@post.example", note=json.dumps("x" * 5_000))
    future = home.store.accept("shop", event_id(home.mapper, raw, {}), raw, {})
    future.add_done_callback(told)
    try:
        await asyncio.wrap_future(future)
    except QueueUnwritable:
        return False
    return True


def _may_grow(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def _largest(folder: Path) -> int:
    return max(path.stat().st_size for path in folder.glob("queue.db*"))


def main(folder: str, url: str) -> None:
    settings = msgspec.structs.replace(QUICK, origins={"klaviyo": url})
    with house(Path(folder), settings=settings) as home:
        home.connect_with({"klaviyo": "pk_shop"})
        print(json.dumps(asyncio.run(deliver(home))))


if __name__ == "__main__":
    main(*sys.argv[1:])
