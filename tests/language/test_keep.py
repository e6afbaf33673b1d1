"""keep: the keys of an object that no attribute names are sent as they came."""

from __future__ import annotations

import json

import pytest

from tests.language.acme import BOTH, N, raw_event, vendor_yaml
from tests.language.conftest import MappedBy

VENDOR = vendor_yaml(platforms=BOTH)
ENTRY = (
    "Order:\n  trigger: {event: order}\n  keep: %s\n  attributes:\n"
    "    a: {type: text | null, from: bag.a}\n    n: {type: integer, name: m, from: bag.n}\n"
)
BAG = '{"z":{"deep":[1.0,null]},"n":5,"a":null,"m":"m","y":"y","b":1e2}'


def test_kept_keys_are_sent_after_the_attributes_as_they_came(mapped: MappedBy) -> None:
    result = mapped(ENTRY % "bag", raw_event(bag=BAG), vendor=VENDOR)
    expected = [("a", None), ("m", N("5")), ("z", {"deep": [N("1.0"), None]}), ("y", "y"), ("b", N("100"))]
    assert list(result.properties().items()) == expected == list(result.properties("omnisend").items())


def test_a_key_that_an_attribute_names_is_not_kept_by_any_of_its_names(mapped: MappedBy) -> None:
    vendor = vendor_yaml(platforms="{klaviyo: {rename: {a: y}}, omnisend: {origin: acme, omit: [a]}}")
    result = mapped(ENTRY % "bag", raw_event(bag=BAG), vendor=vendor)
    assert list(result.properties()) == ["y", "m", "z", "b"]
    assert list(result.properties("omnisend")) == ["m", "z", "y", "b"]


def test_except_leaves_keys_out(mapped: MappedBy) -> None:
    result = mapped(ENTRY % "{from: bag, except: [z, b, unheard]}", raw_event(bag=BAG), vendor=VENDOR)
    assert list(result.properties()) == ["a", "m", "y"]


def test_an_absent_object_keeps_nothing(mapped: MappedBy) -> None:
    for bag in (None, "null", "{}"):
        result = mapped("Order:\n  trigger: {event: order}\n  keep: bag\n", raw_event(bag=bag), vendor=VENDOR)
        assert result.properties() == {}


@pytest.mark.parametrize(("bag", "got"), [("[]", "a list"), ('"text"', "a string"), ("5", "a number")])
def test_what_is_no_object_is_a_fault(mapped: MappedBy, bag: str, got: str) -> None:
    result = mapped("Order:\n  trigger: {event: order}\n  keep: bag\n", raw_event(bag=bag), vendor=VENDOR)
    assert result.reasons == [("MF705", f"keep from bag: expected an object, got {got}")]
    assert result.entries == []


def test_the_raw_event_itself_may_be_kept(mapped: MappedBy) -> None:
    events = "Order:\n  trigger: {event: order}\n  keep: {from: '@', except: [type, id, at, zone, currency]}\n"
    result = mapped(events, raw_event(x="-0.0"), vendor=VENDOR)
    assert result.properties() == {"email": "ada@post.example", "x": N("0.0")}


def test_an_attribute_that_is_omitted_is_not_kept_either(mapped: MappedBy) -> None:
    events = "Order:\n  trigger: {event: order}\n  keep: bag\n  attributes: {a: {type: text, from: x, absent: omit}}\n"
    assert mapped(events, raw_event(bag='{"a":1,"b":2}'), vendor=VENDOR).properties() == {"b": N("2")}


def test_a_platforms_rules_hold_beside_keep(mapped: MappedBy) -> None:
    vendor = vendor_yaml(platforms="{klaviyo: {null_if: {n: '5'}}, omnisend: {origin: acme, as: {n: text}}}")
    result = mapped(ENTRY % "bag", raw_event(bag='{"n":5,"q":0.10}'), vendor=vendor)
    assert result.properties() == {"a": None, "m": None, "q": N("0.10")}
    assert result.properties("omnisend") == {"a": None, "m": "5", "q": N("0.10")}


def test_the_last_of_equal_keys_is_kept(mapped: MappedBy) -> None:
    events = "Order:\n  trigger: {event: order}\n  keep: bag\n"
    assert mapped(events, raw_event(bag='{"a":1,"b":2,"a":3}')).properties() == {"a": N("3"), "b": N("2")}


def test_a_number_beyond_the_bounds_is_a_fault(mapped: MappedBy) -> None:
    result = mapped("Order:\n  trigger: {event: order}\n  keep: bag\n", raw_event(bag='{"a":[1e51]}'), vendor=VENDOR)
    assert ([fault.code for fault in result.faults], result.entries) == (["MF706"], [])


@pytest.mark.parametrize(("levels", "codes"), [(100, ["MF708"]), (101, ["MF702"]), (400, ["MF702"])])
def test_what_is_nested_beyond_a_hundred_levels_is_a_fault(mapped: MappedBy, levels: int, codes: list[str]) -> None:
    bag = '{"a":' + "[" * levels + "]" * levels + "}"
    result = mapped("Order:\n  trigger: {event: order}\n  keep: bag\n", raw_event(bag=bag), vendor=VENDOR)
    assert [fault.code for fault in result.faults] == codes


def test_limits_hold_for_what_stands_beside_kept_keys_too(mapped: MappedBy) -> None:
    lines = "    lines: {type: list, fields: {note: {type: text}}}\n"
    events = f"Order:\n  trigger: {{event: order}}\n  keep: data\n  attributes:\n{lines}"
    result = mapped(events, raw_event(data="{}", lines=f'[{{"note":"{"x" * 100_001}"}}]'))
    assert [(fault.code, fault.got) for fault in result.faults] == [("MF708", "a text over 100,000 bytes")]


def test_a_made_list_may_have_4000_elements_and_no_more(mapped: MappedBy) -> None:
    events = "Order:\n  trigger: {event: order}\n  attributes:\n    tags: {type: list, each: {type: text}}\n"
    assert len(mapped(events, raw_event(tags=json.dumps(["x"] * 4000))).properties()["tags"]) == 4000
    result = mapped(events, raw_event(tags=json.dumps(["x"] * 4001)))
    assert [(fault.code, fault.got) for fault in result.faults] == [("MF708", "a list of 4001 elements, at most 4000")]


def test_what_cannot_be_kept_is_a_fault_even_where_nobody_is_told(mapped: MappedBy) -> None:
    vendor = vendor_yaml(identity="{email: email, none: skip}", platforms=BOTH)
    entry = "Order:\n  trigger: {event: order}\n  keep: bag\n"
    result = mapped(entry, raw_event(email="null", bag='"a text"'), vendor=vendor)
    assert (result.entries, [note.code for note in result.skipped]) == ([], ["MF707", "MF707"])
    assert result.reasons == [("MF705", "keep from bag: expected an object, got a string")]
