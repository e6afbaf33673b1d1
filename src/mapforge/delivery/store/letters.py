"""Dead letters: why an event has no payload, or why a payload was rejected; the raw event stays with them."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence

import msgspec

from mapforge.delivery.outcomes import Reason
from mapforge.delivery.queue import DeadLetter

_REASONS = tuple[Reason, ...]


def add(db: sqlite3.Connection, event: int, payload: int | None, reasons: Sequence[Reason], now: int) -> None:
    """Keep why."""
    db.execute(
        "INSERT INTO dead (inbox, payload, reasons, at) VALUES (?, ?, ?, ?)",
        (event, payload, msgspec.json.encode(tuple(reasons)), now),
    )


def listed(db: sqlite3.Connection, connection: str | None, most: int, after: int) -> list[DeadLetter]:
    """Open dead letters by their numbers, from the one after `after` on."""
    where, values = ("", ()) if connection is None else (" AND i.connection = ?", (connection,))
    return _open(db, f"d.id > ?{where} ORDER BY d.id LIMIT ?", (after, *values, most))


def found(db: sqlite3.Connection, letters: Iterable[int]) -> list[DeadLetter]:
    """Those of these numbers that are open."""
    return [letter for number in letters for letter in _open(db, "d.id = ?", (number,))]


def of_event(db: sqlite3.Connection, event: int) -> list[DeadLetter]:
    """An event's open dead letters."""
    return _open(db, "d.inbox = ? ORDER BY d.id", (event,))


def _open(db: sqlite3.Connection, where: str, values: tuple[object, ...]) -> list[DeadLetter]:
    rows = db.execute(
        "SELECT d.id, d.inbox, d.payload, i.connection, coalesce(p.event, i.name), d.reasons, d.at FROM dead d"
        " JOIN inbox i ON i.id = d.inbox LEFT JOIN payload p ON p.id = d.payload"
        f" WHERE d.state = 'open' AND {where}",
        values,
    )
    return [
        DeadLetter(
            id=row[0], inbox=row[1], payload=row[2], connection=row[3], event=row[4],
            reasons=msgspec.json.decode(row[5], type=_REASONS), at=row[6],
        )
        for row in rows
    ]  # fmt: skip


def close(db: sqlite3.Connection, event: int, state: str) -> int:
    """Put an event's dead letters away, as replayed or dropped; how many there were."""
    return db.execute("UPDATE dead SET state = ? WHERE inbox = ? AND state = 'open'", (state, event)).rowcount


def put_away(db: sqlite3.Connection, letters: Collection[int], state: str) -> list[int]:
    """Put these away, as replayed or dropped. Where one is not open, nothing is done: all that are not."""
    there = {letter.id for letter in found(db, letters)}
    missing = [number for number in letters if number not in there]
    if not missing:
        db.executemany("UPDATE dead SET state = ? WHERE id = ?", [(state, number) for number in letters])
    return missing
