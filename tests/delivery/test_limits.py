"""Rate limits: no window of a platform's ever holds more than it allows, and what it says about waiting is obeyed."""

from __future__ import annotations

import asyncio
from bisect import bisect_left

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapforge.delivery.limits import Account, Accounts, Limiter
from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import Rate, Request
from tests.delivery.house import FakeTime

KLAVIYO = PLATFORMS["klaviyo"]
OMNISEND = PLATFORMS["omnisend"]
EVENTS = KLAVIYO.endpoints["event"].request
CONTACTS, OMNISEND_EVENTS = OMNISEND.endpoints["profile"].request, OMNISEND.endpoints["event"].request


def taken(limiter: Limiter, time: FakeTime, seconds: float) -> list[float]:
    """When requests leave that all wait from the beginning."""
    left, end = [], time.now + seconds
    while time.now < end:
        wait = limiter.take()
        if wait == 0:
            left.append(time.now)
        else:
            time.now += wait
    return left


def most_within(times: list[float], seconds: float) -> int:
    return max(bisect_left(times, start + seconds) - at for at, start in enumerate(times))


@pytest.mark.parametrize(
    ("request_", "burst", "steady"),
    [(EVENTS, 350, 3500), (KLAVIYO.endpoints["profile"].request, 75, 750)],
    ids=["events", "profiles"],
)
def test_a_backlog_leaves_at_the_platforms_rate_and_never_faster(request_: Request, burst: int, steady: int) -> None:
    time = FakeTime(0.0)
    times = taken(Limiter(request_.rates, time), time, 301)
    assert most_within(times, 1) == burst
    assert most_within(times, 60) == steady
    assert len(times) / 5 >= steady * 0.95


def test_bulk_jobs_of_klaviyo_have_windows_of_their_own() -> None:
    bulk = KLAVIYO.endpoints["event"].bulk
    assert bulk is not None
    assert bulk.request.rates == (Rate(10, 1), Rate(150, 60))


@settings(max_examples=30)
@given(
    st.lists(st.floats(0, 3), min_size=1, max_size=80),
    st.sampled_from([(Rate(3, 1), Rate(20, 10)), (Rate(1, 1), Rate(5, 60)), (Rate(400, 60),), (Rate(2, 2),)]),
)
def test_no_window_holds_more_than_it_may_whenever_requests_come(gaps: list[float], rates: tuple[Rate, ...]) -> None:
    time = FakeTime(0.0)
    limiter = Limiter(rates, time)
    times = []
    for gap in gaps:
        time.now += gap
        while (wait := limiter.take()) > 0:
            time.now += wait
        times.append(time.now)
    assert all(most_within(times, rate.seconds) <= rate.most for rate in rates)


def test_a_pause_is_kept_to_the_second() -> None:
    time = FakeTime(0.0)
    limiter = Limiter(EVENTS.rates, time)
    limiter.pause(7)
    assert (limiter.take(), limiter.paused) == (7.0, 7.0)
    time.now = 6.999
    assert limiter.take() > 0
    time.now = 7.0
    assert limiter.take() == 0.0


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    time = FakeTime(0.0)
    limiter = Limiter((), time)
    limiter.pause(10)
    limiter.pause(1)
    assert limiter.paused == 10


def test_all_requests_of_a_brand_at_omnisend_share_one_window() -> None:
    time = FakeTime(0.0)
    account = Account(OMNISEND, time)

    async def use() -> list[float]:
        for number in range(400):
            await account.acquire(CONTACTS if number % 2 else OMNISEND_EVENTS, lambda: False)
        return [account._all.take(), await account.acquire(CONTACTS, lambda: True)]

    wait, given_up = asyncio.run(use())
    assert 60.5 <= wait < 60.51
    assert given_up == 0.0


def test_a_pause_at_omnisend_is_for_all_requests_and_at_klaviyo_for_one_kind() -> None:
    omnisend, klaviyo = Account(OMNISEND, FakeTime(0.0)), Account(KLAVIYO, FakeTime(0.0))
    omnisend.pause(CONTACTS, 9)
    klaviyo.pause(EVENTS, 9)
    profiles = KLAVIYO.endpoints["profile"].request
    assert (omnisend.paused(OMNISEND_EVENTS), klaviyo.paused(EVENTS), klaviyo.paused(profiles)) == (9, 9, 0)


def test_outlets_with_the_same_key_share_an_account() -> None:
    accounts = Accounts(FakeTime())
    assert accounts.of(KLAVIYO, "a") is accounts.of(KLAVIYO, "a")
    assert accounts.of(KLAVIYO, "a") is not accounts.of(KLAVIYO, "b")
    assert accounts.of(KLAVIYO, "a") is not accounts.of(OMNISEND, "a")
