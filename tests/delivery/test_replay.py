"""A replay maps an old event anew, and sends only what a platform missed."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from mapforge.delivery.queue import Overtaken
from mapforge.delivery.replay import SWITCHED_OFF, Change, plan, replay
from mapforge.runtime.mappers import Mapper
from tests.delivery.house import House, Sent, house, order
from tests.language.acme import BOTH, compiled, mapper_of, vendor_yaml

FIXED = "Order: {{trigger: {{event: order}}, attributes: {{x: {x}, y: {{type: text, constant: new}}}}}}\n"


def fixed(folder: Path, x: str = "text", more: str = "") -> Mapper:
    """The mapper after a fix: there is a `y`, and x is of this type."""
    home = folder / "fixed"
    home.mkdir()
    return mapper_of(compiled(home, vendor_yaml(platforms=BOTH, more=more), FIXED.format(x=x)))


def refuse_omnisend(sent: Sent) -> httpx.Response:
    return httpx.Response(400 if sent.platform == "omnisend" else 202)


def told(changes: tuple[Change, ...]) -> list[tuple[str, str | None]]:
    return [(one.platform, one.kept_back) for one in changes]


def rejected_by_omnisend(home: House) -> int:
    """An event that Klaviyo has and Omnisend rejected."""
    home.platforms.respond = refuse_omnisend
    home.connect("klaviyo", "omnisend")
    event = home.accept(order(1))
    home.deliver()
    assert home.states(event) == [("klaviyo", "delivered"), ("omnisend", "rejected")]
    return event


def test_after_a_fix_a_faulty_event_is_sent_and_its_letter_put_away(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo", "omnisend")
        event = home.accept(order(1, x='"many"'))
        home.deliver()
        assert {code for code, _ in home.letters} == {"MF705"}
        home.mappers.replace({"acme": fixed(tmp_path)})
        replay(home.store, plan(home.store, home.mappers, event)).result()
        home.deliver()
        assert home.states(event) == [("klaviyo", "delivered"), ("omnisend", "delivered")]
        assert (home.letters, len(home.platforms.taken)) == ([], 2)


def test_only_the_platform_that_missed_it_gets_a_replay(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        event = rejected_by_omnisend(home)
        home.platforms.respond = lambda sent: httpx.Response(202)
        planned = plan(home.store, home.mappers, event)
        assert told(planned.changes) == [("klaviyo", "it is delivered already"), ("omnisend", None)]
        replay(home.store, planned).result()
        home.deliver()
        assert [len(home.platforms.of(name)) for name in ("klaviyo", "omnisend")] == [1, 2]
        assert home.states(event) == [("klaviyo", "delivered"), ("omnisend", "replayed"), ("omnisend", "delivered")]


def test_a_second_replay_sends_nothing_more(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        event = rejected_by_omnisend(home)
        home.platforms.respond = lambda sent: httpx.Response(202)
        for _ in range(2):
            replay(home.store, plan(home.store, home.mappers, event)).result()
        home.deliver()
        assert len(home.platforms.of("omnisend")) == 2


def test_a_plan_writes_nothing_and_shows_the_difference(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        event = rejected_by_omnisend(home)
        home.mappers.replace({"acme": fixed(tmp_path, "integer")})
        before = home.states(event), home.letters
        planned = plan(home.store, home.mappers, event)
        assert (home.states(event), home.letters) == before
        (change,) = [one for one in planned.changes if one.platform == "omnisend"]
        assert [line for line in change.difference.splitlines() if line[0] in "+-"][2:] == [
            '-    "x": 1',
            '+    "x": 1,',
            '+    "y": "new"',
        ]


def test_a_difference_is_of_lines(tmp_path: Path) -> None:
    change = Change(entry="Order", platform="klaviyo", before=b'{"x":1,"y":2}', after=b'{"x":1,"y":3}')
    assert change.difference.splitlines()[3:] == [" {", '   "x": 1,', '-  "y": 2', '+  "y": 3', " }"]
    assert '"y"' not in repr(change)


def test_a_replay_as_backfill_says_so_to_klaviyo_and_leaves_out_who_cannot_be_told(tmp_path: Path) -> None:
    with house(tmp_path, lambda sent: httpx.Response(400)) as home:
        home.connect("klaviyo", "omnisend")
        event = home.accept(order(1))
        home.deliver()
        home.platforms.respond = lambda sent: httpx.Response(202)
        planned = plan(home.store, home.mappers, event, backfill=True)
        assert told(planned.changes) == [
            ("klaviyo", None),
            ("omnisend", "Omnisend has no word for an old event, and what it starts may mail a customer"),
        ]
        replay(home.store, planned).result()
        home.deliver()
        sent = home.platforms.of("klaviyo")[-1]
        assert sent.body["data"]["attributes"]["backfill"] is True
        first = home.platforms.of("klaviyo")[0].body["data"]["attributes"]
        assert {**first, "backfill": True} == sent.body["data"]["attributes"]
        assert (len(home.platforms.of("omnisend")), [code for code, _ in home.letters]) == (1, ["kept-back"])


def test_a_replay_of_what_is_still_faulty_leaves_one_letter(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo")
        event = home.accept(order(1, x='"many"'))
        home.deliver()
        replay(home.store, plan(home.store, home.mappers, event)).result()
        assert [letter.inbox for letter in home.store.dead_letters()] == [event]


def test_a_plan_of_an_event_that_is_not_there_is_a_key_error(tmp_path: Path) -> None:
    with house(tmp_path) as home, pytest.raises(KeyError):
        plan(home.store, home.mappers, 7)


def test_dropped_letters_are_gone_and_the_event_stays(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo")
        event = home.accept(order(1, x='"many"'))
        home.deliver()
        assert home.store.drop(event).result() == 1
        assert home.letters == []
        assert home.store.event(event) is not None


def test_what_was_skipped_is_noted(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo")
        home.mappers.replace({"acme": fixed(tmp_path, more="ignore: [viewed]\n")})
        event = home.accept(order(1, type='"viewed"'))
        home.deliver()
        assert [(note.code, note.place) for note in home.store.notes(event)] == [("MF709", "acme: ignore")]


def test_what_is_overtaken_is_not_done_and_sends_nothing_twice(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        event = rejected_by_omnisend(home)
        home.platforms.respond = lambda sent: httpx.Response(202)
        first, second = (plan(home.store, home.mappers, event) for _ in range(2))
        replay(home.store, first).result()
        with pytest.raises(Overtaken, match=f"event {event} is not mapped yet, or was replayed or dropped meanwhile"):
            replay(home.store, second).result()
        home.deliver()
        assert len(home.platforms.of("omnisend")) == 2


def test_events_are_replayed_together_or_not_at_all(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo")
        events = home.accept_all([order(1, x='"many"'), order(2, x='"some"')])
        home.deliver()
        home.mappers.replace({"acme": fixed(tmp_path)})
        plans = [plan(home.store, home.mappers, event) for event in events]
        home.store.drop(events[1]).result()
        with pytest.raises(Overtaken):
            replay(home.store, *plans).result()
        assert [home.states(event) for event in events] == [[], []]
        assert {letter.inbox for letter in home.store.dead_letters()} == {events[0]}


def test_an_event_that_is_not_mapped_yet_is_not_replayed(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo")
        event = home.accept(order(1))
        with pytest.raises(Overtaken):
            replay(home.store, plan(home.store, home.mappers, event)).result()
        home.deliver()
        assert home.platforms.taken == ["evt_1"]


def test_a_letter_that_came_after_the_plan_stays(tmp_path: Path) -> None:
    with house(tmp_path, lambda sent: httpx.Response(400)) as home:
        klaviyo, omnisend = home.connect("klaviyo", "omnisend")
        home.store.enable_outlet(omnisend.id, False).result()
        event = home.accept(order(1))
        home.deliver()
        home.store.enable_outlet(klaviyo.id, False).result()
        home.store.enable_outlet(omnisend.id).result()
        planned = plan(home.store, home.mappers, event)
        assert told(planned.changes) == [("omnisend", None), ("klaviyo", SWITCHED_OFF)]
        replay(home.store, planned).result()
        home.deliver()
        assert [code for code, _ in home.letters] == ["400", "400"]


@pytest.mark.parametrize("off", ["outlet", "module"])
def test_the_letter_of_what_is_switched_off_stays(off: str, tmp_path: Path) -> None:
    with house(tmp_path) as home:
        event = rejected_by_omnisend(home)
        if off == "module":
            home.connect(events=False)
        else:
            home.store.enable_outlet(home.store.outlets("shop")[1].id, False).result()
        for _ in range(2):
            planned = plan(home.store, home.mappers, event)
            assert ("omnisend", SWITCHED_OFF) in told(planned.changes)
            replay(home.store, planned).result()
            assert [code for code, _ in home.letters] == ["400"]
        home.connect("klaviyo", "omnisend")
        home.store.enable_outlet(home.store.outlets("shop")[1].id).result()
        home.platforms.respond = lambda sent: httpx.Response(202)
        replay(home.store, plan(home.store, home.mappers, event)).result()
        home.deliver()
        assert (home.letters, home.states(event)[-1]) == ([], ("omnisend", "delivered"))
