"""Failures of an outlet → whether to try it now: closed, open for a while, or open for a single trial."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from mapforge.delivery.settings import Settings

Seconds = Callable[[], float]


class Breaker:
    """Opens after some failures in a row, for longer each time, or at once where the key is refused."""

    def __init__(self, settings: Settings, now: Seconds = time.monotonic, jitter: Seconds = random.random) -> None:
        self._settings = settings
        self._now = now
        self._jitter = jitter
        self._failures = 0
        self._opened = 0
        self._until = 0.0
        self.reason: str | None = None

    @property
    def wait(self) -> float:
        """Seconds until a request may go; 0.0: now."""
        return 0.0 if self.reason is None else max(0.0, self._until - self._now())

    @property
    def trial(self) -> bool:
        """Whether the next request is to show if the platform is back: then only one goes."""
        return self.reason is not None

    def worked(self) -> bool:
        """An answer came that is no failure; True where that closes the breaker."""
        was_open = self.reason is not None
        self._failures = self._opened = 0
        self.reason = None
        return was_open

    def failed(self, reason: str, refused: bool = False) -> bool:
        """A failure; True where it opens the breaker, or keeps it open."""
        self._failures += 1
        if refused:
            self._open(reason, self._settings.breaker_refused)
        elif self.reason is not None or self._failures >= self._settings.breaker_after:
            longest = min(self._settings.breaker_most, self._settings.breaker_wait * 2.0**self._opened)
            self._open(reason, longest * (0.5 + self._jitter() / 2))
        return self.reason is not None

    def _open(self, reason: str, seconds: float) -> None:
        if self.wait == 0.0:
            self._opened = min(self._opened + 1, 20)
            self._until = self._now() + seconds
        self.reason = reason


def backoff(settings: Settings, attempts: int, jitter: Seconds = random.random) -> float:
    """Seconds before another try: any part of a wait that doubles with each (full jitter)."""
    return jitter() * min(settings.backoff_most, settings.backoff * 2.0 ** min(attempts, 30))
