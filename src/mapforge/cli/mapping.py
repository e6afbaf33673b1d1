"""Raw events → payloads on standard output, and what went wrong on standard error and in the rejects file."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import msgspec

from mapforge.cli.progress import Progress
from mapforge.cli.project import WrongCall, shown
from mapforge.cli.raw_events import RawEvent, Unread
from mapforge.diagnostics import MapforgeError, escaped
from mapforge.runtime.interpret import NO_TRIGGER
from mapforge.runtime.mappers import Mapper
from mapforge.runtime.outcomes import Fault, Note, Payload, Result
from mapforge.runtime.pack import BulkRequest, Packing


class Wanted(msgspec.Struct, frozen=True):
    """What `map` was asked for."""

    event: str | None = None
    to: Collection[str] | None = None
    headers: Mapping[str, str] = {}
    bodies: bool = False
    bulk: bool = False
    rejects: Path | None = None


class Tally(msgspec.Struct):
    """How it went, counted in raw events but for the payloads and the files that could not be read."""

    events: int = 0
    payloads: int = 0
    rejected: int = 0
    untaken: int = 0
    skipped: int = 0
    warned: int = 0
    unread: int = 0

    def add(self, other: Tally) -> None:
        """Count what another has counted."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def __str__(self) -> str:
        untaken = f" ({self.untaken} that no entry lists)" if self.untaken else ""
        said = [_counted(self.events, "raw event"), _counted(self.payloads, "payload")]
        said += [f"{self.rejected} rejected{untaken}"]
        said += [f"{self.skipped} skipped"] if self.skipped else []
        said += [f"{self.warned} with warnings"] if self.warned else []
        return ", ".join(said + ([f"{_counted(self.unread, 'file')} not read"] if self.unread else []))


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word if number == 1 else word + 's'}"


class Chunk(msgspec.Struct):
    """What came of some raw events, in their order: lines for people, for the rejects file and for the output.

    payloads: where they are packed into bulk requests, which only one process can do; else `lines`, and `only`, the
    body of a payload that is the only one here.
    """

    tally: Tally
    size: int = 0
    said: list[str] = []
    rejected: list[bytes] = []
    payloads: list[Payload] = []
    lines: bytes = b""
    only: bytes | None = None


