"""A path → the queue in that file: writes go through one thread and are futures, reads have their own connections."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import IO, TypeVar

import msgspec

from mapforge.delivery.clock import Clock
from mapforge.delivery.outcomes import Outcome, Reason
from mapforge.delivery.queue import (
    Accepted,
    Again,
    Connection,
    DeadLetter,
    Depth,
    Event,
    Finished,
    HeldPayload,
    Incoming,
    Mapped,
    OpenJob,
    Outlet,
    QueueBusy,
    QueueUnwritable,
    Sent,
    SyncState,
    UnknownConnection,
    Waiting,
)
from mapforge.delivery.settings import Settings
from mapforge.delivery.store import connections, inbox, jobs, letters, payloads, retention, syncs, workers
from mapforge.delivery.store.locks import held_alone, let_go
from mapforge.delivery.store.payloads import begin
from mapforge.delivery.store.schema import check, migrate
from mapforge.delivery.store.writer import Writer, connect
from mapforge.platforms import PLATFORMS

T = TypeVar("T")
WAL_IS_SAFE_FOR_MANY = (3, 51, 3)


class Store:
    """The durable queue of one file. `close` it, or use it as a context manager.

    Raises QueueUnwritable where the file cannot be opened, or where another process writes it and this SQLite is older
    than 3.51.3: two writers may then damage the file. read_only: for a look beside the process that writes; whatever
    writes raises QueueUnwritable.
    """

    def __init__(
        self,
        path: str | Path,
        settings: Settings | None = None,
        clock: Clock | None = None,
        *,
        read_only: bool = False,
    ) -> None:
        self.path = Path(path)
        self.settings = settings or Settings()
        self.clock = clock or Clock()
        self._threads = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._worker_lock: IO[bytes] | None = None
        self._writer: Writer | None = None
        self._writer_lock = None if read_only else self._only_writer()
        try:
            with closing(connect(self.path, self.settings.busy, read_only)) as db:
                self._prepare(db, read_only)
            if not read_only:
                self._writer = Writer(self.path, self.settings.busy, self.settings.group)
        except BaseException:
            let_go(self._writer_lock)
            raise

    @property
    def unwritable(self) -> str | None:
        """Why the last write failed; None once one has not."""
        return None if self._writer is None else self._writer.trouble

    def _only_writer(self) -> IO[bytes] | None:
        if sqlite3.sqlite_version_info >= WAL_IS_SAFE_FOR_MANY:
            return None
        lock = held_alone(self._beside("writer"))
        if lock is None:
            raise QueueBusy(f"another process writes {self.path}, which SQLite bears from 3.51.3 on")
        return lock

    def _beside(self, what: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{what}")

    def _prepare(self, db: sqlite3.Connection, read_only: bool) -> None:
        try:
            (check if read_only else migrate)(db)
            (floor,) = db.execute(
                "SELECT max((SELECT at FROM clock), coalesce((SELECT max(at) FROM inbox), 0))"
            ).fetchone()
        except sqlite3.Error as error:
            raise QueueUnwritable(f"the queue cannot be opened: {error}") from None
        self.clock.rise(floor)

    def close(self) -> None:
        """Commit what was submitted, and close the file."""
        if self._writer is not None:
            self._writer.close()
        for reader in self._readers:
            reader.close()
        let_go(self._worker_lock)
        let_go(self._writer_lock)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # ── events ────────────────────────────────────────────────────────────────────────────────────

    def accept(
        self, connection: str, event_id: str, raw: bytes, headers: Mapping[str, str], name: str | None = None
    ) -> Future[Accepted]:
        """Keep a raw event. Done once it is on disk; UnknownConnection where there is none of this name."""
        one = Incoming(connection=connection, event_id=event_id, raw=raw, headers=dict(headers), name=name)
        now = self.clock.now()

        def keep(db: sqlite3.Connection) -> Accepted:
            (accepted,) = inbox.accept(db, [one], now)
            if accepted is None:
                raise UnknownConnection(f"no connection {connection!r}")
            return accepted

        return self._submit(keep)

    def accept_all(self, incoming: Sequence[Incoming]) -> Future[list[Accepted | None]]:
        """Keep many at once, all or none; None for one of a connection that is not there."""
        now = self.clock.now()
        return self._submit(lambda db: inbox.accept(db, incoming, now))

    def lease_events(self, worker: int, most: int) -> Future[list[Event]]:
        """The oldest events to map, as many of one connection as of another."""
        return self._submit(lambda db: inbox.lease(db, worker, most))

    def mapped(self, worker: int, done: Sequence[Mapped]) -> Future[None]:
        """What came of leased events; they are done with."""
        now = self.clock.now()
        return self._submit(lambda db: inbox.mapped(db, worker, done, now))

    def event(self, event: int) -> Event | None:
        """An event by its number."""
        return self._read(lambda db: inbox.find(db, event))

    def find_event(self, connection: str, event_id: str) -> int | None:
        """The number of an event of this id."""
        sql = "SELECT id FROM inbox WHERE connection = ? AND event_id = ?"

        def found(db: sqlite3.Connection) -> int | None:
            row = db.execute(sql, (connection, event_id)).fetchone()
            return None if row is None else row[0]

        return self._read(found)

    # ── payloads ──────────────────────────────────────────────────────────────────────────────────

    def lease_payloads(self, worker: int, outlet: int, kind: str, most: int) -> Future[list[Waiting]]:
        """Payloads that are due, oldest first; of a profile's updates one with all of them in it."""
        return self._submit(lambda db: payloads.lease(db, worker, outlet, kind, most, self.clock.now()))

    def begin(self, worker: int, payloads: Collection[int]) -> Future[None]:
        """Say that these are about to be sent; a killed worker's are then held, where a repeat would count twice."""
        return self._submit(lambda db: begin(db, worker, payloads))

    def finish(self, worker: int, done: Sequence[Finished]) -> Future[None]:
        """What came of leased payloads."""
        wait = int(self.settings.order_wait * 1000)
        return self._submit(lambda db: payloads.finish(db, worker, done, self.clock.now(), wait))

    def taken(
        self, worker: int, outlet: int, kind: str, job: str, payloads: Sequence[int], next_at: int
    ) -> Future[None]:
        """These went, in this order, with a bulk job that the platform has taken under this name."""
        now, wait = self.clock.now(), int(self.settings.order_wait * 1000)
        taken = jobs.Taken(outlet, kind, job, payloads, next_at)
        return self._submit(lambda db: jobs.taken(db, worker, taken, now, wait))

    def jobs(self, outlet: int, kind: str, most: int) -> list[OpenJob]:
        """The jobs that an outlet's platform has not ended yet, those to be asked about first."""
        return self._read(lambda db: jobs.open_(db, outlet, kind, most))

    def job_payloads(self, job: int) -> list[Waiting]:
        """What went with a job, in its order."""
        return self._read(lambda db: payloads.of_job(db, job))

    def ask_again(self, worker: int, job: int, next_at: int) -> Future[None]:
        """A job has not ended yet, or does not say so."""
        return self._submit(lambda db: jobs.ask_again(db, worker, job, next_at))

    def ended(self, worker: int, job: int, done: Sequence[Finished]) -> Future[None]:
        """What came of all that went with a job."""
        wait = int(self.settings.order_wait * 1000)
        return self._submit(lambda db: jobs.ended(db, worker, job, done, self.clock.now(), wait))

    def next_due(self, outlet: int, kind: str) -> int | None:
        """When the outlet's next payload of this kind is due; one that waits for an earlier one may be due before."""

        def first(db: sqlite3.Connection) -> int | None:
            sql = "SELECT min(next_at) FROM payload WHERE outlet = ? AND kind = ? AND state = 'waiting'"
            found: int | None = db.execute(sql, (outlet, kind)).fetchone()[0]
            return found

        return self._read(first)

    def payloads_of(self, event: int) -> list[Sent]:
        """The payloads that were made of an event."""
        return self._read(lambda db: payloads.of_event(db, event))

    def outcome_of(self, payload: int) -> Outcome | None:
        """What last came of a payload."""
        return self._read(lambda db: payloads.outcome_of(db, payload))

    def held(self, connection: str | None = None, most: int = 100, after: int = 0) -> list[HeldPayload]:
        """Payloads that wait for an operator's word, by their numbers."""
        return self._read(lambda db: payloads.held(db, connection, most, after))

    def decide(self, payload: int, send: bool) -> Future[bool]:
        """An operator's word on a held payload: once more, or never. False where it is not held."""
        return self._submit(lambda db: payloads.decide(db, payload, send, self.clock.now()))

    def decide_all(self, payloads_: Collection[int], send: bool) -> Future[list[int]]:
        """An operator's word on all of these. Where one is not held, nothing is done: all that are not."""
        return self._submit(lambda db: payloads.decide_all(db, payloads_, send, self.clock.now()))

    # ── dead letters ──────────────────────────────────────────────────────────────────────────────

    def dead_letters(self, connection: str | None = None, most: int = 100, after: int = 0) -> list[DeadLetter]:
        """Open dead letters, by their numbers."""
        return self._read(lambda db: letters.listed(db, connection, most, after))

    def letters(self, numbers: Iterable[int]) -> list[DeadLetter]:
        """The dead letters of these numbers that are open."""
        return self._read(lambda db: letters.found(db, numbers))

    def letters_of(self, event: int) -> list[DeadLetter]:
        """The open dead letters of an event."""
        return self._read(lambda db: letters.of_event(db, event))

    def drop(self, event: int) -> Future[int]:
        """Put an event's dead letters away; how many there were."""
        return self._submit(lambda db: letters.close(db, event, "dropped"))

    def drop_letters(self, numbers: Collection[int]) -> Future[list[int]]:
        """Put these dead letters away. Where one is not open, nothing is done: all that are not."""
        return self._submit(lambda db: letters.put_away(db, numbers, "dropped"))

    def replay(self, done: Sequence[Again]) -> Future[None]:
        """New payloads of old events; their dead letters are put away, and new ones are written where there are any.

        All of it or nothing: Overtaken where one of the events is not as it was found.
        """
        now = self.clock.now()

        def write(db: sqlite3.Connection) -> None:
            for one in done:
                inbox.replay(db, one, now)

        return self._submit(write)

    def notes(self, event: int) -> tuple[Reason, ...]:
        """What was skipped or left out when an event was mapped."""

        def noted(db: sqlite3.Connection) -> tuple[Reason, ...]:
            row = db.execute("SELECT notes FROM inbox WHERE id = ?", (event,)).fetchone()
            kept = None if row is None else row[0]
            return () if kept is None else msgspec.json.decode(kept, type=tuple[Reason, ...])

        return self._read(noted)

    # ── syncs ─────────────────────────────────────────────────────────────────────────────────────

    def last_sync(self, connection: str, source: str, event: str | None) -> SyncState | None:
        """How far the latest sync of a source is."""
        return self._read(lambda db: syncs.last(db, connection, source, event))

    def begin_sync(self, connection: str, source: str, event: str | None, page: str) -> Future[SyncState]:
        """A new sync of a source, beside earlier ones."""
        now = self.clock.now()
        return self._submit(lambda db: syncs.begin(db, connection, source, event, page, now))

    def keep_sync(self, state: SyncState) -> Future[None]:
        """How far a sync is."""
        now = self.clock.now()
        return self._submit(lambda db: syncs.keep(db, state, now))

    # ── connections ───────────────────────────────────────────────────────────────────────────────

    def add_connection(self, connection: Connection) -> Future[None]:
        """Add it, or put it in the place of the one with its id."""
        return self._submit(lambda db: connections.add(db, connection))

    def add_outlet(self, connection: str, platform: str, key: bytes, shop: str | None = None) -> Future[Outlet]:
        """Add a connection's outlet, or give it this key, which is sealed. ValueError for an unknown platform."""
        if platform not in PLATFORMS:
            raise ValueError(f"no platform {platform!r}; known are {', '.join(PLATFORMS)}")
        return self._submit(lambda db: connections.add_outlet(db, connection, platform, key, shop))

    def change(
        self, connection: str, wanted: Callable[[Connection | None, list[Outlet]], connections.Change]
    ) -> Future[None]:
        """Read a connection and write what is wanted of it, at once: nobody else writes between.

        wanted is called in the writing thread, with the connection, if there is one, and its outlets; what it raises is
        the future's, and nothing is written.
        """
        return self._submit(lambda db: connections.change(db, connection, wanted))

    def enable(self, connection: str, on: bool = True) -> Future[bool]:
        """Switch a connection. Off: its events are accepted and wait."""
        return self._submit(lambda db: connections.enable(db, connection, on))

    def enable_outlet(self, outlet: int, on: bool = True) -> Future[bool]:
        """Switch an outlet. Off: its payloads wait, and new events make none for it."""
        return self._submit(lambda db: connections.enable_outlet(db, outlet, on))

    def trouble(self, outlet: int, what: str | None) -> Future[None]:
        """Write what an outlet waits for."""
        return self._submit(lambda db: connections.trouble(db, outlet, what))

    def rotate(self, rotated: Callable[[bytes], bytes]) -> Future[int]:
        """Seal every secret anew; how many there were."""
        return self._submit(lambda db: connections.rotate(db, rotated))

    def connections(self) -> list[Connection]:
        """All connections, by their ids."""
        return self._read(connections.listed)

    def connection(self, connection: str) -> Connection | None:
        """A connection by its id."""
        return self._read(lambda db: connections.find(db, connection))

    def outlets(self, connection: str | None = None) -> list[Outlet]:
        """The outlets of a connection, or all of them."""
        return self._read(lambda db: connections.outlets(db, connection))

    def running(self) -> list[tuple[Outlet, str]]:
        """The outlets that are on, each with its connection's vendor."""
        return self._read(connections.running)

    def release(self, worker: int, outlet: int) -> Future[None]:
        """Give back what is leased for an outlet, as after a worker's end: for one whose senders start anew."""
        wait = int(self.settings.order_wait * 1000)
        return self._submit(lambda db: workers.release(db, worker, outlet, self.clock.now(), wait))

    # ── workers ───────────────────────────────────────────────────────────────────────────────────

    def join(self) -> int:
        """Become the one worker of this queue; the number. WorkerAlive while another one has it.

        A worker holds a lock that ends with its process, so that what a killed one left is taken at once; the lease's
        time counts where that lock is still held, or where there are none.
        """
        lock = held_alone(self._beside("worker"))
        now, wait = self.clock.now(), int(self.settings.order_wait * 1000)
        until, alone = now + int(self.settings.lease * 1000), lock is not None
        try:
            number = self._submit(lambda db: workers.join(db, now, until, alone, wait)).result()
        except BaseException:
            let_go(lock)
            raise
        self._worker_lock = lock or self._worker_lock
        return number

    def renew(self, worker: int) -> Future[None]:
        """Say that the worker lives. LeaseLost where another one took over."""
        now = self.clock.now()
        until = now + int(self.settings.lease * 1000)
        return self._submit(lambda db: workers.renew(db, worker, until, now))

    def leave(self, worker: int) -> None:
        """Give all work back at once."""
        now, wait = self.clock.now(), int(self.settings.order_wait * 1000)
        self._submit(lambda db: workers.leave(db, worker, now, wait)).result()
        let_go(self._worker_lock)
        self._worker_lock = None

    def abandon(self) -> None:
        """Let the next worker take over at once, without a word to the file: for a worker that failed."""
        let_go(self._worker_lock)
        self._worker_lock = None

    # ── the file ──────────────────────────────────────────────────────────────────────────────────

    def depths(self) -> list[Depth]:
        """How many events and payloads stand in each state that is not an end."""
        sql = (
            "SELECT 'event ' || state, count(*), min(at) FROM inbox WHERE state IN ('waiting', 'leased') GROUP BY state"
            " UNION ALL SELECT 'payload ' || state, count(*), min(created) FROM payload"
            f" WHERE state IN ({payloads.OPEN}) GROUP BY state"
            " UNION ALL SELECT 'dead', count(*), min(at) FROM dead WHERE state = 'open' HAVING count(*) > 0"
        )
        return self._read(lambda db: [Depth(*row) for row in db.execute(sql)])

    def sweep(self) -> int:
        """Delete what is older than the settings keep; how many events. Not in the event loop's thread."""
        keep, now = self.settings, self.clock.now()
        done, dead, told = (now - int(one * 1000) for one in (keep.keep_done, keep.keep_dead, keep.keep_profiles))
        self._submit(lambda db: retention.forget(db, told)).result()
        total = 0
        while (swept := self._submit(lambda db: retention.sweep(db, done, dead)).result()) > 0:
            total += swept
        return total

    def vacuum(self, pages: int = 10_000) -> Future[None]:
        """Give at most so many free pages back to the disk. Other writes wait meanwhile."""

        def give_back(db: sqlite3.Connection) -> None:
            db.execute(f"PRAGMA incremental_vacuum({pages})").fetchall()

        return self._submit(give_back)

    def check_writable(self) -> Future[None]:
        """Done if a write reaches the disk; else QueueUnwritable."""
        now = self.clock.now()

        def touch(db: sqlite3.Connection) -> None:
            db.execute("UPDATE clock SET at = max(at, ?)", (now,))

        return self._submit(touch)

    def _submit(self, job: Callable[[sqlite3.Connection], T]) -> Future[T]:
        if self._writer is None:
            raise QueueUnwritable("the queue was opened to be read")
        return self._writer.submit(job)

    def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return query(self._reader())
        except sqlite3.Error as error:
            raise QueueUnwritable(f"the queue cannot be read: {error}") from None

    def _reader(self) -> sqlite3.Connection:
        """This thread's connection for reading; it sees what was committed before it asks."""
        db: sqlite3.Connection | None = getattr(self._threads, "db", None)
        if db is None:
            db = connect(self.path, self.settings.busy, read_only=True)
            self._threads.db = db
            self._readers.append(db)
        return db
