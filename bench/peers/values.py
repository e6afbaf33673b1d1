"""What the peers do with a single value: the checks and conversions of the mapping, written by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Clamped, Context, Decimal, InvalidOperation, Overflow, Rounded, Subnormal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import get_global
from babel.numbers import get_currency_precision
from msgspec import Raw

Headers = Mapping[str, str]

MONTHS = (
    *("", "January ", "February ", "March ", "April ", "May ", "June "),
    *("July ", "August ", "September ", "October ", "November ", "December "),
)
EARLIEST = "1990-01-01T00:00:00Z"
LONGEST_TEXT = 100_000
LONGEST_ID = 255
LONGEST_KLAVIYO_EMAIL = 99
LONGEST_NAME = 127
LONGEST_BODY = 5_000_000
LONGEST_PROFILE = 95_000
MOST_PROPERTIES = 400
MOST_ELEMENTS = 4000
LONG_ENOUGH = 8000  # a body below that has neither a long text nor a long list
DEEPEST = 10
DEEPEST_PROFILE = 100
# What Klaviyo keeps for itself among the names of a profile's properties.
RESERVED = frozenset(
    "_kx anonymous_id email external_id first_name image last_name".split()
    + "locale location organization phone_number title".split()
)

_MOST_DIGITS = 50
_CENT = Decimal("0.01")
_round_down = Context(prec=60, rounding=ROUND_DOWN, traps=[InvalidOperation]).quantize
_bounded = Context(
    prec=_MOST_DIGITS,
    Emax=_MOST_DIGITS,
    Emin=-_MOST_DIGITS,
    traps=[InvalidOperation, Overflow, Subnormal, Rounded, Clamped],
).plus
_exact_scaleb = Context(prec=60, traps=[InvalidOperation]).scaleb
_is_url = re.compile(r"https?://[^/?#\s]\S*").fullmatch
_is_number = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?").fullmatch

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
is_email = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+").fullmatch
is_phone = re.compile(r"\+[1-9][0-9]{6,14}").fullmatch

# Where ISO 4217 has other digits than Babel, which leaves out those that no shop uses.
_ISO_DIGITS = {
    **dict.fromkeys("AFN ALL IRR KPW LAK LBP MGA MMK MRO RSD SLL SOS STD SYP TMM YER ZMK ZWD".split(), 2),
    "IQD": 3,
}
_WITHOUT_DIGITS = frozenset("XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX".split())
_CURRENCIES = frozenset(get_global("all_currencies")) - _WITHOUT_DIGITS

_after_seconds = re.compile(r"(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-5][0-9])?").fullmatch
_zone = cache(ZoneInfo)


class Invalid(ValueError):
    """A value that the mapping does not take."""


def decimal(value: object) -> Decimal:
    """A JSON number or a string that is exactly one, within 50 digits and an exponent of ±50; minus zero is 0."""
    if type(value) is Decimal:
        number = value
    elif type(value) is int or (type(value) is str and _is_number(value)):
        number = Decimal(value)
    else:
        raise Invalid("not a decimal number")
    number = _bounded(number)
    if not number and number.adjusted() < -_MOST_DIGITS:
        raise Invalid("too many digits")
    return number


def money(value: object) -> Decimal:
    """A decimal rounded toward zero to two places."""
    rounded = _round_down(decimal(value), _CENT)
    return rounded if rounded else abs(rounded)


def scaled(value: object, places: int) -> Decimal:
    """A decimal that is counted in parts, as what it is worth: 550 in 2 places is 5.50."""
    return _exact_scaleb(decimal(value), -places)


def plain(value: Decimal) -> Decimal | str:
    """The decimal where it is written without an exponent, else its digits."""
    text = str(value)
    return format(value, "f") if "E" in text else value


def whole(value: object) -> int:
    """A JSON number without a fraction that fits 64 bits."""
    if type(value) is Decimal and value == value.to_integral_value():
        value = int(_bounded(value))
    if type(value) is int and -(2**63) <= value < 2**63:
        return value
    raise Invalid("not an integer of 64 bits")


def integer(value: object) -> int:
    """A JSON number without a fraction, within 50 digits."""
    if type(value) is Decimal and value == value.to_integral_value():
        value = int(_bounded(value))
    if type(value) is int and -(10**_MOST_DIGITS) < value < 10**_MOST_DIGITS:
        return value
    raise Invalid("not an integer")


def identifier(value: object) -> str:
    """A string, or an integer as its digits."""
    if type(value) is str:
        return value
    if type(value) is int and -(10**_MOST_DIGITS) < value < 10**_MOST_DIGITS:
        return str(value)
    raise Invalid("neither a string nor an integer")


def url(value: object) -> str:
    """An http or https URL with a host, without white space."""
    if type(value) is str and _is_url(value):
        return value
    raise Invalid("not a URL")


@cache
def currency_digits(code: str) -> int:
    """The digits of a currency's minor unit by ISO 4217: EUR 2, JPY 0, KWD 3."""
    if code not in _CURRENCIES:
        raise Invalid("not a currency")
    return _ISO_DIGITS[code] if code in _ISO_DIGITS else get_currency_precision(code)


