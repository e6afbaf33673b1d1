"""What was inferred → the text of vendor.yaml and events.yaml, to be read and edited by people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

import msgspec

from mapforge.cli.new.attributes import Attribute, LeftOut
from mapforge.cli.new.envelope import Envelope, Place
from mapforge.cli.new.person import Person
from mapforge.platforms import PLATFORMS

_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*(?:[./][A-Za-z0-9_$-]+)*")
_WORDS = frozenset("null true false yes no on off y n".split())
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


class Event(msgspec.Struct, frozen=True):
    """An entry, with how many samples it was made of."""

    entry: str
    raw_name: str
    lines: list[Attribute | LeftOut]
    samples: int


def vendor_yaml(name: str, envelope: Envelope, person: Person, platforms: Sequence[str], samples: int) -> str:
    """The text of vendor.yaml."""
    return "\n".join(
        [
            "# yaml-language-server: $schema=../../schemas/mapping/vendor.schema.json",
            f"# Made by `mapforge new` from {_count(samples, 'sample')}.",
            "# All of it is guessed from them: hold each line against the vendor's page.",
            "mapforge: 1",
            f"vendor: {quoted(name)}",
            "",
            "source:",
            *(f"  {line}" for line in _source(envelope)),
            "",
            "# Who an event is about. The paths of identity start at the person.",
            *([] if person.is_root else [f"person: {quoted(person.place.text)}"]),
            f"identity: {_flow(person.identity)}",
            "",
            "platforms:",
            *(f"  {line}" for line in (_platform(platform, name) for platform in platforms)),
            "",
        ]
    )


def events_yaml(name: str, events: Sequence[Event]) -> str:
    """The text of events.yaml."""
    head = [
        f"# yaml-language-server: $schema=../../schemas/mapping/{name}.events.schema.json",
        "# Look at each entry's name, for it is the one that is sent; drop the attributes that nobody needs.",
        "# Look at each type: may it be missing (`| null`)? Is it money (round, places)? The samples do not say all.",
    ]
    return "\n".join([*head, *(line for event in events for line in ["", *_entry(event)]), ""])


def quoted(text: str) -> str:
    """A text as YAML reads it back, in quotes only where it needs them."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if '"' in text and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _source(envelope: Envelope) -> list[str]:
    event, time = envelope.event, quoted(envelope.time.text)
    lines = [
        f"event: {quoted(event.text) if isinstance(event, Place) else f'{{header: {quoted(event)}}}'}",
        f"id: {quoted(envelope.id.text)}  # the same when the event comes again, another for every other event",
        f"time: {time if envelope.input is None else f'{{from: {time}, input: {envelope.input}}}'}",
    ]
    return lines if envelope.zone is None else [*lines, f"zone: {{constant: {quoted(envelope.zone)}}}"]


def _platform(platform: str, vendor: str) -> str:
    if "origin" not in PLATFORMS[platform].options:
        return f"{platform}: {{}}"
    return f"{platform}: {{origin: {quoted(vendor)}}}  # the name that you agree with the platform"


def _entry(event: Event) -> list[str]:
    return [
        f"{quoted(event.entry)}:  # from {_count(event.samples, 'sample')}",
        f"  trigger: {{event: {quoted(event.raw_name)}}}",
        "  attributes:",
        *(f"    {_line(line)}" for line in event.lines),
    ]


def _line(line: Attribute | LeftOut) -> str:
    if isinstance(line, LeftOut):
        return f"# left out: {line.at}: {line.reason}"
    kind = f"{line.base} | null" if line.nullable else line.base
    said = {} if line.path == line.name else {"from": line.path}
    said |= {} if line.input is None else {"input": line.input}
    if not said and not line.sensitive:
        return f"{quoted(line.name)}: {kind}"
    more = "".join(f", {key}: {quoted(value)}" for key, value in said.items())
    return f"{quoted(line.name)}: {{type: {kind}{more}{', sensitive: true' if line.sensitive else ''}}}"


def _flow(said: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {quoted(value)}" for key, value in said.items()) + "}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
