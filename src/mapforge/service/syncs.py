"""Raw events that come as a file, and how far that is: the calls that `mapforge sync` makes of a running service."""

from __future__ import annotations

import base64
import binascii

import msgspec

from mapforge.delivery.queue import Incoming, SyncState
from mapforge.service.bodies import (
    AcceptedOut,
    EventsIn,
    EventsOut,
    FoundSyncOut,
    NewSyncIn,
    RawEventIn,
    SyncFrom,
    SyncIn,
    SyncOut,
)
from mapforge.service.desk import Desk, known
from mapforge.service.problems import Refusal, Wrong


def take(desk: Desk, connection: str, said: EventsIn) -> EventsOut:
    """Keep raw events, all of them or none."""
    known(desk.store, connection)
    incoming = [
        Incoming(connection=connection, event_id=one.id, raw=_raw(one, at), headers=said.headers, name=said.event)
        for at, one in enumerate(said.events)
    ]
    kept = [one for one in desk.store.accept_all(incoming).result() if one is not None]
    if len(kept) < len(incoming):
        raise Refusal(404, "there is no such connection any more")
    return EventsOut(events=[AcceptedOut(event=one.inbox, repeat=one.repeat) for one in kept])


def _raw(one: RawEventIn, at: int) -> bytes:
    try:
        return base64.b64decode(one.raw, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(422, "a raw event is no Base64", [Wrong(f"body.events[{at}].raw", "Base64")]) from None


def last(desk: Desk, connection: str, wanted: SyncFrom) -> FoundSyncOut:
    """How far the latest sync of a source is."""
    known(desk.store, connection)
    found = desk.store.last_sync(connection, wanted.source, wanted.event)
    return FoundSyncOut(sync=None if found is None else _shown(found))


def begin(desk: Desk, connection: str, said: NewSyncIn) -> SyncOut:
    """A new sync, of which nothing was taken."""
    known(desk.store, connection)
    return _shown(desk.store.begin_sync(connection, said.source, said.event, said.page).result())


def keep(desk: Desk, connection: str, said: SyncIn) -> SyncOut:
    """How far it is, where no later one of its source has begun."""
    known(desk.store, connection)
    found = desk.store.last_sync(connection, said.source, said.event)
    if found is None or found.id != said.id:
        raise Refusal(409, "another sync of this source has begun since; run it again")
    state = msgspec.structs.replace(
        found, page=said.page, lines=said.lines, before=said.before, digest=said.digest, ended=said.ended
    )
    desk.store.keep_sync(state).result()
    return _shown(state)


def _shown(state: SyncState) -> SyncOut:
    return SyncOut(**msgspec.structs.asdict(state))
