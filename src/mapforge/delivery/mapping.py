"""A raw event from the queue → its payloads for the connection's outlets, its notes, and why there is no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from mapforge import model
from mapforge.delivery.outcomes import Reason
from mapforge.delivery.queue import Connection, Event, Mapped, NewPayload
from mapforge.runtime import interpret
from mapforge.runtime.mappers import Mapper, Sources
from mapforge.runtime.outcomes import Fault, Note, Payload, Result

EVENT = "event"
NO_MAPPER = "no-mapper"
BROKEN = "mapper-failed"
_TRIES = 5


class VendorMappers(Protocol):
    """What holds mappers by vendor; `get` is asked anew for each event, so that what it holds may be replaced."""

    def get(self, vendor: str, /) -> Mapper | None:
        """The vendor's mapper."""


class CurrentMappers:
    """The mappers in use. `replace` swaps all of them at once, between two events."""

    def __init__(self, mappers: Mapping[str, Mapper]) -> None:
        self._mappers = mappers

    def get(self, vendor: str, /) -> Mapper | None:
        """The vendor's mapper, or None where the build has none."""
        return self._mappers.get(vendor)

    def replace(self, mappers: Mapping[str, Mapper]) -> None:
        """Go on with these."""
        self._mappers = mappers


def mapped(event: Event, mappers: VendorMappers) -> Mapped:
    """What comes of an event. Never raises: whatever it is, the raw event stays and the reason is kept."""
    vendor = event.connection.vendor
    mapper = mappers.get(vendor)
    if mapper is None:
        return _dead(event, Reason(NO_MAPPER, f"the build has no mapper of {vendor}; run: mapforge build"))
    if event.attempts >= _TRIES:
        return _dead(event, Reason(BROKEN, f"mapping it was begun {event.attempts} times and never ended"))
    try:
        return _of_result(event, mapper, _result(event, mapper))
    except Exception as error:  # one event must not stop the queue
        return _dead(event, Reason(BROKEN, f"the mapper raised {type(error).__name__}"))


def _result(event: Event, mapper: Mapper) -> Result:
    """The result. A fault in a module that is off holds nothing of the other one back: that one is mapped alone."""
    platforms = _platforms(event, mapper)
    result = mapper.map(event.raw, event.headers, platforms, event.name)
    on = {one.name: one for one in mapper.model.entries if module_is_on(event.connection, one.kind)}
    if all(fault.entry is None or fault.entry in on for fault in result.faults):
        return result
    reduced = msgspec.structs.replace(mapper.model, entries=tuple(on.values()))
    alone = Mapper(mapper.head, Sources(reduced, {}))
    result = alone.map(event.raw, event.headers, platforms, event.name)
    nobodys = any(fault.code == interpret.NO_TRIGGER for fault in result.faults)
    return Result([], result.skipped) if nobodys else result


def _dead(event: Event, reason: Reason) -> Mapped:
    return Mapped(event.id, reasons=(reason,))


def _platforms(event: Event, mapper: Mapper) -> list[str]:
    return [one.platform for one in event.outlets if one.enabled and one.platform in mapper.head.platforms]


def _of_result(event: Event, mapper: Mapper, result: Result) -> Mapped:
    entries = {one.name: one for one in mapper.model.entries}
    outlets = {one.platform: one.id for one in event.outlets}
    wanted = [one for one in result.payloads if module_is_on(event.connection, entries[one.entry].kind)]
    payloads = tuple(_new(one, outlets[one.platform], entries[one.entry]) for one in wanted)
    notes = _notes([*result.skipped, *result.warnings])
    return Mapped(event.id, payloads, tuple(map(_reason, result.faults)), notes)


def module_is_on(connection: Connection, kind: str) -> bool:
    """Whether the connection's module for payloads or entries of this kind is on."""
    return connection.events if kind == EVENT else connection.profiles


def _new(payload: Payload, outlet: int, entry: model.Entry) -> NewPayload:
    return NewPayload(
        outlet=outlet,
        entry=payload.entry,
        event=payload.event,
        platform=payload.platform,
        kind=payload.kind,
        profile=payload.profile_key,
        body=payload.body,
        unique_id=payload.unique_id,
        time=payload.time,
        batch=payload.batch,
        debounce=entry.debounce or 0,
    )


def _reason(fault: Fault) -> Reason:
    return Reason(
        fault.code, fault.reason, fault.place, fault.entry, fault.platform, fault.attribute, pointer=fault.path
    )


def _notes(notes: Iterable[Note]) -> tuple[Reason, ...]:
    return tuple(Reason(note.code, note.reason, note.place, note.entry, note.platform) for note in notes)
