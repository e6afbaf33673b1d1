"""Payloads: leased in the order of their profiles, merged where they are updates of one, finished by their outcomes."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence

import msgspec

from mapforge.delivery import updates
from mapforge.delivery.outcomes import Delivered, Held, Outcome, Rejected, RetryLater
from mapforge.delivery.queue import OPEN_PAYLOADS, Finished, HeldPayload, Sent, Waiting
from mapforge.delivery.store import letters
from mapforge.delivery.store.workers import fenced

EVENT = "event"
FOREVER = 2**62
OPEN = ", ".join(f"'{state}'" for state in OPEN_PAYLOADS)
"""The states that are not done yet, for SQL."""

_COLUMNS = (
    "p.id, p.inbox, p.outlet, c.vendor, p.entry, p.event, p.platform, p.kind, p.profile, p.body, p.unique_id, p.time,"
    " p.batch, p.attempts, p.created, p.failed_at"
)
_FROM = "FROM payload p JOIN outlet o ON o.id = p.outlet JOIN connection c ON c.id = o.connection"
# An earlier one that is due itself is leased with the later one, before it: that is no reason to wait.
_EARLIER = (
    "EXISTS (SELECT 1 FROM payload e WHERE e.outlet = p.outlet AND e.kind = p.kind AND e.profile = p.profile"
    " AND e.id < p.id AND e.blocks_until {bound} AND (e.state <> 'waiting' OR e.next_at > :now))"
)
_BLOCKED = _EARLIER.format(bound="> :now")
_PASSED = _EARLIER.format(bound="<= :now")
_outcome = msgspec.json.Decoder(Outcome).decode
_NAMES = [name.split(".")[1] for name in _COLUMNS.split(", ")]


def lease(db: sqlite3.Connection, worker: int, outlet: int, kind: str, most: int, now: int) -> list[Waiting]:
    """Payloads of one kind that are due, oldest first."""
    fenced(db, worker)
    said = {"outlet": outlet, "kind": kind, "most": most, "now": now}
    leased = _events(db, said) if kind == EVENT else _profiles(db, said)
    db.executemany(
        "UPDATE payload SET state = 'leased', worker = ?, blocks_until = ? WHERE id = ?",
        [(worker, FOREVER, one.id) for one in leased],
    )
    return leased


def _events(db: sqlite3.Connection, said: dict[str, object]) -> list[Waiting]:
    """Due events. One that an earlier one of its profile holds back is not among them."""
    rows = db.execute(
        f"SELECT {_COLUMNS}, {_PASSED} {_FROM} WHERE p.outlet = :outlet AND p.kind = :kind AND p.state = 'waiting'"
        f" AND p.next_at <= :now AND NOT {_BLOCKED} ORDER BY p.id LIMIT :most",
        said,
    )
    return [_waiting(row[:-1], passed=bool(row[-1])) for row in rows]


def _profiles(db: sqlite3.Connection, said: dict[str, object]) -> list[Waiting]:
    """An update for each profile that has one due: all of its updates that wait, merged into the last one."""
    due = db.execute(
        "SELECT p.profile FROM payload p WHERE p.outlet = :outlet AND p.kind = :kind AND p.state = 'waiting'"
        f" AND p.next_at <= :now AND NOT {_BLOCKED} GROUP BY p.profile ORDER BY min(p.id) LIMIT :most",
        said,
    ).fetchall()
    return [_one_update(db, {**said, "profile": profile}) for (profile,) in due]


def _one_update(db: sqlite3.Connection, said: dict[str, object]) -> Waiting:
    rows = db.execute(
        f"SELECT {_COLUMNS} {_FROM} WHERE p.outlet = :outlet AND p.kind = :kind AND p.profile = :profile"
        " AND p.state = 'waiting' ORDER BY p.id",
        said,
    ).fetchall()
    waiting = [_waiting(row) for row in rows]
    last = waiting[-1]
    body = updates.merged(last.platform, last.kind, [one.body for one in waiting if one.body is not None])
    if len(waiting) > 1:
        _merge(db, waiting, body)
    had = _had(db, last)
    sent = updates.changed(last.platform, last.kind, had, body)
    return msgspec.structs.replace(last, body=sent, **_history(waiting))


def _merge(db: sqlite3.Connection, waiting: Sequence[Waiting], body: bytes) -> None:
    """Leave the last update with all of them in it. Those that were merged into an earlier one follow it."""
    last, earlier = waiting[-1].id, [one.id for one in waiting[:-1]]
    db.executemany("UPDATE payload SET into_payload = ? WHERE into_payload = ?", [(last, one) for one in earlier])
    db.executemany(
        "UPDATE payload SET state = 'merged', into_payload = ?, blocks_until = NULL WHERE id = ?",
        [(last, one) for one in earlier],
    )
    db.execute(
        "UPDATE payload SET body = :body, attempts = :attempts, created = :created, failed_at = :failed_at"
        " WHERE id = :id",
        {"id": last, "body": body, **_history(waiting)},
    )


def _history(waiting: Sequence[Waiting]) -> dict[str, int | None]:
    """What the one that is left takes over from those that were merged into it."""
    failed = [one.failed_at for one in waiting if one.failed_at is not None]
    tried = max(one.attempts for one in waiting)
    return {"attempts": tried, "created": waiting[0].created, "failed_at": min(failed, default=None)}


def _had(db: sqlite3.Connection, one: Waiting) -> bytes | None:
    """What this outlet's platform was last told of a profile."""
    row = db.execute(
        "SELECT body FROM profile WHERE outlet = ? AND kind = ? AND profile = ?", (one.outlet, one.kind, one.profile)
    ).fetchone()
    return None if row is None else row[0]


