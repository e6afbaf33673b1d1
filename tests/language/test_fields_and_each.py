"""fields and each: objects and lists made member by member; neither: as it came."""

from __future__ import annotations

import pytest

from tests.language.acme import SOURCE, N, entry_yaml, raw_event, vendor_yaml
from tests.language.conftest import MappedBy, Refusal, Sent

ITEMS = """
{type: list, from: items, fields: {
 sku: {type: id, from: code}, price: {type: decimal, round: down, places: 2}, gift: {type: boolean, absent: omit},
 note: {type: text, name: "the note", absent: "-"},
 size: {type: object | null, fields: {w: {type: integer, from: width}}}}}
""".replace("\n", "")


def test_fields_of_a_list_make_each_of_its_objects(sent: Sent) -> None:
    raw = '[{"code":1,"price":"1.999","gift":true,"size":{"width":5,"h":1}},{"code":"b","price":2,"note":"n"}]'
    assert sent(ITEMS, items=raw) == [
        {"sku": "1", "price": N("1.99"), "gift": True, "the note": "-", "size": {"w": N("5")}},
        {"sku": "b", "price": N("2.00"), "the note": "n", "size": None},
    ]


def test_fields_of_an_object_make_its_members(sent: Sent) -> None:
    rule = "{type: object, from: o, fields: {b: {type: text, from: x.y}, a: integer}}"
    assert list(sent(rule, o='{"a":1,"x":{"y":"z"},"c":0}').items()) == [("b", "z"), ("a", N("1"))]


def test_each_makes_one_attribute_for_each_element(sent: Sent) -> None:
    rules = (
        "a: {type: list, from: l, each: {type: decimal, from: '@', round: up, places: 0}}\n"
        "b: {type: list, from: m, each: {type: text | null, from: t}}\n"
        "c: {type: list, from: m, each: {type: text, from: t, absent: omit}}"
    )
    raw = {"l": '[1.1,"2.0"]', "m": '[{"t":"x"},{},{"t":null}]'}
    assert sent(rules, **raw) == {"a": [N("2"), N("2")], "b": ["x", None, None], "c": ["x"]}


def test_each_may_be_alternatives_and_lists_in_lists(sent: Sent) -> None:
    rules = (
        "a: {type: list, from: l, each: "
        "[{when: \"k == 'A'\", type: text, from: v}, {type: decimal, as: text, from: v}]}\n"
        "b: {type: list, from: m, each: {type: list, from: '@', each: {type: integer, from: '@'}}}"
    )
    raw = {"l": '[{"k":"A","v":"x"},{"v":1.50}]', "m": "[[1],[],[2,3]]"}
    assert sent(rules, **raw) == {"a": ["x", "1.50"], "b": [[N("1")], [], [N("2"), N("3")]]}


def test_neither_sends_it_as_it_came(sent: Sent) -> None:
    raw = '{"b":[1.10,{"a":null,"c":""}],"a":true}'
    assert sent("{type: object}", x=raw) == {"b": [N("1.10"), {"a": None, "c": ""}], "a": True}


@pytest.mark.parametrize("raw", [None, "null"])
def test_an_absent_object_or_list_is_absent(sent: Sent, refusal: Refusal, raw: str | None) -> None:
    rules = "a: {type: object | null, from: x, fields: {b: text}}\nc: {type: list, from: x, each: text, absent: omit}"
    assert sent(rules, x=raw) == {"a": None}
    assert refusal("{type: list, fields: {b: text}}", x=raw) == ("MF704", "expected a value, got none")


def test_a_blank_object_is_absent(sent: Sent) -> None:
    assert sent('{type: object | null, blank: [""], fields: {b: text}}', x='""') is None


@pytest.mark.parametrize(
    ("rule", "raw", "reason"),
    [
        ("{type: object, fields: {a: text}}", "[]", "expected an object, got a list"),
        ("{type: list, fields: {a: text}}", "{}", "expected a list, got an object"),
        ("{type: list, each: text}", '"x"', "expected a list, got a string"),
    ],
)
def test_what_is_no_object_or_list_is_a_fault(refusal: Refusal, rule: str, raw: str, reason: str) -> None:
    assert refusal(rule, x=raw) == ("MF705", reason)


def test_every_fault_within_is_named_with_its_place(mapped: MappedBy) -> None:
    events = entry_yaml("x: {type: list, fields: {a: text, b: {type: list, each: {type: integer, from: '@'}}}}")
    result = mapped(events, raw_event(x='[{"a":5,"b":[1]},{"a":"a","b":["x",2,true]},7]'))
    assert [(fault.attribute, fault.path, fault.expected, fault.got) for fault in result.faults] == [
        ("x[0].a", "a", "a text", "a number"),
        ("x[1].b[0].each", "@", "an integer", "a string"),
        ("x[1].b[2].each", "@", "an integer", "a boolean"),
        ("x[2]", "x", "an object", "a number"),
    ]
    assert (result.entries, {fault.place for fault in result.faults}) == ([], {"acme/events.yaml:4"})


def test_zone_currency_and_locale_of_the_vendor_hold_within(sent: Sent) -> None:
    rule = (
        "{type: list, from: l, fields: {d: {type: datetime, format: 'd MMMM'}, "
        "m: {type: decimal, round: down, places: currency, as: money}}}"
    )
    vendor = vendor_yaml(source=SOURCE.replace("{constant: en-US}", "lang"))
    raw = '[{"d":"2026-03-01T23:30:00Z","m":"5.999"}]'
    expected = [{"d": "2 März", "m": "5,99\xa0€"}]
    assert sent(rule, vendor=vendor, l=raw, lang='"de"') == expected


def test_a_zone_within_may_be_read_from_the_place(sent: Sent) -> None:
    rule = "{type: list, from: l, fields: {d: {type: datetime, format: HH, zone: z}}}"
    assert sent(rule, l='[{"d":"2026-03-01T12:00:00Z","z":"UTC"},{"d":"2026-03-01T12:00:00Z","z":"Asia/Tokyo"}]') == [
        {"d": "12"},
        {"d": "21"},
    ]
