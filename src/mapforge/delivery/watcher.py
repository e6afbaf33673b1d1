"""Bulk jobs that a platform took from an outlet → questions when it is time, and what came of each payload."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from mapforge.delivery import jobs
from mapforge.delivery.answers import Answer, decoded, exhausted, outcome_of
from mapforge.delivery.lane import Lane
from mapforge.delivery.outcomes import Delivered, Outcome, RetryLater
from mapforge.delivery.queue import OpenJob, QueueUnwritable, Waiting
from mapforge.platforms.base import Endpoint, Job, Request

_AT_ONCE = 250
# From so many due questions on, one about many jobs is less.
_MANY = 3
_MOST_PAGES = 200
_GONE = (404, 410)


class _Unknown(msgspec.Struct, frozen=True):
    """What became of a job cannot be known. sent: all the same its payloads count as delivered."""

    reason: str
    sent: bool = False


_Told = dict[str, Any] | RetryLater | _Unknown


class Watcher:
    """Asks what became of jobs until it is told to stop, one after the other. ended: called when one has ended."""

    def __init__(self, lane: Lane, endpoint: Endpoint, job: Job, ended: Callable[[], None]) -> None:
        self._lane = lane
        self._endpoint = endpoint
        self._job = job
        self._ended = ended
        self._stopping = asyncio.Event()
        self._woken = asyncio.Event()
        self._asked_at = -math.inf

    def wake(self) -> None:
        """A job was taken."""
        self._woken.set()

    def stop(self) -> None:
        """Ask no more."""
        self._stopping.set()
        self._woken.set()

    async def run(self) -> None:
        """Until `stop`. LeaseLost where another worker took over."""
        while not self._stopping.is_set():
            await self._round()

    async def _round(self) -> None:
        """Ask about what is due, or wait until something is."""
        self._woken.clear()
        lane = self._lane
        try:
            known = lane.store.jobs(lane.outlet.id, self._endpoint.kind, _AT_ONCE)
        except QueueUnwritable as error:
            lane.observer.unwritable(str(error))
            return await self._rest(lane.settings.idle)
        now = lane.store.clock.now()
        due = [job for job in known if job.next_at <= now]
        if not due:
            return await self._rest((known[0].next_at - now) / 1000 if known else None)
        if (wait := max(lane.breaker.wait, lane.account.paused(self._job.asked), self._until_many())) > 0:
            return await self._rest(wait)
        self._asked_at = time.monotonic()
        told = await self._listed(due)
        for job in due:
            if not self._stopping.is_set():
                await self._ask(job, told.get(job.name))
        return None

    async def _rest(self, seconds: float | None) -> None:
        """So long, or until a job is taken; None: until then."""
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return

    def _until_many(self) -> float:
        """Seconds in which more jobs may become due, where one question is enough for many of them."""
        pause = 0.0 if self._job.listed is None else self._lane.settings.job_wait
        return self._asked_at + pause - time.monotonic()

    # ── questions ─────────────────────────────────────────────────────────────────────────────────

    async def _listed(self, due: Sequence[OpenJob]) -> Mapping[str, Any]:
        """What one question about many tells of these, where it pays; the others are asked about one by one."""
        if self._job.listed is None or len(due) < _MANY:
            return {}
        told = await self._told(self._job.listed)
        return jobs.many(self._job, told) if isinstance(told, dict) else {}

    async def _ask(self, job: OpenJob, told: _Told | None) -> None:
        """Ask about one job, unless it was told already; then about its payloads, where one did not end well."""
        how = jobs.standing(self._job, told) if told is not None else None
        if how is None:
            told = await self._told(self._job.asked, job.name)
            how = jobs.standing(self._job, told) if isinstance(told, dict) else None
        if isinstance(told, _Unknown):
            await self._unknown(job, told)
        elif how is None or how.state == "open":
            await self._again(job, open_=how is not None)
        elif how.state == "done" and how.failed == 0:
            await self._end(job, how, [])
        else:
            await self._ask_of_payloads(job, how)

    async def _ask_of_payloads(self, job: OpenJob, how: jobs.Standing) -> None:
        pages: list[dict[str, Any]] = []
        query: str | None = None
        while not pages or (query is not None and len(pages) < _MOST_PAGES):
            told = await self._told(self._job.items, job.name, query)
            if isinstance(told, RetryLater):
                return await self._again(job, open_=False)
            if isinstance(told, _Unknown):
                break
            pages.append(told)
            query = jobs.more(told)
        await self._end(job, how, pages)
        return None

    async def _told(self, request: Request, job: str = "", query: str | None = None) -> _Told:
        """The answer's object, or why there is none."""
        lane = self._lane
        if not await lane.allowed(request, self._halted):
            return RetryLater("it was not asked")
        answer = await lane.exchange.get(request, job, query)
        if isinstance(answer, RetryLater):
            return answer
        if answer.status == 403:
            return _Unknown("the key may not ask what became of bulk jobs", sent=True)
        if answer.status in _GONE:
            return _Unknown(f"the platform does not know the job ({answer.status})")
        return self._read(request, answer)

    def _halted(self) -> bool:
        return self._stopping.is_set() or self._lane.breaker.wait > 0

    def _read(self, request: Request, answer: Answer) -> _Told:
        """An answer that says nothing is asked for again. Only a refused key stops the outlet."""
        lane, outcome, empty = self._lane, outcome_of(answer), exhausted(answer.headers)
        if empty is not None:
            lane.account.pause(request, empty)
        if isinstance(outcome, RetryLater):
            if outcome.limited:
                lane.account.pause(request, lane.settings.job_wait if outcome.after is None else outcome.after)
            if outcome.refused:
                lane.learn(outcome)
            return outcome
        told = decoded(answer.body) if isinstance(outcome, Delivered) else {}
        return told or RetryLater(f"an answer that says nothing ({answer.status})")

    # ── ends ──────────────────────────────────────────────────────────────────────────────────────

    async def _again(self, job: OpenJob, open_: bool) -> None:
        """Ask later, after twice as long; at last it is not known. open_: the platform says that it is."""
        settings, now = self._lane.settings, self._lane.store.clock.now()
        longest = settings.job_give_up if open_ else settings.give_up
        if now - job.since > longest * 1000:
            words = "has not ended" if open_ else "cannot be asked about"
            return await self._unknown(job, _Unknown(f"the job {words} after {longest / 3600:g} hours"))
        if self._stopping.is_set():
            return None
        wait = min(settings.job_wait_most, settings.job_wait * 2.0 ** min(job.asked + 1, 30))
        worker, store = self._lane.worker, self._lane.store
        await self._lane.written(lambda: store.ask_again(worker, job.id, now + int(wait * 1000)))
        return None

    async def _end(self, job: OpenJob, how: jobs.Standing, pages: Sequence[dict[str, Any]]) -> None:
        """What came of each payload. Where that is not known, smaller jobs are to find the payloads at fault."""
        rows = await self._payloads(job)
        # Thousands of bodies may have to be decoded: other outlets go on meanwhile.
        came = await asyncio.to_thread(lambda: jobs.outcomes(rows, how, jobs.verdicts(self._job, pages, rows)))
        stopped = "the job stopped before its end"
        reason = stopped if how.state == "stopped" else "the job failed in part, and the platform does not say where"
        await self._write(job, rows, came, reason, max(1, len(rows) // 2))

    async def _unknown(self, job: OpenJob, why: _Unknown) -> None:
        lane, rows = self._lane, await self._payloads(job)
        if why.sent:
            lane.observer.unknown(lane.outlet, self._endpoint.kind, len(rows), why.reason)
        await self._write(job, rows, [Delivered(202) if why.sent else None] * len(rows), why.reason)

    async def _payloads(self, job: OpenJob) -> list[Waiting]:
        """What went with a job, once the queue can be read."""
        lane = self._lane
        while True:
            try:
                return await asyncio.to_thread(lane.store.job_payloads, job.id)
            except QueueUnwritable as error:
                lane.observer.unwritable(str(error))
                await asyncio.sleep(lane.settings.idle)

    async def _write(
        self,
        job: OpenJob,
        rows: Sequence[Waiting],
        came: Sequence[Outcome | None],
        reason: str,
        batch: int | None = None,
    ) -> None:
        """Write outcomes; None: as after a request whose answer was lost, by the platform's rule."""
        lane, unknown = self._lane, came.count(None)
        lost = RetryLater(reason, ambiguous=True)
        instead = lane.unanswered(self._endpoint, lost, unknown) if unknown else lost
        done = [(row, instead if one is None else one) for row, one in zip(rows, came, strict=True)]
        finished = lane.finished(done, batch)
        await lane.written(lambda: lane.store.ended(lane.worker, job.id, finished))
        lane.tell(done, finished)
        self._ended()
