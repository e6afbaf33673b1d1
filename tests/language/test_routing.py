"""Which entries a raw event makes, and under what name: triggers, the catch-all, what is ignored, what none takes."""

from __future__ import annotations

import pytest

from tests.language.acme import BOTH, SOURCE, N, raw_event, vendor_yaml
from tests.language.conftest import MappedBy

CATCH_ALL = '"*": {keep: properties}\n'
TWO = """
First:
  trigger: {event: [order, order.again]}
  attributes: {x: integer}
Second:
  trigger: {event: order, when: "kind == 'B'"}
  attributes: {y: {type: text | null, from: y}}
Third:
  trigger: {event: other, when: "kind == 'B'"}
Fourth:
  trigger: {event: other, when: "x > `1`"}
"""


def metric(mapped: MappedBy, events: str, raw: bytes, vendor: str | None = None) -> object:
    return mapped(events, raw, vendor=vendor).body()["data"]["attributes"]["metric"]["data"]["attributes"]["name"]


def test_every_entry_whose_trigger_matches_makes_a_payload_in_file_order(mapped: MappedBy) -> None:
    result = mapped(TWO, raw_event(x="1", kind='"B"'), vendor=vendor_yaml(platforms=BOTH))
    assert result.entries == [
        ("First", "klaviyo"),
        ("First", "omnisend"),
        ("Second", "klaviyo"),
        ("Second", "omnisend"),
    ]


def test_an_entry_whose_when_is_false_makes_none(mapped: MappedBy) -> None:
    assert mapped(TWO, raw_event(x="1", kind='"A"')).entries == [("First", "klaviyo")]


def test_a_trigger_may_list_names(mapped: MappedBy) -> None:
    assert mapped(TWO, raw_event(type='"order.again"', x="1", kind='"B"')).entries == [("First", "klaviyo")]


def test_a_listed_name_whose_every_when_is_false_is_skipped_with_that_reason(mapped: MappedBy) -> None:
    result = mapped(TWO + CATCH_ALL, raw_event(type='"other"', x="1"))
    assert [(note.entry, note.reason, note.place) for note in result.skipped] == [
        ("Third", "`kind == 'B'` does not hold", "acme/events.yaml:9"),
        ("Fourth", "`x > `1`` does not hold", "acme/events.yaml:11"),
    ]
    assert (result.entries, result.faults) == ([], [])


def test_a_when_of_another_type_is_a_fault_of_the_trigger(mapped: MappedBy) -> None:
    result = mapped(TWO, raw_event(type='"other"', x='"1"', kind='"B"'))
    assert [(fault.entry, fault.attribute, fault.path, fault.got) for fault in result.faults] == [
        ("Fourth", "trigger", "x > `1`", "a string")
    ]
    assert result.entries == []


def test_without_a_trigger_the_raw_name_is_the_key(mapped: MappedBy) -> None:
    assert mapped("order: {attributes: {x: integer}}\n", raw_event(x="1")).entries == [("order", "klaviyo")]


def test_an_unlisted_name_goes_to_the_catch_all_under_its_own_name(mapped: MappedBy) -> None:
    raw = raw_event(type='"some.thing"', properties='{"a":1.0}')
    assert metric(mapped, TWO + CATCH_ALL, raw) == "some.thing"
    assert mapped(TWO + CATCH_ALL, raw).properties() == {"a": N("1.0")}


def test_a_listed_name_does_not_go_to_the_catch_all(mapped: MappedBy) -> None:
    assert mapped(TWO + CATCH_ALL, raw_event(x="1")).entries == [("First", "klaviyo")]


def test_an_ignored_name_is_skipped_and_does_not_go_to_the_catch_all(mapped: MappedBy) -> None:
    result = mapped(TWO + CATCH_ALL, raw_event(type='"viewed"'), vendor=vendor_yaml(more="ignore: [viewed]\n"))
    assert [(note.code, note.reason) for note in result.skipped] == [("MF709", "acme ignores this raw event")]
    assert (result.entries, result.faults) == ([], [])


def test_a_name_that_no_trigger_lists_is_a_fault(mapped: MappedBy) -> None:
    result = mapped(TWO, raw_event(type='"unheard.of"'))
    assert result.reasons == [("MF703", "expected a raw event that an entry lists, got one that none does")]
    assert (result.faults[0].place, result.entries) == ("acme", [])


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        (None, "MF704", "expected the raw event's name at type, got none"),
        ("null", "MF704", "expected the raw event's name at type, got none"),
        ("5", "MF705", "expected the raw event's name at type, got a number"),
    ],
)
def test_a_raw_event_without_a_name_is_a_fault(mapped: MappedBy, name: str | None, code: str, reason: str) -> None:
    assert mapped(TWO + CATCH_ALL, raw_event(type=name)).reasons == [(code, reason)]


