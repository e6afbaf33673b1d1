"""No silent coercion; decimals are exact from the digits of the raw event to the digits sent."""

from __future__ import annotations

import pytest

from tests.language.acme import N
from tests.language.conftest import Refusal, Sent

BEYOND = ("MF706", "expected at most 50 digits and an exponent within ±50, got a number beyond")


def no_decimal(got: str) -> tuple[str, str]:
    return "MF705", f"expected a decimal number, got {got}"


@pytest.mark.parametrize(
    ("kind", "raw", "reason"),
    [
        ("integer", '"478"', "expected an integer, got a string"),
        ("integer", "true", "expected an integer, got a boolean"),
        ("integer", "5.5", "expected an integer, got a number with a fraction"),
        ("integer", "[5]", "expected an integer, got a list"),
        ("text", "5", "expected a text, got a number"),
        ("text", "true", "expected a text, got a boolean"),
        ("text", '{"a":1}', "expected a text, got an object"),
        ("id", "5.5", "expected an integer, got a number with a fraction"),
        ("id", "true", "expected a text or an integer, got a boolean"),
        ("boolean", '"yes"', "expected a boolean, got a string"),
        ("boolean", '"true"', "expected a boolean, got a string"),
        ("boolean", "1", "expected a boolean, got a number"),
        ("decimal", "true", "expected a decimal number, got a boolean"),
        ("url", '"ftp://a.example"', "expected an http or https URL, got a string that is not one"),
        ("url", '"https://a.example/ b"', "expected an http or https URL, got a string that is not one"),
        ("url", '"https:///barcodes/7.png"', "expected an http or https URL, got a string that is not one"),
        ("url", "5", "expected an http or https URL, got a number"),
        ("object", "[]", "expected an object, got a list"),
        ("list", "{}", "expected a list, got an object"),
    ],
)
def test_there_is_no_silent_coercion(refusal: Refusal, kind: str, raw: str, reason: str) -> None:
    assert refusal(f"{{type: {kind}}}", x=raw) == ("MF705", reason)


@pytest.mark.parametrize(
    ("kind", "raw", "sends"),
    [
        ("text", '"5"', "5"),
        ("text", '""', ""),
        ("id", '"0047"', "0047"),
        ("id", "47", "47"),
        ("integer", "-9223372036854775808", N("-9223372036854775808")),
        ("integer", "9223372036854775807", N("9223372036854775807")),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("url", '"https://a.example/ü?b=c"', "https://a.example/ü?b=c"),
    ],
)
def test_a_value_of_its_type_is_sent_as_it_is(sent: Sent, kind: str, raw: str, sends: object) -> None:
    assert sent(f"{{type: {kind}}}", x=raw) == sends


def test_an_id_beyond_64_bits_keeps_its_digits(sent: Sent) -> None:
    digits = "12345678901234567890" * 2 + "1234567890"
    assert sent("{type: id}", x=digits, slow=True) == digits


@pytest.mark.parametrize(("raw", "digits"), [("5.0", "5"), ("1e2", "100"), ("-0.0", "0"), ("5.000e0", "5")])
def test_integer_takes_5_0_as_5_as_json_schema_does(sent: Sent, raw: str, digits: str) -> None:
    assert sent("{type: integer}", x=raw, slow=True) == N(digits)


@pytest.mark.parametrize(("raw", "text"), [("5.0", "5"), ("1e2", "100")])
def test_id_takes_an_integer_in_any_spelling(sent: Sent, raw: str, text: str) -> None:
    assert sent("{type: id}", x=raw, slow=True) == text


def test_an_integer_of_a_map_is_bounded_as_one_of_the_event(refusal: Refusal) -> None:
    assert refusal("{type: integer}", x="1" * 51) == BEYOND


@pytest.mark.parametrize(
    "raw", ['"12.50"', "12.50", '"-0.10"', '"0"', "471", "0.30000000000000004", '"12345678901234567.899"']
)
def test_a_decimal_takes_a_number_or_a_string_that_is_exactly_one(sent: Sent, raw: str) -> None:
    assert sent("{type: decimal}", x=raw) == N(raw.strip('"'))


@pytest.mark.parametrize(
    "text",
    ["1_000", " 5", "5 ", "NaN", "Infinity", "-Infinity", "+5", "007", ".5", "5.", "1,5", "٣", "", "0x1", "5\\n"],
)
def test_a_decimal_takes_no_other_string(refusal: Refusal, text: str) -> None:
    assert refusal("{type: decimal}", x=f'"{text}"') == no_decimal("a string that is not one")


def test_50_digits_are_a_number(sent: Sent) -> None:
    assert sent("{type: decimal}", x="1" * 50) == N("1" * 50)


