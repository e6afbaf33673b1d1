"""Files and standard input → raw events, one after the other, with where each stands. None is decoded for good."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from mapforge.cli.project import Damaged, headers_of, shown
from mapforge.runtime.decode import is_json

LINES = (".ndjson", ".jsonl")
STDIN = "-"


class RawEvent(msgspec.Struct, frozen=True):
    """A raw event's bytes, its headers, and its place: the file, with a line in NDJSON."""

    place: str
    raw: bytes
    headers: dict[str, str]


class Unread(msgspec.Struct, frozen=True):
    """A file that could not be read, or not to its end, and why."""

    place: str
    reason: str


def read(files: Iterable[str]) -> Iterator[RawEvent | Unread]:
    """The raw events of these files, of standard input for `-` and for none; what cannot be read is said there."""
    for name in list(files) or [STDIN]:
        try:
            yield from _of_stdin() if name == STDIN else _of_file(Path(name))
        except OSError as error:
            yield Unread("stdin" if name == STDIN else shown(Path(name)), error.strerror or str(error))
        except (Damaged, ValueError) as error:
            yield Unread(shown(Path(name)), str(error))


def size(files: Iterable[str]) -> int | None:
    """How many bytes there are to read; None where that is not known."""
    paths = [Path(name) for name in files]
    if not paths or not all(path.is_file() for path in paths):
        return None
    return sum(path.stat().st_size for path in paths)


def _of_stdin() -> Iterator[RawEvent]:
    if sys.stdin.isatty():
        print("reading raw events from the terminal; Ctrl-D ends them", file=sys.stderr)
    yield from _of_stream(sys.stdin.buffer, "stdin", {}, lines=False)


def _of_file(path: Path) -> Iterator[RawEvent]:
    with path.open("rb") as stream:
        yield from _of_stream(stream, shown(path), headers_of(path), lines=path.suffix.lower() in LINES)


def _of_stream(stream: BinaryIO, name: str, headers: dict[str, str], *, lines: bool) -> Iterator[RawEvent]:
    told, each = (stream, True) if lines else _told_apart(stream)
    if not each:
        raw = b"".join(told)
        yield from [RawEvent(name, raw if b"\n" in raw[:-1] else _without_end(raw), headers)] if raw.strip() else []
        return
    for number, line in enumerate(told, 1):
        if line.strip():
            yield RawEvent(f"{name}:{number}", _without_end(line), headers)


def _told_apart(stream: BinaryIO) -> tuple[Iterable[bytes], bool]:
    """The lines, and whether each is a raw event, so that the size of NDJSON is no matter; else all are one."""
    early = list(_until_filled(stream, 2))
    filled = [line for line in early if line.strip()]
    if len(filled) < 2:
        return early, False
    if is_json(filled[0]):
        return itertools.chain(early, stream), True
    if filled[1].lstrip().startswith(b"{") and is_json(filled[1]):
        # NDJSON with a broken first line, or an oddly laid out object. After a whole object, the line that comes next
        # mostly tells; where it could go on either way, all of it does.
        early += _until_filled(stream, 1)
        if not early[-1].lstrip().startswith((b",", b"}", b"]")):
            return itertools.chain(early, stream), True
        whole = [*early, *stream]
        return whole, not is_json(b"".join(whole))
    return itertools.chain(early, stream), False


def _until_filled(stream: BinaryIO, wanted: int) -> Iterator[bytes]:
    """The lines up to the one that makes so many that are not blank."""
    filled = 0
    for line in stream:
        yield line
        filled += bool(line.strip())
        if filled == wanted:
            return


def _without_end(line: bytes) -> bytes:
    return line.removesuffix(b"\n").removesuffix(b"\r")
