"""Raw texts, identifiers, URLs and booleans to what is sent of them."""

from __future__ import annotations

import re
from decimal import Decimal

from mapforge.values.numbers import integer, plain
from mapforge.values.refused import Refused, json_type

INTEGER_BITS = 64
LEAST_INTEGER, MOST_INTEGER = -(1 << (INTEGER_BITS - 1)), (1 << (INTEGER_BITS - 1)) - 1

_is_url = re.compile(r"https?://[^/?#\s]\S*").fullmatch


def text(value: object) -> str:
    """A JSON string."""
    if type(value) is str:
        return value
    raise Refused("a text", json_type(value))


def identifier(value: object) -> str:
    """A string, or an integer as its digits."""
    if type(value) is str:
        return value
    if type(value) is int and fits_64_bits(value):
        return str(value)
    if type(value) is int or type(value) is Decimal:
        return plain(integer(value))
    raise Refused("a text or an integer", json_type(value))


def url(value: object) -> str:
    """An http or https URL with a host, without white space."""
    if type(value) is str and _is_url(value):
        return value
    raise Refused("an http or https URL", "a string that is not one" if type(value) is str else json_type(value))


def boolean(value: object) -> bool:
    """true or false."""
    if type(value) is bool:
        return value
    raise Refused("a boolean", json_type(value))


def fits_64_bits(value: int) -> bool:
    """Whether every platform takes the integer."""
    return LEAST_INTEGER <= value <= MOST_INTEGER
