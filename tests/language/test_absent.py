"""Missing and null are one at the source; the empty string is a value unless `blank` says otherwise."""

from __future__ import annotations

import pytest

from tests.language.acme import N, entry_yaml, raw_event, vendor_yaml
from tests.language.conftest import MappedBy, Refusal, Sent

KINDS = ["text", "id", "integer", "decimal", "boolean", "date", "datetime", "url", "object", "list"]


@pytest.mark.parametrize("raw", [None, "null"])
@pytest.mark.parametrize("kind", KINDS)
def test_missing_and_null_are_one_at_the_source(sent: Sent, refusal: Refusal, kind: str, raw: str | None) -> None:
    assert sent(f"{{type: {kind} | null}}", x=raw) is None
    assert refusal(f"{{type: {kind}}}", x=raw) == ("MF704", "expected a value, got none")


def test_the_empty_string_is_a_value(sent: Sent) -> None:
    rules = "a: text | null\nb: {type: text, absent: none}\nc: id | null"
    assert sent(rules, a='""', b='""', c='""') == {"a": "", "b": "", "c": ""}


def test_blank_says_otherwise(sent: Sent) -> None:
    rules = 'a: {type: text | null, blank: [""]}\nb: {type: date, blank: ["", "0000-00-00"], absent: Never}'
    assert sent(rules, a='""', b='"0000-00-00"') == {"a": None, "b": "Never"}


@pytest.mark.parametrize(("word", "raw"), [("0", "0"), ("0", '"0"'), ("true", "true"), ("1.50", "1.50"), ("-1", "-1")])
def test_blank_goes_by_the_json_text_of_a_scalar(sent: Sent, word: str, raw: str) -> None:
    assert sent(f'{{type: id | null, blank: ["{word}"]}}', x=raw) is None


def test_blank_leaves_other_values_alone(sent: Sent) -> None:
    rules = (
        'a: {type: text | null, blank: [""]}\n'
        'b: {type: object | null, blank: [""]}\n'
        'c: {type: integer | null, blank: ["0"]}'
    )
    assert sent(rules, a='" "', b="{}", c="10") == {"a": " ", "b": {}, "c": N("10")}


def test_what_is_blank_and_required_is_a_fault(refusal: Refusal) -> None:
    assert refusal('{type: text, blank: [""]}', x='""') == ("MF704", "expected a value, got none")


def test_absent_is_of_the_json_type_that_is_sent(sent: Sent) -> None:
    rules = (
        "a: {type: integer, absent: '-1'}\nb: {type: decimal, absent: '0.00'}\nc: {type: boolean, absent: 'false'}\n"
        "d: {type: text, absent: ''}\ne: {type: decimal, as: text, absent: '1.5'}\nf: {type: datetime, absent: Never}"
    )
    assert sent(rules) == {"a": N("-1"), "b": N("0.00"), "c": False, "d": "", "e": "1.5", "f": "Never"}


@pytest.mark.parametrize("kind", KINDS)
def test_omit_leaves_the_key_out(sent: Sent, kind: str) -> None:
    assert sent(f"x: {{type: {kind}, absent: omit}}\ny: {{type: text | null}}") == {"y": None}


def test_the_word_omit_is_a_constant(sent: Sent) -> None:
    assert sent("{type: text, absent: {constant: omit}}") == "omit"


def test_an_omitted_key_is_there_where_its_source_is(sent: Sent) -> None:
    assert sent("{type: text, absent: omit}", x='"x"') == "x"


def test_a_named_type_may_say_blank_and_absent(sent: Sent) -> None:
    vendor = vendor_yaml(more="types:\n  expiry: {base: date, blank: ['-'], absent: Never}\n")
    assert sent("a: expiry\nb: {type: expiry, absent: never}", vendor=vendor, a='"-"') == {"a": "Never", "b": "never"}


def test_every_fault_of_an_event_is_named_at_once(mapped: MappedBy) -> None:
    events = entry_yaml("a: text\nb: integer\nc: {type: decimal, from: d.e}\nf: text")
    result = mapped(events, raw_event(a="5", b='"5"', f='"f"', at='"noon"', email="5"))
    assert [(fault.attribute, fault.code, fault.place) for fault in result.faults] == [
        ("time", "MF705", "acme/vendor.yaml:3"),
        ("a", "MF705", "acme/events.yaml:4"),
        ("b", "MF705", "acme/events.yaml:5"),
        ("c", "MF704", "acme/events.yaml:6"),
        ("email", "MF705", "acme/vendor.yaml:4"),
    ]
