"""Raw events → payloads on standard output, and what went wrong on standard error and in the rejects file."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec

from mapforge.cli.progress import Progress
from mapforge.cli.project import WrongCall, shown
from mapforge.cli.raw_events import RawEvent, Unread
from mapforge.diagnostics import escaped
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

    def __str__(self) -> str:
        untaken = f" ({self.untaken} that no entry lists)" if self.untaken else ""
        said = [_counted(self.events, "raw event"), _counted(self.payloads, "payload")]
        said += [f"{self.rejected} rejected{untaken}"]
        said += [f"{self.skipped} skipped"] if self.skipped else []
        said += [f"{self.warned} with warnings"] if self.warned else []
        return ", ".join(said + ([f"{_counted(self.unread, 'file')} not read"] if self.unread else []))


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word if number == 1 else word + 's'}"


def map_all(
    mapper: Mapper, events: Iterable[RawEvent | Unread], wanted: Wanted, out: BinaryIO, progress: Progress
) -> Tally:
    """Map every raw event; one that is faulty is reported and kept, and the next one goes on.

    Raises WrongCall where the rejects file cannot be written: no event is taken then.
    """
    tally = Tally()
    with _rejects(wanted.rejects) as rejects, _Writer(out, wanted, mapper.name) as writer, _cleared(progress):
        for raw in events:
            if isinstance(raw, Unread):
                tally.unread += 1
                progress.say(f"mapforge: {escaped(f'{raw.place}: {raw.reason}')}")
                continue
            headers = {**raw.headers, **wanted.headers}
            result = mapper.map(raw.raw, headers, wanted.to, wanted.event)
            _count(tally, result)
            for line in _said(raw.place, result):
                progress.say(escaped(line))
            if result.faults and rejects is not None:
                rejects.write(rejected(raw, result, headers, wanted.event) + b"\n")
                rejects.flush()
            writer.write(result.payloads)
            progress.step(len(raw.raw), tally)
    return tally


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
        self.bodies = wanted.bodies
        self.vendor = vendor
        self.packing = Packing() if wanted.bulk else None
        self.waiting: Payload | BulkRequest | None = None
        self.several = wanted.bodies

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        for request in self.packing.close() if self.packing is not None else ():
            self._put(request)
        if self.waiting is not None:
            self.out.write(pretty(self.waiting.body))
        self.out.flush()

    def write(self, payloads: Iterable[Payload]) -> None:
        """Write payloads or what they are packed into."""
        for payload in payloads:
            for sent in [payload] if self.packing is None else self.packing.add(payload):
                self._put(sent)

    def _put(self, sent: Payload | BulkRequest) -> None:
        if not self.several and self.waiting is None:
            self.waiting = sent
            return
        if self.waiting is not None:
            self.out.write(self._line(self.waiting))
            self.waiting, self.several = None, True
        self.out.write(self._line(sent))

    def _line(self, sent: Payload | BulkRequest) -> bytes:
        if self.bodies:
            return sent.body + b"\n"
        head: dict[str, object] = {"vendor": self.vendor}
        if isinstance(sent, Payload):
            head["entry"] = sent.entry
        head |= {"platform": sent.platform, "kind": sent.kind}
        if isinstance(sent, BulkRequest):
            head["payloads"] = len(sent.payloads)
        return msgspec.json.encode({**head, "body": msgspec.Raw(sent.body)}) + b"\n"


def pretty(body: bytes) -> bytes:
    """A body over several lines, every digit and key as it is."""
    return msgspec.json.format(body, indent=2) + b"\n"
