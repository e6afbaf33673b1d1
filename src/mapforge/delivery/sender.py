"""Due payloads of one outlet and kind → requests, one by one or many at once, and their outcomes back to the queue."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence, Set

import msgspec

from mapforge.delivery.answers import Answer, exhausted, outcome_of
from mapforge.delivery.breaker import backoff
from mapforge.delivery.exchange import wrapped
from mapforge.delivery.gathering import Gathering
from mapforge.delivery.jobs import name_of
from mapforge.delivery.lane import Lane
from mapforge.delivery.outcomes import Delivered, Outcome, Rejected, RetryLater, Taken
from mapforge.delivery.queue import QueueUnwritable, Waiting
from mapforge.delivery.watcher import Watcher
from mapforge.platforms.base import Endpoint, Request
from mapforge.runtime.outcomes import Payload
from mapforge.runtime.pack import pack

# The writer does nothing else while it merges the updates of a chunk.
_CHUNK = 200
_BYTES = 5_000_000
# A bulk request that is refused for what is in it: without the payload at fault it would have passed.
_BY_PAYLOAD = (400, 409, 413, 422)


class Sender:
    """Sends the payloads of one kind to one outlet until it is told to stop.

    Those of a profile go one after the other; up to `in_flight` profiles at once. Bulk requests go one after the other.
    """

    def __init__(self, lane: Lane, endpoint: Endpoint) -> None:
        self._lane = lane
        self._endpoint = endpoint
        self._stopping = asyncio.Event()
        self._woken = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._gathering = Gathering(endpoint, lane.settings)
        job = None if endpoint.bulk is None else endpoint.bulk.job
        self.watcher = None if job is None else Watcher(lane, endpoint, job, self.wake)

    def wake(self) -> None:
        """There may be something to send."""
        self._woken.set()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping.set()
        self._woken.set()
        if self.watcher is not None:
            self.watcher.stop()

    async def run(self) -> None:
        """Until `stop`; what is under way is ended first. LeaseLost where another worker took over."""
        try:
            while not self._stopping.is_set():
                await self._round()
            await self._lane.finish([(row, None) for row in self._gathering.clear()])
        finally:
            await self._ended(asyncio.ALL_COMPLETED)

    async def _round(self) -> None:
        """Lease what is due and there is room for, and begin it."""
        self._woken.clear()
        lane = self._lane
        if lane.breaker.wait > 0:
            return await self._rest(lane.breaker.wait)
        if (paused := self.paused) > 0:
            return await self._rest(paused)
        if len(self._running) >= lane.settings.in_flight:
            return await self._ended(asyncio.FIRST_COMPLETED)
        rows = await self._leased(1 if lane.breaker.trial else self._most())
        wait = self._gathering.wait
        if not rows and wait != 0.0:
            return await self._rest(min(self._until_due(), wait or lane.settings.idle))
        for row in rows:
            if row.passed:
                lane.observer.passed(lane.outlet, row.entry)
        await self._begin(rows)
        if lane.breaker.trial:
            await self._ended(asyncio.ALL_COMPLETED)
        return None

    @property
    def paused(self) -> float:
        """Seconds for which the platform has asked to wait, with either request."""
        requests = [one.request for one in (self._endpoint, self._endpoint.bulk) if one is not None]
        return max(self._lane.account.paused(request) for request in requests)

    def _most(self) -> int:
        bulk = self._endpoint.bulk
        return self._lane.settings.in_flight * 8 if bulk is None else bulk.most

    async def _leased(self, most: int) -> list[Waiting]:
        """What is due, as much as one bulk request may hold; the writer is not asked where nothing is."""
        lane = self._lane
        rows: list[Waiting] = []
        try:
            while len(rows) < most and self._due() and _bytes(rows) < _BYTES:
                chunk = min(_CHUNK, most - len(rows))
                leased = lane.store.lease_payloads(lane.worker, lane.outlet.id, self._endpoint.kind, chunk)
                more = await asyncio.wrap_future(leased)
                rows += more
                if len(more) < chunk:
                    break
        except QueueUnwritable as error:
            lane.observer.unwritable(str(error))
        return rows

    def _due(self) -> bool:
        lane = self._lane
        due = lane.store.next_due(lane.outlet.id, self._endpoint.kind)
        return due is not None and due <= lane.store.clock.now()

    async def _begin(self, rows: Sequence[Waiting]) -> None:
        unchanged = [row for row in rows if row.body is None]
        await self._lane.finish([(row, Delivered(0, unchanged=True)) for row in unchanged])
        due = await self._in_numbers([row for row in rows if row.body is not None])
        if self._is_backlog(due):
            await self._many(due)
            return
        chains: dict[str, list[Waiting]] = {}
        for row in due:
            chains.setdefault(row.profile, []).append(row)
        for chain in chains.values():
            task = asyncio.create_task(self._chain(chain))
            self._running.add(task)

    async def _in_numbers(self, due: Sequence[Waiting]) -> list[Waiting]:
        """Send what fills bulk requests of its own, and let wait what will; the rest of what is due."""
        trial, gathering = self._lane.breaker.trial, self._gathering
        alone = [row for row in due if trial or not gathering.takes(row)]
        gathering.add(row for row in due if not trial and gathering.takes(row))
        ready = gathering.ready()
        if len(ready) > 1:
            await self._many(ready)
            return alone
        return ready + alone

    def _is_backlog(self, due: Sequence[Waiting]) -> bool:
        """Whether so much is due that it goes in bulk."""
        bulk, most = self._endpoint.bulk, self._lane.settings.bulk_from
        return bulk is not None and most is not None and len(due) >= min(most, bulk.most)

    async def _ended(self, when: str) -> None:
        """Wait for what is under way, and raise what it raised."""
        if self._running:
            done, self._running = await asyncio.wait(self._running, return_when=when)
            for task in done:
                task.result()

    def _until_due(self) -> float:
        """Seconds until something is due, at most `idle`."""
        lane = self._lane
        try:
            due = lane.store.next_due(lane.outlet.id, self._endpoint.kind)
        except QueueUnwritable:
            due = None
        seconds = lane.settings.idle if due is None else (due - lane.store.clock.now()) / 1000
        return seconds if 0 < seconds < lane.settings.idle else lane.settings.idle

    async def _rest(self, seconds: float) -> None:
        """So long, or until something ended, or somebody says that there is something."""
        waits = [asyncio.create_task(self._woken.wait()), *self._running]
        await asyncio.wait(waits, timeout=min(seconds, 5.0), return_when=asyncio.FIRST_COMPLETED)
        waits[0].cancel()
        ended = {task for task in self._running if task.done()}
        self._running -= ended
        for task in ended:
            task.result()

    # ── one by one ────────────────────────────────────────────────────────────────────────────────

    async def _chain(self, rows: Sequence[Waiting]) -> None:
        """A profile's payloads in their order; after one that has to wait, the rest go back."""
        async with self._lane.slots:
            for at, row in enumerate(rows):
                outcome = await self._one(row)
                await self._lane.finish([(row, outcome)])
                if not isinstance(outcome, (Delivered, Rejected)):
                    await self._lane.finish([(later, None) for later in rows[at + 1 :]])
                    return

    async def _one(self, row: Waiting) -> Outcome | None:
        body = wrapped(self._endpoint, row.body or b"")
        return await self._send(self._endpoint.request, body, [row])

    # ── many at once ──────────────────────────────────────────────────────────────────────────────

    async def _many(self, rows: Sequence[Waiting]) -> None:
        """Bulk requests in their order; after one that has to wait, the rest go back.

        One that is rejected for what is in it is cut in two, down to the payloads that are at fault.
        """
        left = deque(_packed(rows))
        while left:
            request = left.popleft()
            outcome = await self._bulk(request)
            if isinstance(outcome, Rejected) and outcome.status in _BY_PAYLOAD and len(request.rows) > 1:
                half = len(request.rows) // 2
                left.extendleft(reversed([*_packed(request.rows[:half]), *_packed(request.rows[half:])]))
                continue
            if isinstance(outcome, Taken):
                await self._under_way(outcome, request.rows)
                left = await self._without(left, {row.profile for row in request.rows})
                continue
            await self._lane.finish([(row, outcome) for row in request.rows])
            if not isinstance(outcome, (Delivered, Rejected)):
                await self._lane.finish([(row, None) for later in left for row in later.rows])
                return

    async def _bulk(self, request: _Packed) -> Outcome | None:
        bulk = self._endpoint.bulk
        async with self._lane.slots:
            return None if bulk is None else await self._send(bulk.request, request.body, request.rows)

    async def _under_way(self, taken: Taken, rows: Sequence[Waiting]) -> None:
        """Keep the job that a bulk request has become; what comes of it is another's question."""
        lane, kind, payloads = self._lane, self._endpoint.kind, [row.id for row in rows]
        first = lane.store.clock.now() + int(lane.settings.job_wait * 1000)
        await lane.written(lambda: lane.store.taken(lane.worker, lane.outlet.id, kind, taken.job, payloads, first))
        if self.watcher is not None:
            self.watcher.wake()

    async def _without(self, left: deque[_Packed], profiles: Set[str]) -> deque[_Packed]:
        """What is left without these profiles' payloads, which go back and wait for the job that has earlier ones."""
        behind = [row for request in left for row in request.rows if row.profile in profiles]
        if not behind:
            return left
        await self._lane.finish([(row, None) for row in behind])
        return deque(_packed([row for request in left for row in request.rows if row.profile not in profiles]))

    # ── a request ─────────────────────────────────────────────────────────────────────────────────

    async def _send(self, request: Request, body: bytes, rows: Sequence[Waiting]) -> Outcome | None:
        """The outcome for all of these; None where the request was not tried, for the outlet has stopped."""
        lane = self._lane
        if not await lane.allowed(request, self._halted):
            return None
        if not self._endpoint.repeatable and not await self._said_to_begin(rows):
            return None
        began = time.monotonic()
        answer = await lane.exchange.post(request, body)
        outcome = self._judged(request, answer, rows)
        lane.observer.sent(lane.outlet, self._endpoint.kind, len(rows), outcome, time.monotonic() - began)
        return None if isinstance(outcome, RetryLater) and outcome.refused else outcome

    def _halted(self) -> bool:
        return self._stopping.is_set() or self._lane.breaker.wait > 0

    async def _said_to_begin(self, rows: Sequence[Waiting]) -> bool:
        """Write that these may arrive from here on; not sent where that cannot be written."""
        lane = self._lane
        try:
            await asyncio.wrap_future(lane.store.begin(lane.worker, [row.id for row in rows]))
        except QueueUnwritable as error:
            lane.observer.unwritable(str(error))
            return False
        return True

    def _judged(self, request: Request, answer: Answer | RetryLater, rows: Sequence[Waiting]) -> Outcome:
        """What the answer, or none, comes to, by the platform's rules; the breaker and the limits learn of it."""
        if isinstance(answer, RetryLater):
            self._lane.learn(answer)
            return self._lane.unanswered(self._endpoint, answer, len(rows))
        outcome = outcome_of(answer, graphql=self._endpoint.mutation is not None)
        empty = exhausted(answer.headers)
        if empty is not None:
            self._lane.account.pause(request, empty)
        if isinstance(outcome, RetryLater) and outcome.limited:
            after = outcome.after if outcome.after is not None else backoff(self._lane.settings, rows[0].attempts) + 1
            outcome = msgspec.structs.replace(outcome, after=after)
            self._lane.account.pause(request, after)
        self._lane.learn(outcome)
        return self._as_job(request, answer, len(rows)) if isinstance(outcome, Delivered) else outcome

    def _as_job(self, request: Request, answer: Answer, payloads: int) -> Outcome:
        """Taken where the platform says later what becomes of it, else Delivered."""
        bulk, lane = self._endpoint.bulk, self._lane
        if bulk is None or bulk.job is None or request is not bulk.request:
            return Delivered(answer.status)
        name = name_of(bulk.job, answer)
        if name is not None:
            return Taken(name)
        lane.observer.unknown(lane.outlet, self._endpoint.kind, payloads, "the platform named no job")
        return Delivered(answer.status)


class _Packed(msgspec.Struct, frozen=True):
    """A bulk request with the rows in it."""

    body: bytes
    rows: list[Waiting]


def _packed(rows: Sequence[Waiting]) -> list[_Packed]:
    by_id = {str(row.id): row for row in rows}
    requests = pack(_payload(row) for row in rows)
    return [_Packed(request.body, [by_id[one.event] for one in request.payloads]) for request in requests]


def _payload(row: Waiting) -> Payload:
    """A row for `pack`, which leaves `event` alone: the row's number stands there."""
    return Payload(
        row.vendor, row.entry, str(row.id), row.platform, row.kind, row.body or b"", row.unique_id, row.time,
        row.profile, row.batch,
    )  # fmt: skip


def _bytes(rows: Sequence[Waiting]) -> int:
    return sum(len(row.body or b"") for row in rows)
