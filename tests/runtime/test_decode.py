"""The bytes of a raw event to decoded JSON: numbers exact, and every way it can be none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mapforge.runtime.decode import untyped, utf8
from mapforge.values.refused import Refused


def refusal(call: Any, value: Any) -> tuple[str, str, str]:
    with pytest.raises(Refused) as caught:
        call(value)
    return caught.value.code, caught.value.expected, caught.value.got


@pytest.mark.parametrize("raw", [b'{"a":"\xc3\xa9"}', bytearray(b'{"a":"\xc3\xa9"}'), '{"a":"é"}'])
def test_bytes_and_texts_are_utf_8(raw: Any) -> None:
    assert utf8(raw) == utf8(memoryview(utf8(raw))) == b'{"a":"\xc3\xa9"}'


def test_a_byte_that_is_none_is_told_by_its_place_alone() -> None:
    assert refusal(utf8, b'{"secret":"\xff"}') == ("MF701", "JSON in UTF-8", "a byte that is not, at 11")
    assert refusal(utf8, '"\ud800"') == ("MF701", "JSON in UTF-8", "a lone surrogate at character 1")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-0", 0),
        ("5.0", Decimal("5.0")),
        ("1e2", Decimal("1E+2")),
        ("-0.0", Decimal("-0.0")),
        ("12345678901234567.899", Decimal("12345678901234567.899")),
        ("18446744073709551616", 2**64),
        ('{"a":1,"a":2}', {"a": 2}),
    ],
)
def test_numbers_are_integers_or_exact_decimals(text: str, value: Any) -> None:
    assert (str(untyped(text.encode())), type(untyped(text))) == (str(value), type(value))


def test_a_number_that_no_decimal_holds_is_not_a_number() -> None:
    assert untyped(b"1e99999999999999999999").is_nan()


def test_an_integer_of_thousands_of_digits_costs_the_rest_nothing() -> None:
    found = untyped(b'{"huge":' + b"1" * 5000 + b',"a":0.10,"b":"\\u00e9","c":[-0.0,1e400]}')
    assert found.pop("huge").is_nan()
    assert str(found) == "{'a': Decimal('0.10'), 'b': 'é', 'c': [Decimal('-0.0'), Decimal('1E+400')]}"


@pytest.mark.parametrize("text", ["", "{", '{"a"}', "NaN", "[1,]", '"\\ud800"', '"\x01"', "01", '{"a":1} x'])
def test_what_is_no_json_is_refused_with_and_without_a_huge_integer(text: str) -> None:
    assert refusal(untyped, text.encode())[:2] == ("MF701", "JSON")
    assert refusal(untyped, f"[{'1' * 5000},{text}]".encode())[:2] == ("MF701", "JSON")


@pytest.mark.parametrize("deep", [b"[" * 100_000, b'{"a":' * 100_000, b"[" + b"1" * 5000 + b"," + b"[" * 100_000])
def test_what_is_too_deep_is_refused(deep: bytes) -> None:
    assert refusal(untyped, deep) == ("MF702", "JSON of less depth", "nesting too deep")