def _waiting(row: Sequence[object], passed: bool = False) -> Waiting:
    return Waiting(**dict(zip(_NAMES, row, strict=True)), passed=passed)  # type: ignore[arg-type]


def begin(db: sqlite3.Connection, worker: int, payloads: Collection[int]) -> None:
    """From here on they may have arrived."""
    fenced(db, worker)
    db.executemany("UPDATE payload SET state = 'sending' WHERE id = ?", [(one,) for one in payloads])


def finish(db: sqlite3.Connection, worker: int, done: Sequence[Finished], now: int, order_wait: int) -> None:
    """Write outcomes. LeaseLost where another worker has the payloads now."""
    fenced(db, worker)
    for one in done:
        _finish(db, one, now, order_wait)
    smaller = [(one.batch, one.id) for one in done if one.batch is not None]
    db.executemany("UPDATE payload SET batch = ? WHERE id = ?", smaller)


def _finish(db: sqlite3.Connection, one: Finished, now: int, order_wait: int) -> None:
    if isinstance(one.outcome, Delivered):
        _settle(db, one.id, "unchanged" if one.outcome.unchanged else "delivered", one.outcome, now)
        _keep_profile(db, one.id, now)
    elif isinstance(one.outcome, Rejected):
        _reject(db, one.id, one.outcome, now)
    elif isinstance(one.outcome, (RetryLater, Held)):
        _put_off(db, one, one.outcome, now, order_wait)
    else:
        db.execute(
            "UPDATE payload SET state = 'waiting', worker = NULL, blocks_until = failed_at + ?,"
            " next_at = max(next_at, ?) WHERE id = ?",
            (order_wait, one.next_at, one.id),
        )


def _settle(db: sqlite3.Connection, payload: int, state: str, outcome: Outcome, now: int) -> None:
    db.execute(
        "UPDATE payload SET state = ?, worker = NULL, blocks_until = NULL, done_at = ?, outcome = ? WHERE id = ?",
        (state, now, msgspec.json.encode(outcome), payload),
    )


def _reject(db: sqlite3.Connection, payload: int, outcome: Rejected, now: int) -> None:
    """A dead letter for the payload and for each that was merged into it."""
    _settle(db, payload, "rejected", outcome, now)
    db.execute("UPDATE payload SET state = 'rejected' WHERE into_payload = ?", (payload,))
    rows = db.execute(
        "SELECT id, inbox FROM payload WHERE id = :one OR into_payload = :one ORDER BY id", {"one": payload}
    )
    for number, event in rows.fetchall():
        letters.add(db, event, number, outcome.reasons, now)


