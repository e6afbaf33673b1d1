"""What a durable queue is to the rest: its rows, its errors and its few verbs. The file's is in `store`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from typing import ClassVar, Literal, Protocol, TypeAlias

import msgspec

from mapforge.delivery.clock import Clock
from mapforge.delivery.outcomes import Outcome, Reason
from mapforge.delivery.settings import Settings
from mapforge.diagnostics import MapforgeError

EventState: TypeAlias = Literal["waiting", "leased", "mapped", "dead"]
PayloadState: TypeAlias = Literal[
    "waiting", "leased", "sending", "taken", "held",
    "delivered", "rejected", "merged", "unchanged", "replayed", "dropped",
]  # fmt: skip
OPEN_PAYLOADS: tuple[PayloadState, ...] = ("waiting", "leased", "sending", "taken", "held")


class QueueError(MapforgeError):
    """What goes wrong with a queue.

    QueueError
    ├── QueueUnwritable   the disk is full, read-only, locked or cannot be read: nothing of the call was done
    │   └── QueueBusy     another process writes the file, and this SQLite bears no second one
    ├── QueueNewer        the file is of another version, and is left alone
    ├── UnknownConnection no connection is called so
    ├── Overtaken         an event is no longer as a plan of its replay saw it: nothing of the replay was done
    ├── WorkerAlive       another worker has the queue
    └── LeaseLost         this worker was silent too long; another one has its work
    """


class QueueUnwritable(QueueError):
    """Nothing of the call was written; the caller says so to whoever asked, and asks again later."""


class QueueBusy(QueueUnwritable):
    """Another process writes the file; where two may, nobody is refused."""


class QueueNewer(QueueError):
    """A file that a newer mapforge wrote is not touched, and one of another version is not read beside its writer."""


class UnknownConnection(QueueError):
    """No connection is called so."""


class Overtaken(QueueError):
    """An event is no longer as a plan of its replay saw it; plan again."""


class WorkerAlive(QueueError):
    """Another worker delivers from this queue."""


class LeaseLost(QueueError):
    """Another worker took over: stop, and write nothing more."""


class Discreet(msgspec.Struct, frozen=True):
    """A row that shows the fields in `shown` alone: the others are secrets or customer data."""

    shown: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """The same for rich, which otherwise prints every field of a Struct."""
        return [(name, getattr(self, name)) for name in self.shown]


class Outlet(Discreet, frozen=True, kw_only=True):
    """A platform that a connection's payloads go to.

    key: sealed. shop: its domain, where the platform is Shopify. trouble: what it waits for.
    """

    shown: ClassVar[tuple[str, ...]] = ("id", "connection", "platform", "enabled")

    id: int
    connection: str
    platform: str
    key: bytes
    enabled: bool = True
    shop: str | None = None
    trouble: str | None = None


class NewOutlet(Discreet, frozen=True, kw_only=True):
    """An outlet as it is to be, new or in place of what it was. key: sealed."""

    shown: ClassVar[tuple[str, ...]] = ("platform", "enabled")

    platform: str
    key: bytes
    enabled: bool = True
    shop: str | None = None


class Connection(Discreet, frozen=True, kw_only=True):
    """A merchant's vendor. events, profiles: the modules that are on. signing: the webhooks' secret, sealed."""

    shown: ClassVar[tuple[str, ...]] = ("id", "merchant", "vendor", "enabled")

    id: str
    merchant: str
    vendor: str
    events: bool = True
    profiles: bool = True
    enabled: bool = True
    signing: bytes | None = None


class Incoming(Discreet, frozen=True, kw_only=True):
    """A raw event on its way into the queue. name: where neither body nor headers say it."""

    shown: ClassVar[tuple[str, ...]] = ("connection", "event_id")

    connection: str
    event_id: str
    raw: bytes
    headers: Mapping[str, str] = {}
    name: str | None = None


class Accepted(msgspec.Struct, frozen=True):
    """An event that is on disk. repeat: it was there before."""

    inbox: int
    repeat: bool


class Event(Discreet, frozen=True, kw_only=True):
    """A raw event that waits to be mapped. at: when it was accepted, in the queue's milliseconds."""

    shown: ClassVar[tuple[str, ...]] = ("id", "event_id")

    id: int
    connection: Connection
    outlets: tuple[Outlet, ...]
    event_id: str
    name: str | None
    raw: bytes
    headers: dict[str, str]
    attempts: int
    at: int


