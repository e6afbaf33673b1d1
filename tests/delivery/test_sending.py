"""What a sender does with outcomes: order, retries, holds, bulk requests, breakers, and the limits of all of them."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from mapforge.delivery.outcomes import Delivered, Held, Rejected, RetryLater
from mapforge.delivery.queue import QueueUnwritable
from tests.delivery.house import QUICK, House, Sent, fake_clock, house, order, points, since, then

ADA, BO = "ada@post.example", "bo@post.example"


def only(home: House, platform: str) -> list[Any]:
    return [sent.ids for sent in home.platforms.of(platform)]


# ── order ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_later_event_of_a_profile_waits_for_its_earlier_one_and_other_profiles_do_not(tmp_path: Path) -> None:
    def respond(sent: Sent) -> httpx.Response:
        tries = sum("evt_0" in one.ids for one in home.platforms.requests)
        return httpx.Response(503 if "evt_0" in sent.ids and tries < 4 else 202)

    with house(tmp_path, respond) as home:
        home.connect("klaviyo")
        home.accept_all([order(0, ADA), order(1, ADA), order(2, BO), order(3, ADA)])
        home.deliver()
        assert home.platforms.taken[0] == "evt_2"
        assert [one for one in home.platforms.taken if one != "evt_2"] == ["evt_0", "evt_1", "evt_3"]


def test_after_a_limit_a_later_event_passes_and_says_so(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(QUICK, order_wait=0.2, breaker_after=1000)

    def respond(sent: Sent) -> httpx.Response:
        return httpx.Response(503 if "evt_0" in sent.ids else 202)

    with house(tmp_path, respond, settings) as home:
        home.connect("klaviyo")
        home.accept_all([order(0, ADA), order(1, ADA)])
        began = time.monotonic()
        home.deliver(lambda: home.platforms.taken == ["evt_1"])
        assert time.monotonic() - began >= 0.2
        assert home.watch.passings == ["Order"]


def test_the_order_holds_across_a_restart(tmp_path: Path) -> None:
    with house(tmp_path, lambda sent: httpx.Response(503)) as home:
        home.connect("klaviyo")
        home.accept_all([order(0, ADA), order(1, ADA)])
        home.deliver(lambda: bool(home.platforms.requests))
    with house(tmp_path) as home:
        home.deliver()
        assert home.platforms.taken == ["evt_0", "evt_1"]


# ── retries ───────────────────────────────────────────────────────────────────────────────────────


def test_retry_after_is_obeyed_exactly(tmp_path: Path) -> None:
    clock, fake = fake_clock()
    with house(tmp_path, then(httpx.Response(429, headers={"Retry-After": "40"})), clock=clock) as home:
        (outlet,) = home.connect("klaviyo")
        home.accept(order(1))
        home.deliver(lambda: bool(home.waits))
        assert home.store.next_due(outlet.id, "event") == clock.now() + 40_000
        assert home.waits == ["the platform asked to wait"]
        fake.now += 39.999
        with pytest.raises(TimeoutError):
            home.deliver(seconds=0.2)
        fake.now += 0.001
        home.deliver()
        assert home.platforms.taken == ["evt_1"]


def test_the_wait_in_omnisends_body_is_obeyed(tmp_path: Path) -> None:
    clock, _ = fake_clock()
    limited = httpx.Response(429, json={"type": "https://problems.omnisend.com/rate-limit-exceeded", "retryAfter": 9})
    with house(tmp_path, then(limited), clock=clock) as home:
        (outlet,) = home.connect("omnisend")
        home.accept(order(1))
        home.deliver(lambda: bool(home.watch.outcomes))
        assert home.store.next_due(outlet.id, "event") == clock.now() + 9_000
        assert home.watch.breakers == []


def test_a_limit_pauses_its_account_and_leaves_others_alone(tmp_path: Path) -> None:
    def respond(sent: Sent) -> httpx.Response:
        mine = sent.headers["authorization"].endswith("shop-klaviyo")
        return httpx.Response(429, headers={"Retry-After": "60"}) if mine else httpx.Response(202)

    with house(tmp_path, respond) as home:
        home.connect("klaviyo")
        home.connect("klaviyo", name="other")
        home.accept_all(order(number, f"c{number}@post.example") for number in range(30))
        home.accept(order(100), "other")
        home.deliver(lambda: home.platforms.taken == ["evt_100"] and len(home.platforms.requests) > 1)
        mine = [sent for sent in home.platforms.requests if sent.headers["authorization"].endswith("shop-klaviyo")]
        assert len(mine) <= home.store.settings.in_flight


def test_an_empty_window_pauses_before_anything_is_refused(tmp_path: Path) -> None:
    empty = {"RateLimit-Remaining": "0", "RateLimit-Reset": "30"}
    settings = msgspec.structs.replace(QUICK, in_flight=1)
    with house(tmp_path, lambda sent: httpx.Response(202, headers=empty), settings) as home:
        home.connect("klaviyo")
        home.accept_all(order(number, f"c{number}@post.example") for number in range(3))
        home.deliver(since(lambda: bool(home.platforms.taken), 0.3))
        assert (home.platforms.taken, home.waits) == (["evt_0"], ["the platform asked to wait"])


def test_a_retried_payload_is_given_up_after_its_time_and_kept_as_a_dead_letter(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(QUICK, give_up=0.2)
    with house(tmp_path, lambda sent: httpx.Response(503), settings) as home:
        home.connect("klaviyo")
        event = home.accept(order(1))
        home.deliver()
        assert home.states(event) == [("klaviyo", "rejected")]
        (letter,) = home.store.dead_letters()
        assert [(one.code, one.reason) for one in letter.reasons] == [
            ("gave-up", "not delivered in 0 hours; at last: the platform answers 503")
        ]


def test_another_4xx_is_a_dead_letter_at_once_with_the_place_in_the_mapping(tmp_path: Path) -> None:
    said = {
        "errors": [{"title": "Invalid input.", "detail": "no", "source": {"pointer": "/data/attributes/properties/x"}}]
    }
    with house(tmp_path, lambda sent: httpx.Response(400, json=said)) as home:
        home.connect("klaviyo")
        home.accept(order(1))
        home.deliver()
        (letter,) = home.store.dead_letters()
        (reason,) = letter.reasons
        assert (reason.attribute, reason.place, reason.entry) == ("x", "acme/events.yaml:2", "Order")
        assert len(home.platforms.requests) == 1


@pytest.mark.parametrize("location", ["https://elsewhere.example/api/events", "/api/events/"])
def test_a_redirect_is_not_followed_and_loses_nothing(tmp_path: Path, location: str) -> None:
    with house(tmp_path, then(httpx.Response(301, headers={"location": location}))) as home:
        home.connect("klaviyo")
        home.accept(order(1))
        home.deliver()
        assert [sent.path for sent in home.platforms.requests] == ["/api/events"] * 2
        assert home.platforms.taken == ["evt_1"]


# ── ambiguous failures ────────────────────────────────────────────────────────────────────────────

AMBIGUOUS = [
    httpx.ReadTimeout("no answer"),
    httpx.ReadError("reset"),
    httpx.RemoteProtocolError("closed"),
    httpx.WriteError("reset"),
]


@pytest.mark.parametrize("error", AMBIGUOUS, ids=lambda error: type(error).__name__)
def test_an_event_that_may_have_arrived_is_sent_again_to_klaviyo_and_held_for_omnisend(
    tmp_path: Path, error: Exception
) -> None:
    failed: set[str] = set()

    def respond(sent: Sent) -> httpx.Response:
        if sent.platform not in failed:
            failed.add(sent.platform)
            raise error
        return httpx.Response(202)

    with house(tmp_path, respond) as home:
        home.connect("klaviyo", "omnisend")
        event = home.accept(order(1))
        home.deliver()
        assert home.states(event) == [("klaviyo", "delivered"), ("omnisend", "held")]
        assert sorted(home.watch.ambiguities) == [("klaviyo", 1, False), ("omnisend", 1, True)]
        assert [len(home.platforms.of(name)) for name in ("klaviyo", "omnisend")] == [2, 1]


@pytest.mark.parametrize("error", [httpx.ConnectError("name"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("full")])
def test_what_cannot_have_arrived_is_sent_again_to_omnisend(tmp_path: Path, error: Exception) -> None:
    with house(tmp_path, then(error)) as home:
        home.connect("omnisend")
        home.accept(order(1))
        home.deliver()
        assert (len(home.platforms.taken), home.watch.ambiguities) == (1, [])


def test_the_settings_may_say_to_send_again(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(QUICK, ambiguous="retry")
    with house(tmp_path, then(httpx.ReadTimeout("no answer")), settings) as home:
        home.connect("omnisend")
        home.accept(order(1))
        home.deliver()
        assert home.watch.ambiguities == [("omnisend", 1, False)]
        assert len(home.platforms.taken) == 1


@pytest.mark.parametrize(("send", "state", "requests"), [(True, "delivered", 2), (False, "dropped", 1)])
def test_an_operator_decides_on_what_is_held(tmp_path: Path, send: bool, state: str, requests: int) -> None:
    with house(tmp_path, then(httpx.ReadTimeout("no answer"))) as home:
        home.connect("omnisend")
        event = home.accept(order(1))
        home.deliver()
        (held,) = home.store.payloads_of(event)
        assert isinstance(home.store.outcome_of(held.id), Held)
        (listed,) = home.store.held("shop")
        assert (listed.id, listed.inbox, listed.platform, listed.entry) == (held.id, event, "omnisend", "Order")
        assert listed.reason.startswith("no answer came (ReadTimeout); it may have arrived")
        assert (home.store.held("other"), home.store.held(after=held.id)) == ([], [])
        assert home.store.decide(held.id, send).result() is True
        assert home.store.decide(held.id, send).result() is False
        home.deliver()
        assert (home.states(event), len(home.platforms.requests)) == ([("omnisend", state)], requests)


def test_a_later_event_waits_for_a_held_one_up_to_the_limit(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(QUICK, order_wait=0.3)
    with house(tmp_path, then(httpx.ReadTimeout("no answer")), settings) as home:
        home.connect("omnisend")
        home.accept_all([order(0), order(1)])
        began = time.monotonic()
        home.deliver()
        assert time.monotonic() - began >= 0.3
        assert (len(home.platforms.taken), home.watch.passings) == (1, ["Order"])


# ── bulk ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_backlog_goes_as_bulk_requests_and_a_few_events_one_by_one(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(QUICK, bulk_from=50)
    with house(tmp_path, settings=settings) as home:
        home.connect("klaviyo")
        home.accept(order(1000))
        home.deliver()
        home.connect("klaviyo", enabled=False)
        home.accept_all(order(number, f"c{number % 7}@post.example") for number in range(120))
        home.connect("klaviyo")
        home.deliver()
        assert home.platforms.requests[0].bulk is False
        assert sum(len(sent.ids) for sent in home.platforms.requests if sent.bulk) >= 50
        assert sorted(home.platforms.taken) == sorted(["evt_1000", *(f"evt_{number}" for number in range(120))])


def backlog(home: House, *platforms: str, number: int = 60) -> list[int]:
    """Events that are mapped while their outlets cannot send, so that they are leased together."""
    home.connect(*platforms)
    events = home.accept_all(order(one, f"c{one % 5}@post.example") for one in range(number))
    home.platforms.respond = lambda sent: httpx.Response(401)
    home.deliver(lambda: all(len(home.store.payloads_of(event)) == len(platforms) for event in events))
    home.platforms.requests.clear()
    return events


def test_without_bulk_every_event_is_a_request(tmp_path: Path) -> None:
    with house(tmp_path, settings=msgspec.structs.replace(QUICK, bulk_from=None)) as home:
        backlog(home, "omnisend", number=120)
        home.platforms.respond = lambda sent: httpx.Response(202)
        home.deliver()
        assert [sent.bulk for sent in home.platforms.requests] == [False] * 120


BULK = msgspec.structs.replace(QUICK, bulk_from=20)


def test_a_rejected_bulk_request_is_cut_down_to_the_event_at_fault(tmp_path: Path) -> None:
    with house(tmp_path, settings=BULK) as home:
        events = backlog(home, "klaviyo")
        home.platforms.respond = lambda sent: httpx.Response(400 if "evt_7" in sent.ids else 202)
        home.deliver()
        states = [home.states(event)[0][1] for event in events]
        assert states == ["rejected" if number == 7 else "delivered" for number in range(60)]
        assert sorted(home.platforms.taken) == sorted(f"evt_{number}" for number in range(60) if number != 7)
        assert len(home.platforms.requests) <= 2 * 7


def test_a_bulk_request_that_fails_for_another_reason_is_not_cut(tmp_path: Path) -> None:
    with house(tmp_path, settings=BULK) as home:
        backlog(home, "klaviyo")
        home.platforms.respond = then(httpx.Response(503), httpx.Response(413))
        home.deliver()
        sizes = [len(sent.ids) for sent in home.platforms.requests]
        assert sizes == [60, 60, 30, 30]


def test_a_bulk_request_that_may_have_arrived_is_held_whole_for_omnisend(tmp_path: Path) -> None:
    with house(tmp_path, settings=BULK) as home:
        events = backlog(home, "omnisend")
        home.platforms.respond = then(httpx.ReadTimeout("no answer"))
        home.deliver()
        assert [home.states(event) for event in events] == [[("omnisend", "held")]] * 60
        assert home.watch.ambiguities == [("omnisend", 60, True)]


def test_batches_of_omnisend_hold_no_more_than_a_hundred(tmp_path: Path) -> None:
    with house(tmp_path, settings=BULK) as home:
        backlog(home, "omnisend", number=230)
        home.platforms.respond = lambda sent: httpx.Response(201)
        home.deliver()
        assert [len(sent.ids) for sent in home.platforms.requests if sent.bulk] == [100, 100, 30]
        assert len(set(home.platforms.taken)) == 230


# ── breakers ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_stops_its_outlet_says_so_and_loses_nothing(tmp_path: Path, status: int) -> None:
    with house(tmp_path, lambda sent: httpx.Response(status)) as home:
        home.connect("klaviyo")
        event = home.accept(order(1))
        reason = f"the platform refuses the key ({status})"
        home.deliver(lambda: home.watch.breakers == [reason])
        assert ([one.trouble for one in home.store.outlets()], home.letters) == ([reason], [])
        assert home.states(event) == [("klaviyo", "waiting")]
        home.platforms.respond = lambda sent: httpx.Response(202)
        home.deliver()
        assert home.states(event) == [("klaviyo", "delivered")]
        assert [one.trouble for one in home.store.outlets()] == [None]


def test_a_breaker_stops_a_dead_platform_from_being_asked_again_and_again(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(QUICK, breaker_wait=30.0, breaker_most=60.0, in_flight=1)
    with house(tmp_path, lambda sent: httpx.Response(503), settings) as home:
        home.connect("klaviyo")
        home.accept_all(order(number, f"c{number}@post.example") for number in range(40))
        home.deliver(since(lambda: bool(home.watch.breakers), 0.3))
        assert len(home.platforms.requests) == settings.breaker_after
        assert home.watch.breakers == home.waits == ["the platform answers 503"]


def test_a_hanging_outlet_holds_no_other_back(tmp_path: Path) -> None:
    class Hanging(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.headers["authorization"].endswith("shop-klaviyo"):
                await asyncio.sleep(2)
                return httpx.Response(202)
            return await platforms.handle_async_request(request)

    with house(tmp_path) as home:
        platforms = home.platforms
        home.connect("klaviyo")
        home.connect("klaviyo", name="other")
        home.accept_all(order(number, f"c{number}@post.example") for number in range(20))
        home.accept_all([order(number, f"c{number}@post.example") for number in range(20)], "other")
        home.platforms = Hanging()  # type: ignore[assignment]
        finished: list[float] = []
        began = time.monotonic()

        def done() -> bool:
            if len(platforms.taken) == 20 and not finished:
                finished.append(time.monotonic() - began)
            return bool(finished)

        home.deliver(done)
        assert finished[0] < 1.5


def test_no_more_requests_are_under_way_than_the_settings_say(tmp_path: Path) -> None:
    under_way, most = 0, 0

    class Counting(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.01)
            under_way -= 1
            return httpx.Response(202)

    with house(tmp_path) as home:
        home.connect("klaviyo")
        home.accept_all(order(number, f"c{number}@post.example") for number in range(60))
        home.platforms = Counting()  # type: ignore[assignment]
        home.deliver()
        assert 1 < most <= 8


# ── the queue, when it cannot be written ──────────────────────────────────────────────────────────


def test_an_outcome_that_cannot_be_written_is_written_later_and_nothing_is_sent_twice(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo", "omnisend")
        event = home.accept(order(1))
        finish, failures = home.store.finish, [QueueUnwritable("the queue cannot be written: disk full")] * 3

        def full(worker: int, done: Any) -> Any:
            if failures:
                raise failures.pop()
            return finish(worker, done)

        home.store.finish = full  # type: ignore[method-assign]
        home.deliver()
        assert home.states(event) == [("klaviyo", "delivered"), ("omnisend", "delivered")]
        assert (len(home.platforms.requests), len(home.watch.unwritables)) == (2, 3)


def test_a_sender_that_fails_is_started_again_and_its_work_is_not_stuck(tmp_path: Path) -> None:
    broken = [True]

    def respond(sent: Sent) -> httpx.Response:
        if broken:
            broken.clear()
            raise RuntimeError("card 4-5-6")
        return httpx.Response(202)

    with house(tmp_path, respond) as home:
        home.connect("klaviyo")
        home.accept(order(1))
        home.deliver(seconds=10)
        assert home.platforms.taken == ["evt_1"]
        assert home.watch.breakers == ["its sender failed: RuntimeError"]


def test_outcomes_are_told_to_an_observer(tmp_path: Path) -> None:
    with house(tmp_path, then(httpx.Response(503), httpx.Response(400))) as home:
        home.connect("klaviyo")
        home.accept_all([order(1), points(1, points="1")])
        home.accept(order(2, x='"many"'))
        home.deliver()
        assert sorted(type(one).__name__ for one in home.watch.outcomes) == ["Delivered", "Rejected", "RetryLater"]
        assert {type(one) for one in home.watch.outcomes} == {Delivered, Rejected, RetryLater}
        assert home.watch.codes == ["MF705"]
