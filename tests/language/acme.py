"""A vendor called acme, made of texts, and its raw events mapped through both paths: generated code and interpreter."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from mapforge import model
from mapforge.compiler.generate import generate
from mapforge.compiler.vendors import compile_vendor
from mapforge.runtime.mappers import Mapper, of_sources
from mapforge.runtime.outcomes import Fault, Note, Payload, Result

SOURCE = "{event: type, id: id, time: at, zone: zone, locale: {constant: en-US}, currency: currency}"
PLATFORMS = "{klaviyo: {}}"
BOTH = "{klaviyo: {}, omnisend: {origin: acme}}"
IDENTITY = "{email: email}"
RAW = {
    "type": '"order"',
    "id": '"evt_1"',
    "at": '"2026-03-01T12:00:00Z"',
    "zone": '"Europe/Berlin"',
    "currency": '"EUR"',
    "email": '"ada@post.example"',
}


@dataclass(frozen=True)
class N:
    """A number by its digits as they stand in the body."""

    digits: str


class Mapped(NamedTuple):
    """What both paths made of a raw event; they agree."""

    result: Result

    @property
    def faults(self) -> list[Fault]:
        return self.result.faults

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Code and line of each fault."""
        return [(fault.code, fault.reason) for fault in self.result.faults]

    @property
    def skipped(self) -> list[Note]:
        return self.result.skipped

    @property
    def warnings(self) -> list[Note]:
        return self.result.warnings

    @property
    def entries(self) -> list[tuple[str, str]]:
        """Entry and platform of each payload, in their order."""
        return [(payload.entry, payload.platform) for payload in self.result.payloads]

    def payload(self, platform: str = "klaviyo", entry: str | None = None) -> Payload:
        found = [p for p in self.result.payloads if p.platform == platform and entry in (None, p.entry)]
        assert len(found) == 1, (self.reasons, [note.reason for note in self.skipped], self.entries)
        return found[0]

    def body(self, platform: str = "klaviyo", entry: str | None = None) -> Any:
        return exactly(self.payload(platform, entry).body)

    def properties(self, platform: str = "klaviyo", entry: str | None = None) -> dict[str, Any]:
        body = self.body(platform, entry)
        properties = body["data"]["attributes"]["properties"] if platform == "klaviyo" else body["properties"]
        assert isinstance(properties, dict)
        return properties


def exactly(body: bytes) -> Any:
    """JSON with each number as its digits; a key that stands twice fails."""
    return json.loads(body, parse_int=N, parse_float=N, parse_constant=_no_constant, object_pairs_hook=_once)


def _no_constant(word: str) -> None:
    raise AssertionError(f"{word} is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    assert len(found) == len(pairs), [name for name, _ in pairs]
    return found


def raw_event(more: str | None = None, **keys: str | None) -> bytes:
    """The JSON of a raw event: RAW with these keys, each a JSON text or None to leave it out."""
    members = {**RAW, **keys}
    pairs = [f"{json.dumps(key)}:{value}" for key, value in members.items() if value is not None]
    return ("{" + ",".join([*pairs, *([more] if more else [])]) + "}").encode()


def vendor_yaml(source: str = SOURCE, identity: str = IDENTITY, platforms: str = PLATFORMS, more: str = "") -> str:
    """vendor.yaml of acme; more: further lines of it."""
    head = f"mapforge: 1\nvendor: acme\nsource: {source}\nidentity: {identity}\nplatforms: {platforms}\n"
    return head + more


def entry_yaml(attributes: str, more: str = "") -> str:
    """An events file with one entry; attributes: the lines of its mapping, without indentation."""
    lines = "".join(f"    {line}\n" for line in attributes.strip().splitlines())
    rest = "".join(f"  {line}\n" for line in more.strip().splitlines())
    return f"Order:\n  trigger: {{event: order}}\n{rest}" + (f"  attributes:\n{lines}" if lines.strip() else "")


def compiled(folder: Path, vendor: str, events: str, profile: str | None = None) -> model.Vendor:
    """acme of these texts."""
    home = folder / "acme"
    home.mkdir(exist_ok=True)
    (home / "vendor.yaml").write_text(vendor, encoding="utf-8")
    (home / "events.yaml").write_text(events, encoding="utf-8")
    if profile is not None:
        (home / "profile.yaml").write_text(profile, encoding="utf-8")
    return compile_vendor(home, "acme")


def mapper_of(vendor: model.Vendor) -> Mapper:
    return of_sources(vendor, generate(vendor))


def both_ways(
    mapper: Mapper,
    raw: bytes,
    *,
    to: str | Collection[str] | None = None,
    headers: Mapping[str, str] | None = None,
    event: str | None = None,
    slow: bool | None = False,
) -> Mapped:
    """The result of the generated mapper, held against the interpreter's.

    A good event that the generated mapper leaves to the interpreter fails, unless `slow` expects just that; None: it
    may, as it does where an event is so large that only a closer look says whether it is good. Why nothing at all is
    sent may come from either.
    """
    result = mapper.map(raw, headers, to, event)
    platforms = mapper.head.platforms if to is None else (to,) if isinstance(to, str) else to
    lowered = {name.lower(): value for name, value in (headers or {}).items()}
    reference = mapper.interpret(raw, lowered, platforms, event)
    assert said(result) == said(reference)
    faulty = bool(result.faults or result.warnings)
    assert slow is None or not (faulty or result.payloads) or result.slow_path == (slow or faulty)
    return Mapped(result)


def said(result: Result) -> tuple[list[Payload], list[Note], list[Note], list[Fault]]:
    """All of a result but the path it came by."""
    return result.payloads, result.skipped, result.warnings, result.faults