class NewPayload(Discreet, frozen=True, kw_only=True):
    """A payload on its way into the queue. debounce: milliseconds."""

    shown: ClassVar[tuple[str, ...]] = ("outlet", "entry", "platform", "kind")

    outlet: int
    entry: str
    event: str
    platform: str
    kind: str
    profile: str
    body: bytes
    unique_id: str
    time: str
    batch: int | None = None
    debounce: int = 0


class Mapped(msgspec.Struct, frozen=True):
    """What the mapper made of an event: payloads, dead letter, notes of what was skipped. All of it is written or none.

    replays: rejected payloads that these stand in for.
    """

    event: int
    payloads: tuple[NewPayload, ...] = ()
    reasons: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()
    replays: tuple[int, ...] = ()


class Again(msgspec.Struct, frozen=True):
    """What a replay writes of an old event, and how it found it: nothing is written where it is so no longer.

    letters: its open dead letters, which are put away. last: the number of its latest payload, 0 where it has none.
    """

    mapped: Mapped
    letters: tuple[int, ...]
    last: int


class Waiting(Discreet, frozen=True, kw_only=True):
    """A payload that this worker has leased. body: what is to be sent, None where the platform has all of it already.

    failed_at: its first failure. passed: an earlier one of its profile still waits, and has done so for too long.
    """

    shown: ClassVar[tuple[str, ...]] = ("id", "entry", "platform", "kind")

    id: int
    inbox: int
    outlet: int
    vendor: str
    entry: str
    event: str
    platform: str
    kind: str
    profile: str
    body: bytes | None
    unique_id: str
    time: str
    batch: int | None
    attempts: int
    created: int
    failed_at: int | None = None
    passed: bool = False


class Finished(msgspec.Struct, frozen=True):
    """A leased payload's outcome. next_at: when a RetryLater is due. Outcome None: it was not tried.

    batch: of how many payloads a request with it may be from now on; None: as before.
    """

    id: int
    outcome: Outcome | None
    next_at: int = 0
    batch: int | None = None


class OpenJob(msgspec.Struct, frozen=True, kw_only=True):
    """A bulk job that a platform has taken. name: the platform's; asked: how often it was asked what became of it.

    next_at: when it is to be asked next; since: when it was taken.
    """

    id: int
    name: str
    asked: int
    next_at: int
    since: int


class SyncState(Discreet, frozen=True, kw_only=True):
    """How much of a source was taken. source, page: a file, or addresses, which may hold a secret.

    lines: so many of this page, with this digest; before: of the pages before it. ended: there were no more.
    """

    shown: ClassVar[tuple[str, ...]] = ("id", "connection", "event", "lines", "before", "ended")

    id: int
    connection: str
    source: str
    event: str | None
    page: str
    lines: int
    before: int
    digest: str
    ended: bool
    began: int
    at: int


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """Why an event has no payload, or a payload was rejected. The raw event is kept as long as this is."""

    id: int
    inbox: int
    payload: int | None
    connection: str
    event: str | None
    reasons: tuple[Reason, ...]
    at: int


class Sent(Discreet, frozen=True):
    """A payload of an event as it stands in the queue, for a replay and for a look."""

    shown: ClassVar[tuple[str, ...]] = ("id", "entry", "platform", "state")

    id: int
    outlet: int
    entry: str
    platform: str
    kind: str
    state: str
    body: bytes
    unique_id: str


