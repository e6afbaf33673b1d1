"""Values to the bytes of JSON that is sent, a Decimal as a number with its digits; and what is sent as it came."""

from __future__ import annotations

from codecs import utf_8_decode
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

from mapforge.values.numbers import is_written_as_it_is
from mapforge.values.scalars import fits_64_bits

encode = msgspec.json.Encoder(decimal_format="number").encode


def filler(*constants: bytes) -> Callable[..., bytes]:
    """A function of values to all of these constants with a value between each two: bytes are JSON already, a text not.

    ValueError where there are too few values, or too many.
    """
    form = [piece for constant in constants for piece in (constant, b"")][:-1]
    count = len(constants) - 1

    def filled(*values: bytes | str) -> bytes:
        if len(values) != count:
            raise ValueError(f"{len(values)} values for {count} places")
        pieces = form.copy()
        pieces[1::2] = [value if type(value) is bytes else encode(value) for value in values]
        return b"".join(pieces)

    return filled


@cache
def texts_object(*names: str) -> Callable[..., bytes]:
    """A function of a text or None for each name to the JSON of an object of those that are there.

    names: without quotes, backslashes and control characters. ValueError where there are too few values, or too many.
    """
    return _object_of(names, None)


@cache
def members_of(*names: str) -> Callable[..., bytes]:
    """A function of a value for each name to the members of a JSON object, each with a comma after it; UNSET is none.

    names: without quotes, backslashes and control characters. ValueError where there are too few values, or too many.
    """
    made = _object_of(names, msgspec.UNSET)
    return lambda *values: spread(made(*values))


def _object_of(names: Sequence[str], absent: Any) -> Callable[..., bytes]:
    fields = {f"f{at}": name for at, name in enumerate(names)}
    typed = [(field, Any, absent) for field in fields]
    values_of = msgspec.defstruct("Values", typed, rename=fields, omit_defaults=True, gc=False)
    count = len(names)

    def of(*values: Any) -> bytes:
        if len(values) != count:
            raise ValueError(f"{len(values)} values for {count} names")
        return encode(values_of(*values))

    return of


def spread(body: bytes) -> bytes:
    """The members of an encoded object, each with a comma after it."""
    return body[1:-1] + b"," if len(body) > 2 else b""


def written_list(
    first: bytes, last: bytes, rows: Sequence[tuple[str, bytes, Callable[[Any], bytes]]]
) -> Callable[[bytes, Sequence[Any]], bytes]:
    """A function of a subject, and of a value for each row, to a list of what each value says of the subject.

    An element is `first`, the subject, what the row has between, the value as it is written, and `last`. rows: a name
    for what the value's text is, what stands between, and what writes the value. What is null, left out or the empty
    text is not in the list. It raises what writing a value raises, and ValueError where there are too few values or too
    many.
    """

    def written(subject: bytes, values: Sequence[Any]) -> bytes:
        elements = [
            b"".join((first, subject, between, write(value), last))
            for (_, between, write), value in zip(rows, values, strict=True)
            if value or not (value is None or value is msgspec.UNSET or value == "")
        ]
        return b"[" + b",".join(elements) + b"]"

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
