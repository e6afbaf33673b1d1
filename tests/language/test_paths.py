"""Paths: steps, index, slice, projection, filter, pipe, and what an absent or a scalar place on the way means."""

from __future__ import annotations

import pytest

from tests.language.acme import N
from tests.language.conftest import Refusal, Sent

ITEMS = '[{"n":1,"t":"a","u":["p","q"]},{"n":2.50,"t":"b","u":["r"]},{"n":3,"t":"c","u":[]}]'


@pytest.mark.parametrize("path", ["tier-name", "$value", "a-b.$c-1", "1", "a_b.2.c"])
def test_a_dotted_path_is_read_key_by_key(sent: Sent, path: str) -> None:
    first, *rest = path.split(".")
    value = '"found"'
    for name in reversed(rest):
        value = f'{{"{name}":{value}}}'
    assert sent(f'{{type: text, from: "{path}"}}', **{first: value}) == "found"


def test_the_default_path_is_the_attributes_own_name_as_a_literal_key(sent: Sent) -> None:
    rules = "a.b: text\nc d: text\n$e-f: text\n(g): {type: text}"
    keys = {"a.b": '"1"', "c d": '"2"', "$e-f": '"3"', "(g)": '"4"', "a": '{"b":"no"}'}
    assert sent(rules, **keys) == {"a.b": "1", "c d": "2", "$e-f": "3", "(g)": "4"}


@pytest.mark.parametrize("raw", [None, "null", "{}", '{"b":null}', '{"b":{}}', '{"b":{"c":null}}'])
def test_a_path_through_something_absent_is_absent(sent: Sent, raw: str | None) -> None:
    assert sent("{type: text | null, from: a.b.c}", a=raw) is None


@pytest.mark.parametrize(
    ("raw", "got"),
    [('"t"', "a string"), ("5", "a number"), ("true", "a boolean"), ("[]", "a list"), ('{"b":5}', "a number")],
)
def test_a_path_through_a_text_or_number_is_a_fault(refusal: Refusal, raw: str, got: str) -> None:
    assert refusal("{type: text | null, from: a.b.c}", a=raw) == ("MF705", f"expected an object, got {got}")


@pytest.mark.parametrize(
    ("path", "sends"),
    [
        ("items[0].t", "a"),
        ("items[-1].t", "c"),
        ("items[3].t", None),
        ("items[-4].t", None),
        ("items[?t=='b'].t | [0]", "b"),
        ("items[?n>`2`].t | [0]", "b"),
        ("items[?n==`2.5`].t | [0]", "b"),
        ("items[?n>=`3` && t!='a'].t | [0]", "c"),
        ("items[?contains(u, 'r')].t | [0]", "b"),
        ("items[?t=='z'].t | [0]", None),
        ("items[1:].t | [0]", "b"),
        ("items[::-1].t | [0]", "c"),
        ("items[0].u[1]", "q"),
        ("items | [0] | t", "a"),
        ("nothing[0].t", None),
        ("nothing[*].t | [0]", None),
        ('"items"[0]."t"', "a"),
        ("nothing || items[0].t", "a"),
        ("nothing.at.all || 'none'", "none"),
        ("items[0].t && items[1].t", "b"),
    ],
)
def test_every_kind_of_step(sent: Sent, path: str, sends: str | None) -> None:
    assert (
        sent(
            f"{{type: text | null, from: {path!r}}}" if '"' in path else f'{{type: text | null, from: "{path}"}}',
            items=ITEMS,
        )
        == sends
    )


@pytest.mark.parametrize(
    ("path", "sends"),
    [
        ("items[*].n", [N("1"), N("2.50"), N("3")]),
        ("items[:2].t", ["a", "b"]),
        ("items[?n<`3`].u", [["p", "q"], ["r"]]),
        ("items[*].u[0:1]", [["p"], ["r"], []]),
        ("items[5:]", []),
    ],
)
def test_a_projection_gives_a_list(sent: Sent, path: str, sends: list[object]) -> None:
    assert sent(f'{{type: list, from: "{path}"}}', items=ITEMS) == sends


