"""The worker of a service: whatever ends it, it is said and begun anew; a stop ends what was begun."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from mapforge.delivery.queue import LeaseLost, WorkerAlive
from mapforge.delivery.run import Delivery
from mapforge.service import run
from mapforge.service.health import State
from mapforge.service.observer import ServiceObserver
from mapforge.service.run import Worker


class Script:
    """A delivery that ends as a test says, or runs until it is stopped."""

    def __init__(self, end: Exception | None) -> None:
        self.end = end
        self.stopped = asyncio.Event()
        self.arrivals = 0

    async def run(self) -> None:
        if self.end is not None:
            raise self.end
        await self.stopped.wait()

    def arrived(self) -> None:
        self.arrivals += 1

    def waits(self) -> list[Any]:
        return ["a wait"]

    def stop(self) -> None:
        self.stopped.set()


class Heard(ServiceObserver):
    def __init__(self) -> None:
        self.told: list[str | None] = []

    def delivering(self, problem: str | None) -> None:
        self.told.append(problem)


def working(*scripts: Script, until: Callable[[Worker, State], bool]) -> tuple[list[str | None], Worker]:
    """What is told while these run one after the other, until so; then it is stopped."""
    heard, state, left = Heard(), State(), list(scripts)
    worker = Worker(lambda: cast(Delivery, left.pop(0)), state, heard)

    async def main() -> None:
        running = asyncio.create_task(worker.run())
        async with asyncio.timeout(20):
            while not until(worker, state):
                await asyncio.sleep(0.01)
            worker.arrived()
            worker.stop()
            await running

    asyncio.run(main())
    return heard.told, worker


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_AGAIN", 0.01)


def test_it_delivers_until_it_is_stopped() -> None:
    script = Script(None)
    told, worker = working(script, until=lambda _, state: state.worker is None)
    assert (told, script.arrivals, script.stopped.is_set(), len(worker.waits())) == ([None], 1, True, 1)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (LeaseLost("worker 1 was silent too long"), "worker 1 was silent too long"),
        (WorkerAlive("another worker has it"), "another worker has it"),
        (RuntimeError("ada@post.example"), "RuntimeError"),
    ],
)
def test_what_ends_it_is_said_once_and_it_begins_anew(error: Exception, said: str) -> None:
    scripts = [Script(error), Script(error), Script(None)]
    told, _ = working(*scripts, until=lambda _, state: state.worker is None)
    assert told == [said, None]


def test_before_it_begins_nothing_waits() -> None:
    worker = Worker(lambda: cast(Delivery, Script(None)), State(), Heard())
    worker.arrived()
    assert worker.waits() == []
