"""Numbers: what is taken, with which digits, how it is rounded and how it is written."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapforge.values import numbers, quick
from mapforge.values.numbers import (
    MODES,
    as_written,
    decimal,
    integer,
    number,
    plain,
    rounded,
    rounding,
    scale,
    scaled,
    scaled_as_sent,
    sendable,
)
from mapforge.values.refused import Refused
from mapforge.values.wire import encode

JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
BEYOND = ("at most 50 digits and an exponent within ±50", "a number beyond", "MF706")

decimals = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent),
    st.integers(-(10**20), 10**20),
    st.integers(-25, 25),
).map(decimal)


def refusal(call: Callable[..., object], *values: object) -> tuple[str, str, str]:
    with pytest.raises(Refused) as caught:
        call(*values)
    return caught.value.expected, caught.value.got, caught.value.code


def outcome(call: Callable[[object], object], value: object) -> tuple[str, ...]:
    try:
        return (str(call(value)),)
    except Refused as refused:
        return refused.expected, refused.got, refused.code


# ── decimal ──


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (471, "471"),
        (-5, "-5"),
        (10**50 - 1, "9" * 50),
        (Decimal("471.00"), "471.00"),
        (Decimal("1E+2"), "1E+2"),
        ("471.00", "471.00"),
        ("-12.50", "-12.50"),
        ("1.0e2", "1.0E+2"),
        ("1E-3", "0.001"),
        ("0.000", "0.000"),
        ("1" * 50, "1" * 50),
        ("0." + "1" * 50, "0." + "1" * 50),
        ("9.9e50", "9.9E+50"),
        ("1e-50", "1E-50"),
    ],
)
def test_a_decimal_keeps_its_digits(value: object, digits: str) -> None:
    assert str(decimal(value)) == digits


@pytest.mark.parametrize("text", ["-0", "-0.0", "-0.000", "-0e5"])
def test_minus_zero_is_zero(text: str) -> None:
    assert [str(decimal(text)), str(decimal(Decimal(text)))] == [str(Decimal(text[1:]))] * 2


@pytest.mark.parametrize(
    "text",
    [
        "1_000",
        " 5",
        "5 ",
        "5\n",
        "NaN",
        "Infinity",
        "+5",
        "05",
        "-",
        "",
        ".5",
        "5.",
        "٣",
        "５",
        "1,5",
        "0x10",
        "1e",
        "--5",
    ],
)
def test_a_string_that_is_not_exactly_a_json_number_is_refused(text: str) -> None:
    assert refusal(decimal, text) == ("a decimal number", "a string that is not one", "MF705")


@pytest.mark.parametrize(
    ("value", "got"),
    [(True, "a boolean"), (None, "null"), ([5], "a list"), ({"amount": 5}, "an object")],
)
def test_another_type_is_not_a_decimal(value: object, got: str) -> None:
    assert refusal(decimal, value) == ("a decimal number", got, "MF705")


@pytest.mark.parametrize(
    "value",
    [
        "1" * 51,
        "1." + "0" * 50,
        "1e51",
        "1e-51",
        "10e50",
        "0e51",
        "0e-51",
        "0." + "0" * 51,
        "1e99999999999999999999",
        "1e-99999999999999999999",
        10**50,
        -(10**50),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("1e999999"),
    ],
)
def test_more_than_50_digits_or_an_exponent_beyond_50_is_refused(value: object) -> None:
    assert refusal(decimal, value) == BEYOND


def test_a_huge_integer_is_refused_without_being_converted() -> None:
    huge = 10**3_000_000
    assert [refusal(decimal, huge), refusal(integer, -huge)] == [BEYOND, BEYOND]


@given(st.from_regex(JSON_NUMBER, fullmatch=True))
def test_a_json_number_in_a_string_is_the_json_number(text: str) -> None:
    document = msgspec.json.Decoder(list[object], float_hook=number).decode(f"[{text}]")
    assert outcome(decimal, text) == outcome(decimal, document[0])


@given(st.text("0123456789+-.eE_ ٣\n", max_size=8))
def test_no_text_is_taken_that_json_does_not_take_for_a_number(text: str) -> None:
    try:
        taken = decimal(text)
    except Refused:
        return
    assert JSON_NUMBER.fullmatch(text)
    assert taken == json.loads(text, parse_float=Decimal, parse_int=Decimal)


def test_an_absurd_exponent_spoils_its_own_attribute_and_not_the_event() -> None:
    event = msgspec.json.Decoder(float_hook=number).decode(b'{"name": "Ada", "amount": 1e99999999999999999999}')
    assert event["name"] == "Ada"
    assert [refusal(decimal, event["amount"]), refusal(integer, event["amount"])] == [BEYOND, BEYOND]


# ── integer ──


@pytest.mark.parametrize(
    ("value", "whole"),
    [(5, 5), (Decimal("5.0"), 5), (Decimal("1e2"), 100), (Decimal("-0.0"), 0), (-7, -7), (Decimal("1e50"), 10**50)],
)
def test_a_number_without_a_fraction_is_an_integer(value: object, whole: int) -> None:
    taken = integer(value)
    assert (taken, type(taken)) == (whole, int)


@pytest.mark.parametrize(
    ("value", "got"),
    [
        (Decimal("5.5"), "a number with a fraction"),
        (Decimal("1e-50"), "a number with a fraction"),
        ("5", "a string"),
        (True, "a boolean"),
        (None, "null"),
    ],
)
def test_all_else_is_not_an_integer(value: object, got: str) -> None:
    assert refusal(integer, value) == ("an integer", got, "MF705")


def test_an_integer_has_the_bounds_of_a_decimal() -> None:
    assert [refusal(integer, 10**50), refusal(integer, Decimal("1e51"))] == [BEYOND, BEYOND]


# ── rounding ──


@pytest.mark.parametrize(
    ("mode", "rounded"),
    [
        ("down", ["0.00", "0.00", "2.34", "-2.34", "2.34"]),
        ("up", ["0.01", "-0.01", "2.35", "-2.35", "2.35"]),
        ("half_up", ["0.00", "0.00", "2.35", "-2.35", "2.34"]),
        ("half_even", ["0.00", "0.00", "2.34", "-2.34", "2.34"]),
        ("floor", ["0.00", "-0.01", "2.34", "-2.35", "2.34"]),
        ("ceiling", ["0.01", "0.00", "2.35", "-2.34", "2.35"]),
    ],
)
def test_each_mode_rounds_its_way(mode: str, rounded: list[str]) -> None:
    values = [Decimal(text) for text in ("0.001", "-0.001", "2.345", "-2.345", "2.3449")]
    assert [str(rounding(mode, 2)(value)) for value in values] == rounded


def test_rounding_writes_exactly_its_places() -> None:
    assert [str(rounding("down", places)(Decimal(471))) for places in (0, 2, 9)] == ["471", "471.00", "471.000000000"]


def test_the_longest_decimal_can_be_rounded_to_the_most_places() -> None:
    assert str(rounding("half_up", 9)(decimal("9e50"))) == "9" + "0" * 50 + "." + "0" * 9


def test_what_scaling_has_made_too_large_is_refused_and_not_crashed_on() -> None:
    huge = scale(decimal("1e50"), 9)
    assert refusal(rounding("down", 9), huge) == BEYOND


def exactly(mode: str, value: Fraction) -> int:
    """Rounding to a whole number, by the definition of each mode."""
    sign = -1 if value < 0 else 1
    return {
        "down": math.trunc(value),
        "up": sign * math.ceil(abs(value)),
        "half_up": sign * math.floor(abs(value) + Fraction(1, 2)),
        "half_even": round(value),
        "floor": math.floor(value),
        "ceiling": math.ceil(value),
    }[mode]


@given(decimals, st.sampled_from(["down", "up", "half_up", "half_even", "floor", "ceiling"]), st.integers(0, 9))
def test_rounding_is_exact_at_any_size(value: Decimal, mode: str, places: int) -> None:
    rounded = rounding(mode, places)(value)
    assert Fraction(rounded) == Fraction(exactly(mode, Fraction(value) * 10**places), 10**places)
    assert rounded.as_tuple().exponent == -places
    assert not (rounded.is_zero() and rounded.is_signed())


# ── scale, plain and sendable ──


@pytest.mark.parametrize(
    ("text", "places", "scaled"),
    [
        ("1223", -2, "12.23"),
        ("5", 2, "500"),
        ("1.5", 2, "150"),
        ("1.50", 1, "15.0"),
        ("0", 3, "0"),
        ("5", -9, "5E-9"),
        ("1e2", -2, "1"),
    ],
)
def test_scaling_moves_the_decimal_point(text: str, places: int, scaled: str) -> None:
    assert str(scale(decimal(text), places)) == scaled


@given(decimals, st.integers(-9, 9))
def test_scaling_is_exact_and_needs_no_positive_exponent(value: Decimal, places: int) -> None:
    scaled = scale(value, places)
    assert Fraction(scaled) == Fraction(value) * Fraction(10) ** places
    assert "E+" not in str(scaled)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (100, "100"),
        (Decimal("1E+2"), "100"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("471.00"), "471.00"),
        (Decimal("0E+5"), "0"),
        (Decimal("0E-7"), "0.0000000"),
        (Decimal("-1.5E+3"), "-1500"),
    ],
)
def test_plain_digits_have_no_exponent(value: Decimal | int, text: str) -> None:
    assert plain(value) == text


@pytest.mark.parametrize("text", ["1e999999", "1e-999999", "NaN", "-Infinity"])
def test_what_json_cannot_hold_or_memory_cannot_is_not_written(text: str) -> None:
    assert [refusal(plain, Decimal(text)), refusal(sendable, Decimal(text))] == [BEYOND, BEYOND]


@given(decimals)
def test_the_sent_json_has_the_plain_digits(value: Decimal) -> None:
    sent = msgspec.json.Encoder(decimal_format="number").encode(sendable(value))
    assert sent.decode() == plain(value)
    assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", plain(value))
    assert Decimal(plain(value)) == value


@given(
    st.one_of(
        st.decimals(),
        st.integers(),
        st.booleans(),
        st.none(),
        st.decimals(allow_nan=False, allow_infinity=False).map(str),
        st.sampled_from(["1.0e2", "-0.0", " 5", "1_0", "NaN", "0e99", "9" * 51, "", [], {}, "-5.678", "19.999"]),
    ),
    st.sampled_from(sorted(MODES)),
    st.integers(0, 9),
)
def test_the_short_ways_do_what_the_long_ones_do(value: object, mode: str, places: int) -> None:
    round_off = rounding(mode, places)
    assert outcome(rounded(mode, places), value) == outcome(lambda v: round_off(decimal(v)), value)
    assert outcome(lambda v: encode(as_written(v)), value) == outcome(lambda v: encode(sendable(decimal(v))), value)


@given(st.one_of(st.integers(), st.decimals(), st.text(max_size=4)), st.integers(-9, 9))
def test_the_short_way_to_scale_does_what_the_long_one_does(value: object, places: int) -> None:
    assert outcome(scaled(places), value) == outcome(lambda v: scale(decimal(v), places), value)
    sent = outcome(lambda v: encode(sendable(scale(decimal(v), places))), value)
    assert outcome(lambda v: encode(scaled_as_sent(places)(v)), value) == sent


# ── the bytes of a number ──

json_numbers = st.one_of(
    st.from_regex(JSON_NUMBER, fullmatch=True),
    st.integers().map(str),
    st.integers(-(10**16), 10**16).map(lambda cents: str(Decimal(cents).scaleb(-2))),
    st.sampled_from(["0", "-0", "0.00", "-0.00", "-0.50", "9" * 15, "9" * 16, "1" + "0" * 15, "0.1", "12.345", "5."]),
)
any_places = st.none() | st.integers(0, 9)
Written: TypeAlias = Callable[[int | None, bool, Callable[[bytes], object]], Callable[[msgspec.Raw | None], Any]]


def raw(value: str) -> msgspec.Raw:
    return msgspec.Raw(value.encode())


def by_the_rule(text: bytes, mode: str, places: int | None) -> bytes:
    value = msgspec.json.Decoder(object, float_hook=number).decode(text)
    exact = decimal(value)
    return encode(sendable(exact if places is None else rounding(mode, places)(exact)))


def never(text: bytes) -> bytes:
    raise AssertionError(text)


# Twice the one in Python, where nothing is compiled.
both = pytest.mark.parametrize("written", [numbers.written, quick.written], ids=["python", "quick"])


@both
@pytest.mark.parametrize(
    ("places", "texts"),
    [
        (2, ["397.95", "0.00", "-12.50"]),
        (0, ["471", "0", "-5"]),
        (None, ["471", "397.9", "0.0000001", "-5.5", "0"]),
    ],
)
def test_the_bytes_of_a_number_with_its_places_are_sent_as_they_came(
    written: Written, places: int | None, texts: list[str]
) -> None:
    came = [raw(text) for text in texts]
    assert all(written(places, False, never)(one) is one for one in came)


@both
@pytest.mark.parametrize(
    ("text", "sent"),
    [("471", "471.00"), ("397.9", "397.90"), ('"397.95"', "397.95"), ('"0"', "0.00"), ("397.955", "397.95")],
)
def test_what_lacks_or_has_a_few_digits_is_no_number_on_the_way(written: Written, text: str, sent: str) -> None:
    assert bytes(written(2, True, never)(raw(text))) == sent.encode()


@both
@pytest.mark.parametrize("text", ["-0.00", "007.00", "1e2", '"1_0"', '"', '""', "null", "[]", "1.00 ", "1.", "397.955"])
def test_other_bytes_are_the_rule_s(written: Written, text: str) -> None:
    asked: list[bytes] = []
    written(2, False, asked.append)(raw(text))
    assert asked == [text.encode()]


@both
@given(
    json_numbers | json_numbers.map('"{}"'.format) | st.text("0123.-eE_ ٣", max_size=6).map(json.dumps),
    st.sampled_from(sorted(MODES)),
    any_places,
)
def test_the_quick_way_from_bytes_does_what_the_rule_does(
    written: Written, text: str, mode: str, places: int | None
) -> None:
    def slowly(given: bytes) -> bytes:
        return by_the_rule(given, mode, places)

    try:
        expected: object = slowly(text.encode())
    except (Refused, msgspec.DecodeError) as refused:
        expected = str(refused)
    try:
        made = written(places, mode == "down", slowly)(raw(text))
        found: object = bytes(made) if isinstance(made, msgspec.Raw) else made
    except (Refused, msgspec.DecodeError) as refused:
        found = str(refused)
    assert found == expected


@both
def test_what_is_absent_is_null_to_the_rule(written: Written) -> None:
    assert (written(2, True, bytes)(None), written(2, True, bytes)(raw("null"))) == (b"null", b"null")