def test_name_overrides_the_metric_name(mapped: MappedBy) -> None:
    assert metric(mapped, "Order:\n  trigger: {event: order}\n  name: Ordered (web)\n", raw_event()) == "Ordered (web)"


def test_without_name_the_key_is_the_metric_name(mapped: MappedBy) -> None:
    assert metric(mapped, "Order: {trigger: {event: order}}\n", raw_event()) == "Order"


def test_name_received_sends_the_name_the_raw_event_came_with(mapped: MappedBy) -> None:
    events = "Order:\n  trigger: {event: [order, order.v2]}\n  name: received\n"
    assert [metric(mapped, events, raw_event(type=f'"{name}"')) for name in ("order", "order.v2")] == [
        "order",
        "order.v2",
    ]


def test_the_name_may_stand_deep_in_the_body(mapped: MappedBy) -> None:
    vendor = vendor_yaml(source=SOURCE.replace("event: type", "event: meta.event.name"))
    raw = raw_event(type=None, a='{"name":"other"}', meta='{"event":{"name":"order"}}', x="1")
    assert mapped(TWO, raw, vendor=vendor).entries == [("First", "klaviyo")]


def test_only_gives_a_platform_these_entries_and_no_others(mapped: MappedBy) -> None:
    vendor = vendor_yaml(platforms="{klaviyo: {only: [Second]}, omnisend: {origin: acme}}")
    result = mapped(TWO, raw_event(x="1", kind='"B"'), vendor=vendor)
    assert result.entries == [("First", "omnisend"), ("Second", "klaviyo"), ("Second", "omnisend")]


def test_except_keeps_entries_from_a_platform(mapped: MappedBy) -> None:
    vendor = vendor_yaml(platforms="{klaviyo: {except: [Second]}, omnisend: {origin: acme}}")
    result = mapped(TWO, raw_event(x="1", kind='"B"'), vendor=vendor)
    assert result.entries == [("First", "klaviyo"), ("First", "omnisend"), ("Second", "omnisend")]


def test_an_entry_that_no_platform_gets_is_skipped_with_that_reason(mapped: MappedBy) -> None:
    vendor = vendor_yaml(platforms="{klaviyo: {except: [First]}}")
    result = mapped(TWO, raw_event(type='"order.again"'), vendor=vendor)
    assert [(note.entry, note.reason) for note in result.skipped] == [
        ("First", "none of the platforms gets this entry")
    ]
    assert (result.entries, result.faults) == ([], [])


@pytest.mark.parametrize("to", ["omnisend", ["omnisend"], ("omnisend",), {"omnisend"}])
def test_to_names_the_platforms_that_are_asked_for(mapped: MappedBy, to: str | list[str]) -> None:
    result = mapped(TWO, raw_event(x="1"), vendor=vendor_yaml(platforms=BOTH), to=to)
    assert result.entries == [("First", "omnisend")]


ONE_OF = """
Paid:
  trigger: {event: order, when: "kind == 'paid'"}
  attributes: {x: integer, both: text, times: {type: list, each: {type: integer, from: "@"}}}
Sent:
  trigger: {event: order, when: "kind == 'sent'"}
  attributes: {y: {type: text, from: x}, both: text}
"""


@pytest.mark.parametrize(
    ("kind", "x", "times", "sent"),
    [
        ("paid", "5", "[1,2]", {"x": N("5"), "both": "b", "times": [N("1"), N("2")]}),
        ("sent", '"abc"', '"never"', {"y": "abc", "both": "b"}),
    ],
)
def test_what_one_entry_reads_may_be_of_another_type_where_another_is_made(
    mapped: MappedBy, kind: str, x: str, times: str, sent: object
) -> None:
    assert mapped(ONE_OF, raw_event(kind=f'"{kind}"', x=x, both='"b"', times=times)).properties() == sent


@pytest.mark.parametrize("kind", ['"gone"', "null"])
def test_why_nothing_is_sent_is_said_without_the_interpreter(mapped: MappedBy, kind: str) -> None:
    result = mapped(ONE_OF, raw_event(kind=kind, both='"b"')).result
    assert [(note.entry, note.platform, note.reason, note.place, note.code) for note in result.skipped] == [
        ("Paid", None, "`kind == 'paid'` does not hold", "acme/events.yaml:3", "MF709"),
        ("Sent", None, "`kind == 'sent'` does not hold", "acme/events.yaml:6", "MF709"),
    ]
    assert (result.payloads, result.faults, result.slow_path) == ([], [], False)
