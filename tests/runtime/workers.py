"""Works for other processes, in a module they can import; and workers that are ready before the first chunk."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from mapforge.runtime import batches

FIRST_TROUBLE = 40


class Doubled:
    """Twice each number, and which process made it; in a process other than `caller`, `trouble` comes before."""

    def __init__(self) -> None:
        self.caller = os.getpid()

    def __call__(self, mapper: Any, chunk: list[int]) -> tuple[list[int], int]:
        if os.getpid() != self.caller and chunk[-1] >= FIRST_TROUBLE:
            self.trouble()
        return [number * 2 for number in chunk], os.getpid()

    def trouble(self) -> None:
        """What happens in another process."""


class Killed(Doubled):
    def trouble(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Leaving(Doubled):
    def trouble(self) -> None:
        os._exit(3)


class Raising(Doubled):
    def trouble(self) -> None:
        raise LookupError("in a worker")


@contextmanager
def begun() -> Iterator[list[int]]:
    """Workers are ready when they get their first chunk, however few there are; yields their processes."""
    processes: list[int] = []
    begin = batches._Worker.__init__

    def ready(worker: Any, *given: Any) -> None:
        begin(worker, *given)
        worker.receive()
        processes.append(worker.process.pid)

    with mock.patch.object(batches._Worker, "__init__", ready):
        yield processes
