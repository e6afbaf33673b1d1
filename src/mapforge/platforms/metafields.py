"""A finished value → the text that a metafield of its type holds. A metafield's value is always a text.

https://shopify.dev/docs/apps/build/metafields/list-of-data-types
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

import msgspec

from mapforge import model
from mapforge.values.numbers import plain
from mapforge.values.refused import Refused
from mapforge.values.wire import encode

UNFIT = "MF708"
MOST_BYTES = 16_384

_BY_BASE: Mapping[model.Base, str] = {"date": "date", "datetime": "date_time", "url": "url"}
_BY_SENDS: Mapping[model.Sends, str] = {
    "integer": "number_integer",
    "number": "number_decimal",
    "boolean": "boolean",
    "object": "json",
    "array": "json",
    "string": "single_line_text_field",
}
# What the text of a type matches whole, and the same for people.
_LEGAL: Mapping[str, tuple[re.Pattern[str], str]] = {
    "number_decimal": (re.compile(r"-?\d{1,13}(\.\d{1,9})?", re.ASCII), "at most 13 digits and 9 decimal places"),
    "date": (re.compile(r"\d{4}-\d\d-\d\d", re.ASCII), "a date as YYYY-MM-DD"),
    "date_time": (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII), "a time as YYYY-MM-DDTHH:MM:SSZ"),
    "url": (re.compile(r"\S{1,2048}"), "a URL of at most 2,048 characters"),
    "single_line_text_field": (re.compile(r"[^\n\r]+"), "a text of one line"),
}
_MOST_INTEGER = 2**53 - 1


def type_of(attribute: model.Attribute, rendering: model.Rendering | None) -> str:
    """The type of the metafield that holds an attribute, by what the attribute sends."""
    if rendering is not None:
        return _BY_SENDS["string"]
    kinds = {_of_type(branch.type, attribute.sends) for branch in attribute.branches}
    return kinds.pop() if len(kinds) == 1 else _BY_SENDS[attribute.sends]


def _of_type(kind: model.Type, sends: model.Sends) -> str:
    written = kind.rendering is not None or kind.format is not None
    return _BY_SENDS[sends] if written else _BY_BASE.get(kind.base, _BY_SENDS[sends])


def text_of(kind: str) -> Callable[[object], str]:
    """A function of a value that is there to the text of a metafield of this type.

    It raises Refused (MF708) where the type does not take the value.
    """
    pattern, words = _LEGAL.get(kind, (None, ""))
    legal = None if pattern is None else pattern.fullmatch

    def text(value: object) -> str:
        if kind == "number_integer":
            if type(value) is int and -_MOST_INTEGER <= value <= _MOST_INTEGER:
                return str(value)
            raise Refused(f"an integer within ±{_MOST_INTEGER:,}", "one beyond", UNFIT)
        made = value if isinstance(value, str) else _text(value)
        if legal is not None and legal(made) is None:
            raise Refused(words, "another text", UNFIT)
        if len(made) * 4 > MOST_BYTES < len(made.encode()):
            raise Refused(f"a text of at most {MOST_BYTES:,} bytes", f"{len(made.encode()):,}", UNFIT)
        return made

    return text


def _text(value: object) -> str:
    if type(value) is int:
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, msgspec.Raw):
        return bytes(value).decode()
    return plain(value) if isinstance(value, Decimal) else encode(value).decode()
