"""What is measured: functions of this process, and peers in one Node.js process that take their turns with them."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from mapforge.cli.bench.turns import Headers

MapEvent = Callable[[bytes, Headers], Sequence[bytes]]
JS = Path(__file__).parent / "js"
WARM_NS = 1_000_000_000
_AT_ONCE = 1_000


class Implementation(Protocol):
    """Something that maps raw events."""

    def map(self, raw: bytes, headers: Headers) -> Sequence[bytes]:
        """The bodies of its payloads. Raises where it refuses the event."""

    def timed(self, raw: bytes, headers: Headers, times: int) -> int:
        """Nanoseconds of the process's own time for mapping an event so often."""


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
    """A peer of bench/js. Its time is that of the Node.js process, its collector's threads among it.

    What V8 has still to compile is no part of it: before it is timed, it maps the event for a while.
    """

    def __init__(self, node: Node, peer: str) -> None:
        self.node = node
        self.peer = peer
        self._warmed = 0

    def map(self, raw: bytes, headers: Headers) -> Sequence[bytes]:
        """The bodies, as texts that JavaScript wrote."""
        return [str(body).encode() for body in self.node.ask(self.peer, raw, headers, 0)["bodies"]]

    def timed(self, raw: bytes, headers: Headers, times: int) -> int:
        """Of the Node.js process, to the microsecond."""
        while self._warmed < WARM_NS:
            self._warmed += int(self.node.ask(self.peer, raw, headers, _AT_ONCE)["cpu"])
        return int(self.node.ask(self.peer, raw, headers, times)["cpu"])
