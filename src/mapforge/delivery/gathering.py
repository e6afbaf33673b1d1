"""Payloads whose entry says how many go together → full bulk requests, or what there is after a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from mapforge.delivery.queue import Waiting
from mapforge.delivery.settings import Settings
from mapforge.platforms.base import Endpoint

_LONGEST = 10


class Gathering:
    """Leased payloads that wait for more of their kind. Only updates of profiles, of which no two have one profile.

    They go once they fill a request, when none has come for `bulk_fill`, or ten times as long after the first.
    """

    def __init__(self, endpoint: Endpoint, settings: Settings, now: Callable[[], float] = time.monotonic) -> None:
        bulk = endpoint.bulk
        gathers = bulk is not None and bulk.once_a_profile and settings.bulk_from is not None
        self._most = bulk.most if bulk is not None and gathers else 0
        self._fill = settings.bulk_fill
        self._now = now
        self._since = self._last = 0.0
        self._held: dict[int, list[Waiting]] = {}

    def takes(self, row: Waiting) -> bool:
        """Whether a payload goes with others of its entry."""
        return self._most > 1 and row.batch is not None and row.batch > 1

    def add(self, rows: Iterable[Waiting]) -> None:
        """Let these wait."""
        for row in rows:
            if not self._held:
                self._since = self._now()
            self._last = self._now()
            self._held.setdefault(min(row.batch or 1, self._most), []).append(row)

    @property
    def wait(self) -> float | None:
        """Seconds until what there is goes as it is; None where nothing waits."""
        until = min(self._last + self._fill, self._since + self._fill * _LONGEST)
        return max(0.0, until - self._now()) if self._held else None

    def ready(self) -> list[Waiting]:
        """What fills whole requests, in their order; all there is once it has waited long enough."""
        over, went, left = self.wait == 0.0, [], {}
        for most, rows in self._held.items():
            whole = len(rows) if over else len(rows) // most * most
            went += rows[:whole]
            if rows[whole:]:
                left[most] = rows[whole:]
        if went:
            self._since = self._now()
        self._held = left
        return went

    def clear(self) -> list[Waiting]:
        """All there is, which waits no longer."""
        rows = [row for held in self._held.values() for row in held]
        self._held = {}
        return rows
