"""Values to the bytes of JSON that is sent, a Decimal as a number with its digits; and what is sent as it came."""

from __future__ import annotations

from codecs import utf_8_decode
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from mapforge.values.numbers import is_written_as_it_is
from mapforge.values.scalars import fits_64_bits

encode = msgspec.json.Encoder(decimal_format="number").encode


def written_between(
    rows: Sequence[tuple[str, bytes, Callable[[Any], bytes]]],
) -> Callable[[bytes, Sequence[Any]], bytes]:
    """A function of what stands before each value, and of a value for each row, to all of them, written.

    rows: a name for what the value's text is, what stands between, and what writes the value. What is null, left out or
    the empty text is not written. It raises what writing a value raises.
    """

    def written(before: bytes, values: Sequence[Any]) -> bytes:
        pieces: list[bytes] = []
        for (_, between, write), value in zip(rows, values, strict=True):
            if value or not (value is None or value is msgspec.UNSET or value == ""):
                pieces += (before, between, write(value))
        return b"".join(pieces)

    return written


def check_utf8(body: bytes) -> None:
    """UnicodeDecodeError where these bytes are not UTF-8."""
    if not body.isascii():
        utf_8_decode(body, "strict", True)


def plain_members(value: dict[str, Any], without: frozenset[str], levels: int = 1) -> dict[str, Any] | None:
    """An object without some of its members, itself where it has none of them; None where not all of it `is_plain`."""
    if not is_plain(value, levels):
        return None
    if without.isdisjoint(value):
        return value
    return {name: one for name, one in value.items() if name not in without}


def is_plain(value: Any, levels: int = 1) -> bool:
    """Whether an object or a list is sent as it came, and no limit but of length could say no to anything in it.

    So it holds texts, booleans, nulls, integers of 64 bits and numbers that need no exponent alone, and others of such.
    levels: how many objects and lists may stand in each other, itself among them.
    """
    for one in value.values() if type(value) is dict else value:
        kind = type(one)
        if kind is str or kind is bool or one is None or (kind is int and fits_64_bits(one)):
            continue
        if kind is Decimal and is_written_as_it_is(one):
            continue
        if levels == 1 or not (kind is dict or kind is list) or not is_plain(one, levels - 1):
            return False
    return True
