"""The raw events of the samples, and what becomes of one when something in it is broken."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from mapforge.cli.bench.turns import Headers

ROOT = Path(__file__).resolve().parents[1]
MAPPINGS = ROOT / "mappings"

Raw = tuple[bytes, Headers]

_sent = msgspec.json.Encoder(decimal_format="number").encode


def sample(vendor: str, name: str) -> Raw:
    """A sample of a vendor as it is sent, without blanks, and its headers by their lower-case names."""
    folder = MAPPINGS / vendor / "samples"
    raw = _sent(json.loads((folder / f"{name}.json").read_bytes(), parse_float=Decimal))
    headers = folder / f"{name}.headers.json"
    said = json.loads(headers.read_bytes()) if headers.is_file() else {}
    return raw, {key.lower(): value for key, value in said.items()}


def names(vendor: str, start: str = "") -> list[str]:
    """The names of a vendor's samples, those that start so."""
    paths = (MAPPINGS / vendor / "samples").glob(f"{start}*.json")
    return sorted(path.stem for path in paths if not path.name.endswith(".headers.json"))


@dataclass(frozen=True)
class Broken:
    """How an event can be broken.

    unread: a text in it that no mapping reads, to hide a byte in that is not UTF-8. required: what is left out, one at
    a time, by its path. values: a path, and what stands there in place of what belongs there. headers: what comes in
    place of the event's headers.
    """

    unread: bytes
    required: Sequence[str]
    values: Sequence[tuple[str, Any]]
    headers: Sequence[Headers] = field(default=())


def broken(sound: Raw, ways: Broken) -> Iterator[tuple[str, Raw]]:
    """Raw events that no mapper may take, and what is wrong with each."""
    raw, headers = sound
    assert ways.unread in raw
    yield "bytes that are not UTF-8, in a value that nothing reads", (raw.replace(ways.unread, b"\xff"), headers)
    yield "half of a document", (raw[: len(raw) // 2], headers)
    event = json.loads(raw, parse_float=Decimal)
    for path, value in ways.values:
        changed, place, key = _place(event, path)
        place[key] = value
        yield f"{path}: {str(value)[:40]!r}", (_sent(changed), headers)
    for path in ways.required:
        changed, place, key = _place(event, path)
        del place[key]
        yield f"{path} left out", (_sent(changed), headers)
    for others in ways.headers:
        yield f"headers {str(others)[:60]}", (raw, others)


def _place(event: dict[str, Any], path: str) -> tuple[dict[str, Any], Any, Any]:
    """A copy of the event, the object or list in it that holds the path's last step, and that step."""
    changed = copy.deepcopy(event)
    *within, last = (int(step) if step.isdigit() else step for step in path.split("."))
    place: Any = changed
    for step in within:
        place = place[step]
    return changed, place, last