class MapChunk:
    """The work on some raw events; it travels to the processes that do it."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted

    def __call__(self, mapper: Mapper, events: list[RawEvent | Unread]) -> Chunk:
        """Map each; one that is faulty is reported and kept, and the next one goes on."""
        chunk = Chunk(Tally())
        lines: list[bytes] = []
        for raw in events:
            if isinstance(raw, Unread):
                chunk.tally.unread += 1
                chunk.said.append(f"mapforge: {escaped(f'{raw.place}: {raw.reason}')}")
            else:
                payloads = self._map(mapper, raw, chunk)
                lines += [_line(payload, mapper.name, bare=self.wanted.bodies) for payload in payloads]
                chunk.only = payloads[0].body if len(lines) == len(payloads) == 1 else None if payloads else chunk.only
        chunk.lines = b"".join(lines)
        return chunk

    def _map(self, mapper: Mapper, raw: RawEvent, chunk: Chunk) -> Sequence[Payload]:
        """Map it; the payloads that are written, not packed."""
        wanted = self.wanted
        headers = {**raw.headers, **wanted.headers}
        result = mapper.map(raw.raw, headers, wanted.to, wanted.event)
        _count(chunk.tally, result)
        chunk.size += len(raw.raw)
        chunk.said += map(escaped, _said(raw.place, result))
        if result.faults and wanted.rejects is not None:
            chunk.rejected.append(rejected(raw, result, headers, wanted.event) + b"\n")
        if not wanted.bulk:
            return result.payloads
        chunk.payloads += result.payloads
        return ()


def map_all(
    mapper: Mapper,
    events: Iterable[RawEvent | Unread],
    wanted: Wanted,
    out: BinaryIO,
    progress: Progress,
    workers: int = 1,
) -> Tally:
    """Map every raw event, by that many processes; what comes out does not depend on how many.

    Raises WrongCall where the rejects file cannot be written: no event is taken then. Raises MapforgeError, with the
    places of what is not mapped, where one of the processes dies.
    """
    tally = Tally()
    work = MapChunk(wanted)
    with _rejects(wanted.rejects) as rejects, _Writer(out, wanted, mapper.name) as writer, _cleared(progress):
        for chunk in _chunks(mapper, work, events, workers):
            tally.add(chunk.tally)
            for line in chunk.said:
                progress.say(line)
            if rejects is not None and chunk.rejected:
                rejects.writelines(chunk.rejected)
                rejects.flush()
            writer.write(chunk)
            progress.step(chunk.size, tally.events, tally)
    return tally


def _chunks(mapper: Mapper, work: MapChunk, events: Iterable[RawEvent | Unread], workers: int) -> Iterator[Chunk]:
    if workers == 1:
        return (work(mapper, [event]) for event in events)
    return _by_workers(mapper, work, events, workers)


def _by_workers(mapper: Mapper, work: MapChunk, events: Iterable[RawEvent | Unread], workers: int) -> Iterator[Chunk]:
    from mapforge.runtime.batches import WorkerError, in_chunks, in_order

    try:
        yield from in_order(mapper, work, in_chunks(events, _size), workers)
    except WorkerError as error:
        places = f"{error.unmapped[0].place} to {error.unmapped[-1].place}"
        raise MapforgeError(f"a worker {error.how}; not mapped: {places}, and all after that") from None


def _size(event: RawEvent | Unread) -> int:
    return len(event.raw) if isinstance(event, RawEvent) else 0


@contextlib.contextmanager
def _cleared(progress: Progress) -> Iterator[None]:
    try:
        yield
    finally:
        progress.clear()


@contextlib.contextmanager
def _rejects(path: Path | None) -> Iterator[BinaryIO | None]:
    if path is None:
        yield None
        return
    try:
        stream = path.open("ab")
    except OSError as error:
        raise WrongCall(f"--rejects {shown(path)} cannot be written: {error.strerror}") from None
    with stream:
        yield stream


def _count(tally: Tally, result: Result) -> None:
    tally.events += 1
    tally.payloads += len(result.payloads)
    tally.rejected += bool(result.faults)
    tally.untaken += any(fault.code == NO_TRIGGER for fault in result.faults)
    tally.skipped += bool(result.skipped and not result.payloads and not result.faults)
    tally.warned += bool(result.warnings)


def _said(place: str, result: Result) -> Iterator[str]:
    for fault in result.faults:
        yield f"{place}: error[{fault.code}]: {_where(fault)}{fault.reason} ({fault.place})"
    for note in result.skipped:
        yield f"{place}: skipped[{note.code}]: {_where(note)}{note.reason} ({note.place})"
    for note in result.warnings:
        yield f"{place}: warning[{note.code}]: {_where(note)}{note.reason} ({note.place})"


def _where(said: Fault | Note) -> str:
    names = [name for name in (said.entry, said.platform) if name is not None]
    return f"{' to '.join(names)}: " if names else ""


def rejected(raw: RawEvent, result: Result, headers: Mapping[str, str], event: str | None) -> bytes:
    """A raw event that was not mapped, whole, with all it was mapped with and every reason, as a line of JSON.

    `raw` is the text of the raw event; `raw_base64` stands in its place where the bytes are no UTF-8.
    """
    try:
        kept = {"raw": raw.raw.decode()}
    except UnicodeDecodeError:
        kept = {"raw_base64": base64.b64encode(raw.raw).decode()}
    faults = [{**msgspec.structs.asdict(fault), "reason": fault.reason} for fault in result.faults]
    said = {"place": raw.place, **kept, "event": event, "headers": headers, "faults": faults}
    return msgspec.json.encode(said)


class _Writer:
    """One body alone is pretty; more are a line each, so the first waits for a second. `--bulk` packs them before."""

    def __init__(self, out: BinaryIO, wanted: Wanted, vendor: str) -> None:
        self.out = out
        self.bare = wanted.bodies
        self.vendor = vendor
        self.packing = Packing() if wanted.bulk else None
        self.waiting: tuple[bytes, bytes] | None = None
        self.several = wanted.bodies

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self._pack(self.packing.close() if self.packing is not None else ())
        if self.waiting is not None:
            self.out.write(pretty(self.waiting[1]))
        self.out.flush()

    def write(self, chunk: Chunk) -> None:
        """Write payloads or what they are packed into."""
        if self.packing is not None:
            for payload in chunk.payloads:
                self._pack(self.packing.add(payload))
        else:
            self._put(chunk.lines, chunk.only)

    def _pack(self, requests: Iterable[BulkRequest]) -> None:
        for request in requests:
            self._put(_line(request, self.vendor, bare=self.bare), request.body)

    def _put(self, lines: bytes, only: bytes | None) -> None:
        """Write lines; only: the body, where it is one line. A first one waits for what comes."""
        if lines and not self.several:
            if self.waiting is None and only is not None:
                self.waiting = lines, only
                return
            self.out.write(self.waiting[0] if self.waiting is not None else b"")
            self.waiting, self.several = None, True
        self.out.write(lines)


def _line(sent: Payload | BulkRequest, vendor: str, *, bare: bool) -> bytes:
    """A payload or a request as a line of the output."""
    if bare:
        return sent.body + b"\n"
    if isinstance(sent, Payload):
        return _head(vendor, sent.entry, sent.platform, sent.kind) + sent.body + b"}\n"
    said = {"vendor": vendor, "platform": sent.platform, "kind": sent.kind, "payloads": len(sent.payloads)}
    return _open(said) + sent.body + b"}\n"


@lru_cache(maxsize=1024)
def _head(vendor: str, entry: str, platform: str, kind: str) -> bytes:
    return _open({"vendor": vendor, "entry": entry, "platform": platform, "kind": kind})


def _open(said: Mapping[str, object]) -> bytes:
    """A line up to its last member, the body."""
    return msgspec.json.encode(said)[:-1] + b',"body":'


def pretty(body: bytes) -> bytes:
    """A body over several lines, every digit and key as it is."""
    return msgspec.json.format(body, indent=2) + b"\n"