class HeldPayload(msgspec.Struct, frozen=True):
    """A payload that may have arrived, and waits for an operator's word. since: in the queue's milliseconds."""

    id: int
    inbox: int
    connection: str
    entry: str
    platform: str
    since: int
    reason: str


class Depth(msgspec.Struct, frozen=True):
    """How many rows stand in a state, and since when the oldest does, in the queue's milliseconds."""

    state: str
    rows: int
    oldest: int


class Queue(Protocol):
    """A durable queue: what the worker, the senders and a replay ask of it.

    A future is done once what the verb says is on disk; QueueUnwritable: nothing of it is. Other verbs wait, or read.
    """

    @property
    def settings(self) -> Settings:
        """What it goes by."""

    @property
    def clock(self) -> Clock:
        """Its time."""

    @property
    def unwritable(self) -> str | None:
        """Why the last write failed; None once one has not."""

    def accept(
        self, connection: str, event_id: str, raw: bytes, headers: Mapping[str, str], name: str | None = None
    ) -> Future[Accepted]:
        """Keep a raw event; one whose id this connection had before is the same event."""

    def lease_events(self, worker: int, most: int) -> Future[list[Event]]:
        """Events to map, the oldest of each connection."""

    def mapped(self, worker: int, done: Sequence[Mapped]) -> Future[None]:
        """Their payloads or dead letters, in place of the lease."""

    def lease_payloads(self, worker: int, outlet: int, kind: str, most: int) -> Future[list[Waiting]]:
        """Payloads that are due, oldest first; none whose profile has an earlier one under way."""

    def begin(self, worker: int, payloads: Collection[int]) -> Future[None]:
        """What is written from here on may have arrived, if nobody says otherwise."""

    def finish(self, worker: int, done: Sequence[Finished]) -> Future[None]:
        """What came of leased payloads."""

    def taken(
        self, worker: int, outlet: int, kind: str, job: str, payloads: Sequence[int], next_at: int
    ) -> Future[None]:
        """These went, in this order, with a bulk job that the platform has taken under this name."""

    def jobs(self, outlet: int, kind: str, most: int) -> list[OpenJob]:
        """The jobs that an outlet's platform has not ended yet, those to be asked about first."""

    def job_payloads(self, job: int) -> list[Waiting]:
        """What went with a job, in its order."""

    def ask_again(self, worker: int, job: int, next_at: int) -> Future[None]:
        """A job has not ended yet, or does not say so."""

    def ended(self, worker: int, job: int, done: Sequence[Finished]) -> Future[None]:
        """What came of all that went with a job."""

    def release(self, worker: int, outlet: int) -> Future[None]:
        """Give back what is leased for an outlet."""

    def next_due(self, outlet: int, kind: str) -> int | None:
        """When the next payload of an outlet is due, in the queue's milliseconds."""

    def running(self) -> list[tuple[Outlet, str]]:
        """The outlets that are on, each with its connection's vendor."""

    def trouble(self, outlet: int, what: str | None) -> Future[None]:
        """Write what an outlet waits for."""

    def event(self, event: int) -> Event | None:
        """An event by its number."""

    def payloads_of(self, event: int) -> list[Sent]:
        """The payloads that were made of an event."""

    def letters_of(self, event: int) -> list[DeadLetter]:
        """The open dead letters of an event."""

    def replay(self, done: Sequence[Again]) -> Future[None]:
        """New payloads of old events, in place of their dead letters: all of it, or Overtaken and nothing."""

    def join(self) -> int:
        """Become the one worker; the number. WorkerAlive while another one may be at work."""

    def renew(self, worker: int) -> Future[None]:
        """Say that the worker lives."""

    def leave(self, worker: int) -> None:
        """Give all work back."""

    def abandon(self) -> None:
        """Let the next worker take over at once."""

    def sweep(self) -> int:
        """Delete what is older than the settings keep; how many events."""

    def vacuum(self) -> Future[None]:
        """Give space back to the disk."""
