"""A file or an address of raw events → a connection's queue, with a bar that shows how far it is."""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import msgspec

from mapforge.cli.office.calls import Office, over_http
from mapforge.cli.progress import Progress
from mapforge.cli.project import WrongCall, headers_of, shown, unknown
from mapforge.delivery.queue import Accepted, QueueBusy, SyncState
from mapforge.delivery.secrets import Secret
from mapforge.delivery.sources import AUTHORIZATION, Source, source_of
from mapforge.delivery.store.file import Store
from mapforge.delivery.sync import Tally, Tell, sync
from mapforge.diagnostics import MapforgeError, escaped

T = TypeVar("T")
_BUSY = "another process writes {queue}; where a service runs, name it with --url"


def sync_into(
    queue: Path,
    connection: str,
    where: str,
    event: str | None,
    anew: bool,
    progress: Progress,
    environment: Mapping[str, str] = os.environ,
) -> Tally:
    """Take what is not taken yet into a queue's file. Raises WrongCall for what is not there, and MapforgeError."""
    if not queue.is_file():
        raise WrongCall(f"there is no queue {shown(queue)}; name it with --queue")
    source, headers = _source(where, environment), _headers(where)
    with _opened(queue) as store:
        if store.connection(connection) is None:
            raise unknown("connection", connection, [one.id for one in store.connections()], f" in {shown(queue)}")

        def accept(event_id: str, raw: bytes) -> Future[Accepted]:
            return store.accept(connection, event_id, raw, headers, event)

        return sync(store, source, connection, event, accept, _telling(source, progress), anew)


def sync_over(
    url: str,
    connection: str,
    where: str,
    event: str | None,
    anew: bool,
    progress: Progress,
    environment: Mapping[str, str] = os.environ,
) -> Tally:
    """The same into the queue of a running service. Raises Refused with what the service says, and MapforgeError."""
    source = _source(where, environment)
    there = Service(over_http(url, environment), connection, _headers(where), event)
    return sync(there, source, connection, event, there.accept, _telling(source, progress), anew)


def _source(where: str, environment: Mapping[str, str]) -> Source:
    secret = environment.get(AUTHORIZATION)
    return source_of(where, None if secret is None else Secret(secret))


def _headers(where: str) -> dict[str, str]:
    return {} if "://" in where else headers_of(Path(where))


def _telling(source: Source, progress: Progress) -> Tell:
    def tell(size: int, tally: Tally, unread: Sequence[int]) -> None:
        progress.step(size, tally.lines, tally)
        for number in unread:
            progress.say(escaped(f"{source.shown}:{number}: no JSON; it becomes a dead letter"))

    return tell


class Service:
    """A running service as where a sync's lines go, and where it stands how far it is. A group of lines is one call."""

    def __init__(self, office: Office, connection: str, headers: Mapping[str, str], event: str | None) -> None:
        self._office = office
        self._at = f"/connections/{quote(connection, safe='')}"
        self._said = {"event": event, "headers": dict(headers)}
        self._group: list[tuple[_Called, str, bytes]] = []

    def last_sync(self, connection: str, source: str, event: str | None) -> SyncState | None:
        """See Ledger."""
        found = self._office.call("GET", f"{self._at}/sync", source=source, event=event)["sync"]
        return None if found is None else msgspec.convert(found, SyncState)

    def begin_sync(self, connection: str, source: str, event: str | None, page: str) -> Future[SyncState]:
        """See Ledger."""
        said = {"source": source, "event": event, "page": page}
        return _done(msgspec.convert(self._office.call("POST", f"{self._at}/sync", said), SyncState))

    def keep_sync(self, state: SyncState) -> Future[None]:
        """See Ledger."""
        names = ("id", "source", "event", "page", "lines", "before", "digest", "ended")
        self._office.call("PATCH", f"{self._at}/sync", {name: getattr(state, name) for name in names})
        return _done(None)

    def accept(self, event_id: str, raw: bytes) -> Future[Accepted]:
        """Keep a line, with all those that were said before somebody waits for one of them."""
        called = _Called(self._call)
        self._group.append((called, event_id, raw))
        return called

    def _call(self) -> None:
        group, self._group = self._group, []
        events = [{"id": event_id, "raw": base64.b64encode(raw).decode()} for _, event_id, raw in group]
        said = self._office.call("POST", f"{self._at}/events", {**self._said, "events": events})
        for (called, _, _), one in zip(group, said["events"], strict=True):
            called.set_result(Accepted(one["event"], one["repeat"]))


class _Called(Future[Accepted]):
    """A line's answer: the first one that is asked for makes the call of all of them."""

    def __init__(self, call: Callable[[], None]) -> None:
        super().__init__()
        self._make = call

    def result(self, timeout: float | None = None) -> Accepted:
        if not self.done():
            self._make()
        return super().result(timeout)


def _done(value: T) -> Future[T]:
    future: Future[T] = Future()
    future.set_result(value)
    return future


def _opened(queue: Path) -> Store:
    """The queue, to write. Where another process writes it, with what to do."""
    try:
        return Store(queue)
    except QueueBusy:
        raise MapforgeError(_BUSY.format(queue=shown(queue))) from None


def progress_of(where: str) -> Progress:
    """A bar on a terminal, up to the size of a file."""
    size = Path(where).stat().st_size if "://" not in where and Path(where).is_file() else None
    return Progress(sys.stderr, size, bar=sys.stderr.isatty())