def _put_off(db: sqlite3.Connection, one: Finished, outcome: RetryLater | Held, now: int, order_wait: int) -> None:
    """Later payloads of the profile wait from its first failure on, no longer than order_wait."""
    db.execute(
        "UPDATE payload SET state = ?, worker = NULL, attempts = attempts + 1, next_at = ?, outcome = ?,"
        " failed_at = coalesce(failed_at, ?), blocks_until = coalesce(failed_at, ?) + ? WHERE id = ?",
        ("held" if isinstance(outcome, Held) else "waiting", one.next_at, msgspec.json.encode(outcome), now, now,
         order_wait, one.id),
    )  # fmt: skip


def _keep_profile(db: sqlite3.Connection, payload: int, now: int) -> None:
    """Remember what the platform has of a profile: all that it was told, the later values in place of the earlier."""
    outlet, platform, kind, profile, body = db.execute(
        "SELECT outlet, platform, kind, profile, body FROM payload WHERE id = ?", (payload,)
    ).fetchone()
    if kind == EVENT:
        return
    row = db.execute(
        "SELECT body FROM profile WHERE outlet = ? AND kind = ? AND profile = ?", (outlet, kind, profile)
    ).fetchone()
    whole = body if row is None else updates.merged(platform, kind, [row[0], body])
    db.execute("INSERT OR REPLACE INTO profile VALUES (?, ?, ?, ?, ?)", (outlet, kind, profile, whole, now))


def decide(db: sqlite3.Connection, payload: int, send: bool, now: int) -> bool:
    """An operator's word on a held payload: send it once more, or drop it. False where it is not held."""
    decided = db.execute(
        "UPDATE payload SET state = ?, next_at = ?, blocks_until = NULL WHERE id = ? AND state = 'held'",
        ("waiting" if send else "dropped", now, payload),
    )
    return decided.rowcount > 0


def decide_all(db: sqlite3.Connection, payloads: Collection[int], send: bool, now: int) -> list[int]:
    """An operator's word on all of these. Where one is not held, nothing is done: all that are not."""
    sql = "SELECT 1 FROM payload WHERE id = ? AND state = 'held'"
    missing = [one for one in payloads if db.execute(sql, (one,)).fetchone() is None]
    if not missing:
        for one in payloads:
            decide(db, one, send, now)
    return missing


def held(db: sqlite3.Connection, connection: str | None, most: int, after: int) -> list[HeldPayload]:
    """Held payloads by their numbers, from the one after `after` on."""
    where, values = ("", ()) if connection is None else (" AND o.connection = ?", (connection,))
    rows = db.execute(
        "SELECT p.id, p.inbox, o.connection, p.entry, p.platform, p.failed_at, p.outcome FROM payload p"
        f" JOIN outlet o ON o.id = p.outlet WHERE p.state = 'held' AND p.id > ?{where} ORDER BY p.id LIMIT ?",
        (after, *values, most),
    ).fetchall()
    return [
        HeldPayload(number, event, home, entry, platform, since, _why(outcome))
        for number, event, home, entry, platform, since, outcome in rows
    ]


def _why(outcome: bytes | None) -> str:
    found = None if outcome is None else _outcome(outcome)
    return found.reason if isinstance(found, Held) else ""


def of_job(db: sqlite3.Connection, job: int) -> list[Waiting]:
    """What went with a job, in the order of its request."""
    rows = db.execute(f"SELECT {_COLUMNS} {_FROM} WHERE p.job = ? ORDER BY p.place", (job,))
    return [_waiting(row) for row in rows]


def of_event(db: sqlite3.Connection, event: int) -> list[Sent]:
    """The payloads that were made of an event."""
    rows = db.execute(
        "SELECT id, outlet, entry, platform, kind, state, body, unique_id FROM payload WHERE inbox = ? ORDER BY id",
        (event,),
    )
    return [Sent(*row) for row in rows]


def outcome_of(db: sqlite3.Connection, payload: int) -> Outcome | None:
    """What last came of a payload."""
    row = db.execute("SELECT outcome FROM payload WHERE id = ?", (payload,)).fetchone()
    return None if row is None or row[0] is None else _outcome(row[0])