def instant(value: object, zone: object) -> str:
    """RFC 3339 → UTC, to the second. A time without an offset is local to the zone."""
    moment = _moment(value)
    if type(value) is str and value[-1] == "Z":
        return f"{value[:10]}T{value[11:19]}Z"
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=_zone(_zone_name(zone)))
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def day(value: object, zone: object) -> str:
    """RFC 3339 → `July 20, 2027` on the zone's calendar."""
    there = _zone(_zone_name(zone))
    moment = _moment(value)
    moment = moment.astimezone(there) if moment.tzinfo is not None else moment.replace(tzinfo=there)
    return f"{MONTHS[moment.month]}{moment.day}, {moment.year}"


def time_of_day(value: object, zone: object) -> str:
    """RFC 3339 → `July 20, 2027, 9:05 AM` on the zone's clock."""
    there = _zone(_zone_name(zone))
    moment = _moment(value)
    moment = moment.astimezone(there) if moment.tzinfo is not None else moment.replace(tzinfo=there)
    half = "AM" if moment.hour < 12 else "PM"
    return f"{MONTHS[moment.month]}{moment.day}, {moment.year}, {moment.hour % 12 or 12}:{moment.minute:02} {half}"


def epoch(value: object) -> str:
    """Seconds since 1970 → UTC."""
    return f"{datetime.fromtimestamp(whole(value), UTC):%Y-%m-%dT%H:%M:%SZ}"


def as_it_came(value: Any, levels: int, integer_of: Callable[[object], int]) -> Any:
    """Any JSON value unchanged, with as many objects and lists in each other; digits that need it are written out."""
    kind = type(value)
    if kind is dict or kind is list:
        if levels == 0:
            raise Invalid("too many objects and lists in each other")
        if kind is list:
            return [as_it_came(inner, levels - 1, integer_of) for inner in value]
        return {name: as_it_came(inner, levels - 1, integer_of) for name, inner in value.items()}
    if kind is Decimal:
        digits = plain(decimal(value))
        return Raw(digits.encode()) if isinstance(digits, str) else digits
    return integer_of(value) if kind is int else value


def _zone_name(zone: object) -> str:
    if type(zone) is str:
        return zone
    raise Invalid("no time zone")


def _moment(value: object) -> datetime:
    if type(value) is not str:
        raise Invalid("not a date and time")
    # fromisoformat takes more than RFC 3339: 20270331, week dates, 24:00, commas.
    rest = value[19:]
    if not (
        value[4] == value[7] == "-" and value[10] in "Tt" and value[13] == value[16] == ":" and value[11:13] != "24"
    ):
        raise Invalid("not a date and time")
    if rest != "Z" and _after_seconds(rest) is None:
        raise Invalid("not a date and time")
    return datetime.fromisoformat(value)
