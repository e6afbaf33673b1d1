"""Money: which currencies and locales there are, and that amounts read as Babel writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from decimal import Context, Decimal, localcontext

import msgspec
import pytest
from babel import Locale
from babel.core import get_global
from babel.localedata import locale_identifiers
from babel.numbers import NumberPattern, format_currency, format_percent, get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from mapforge.values.currencies import DIGITS, WITHOUT_DIGITS
from mapforge.values.money import (
    Spoken,
    Style,
    check_locale,
    currency_digits,
    money_text,
    percent_text,
    spoken,
    tell,
)
from mapforge.values.numbers import decimal, plain
from mapforge.values.refused import Refused

CODES = ["USD", "EUR", "JPY", "KWD", "INR", "CHF", "XOF", "GBP", "BRL", "XXX"]
AMOUNTS = [
    Decimal(text)
    for text in (
        "0",
        "0.00",
        "471",
        "471.00",
        "-0.5",
        "999",
        "-1000",
        "1234567.891",
        "1E+5",
        "1E-7",
        "-1234567890123456789012345678901234567890.12",
    )
]

amounts = st.decimals(-(10**20), 10**20, places=3) | st.integers(-(10**40), 10**40).map(Decimal)


def refusal(call: Callable[..., object], *values: object) -> tuple[str, str, str]:
    with pytest.raises(Refused) as caught:
        call(*values)
    return caught.value.expected, caught.value.got, caught.value.code


def with_digits(pattern: NumberPattern, amount: Decimal) -> NumberPattern:
    """The pattern for the digits an amount has: Babel by itself drops trailing zeros and fills up to its own number."""
    fraction = plain(amount).partition(".")[2]
    exact: NumberPattern = copy(pattern)
    exact.frac_prec = (len(fraction), len(fraction))
    return exact


def babels_money(amount: Decimal, code: str, locale: Locale) -> str:
    pattern = with_digits(locale.currency_formats["standard"], amount)
    with localcontext(Context(prec=100)):
        return format_currency(amount, code, format=pattern, locale=locale, currency_digits=False)


def babels_percent(value: Decimal, locale: Locale) -> str:
    pattern = with_digits(locale.percent_formats[None], value)
    with localcontext(Context(prec=100)):
        return format_percent(value.scaleb(-2), format=pattern, locale=locale)


def test_money_is_written_as_babel_writes_it_in_every_locale() -> None:
    differences = []
    for name in locale_identifiers():
        locale = Locale.parse(name)
        for code in CODES:
            write = money_text(name, code)
            for amount in AMOUNTS:
                if write(amount) != babels_money(amount, code, locale):
                    differences.append((name, amount, code))
    assert differences == []


def test_percentages_are_written_as_babel_writes_them_in_every_locale() -> None:
    differences = []
    for name in locale_identifiers():
        locale, write = Locale.parse(name), percent_text(name)
        differences += [(name, value) for value in AMOUNTS if write(value) != babels_percent(value, locale)]
    assert differences == []


@given(amounts, st.sampled_from(CODES), st.sampled_from(["en_US", "de", "hi", "de_CH", "es_EC", "ar_EG", "tok", "nl"]))
def test_any_amount_is_written_as_babel_writes_it(amount: Decimal, code: str, locale: str) -> None:
    assert money_text(locale, code)(amount) == babels_money(amount, code, Locale.parse(locale))
    assert percent_text(locale)(amount) == babels_percent(amount, Locale.parse(locale))


@given(amounts.map(decimal), st.sampled_from(CODES))
def test_with_the_digits_of_its_pattern_an_amount_is_babels_default(amount: Decimal, code: str) -> None:
    in_cents = amount.quantize(Decimal("0.01"), context=Context(prec=60))
    with localcontext(Context(prec=100)):
        expected = format_currency(in_cents, code, locale="en_IN", decimal_quantization=False, currency_digits=False)
    if in_cents or not in_cents.is_signed():
        assert money_text("en-IN", code)(in_cents) == expected


@pytest.mark.parametrize(
    ("locale", "amount", "code", "text"),
    [
        ("en-US", "471", "USD", "$471"),
        ("en-US", "471.00", "USD", "$471.00"),
        ("en-US", "471.5", "USD", "$471.5"),
        ("en_US", "-1234.50", "USD", "-$1,234.50"),
        ("en-US", "1E+3", "JPY", "¥1,000"),
        ("en-IN", "12345678.90", "INR", "₹1,23,45,678.90"),
        ("de", "1234.50", "EUR", "1.234,50\u00a0€"),
        ("de-CH", "-1234.50", "CHF", "CHF-1’234.50"),
        ("fr", "1234.50", "XOF", "1\u202f234,50\u00a0F\u202fCFA"),
        ("ar-KW", "1.250", "KWD", "\u200f1.250\u00a0د.ك.\u200f"),
    ],
)
def test_an_amount_has_exactly_its_digits(locale: str, amount: str, code: str, text: str) -> None:
    assert money_text(locale, code)(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("locale", "value", "text"),
    [
        ("en", "15", "15%"),
        ("en", "12.5", "12.5%"),
        ("en", "-0.50", "-0.50%"),
        ("de", "1234", "1.234\u00a0%"),
        ("tr", "15", "%15"),
        ("eu", "-15.0", "-%\u00a015,0"),
    ],
)
def test_a_percentage_is_the_number_itself(locale: str, value: str, text: str) -> None:
    assert percent_text(locale)(Decimal(value)) == text


def digits_of(codes: Iterable[str]) -> dict[str, int]:
    return {code: currency_digits(code) for code in codes}


def test_currencies_have_the_digits_of_iso_4217() -> None:
    none = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
    three = "BHD IQD JOD KWD LYD OMR TND"
    expected = dict.fromkeys(none.split(), 0) | dict.fromkeys(three.split(), 3) | {"CLF": 4, "UYW": 4}
    current = {
        code
        for spans in get_global("territory_currencies").values()
        for code, _, end, tender in spans
        if end is None and tender
    } | set(expected)
    assert digits_of(current) == dict.fromkeys(current, 2) | expected


def test_where_the_shops_leave_out_digits_iso_counts_them() -> None:
    assert digits_of(["HUF", "ALL", "RSD", "LAK", "IQD", "COP"]) == {
        **dict.fromkeys(["HUF", "ALL", "RSD", "LAK", "COP"], 2),
        "IQD": 3,
    }


@pytest.mark.parametrize("code", ["", "usd", "US", "USDT", "ABC", "€", "DEFAULT", "USD "])
def test_an_unknown_currency_is_refused(code: str) -> None:
    expected = ("the code of an ISO 4217 currency", "an unknown code", "MF705")
    assert [refusal(currency_digits, code), refusal(money_text, "en", code)] == [expected, expected]


@pytest.mark.parametrize("code", ["XAU", "XDR", "XXX"])
def test_a_currency_without_a_minor_unit_has_no_digits_to_count(code: str) -> None:
    assert refusal(currency_digits, code) == (
        "the code of an ISO 4217 currency",
        "a code without minor digits",
        "MF705",
    )


def test_every_locale_is_known_with_a_hyphen_or_an_underscore() -> None:
    for name in locale_identifiers():
        check_locale(name)
        check_locale(name.replace("_", "-"))


@pytest.mark.parametrize(
    "name",
    ["", "xx", "en-XX", "en_", "en US", "en_US.UTF-8", "de@euro", "C", "POSIX", "root", "../en", "e", "en--US", "ёё"],
)
def test_an_unknown_locale_is_refused(name: str) -> None:
    expected = ("the name of a locale", "an unknown name", "MF705")
    assert [refusal(check_locale, name), refusal(money_text, name, "EUR"), refusal(percent_text, name)] == [
        expected
    ] * 3


@pytest.mark.parametrize(("name", "got"), [(None, "null"), (5, "a number"), ({}, "an object"), (["en"], "a list")])
def test_another_type_is_not_a_locale(name: object, got: str) -> None:
    assert refusal(check_locale, name) == ("the name of a locale", got, "MF705")


# ── what a build brings ──

ISO_COUNTS = dict.fromkeys("AFN ALL IRR KPW LAK LBP MGA MMK MRO RSD SLL SOS STD SYP TMM YER ZMK ZWD".split(), 2) | {
    "IQD": 3
}


def test_the_currencies_are_babels_with_the_digits_of_iso() -> None:
    babels = {code: get_currency_precision(code) for code in get_global("all_currencies")}
    assert babels.keys() - WITHOUT_DIGITS == DIGITS.keys()
    assert {**babels, **ISO_COUNTS} == {**dict.fromkeys(WITHOUT_DIGITS, 2), **DIGITS}


def test_every_currency_has_babels_symbol_in_every_locale() -> None:
    for name in locale_identifiers():
        locale, here = Locale.parse(name), spoken(name, "money")
        symbols = {code: here.symbols.get(code, code) for code in DIGITS}
        assert symbols == {code: locale.currency_symbols.get(code, code) for code in DIGITS}, name


@pytest.mark.parametrize("style", ["money", "percent"])
def test_what_a_build_brings_is_what_was_read(style: Style) -> None:
    for name in locale_identifiers():
        known = spoken(name, style)
        assert msgspec.json.decode(msgspec.json.encode(known), type=Spoken) == known


def test_what_is_told_of_a_locale_goes_before_babel() -> None:
    tell("en-XY", "money", Spoken(".", "'", 3, 3, (("<¤", ">"), ("-<¤", ">")), {"EUR": "E"}))
    tell("en-XY", "percent", Spoken(".", "'", 3, 3, (("", " pc"), ("-", " pc")), {}))
    assert percent_text("en-XY")(Decimal("-0.5")) == "-0.5 pc"
    assert money_text("en-XY", "EUR")(Decimal("-1234.50")) == "-<E1'234.50>"
    assert money_text("en-XY", "USD")(Decimal(5)) == "<USD5>"
    tell("en-XY", "money", Spoken(".", ",", 3, 3, (("¤", ""), ("-¤", "")), {}))
    assert money_text("en-XY", "EUR")(Decimal(1234)) == "EUR1,234"
