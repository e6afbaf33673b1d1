"""Bulk syncs: how much of which source was taken, so that the next run goes on from there."""

from __future__ import annotations

import sqlite3

from mapforge.delivery.queue import SyncState

_COLUMNS = "id, connection, source, event, page, lines, before, digest, ended, began, at"


def last(db: sqlite3.Connection, connection: str, source: str, event: str | None) -> SyncState | None:
    """The latest sync of a source, as events of this name."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM sync WHERE connection = ? AND source = ? AND event IS ? ORDER BY id DESC LIMIT 1",
        (connection, source, event),
    ).fetchone()
    return None if row is None else _state(row)


def begin(db: sqlite3.Connection, connection: str, source: str, event: str | None, page: str, now: int) -> SyncState:
    """A new sync, of which nothing was taken yet."""
    rows = db.execute(
        f"INSERT INTO sync (connection, source, event, page, began, at) VALUES (?, ?, ?, ?, ?, ?) RETURNING {_COLUMNS}",
        (connection, source, event, page, now, now),
    ).fetchall()
    return _state(rows[0])


def keep(db: sqlite3.Connection, state: SyncState, now: int) -> None:
    """How far it is."""
    db.execute(
        "UPDATE sync SET page = ?, lines = ?, before = ?, digest = ?, ended = ?, at = ? WHERE id = ?",
        (state.page, state.lines, state.before, state.digest, state.ended, now, state.id),
    )


def _state(row: tuple[object, ...]) -> SyncState:
    said = dict(zip(_COLUMNS.split(", "), row, strict=True))
    return SyncState(**{**said, "ended": bool(said["ended"])})  # type: ignore[arg-type]
