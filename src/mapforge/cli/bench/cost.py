"""A vendor's samples → what each costs to map, beside the decoding and encoding of its own types alone."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median

import msgspec

from mapforge.cli.bench.floor import code_of, types_alone
from mapforge.cli.bench.turns import InPython, measure, ratio
from mapforge.cli.project import Project, WrongCall, headers_of, known_platforms, unknown
from mapforge.compiler.generate import generate
from mapforge.runtime.mappers import of_sources
from mapforge.runtime.outcomes import Result

_MAPPED, _TYPES = "mapped", "types"


class Sample(msgspec.Struct, frozen=True):
    """A raw event as a vendor sends it, without blanks, its headers by their lower-case names, and what comes of it."""

    name: str
    raw: bytes
    headers: dict[str, str]
    result: Result

    @property
    def entries(self) -> list[str]:
        """The entries that make something of it, or say why they do not."""
        result = self.result
        made = [payload.entry for payload in result.payloads]
        said = [*(fault.entry for fault in result.faults), *(note.entry for note in result.skipped)]
        return list(dict.fromkeys([*made, *(entry for entry in said if entry is not None)]))


class Cost(msgspec.Struct, frozen=True):
    """What a sample costs. micros: of the process's own time, an event, the median of the rounds.

    times_types: the time against that of its own types alone; None where the interpreter maps it, which has none.
    bytes_in, bytes_out: the raw event's and all bodies'. refused: the codes of its faults.
    """

    sample: str
    entries: list[str]
    micros: float
    times_types: float | None
    bytes_in: int
    bytes_out: int
    payloads: int
    slow_path: bool
    refused: list[str]

    @property
    def by(self) -> str:
        """Who mapped it, or that nobody did."""
        if self.refused:
            return f"refused {', '.join(self.refused)}"
        return "interpreter" if self.slow_path else "generated"


class Bench:
    """A vendor compiled now, and what is mapped of it: to all platforms, or to those that are named."""

    def __init__(self, project: Project, vendor: str, to: Sequence[str] = ()) -> None:
        """Raises CompileError, or WrongCall for an unknown vendor or platform."""
        self.project = project
        self.vendor = project.vendor(vendor)
        only = known_platforms(to, vendor, self.vendor.platforms)
        self.sources = generate(self.vendor)
        self.mapper = of_sources(self.vendor, self.sources)
        self.platforms: Collection[str] = only or self.vendor.platforms
        self.to = only[0] if len(only) == 1 else only or None

    def samples(self, events: Sequence[str] = ()) -> list[Sample]:
        """The vendor's samples, or those that are named, or whose entry or raw event is. Raises WrongCall."""
        found = [self._sample(path) for path in self.project.samples(self.vendor.name)]
        if not found:
            raise WrongCall(f"there is no sample in {self._folder()}")
        names = [self._names(sample) for sample in found]
        for event in events:
            self._refuse_unknown(event, names)
        wanted = set(events)
        return [sample for sample, own in zip(found, names, strict=True) if not events or own & wanted]

    def costs(self, samples: Iterable[Sample], rounds: int) -> Iterator[Cost]:
        """Measure one after the other, each beside its own types."""
        gc.collect()
        gc.freeze()
        try:
            for sample in samples:
                yield self._cost(sample, rounds)
        finally:
            gc.unfreeze()

    def _folder(self) -> str:
        return self.project.shown(self.project.folder(self.vendor.name) / "samples")

    def _sample(self, path: Path) -> Sample:
        raw = _without_blanks(path.read_bytes())
        headers = {name.lower(): value for name, value in headers_of(path).items()}
        return Sample(path.stem, raw, headers, self.mapper.map(raw, headers, self.to))

    def _names(self, sample: Sample) -> set[str]:
        """What a sample can be called by: its own name, its entries and its raw event."""
        entries = set(sample.entries)
        listed = {name for one in self.vendor.entries if one.name in entries for name in one.trigger.events}
        return {sample.name} | entries | ({payload.event for payload in sample.result.payloads} or listed)

    def _refuse_unknown(self, event: str, names: Sequence[set[str]]) -> None:
        if any(event in own for own in names):
            return
        known = {*(entry.name for entry in self.vendor.entries), *self.vendor.events}.union(*names)
        if event in known:
            raise WrongCall(f"no sample of {self.vendor.name} is of {event}; add one to {self._folder()}")
        raise unknown("entry, raw event or sample", event, sorted(known), f" of {self.vendor.name}")

    def _cost(self, sample: Sample, rounds: int) -> Cost:
        mapper, headers, to, result = self.mapper, sample.headers, self.to, sample.result
        named = {_MAPPED: InPython(lambda raw, headers: mapper.map(raw, headers, to))}
        generated = bool(result.payloads) and not result.slow_path
        if generated:
            event = result.payloads[0].event
            code = code_of(self.vendor, self.sources, event)
            named[_TYPES] = InPython(types_alone(code, sample.raw, self.platforms, headers, event))
        took = measure(named, sample.raw, headers, rounds)
        return Cost(
            sample=sample.name,
            entries=sample.entries,
            micros=median(took[_MAPPED]),
            times_types=ratio(took, _MAPPED, _TYPES) if generated else None,
            bytes_in=len(sample.raw),
            bytes_out=sum(len(payload.body) for payload in result.payloads),
            payloads=len(result.payloads),
            slow_path=result.slow_path,
            refused=list(dict.fromkeys(fault.code for fault in result.faults)),
        )


def _without_blanks(raw: bytes) -> bytes:
    """A sample as it is sent, every digit and key as it is; one that is no JSON as it stands."""
    try:
        return msgspec.json.format(raw, indent=-1)
    except msgspec.DecodeError:
        return raw
