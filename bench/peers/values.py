"""What the peers do with a single value: the checks and conversions of the mapping, written by hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Clamped, Context, Decimal, InvalidOperation, Overflow, Rounded, Subnormal
from functools import cache
from zoneinfo import ZoneInfo

MONTHS = (
    *("", "January ", "February ", "March ", "April ", "May ", "June "),
    *("July ", "August ", "September ", "October ", "November ", "December "),
)
EARLIEST = "1990-01-01T00:00:00Z"
LONGEST_TEXT = 100_000
LONGEST_ID = 255
LONGEST_KLAVIYO_EMAIL = 99

_MOST_DIGITS = 50
_CENT = Decimal("0.01")
_round_down = Context(prec=60, rounding=ROUND_DOWN, traps=[InvalidOperation]).quantize
_bounded = Context(
    prec=_MOST_DIGITS,
    Emax=_MOST_DIGITS,
    Emin=-_MOST_DIGITS,
    traps=[InvalidOperation, Overflow, Subnormal, Rounded, Clamped],
).plus
_is_number = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?").fullmatch

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
is_email = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+").fullmatch
is_phone = re.compile(r"\+[1-9][0-9]{6,14}").fullmatch

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


def identifier(value: object) -> str:
    """A string, or an integer as its digits."""
    if type(value) is str:
        return value
    if type(value) is int and -(10**_MOST_DIGITS) < value < 10**_MOST_DIGITS:
        return str(value)
    raise Invalid("neither a string nor an integer")


def url(value: object) -> str:
    """An http or https URL without white space."""
    if type(value) is str and value.startswith(("https://", "http://")) and value.split(None, 1) == [value]:
        return value
    raise Invalid("not a URL")


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
