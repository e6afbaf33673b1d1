"""What the senders of an outlet have in common, and how outcomes get from them to the queue and to whoever looks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from math import ceil
from typing import TypeVar

import msgspec

from mapforge import model
from mapforge.delivery.breaker import Breaker, backoff
from mapforge.delivery.exchange import Exchange
from mapforge.delivery.limits import Account
from mapforge.delivery.observer import Observer
from mapforge.delivery.outcomes import Held, Outcome, Reason, Rejected, RetryLater
from mapforge.delivery.queue import Finished, Outlet, Queue, QueueUnwritable, Waiting
from mapforge.delivery.settings import Settings
from mapforge.delivery.tracing import traced
from mapforge.platforms.base import Endpoint, Request

GAVE_UP = "gave-up"
T = TypeVar("T")
ModelOf = Callable[[str], model.Vendor | None]


class Lane(msgspec.Struct, frozen=True):
    """An outlet while it is sent to, and whom its senders tell."""

    outlet: Outlet
    store: Queue
    worker: int
    settings: Settings
    exchange: Exchange
    account: Account
    breaker: Breaker
    slots: asyncio.Semaphore
    observer: Observer
    model_of: ModelOf

    def learn(self, outcome: Outcome) -> None:
        """Tell the breaker, and whoever looks, where that changes what the outlet waits for."""
        before = self.breaker.reason
        if isinstance(outcome, RetryLater) and not outcome.limited:
            self.breaker.failed(outcome.reason, refused=outcome.refused)
        else:
            self.breaker.worked()
        if self.breaker.reason != before:
            self.observer.breaker(self.outlet, self.breaker.reason)
            self.store.trouble(self.outlet.id, self.breaker.reason)

    async def allowed(self, request: Request, halted: Callable[[], bool]) -> bool:
        """Wait until the account's limits let this request through; False where the outlet has stopped by then."""
        waited = await self.account.acquire(request, halted)
        if waited > 0:
            self.observer.waited(self.outlet, waited)
        return not halted()

    def unanswered(self, endpoint: Endpoint, failure: RetryLater, payloads: int) -> RetryLater | Held:
        """What may have arrived is sent again where a repeat counts once, or where the settings say so; else held."""
        if not failure.ambiguous:
            return failure
        held = not endpoint.repeatable and self.settings.ambiguous == "hold"
        self.observer.ambiguous(self.outlet, endpoint.kind, payloads, held)
        return Held(f"{failure.reason}; it may have arrived, and a repeat may reach the customer") if held else failure

    async def written(self, write: Callable[[], Future[T]]) -> T:
        """What a write to the queue gives, however long that takes: what was delivered must not be sent again."""
        while True:
            try:
                return await asyncio.wrap_future(write())
            except QueueUnwritable as error:
                self.observer.unwritable(str(error))
                await asyncio.sleep(self.settings.idle)

    async def finish(self, done: Sequence[tuple[Waiting, Outcome | None]]) -> None:
        """Write outcomes."""
        if done:
            finished = self.finished(done)
            await self.written(lambda: self.store.finish(self.worker, finished))
            self.tell(done, finished)

    def finished(self, done: Sequence[tuple[Waiting, Outcome | None]], batch: int | None = None) -> list[Finished]:
        """Outcomes as they are written; batch: of how many payloads a request with what is retried may be."""
        now = self.store.clock.now()
        # One wait for all of a request, so that they are due together once more.
        wait = backoff(self.settings, max((row.attempts for row, _ in done), default=0))
        return [self._finished(row, outcome, now, wait, batch) for row, outcome in done]

    def tell(self, done: Sequence[tuple[Waiting, Outcome | None]], finished: Sequence[Finished]) -> None:
        """What was written, to the observer."""
        now = self.store.clock.now()
        for (row, _), one in zip(done, finished, strict=True):
            if one.outcome is not None:
                self.observer.finished(self.outlet, row.kind, one.outcome, (now - row.created) / 1000, row.inbox)

    def _finished(self, row: Waiting, outcome: Outcome | None, now: int, wait: float, batch: int | None) -> Finished:
        if isinstance(outcome, Rejected):
            vendor = self.model_of(row.vendor)
            reasons = tuple(traced(one, vendor, row.entry, row.platform, row.kind) for one in outcome.reasons)
            return Finished(row.id, Rejected(outcome.status, reasons))
        if isinstance(outcome, RetryLater):
            if row.failed_at is not None and now - row.failed_at > self.settings.give_up * 1000:
                return Finished(row.id, Rejected(outcome.status or 0, (_given_up(row, outcome, now),)))
            seconds = outcome.after if outcome.after is not None else wait
            return Finished(row.id, outcome, now + ceil(seconds * 1000), batch)
        return Finished(row.id, outcome)


def _given_up(row: Waiting, outcome: RetryLater, now: int) -> Reason:
    reason = f"not delivered in {(now - row.created) / 3_600_000:.0f} hours; at last: {outcome.reason}"
    return Reason(GAVE_UP, reason, entry=row.entry, platform=row.platform)
