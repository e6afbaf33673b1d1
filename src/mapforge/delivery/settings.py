"""How long things wait, how many go together and what is kept: numbers with their units, one place for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Ambiguous = Literal["hold", "retry"]

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a queue and its senders go by. Times are seconds.

    lease: how long a silent worker keeps its work. busy: how long the file may be locked. group: the most that one
    commit holds. keep_done, keep_dead: how long events that are done, and dead letters, stay; keep_profiles:
    what was last delivered of a profile.

    order_wait: how long a profile's later payload waits for an earlier one that failed. give_up: how long a payload is
    retried. ambiguous: what becomes of a payload that may have arrived, where the platform would count a repeat twice.
    bulk_from: how many payloads must wait for the bulk request to be used, or one request full; None: never. bulk_fill:
    for how long none may come until updates whose entry says how many go together are sent in a request that is not
    full. in_flight: the most requests at once.
    backoff, backoff_most: the first and the longest wait of a retry, of which full jitter takes a part.

    job_wait, job_wait_most: the first and the longest wait until a platform is asked what became of a bulk job; each is
    twice the one before. job_give_up: after how long it is not known what became of a job that does not end.

    breaker_after: how many failures in a row stop an outlet. breaker_wait: for how long, at first, and breaker_refused
    where the key is refused. origins: a platform's other address, such as a double's on loopback.
    """

    lease: float = 30.0
    busy: float = 5.0
    group: int = 512
    keep_done: float = 7 * DAY
    keep_dead: float = 90 * DAY
    keep_profiles: float = 365 * DAY
    order_wait: float = 15 * MINUTE
    give_up: float = 3 * DAY
    ambiguous: Ambiguous = "hold"
    bulk_from: int | None = 200
    bulk_fill: float = 2.0
    in_flight: int = 8
    backoff: float = 1.0
    backoff_most: float = 5 * MINUTE
    job_wait: float = 2.0
    job_wait_most: float = MINUTE
    job_give_up: float = 6 * HOUR
    breaker_after: int = 5
    breaker_wait: float = 5.0
    breaker_most: float = MINUTE
    breaker_refused: float = 5 * MINUTE
    connect: float = 5.0
    answer: float = 30.0
    idle: float = 1.0
    map_batch: int = 64
    origins: Mapping[str, str] = {}
