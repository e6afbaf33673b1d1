"""From an accepted event to the look-alikes over HTTP, with their limits and their failures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec
import pytest

from mapforge.fakes import NONE, REAL, Limits, Settings, running
from tests.delivery.house import QUICK, House, house, order, points
from tests.fakes.doubles import Doubles, Time


@contextmanager
def delivered_to(folder: Path, limits: Limits = NONE, bulk_from: int | None = 200) -> Iterator[tuple[House, Doubles]]:
    """A house whose platforms are the look-alikes."""
    with running(Settings(limits=limits, job_seconds=0.1)) as at, httpx.Client(base_url=at.url) as client:
        origins = {"klaviyo": at.klaviyo, "omnisend": at.omnisend}
        settings = msgspec.structs.replace(QUICK, origins=origins, bulk_from=bulk_from)
        with house(folder, settings=settings) as home:
            home.over_http = True
            home.connect_with({"klaviyo": "pk_shop", "omnisend": "shop"})
            yield home, Doubles(client, Time())


def test_events_arrive_one_by_one(tmp_path: Path) -> None:
    with delivered_to(tmp_path) as (home, fakes):
        events = home.accept_all(order(number, f"p{number % 7}@post.example") for number in range(40))
        home.deliver()
        assert {state for event in events for state in home.states(event)} == {
            ("klaviyo", "delivered"),
            ("omnisend", "delivered"),
        }
        for platform in ("klaviyo", "omnisend"):
            assert fakes.counts(platform=platform) == {"kept": 40}


def test_a_backlog_arrives_in_bulk_within_the_real_limits(tmp_path: Path) -> None:
    with delivered_to(tmp_path, REAL) as (home, fakes):
        # What comes while a platform says to wait is a backlog.
        for platform in ("klaviyo", "omnisend"):
            fakes.control(platform=platform, do="fail", status=429, seconds=3, times=1)
        home.accept_all(order(number, f"p{number % 7}@post.example") for number in range(1500))
        home.deliver()
        for platform in ("klaviyo", "omnisend"):
            assert fakes.counts(platform=platform) == {"kept": 1500}
        calls = fakes.client.get("/_calls").json()["counts"]
        answers = {(row["status"], row["fault"]) for row in calls}
        assert answers == {(200, None), (201, None), (202, None), (429, "fail before")}
        assert sum(row["count"] for row in calls) < 400


def test_updates_of_a_profile_arrive_as_one(tmp_path: Path) -> None:
    with delivered_to(tmp_path) as (home, fakes):
        for number in range(10):
            home.accept(points(number, points=str(number)))
        home.deliver()
        assert fakes.counts() == {"created": 2}
        told = [item["body"] for item in fakes.items() if item["platform"] == "klaviyo"]
        assert [body["data"]["attributes"]["properties"] for body in told] == [{"points": 9}]


def test_a_platform_that_fails_in_every_way_gets_each_event_once(tmp_path: Path) -> None:
    with delivered_to(tmp_path) as (home, fakes):
        fakes.control(platform="klaviyo", do="drop", times=3)
        fakes.control(platform="klaviyo", do="garbage", times=3)
        fakes.control(platform="klaviyo", do="fail", status=503, seconds=0, times=3)
        fakes.control(platform="omnisend", do="fail", status=500, times=3)
        home.accept_all(order(number, f"p{number}@post.example") for number in range(30))
        home.deliver()
        counts = fakes.counts(platform="klaviyo")
        assert (counts["kept"], set(counts)) == (30, {"kept", "duplicate"})
        assert fakes.counts(platform="omnisend") == {"kept": 30}
        assert home.letters == []


@pytest.mark.parametrize(("when", "kept"), [("before", 29), ("after", 30)])
def test_what_omnisend_may_have_got_is_held_and_no_event_is_doubled(when: str, kept: int, tmp_path: Path) -> None:
    with delivered_to(tmp_path) as (home, fakes):
        fakes.control(platform="omnisend", do="drop", when=when, times=1)
        home.accept_all(order(number, f"p{number}@post.example") for number in range(30))
        home.deliver()
        assert fakes.counts(platform="omnisend") == {"kept": kept}
        (held,) = home.store.held()
        assert home.store.decide(held.id, send=when == "before").result()
        home.deliver()
        assert fakes.counts(platform="omnisend") == {"kept": 30}


def test_a_platform_whose_limits_are_lower_is_obeyed(tmp_path: Path) -> None:
    with delivered_to(tmp_path, Limits(share=0.02, minute=1.0), bulk_from=None) as (home, fakes):
        home.accept_all(order(number, f"p{number}@post.example") for number in range(14))
        home.deliver()
        assert fakes.counts(platform="klaviyo") == {"kept": 14}
        assert fakes.counts(platform="omnisend") == {"kept": 14}
        assert 429 in [status for status, _ in fakes.calls()]


class Came(NamedTuple):
    """The payloads' states in the queue, what the platform counts, and the places of dead letters."""

    states: list[str]
    counts: dict[str, int]
    places: list[str]


def in_bulk(folder: Path, platform: str, raws: list[bytes], **fault: object) -> Came:
    """What came of these, which go with bulk jobs; the first of those meets the fault."""
    with delivered_to(folder, bulk_from=2) as (home, fakes):
        fakes.control(platform=platform, times=1, **fault)
        events = home.accept_all(raws)
        home.deliver()
        states = [state for event in events for name, state in home.states(event) if name == platform]
        return Came(states, fakes.counts(platform=platform), [place for _, place in home.letters])


IMPORT = "profile-bulk-import-jobs"
UPDATES = [points(number, f"c{number}@post.example", points=str(number)) for number in range(60)]
ORDERS = [order(number, f"c{number}@post.example") for number in range(60)]


def test_profiles_that_a_job_rejects_are_dead_letters_and_the_others_arrive_once(tmp_path: Path) -> None:
    states, counts, places = in_bulk(tmp_path, "klaviyo", UPDATES, endpoint=IMPORT, do="reject", items=0.2)
    assert 0 < counts["refused"] < 60
    assert counts == {"created": 60 - counts["refused"], "refused": counts["refused"]}
    assert (states.count("rejected"), states.count("delivered")) == (counts["refused"], counts["created"])
    assert places == ["acme/profile.yaml:6"] * counts["refused"]


def test_events_that_a_batch_rejects_are_dead_letters_and_the_others_arrive_once(tmp_path: Path) -> None:
    states, counts, places = in_bulk(tmp_path, "omnisend", ORDERS, endpoint="batches", do="reject", items=0.2)
    assert (states.count("rejected"), states.count("delivered")) == (counts["refused"], counts["kept"])
    assert (sum(counts.values()), set(counts)) == (60, {"kept", "refused"})
    assert places == ["acme/events.yaml:2"] * counts["refused"]


def test_of_a_job_that_stops_half_way_every_profile_arrives(tmp_path: Path) -> None:
    states, counts, _ = in_bulk(tmp_path, "klaviyo", UPDATES, endpoint=IMPORT, do="stop")
    assert (states, counts["created"]) == (["delivered"] * 60, 60)


def test_of_a_batch_that_stops_half_way_every_event_arrives_once(tmp_path: Path) -> None:
    states, counts, _ = in_bulk(tmp_path, "omnisend", ORDERS, endpoint="batches", do="stop")
    assert (states, counts) == (["delivered"] * 60, {"kept": 60})
