"""Exact amounts to a currency's digits and to money and percent text as a locale writes it, as Babel does."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from mapforge.values.locales import load
from mapforge.values.numbers import plain
from mapforge.values.refused import Refused

if TYPE_CHECKING:
    from babel import Locale
    from babel.numbers import NumberPattern

A_CURRENCY = "the code of an ISO 4217 currency"

# Where ISO 4217 differs from what Babel has from CLDR, which leaves out the digits that nobody uses in the shop.
# A vendor that counts in minor units counts in those of ISO.
_ISO_DIGITS = {
    **dict.fromkeys(("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "MRO", "RSD"), 2),
    **dict.fromkeys(("SLL", "SOS", "STD", "SYP", "TMM", "YER", "ZMK", "ZWD"), 2),
    "IQD": 3,
}
# Metals, funds and tests: ISO 4217 gives them no minor unit.
_WITHOUT_DIGITS = frozenset(
    ("XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"),
)

# What stands before and after a number: of zero and more, of less than zero.
_Sides = tuple[tuple[str, str], tuple[str, str]]


def currency_digits(code: str) -> int:
    """The digits of a currency's minor unit: EUR 2, JPY 0, KWD 3. Refused: what is not an upper-case ISO 4217 code."""
    digits = _digits().get(code)
    if digits is None:
        raise Refused(A_CURRENCY, "a code without minor digits" if code in _WITHOUT_DIGITS else "an unknown code")
    return digits


def check_locale(name: object) -> None:
    """Refused where a locale, written en-US or en_US, is not one that Babel knows."""
    load(name)


@lru_cache(maxsize=128)
def money_text(locale: str) -> Callable[[Decimal, str], str]:
    """A writer of an amount and its currency's code, with exactly the digits it has: 471.00 and USD are $471.00.

    Symbols, grouping, signs and their sides are those of Babel's format_currency in that locale.
    Refused: an unknown locale; on writing, an unknown currency.
    """
    spoken = load(locale)
    pattern = spoken.currency_formats["standard"]
    write_between = _writer(pattern, spoken)
    known: dict[str, _Sides] = {}

    def write(amount: Decimal, code: str) -> str:
        sides = known.get(code)
        if sides is None:
            sides = known[code] = _sides(pattern, _symbol(code, spoken))
        return write_between(amount, sides)

    return write


@lru_cache(maxsize=128)
def percent_text(locale: str) -> Callable[[Decimal], str]:
    """A writer of a number as a percentage, with exactly the digits it has: 15 is 15% in English and 15 % in German.

    Grouping, signs and their sides are those of Babel's format_percent in that locale. Refused: an unknown locale.
    """
    spoken = load(locale)
    pattern = spoken.percent_formats[None]
    write_between = _writer(pattern, spoken)
    sides = _sides(pattern)

    def write(value: Decimal) -> str:
        return write_between(value, sides)

    return write


def _writer(pattern: NumberPattern, locale: Locale) -> Callable[[Decimal, _Sides], str]:
    """A writer of a number between the two sides of its sign, with a locale's decimal sign and groups."""
    symbols = locale.number_symbols["latn"]
    point, separator = symbols.get("decimal", "."), symbols.get("group", ",")
    first, further = pattern.grouping

    def write(value: Decimal, sides: _Sides) -> str:
        digits = plain(value)
        negative = digits[0] == "-"
        before, after = sides[negative]
        whole, dot, fraction = digits[negative:].partition(".")
        if len(whole) > first:
            whole = _grouped(whole, first, further, separator)
        return before + whole + (point + fraction if dot else "") + after

    return write


def _sides(pattern: NumberPattern, symbol: str = "") -> _Sides:
    plus, minus = (
        (before.replace("¤", symbol), after.replace("¤", symbol))
        for before, after in zip(pattern.prefix, pattern.suffix, strict=True)
    )
    return plus, minus


def _grouped(digits: str, first: int, further: int, separator: str) -> str:
    groups = [digits[-first:]]
    rest = digits[:-first]
    while rest:
        groups.append(rest[-further:])
        rest = rest[:-further]
    return separator.join(reversed(groups))


def _symbol(code: str, locale: Locale) -> str:
    if code not in _currencies():
        raise Refused(A_CURRENCY, "an unknown code")
    return str(locale.currency_symbols.get(code, code))


@cache
def _currencies() -> frozenset[str]:
    from babel.core import get_global

    return frozenset(get_global("all_currencies"))


@cache
def _digits() -> dict[str, int]:
    from babel.numbers import get_currency_precision

    return {code: get_currency_precision(code) for code in _currencies() - _WITHOUT_DIGITS} | _ISO_DIGITS
