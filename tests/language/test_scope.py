"""Scope: what each path is relative to."""

from __future__ import annotations

import pytest

from tests.language.acme import N, entry_yaml, raw_event, vendor_yaml
from tests.language.conftest import MappedBy, Sent

GROUP = """
groups:
  buyer:
    name: {type: text | null, join: [first, last]}
    mail: {type: text, from: email}
    greeting: {type: text | null, when: "vip == `true`", template: "Dear {{ last }}"}
    first_tag: {type: text | null, from: "tags[0]"}
    big: {type: list, from: "orders[?total > `1`].id", absent: omit}
    whole: {type: object, from: "@", absent: omit}
    either: {type: text, from: "nick || last", absent: "-"}
    own: {type: text | null}
"""
BUYER = (
    '{"first":"Ada","last":"L","email":"a@b.example","vip":true,"tags":["x"],"orders":[{"id":1,"total":2}],"own":"o"}'
)


def use(mapped: MappedBy, root: str, raw: bytes) -> dict[str, object]:
    events = f"Order:\n  trigger: {{event: order}}\n  use: {{buyer: {root}}}\n"
    properties = mapped(events, raw, vendor=vendor_yaml(more=GROUP)).properties()
    properties.pop("whole", None)
    return properties


EXPECTED = {
    "name": "Ada L",
    "mail": "a@b.example",
    "greeting": "Dear L",
    "first_tag": "x",
    "big": [N("1")],
    "either": "L",
    "own": "o",
}


@pytest.mark.parametrize(
    ("root", "raw"),
    [
        ("buyer", raw_event(buyer=BUYER)),
        ("a.b-c", raw_event(a=f'{{"b-c":{BUYER}}}')),
        ('"people[0]"', raw_event(people=f"[{BUYER}]")),
        ("\"people[?k=='b'] | [0].who\"", raw_event(people=f'[{{"k":"a"}},{{"k":"b","who":{BUYER}}}]')),
    ],
)
def test_paths_in_groups_are_relative_to_the_root(mapped: MappedBy, root: str, raw: bytes) -> None:
    assert use(mapped, root, raw) == EXPECTED


def test_a_root_may_be_the_raw_event_itself(mapped: MappedBy) -> None:
    assert use(mapped, '"@"', raw_event(more=BUYER[1:-1]))["name"] == "Ada L"


def test_a_root_that_may_be_absent_makes_its_attributes_nullable(mapped: MappedBy) -> None:
    absent = {"name": None, "mail": None, "greeting": None, "first_tag": None, "either": "-", "own": None}
    assert use(mapped, "buyer | null", raw_event()) == absent
    assert use(mapped, "buyer | null", raw_event(buyer=BUYER)) == EXPECTED


def test_an_attribute_of_a_root_that_must_be_there_is_a_fault_without_it(mapped: MappedBy) -> None:
    events = "Order:\n  trigger: {event: order}\n  use: {buyer: buyer}\n"
    result = mapped(events, vendor=vendor_yaml(more=GROUP))
    assert [(fault.attribute, fault.path, fault.place) for fault in result.faults] == [
        ("mail", "buyer.email", "acme/vendor.yaml:10")
    ]


def test_a_group_may_be_used_at_two_roots_by_two_entries(mapped: MappedBy) -> None:
    vendor = vendor_yaml(more="groups:\n  who: {mail: {type: text, from: email}}\n")
    events = "A: {trigger: {event: order}, use: {who: a}}\nB: {trigger: {event: order}, use: {who: b}}\n"
    result = mapped(events, raw_event(a='{"email":"1"}', b='{"email":"2"}'), vendor=vendor)
    assert [result.properties(entry=entry)["mail"] for entry in "AB"] == ["1", "2"]


def test_there_is_no_way_up_from_fields_and_each(sent: Sent) -> None:
    rules = (
        "a: {type: object, from: o, fields: {currency: {type: text | null}, at: {type: text | null, from: at}}}\n"
        "b: {type: list, from: l, each: {type: text | null, from: currency}}"
    )
    assert sent(rules, o='{"at":"in"}', l="[{}]") == {"a": {"currency": None, "at": "in"}, "b": [None]}


def test_when_join_and_template_within_are_relative_to_the_place(sent: Sent) -> None:
    rule = (
        "{type: list, from: l, fields: {w: {type: text | null, when: \"currency == 'USD'\", from: v}, "
        "j: {type: text | null, join: [currency, v]}, t: {type: text, template: '{{ currency }}{{ v }}'}}}"
    )
    assert sent(rule, l='[{"currency":"USD","v":"x"},{"currency":"C","v":"y"}]') == [
        {"w": "x", "j": "USD x", "t": "USDx"},
        {"w": None, "j": "C y", "t": "Cy"},
    ]


def test_attributes_trigger_and_keep_are_from_the_raw_root_whatever_the_person(mapped: MappedBy) -> None:
    events = (
        "Order:\n  trigger: {event: order, when: \"k == 'root'\"}\n  person: who\n  keep: bag\n"
        "  attributes: {k: text, x: {type: text, from: who.k}}\n"
    )
    raw = raw_event(k='"root"', who='{"k":"within","email":"w@b.example","bag":{"no":1}}', bag='{"yes":1}')
    result = mapped(events, raw)
    assert result.properties() == {"k": "root", "x": "within", "yes": N("1")}
    assert result.payload().profile_key == "email:w@b.example"


def test_a_person_may_be_any_path(mapped: MappedBy) -> None:
    events = entry_yaml("x: text | null", 'person: "people[?main] | [0]"')
    raw = raw_event(people='[{"main":false},{"main":true,"email":"m@b.example"}]')
    assert mapped(events, raw).payload().profile_key == "email:m@b.example"


def test_a_zone_in_a_group_is_relative_to_its_root(mapped: MappedBy) -> None:
    more = "groups:\n  shop: {d: {type: datetime, format: HH, zone: tz}}\n"
    events = "Order: {trigger: {event: order}, use: {shop: shop}}\n"
    raw = raw_event(shop='{"d":"2026-03-01T12:00:00Z","tz":"Asia/Tokyo"}')
    assert mapped(events, raw, vendor=vendor_yaml(more=more)).properties() == {"d": "21"}
