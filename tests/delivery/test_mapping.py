"""What a raw event is known by, and what mapping makes of what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.pretty import pretty_repr

from mapforge.delivery.identity import event_id
from mapforge.delivery.mapping import CurrentMappers, mapped
from mapforge.delivery.outcomes import Reason
from mapforge.delivery.queue import Connection, DeadLetter, Event, Outlet, Sent, Waiting
from mapforge.runtime.mappers import Mapper
from tests.language.acme import BOTH, compiled, mapper_of, raw_event, vendor_yaml

EVENTS = "Order: {trigger: {event: order}, attributes: {x: integer}}\n"
PROFILE = "Points: {trigger: {event: order}, debounce: 2s, attributes: {points: {type: integer, absent: omit}}}\n"
HEADER = "{event: {header: x-event}, id: {header: x-id}, time: at}"


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Mapper:
    return mapper_of(compiled(tmp_path_factory.mktemp("acme"), vendor_yaml(platforms=BOTH), EVENTS, PROFILE))


def event(raw: bytes, platforms: tuple[str, ...] = ("klaviyo", "omnisend"), attempts: int = 0, **on: bool) -> Event:
    connection = Connection(id="shop", merchant="M", vendor="acme", **on)  # type: ignore[arg-type]
    outlets = tuple(
        Outlet(id=number, connection="shop", platform=platform, key=b"") for number, platform in enumerate(platforms, 1)
    )
    return Event(
        id=7, connection=connection, outlets=outlets, event_id="e", name=None, raw=raw, headers={},
        attempts=attempts, at=0,
    )  # fmt: skip


def test_an_event_is_known_by_its_name_and_its_id(acme: Mapper) -> None:
    assert event_id(acme, raw_event(), {}) == "order/evt_1"
    assert event_id(acme, raw_event(id="17"), {}) == "order/17"
    assert event_id(acme, raw_event(type='"other"'), {}) == "other/evt_1"


def test_both_may_stand_in_headers_in_any_case(tmp_path: Path) -> None:
    mapper = mapper_of(compiled(tmp_path, vendor_yaml(source=HEADER), EVENTS))
    assert event_id(mapper, b'{"at":1}', {"X-Event": "order", "X-Id": "9"}) == "order/9"


@pytest.mark.parametrize(
    "raw", [raw_event(id=None), raw_event(id='""'), raw_event(id="true"), b"not json", b"[" * 100_000]
)
def test_without_an_id_the_bytes_are_it(acme: Mapper, raw: bytes) -> None:
    found = event_id(acme, raw, {})
    assert found.startswith("sha256/")
    assert found == event_id(acme, bytes(raw), {}) != event_id(acme, raw + b" ", {})


def test_each_outlet_gets_its_payloads_and_updates_their_debounce(acme: Mapper) -> None:
    made = mapped(event(raw_event(x="1", points="5")), CurrentMappers({"acme": acme}))
    assert [(one.outlet, one.entry, one.kind, one.debounce) for one in made.payloads] == [
        (1, "Order", "event", 0),
        (2, "Order", "event", 0),
        (1, "Points", "profile", 2000),
        (2, "Points", "contact", 2000),
    ]
    assert (made.event, made.reasons) == (7, ())


def test_faults_of_a_module_that_is_off_are_nobodys(acme: Mapper) -> None:
    raw, mappers = raw_event(x='"many"', points="5"), CurrentMappers({"acme": acme})
    assert [one.attribute for one in mapped(event(raw), mappers).reasons] == ["x"]
    alone = mapped(event(raw, events=False), mappers)
    assert ({one.entry for one in alone.payloads}, alone.reasons) == ({"Points"}, ())
    neither = mapped(event(raw, events=False, profiles=False), mappers)
    assert (neither.payloads, neither.reasons) == ((), ())


def test_a_platform_that_the_vendor_is_not_mapped_to_gets_nothing(acme: Mapper) -> None:
    made = mapped(event(raw_event(x="1"), ("shopify", "klaviyo")), CurrentMappers({"acme": acme}))
    assert {one.platform for one in made.payloads} == {"klaviyo"}


def test_an_event_that_took_the_process_down_is_put_aside(acme: Mapper) -> None:
    made = mapped(event(raw_event(x="1"), attempts=5), CurrentMappers({"acme": acme}))
    assert [(one.code, one.reason) for one in made.reasons] == [
        ("mapper-failed", "mapping it was begun 5 times and never ended")
    ]


def test_mappers_are_replaced_between_two_events(acme: Mapper) -> None:
    mappers = CurrentMappers({"acme": acme})
    assert mapped(event(raw_event(x="1")), mappers).reasons == ()
    mappers.replace({})
    assert [one.code for one in mapped(event(raw_event(x="1")), mappers).reasons] == ["no-mapper"]


def test_no_row_shows_what_a_customer_is(acme: Mapper) -> None:
    raw = raw_event(x="1", points="5")
    made = mapped(event(raw), CurrentMappers({"acme": acme}))
    one = made.payloads[0]
    waiting = Waiting(
        id=1, inbox=1, outlet=1, vendor="acme", entry=one.entry, event=one.event, platform=one.platform, kind=one.kind,
        profile=one.profile, body=one.body, unique_id=one.unique_id, time=one.time, batch=None, attempts=0, created=0,
    )  # fmt: skip
    sent = Sent(1, 1, one.entry, one.platform, one.kind, "held", one.body, one.unique_id)
    reason = Reason("400", "no", detail="ada@post.example is no email")
    rows = [made, event(raw), waiting, sent, DeadLetter(
        id=1, inbox=1, payload=1, connection="shop", event="order", reasons=(reason,), at=0
    )]  # fmt: skip
    for row in rows:
        assert "ada@" not in repr(row) + pretty_repr(row)
    assert repr(waiting) == "Waiting(id=1, entry='Order', platform='klaviyo', kind='event')"
