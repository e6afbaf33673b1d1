"""Raw events, mapped in turns for some seconds: the process that `mapforge bench --profile` watches.

It is run as a file, with nothing imported that mapping needs not: what it was told stands in the file it is given.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import msgspec

from mapforge.runtime.load import load
from mapforge.runtime.mappers import Mapper

_TURN = 100


class Work(msgspec.Struct):
    """What is mapped: a build, a vendor in it, raw events with their headers, and platforms; all of them for None."""

    build: str
    vendor: str
    events: list[tuple[bytes, dict[str, str]]]
    to: str | list[str] | None
    seconds: float


def map_in_turns(mapper: Mapper, work: Work) -> None:
    """Map each event equally often."""
    to, turns = work.to, range(_TURN)
    end = time.monotonic() + work.seconds
    while time.monotonic() < end:
        for raw, headers in work.events:
            for _ in turns:
                mapper.map(raw, headers, to)


def _main(file: str) -> None:
    work = msgspec.json.decode(Path(file).read_bytes(), type=Work)
    mapper = load(work.build)[work.vendor]
    for raw, headers in work.events:
        mapper.map(raw, headers, work.to)
    map_in_turns(mapper, work)


if __name__ == "__main__":
    _main(sys.argv[1])
