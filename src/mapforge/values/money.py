"""Exact amounts to a currency's digits and to money and percent text as a locale writes it, as Babel does.

What a locale needs is read from Babel once. A build reads it for the locales that a mapping names, and `tell` brings it
back where the build is loaded: then nothing asks Babel.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from mapforge.values.currencies import DIGITS, WITHOUT_DIGITS
from mapforge.values.locales import load
from mapforge.values.numbers import plain
from mapforge.values.refused import Refused

if TYPE_CHECKING:
    from babel.numbers import NumberPattern

A_CURRENCY = "the code of an ISO 4217 currency"

Style = Literal["money", "percent"]
# What stands before and after a number: of zero and more, of less than zero.
_Sides = tuple[tuple[str, str], tuple[str, str]]


class Spoken(msgspec.Struct, frozen=True, array_like=True):
    """How a locale writes numbers of a style.

    point, group: its signs. first, further: how many digits its groups have, from the point on. sides: what stands
    around a number, with ¤ for the currency. symbols: those of currencies that are not written as their code.
    """

    point: str
    group: str
    first: int
    further: int
    sides: _Sides
    symbols: dict[str, str] = {}


class Writer(msgspec.Struct, frozen=True):
    """Writes a number as a locale does. The fields are those of Spoken; the currency's symbol stands in the sides."""

    point: str
    group: str
    first: int
    further: int
    sides: _Sides

    def __call__(self, value: Decimal) -> str:
        """The number, with exactly the digits it has."""
        digits = plain(value)
        negative = digits[0] == "-"
        before, after = self.sides[negative]
        whole, dot, fraction = digits[negative:].partition(".")
        if len(whole) > self.first:
            whole = _grouped(whole, self.first, self.further, self.group)
        return f"{before}{whole}{self.point}{fraction}{after}" if dot else f"{before}{whole}{after}"


def number_text(
    number: Callable[[Any], Decimal], write: Callable[[Decimal], str], places: int | None, cuts: bool
) -> Callable[[Any], str]:
    """What a writer makes of a decimal number that is read by `number`, which rounds as `places` and `cuts` say.

    places: None where it does not; cuts: down.
    """
    return lambda value: write(number(value))


_told: dict[tuple[str, Style], Spoken] = {}


def currency_digits(code: str) -> int:
    """The digits of a currency's minor unit: EUR 2, JPY 0, KWD 3. Refused: what is not an upper-case ISO 4217 code."""
    digits = DIGITS.get(code)
    if digits is None:
        raise Refused(A_CURRENCY, "a code without minor digits" if code in WITHOUT_DIGITS else "an unknown code")
    return digits


def check_locale(name: object) -> None:
    """Refused where a locale, written en-US or en_US, is not one that Babel knows."""
    load(name)


def spoken(locale: str, style: Style) -> Spoken:
    """What Babel knows of a style in a locale. Refused: an unknown locale."""
    known = load(locale)
    pattern = known.currency_formats["standard"] if style == "money" else known.percent_formats[None]
    signs, (first, further) = known.number_symbols["latn"], pattern.grouping
    named = known.currency_symbols.items() if style == "money" else ()
    symbols = {code: str(symbol) for code, symbol in named if code in _CODES and symbol != code}
    point, group = signs.get("decimal", "."), signs.get("group", ",")
    return Spoken(point, group, first, further, _sides(pattern), symbols)


def tell(locale: str, style: Style, known: Spoken) -> None:
    """Take what `spoken` gave for a locale, of a build, in place of asking Babel. The build loaded last is heard."""
    if _told.get((locale, style)) != known:
        _told[locale, style] = known
        for asked in (_known, money_text, percent_text):
            asked.cache_clear()


@lru_cache(maxsize=256)
def _known(locale: str, style: Style) -> Spoken:
    return _told.get((locale, style)) or spoken(locale, style)


@lru_cache(maxsize=1024)
def money_text(locale: str, code: str) -> Writer:
    """A writer of amounts in a currency, with exactly the digits they have: 471.00 of USD is $471.00.

    Symbols, grouping, signs and their sides are those of Babel's format_currency in that locale.
    Refused: an unknown locale or currency.
    """
    here = _known(locale, "money")
    if code not in _CODES:
        raise Refused(A_CURRENCY, "an unknown code")
    sides = _with_symbol(here.sides, here.symbols.get(code, code))
    return Writer(here.point, here.group, here.first, here.further, sides)


@lru_cache(maxsize=128)
def percent_text(locale: str) -> Writer:
    """A writer of a number as a percentage, with exactly the digits it has: 15 is 15% in English and 15 % in German.

    Grouping, signs and their sides are those of Babel's format_percent in that locale. Refused: an unknown locale.
    """
    here = _known(locale, "percent")
    return Writer(here.point, here.group, here.first, here.further, here.sides)


_CODES = DIGITS.keys() | WITHOUT_DIGITS


def _sides(pattern: NumberPattern) -> _Sides:
    plus, minus = zip(pattern.prefix, pattern.suffix, strict=True)
    return plus, minus


def _with_symbol(sides: _Sides, symbol: str) -> _Sides:
    plus, minus = ((before.replace("¤", symbol), after.replace("¤", symbol)) for before, after in sides)
    return plus, minus


def _grouped(digits: str, first: int, further: int, separator: str) -> str:
    if first == further == 3:
        return format(int(digits), ",").replace(",", separator)
    groups = [digits[-first:]]
    rest = digits[:-first]
    while rest:
        groups.append(rest[-further:])
        rest = rest[:-further]
    return separator.join(reversed(groups))
