"""A project of the vendor acme in a folder, and calls of the command there: in this process, or in one of its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from mapforge.cli import main

VENDOR = """\
mapforge: 1
vendor: acme
source: {event: type, id: id, time: at, zone: {constant: UTC}, locale: {constant: en-US}, currency: {constant: EUR}}
identity: {email: email}
types:
  money: {base: decimal, round: down, places: 2}
ignore: [card.viewed]
platforms:
  klaviyo: {}
  omnisend: {origin: acme}
"""
EVENTS = """\
CardIssued:
  trigger: {event: card.issued}
  attributes:
    number: {type: id, from: card.number, sensitive: true}
    balance: {type: money, from: card.balance}
    pieces: {type: integer, from: card.pieces}
CardSold:
  trigger: {event: card.sold, when: gift}
  attributes:
    number: {type: id, from: card.number, sensitive: true}
"""
CARD = '{"number": "4-5-6", "balance": 19.999, "pieces": 2}'


def raw(event: str = "card.issued", number: int = 1, card: str = CARD, more: str = "") -> bytes:
    """A raw event in one line."""
    head = f'"type": "{event}", "id": "e{number}", "at": "2026-03-01T12:00:00Z", "email": "ada@post.example"'
    return f'{{{head}, "gift": true, "card": {card}{more}}}'.encode()


GOOD = raw()
FAULTY = raw(number=2, card='{"number": "4-5-6", "balance": "dear", "pieces": "2"}')
UNTAKEN = raw("card.lost", 3)
IGNORED = raw("card.viewed", 4)
SKIPPED = raw("card.sold", 5).replace(b"true", b"false")


def _contract() -> dict[str, Any]:
    text = {"type": "string"}
    card = {
        "type": "object",
        "required": ["number", "balance", "pieces"],
        "properties": {"number": text, "balance": {"type": "number"}, "pieces": {"type": "integer"}},
    }
    event = {"type": "object", "required": ["type", "id", "at", "email", "gift", "card"]}
    shared = {
        "id": text,
        "at": {"type": "string", "format": "date-time"},
        "email": text,
        "gift": {"type": "boolean"},
        "card": {"$ref": "#/$defs/card"},
    }
    names = ("card.issued", "card.sold", "card.viewed")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in names],
        "$defs": {
            **{name: {**event, "properties": {"type": {"const": name}, **shared}} for name in names},
            "card": card,
        },
    }


SAMPLES = {"card-issued": GOOD, "card-sold": raw("card.sold", 6)}


def acme(root: Path, vendor: str = VENDOR, events: str = EVENTS, samples: Mapping[str, bytes] = SAMPLES) -> Path:
    """The project's folder, with acme whole in it."""
    home = root / "mappings" / "acme"
    (home / "samples").mkdir(parents=True, exist_ok=True)
    (home / "vendor.yaml").write_text(vendor, encoding="utf-8")
    (home / "events.yaml").write_text(events, encoding="utf-8")
    (home / "contract.schema.json").write_text(json.dumps(_contract(), indent=2), encoding="utf-8")
    for name, content in samples.items():
        (home / "samples" / f"{name}.json").write_bytes(content + b"\n")
    return root


class Done(NamedTuple):
    """What a call did: its exit code, its results and its words."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """The results as NDJSON."""
        return [json.loads(line) for line in self.out.splitlines()]


def call(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> Done:
    """`mapforge …` in this process."""
    given = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    argv = ["mapforge", *map(str, arguments)]
    code: Any = 0
    with contextlib.chdir(cwd), mock.patch.multiple(sys, argv=argv, stdin=given, stdout=out, stderr=err):
        try:
            main()
        except SystemExit as exit_:
            code = exit_.code
    return Done(int(code or 0), *(_written(stream) for stream in (out, err)))


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


def spawn(*arguments: str | Path, cwd: Path, stdin: bytes = b"", **environment: str) -> Done:
    """`mapforge …` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "mapforge", *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1", **environment},
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes, but for the code that a build keeps."""
    return dict(_files(folder))


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".code" not in path.parts:
            yield path.relative_to(folder).as_posix(), path.read_bytes()
