"""What the base does with a single value: the mapping's checks, with the standard library's own calls."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Context, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from peers.values import (
    DEEPEST,
    LONGEST_BODY,
    LONGEST_ID,
    LONGEST_KLAVIYO_EMAIL,
    LONGEST_TEXT,
    MOST_ELEMENTS,
    Invalid,
    currency_digits,
    is_email,
    is_phone,
)

decode = msgspec.json.Decoder(float_hook=Decimal).decode
encode = msgspec.json.Encoder(decimal_format="number").encode

_CENT = Decimal("0.01")
_CONTEXT = Context(prec=60)
_MOST_DIGITS = 50
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-5][0-9])?"
)
_URL = re.compile(r"https?://[^/?#\s]\S*")

_NOTHING: dict[str, Any] = {}


def object_at(parent: dict[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key)
    if type(value) is dict:
        return value
    raise Invalid(f"{key} is not an object")


def object_or_nothing(parent: dict[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key)
    if value is None:
        return _NOTHING
    if type(value) is dict:
        return value
    raise Invalid(f"{key} is not an object")


def text_at(parent: dict[str, Any], key: str) -> str:
    value = parent.get(key)
    if type(value) is str:
        return value
    raise Invalid(f"{key} is not a text")


def text_or_none(parent: dict[str, Any], key: str) -> str | None:
    value = parent.get(key)
    if value is None or type(value) is str:
        return value
    raise Invalid(f"{key} is not a text")


def list_at(parent: dict[str, Any], key: str) -> list[Any]:
    value = parent.get(key)
    if type(value) is list:
        return value
    raise Invalid(f"{key} is not a list")


def flag_at(parent: dict[str, Any], key: str) -> bool:
    value = parent.get(key)
    if type(value) is bool:
        return value
    raise Invalid(f"{key} is neither true nor false")


def decimal(value: Any) -> Decimal:
    """A JSON number or a string that is exactly one, within 50 digits and an exponent of ±50; minus zero is 0."""
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    if is_integer or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        value = Decimal(value)
    if not isinstance(value, Decimal):
        raise Invalid("not a decimal number")
    if len(value.as_tuple().digits) > _MOST_DIGITS or abs(value.adjusted()) > _MOST_DIGITS:
        raise Invalid("too many digits")
    return value or abs(value)


def money(value: object) -> Decimal:
    """A decimal rounded toward zero to two places."""
    rounded = decimal(value).quantize(_CENT, rounding=ROUND_DOWN, context=_CONTEXT)
    return rounded or abs(rounded)


def scaled(value: object, places: int) -> Decimal | msgspec.Raw:
    """A decimal that is counted in parts, as what it is worth: 550 in 2 places is 5.50."""
    return as_written(decimal(value).scaleb(-places, _CONTEXT))


def minor(value: object, currency: str) -> Decimal | msgspec.Raw:
    """An amount in a currency's minor unit."""
    return scaled(value, currency_digits(currency))


def as_written(value: Decimal) -> Decimal | msgspec.Raw:
    """The decimal as msgspec is to write it: never with an exponent."""
    return msgspec.Raw(format(value, "f").encode()) if "E" in str(value) else value


def whole(value: object) -> int:
    """A JSON number without a fraction that fits 64 bits."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(decimal(value))
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return value
    raise Invalid("not an integer of 64 bits")


def integer(value: object) -> int:
    """A JSON number without a fraction, within 50 digits."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(decimal(value))
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_MOST_DIGITS:
        return value
    raise Invalid("not an integer")


def identifier(value: object) -> str:
    """A string, or an integer as its digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_MOST_DIGITS:
        return str(value)
    raise Invalid("neither a string nor an integer")


def url(value: object) -> str:
    """An http or https URL with a host, without white space."""
    if isinstance(value, str) and _URL.fullmatch(value):
        return value
    raise Invalid("not a URL")


def _moment(value: object, zone: object) -> datetime:
    """RFC 3339; without an offset it is local to the zone."""
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise Invalid("not a date and time")
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=_zone(zone))


def _zone(name: object) -> ZoneInfo:
    if not isinstance(name, str):
        raise Invalid("no time zone")
    return ZoneInfo(name)


def instant(value: object, zone: object) -> str:
    """In UTC, to the second."""
    return _moment(value, zone).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(value: object, zone: object) -> str:
    """`July 20, 2027` on the zone's calendar."""
    there = _moment(value, zone).astimezone(_zone(zone))
    return f"{there:%B} {there.day}, {there.year}"


def time_of_day(value: object, zone: object) -> str:
    """`July 20, 2027, 9:05 AM` on the zone's clock."""
    there = _moment(value, zone).astimezone(_zone(zone))
    return f"{there:%B} {there.day}, {there.year}, {there.hour % 12 or 12}:{there:%M %p}"


def epoch(value: object) -> str:
    """Seconds since 1970, in UTC."""
    return datetime.fromtimestamp(whole(value), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def large_image(theme: dict[str, Any]) -> str | None:
    images = theme.get("images")
    if images is None:
        return None
    if type(images) is not list:
        raise Invalid("images are not a list")
    found = None
    for image in images:
        if image is not None and type(image) is not dict:
            raise Invalid("an image is not an object")
        if found is None and image and image.get("size") == "large":
            found = image
    return None if found is None else url(found.get("url"))


def profile_of(email: str | None, phone: str | None, customer_id: object) -> dict[str, str]:
    profile = {}
    if email is not None and len(email) <= LONGEST_KLAVIYO_EMAIL and is_email(email):
        profile["email"] = email
    if phone is not None and is_phone(phone):
        profile["phone_number"] = phone
    if customer_id is not None:
        external_id = identifier(customer_id)
        if 0 < len(external_id) <= LONGEST_ID:
            profile["external_id"] = external_id
    if not profile:
        raise Invalid("nobody to send it to")
    return profile


def as_it_came(value: Any, levels: int, integer_of: Callable[[object], int]) -> Any:
    """Any JSON value unchanged, with as many objects and lists in each other."""
    if isinstance(value, dict | list) and levels == 0:
        raise Invalid("too many objects and lists in each other")
    if isinstance(value, dict):
        return {name: as_it_came(inner, levels - 1, integer_of) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_it_came(inner, levels - 1, integer_of) for inner in value]
    if isinstance(value, Decimal):
        return as_written(decimal(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return integer_of(value)
    return value


def check_limits(body: bytes, properties: dict[str, Any]) -> None:
    """What Klaviyo does not take of an event: it is asked only of a body that is long enough to have it."""
    if len(body) > LONGEST_BODY:
        raise Invalid("beyond a limit of Klaviyo")
    _check_limits(properties, 1)


def _check_limits(value: object, depth: int) -> None:
    if isinstance(value, str) and len(value.encode()) > LONGEST_TEXT:
        raise Invalid("beyond a limit of Klaviyo")
    if isinstance(value, list) and len(value) > MOST_ELEMENTS:
        raise Invalid("beyond a limit of Klaviyo")
    if isinstance(value, dict | list):
        if depth > DEEPEST:
            raise Invalid("beyond a limit of Klaviyo")
        for inner in value.values() if isinstance(value, dict) else value:
            _check_limits(inner, depth + 1)
