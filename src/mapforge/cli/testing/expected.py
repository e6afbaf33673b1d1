"""A vendor and its samples → every file that stands under snapshots/<vendor>/, by its path there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from mapforge import model
from mapforge.builds import file_stem
from mapforge.cli.mapping import pretty
from mapforge.cli.project import Project, headers_of, json_object
from mapforge.cli.show import as_text
from mapforge.compiler.generate import generate
from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import endpoint_of
from mapforge.runtime.mappers import Mapper, of_sources
from mapforge.runtime.outcomes import Fault, Note, Payload, Result
from mapforge.runtime.pack import BulkRequest, pack

CONTRACT = "contract.schema.json"


class Sample(msgspec.Struct, frozen=True):
    """A raw event of the mapping's own, and what came of it."""

    name: str
    raw: bytes
    result: Result


@dataclass(frozen=True)
class Sampled:
    """A vendor with all its samples mapped."""

    vendor: model.Vendor
    samples: tuple[Sample, ...]

    @cached_property
    def files(self) -> dict[str, str]:
        """What is expected under snapshots/<vendor>/."""
        files = {f"resolved/{file_stem(entry.name)}.txt": as_text(entry) for entry in self.vendor.entries}
        for sample, payload in self.payloads():
            path = f"{payload.platform}/{file_stem(payload.entry)}/{file_stem(sample.name)}.json"
            files[path] = pretty(payload.body).decode()
        for sample in self.samples:
            said = outcome(sample.result)
            if said:
                files[f"outcomes/{file_stem(sample.name)}.txt"] = said
        for request, path in self.bulk():
            files[path] = pretty(request.body).decode()
        return files

    def bulk(self) -> Iterator[tuple[BulkRequest, str]]:
        """The bulk requests of all samples together, for entries that the mapping sends so, each with its path."""
        for entry in (entry for entry in self.vendor.entries if entry.batch is not None):
            made = [payload for _, payload in self.payloads() if payload.entry == entry.name]
            counts: Counter[str] = Counter()
            for request in pack(payload for payload in made if _has_bulk(payload)):
                counts[request.platform] += 1
                yield request, f"bulk/{request.platform}/{file_stem(entry.name)}/{counts[request.platform]}.json"

    def payloads(self) -> Iterator[tuple[Sample, Payload]]:
        """Every payload with the sample it was made of."""
        for sample in self.samples:
            for payload in sample.result.payloads:
                yield sample, payload

    def unhit(self) -> list[str]:
        """Entries that no sample makes a payload of, for a platform that gets them."""
        hit = {(payload.entry, payload.platform) for _, payload in self.payloads()}
        wanted = [(entry.name, target.platform) for entry in self.vendor.entries for target in entry.targets]
        return [f"{entry} to {platform}" for entry, platform in wanted if (entry, platform) not in hit]


def _has_bulk(payload: Payload) -> bool:
    return endpoint_of(PLATFORMS[payload.platform], payload.kind).bulk is not None


def sampled(project: Project, name: str) -> Sampled:
    """The vendor, compiled anew, with its samples mapped. Raises CompileError."""
    vendor = project.vendor(name)
    mapper = of_sources(vendor, generate(vendor))
    samples = tuple(_sample(mapper, path) for path in project.samples(name))
    return Sampled(vendor, samples)


def _sample(mapper: Mapper, path: Path) -> Sample:
    raw = path.read_bytes()
    return Sample(path.stem, raw, mapper.map(raw, headers_of(path)))


def outcome(result: Result) -> str:
    """Why entries yield no body, or less than they could: a line for each reason; empty where all is well."""
    lines = [f"fault {fault.code} {_of(fault)}{fault.reason} ({fault.place})" for fault in result.faults]
    lines += [f"skipped {note.code} {_of(note)}{note.reason} ({note.place})" for note in result.skipped]
    lines += [f"warning {note.code} {_of(note)}{note.reason} ({note.place})" for note in result.warnings]
    return "".join(f"{line}\n" for line in lines)


def _of(said: Fault | Note) -> str:
    names = [name for name in (said.entry, said.platform) if name is not None]
    return f"{' to '.join(names)}: " if names else ""


def contract(project: Project, vendor: str) -> dict[str, Any]:
    """The JSON Schema 2020-12 of what may come in. Raises Damaged."""
    return json_object(project.folder(vendor) / CONTRACT)
