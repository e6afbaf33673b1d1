"""A breaker opens after failures, lets one trial through, and says why it is open; backoff has full jitter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mapforge.delivery.breaker import Breaker, backoff
from mapforge.delivery.settings import Settings
from tests.delivery.house import FakeTime

SETTINGS = Settings(breaker_after=3, breaker_wait=4.0, breaker_most=30.0, breaker_refused=300.0)


def breaker(time: FakeTime) -> Breaker:
    return Breaker(SETTINGS, time, lambda: 1.0)


def test_it_opens_after_failures_in_a_row_and_not_before() -> None:
    time = FakeTime()
    one = breaker(time)
    assert [one.failed("down") for _ in range(3)] == [False, False, True]
    assert (one.wait, one.reason) == (4.0, "down")


def test_a_success_between_failures_keeps_it_closed() -> None:
    one = breaker(FakeTime())
    for _ in range(5):
        one.failed("down")
        one.failed("down")
        assert one.worked() is False
    assert one.wait == 0.0


def test_after_its_wait_one_trial_goes_and_a_failure_doubles_the_wait_up_to_a_limit() -> None:
    time = FakeTime()
    one = breaker(time)
    for _ in range(3):
        one.failed("down")
    waits = []
    for _ in range(5):
        waits.append(one.wait)
        time.now += one.wait
        assert (one.wait, one.trial) == (0.0, True)
        one.failed("still down")
    assert waits == [4.0, 8.0, 16.0, 30.0, 30.0]
    time.now += 30
    assert (one.worked(), one.trial, one.wait) == (True, False, 0.0)


def test_requests_that_were_under_way_when_it_opened_do_not_lengthen_the_wait() -> None:
    time = FakeTime()
    one = breaker(time)
    for _ in range(8):
        one.failed("down")
    assert one.wait == 4.0


def test_a_refused_key_opens_it_at_once() -> None:
    one = breaker(FakeTime())
    assert one.failed("the platform refuses the key (401)", refused=True) is True
    assert (one.wait, one.reason) == (300.0, "the platform refuses the key (401)")


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_backoff_is_any_part_of_a_wait_that_doubles_up_to_a_limit(attempts: int, chance: float) -> None:
    settings = Settings(backoff=2.0, backoff_most=100.0)
    longest = min(100.0, 2.0 * 2.0 ** min(attempts, 30))
    assert backoff(settings, attempts, lambda: chance) == chance * longest
