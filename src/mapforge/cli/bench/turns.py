"""Functions that take turns → the time of each, and ratios of turns that stand close together."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import process_time_ns
from typing import Any, Protocol

ROUND_NS = 20_000_000
Headers = Mapping[str, str]
Times = dict[str, list[float]]


class Timed(Protocol):
    """Something that maps raw events."""

    def timed(self, raw: bytes, headers: Headers, times: int) -> int:
        """Nanoseconds of the process's own time for mapping an event so often."""


class InPython:
    """A function of this process. bodies: of what it returns, where that is not the bodies; it is not timed."""

    def __init__(
        self, map_event: Callable[[bytes, Headers], Any], bodies: Callable[[Any], Sequence[bytes]] = lambda made: made
    ) -> None:
        self._map_event = map_event
        self._bodies = bodies

    def map(self, raw: bytes, headers: Headers) -> Sequence[bytes]:
        """Its bodies."""
        return self._bodies(self._map_event(raw, headers))

    def timed(self, raw: bytes, headers: Headers, times: int) -> int:
        """Of this process; the loop costs what it costs everybody."""
        map_event, turns = self._map_event, range(times)
        start = process_time_ns()
        for _ in turns:
            map_event(raw, headers)
        return process_time_ns() - start


def measure(named: Mapping[str, Timed], raw: bytes, headers: Headers, rounds: int) -> Times:
    """Each one's rounds, in µs an event. A turn lasts at least 20 ms, and garbage is collected before it."""
    counts = {name: _iterations(one, raw, headers) for name, one in named.items()}
    took: Times = {name: [] for name in named}
    for _ in range(rounds):
        for name, one in named.items():
            gc.collect()
            took[name].append(one.timed(raw, headers, counts[name]) / counts[name] / 1000)
    return took


def _iterations(one: Timed, raw: bytes, headers: Headers) -> int:
    """How often it is called in a round, so that the round lasts long enough; it warms up on the way."""
    one.timed(raw, headers, 1)  # the first call loads and compiles: it is not what an event takes
    times = 1
    while (took := one.timed(raw, headers, times)) < ROUND_NS // 2:
        times *= 2
    return int(times * ROUND_NS / took * 1.25) + 1


def ratio(took: Times, slow: str, fast: str) -> float:
    """How many times as fast one is as another: the median of the rounds' ratios."""
    return median(left / right for left, right in zip(took[slow], took[fast], strict=True))
