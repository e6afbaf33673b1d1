"""Who a profile is and what it holds → the parts of a request body that only profiles have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from mapforge.platforms import PLATFORMS, base, metafields
from mapforge.values.quick import written_list
from mapforge.values.refused import Refused
from mapforge.values.wire import encode, spread


def identifiers(platform: str, person: Mapping[str, str]) -> bytes:
    """The list of a person's identifiers, each with the platform's own word for its kind."""
    listed = []
    for name, value in person.items():
        before, after = _around(platform, name)
        listed.append(before + encode(value) + after)
    return b"[" + b",".join(listed) + b"]"


@lru_cache
def _around(platform: str, name: str) -> tuple[bytes, bytes]:
    return base.around_identifier(PLATFORMS[platform], name)


def members(named: Mapping[str, Any]) -> bytes:
    """Members of an object, each with a comma after it; "location.city" stands within an object."""
    nested: dict[str, Any] = {}
    for name, value in named.items():
        if value is not msgspec.UNSET:
            within, _, key = name.rpartition(".")
            (nested.setdefault(within, {}) if within else nested)[key] = value
    return spread(encode(nested))


@lru_cache
def metafield_list(
    platform: str, namespace: bytes, rows: tuple[tuple[str, str, str], ...]
) -> Callable[[bytes, Sequence[Any]], bytes]:
    """A function of the owner and of values to the list of a customer's metafields.

    rows: the attribute, name and type of each value. What is null, left out or the empty text is not among them: a
    metafield cannot be empty. owner and namespace are encoded. It raises Refused (MF708) with the attribute where a
    value does not fit its type.
    """
    envelope = PLATFORMS[platform].endpoints["profile"].metafield
    assert envelope is not None, platform
    parts = base.segments(envelope, {base.NAMESPACE: namespace})
    first, key, type_, text, last = base.around(parts, base.PROFILE_ID, base.NAME, base.KIND, base.VALUE)
    return written_list(
        first,
        last,
        [
            (kind, b"".join((key, encode(name), type_, encode(kind), text)), _encoded_text(attribute, kind))
            for attribute, name, kind in rows
        ],
    )


def _encoded_text(attribute: str, kind: str) -> Callable[[Any], bytes]:
    """A function of an attribute's value to the JSON of its metafield's text."""
    text_of = metafields.text_of(kind)

    def encoded(value: Any) -> bytes:
        try:
            return encode(text_of(value))
        except Refused as refused:
            expected = f"a metafield of {refused.expected}"
            raise Refused(expected, refused.got, refused.code, attribute=attribute) from None

    return encoded


@lru_cache
def own_field(platform: str, name: str) -> Callable[[Any], Any]:
    """A function of a value for a field of the platform's own; UNSET for null where that cannot clear it.

    It raises Refused (MF708) where the field does not take the value.
    """
    field = PLATFORMS[platform].endpoints["profile"].fields[name]
    fits = base.fits(field)

    def taken(value: Any) -> Any:
        if value is None:
            return None if field.null else msgspec.UNSET
        if not fits(value):
            raise Refused(field.words, "another text", metafields.UNFIT, attribute=name)
        return value

    return taken
