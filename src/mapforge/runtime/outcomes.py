"""What comes of a raw event: payloads, skips, warnings and faults; nothing is left unsaid."""

from __future__ import annotations

from typing import Any

import msgspec

from mapforge.diagnostics import MapforgeError

NOBODY = "MF707"
SKIPPED = "MF709"


class Payload(msgspec.Struct, frozen=True, gc=False):
    """A request body for a platform, with what a sender needs to know of it.

    entry: the mapping's entry; event: the raw event's name; kind: event, profile, contact or metafields. body: UTF-8
    JSON. unique_id: the platform's id of the event, the raw event's for an update of a profile; time: RFC 3339 in UTC;
    profile_key: who it is about, for keeping a profile's payloads in order. batch: the most payloads of the entry that
    go into a bulk request, if the mapping says so.
    Body and profile_key hold customer data and are left out of repr.
    """

    vendor: str
    entry: str
    event: str
    platform: str
    kind: str
    body: bytes
    unique_id: str
    time: str
    profile_key: str
    batch: int | None = None

    def __repr__(self) -> str:
        return f"Payload({self.vendor}/{self.entry} to {self.platform}, {len(self.body)} bytes)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The same for rich, which otherwise prints every field of a Struct."""
        return [("entry", self.entry), ("platform", self.platform), ("size", len(self.body))]


class Note(msgspec.Struct, frozen=True):
    """Why an entry was skipped, or what was left out of its payload. platform None: for every platform."""

    entry: str | None
    platform: str | None
    reason: str
    place: str
    code: str


def not_held(entry: str, condition: str, place: str) -> Note:
    """The entry's condition is false."""
    return Note(entry, None, f"`{condition}` does not hold", place, SKIPPED)


def not_aimed(entry: str, place: str) -> Note:
    """Nothing is asked for at a platform that gets the entry."""
    return Note(entry, None, "none of the platforms gets this entry", place, SKIPPED)


def nobody(entry: str, platform: str, place: str) -> Note:
    """No identifier that the platform takes is there."""
    return Note(entry, platform, "nobody to send it to", place, NOBODY)


def nothing_kept(entry: str, platform: str, title: str, place: str) -> Note:
    """Every value is null, left out or empty, and the platform keeps no such thing. title: what people call it."""
    return Note(entry, platform, f"nothing that {title} can keep", place, SKIPPED)


class Fault(msgspec.Struct, frozen=True):
    """Why a payload could not be made: the attribute, the path read, what was expected and got, the rule's file:line.

    entry None: the raw event as a whole; platform None: every platform that gets the entry. No customer data stands in
    a fault.
    """

    code: str
    entry: str | None
    platform: str | None
    attribute: str | None
    path: str | None
    expected: str
    got: str
    place: str

    @property
    def reason(self) -> str:
        """The fault in a line."""
        of = f"{self.attribute} from {self.path}: " if self.attribute and self.path else ""
        return f"{of or (f'{self.attribute}: ' if self.attribute else '')}expected {self.expected}, got {self.got}"


class MappingError(MapforgeError):
    """A raw event that does not fit its mapping. `faults` holds every fault; the raw event is the caller's to keep."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(f"{fault.place}: {fault.code}: {fault.reason}" for fault in faults))

    def __reduce__(self) -> tuple[type[MappingError], tuple[tuple[Fault, ...]]]:
        return MappingError, (self.faults,)


class Result(msgspec.Struct, frozen=True, gc=False):
    """All that came of one raw event. slow_path: the interpreter's verdict, not the generated mapper's."""

    payloads: list[Payload]
    skipped: list[Note] = []
    warnings: list[Note] = []
    faults: list[Fault] = []
    slow_path: bool = False

    def raise_for_faults(self) -> None:
        """Raise MappingError with every fault, if there is one."""
        if self.faults:
            raise MappingError(tuple(self.faults))
