"""Updates of profiles that go in numbers: full requests first, and none waits for ever."""

from __future__ import annotations

from pathlib import Path

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapforge.delivery.gathering import Gathering
from mapforge.delivery.queue import Waiting
from mapforge.delivery.settings import Settings
from mapforge.platforms import PLATFORMS
from tests.delivery.house import QUICK, FakeTime, House, Sent, house, points

PROFILES = PLATFORMS["klaviyo"].endpoints["profile"]
NUMBERED = """
Points: {trigger: {event: points}, bulk: {batch: 5}, attributes: {points: integer}}
"""


def row(number: int, batch: int | None = 3) -> Waiting:
    return Waiting(
        id=number, inbox=1, outlet=1, vendor="acme", entry="E", event="e", platform="klaviyo", kind="profile",
        profile=str(number), body=b"{}", unique_id="", time="", batch=batch, attempts=0, created=0,
    )  # fmt: skip


def rows(*numbers: int, batch: int = 3) -> list[Waiting]:
    return [row(number, batch) for number in numbers]


@pytest.mark.parametrize(
    ("endpoint", "settings", "batch", "takes"),
    [
        (PROFILES, Settings(), 3, True),
        (PROFILES, Settings(), None, False),
        (PROFILES, Settings(), 1, False),
        (PROFILES, Settings(bulk_from=None), 3, False),
        # Two events of a profile may be leased together, and none may pass the other.
        (PLATFORMS["omnisend"].endpoints["event"], Settings(), 3, False),
        (PLATFORMS["shopify"].endpoints["profile"], Settings(), 3, False),
    ],
)
def test_only_updates_of_an_entry_that_goes_in_numbers_are_gathered(
    endpoint: object, settings: Settings, batch: int | None, takes: bool
) -> None:
    assert Gathering(endpoint, settings).takes(row(1, batch)) is takes  # type: ignore[arg-type]


def test_full_requests_go_at_once_and_the_rest_after_its_time() -> None:
    time = FakeTime(0.0)
    gathering = Gathering(PROFILES, Settings(bulk_fill=2.0), time)
    assert gathering.ready() == []
    gathering.add(rows(1, 2))
    assert (gathering.ready(), gathering.wait) == ([], 2.0)
    time.now = 1.5
    gathering.add(rows(3, 4))
    assert (gathering.ready(), gathering.wait) == (rows(1, 2, 3), 2.0)
    time.now = 3.4
    assert gathering.ready() == []
    time.now = 3.5
    assert gathering.wait == 0.0
    assert (gathering.ready(), gathering.ready()) == (rows(4), [])


def test_a_trickle_that_fills_no_request_goes_all_the_same() -> None:
    time = FakeTime(0.0)
    gathering = Gathering(PROFILES, Settings(bulk_fill=2.0), time)
    went: list[tuple[float, int]] = []
    for number in range(30):
        gathering.add(rows(number, batch=100))
        went += [(time.now, len(ready)) for ready in [gathering.ready()] if ready]
        time.now += 1.0
    assert went == [(20.0, 21)]


def test_what_is_cleared_waits_no_longer() -> None:
    gathering = Gathering(PROFILES, Settings(), FakeTime(0.0))
    gathering.add([*rows(1, 2), *rows(3, batch=7)])
    assert (gathering.clear(), gathering.wait, gathering.ready()) == ([*rows(1, 2), *rows(3, batch=7)], None, [])


@given(st.lists(st.tuples(st.lists(st.sampled_from([2, 3, 5]), max_size=9), st.floats(0, 3)), max_size=12))
def test_each_goes_once_and_none_waits_for_ever(steps: list[tuple[list[int], float]]) -> None:
    time = FakeTime(0.0)
    gathering = Gathering(PROFILES, Settings(bulk_fill=2.0), time)
    came: dict[int, float] = {}
    went: list[int] = []
    for batches, seconds in [*steps, ([], 2.0), ([], 2.0)]:
        new = [row(len(came) + at, batch) for at, batch in enumerate(batches)]
        came |= dict.fromkeys((one.id for one in new), time.now)
        gathering.add(new)
        ready = gathering.ready()
        assert all(time.now - came[one.id] <= 20.0 + 3.0 for one in ready)
        went += [one.id for one in ready]
        time.now += seconds
    went += [one.id for one in gathering.ready()]
    assert sorted(went) == sorted(came)


# ── sent ──────────────────────────────────────────────────────────────────────────────────────────


def jobs(home: House) -> list[int]:
    return [len(sent.body["data"]["attributes"]["profiles"]["data"]) for sent in home.platforms.requests if sent.bulk]


def test_updates_that_go_in_numbers_fill_their_jobs_and_the_last_goes_after_a_while(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(QUICK, map_batch=3, bulk_fill=0.3)
    with house(tmp_path, settings=settings, profile=NUMBERED) as home:
        home.connect("klaviyo")
        home.accept_all(points(number, f"c{number}@post.example", points=str(number)) for number in range(17))
        home.deliver()
        assert (jobs(home), len(home.platforms.requests)) == ([5, 5, 5, 2], 4)


def test_a_last_one_goes_alone(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(QUICK, bulk_fill=0.1)
    with house(tmp_path, settings=settings, profile=NUMBERED) as home:
        home.connect("klaviyo")
        home.accept(points(1, points="1"))
        home.deliver()
        assert [sent.path for sent in home.platforms.requests] == ["/api/profile-import"]


def test_a_trial_after_a_failure_waits_for_no_others(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(QUICK, bulk_fill=600.0, breaker_after=1)
    failing = [httpx.Response(503)]

    def respond(sent: Sent) -> httpx.Response:
        return failing.pop() if failing else httpx.Response(202)

    with house(tmp_path, respond, settings, profile=NUMBERED) as home:
        home.connect("klaviyo")
        home.accept_all(points(number, f"c{number}@post.example", points=str(number)) for number in range(5))
        home.deliver(lambda: len(home.platforms.requests) >= 2)
        assert home.watch.breakers[:2] == ["the platform answers 503", None]


def test_what_was_gathered_when_the_worker_stops_is_sent_by_the_next_one(tmp_path: Path) -> None:
    patient = msgspec.structs.replace(QUICK, bulk_fill=600.0)
    with house(tmp_path, settings=patient, profile=NUMBERED) as home:
        home.connect("klaviyo")
        home.accept_all(points(number, f"c{number}@post.example", points=str(number)) for number in range(3))
        home.deliver(lambda: any(one.state == "payload leased" for one in home.store.depths()))
        assert [(one.state, one.rows) for one in home.store.depths()] == [("payload waiting", 3)]
    with house(tmp_path, settings=msgspec.structs.replace(QUICK, bulk_fill=0.05), profile=NUMBERED) as home:
        home.deliver()
        assert jobs(home) == [3]
