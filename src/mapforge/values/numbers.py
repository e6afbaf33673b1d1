"""Raw numbers to exact decimals and integers, and those to the digits that are sent; no float on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Clamped,
    Context,
    Decimal,
    DecimalException,
    Inexact,
    InvalidOperation,
    Overflow,
    Rounded,
    Subnormal,
)
from typing import Any, TypeVar

import msgspec

from mapforge.values.refused import Refused, json_type

MODES = {
    "down": ROUND_DOWN,
    "up": ROUND_UP,
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "floor": ROUND_FLOOR,
    "ceiling": ROUND_CEILING,
}
MOST_PLACES = 9
MOST_DIGITS = 50
# An integer that is moved by so many places at most is written without an exponent.
PLAIN_PLACES = 6
NOT_A_NUMBER = Decimal("NaN")

_Made = TypeVar("_Made")
_ZERO, _QUOTE = ord("0"), ord('"')
# The whole part of a number that no rule here changes: of few enough digits for every bound, no minus zero.
_WHOLE = rb"(?:-?[1-9][0-9]{0,14}|0)"
_BEYOND_INT = 10**MOST_DIGITS
_QUANTA = tuple(Decimal((0, (1,), -places)) for places in range(MOST_PLACES + 1))

_is_json_number = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+").fullmatch

# One call checks digits and exponent at once, and gives minus zero its plus.
_bounds = Context(
    prec=MOST_DIGITS,
    Emax=MOST_DIGITS,
    Emin=-MOST_DIGITS,
    traps=[InvalidOperation, Overflow, Subnormal, Rounded, Clamped],
)
bounded = _bounds.plus
_bounded_text = _bounds.create_decimal
_times = Context(prec=60).multiply
# Every value within the bounds, moved by any number of places a mapping may name, is exact in it.
_exact = Context(prec=200, traps=[InvalidOperation, Inexact])


def written(places: int | None, cuts: bool, slowly: Callable[[bytes], Any]) -> Callable[[msgspec.Raw | None], Any]:
    """A function of a number's JSON bytes, or of None, to what is sent: the bytes themselves, where nothing changes.

    places: to which it is rounded, None where it is not; cuts: rounded down. slowly: what is sent of any bytes, of
    `null` for None: it is asked where it takes more than to add zeros, or to take away digits or quotes.
    """
    exact, padding = _as_sent(places), _padding(places or 0)
    fewer = re.compile(_WHOLE + rb"\.([0-9]{1,%d})" % (len(padding) - 1)).fullmatch if len(padding) > 1 else None
    more = _with_more(places) if cuts and places is not None else None

    def of(raw: msgspec.Raw | None) -> Any:
        if raw is not None and exact(raw):
            return raw
        text = b"null" if raw is None else bytes(raw)
        number = text
        if text[0] == _QUOTE:
            number = text[1:-1]
            if exact(number):
                return msgspec.Raw(number)
        if number.isdigit() and len(number) < 16 and (number[0] != _ZERO or number == b"0"):
            return msgspec.Raw(number + padding[0])
        found = None if fewer is None else fewer(number)
        if found is not None:
            return msgspec.Raw(number + padding[len(found[1])])
        found = None if more is None else more(number)
        return slowly(text) if found is None else msgspec.Raw(found[1])

    return of


def _as_sent(places: int | None) -> Callable[[Any], object]:
    """A test of JSON bytes: whether every rule here leaves this number alone, digit by digit; of others there are."""
    fraction = rb"(?:\.[0-9]{1,15})?" if places is None else rb"\.[0-9]{%d}" % places if places else b""
    return re.compile(_WHOLE + fraction).fullmatch


def _with_more(places: int) -> Callable[[bytes], re.Match[bytes] | None]:
    """What is left of a number that has more places than these, as its first group."""
    fraction = rb"\.[0-9]{%d})[0-9]{1,%d}" % (places, 15 - places) if places else rb")\.[0-9]{1,15}"
    return re.compile(b"(" + _WHOLE + fraction).fullmatch


def _padding(places: int) -> list[bytes]:
    """What a number lacks that has no places, one and so on, up to one less than it should."""
    return [b"." + b"0" * places, *(b"0" * (places - some) for some in range(1, places))] if places else [b""]


def number(text: str) -> Decimal:
    """The float_hook of msgspec: the digits of a JSON number, exactly.

    An exponent beyond what Decimal itself can hold gives NaN, which `decimal` and `integer` refuse: one absurd
    number then is a fault of the attribute that reads it, not of the whole event.
    """
    try:
        return Decimal(text)
    except InvalidOperation:
        return NOT_A_NUMBER


def decimal(value: object) -> Decimal:
    """A JSON number, or a string that is exactly one, with the digits it came with; minus zero is 0.

    Refused: any other type or text; MF706: more than 50 digits, or an exponent beyond ±50.
    """
    if type(value) is Decimal:
        return _within_bounds(value)
    if type(value) is int:
        return Decimal(_within_int_bounds(value))
    if type(value) is str:
        return _decimal_text(value)
    raise Refused("a decimal number", json_type(value))


def integer(value: object) -> int:
    """A JSON number without a fraction: 5, 5.0 and 1e2 are integers as in JSON Schema, "5" is not.

    Refused: any other type, a fraction; MF706: the bounds of `decimal`.
    """
    if type(value) is int:
        return _within_int_bounds(value)
    if type(value) is Decimal:
        exact = _within_bounds(value)
        whole = int(exact)
        if whole == exact:
            return whole
        raise Refused("an integer", "a number with a fraction")
    raise Refused("an integer", json_type(value))


def rounding(mode: str, places: int) -> Callable[[Decimal], Decimal]:
    """A function that rounds to exactly `places` digits (0 to 9); minus zero is 0.

    mode: down (toward zero), up, half_up, half_even, floor or ceiling. What is too large to round (only a scaled
    number can be) is Refused, MF706.
    """
    quantum = _QUANTA[places]
    quantize = _quantize(mode)

    def round_off(value: Decimal) -> Decimal:
        try:
            rounded = quantize(value, quantum)
        except InvalidOperation:
            raise _beyond() from None
        return rounded if rounded else rounded.copy_abs()

    return round_off


def rounded(mode: str, places: int) -> Callable[[object], Decimal]:
    """`rounding` of `decimal`, in one call: most of what a mapping sends as money."""
    one = _QUANTA[places]
    ones = _QUANTA[0].quantize(one)
    quantize = _quantize(mode)
    slowly = rounding(mode, places)

    def of(value: Any) -> Decimal:
        kind = type(value)
        try:
            if kind is Decimal:
                off = quantize(bounded(value), one)
            elif kind is int and -_BEYOND_INT < value < _BEYOND_INT:
                return _times(ones, value)
            elif kind is str:
                off = quantize(_read(value), one)
            else:
                return slowly(decimal(value))
        except DecimalException:
            return slowly(decimal(value))
        # Zero and NaN are looked at again, by the rule itself.
        return off if off and off.is_finite() else slowly(decimal(value))

    return of


def _read(text: str) -> Decimal:
    """A text that is a JSON number. One that Decimal writes just as it came is; for others the pattern tells."""
    number = _bounded_text(text)
    if str(number) != text and _is_json_number(text) is None:
        raise InvalidOperation
    return number


def as_written(value: object) -> Decimal | msgspec.Raw:
    """`sendable` of `decimal`, in one call."""
    return value if type(value) is Decimal and is_written_as_it_is(value) else sendable(decimal(value))


def is_written_as_it_is(value: Decimal) -> bool:
    """Whether a number is within the bounds, and an encoder with decimal_format="number" writes it with its digits.

    True only of what every rule here leaves alone: not of zero, which may have a sign.
    """
    try:
        exact = bounded(value)
    except DecimalException:
        return False
    return bool(exact) and "E" not in str(exact) and exact.is_finite()


def scaled(places: int) -> Callable[[object], Decimal]:
    """`scale` of `decimal`, in one call, quick for integers in minor units."""
    return _scaled(places, lambda value: value)


def scaled_as_sent(places: int) -> Callable[[object], Decimal | msgspec.Raw]:
    """`sendable` of `scaled`, in one call."""
    return _scaled(places, sendable)


def _scaled(places: int, finish: Callable[[Decimal], _Made]) -> Callable[[object], Decimal | _Made]:
    one = _QUANTA[-places] if -PLAIN_PLACES <= places <= 0 else None

    def of(value: Any) -> Decimal | _Made:
        if type(value) is int and one is not None and -_BEYOND_INT < value < _BEYOND_INT:
            return _times(one, value)
        return finish(scale(decimal(value), places))

    return of


def scale(value: Decimal, places: int) -> Decimal:
    """Move the decimal point, exactly: 1223 by -2 is 12.23, 5 by 2 is 500 and never 5E+2; places from -50 to 50."""
    moved = value.scaleb(places, _exact)
    return Decimal(format(moved, "f")) if "E" in str(moved) else moved


def plain(value: Decimal | int) -> str:
    """The digits of a number without an exponent: 100 and 0.0000001, never 1E+2 and 1E-7.

    Refused, MF706: NaN, and an exponent that would write hundreds of zeros; `decimal` lets neither pass.
    """
    text = str(value)
    return _written_out(Decimal(value)) if "E" in text or text[-1] > "9" else text


def sendable(value: Decimal) -> Decimal | msgspec.Raw:
    """What an encoder with decimal_format="number" writes without an exponent. Refused as in `plain`."""
    text = str(value)
    return msgspec.Raw(_written_out(value).encode()) if "E" in text or text[-1] > "9" else value


def _decimal_text(text: str) -> Decimal:
    if _is_json_number(text) is None:
        raise Refused("a decimal number", "a string that is not one")
    return _within_bounds(number(text))


def _written_out(value: Decimal) -> str:
    if not value.is_finite() or abs(value.adjusted()) > _exact.prec:
        raise _beyond()
    return format(value, "f")


def _within_bounds(value: Decimal) -> Decimal:
    try:
        exact = bounded(value)
    except DecimalException:
        raise _beyond() from None
    # NaN passes the context, and so does a zero with twice the digits; neither has a size to compare.
    if not exact.is_finite() or (not exact and exact.adjusted() < -MOST_DIGITS):
        raise _beyond()
    return exact


def _within_int_bounds(value: int) -> int:
    # Compared before it is converted: the digits of a huge integer take quadratic time.
    if -_BEYOND_INT < value < _BEYOND_INT:
        return value
    raise _beyond()


def _beyond() -> Refused:
    return Refused(f"at most {MOST_DIGITS} digits and an exponent within ±{MOST_DIGITS}", "a number beyond", "MF706")


def _quantize(mode: str) -> Callable[[Decimal, Decimal], Decimal]:
    return Context(prec=60, rounding=MODES[mode], traps=[InvalidOperation]).quantize