@pytest.mark.parametrize(
    "raw", ["1" * 51, "0." + "1" * 51, "1e51", "1e-51", "1e400", "1e99999999999999999999", "1" * 5000]
)
def test_more_than_50_digits_or_an_exponent_beyond_50_is_a_fault(refusal: Refusal, raw: str) -> None:
    assert refusal("{type: decimal}", x=raw) == BEYOND
    if len(raw) < 100:
        assert refusal("{type: decimal}", x=f'"{raw}"') == BEYOND


def test_a_huge_number_that_nothing_reads_is_no_fault(sent: Sent) -> None:
    assert sent("{type: decimal}", x="5", y="1" * 5000, z="1e999999999999999999999") == N("5")


@pytest.mark.parametrize(
    ("raw", "down"),
    [
        ("19.999", "19.99"),
        ("1.15", "1.15"),
        ("4.35", "4.35"),
        ("0.30000000000000004", "0.30"),
        ('"1.0e2"', "100.00"),
        ("-5.678", "-5.67"),
        ("12345678901234567.899", "12345678901234567.89"),
        ("471", "471.00"),
        ("-0.001", "0.00"),
        ("-0.0", "0.00"),
    ],
)
def test_down_is_toward_zero_and_places_sends_exactly_that_many(sent: Sent, raw: str, down: str) -> None:
    assert sent("{type: decimal, round: down, places: 2}", x=raw) == N(down)


@pytest.mark.parametrize(
    ("mode", "plus", "minus"),
    [
        ("down", "2", "-2"),
        ("up", "3", "-3"),
        ("half_up", "3", "-3"),
        ("half_even", "2", "-2"),
        ("floor", "2", "-3"),
        ("ceiling", "3", "-2"),
    ],
)
def test_every_way_to_round(sent: Sent, mode: str, plus: str, minus: str) -> None:
    rules = f"p: {{type: decimal, round: {mode}, places: 0}}\nm: {{type: decimal, round: {mode}, places: 0}}"
    assert sent(rules, p="2.5", m="-2.5") == {"p": N(plus), "m": N(minus)}


@pytest.mark.parametrize(
    ("raw", "digits"),
    [
        ("1E+2", "100"),
        ("1e2", "100"),
        ("1.50e1", "15.0"),
        ("1e-7", "0.0000001"),
        ("1.10", "1.10"),
        ("0e10", "0"),
        ("1e50", "1" + "0" * 50),
        ("-1e-50", "-0." + "0" * 49 + "1"),
    ],
)
def test_without_places_the_digits_as_they_came_and_never_an_exponent(sent: Sent, raw: str, digits: str) -> None:
    assert sent("{type: decimal}", x=raw).digits in (digits, "0" * 11)


@pytest.mark.parametrize(("raw", "digits"), [("-0", "0"), ("-0.0", "0.0"), ('"-0.00"', "0.00")])
def test_minus_zero_is_0(sent: Sent, raw: str, digits: str) -> None:
    assert sent("{type: decimal}", x=raw) == N(digits)


@pytest.mark.parametrize(
    ("scale", "raw", "digits"),
    [("-2", "1223", "12.23"), ("2", "5", "500"), ("-9", "1", "0.000000001"), ("0", "5", "5")],
)
def test_scale_moves_the_decimal_point(sent: Sent, scale: str, raw: str, digits: str) -> None:
    assert sent(f"{{type: decimal, scale: {scale}}}", x=raw) == N(digits)


@pytest.mark.parametrize(("currency", "digits"), [("EUR", "12.23"), ("JPY", "1223"), ("KWD", "1.223")])
def test_scale_minor_is_the_currencys(sent: Sent, currency: str, digits: str) -> None:
    assert sent("{type: decimal, scale: minor}", x="1223", currency=f'"{currency}"') == N(digits)


@pytest.mark.parametrize(("raw", "digits"), [("1E-9", "0.00000000001"), ("0", "0.00"), ("-5", "-0.05"), ("1e3", "10")])
def test_minor_units_are_sent_without_an_exponent(sent: Sent, raw: str, digits: str) -> None:
    assert sent("{type: decimal, scale: minor}", x=raw, currency='"EUR"') == N(digits)


@pytest.mark.parametrize(("raw", "digits"), [("0", "0.00000000"), ("5", "0.05000000"), ("5.0", "0.05000000")])
def test_minor_units_with_many_places_are_sent_without_an_exponent(sent: Sent, raw: str, digits: str) -> None:
    assert sent("{type: decimal, scale: minor, round: down, places: 8}", x=raw, currency='"EUR"') == N(digits)
    assert sent("{type: decimal, scale: -2, round: down, places: 8}", x=raw) == N(digits)


