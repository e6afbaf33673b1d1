"""Who may lease: one worker at a time, known by a number that only grows.

A lease is a worker's number and a time. The time says when a silent worker's work may be taken; the number says whose
it is now. So a worker that slept through its lease and wakes cannot write: its number is no longer the highest.
"""

from __future__ import annotations

import sqlite3

import msgspec

from mapforge.delivery.outcomes import Held
from mapforge.delivery.queue import LeaseLost, WorkerAlive
from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import endpoint_of

_KILLED = msgspec.json.encode(Held("the sender stopped after it began to send, before an answer was written"))


def join(db: sqlite3.Connection, now: int, until: int, alone: bool, order_wait: int) -> int:
    """Become the worker; the number. alone: the former one is known to be gone. WorkerAlive where it may not be."""
    row = db.execute("SELECT number, until FROM worker ORDER BY number DESC LIMIT 1").fetchone()
    if row is not None and row[1] > now and not alone:
        raise WorkerAlive(f"another worker has this queue, for at most {(row[1] - now) / 1000:.0f} s more")
    number = db.execute("INSERT INTO worker (until) VALUES (?) RETURNING number", (until,)).fetchall()[0][0]
    db.execute("DELETE FROM worker WHERE number < ?", (number,))
    _take_over(db, now, order_wait)
    return int(number)


def _take_over(db: sqlite3.Connection, now: int, order_wait: int) -> None:
    """What a former worker had leased waits again; what it may have sent waits or is held, by the platform's rule."""
    db.execute("UPDATE inbox SET state = 'waiting', worker = NULL WHERE state = 'leased'")
    outlets = db.execute("SELECT DISTINCT outlet FROM payload WHERE state IN ('leased', 'sending')").fetchall()
    for (outlet,) in outlets:
        _give_back(db, outlet, now, order_wait)


def _give_back(db: sqlite3.Connection, outlet: int, now: int, order_wait: int) -> None:
    begun = db.execute(
        "SELECT id, platform, kind FROM payload WHERE state = 'sending' AND outlet = ?", (outlet,)
    ).fetchall()
    held = [one for one, platform, kind in begun if not endpoint_of(PLATFORMS[platform], kind).repeatable]
    db.executemany(
        "UPDATE payload SET state = 'held', worker = NULL, failed_at = coalesce(failed_at, :now),"
        " blocks_until = coalesce(failed_at, :now) + :wait, outcome = :why WHERE id = :id",
        [{"id": one, "now": now, "wait": order_wait, "why": _KILLED} for one in held],
    )
    db.execute(
        "UPDATE payload SET state = 'waiting', worker = NULL, blocks_until = failed_at + ?"
        " WHERE state IN ('leased', 'sending') AND outlet = ?",
        (order_wait, outlet),
    )


def release(db: sqlite3.Connection, worker: int, outlet: int, now: int, order_wait: int) -> None:
    """Give back what is leased for an outlet."""
    fenced(db, worker)
    _give_back(db, outlet, now, order_wait)


def fenced(db: sqlite3.Connection, worker: int) -> None:
    """LeaseLost where this worker is not the one."""
    row = db.execute("SELECT number FROM worker ORDER BY number DESC LIMIT 1").fetchone()
    if row is None or row[0] != worker:
        raise LeaseLost(f"worker {worker} was silent too long; another one has its work")


def renew(db: sqlite3.Connection, worker: int, until: int, now: int) -> None:
    """Say that this worker lives; the queue's time is written with it."""
    fenced(db, worker)
    db.execute("UPDATE worker SET until = ? WHERE number = ?", (until, worker))
    db.execute("UPDATE clock SET at = max(at, ?)", (now,))


def leave(db: sqlite3.Connection, worker: int, now: int, order_wait: int) -> None:
    """Give the work back at once."""
    fenced(db, worker)
    db.execute("UPDATE worker SET until = ? WHERE number = ?", (now, worker))
    _take_over(db, now, order_wait)
