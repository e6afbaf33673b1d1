"""The machine's clocks → milliseconds that never step back, for leases, waits and ages.

The wall clock may be set back while events wait, and a monotonic clock starts anew with the machine. So the queue's
time begins at the wall clock's, or at the latest time in its file where that is later, and goes on monotonically.
A wall clock that was ahead leaves the queue's time ahead, which harms nobody: only differences of it are used.
"""

from __future__ import annotations

import time
from collections.abc import Callable

Seconds = Callable[[], float]


class Clock:
    """Milliseconds since 1970 or a little later. floor: the latest time that was written before."""

    def __init__(self, floor: int = 0, wall: Seconds = time.time, monotonic: Seconds = time.monotonic) -> None:
        self._monotonic = monotonic
        self._began = monotonic()
        self._base = max(int(wall() * 1000), floor)

    def now(self) -> int:
        """Never less than before, in this process and in a later one that knows its floor."""
        return self._base + int((self._monotonic() - self._began) * 1000)

    def rise(self, floor: int) -> None:
        """Go on from this time, where it is later."""
        self._base += max(0, floor - self.now())
