"""Functions that take turns, timed by clocks of their own."""

from __future__ import annotations

from mapforge.cli.bench.turns import ROUND_NS, Headers, InPython, measure, ratio


class Clock:
    """Takes so many nanoseconds an event, by rounds; it warms up with the first."""

    def __init__(self, *nanoseconds: int) -> None:
        self.nanoseconds = iter(nanoseconds)
        self.warm = nanoseconds[0]
        self.lasted: list[int] = []

    def timed(self, raw: bytes, headers: Headers, times: int) -> int:
        if times * self.warm < ROUND_NS:
            return times * self.warm
        took = times * next(self.nanoseconds)
        self.lasted.append(took)
        return took


def test_each_round_lasts_long_enough_and_gives_microseconds_an_event() -> None:
    slow, fast = Clock(9_000, 9_000, 12_000), Clock(3_000, 3_000, 3_000)
    took = measure({"slow": slow, "fast": fast}, b"{}", {}, 3)
    assert took == {"slow": [9.0, 9.0, 12.0], "fast": [3.0, 3.0, 3.0]}
    assert min(*slow.lasted, *fast.lasted) >= ROUND_NS


def test_a_ratio_is_the_median_of_the_rounds_own() -> None:
    assert ratio({"slow": [10.0, 40.0, 9.0], "fast": [5.0, 10.0, 3.0]}, "slow", "fast") == 3.0


def test_a_function_of_this_process_is_called_so_often() -> None:
    called: list[tuple[bytes, Headers]] = []
    headers = {"x-event": "a"}
    assert InPython(lambda raw, given: called.append((raw, given))).timed(b"{}", headers, 3) >= 0
    assert called == [(b"{}", headers)] * 3
