"""Bulk jobs that a platform has taken: when to ask about each, and what went with it until it ends."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from mapforge.delivery import outcomes
from mapforge.delivery.queue import Finished, OpenJob
from mapforge.delivery.store import payloads
from mapforge.delivery.store.workers import fenced


class Taken(msgspec.Struct, frozen=True):
    """A job as it was taken, with the numbers of its payloads in their order."""

    outlet: int
    kind: str
    name: str
    payloads: Sequence[int]
    next_at: int


def taken(db: sqlite3.Connection, worker: int, one: Taken, now: int, order_wait: int) -> None:
    """Keep a job. Later payloads of its profiles wait for it, as they do for one that failed."""
    fenced(db, worker)
    (job,) = db.execute(
        "INSERT INTO job (outlet, kind, name, next_at, since) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (one.outlet, one.kind, one.name, one.next_at, now),
    ).fetchall()[0]
    outcome = msgspec.json.encode(outcomes.Taken(one.name))
    db.executemany(
        "UPDATE payload SET state = 'taken', worker = NULL, job = ?, place = ?, outcome = ?,"
        " blocks_until = coalesce(failed_at, ?) + ? WHERE id = ?",
        [(job, place, outcome, now, order_wait, payload) for place, payload in enumerate(one.payloads)],
    )


def open_(db: sqlite3.Connection, outlet: int, kind: str, most: int) -> list[OpenJob]:
    """The jobs of an outlet that have not ended, by when they are to be asked about."""
    rows = db.execute(
        "SELECT id, name, asked, next_at, since FROM job WHERE outlet = ? AND kind = ? ORDER BY next_at, id LIMIT ?",
        (outlet, kind, most),
    )
    return [OpenJob(id=row[0], name=row[1], asked=row[2], next_at=row[3], since=row[4]) for row in rows]


def ask_again(db: sqlite3.Connection, worker: int, job: int, next_at: int) -> None:
    """Ask once more, then."""
    fenced(db, worker)
    db.execute("UPDATE job SET asked = asked + 1, next_at = ? WHERE id = ?", (next_at, job))


def ended(db: sqlite3.Connection, worker: int, job: int, done: Sequence[Finished], now: int, order_wait: int) -> None:
    """Write what came of each of its payloads, and forget the job."""
    payloads.finish(db, worker, done, now, order_wait)
    db.execute("UPDATE payload SET job = NULL, place = NULL WHERE job = ?", (job,))
    db.execute("DELETE FROM job WHERE id = ?", (job,))
