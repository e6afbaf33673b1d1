"""One merchant's platform hangs: how much longer another merchant's events take to arrive meanwhile.

    python bench/isolation.py [--seconds 60] [--rounds 5] [--rate 20] [--most 2.0]

Two merchants' events are accepted at the same even rate and delivered by one worker over HTTP to the look-alikes,
which run in a process of their own. Quiet runs and runs in which the first merchant's platform answers nothing at all
take turns. The second merchant's latency is from the call that accepts an event to the moment when the platform has it.

Said are each run's median and p99, and the medians of the p99s. Exit status 1 where that of the hanging runs is more
than `--most` times that of the quiet ones, or an event of the second merchant did not arrive once.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from loopback import KEYS, Fakes, fakes, mappers, queue, raw

from mapforge.delivery.identity import event_id
from mapforge.delivery.run import Delivery
from mapforge.delivery.settings import Settings
from mapforge.delivery.store.file import Store
from mapforge.runtime.mappers import Mapper

MOST = 2.0
HANGS, OTHER = "hangs", "other"
_AT_END = 30.0


def run(at: Fakes, seconds: float, rate: float, number: int, hanging: bool) -> list[float]:
    """The second merchant's latencies, in milliseconds, in the order of acceptance. number: of the run."""
    accounts = [f"{HANGS}{number}", f"{OTHER}{number}"]
    if hanging:
        at.control(platform="klaviyo", do="hang", account=accounts[0], seconds=seconds)
    with tempfile.TemporaryDirectory() as folder:
        # Without an answer a request ends, and is sent again, well within the run.
        settings = Settings(origins=at.origins, answer=min(30.0, seconds / 2))
        with queue(Path(folder, "queue.db"), settings, *(("klaviyo", one) for one in accounts)) as store:
            using = mappers(Path(folder))
            mapper = using.get("acme")
            assert mapper is not None
            delivery = Delivery(store, using, KEYS)
            accepted = asyncio.run(_load(store, delivery, mapper, at, accounts, seconds * rate, rate))
    if any(call["fault"] for call in at.calls(account=accounts[0])) is not hanging:
        raise SystemExit("the first merchant's platform does not do what it was told")
    came = {one["id"]: one["at"] for one in at.items(account=accounts[1])}
    return [(came[name] - when) * 1000 for name, when in accepted.items()]


async def _load(
    store: Store, delivery: Delivery, mapper: Mapper, at: Fakes, accounts: list[str], events: float, rate: float
) -> dict[str, float]:
    """When each event of the second merchant was handed in. Returns once all of them have arrived."""
    running = asyncio.create_task(delivery.run())
    await asyncio.sleep(1.0)
    accepted: dict[str, float] = {}
    began = time.monotonic()
    for number in range(int(events)):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        event = raw("order", number)
        accepted[f"order{number}"] = time.time()
        futures = [store.accept(one, event_id(mapper, event, {}), event, {}) for one in accounts]
        await asyncio.gather(*map(asyncio.wrap_future, futures))
        delivery.arrived()
    await _arrived(at, accounts[1], len(accepted))
    at.control(platform="klaviyo", do="normal")
    delivery.stop()
    await running
    return accepted


async def _arrived(at: Fakes, account: str, number: int) -> None:
    async with asyncio.timeout(_AT_END):
        while (counts := await asyncio.to_thread(at.counts, account=account)) != {"kept": number}:
            if counts.get("kept", 0) == number:
                raise SystemExit(f"not once each: {counts}")
            await asyncio.sleep(0.1)


def p99(latencies: list[float]) -> float:
    return quantiles(latencies, n=100)[98]


def main() -> int:
    said = _arguments()
    took: dict[str, list[float]] = {"quiet": [], "hanging": []}
    with fakes("none") as at:
        for round_ in range(said.rounds):
            for hanging, (name, all_) in enumerate(took.items()):
                latencies = run(at, said.seconds, said.rate, 2 * round_ + hanging, bool(hanging))
                all_.append(p99(latencies))
                said_ = f"p50 {median(latencies):.1f} ms, p99 {all_[-1]:.1f} ms"
                print(f"round {round_ + 1}, {name:<7}: {said_}", flush=True)
    quiet, hanging = (median(all_) for all_ in took.values())
    verdict = "holds" if hanging <= said.most * quiet else "does not hold"
    print(f"p99, medians of {said.rounds}: quiet {quiet:.1f} ms, hanging {hanging:.1f} ms,", end=" ")
    print(f"{hanging / quiet:.2f} times (at most {said.most:g}: {verdict})")
    return int(hanging > said.most * quiet)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each run is, and the platform hangs")
    parser.add_argument("--rounds", type=int, default=5, help="pairs of runs")
    parser.add_argument("--rate", type=float, default=20.0, help="events a second of each merchant")
    parser.add_argument("--most", type=float, default=MOST, help=f"times the quiet p99, {MOST:g} unless told")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
