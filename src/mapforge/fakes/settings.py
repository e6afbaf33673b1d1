"""How the look-alikes behave, as data: the scale of their limits, how much they keep, how they read a page."""

from __future__ import annotations

from typing import Literal

import msgspec

Repeats = Literal["refuse", "discard"]


class Limits(msgspec.Struct, frozen=True):
    """The platforms' rate limits, scaled: `share` of their counts, at least 1, and `minute` seconds for their minute.

    share 0: no limits, and none of their headers.
    """

    share: float = 1.0
    minute: float = 60.0

    def count(self, real: int) -> int:
        """What is left of a platform's figure."""
        return max(1, round(real * self.share))


REAL = Limits()
# A tenth of the requests, and a minute of 15 seconds: both of Klaviyo's windows still bind, within a short test.
SMALL = Limits(share=0.1, minute=15.0)
NONE = Limits(share=0.0)
LIMITS = {"real": REAL, "small": SMALL, "none": NONE}


class Settings(msgspec.Struct, frozen=True):
    """What can be set. Times in seconds, sizes in bytes.

    seed: ids and faults that hit by chance. keep, keep_bytes: the payloads and calls that are listed, oldest forgotten.
    remember: keys of events, profiles and jobs, each. historical_after: how old an event is that Omnisend takes for a
    historical one; no page says it. repeats: what a repeat within a Klaviyo bulk request does, for the pages contradict
    each other. fall_forward: Klaviyo takes a revision it does not know for one that it knows. job_seconds: how long
    bulk jobs and batches take.
    """

    limits: Limits = REAL
    seed: int = 0
    keep: int = 10_000
    keep_bytes: int = 64_000_000
    remember: int = 200_000
    historical_after: float = 86_400.0
    repeats: Repeats = "refuse"
    fall_forward: bool = False
    job_seconds: float = 1.0
