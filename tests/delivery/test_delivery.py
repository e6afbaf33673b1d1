"""From an accepted event to what the platforms got, through the queue, the worker and the senders."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import NoReturn

import httpx
import pytest

from mapforge.delivery.mapping import CurrentMappers
from mapforge.delivery.outcomes import Delivered
from mapforge.delivery.run import Delivery
from mapforge.delivery.store.file import Store
from mapforge.runtime.mappers import Mapper
from tests.delivery.house import KEYS, QUICK, Platforms, Sent, house, order, points, then


def test_an_accepted_event_arrives_at_every_outlet(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo", "omnisend")
        event = home.accept(order(1))
        home.deliver()
        assert home.states(event) == [("klaviyo", "delivered"), ("omnisend", "delivered")]
        assert sorted((one.platform, one.path, len(one.ids)) for one in home.platforms.requests) == [
            ("klaviyo", "/api/events", 1),
            ("omnisend", "/api/events", 1),
        ]


def test_a_request_carries_the_key_and_the_headers_of_its_platform(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo")
        home.accept(order(1))
        home.deliver()
        (sent,) = home.platforms.requests
        assert sent.headers["authorization"] == "Klaviyo-API-Key shop-klaviyo"
        assert (sent.headers["revision"], sent.headers["content-type"]) == ("2026-07-15", "application/vnd.api+json")
        assert sent.body["data"]["attributes"]["properties"] == {"x": 1}


def test_a_repeat_of_an_event_is_one_event(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo")
        first = home.store.accept("shop", "a", order(1), {}).result()
        again = home.store.accept("shop", "a", order(1), {}).result()
        home.deliver()
        assert ((first.repeat, again.repeat), first.inbox == again.inbox) == ((False, True), True)
        assert home.platforms.taken == ["evt_1"]


def test_the_same_id_at_another_connection_is_another_event(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo")
        home.connect("klaviyo", name="other")
        home.accept(order(1))
        home.accept(order(1), "other")
        home.deliver()
        keys = {sent.headers["authorization"] for sent in home.platforms.requests}
        assert keys == {"Klaviyo-API-Key shop-klaviyo", "Klaviyo-API-Key other-klaviyo"}


def test_what_a_module_that_is_off_would_send_is_not_made(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo", events=False)
        events = [home.accept(order(1)), home.accept(points(1, points="5"))]
        home.deliver()
        assert [home.states(event) for event in events] == [[], [("klaviyo", "delivered")]]


def test_a_connection_that_is_off_keeps_its_events_until_it_is_on(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo", enabled=False)
        home.accept(order(1))
        with pytest.raises(TimeoutError):
            home.deliver(seconds=0.2)
        home.store.enable("shop").result()
        home.deliver()
        assert home.platforms.taken == ["evt_1"]


def test_a_fault_is_a_dead_letter_with_every_reason_and_the_raw_event(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo")
        raw = order(1, x='"many"', note="[]")
        event = home.accept(raw)
        home.deliver()
        (letter,) = home.store.dead_letters("shop")
        assert (letter.inbox, letter.payload, {reason.attribute for reason in letter.reasons}) == (
            event,
            None,
            {"x", "note"},
        )
        assert all("events.yaml:2" in reason.place for reason in letter.reasons)
        kept = home.store.event(event)
        assert kept is not None
        assert kept.raw == raw
        assert home.platforms.requests == []


def test_an_event_that_no_trigger_takes_is_a_dead_letter(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo")
        home.accept(order(1, type='"lost"'))
        home.deliver()
        assert [code for code, _ in home.letters] == ["MF703"]


def test_an_event_of_a_vendor_without_a_mapper_is_a_dead_letter(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo")
        home.accept(order(1))
        home.mappers.replace({})
        home.deliver()
        assert [code for code, _ in home.letters] == ["no-mapper"]


def test_an_outage_ends_and_everything_arrives_in_its_order(tmp_path: Path) -> None:
    down: list[httpx.Response | Exception] = [
        httpx.ConnectError("no address"),
        httpx.Response(503),
        httpx.ConnectTimeout("no answer"),
    ] * 3
    with house(tmp_path, then(*down)) as home:
        home.connect("klaviyo")
        home.accept_all(order(number) for number in range(5))
        home.deliver()
        assert home.platforms.taken == [f"evt_{number}" for number in range(5)]
        assert sum(isinstance(one, Delivered) for one in home.watch.outcomes) == 5


def test_a_dead_platform_does_not_hold_another_one_back(tmp_path: Path) -> None:
    def respond(sent: Sent) -> httpx.Response:
        if sent.platform == "omnisend":
            raise httpx.ConnectError("down")
        return httpx.Response(202)

    with house(tmp_path, respond) as home:
        home.connect("klaviyo", "omnisend")
        home.accept_all(order(number) for number in range(10))
        home.deliver(lambda: len(home.platforms.taken) == 10)
        assert sorted(home.platforms.taken) == sorted(f"evt_{number}" for number in range(10))


def test_a_key_that_no_secret_key_opens_stops_its_outlet_and_no_other(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo")
        home.connect(name="other")
        (outlet,) = [home.store.add_outlet("other", "klaviyo", b"not sealed by us").result()]
        home.accept(order(1))
        home.accept(order(2), "other")
        home.deliver(lambda: home.platforms.taken == ["evt_1"])
        troubles = {one.id: one.trouble for one in home.store.outlets()}
        assert troubles[outlet.id] == "a secret was sealed by a key that is not in MAPFORGE_SECRET_KEY"
        assert "not sealed" not in repr((KEYS, outlet))


def test_after_a_worker_failed_another_one_begins_at_once(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo")
        home.accept(order(1))
        lease = home.store.lease_events

        def broken(worker: int, most: int) -> NoReturn:
            raise RuntimeError("a fault of ours")

        home.store.lease_events = broken  # type: ignore[method-assign]
        with pytest.raises(ExceptionGroup) as failed:
            home.deliver()
        assert failed.group_contains(RuntimeError, match="a fault of ours")
        home.store.lease_events = lease  # type: ignore[method-assign]
        home.deliver()
        assert home.platforms.taken == ["evt_1"]


def test_a_mapper_that_raises_leaves_a_dead_letter_and_goes_on(tmp_path: Path) -> None:
    class Broken:
        def __init__(self, mapper: object) -> None:
            self.head = getattr(mapper, "head", None)

        def map(self, *_: object) -> None:
            raise RuntimeError("card 4-5-6")

    with house(tmp_path) as home:
        home.connect("klaviyo")
        home.accept(order(1))
        home.mappers.replace({"acme": Broken(home.mapper)})  # type: ignore[dict-item]
        home.deliver()
        (letter,) = home.store.dead_letters()
        assert [(one.code, one.reason) for one in letter.reasons] == [
            ("mapper-failed", "the mapper raised RuntimeError")
        ]


class StoppedAtTheStart(Store):
    """A queue whose worker is stopped while it starts an outlet."""

    stop: Callable[[], None]
    released: list[int]

    def release(self, worker: int, outlet: int) -> Future[None]:
        self.released.append(outlet)
        self.stop()
        return super().release(worker, outlet)


def test_a_worker_that_is_stopped_while_an_outlet_starts_ends(tmp_path: Path) -> None:
    async def run(store: StoppedAtTheStart, mapper: Mapper) -> None:
        delivery = Delivery(store, CurrentMappers({"acme": mapper}), KEYS, transport=Platforms())
        store.stop = delivery.stop
        async with asyncio.timeout(20):
            await delivery.run()

    with house(tmp_path) as home:
        home.connect("klaviyo", "omnisend")
        mapper = home.mapper
    store = StoppedAtTheStart(tmp_path / "queue.db", QUICK)
    store.released = []
    with store:
        asyncio.run(run(store, mapper))
        outlets = [outlet.id for outlet in store.outlets()]
    assert sorted(store.released) == sorted(outlets)
