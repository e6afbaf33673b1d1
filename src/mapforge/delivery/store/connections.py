"""Connections and their outlets: rows, as they are kept and listed. Keys stay sealed here."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeAlias

from mapforge.delivery.queue import Connection, NewOutlet, Outlet

Change: TypeAlias = tuple[Connection, Sequence[NewOutlet]]

_CONNECTION = "id, merchant, vendor, events, profiles, enabled, signing"
_OUTLET = "id, connection, platform, key, enabled, shop, trouble"


def add(db: sqlite3.Connection, one: Connection) -> None:
    """Add a connection, or put this in its place."""
    db.execute(
        f"INSERT INTO connection ({_CONNECTION}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " merchant = excluded.merchant, vendor = excluded.vendor, events = excluded.events,"
        " profiles = excluded.profiles, enabled = excluded.enabled, signing = excluded.signing",
        (one.id, one.merchant, one.vendor, one.events, one.profiles, one.enabled, one.signing),
    )


def add_outlet(db: sqlite3.Connection, connection: str, platform: str, key: bytes, shop: str | None) -> Outlet:
    """Add a connection's outlet, or give the one that it has for this platform another key."""
    row = db.execute(
        "INSERT INTO outlet (connection, platform, key, enabled, shop) VALUES (?, ?, ?, 1, ?)"
        " ON CONFLICT (connection, platform) DO UPDATE SET key = excluded.key, shop = excluded.shop, trouble = NULL"
        f" RETURNING {_OUTLET}",
        (connection, platform, key, shop),
    ).fetchall()
    return _outlet(row[0])


def change(
    db: sqlite3.Connection, connection: str, wanted: Callable[[Connection | None, list[Outlet]], Change]
) -> None:
    """Write what is wanted of a connection as it stands; what `wanted` raises changes nothing."""
    new, changed = wanted(find(db, connection), outlets(db, connection))
    add(db, new)
    for one in changed:
        db.execute(
            "INSERT INTO outlet (connection, platform, key, enabled, shop) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (connection, platform) DO UPDATE SET"
            " key = excluded.key, enabled = excluded.enabled, shop = excluded.shop, trouble = NULL",
            (connection, one.platform, one.key, one.enabled, one.shop),
        )


def enable(db: sqlite3.Connection, connection: str, on: bool) -> bool:
    """Switch a connection; False where there is none."""
    return db.execute("UPDATE connection SET enabled = ? WHERE id = ?", (on, connection)).rowcount > 0


def enable_outlet(db: sqlite3.Connection, outlet: int, on: bool) -> bool:
    """Switch an outlet; False where there is none."""
    return db.execute("UPDATE outlet SET enabled = ?, trouble = NULL WHERE id = ?", (on, outlet)).rowcount > 0


def trouble(db: sqlite3.Connection, outlet: int, what: str | None) -> None:
    """What an outlet waits for; None: nothing."""
    db.execute("UPDATE outlet SET trouble = ? WHERE id = ?", (what, outlet))


def rotate(db: sqlite3.Connection, rotated: Callable[[bytes], bytes]) -> int:
    """Seal every secret anew; how many there were."""
    keys = db.execute("SELECT id, key FROM outlet").fetchall()
    signing = db.execute("SELECT id, signing FROM connection WHERE signing IS NOT NULL").fetchall()
    db.executemany("UPDATE outlet SET key = ? WHERE id = ?", [(rotated(key), one) for one, key in keys])
    db.executemany("UPDATE connection SET signing = ? WHERE id = ?", [(rotated(key), one) for one, key in signing])
    return len(keys) + len(signing)


def listed(db: sqlite3.Connection) -> list[Connection]:
    """All connections, by their ids."""
    return [_connection(row) for row in db.execute(f"SELECT {_CONNECTION} FROM connection ORDER BY id")]


def find(db: sqlite3.Connection, connection: str) -> Connection | None:
    """A connection by its id."""
    row = db.execute(f"SELECT {_CONNECTION} FROM connection WHERE id = ?", (connection,)).fetchone()
    return None if row is None else _connection(row)


def outlets(db: sqlite3.Connection, connection: str | None = None) -> list[Outlet]:
    """The outlets of a connection, or all of them."""
    where, values = ("", ()) if connection is None else (" WHERE connection = ?", (connection,))
    return [_outlet(row) for row in db.execute(f"SELECT {_OUTLET} FROM outlet{where} ORDER BY id", values)]


def running(db: sqlite3.Connection) -> list[tuple[Outlet, str]]:
    """The outlets to send to, each with its connection's vendor."""
    rows = db.execute(
        "SELECT o.id, o.connection, o.platform, o.key, o.enabled, o.shop, o.trouble, c.vendor"
        " FROM outlet o JOIN connection c ON c.id = o.connection WHERE o.enabled AND c.enabled ORDER BY o.id"
    )
    return [(_outlet(row[:7]), row[7]) for row in rows]


def _connection(row: tuple[object, ...]) -> Connection:
    names = [name.strip() for name in _CONNECTION.split(",")]
    said = dict(zip(names, row, strict=True))
    switches = {name: bool(said[name]) for name in ("events", "profiles", "enabled")}
    return Connection(**{**said, **switches})  # type: ignore[arg-type]


def _outlet(row: tuple[object, ...]) -> Outlet:
    names = [name.strip() for name in _OUTLET.split(",")]
    said = dict(zip(names, row, strict=True))
    return Outlet(**{**said, "enabled": bool(said["enabled"])})  # type: ignore[arg-type]