@pytest.mark.parametrize("items", ['[{"t":"a"},{}]', '[{"t":null}]', "[null]"])
def test_a_projection_whose_element_is_null_is_a_fault(refusal: Refusal, items: str) -> None:
    reason = "expected every element of the projection to be there; `each` takes what may be null, got null"
    assert refusal('{type: list | null, from: "items[*].t"}', items=items) == ("MF705", reason)


@pytest.mark.parametrize("path", ["items[0]", "items[1:]", "items[*].t"])
def test_an_index_into_what_is_no_list_is_a_fault(refusal: Refusal, path: str) -> None:
    assert refusal(f'{{type: list | null, from: "{path}"}}', items='{"a":1}') == (
        "MF705",
        "expected a list, got an object",
    )


@pytest.mark.parametrize(
    ("path", "raw", "sends"),
    [
        ("length(x)", '"größe"', N("5")),
        ("length(x)", "[1,2]", N("2")),
        ("length(x)", '{"a":1}', N("1")),
        ("length(x)", None, None),
    ],
)
def test_length_of_a_text_a_list_or_an_object(sent: Sent, path: str, raw: str | None, sends: object) -> None:
    assert sent(f'{{type: integer | null, from: "{path}"}}', x=raw) == sends


@pytest.mark.parametrize(
    ("path", "holds"),
    [
        ("contains(x, 'b')", True),
        ("contains(x, 'z')", False),
        ("starts_with(x, 'ab')", True),
        ("ends_with(x, 'bc')", True),
        ("ends_with(x, 'ab')", False),
        ("starts_with(nothing, 'ab')", None),
        ("contains(nothing, 'ab')", None),
    ],
)
def test_the_functions_on_texts(sent: Sent, path: str, holds: bool | None) -> None:
    assert sent(f'{{type: boolean | null, from: "{path}"}}', x='"abc"') is holds


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("length(x)", "expected a text, list or object, got a number"),
        ("starts_with(x, 'a')", "expected a text, got a number"),
        ("contains(x, 'a')", "expected a text, got a number"),
        ("contains(y, x)", "expected a text, got a number"),
    ],
)
def test_a_function_of_another_type_is_a_fault(refusal: Refusal, path: str, reason: str) -> None:
    assert refusal(f'{{type: boolean, from: "{path}"}}', x="5", y='"5"') == ("MF705", reason)


def test_a_list_of_paths_is_the_first_that_is_present(sent: Sent) -> None:
    rules = (
        "a: {type: text, from: [x, y.z, w]}\n"
        "b: {type: text | null, from: [x, y.v]}\n"
        "c: {type: text, from: [w, x], absent: none}"
    )
    assert sent(rules, x="null", y='{"z":"z"}', w='""') == {"a": "z", "b": None, "c": ""}


def test_a_path_behind_the_first_that_is_present_may_hold_anything(sent: Sent) -> None:
    assert sent("{type: text, from: [a, b]}", a='"a"', b="5") == "a"


def test_at_is_the_place_itself(sent: Sent) -> None:
    assert sent('{type: integer, from: "length(@)"}') == N("6")
    assert set(sent('{type: object, from: "@"}')) == {"type", "id", "at", "zone", "currency", "email"}


def test_a_place_may_be_read_whole_and_into(sent: Sent) -> None:
    rules = "whole: {type: object, from: a}\npart: {type: text, from: a.b}\ndeep: {type: integer, from: a.c.d}"
    raw = '{"b":"b","c":{"d":5},"e":null}'
    assert sent(rules, a=raw) == {"whole": {"b": "b", "c": {"d": N("5")}, "e": None}, "part": "b", "deep": N("5")}


def test_one_path_may_be_read_as_two_types(sent: Sent) -> None:
    assert sent("a: {type: id, from: n}\nb: {type: integer, from: n}", n="47") == {"a": "47", "b": N("47")}


def test_the_last_of_equal_keys_counts(sent: Sent) -> None:
    assert sent("{type: text, from: a.b}", a='{"b":"first"},"a":{"b":"x","b":"last"}') == "last"


def test_an_escaped_key_is_the_key(sent: Sent) -> None:
    assert sent("{type: text, from: abc}", d='0,"\\u0061bc":"found"') == "found"
