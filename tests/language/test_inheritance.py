"""like, add, change and drop: what an entry takes from its parent, and in what order it is sent."""

from __future__ import annotations

from tests.language.acme import BOTH, N, raw_event, vendor_yaml
from tests.language.conftest import MappedBy

PARENT = """
Parent:
  trigger: {event: parent}
  name: The parent
  describe: The parent's words
  assumed: the parent is
  person: who
  identity: {email: mail}
  attributes:
    a: {type: text, when: "k == 'K'", from: x.a, blank: [""], sensitive: true, absent: none}
    b: {type: integer, from: x.b}
    c: {type: text | null, from: x.c}
"""
RAW = {
    "type": '"child"',
    "who": '{"mail":"bob@post.example","email":"eve@post.example"}',
    "x": '{"a":"5","b":7,"c":"c"}',
    "k": '"K"',
    "d": '"d"',
}


def child(mapped: MappedBy, rules: str, **raw: str | None) -> list[tuple[str, object]]:
    """The properties of an entry that is like PARENT, in their order."""
    events = f"{PARENT}\nChild:\n  trigger: {{event: child}}\n  like: Parent\n{rules}"
    return list(mapped(events, raw_event(**{**RAW, **raw})).properties().items())


def test_like_takes_all_attributes_in_the_parents_order(mapped: MappedBy) -> None:
    assert child(mapped, "") == [("a", "5"), ("b", N("7")), ("c", "c")]


def test_like_does_not_take_trigger_name_describe_and_assumed(mapped: MappedBy) -> None:
    events = f"{PARENT}\nChild:\n  like: Parent\n"
    result = mapped(events, raw_event(**{**RAW, "type": '"Child"'}))
    assert result.body()["data"]["attributes"]["metric"]["data"]["attributes"]["name"] == "Child"
    assert mapped(events, raw_event(**{**RAW, "type": '"parent"'})).entries == [("Parent", "klaviyo")]


def test_like_takes_person_and_identity(mapped: MappedBy) -> None:
    events = f"{PARENT}\nChild:\n  trigger: {{event: child}}\n  like: Parent\n"
    assert mapped(events, raw_event(**RAW)).payload().profile_key == "email:bob@post.example"


def test_other_keys_beside_like_replace(mapped: MappedBy) -> None:
    events = f"{PARENT}\nChild:\n  trigger: {{event: child}}\n  like: Parent\n  identity: {{email: email}}\n"
    assert mapped(events, raw_event(**RAW)).payload().profile_key == "email:eve@post.example"


def test_like_takes_keep_and_value(mapped: MappedBy) -> None:
    events = (
        "Parent:\n  keep: {from: x, except: [b]}\n  value: {from: x.b}\n"
        "Child:\n  trigger: {event: child}\n  like: Parent\n  add: {a: {type: text, from: d}}\n"
    )
    result = mapped(events, raw_event(**RAW))
    assert (result.properties(), result.body()["data"]["attributes"]["value"]) == ({"a": "d", "c": "c"}, N("7"))


def test_added_attributes_are_sent_last(mapped: MappedBy) -> None:
    assert child(mapped, "  add: {d: text}\n") == [("a", "5"), ("b", N("7")), ("c", "c"), ("d", "d")]


def test_changed_attributes_stay_in_their_place(mapped: MappedBy) -> None:
    rules = "  change: {b: {type: text, from: d}}\n"
    assert child(mapped, rules) == [("a", "5"), ("b", "d"), ("c", "c")]


def test_dropped_attributes_are_not_sent(mapped: MappedBy) -> None:
    assert child(mapped, "  drop: [a, c]\n") == [("b", N("7"))]


def test_a_text_in_change_keeps_the_source_and_when(mapped: MappedBy) -> None:
    rules = "  change: {a: id | null}\n  drop: [b, c]\n"
    assert child(mapped, rules) == [("a", "5")]
    assert child(mapped, rules, k='"L"') == [("a", None)]


def test_a_text_in_change_drops_blank_and_absent(mapped: MappedBy) -> None:
    rules = "  change: {a: text | null}\n  drop: [b, c]\n"
    assert child(mapped, rules, x='{"a":""}') == [("a", "")]
    assert child(mapped, rules, x='{"a":null}') == [("a", None)]


def test_a_mapping_in_change_is_the_attribute_anew(mapped: MappedBy) -> None:
    rules = "  change: {a: {type: text, from: d}}\n  drop: [b, c]\n"
    assert child(mapped, rules, k='"L"', x="{}") == [("a", "d")]


def test_changes_of_the_child_leave_the_parent_as_it_is(mapped: MappedBy) -> None:
    rules = "  change: {b: {type: text, from: d}}\n  drop: [a]\n"
    events = f"{PARENT}\nChild:\n  trigger: {{event: child}}\n  like: Parent\n{rules}"
    result = mapped(events, raw_event(**{**RAW, "type": '"parent"'}), vendor=vendor_yaml(platforms=BOTH))
    assert result.properties() == result.properties("omnisend") == {"a": "5", "b": N("7"), "c": "c"}


def test_groups_are_sent_as_in_use_then_attributes(mapped: MappedBy) -> None:
    vendor = vendor_yaml(more="groups:\n  one: {p: text, q: text}\n  two: {r: text}\n")
    events = "Order:\n  trigger: {event: order}\n  attributes: {z: text}\n  use: {two: second, one: first}\n"
    raw = raw_event(z='"z"', first='{"p":"p","q":"q"}', second='{"r":"r"}')
    assert list(mapped(events, raw, vendor=vendor).properties()) == ["r", "p", "q", "z"]


def test_a_group_may_be_changed_and_dropped_by_a_child(mapped: MappedBy) -> None:
    vendor = vendor_yaml(more="groups:\n  one: {p: text, q: {type: text, from: q.q}}\n")
    events = (
        "Order:\n  use: {one: first}\nChild:\n  trigger: {event: child}\n  like: Order\n"
        "  change: {q: integer}\n  drop: [p]\n"
    )
    raw = raw_event(type='"child"', first='{"q":{"q":5}}')
    assert mapped(events, raw, vendor=vendor).properties() == {"q": N("5")}
