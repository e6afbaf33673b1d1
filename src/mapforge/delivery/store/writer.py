"""Jobs from any thread → commits of one SQLite connection in one thread, many jobs in a commit.

A job's future is done after the commit that holds it, with synchronous=FULL: what it says is on disk. A job that raises
leaves no trace and no other job of its group is touched; where the file itself cannot be written, all of the group fail
with QueueUnwritable and none of it is there. A job may be run twice, where another one of its group raises: it does
nothing but write.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from mapforge.delivery.queue import QueueUnwritable

T = TypeVar("T")
_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")
Job = Callable[[sqlite3.Connection], T]
_OF_A_JOB = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError)


class _Submitted:
    """A job and who waits for it."""

    __slots__ = ("done", "error", "future", "job")

    def __init__(self, job: Job[Any], future: Future[Any]) -> None:
        self.job = job
        self.future = future
        self.done: Any = None
        self.error: Exception | None = None

    def tell(self) -> None:
        """The job's own end, once its group is on disk."""
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.done)


class Writer:
    """The one writing connection. `submit` from any thread; `close` waits for what was submitted.

    trouble: why the last group could not be written; None once something was.
    """

    def __init__(self, path: Path, busy: float, group: int) -> None:
        self._db = connect(path, busy)
        self._group = group
        self._jobs: queue.SimpleQueue[_Submitted | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self.trouble: str | None = None
        self._thread = threading.Thread(target=self._run, name="mapforge-queue-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job[T]) -> Future[T]:
        """Do this in the next group. Its statements are all committed or none."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise QueueUnwritable("the queue is closed")
            self._jobs.put(_Submitted(job, future))
        return future

    def close(self) -> None:
        """Commit what was submitted, and close the file."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_:
            group, open_ = self._next_group()
            if group:
                self._commit(group)
        self._db.close()

    def _next_group(self) -> tuple[list[_Submitted], bool]:
        """All that waits, or the next that comes; False once the writer is closed."""
        group: list[_Submitted] = []
        job = self._jobs.get()
        while job is not None:
            if job.future.set_running_or_notify_cancel():
                group.append(job)
            if len(group) >= self._group:
                return group, True
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group, True
        return group, False

    def _commit(self, group: list[_Submitted]) -> None:
        before = self._db.total_changes
        try:
            if not self._together(group):
                self._apart(group)
        except sqlite3.Error as error:
            self._undo()
            self.trouble = f"the queue cannot be written: {error}"
            for submitted in group:
                submitted.future.set_exception(QueueUnwritable(self.trouble))
            return
        if self._db.total_changes > before:  # a full disk bears a commit of nothing
            self.trouble = None
        for submitted in group:
            submitted.tell()

    def _together(self, group: list[_Submitted]) -> bool:
        """All jobs in one transaction, which is on disk then; False where one raised, and nothing was done."""
        self._db.execute("BEGIN IMMEDIATE")
        for submitted in group:
            try:
                submitted.done = submitted.job(self._db)
            except Exception as error:
                _raise_of_the_file(error)
                self._undo()
                return False
        self._db.execute("COMMIT")
        return True

    def _apart(self, group: list[_Submitted]) -> None:
        """Each job in a savepoint, which costs a copy of what it changes: what one raises is its own affair."""
        self._db.execute("BEGIN IMMEDIATE")
        for submitted in group:
            self._db.execute("SAVEPOINT job")
            try:
                submitted.done = submitted.job(self._db)
            except Exception as error:
                _raise_of_the_file(error)
                submitted.error = error
                self._db.execute("ROLLBACK TO job")
            self._db.execute("RELEASE job")
        self._db.execute("COMMIT")

    def _undo(self) -> None:
        """SQLite has rolled a full disk's transaction back by itself, at times."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")


def _raise_of_the_file(error: Exception) -> None:
    """What SQLite raises of the file is the group's affair."""
    if isinstance(error, sqlite3.Error) and not isinstance(error, _OF_A_JOB):
        raise error


def connect(path: Path, busy: float, read_only: bool = False) -> sqlite3.Connection:
    """A connection that commits by our own words. Raises QueueUnwritable where the file cannot be opened."""
    name = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    try:
        db = sqlite3.connect(name, timeout=busy, isolation_level=None, check_same_thread=False, uri=True)
        for pragma in ("query_only = ON",) if read_only else _PRAGMAS:
            db.execute(f"PRAGMA {pragma}")
    except sqlite3.Error as error:
        raise QueueUnwritable(f"the queue cannot be opened: {error}") from None
    return db
