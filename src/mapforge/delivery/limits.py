"""Requests that want to go → when they may: the platform's windows, and what it says itself about waiting.

Windows slide, so that no window of the platform's, wherever it begins, holds more than it allows. They are a little
longer than the platform's: requests that leave evenly may arrive bunched.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from pyrate_limiter import InMemoryBucket, RateItem
from pyrate_limiter import Rate as Window

from mapforge.platforms.base import Platform, Rate, Request

Seconds = Callable[[], float]
_SLACK_SECOND = 50
_SLACK_MINUTE = 500
_LOOK = 0.25


class Limiter:
    """All windows of one kind of request of one account. `take` is a question: the answer says when to ask again."""

    def __init__(self, rates: Iterable[Rate], now: Seconds = time.monotonic) -> None:
        self._now = now
        windows = [Window(rate.most, rate.seconds * 1000 + _slack(rate)) for rate in rates]
        self._bucket = InMemoryBucket(windows) if windows else None
        self._paused_until = 0.0

    def take(self) -> float:
        """0.0 and a place is taken, or the seconds to wait before the next question."""
        now = self._now()
        if now < self._paused_until:
            return self._paused_until - now
        if self._bucket is None:
            return 0.0
        item = RateItem("request", int(now * 1000))
        self._bucket.leak(item.timestamp)
        if self._bucket.put(item):
            return 0.0
        waiting = self._bucket.waiting(item)
        return max(1, int(waiting)) / 1000  # type: ignore[arg-type]

    def pause(self, seconds: float) -> None:
        """Nothing goes for so long, as the platform said."""
        self._paused_until = max(self._paused_until, self._now() + seconds)

    @property
    def paused(self) -> float:
        """Seconds for which the platform has asked to wait."""
        return max(0.0, self._paused_until - self._now())


def _slack(rate: Rate) -> int:
    """Milliseconds by which a window is longer than the platform's."""
    return _SLACK_SECOND if rate.seconds < 30 else _SLACK_MINUTE


class Account:
    """An account's limiters: one for each kind of request, and one over all of them."""

    def __init__(self, platform: Platform, now: Seconds = time.monotonic) -> None:
        self._now = now
        self._all = Limiter(platform.rates, now)
        self._shared = bool(platform.rates)
        self._of: dict[str, Limiter] = {}

    async def acquire(self, request: Request, stopped: Callable[[], bool]) -> float:
        """Wait for a place in every window; the seconds that it took. Once `stopped`, it does not wait to the end."""
        began = self._now()
        for limiter in (self._limiter(request), self._all):
            while (seconds := limiter.take()) > 0 and not stopped():
                await asyncio.sleep(min(seconds, _LOOK))
        return self._now() - began

    def pause(self, request: Request, seconds: float) -> None:
        """The platform said to wait: all requests where they share a window, else this kind."""
        (self._all if self._shared else self._limiter(request)).pause(seconds)

    def paused(self, request: Request) -> float:
        """For how many seconds nothing of this kind goes, because the platform said so."""
        return max(self._all.paused, self._limiter(request).paused)

    def _limiter(self, request: Request) -> Limiter:
        if request.url not in self._of:
            self._of[request.url] = Limiter(request.rates, self._now)
        return self._of[request.url]


class Accounts:
    """The accounts that are sent to. Outlets with the same key share one: a platform counts by account."""

    def __init__(self, now: Seconds = time.monotonic) -> None:
        self._now = now
        self._accounts: dict[tuple[str, str], Account] = {}

    def of(self, platform: Platform, fingerprint: str) -> Account:
        """The account behind a key."""
        key = platform.name, fingerprint
        if key not in self._accounts:
            self._accounts[key] = Account(platform, self._now)
        return self._accounts[key]
