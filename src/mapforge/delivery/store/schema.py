"""An SQLite file → one with the tables of this version; a migration is applied whole and with its number, or not."""

from __future__ import annotations

import sqlite3

from mapforge.delivery.queue import QueueNewer

# `blocks_until` is set while later payloads of the profile wait for this one; most rows never have it.
_FIRST = """
CREATE TABLE clock (at INTEGER NOT NULL);
INSERT INTO clock VALUES (0);
CREATE TABLE worker (number INTEGER PRIMARY KEY AUTOINCREMENT, until INTEGER NOT NULL);
CREATE TABLE connection (
    id TEXT PRIMARY KEY, merchant TEXT NOT NULL, vendor TEXT NOT NULL, events INTEGER NOT NULL,
    profiles INTEGER NOT NULL, enabled INTEGER NOT NULL, signing BLOB
) WITHOUT ROWID;
CREATE TABLE outlet (
    id INTEGER PRIMARY KEY AUTOINCREMENT, connection TEXT NOT NULL REFERENCES connection, platform TEXT NOT NULL,
    key BLOB NOT NULL, enabled INTEGER NOT NULL, shop TEXT, trouble TEXT, UNIQUE (connection, platform)
);
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, connection TEXT NOT NULL REFERENCES connection, event_id TEXT NOT NULL,
    name TEXT, raw BLOB NOT NULL, headers BLOB NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',
    attempts INTEGER NOT NULL DEFAULT 0, worker INTEGER, at INTEGER NOT NULL, notes BLOB,
    UNIQUE (connection, event_id)
);
CREATE INDEX inbox_open ON inbox (state, id) WHERE state IN ('waiting', 'leased');
CREATE INDEX inbox_waiting ON inbox (connection, id) WHERE state = 'waiting';
CREATE INDEX inbox_at ON inbox (at);
CREATE TABLE payload (
    id INTEGER PRIMARY KEY AUTOINCREMENT, inbox INTEGER NOT NULL REFERENCES inbox, outlet INTEGER NOT NULL,
    entry TEXT NOT NULL, event TEXT NOT NULL, platform TEXT NOT NULL, kind TEXT NOT NULL, profile TEXT NOT NULL,
    body BLOB NOT NULL, unique_id TEXT NOT NULL, time TEXT NOT NULL, batch INTEGER,
    state TEXT NOT NULL DEFAULT 'waiting', attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL,
    worker INTEGER, blocks_until INTEGER, failed_at INTEGER, into_payload INTEGER, created INTEGER NOT NULL,
    done_at INTEGER, outcome BLOB
);
CREATE INDEX payload_waiting ON payload (outlet, kind, id) WHERE state = 'waiting';
CREATE INDEX payload_due ON payload (outlet, kind, next_at) WHERE state = 'waiting';
CREATE INDEX payload_profile ON payload (outlet, kind, profile, id) WHERE state = 'waiting';
CREATE INDEX payload_blocks ON payload (outlet, kind, profile, id) WHERE blocks_until IS NOT NULL;
CREATE INDEX payload_leased ON payload (state, worker) WHERE state IN ('leased', 'sending', 'held');
CREATE INDEX payload_inbox ON payload (inbox);
CREATE INDEX payload_into ON payload (into_payload) WHERE into_payload IS NOT NULL;
CREATE TABLE dead (
    id INTEGER PRIMARY KEY AUTOINCREMENT, inbox INTEGER NOT NULL REFERENCES inbox, payload INTEGER,
    reasons BLOB NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'open'
);
CREATE INDEX dead_inbox ON dead (inbox);
CREATE INDEX dead_open ON dead (id) WHERE state = 'open';
CREATE TABLE profile (
    outlet INTEGER NOT NULL, kind TEXT NOT NULL, profile TEXT NOT NULL, body BLOB NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (outlet, kind, profile)
) WITHOUT ROWID;
"""

# Payloads that a platform took as a job stand in it in the order of the request, by `place`.
_JOBS = """
CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT, outlet INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    asked INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL, since INTEGER NOT NULL
);
CREATE INDEX job_due ON job (outlet, kind, next_at);
ALTER TABLE payload ADD COLUMN job INTEGER REFERENCES job;
ALTER TABLE payload ADD COLUMN place INTEGER;
CREATE INDEX payload_job ON payload (job, place) WHERE job IS NOT NULL;
DROP INDEX payload_leased;
CREATE INDEX payload_leased ON payload (state, worker) WHERE state IN ('leased', 'sending', 'taken', 'held');
"""

# How much of a source was taken: so many lines of a page of it, and their digest.
_SYNCS = """
CREATE TABLE sync (
    id INTEGER PRIMARY KEY AUTOINCREMENT, connection TEXT NOT NULL REFERENCES connection, source TEXT NOT NULL,
    event TEXT, page TEXT NOT NULL, lines INTEGER NOT NULL DEFAULT 0, before INTEGER NOT NULL DEFAULT 0,
    digest TEXT NOT NULL DEFAULT '', ended INTEGER NOT NULL DEFAULT 0, began INTEGER NOT NULL, at INTEGER NOT NULL
);
CREATE INDEX sync_source ON sync (connection, source, id);
"""

MIGRATIONS = (_FIRST, _JOBS, _SYNCS)


def check(db: sqlite3.Connection) -> None:
    """Raises QueueNewer where the file is not of this version."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version != len(MIGRATIONS):
        raise QueueNewer(f"the queue's file is of version {version}, this mapforge reads {len(MIGRATIONS)}")


def migrate(db: sqlite3.Connection) -> None:
    """Bring the file to this version. Raises QueueNewer where it is of a later one."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise QueueNewer(f"the queue's file is of version {version}, this mapforge knows {len(MIGRATIONS)}")
    if version == 0:
        db.execute("PRAGMA page_size = 8192")  # a raw event takes a page or two, not a chain of them
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        db.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")