@pytest.mark.parametrize(("scale", "digits"), [("-6", "0.000005"), ("-7", "0.0000005"), ("2", "500")])
def test_a_scaled_integer_is_sent_without_an_exponent(sent: Sent, scale: str, digits: str) -> None:
    assert sent(f"{{type: decimal, scale: {scale}}}", x="5") == N(digits)


@pytest.mark.parametrize(("currency", "digits"), [("EUR", "9.99"), ("JPY", "9"), ("KWD", "9.999")])
def test_places_currency_is_the_currencys(sent: Sent, currency: str, digits: str) -> None:
    assert sent("{type: decimal, round: down, places: currency}", x="9.9999", currency=f'"{currency}"') == N(digits)


@pytest.mark.parametrize(
    ("currency", "got"),
    [('"eur"', "an unknown code"), ('"XAU"', "a code without minor digits")],
)
def test_a_code_that_is_no_currency_is_a_fault(refusal: Refusal, currency: str, got: str) -> None:
    expected = ("MF705", f"expected the code of an ISO 4217 currency, got {got}")
    assert refusal("{type: decimal, scale: minor}", x="5", currency=currency) == expected


@pytest.mark.parametrize(
    ("currency", "got"), [(None, "none"), ("null", "none"), ("[5]", "a list"), ("978", "a number")]
)
def test_a_currency_that_is_no_text_is_a_fault(refusal: Refusal, currency: str | None, got: str) -> None:
    expected = ("MF705", f"expected a currency, got {got}")
    assert refusal("{type: decimal, scale: minor}", x="5", currency=currency) == expected


def test_a_currency_is_not_asked_for_where_there_is_no_amount(sent: Sent) -> None:
    assert sent("{type: decimal | null, scale: minor}", currency=None) is None


@pytest.mark.parametrize(
    ("currency", "text"), [("USD", "$1,234.50"), ("JPY", "¥1,234"), ("KWD", "KWD1,234.500"), ("EUR", "€1,234.50")]
)
def test_as_money_writes_the_amount_in_its_currency_and_locale(sent: Sent, currency: str, text: str) -> None:
    rule = "{type: decimal, round: down, places: currency, as: money}"
    assert sent(rule, x="1234.5", currency=f'"{currency}"').replace("\xa0", " ") == text


@pytest.mark.parametrize(("raw", "text"), [("15", "15%"), ("12.50", "12.50%"), ("-1e3", "-1,000%")])
def test_as_percent_writes_the_number_itself(sent: Sent, raw: str, text: str) -> None:
    assert sent("{type: decimal, as: percent}", x=raw) == text


def test_as_percent_takes_an_integer(sent: Sent) -> None:
    assert sent("{type: integer, as: percent}", x="15") == "15%"


@pytest.mark.parametrize(
    ("kind", "raw", "text"),
    [("decimal", "1e2", "100"), ("integer", "5", "5"), ("boolean", "true", "true"), ("decimal", "1.50", "1.50")],
)
def test_as_text_writes_the_digits(sent: Sent, kind: str, raw: str, text: str) -> None:
    assert sent(f"{{type: {kind}, as: text}}", x=raw) == text


def test_an_absent_amount_is_sent_without_an_exponent(sent: Sent) -> None:
    assert sent("{type: decimal, absent: '0.0000001'}") == N("0.0000001")
    assert sent(
        "[{when: \"kind == 'A'\", type: decimal, from: a}, {when: \"kind == 'B'\", type: decimal, absent: 1e-9}]"
    ) == N("0.000000001")


def test_a_constant_amount_keeps_its_digits(sent: Sent) -> None:
    assert sent("{type: decimal, constant: '1.50'}") == N("1.50")


def test_no_float_is_on_the_way_in_kept_objects_neither(sent: Sent) -> None:
    rules = "o: object\nl: list"
    raw = '{"a":0.1000,"b":[1e2,-0.0,12345678901234567.899],"c":1e-7}'
    digits = [N("100"), N("0.0"), N("12345678901234567.899")]
    assert sent(rules, o=raw, l="[0.30]") == {
        "o": {"a": N("0.1000"), "b": digits, "c": N("0.0000001")},
        "l": [N("0.30")],
    }


@pytest.mark.parametrize("raw", ["1e51", "1" * 51, "1e99999999999999999999"])
def test_a_number_beyond_the_bounds_in_a_kept_object_is_a_fault(refusal: Refusal, raw: str) -> None:
    assert refusal("{type: object}", x=f'{{"a":[{raw}]}}') == BEYOND
