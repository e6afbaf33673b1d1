"""What is done and old → gone, a little at a time, and the file's free pages given back."""

from __future__ import annotations

import sqlite3

from mapforge.delivery.store.payloads import OPEN

_AT_ONCE = 1000


def forget(db: sqlite3.Connection, before: int) -> int:
    """Forget what platforms were told of profiles so long ago: the next update of one is sent whole."""
    return db.execute("DELETE FROM profile WHERE at < ?", (before,)).rowcount


def sweep(db: sqlite3.Connection, done_before: int, dead_before: int) -> int:
    """Delete old events with nothing open, and with their payloads; how many. Call again while there are any.

    An event that was deleted is no longer known: the same id once more would be a new event.
    """
    db.execute(
        "DELETE FROM dead WHERE id IN (SELECT id FROM dead WHERE at < ? OR (state <> 'open' AND at < ?) LIMIT ?)",
        (dead_before, done_before, _AT_ONCE),
    )
    rows = db.execute(
        "SELECT i.id FROM inbox i WHERE i.at < ? AND i.state IN ('mapped', 'dead')"
        " AND NOT EXISTS (SELECT 1 FROM dead d WHERE d.inbox = i.id)"
        " AND NOT EXISTS (SELECT 1 FROM payload p WHERE p.inbox = i.id"
        f" AND p.state IN ({OPEN}))"
        " AND NOT EXISTS (SELECT 1 FROM payload p JOIN payload q ON q.id = p.into_payload WHERE p.inbox = i.id"
        f" AND q.state IN ({OPEN})) ORDER BY i.at LIMIT ?",
        (done_before, _AT_ONCE),
    ).fetchall()
    db.executemany("DELETE FROM payload WHERE inbox = ?", rows)
    db.executemany("DELETE FROM inbox WHERE id = ?", rows)
    return len(rows)
