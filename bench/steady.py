"""A backlog at the platforms' real limits: how much of the allowed steady rate is used, and that no request is refused.

    python bench/steady.py [--only NAME ...] [--least 0.95] [--requests N]

For each way to send, one connection has a backlog of a whole steady window and a quarter more. A worker delivers it
over HTTP to the look-alikes, which run in a process of their own and keep the platforms' real windows. With N requests
allowed in W seconds, the share is W over the time from the first request to the one after the N-th: a sender that goes
on as early as it may gets 1; one that waits longer, or cannot keep up, gets less.

Exit status 1 where a share is below the wanted one, a request was answered 429, or a payload did not arrive once.
--requests: only so many of each, without a share, to see that everything works.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
from loopback import KEYS, Fakes, fakes, mappers, queue, raw

from mapforge.delivery.identity import event_id
from mapforge.delivery.mapping import CurrentMappers
from mapforge.delivery.observer import Observer
from mapforge.delivery.outcomes import Delivered, Outcome
from mapforge.delivery.queue import Outlet
from mapforge.delivery.run import Delivery
from mapforge.delivery.settings import Settings
from mapforge.delivery.store.file import Store
from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import Rate, Request, endpoint_of

LEAST = 0.95
_AT_ONCE = 5000
_GIVE_UP = 180.0


class Way(msgspec.Struct, frozen=True):
    """A way to send: a raw event of `raw`, as payloads of `kind`, so many in a request. bulk: a bulk request."""

    name: str
    platform: str
    raw: str
    kind: str
    payloads: int = 1

    @property
    def bulk(self) -> bool:
        return self.payloads > 1

    @property
    def request(self) -> Request:
        endpoint = endpoint_of(PLATFORMS[self.platform], self.kind)
        return endpoint.bulk.request if self.bulk and endpoint.bulk is not None else endpoint.request

    def counts(self, call: dict[str, Any]) -> bool:
        """Whether a call counts in the window: all of an account do where its window is for all."""
        if PLATFORMS[self.platform].rates:
            return True
        return call["method"] == "POST" and self.request.url.endswith(f"/{call['endpoint']}")

    @property
    def rate(self) -> Rate:
        """The steady window: the longest of the request's, or of the platform's for all requests."""
        return max((*self.request.rates, *PLATFORMS[self.platform].rates), key=lambda one: one.seconds)


WAYS = (
    Way("klaviyo-events", "klaviyo", "order", "event"),
    Way("klaviyo-events-bulk", "klaviyo", "order", "event", 1000),
    Way("klaviyo-profiles", "klaviyo", "member", "profile"),
    Way("klaviyo-profiles-bulk", "klaviyo", "member", "profile", 500),
    Way("omnisend-events", "omnisend", "order", "event"),
    Way("omnisend-events-bulk", "omnisend", "order", "event", 100),
)


class Arrived(Observer):
    """Counts what is done with."""

    def __init__(self) -> None:
        self.delivered = 0
        self.others: list[Outcome] = []

    def finished(self, outlet: Outlet, kind: str, outcome: Outcome, age: float, event: int) -> None:
        if isinstance(outcome, Delivered):
            self.delivered += 1
        else:
            self.others.append(outcome)


class Measured(msgspec.Struct, frozen=True):
    """When the requests came that count, how many came in all and how many asked about jobs; seconds; faults."""

    times: list[float]
    requests: int
    questions: int
    took: float
    used: float
    faults: list[str]

    def share(self, rate: Rate) -> float:
        """The window's time over the time that its requests took."""
        return rate.seconds / (self.times[rate.most] - self.times[0])


def measure(way: Way, at: Fakes, number: int) -> Measured:
    """Deliver so many payloads."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(origins=at.origins, bulk_from=200 if way.bulk else None)
        with queue(Path(folder, "queue.db"), settings, (way.platform, way.name)) as store:
            using, watch = mappers(Path(folder)), Arrived()
            _accept(store, using, way, number)
            began, used = time.monotonic(), time.process_time()
            asyncio.run(_deliver(store, using, watch, number))
            took, used = time.monotonic() - began, time.process_time() - used
    calls = at.calls(platform=way.platform, account=way.name)
    faults = _faults(calls, at.counts(platform=way.platform, account=way.name), watch, number)
    counted, asked = [call["at"] for call in calls if way.counts(call)], sum(call["method"] == "GET" for call in calls)
    return Measured(counted, len(calls), asked, took, used, faults)


def _accept(store: Store, using: CurrentMappers, way: Way, number: int) -> None:
    mapper = using.get("acme")
    assert mapper is not None
    for first in range(0, number, _AT_ONCE):
        raws = [raw(way.raw, one) for one in range(first, min(number, first + _AT_ONCE))]
        for future in [store.accept(way.name, event_id(mapper, one, {}), one, {}) for one in raws]:
            future.result()


async def _deliver(store: Store, using: CurrentMappers, watch: Arrived, number: int) -> None:
    delivery = Delivery(store, using, KEYS, watch)
    running = asyncio.create_task(delivery.run())
    async with asyncio.timeout(_GIVE_UP):
        while watch.delivered < number and not running.done():
            await asyncio.sleep(0.05)
    delivery.stop()
    await running


def _faults(calls: list[dict[str, object]], counts: dict[str, int], watch: Arrived, number: int) -> list[str]:
    refused = sum(call["status"] == 429 for call in calls)
    taken = {name: count for name, count in counts.items() if name not in ("kept", "created")}
    arrived = sum(counts.values()) - sum(taken.values())
    found = [f"{refused} requests were answered 429"] if refused else []
    found += [f"{arrived:,} of {number:,} arrived, and {taken}"] if arrived != number or taken else []
    return found + ([f"{len(watch.others)} outcomes such as {watch.others[0]}"] if watch.others else [])


def main() -> int:
    said = _arguments()
    failed = False
    with fakes() as at:
        for way in [one for one in WAYS if one.name in (said.only or [way.name for way in WAYS])]:
            number = (said.requests or way.rate.most + way.rate.most // 4) * way.payloads
            measured = measure(way, at, number)
            share = None if said.requests else measured.share(way.rate)
            _say(way, number, measured, share)
            failed = failed or bool(measured.faults) or (share is not None and share < said.least)
    return int(failed)


def _say(way: Way, number: int, measured: Measured, share: float | None) -> None:
    asked = f", {measured.questions:,} of them questions about jobs," if measured.questions else ""
    print(f"{way.name}: {number:,} payloads in {measured.requests:,} requests{asked}", end=" ")
    print(f"and {measured.took:.1f} s, {measured.used:.1f} s of a processor", flush=True)
    if share is not None:
        print(f"  {share:.3f} of {way.rate.most:,} requests in {way.rate.seconds} s, by {way.request.page}", flush=True)
    for fault in measured.faults:
        print(f"  {fault}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="*", choices=[way.name for way in WAYS], help="these ways alone")
    parser.add_argument("--least", type=float, default=LEAST, help=f"the share that is wanted, {LEAST:g} unless told")
    parser.add_argument("--requests", type=int, help="only so many requests of each, without a share")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
