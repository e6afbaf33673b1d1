"""join and template: texts made of parts."""

from __future__ import annotations

import pytest

from tests.language.acme import entry_yaml, raw_event, vendor_yaml
from tests.language.conftest import MappedBy, Refusal, Sent

URL = "{type: url | null, template: 'https://{{ shop.domain }}/{{ code }}.png'}"


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ('"Ada"', '"Lovelace"', "Ada Lovelace"),
        ('"Ada"', None, "Ada"),
        ('""', '"Lovelace"', "Lovelace"),
        ("null", '""', None),
        (None, None, None),
        ('" "', '"x"', "  x"),
    ],
)
def test_join_leaves_absent_and_empty_parts_out_and_none_left_is_absent(
    sent: Sent, first: str | None, last: str | None, name: str | None
) -> None:
    assert sent("{type: text | null, join: [a, b.c]}", a=first, b=f'{{"c":{last}}}' if last else None) == name


def test_join_has_a_separator_of_its_own(sent: Sent) -> None:
    assert sent("{type: text, join: [a, a, a], separator: ', '}", a='"x"') == "x, x, x"
    assert sent("{type: text, join: [a, a], separator: ''}", a='"x"') == "xx"


def test_a_join_of_nothing_that_is_required_is_a_fault(refusal: Refusal) -> None:
    assert refusal("{type: text, join: [a, b]}", a='""') == ("MF704", "expected a value, got none")


def test_a_part_of_a_join_is_a_text(refusal: Refusal) -> None:
    assert refusal("{type: text | null, join: [a, b]}", a="5", b='"x"') == ("MF705", "expected a text, got a number")


def test_a_template_is_filled_in(sent: Sent) -> None:
    assert sent(URL, shop='{"domain":"a.example"}', code='"47"') == "https://a.example/47.png"


@pytest.mark.parametrize("shop", [None, "null", "{}", '{"domain":null}'])
def test_a_missing_or_null_variable_makes_the_attribute_absent(sent: Sent, shop: str | None) -> None:
    assert sent(URL, shop=shop, code='"47"') is None


def test_a_variable_that_a_condition_would_not_use_makes_it_absent_too(sent: Sent) -> None:
    rule = '{type: text | null, template: "{{ a if flag else b }}"}'
    assert sent(rule, a='"a"', flag="true") is None
    assert sent(rule, a='"a"', b='"b"', flag="true") == "a"


def test_a_dot_reads_a_key_and_never_a_python_attribute(sent: Sent) -> None:
    rule = "{type: text | null, template: '{{ a.items }}{{ a.__class__ }}{{ a.get }}'}"
    assert sent(rule, a='{"items":"1","__class__":"2","get":"3"}') == "123"
    assert sent(rule, a='{"items":"1"}') is None


def test_a_dot_into_a_text_is_a_fault(refusal: Refusal) -> None:
    expected = ("MF705", "expected an object, got a string")
    assert refusal("{type: text | null, template: '{{ a.upper }}'}", a='"x"') == expected


@pytest.mark.parametrize(
    ("raw", "text"), [("1.50", "1.50"), ("1e2", "100"), ("47", "47"), ("1e-7", "0.0000001"), ("true", "true")]
)
def test_numbers_print_their_source_digits(sent: Sent, raw: str, text: str) -> None:
    assert sent("{type: text, template: '{{ a }}'}", a=raw) == text


@pytest.mark.parametrize(("raw", "got"), [("[]", "a list"), ("{}", "an object")])
def test_a_list_or_an_object_is_no_text(refusal: Refusal, raw: str, got: str) -> None:
    expected = ("MF705", f"expected a text, number or boolean, got {got}")
    assert refusal("{type: text, template: 'x{{ a }}'}", a=raw) == expected


def test_the_listed_filters_and_if_expressions(sent: Sent) -> None:
    text = "{{ a | upper }} {{ 'big' if n == 5 else 'small' }} {{ a | replace('l', 'L') | trim }}"
    rule = f'{{type: text, template: "{text}"}}'
    assert sent(rule, a='"hello "', n="5.0") == "HELLO  big heLLo"


def test_a_template_that_is_empty_is_a_text(sent: Sent) -> None:
    assert sent("{type: text | null, template: '{{ a }}'}", a='""') == ""


def test_a_text_without_bounds_is_a_fault(refusal: Refusal) -> None:
    expected = ("MF705", "expected a text of at most 100,000 characters, got a longer one")
    assert refusal("{type: text, template: '{{ a }}{{ a }}'}", a='"' + "x" * 50_001 + '"') == expected


@pytest.mark.parametrize("platforms", ["{klaviyo: {}}", "{omnisend: {origin: acme}}"])
def test_a_text_without_bounds_is_a_fault_within_an_object_too(mapped: MappedBy, platforms: str) -> None:
    rule = "{type: object, from: o, fields: {b: {type: text, template: '{{ a }}{{ a }}'}}}"
    raw = raw_event(o='{"a": "' + "x" * 50_001 + '"}')
    result = mapped(entry_yaml(f"x: {rule}"), raw, vendor=vendor_yaml(platforms=platforms))
    assert ([fault.code for fault in result.faults], result.entries) == (["MF705"], [])


def test_a_template_goes_through_the_rules_after_it(sent: Sent) -> None:
    rule = "{type: decimal, template: '{{ a }}.{{ b }}', round: down, places: 1, as: text}"
    assert sent(rule, a="12", b="99") == "12.9"


def test_hostile_texts_in_values_change_nothing_but_themselves(sent: Sent) -> None:
    assert sent("{type: text, template: '<{{ a }}>'}", a='"{{ b }}{% for %}\\"\\u0000"') == '<{{ b }}{% for %}"\x00>'


def test_a_constant(sent: Sent) -> None:
    rules = (
        "a: {type: text, constant: 'it''s {{ x }}'}\n"
        "b: {type: boolean, constant: 'true'}\n"
        "c: {type: id, constant: '007'}"
    )
    assert sent(rules) == {"a": "it's {{ x }}", "b": True, "c": "007"}


@pytest.mark.parametrize(
    ("raw", "sends"),
    [('"A"', "first"), ("5", "number"), ("5.0", "rest"), ("true", "yes"), ('"true"', "yes"), ('""', "empty")],
)
def test_a_map_goes_by_the_raw_scalars_json_text(sent: Sent, raw: str, sends: str) -> None:
    rule = "{type: text, from: a, map: {A: first, '5': number, 'true': 'yes', '': empty, '*': rest}}"
    assert sent(rule, a=raw) == sends


def test_a_value_outside_the_map_is_a_fault(refusal: Refusal) -> None:
    expected = ("MF711", "expected a value that the map lists, got another one")
    assert refusal("{type: text | null, from: a, map: {A: first}}", a='"B"') == expected


@pytest.mark.parametrize(("raw", "got"), [("[]", "a list"), ("{}", "an object")])
def test_a_map_takes_scalars(refusal: Refusal, raw: str, got: str) -> None:
    expected = ("MF711", f"expected a value that the map lists, got {got}")
    assert refusal("{type: text, from: a, map: {'*': rest}}", a=raw) == expected
