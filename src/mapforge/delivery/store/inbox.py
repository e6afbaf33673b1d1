"""Raw events: accepted once, leased to a worker, mapped to payloads or to a dead letter."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from mapforge.delivery.queue import Accepted, Again, Event, Incoming, Mapped, Overtaken
from mapforge.delivery.store import connections, letters
from mapforge.delivery.store.workers import fenced

_headers = msgspec.json.Decoder(dict[str, str]).decode
# Each step is one look into the index, however many events a connection has.
_WITH_WAITING = """
WITH RECURSIVE home (id) AS (
    SELECT min(connection) FROM inbox WHERE state = 'waiting'
    UNION ALL
    SELECT (SELECT min(connection) FROM inbox WHERE state = 'waiting' AND connection > home.id) FROM home
    WHERE home.id IS NOT NULL
)
SELECT home.id FROM home JOIN connection c ON c.id = home.id WHERE c.enabled
"""
_COLUMNS = "id, connection, event_id, name, raw, headers, attempts, at"


def accept(db: sqlite3.Connection, incoming: Sequence[Incoming], now: int) -> list[Accepted | None]:
    """Keep events, or know them again; None for one of a connection that is not there."""
    there = {home for home in {one.connection for one in incoming} if connections.find(db, home) is not None}
    return [_accepted(db, one, now) if one.connection in there else None for one in incoming]


def _accepted(db: sqlite3.Connection, one: Incoming, now: int) -> Accepted:
    kept = db.execute(
        "INSERT INTO inbox (connection, event_id, name, raw, headers, at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (connection, event_id) DO NOTHING",
        (one.connection, one.event_id, one.name, one.raw, msgspec.json.encode(one.headers), now),
    )
    if kept.rowcount and kept.lastrowid is not None:
        return Accepted(kept.lastrowid, repeat=False)
    sql = "SELECT id FROM inbox WHERE connection = ? AND event_id = ?"
    (found,) = db.execute(sql, (one.connection, one.event_id)).fetchone()
    return Accepted(found, repeat=True)


def lease(db: sqlite3.Connection, worker: int, most: int) -> list[Event]:
    """The oldest events of each connection that is on, as many of one as of another: no backlog holds others back."""
    fenced(db, worker)
    homes = [home for (home,) in db.execute(_WITH_WAITING)]
    chosen = random.sample(homes, most) if len(homes) > most else homes
    rows = [
        row
        for home in chosen
        for row in db.execute(
            f"SELECT {_COLUMNS} FROM inbox WHERE state = 'waiting' AND connection = ? ORDER BY id LIMIT ?",
            (home, most // len(chosen)),
        )
    ]
    db.executemany(
        "UPDATE inbox SET state = 'leased', worker = ?, attempts = attempts + 1 WHERE id = ?",
        [(worker, row[0]) for row in rows],
    )
    return _events(db, rows)


def find(db: sqlite3.Connection, event: int) -> Event | None:
    """An event by its number in the queue."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM inbox WHERE id = ?", (event,)).fetchall()
    return next(iter(_events(db, rows)), None)


def _events(db: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> list[Event]:
    homes = {one.id: one for one in connections.listed(db)} if rows else {}
    outlets = connections.outlets(db) if rows else []
    return [
        Event(
            id=number,
            connection=homes[home],
            outlets=tuple(one for one in outlets if one.connection == home),
            event_id=event_id,
            name=name,
            raw=raw,
            headers=_headers(headers),
            attempts=attempts,
            at=at,
        )
        for number, home, event_id, name, raw, headers, attempts, at in rows
    ]


def mapped(db: sqlite3.Connection, worker: int, done: Sequence[Mapped], now: int) -> None:
    """Write what came of leased events. LeaseLost where another worker has them."""
    fenced(db, worker)
    for one in done:
        write(db, one, now)


def replay(db: sqlite3.Connection, one: Again, now: int) -> None:
    """Write what is made of an old event anew. Overtaken where it is not as it was found."""
    event = one.mapped.event
    row = db.execute(
        "SELECT state, (SELECT coalesce(max(id), 0) FROM payload WHERE inbox = i.id) FROM inbox i WHERE id = ?",
        (event,),
    ).fetchone()
    found = row is not None and row[0] in ("mapped", "dead") and row[1] == one.last
    if not found or letters.put_away(db, one.letters, "replayed"):
        raise Overtaken(f"event {event} is not mapped yet, or was replayed or dropped meanwhile; look at it again")
    write(db, one.mapped, now)


def write(db: sqlite3.Connection, one: Mapped, now: int) -> None:
    """An event's payloads, dead letter and notes."""
    db.executemany(
        "INSERT INTO payload (inbox, outlet, entry, event, platform, kind, profile, body, unique_id, time, batch,"
        " next_at, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (one.event, new.outlet, new.entry, new.event, new.platform, new.kind, new.profile, new.body, new.unique_id,
             new.time, new.batch, now + new.debounce, now)
            for new in one.payloads
        ],
    )  # fmt: skip
    db.executemany("UPDATE payload SET state = 'replayed' WHERE id = ?", [(old,) for old in one.replays])
    if one.reasons:
        letters.add(db, one.event, None, one.reasons, now)
    state = "dead" if one.reasons and not one.payloads else "mapped"
    db.execute(
        "UPDATE inbox SET state = ?, worker = NULL, notes = ? WHERE id = ?",
        (state, msgspec.json.encode(one.notes) if one.notes else None, one.event),
    )
