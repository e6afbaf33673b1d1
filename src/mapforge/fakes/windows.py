"""A call at a time → whether the platform's windows take it, and what its headers say of them. Times in seconds."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Hashable

import msgspec

from mapforge.fakes.remembered import Remembered
from mapforge.fakes.settings import Limits

_MOST = 10_000
_SECOND = 1.0


class Tier(msgspec.Struct, frozen=True):
    """Klaviyo's two windows of an endpoint: requests a second, and requests a minute."""

    burst: int
    steady: int


class Standing(msgspec.Struct, frozen=True):
    """What is said of a call: whether it is taken; the steady window's size, rest and end; when to come again."""

    taken: bool
    limit: int
    remaining: int
    reset: int
    retry_after: int


class _Count:
    """How many came in the current window of `length` seconds. Windows begin at whole multiples of it."""

    def __init__(self, length: float) -> None:
        self.length = length
        self.window = -1
        self.came = 0

    def at(self, now: float) -> int:
        window = math.floor(now / self.length)
        if window != self.window:
            self.window, self.came = window, 0
        return self.came

    def ends(self, now: float) -> int:
        """Whole seconds until the next window, at least 1."""
        return max(1, math.ceil((self.window + 1) * self.length - now))


class FixedWindows:
    """Klaviyo's: each endpoint of each account has a burst and a steady window; a refused call counts in neither."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._held: Remembered[Hashable, tuple[_Count, _Count]] = Remembered(_MOST)

    def call(self, key: Hashable, tier: Tier, now: float) -> Standing:
        """Count a call in, if both windows take it."""
        burst, steady = self._held.get(key) or (_Count(_SECOND), _Count(self.limits.minute))
        self._held.put(key, (burst, steady))
        limit = self.limits.count(tier.steady)
        full = [one for one, most in ((burst, tier.burst), (steady, tier.steady)) if one.at(now) >= self._most(most)]
        if not full:
            burst.came += 1
            steady.came += 1
        wait = max((one.ends(now) for one in full), default=0)
        return Standing(not full, limit, max(0, limit - steady.came), steady.ends(now), wait)

    def _most(self, real: int) -> int:
        return self.limits.count(real)


class SlidingWindow:
    """Omnisend's: so many calls of a brand in any minute, whatever the key or the endpoint."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._held: Remembered[Hashable, deque[float]] = Remembered(_MOST)

    def call(self, key: Hashable, most: int, now: float) -> int:
        """Count a call in; 0, or the seconds until one is taken again."""
        came = self._held.get(key) or deque()
        self._held.put(key, came)
        while came and came[0] <= now - self.limits.minute:
            came.popleft()
        if len(came) >= self.limits.count(most):
            return max(1, math.ceil(came[0] + self.limits.minute - now))
        came.append(now)
        return 0
