"""How far a long run is: a bar on a terminal, a line now and then elsewhere, nothing where it is over soon."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TextIO, TypeVar

_WIDTH = 30
_CLEAR = "\r\x1b[K"
_T = TypeVar("_T")


class Progress:
    """Tells people on `err`; bar: whether it is a terminal that nothing else is written to; total: bytes, if known."""

    def __init__(
        self, err: TextIO, total: int | None, *, bar: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.err = err
        self.total = total
        self.bar = bar
        self.clock = clock
        self.done = 0
        self.events = 0
        self.start = clock()
        self.shown = False
        self.pause = 0.2 if bar else 10.0
        self.next = self.start + (1.0 if bar else self.pause)

    def step(self, size: int, events: int, tally: object) -> None:
        """So many more bytes, and so many raw events in all."""
        self.done += size
        self.events = events
        if self.clock() >= self.next:
            self.next = self.clock() + self.pause
            self._show(tally)

    def say(self, line: str) -> None:
        """A line for people, above the bar."""
        self.clear()
        print(line, file=self.err)

    def clear(self) -> None:
        """Take the bar away."""
        if self.shown:
            self.err.write(_CLEAR)
            self.err.flush()
            self.shown = False

    def _show(self, tally: object) -> None:
        part = min(self.done / self.total, 1.0) if self.total else None
        said = f"{tally}, {self.events / (self.clock() - self.start):,.0f} events/s"
        if self.bar:
            drawn = "" if part is None else f"[{'#' * int(part * _WIDTH):<{_WIDTH}}] {part:4.0%} "
            self.err.write(f"{_CLEAR}{drawn}{said}")
            self.shown = True
        else:
            self.err.write(f"{said}{'' if part is None else f' ({part:.0%})'}\n")
        self.err.flush()


def counted_off(items: Iterable[_T], total: int, done: str) -> Iterable[_T]:
    """The items, with a bar on a terminal's stderr of how many are done.

    It is drawn between two items and by no thread, which would take its turns with what is measured.
    """
    from rich.console import Console
    from rich.progress import track

    err = Console(stderr=True)
    return track(items, done, total, auto_refresh=False, console=err, transient=True, disable=not err.is_terminal)
