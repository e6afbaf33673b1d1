"""Functions that take turns → the time of each, and ratios of turns that stand close together."""

from __future__ import annotations

import base64
import gc
import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import process_time_ns
from typing import Any, Protocol

Headers = Mapping[str, str]
MapEvent = Callable[[bytes, Headers], Sequence[bytes]]
ROUND_NS = 20_000_000
JS = Path(__file__).parent / "js"


class Implementation(Protocol):
    """Something that maps raw events."""

    def map(self, raw: bytes, headers: Headers) -> Sequence[bytes]:
        """The bodies of its payloads. Raises where it refuses the event."""

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


class Node:
    """One Node.js process that serves the peers of bench/js, for as long as an event is measured.

    No event shares one with another, so that none runs on what V8 learned from another's shapes.
    """

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            ["node", str(JS / "server.js")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Node:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, peer: str, raw: bytes, headers: Headers, times: int) -> dict[str, Any]:
        """What a peer makes of an event, and the nanoseconds that it took so often. Raises where it refuses."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        sent = base64.b64encode(raw).decode()
        said = {"peer": peer, "raw": sent, "headers": dict(headers), "times": times}
        self.process.stdin.write(json.dumps(said) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        if "refused" in answer:
            raise ValueError(answer["refused"])
        return answer

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)


class InNode:
    """A peer of bench/js. Its time is that of the Node.js process, its collector's threads among it."""

    def __init__(self, node: Node, peer: str) -> None:
        self.node = node
        self.peer = peer

    def map(self, raw: bytes, headers: Headers) -> Sequence[bytes]:
        """The bodies, as texts that JavaScript wrote."""
        return [str(body).encode() for body in self.node.ask(self.peer, raw, headers, 0)["bodies"]]

    def timed(self, raw: bytes, headers: Headers, times: int) -> int:
        """Of the Node.js process, to the microsecond."""
        return int(self.node.ask(self.peer, raw, headers, times)["cpu"])


Times = dict[str, list[float]]


def measure(named: Mapping[str, Implementation], raw: bytes, headers: Headers, rounds: int) -> Times:
    """Each one's rounds, in µs an event."""
    counts = {name: _iterations(one, raw, headers) for name, one in named.items()}
    took: Times = {name: [] for name in named}
    for _ in range(rounds):
        for name, one in named.items():
            gc.collect()
            took[name].append(one.timed(raw, headers, counts[name]) / counts[name] / 1000)
    return took


def _iterations(one: Implementation, raw: bytes, headers: Headers) -> int:
    """How often it is called in a round, so that the round lasts long enough; it warms up on the way."""
    one.timed(raw, headers, 1)  # the first call loads and compiles: it is not what an event takes
    times = 1
    while (took := one.timed(raw, headers, times)) < ROUND_NS // 2:
        times *= 2
    return int(times * ROUND_NS / took * 1.25) + 1


def ratio(took: Times, slow: str, fast: str) -> float:
    """How many times as fast one is as another: the median of the rounds' ratios."""
    return median(left / right for left, right in zip(took[slow], took[fast], strict=True))
