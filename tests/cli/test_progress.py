"""Progress of a long run, by a clock that is passed in."""

from __future__ import annotations

import io

from mapforge.cli.progress import Progress


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def said(*, bar: bool, total: int | None, steps: int) -> str:
    """What is written when each step takes half a second and is about a thousand raw events."""
    clock, err = Clock(), io.StringIO()
    progress = Progress(err, total, bar=bar, clock=clock)
    for number in range(1, steps + 1):
        clock.now += 0.5
        progress.step(100, 1_000 * number, f"{number} done")
    progress.clear()
    return err.getvalue()


def test_a_short_run_says_nothing() -> None:
    assert said(bar=True, total=100, steps=1) == ""
    assert said(bar=False, total=1_900, steps=19) == ""


def test_a_terminal_gets_a_bar_that_goes_away() -> None:
    assert said(bar=True, total=400, steps=2) == (
        "\r\x1b[K[###############               ]  50% 2 done, 2,000 events/s\r\x1b[K"
    )


def test_elsewhere_a_line_is_written_now_and_then() -> None:
    assert said(bar=False, total=8_000, steps=45) == ("20 done, 2,000 events/s (25%)\n40 done, 2,000 events/s (50%)\n")


def test_an_input_of_unknown_length_is_counted() -> None:
    assert said(bar=False, total=None, steps=20) == "20 done, 2,000 events/s\n"
    assert said(bar=True, total=None, steps=2) == "\r\x1b[K2 done, 2,000 events/s\r\x1b[K"


def test_a_line_for_people_stands_above_the_bar() -> None:
    clock, err = Clock(), io.StringIO()
    progress = Progress(err, None, bar=True, clock=clock)
    clock.now = 2
    progress.step(1, 3, "1 done")
    progress.say("a fault")
    assert err.getvalue() == "\r\x1b[K1 done, 2 events/s\r\x1b[Ka fault\n"
