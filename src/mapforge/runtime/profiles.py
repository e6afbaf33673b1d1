"""Who a profile is and what it holds → the parts of a request body that only profiles have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from mapforge import model
from mapforge.platforms import PLATFORMS, base, metafields
from mapforge.values.refused import Refused
from mapforge.values.wire import encode

Property = tuple[model.Sent, Any]


@lru_cache
def _one(platform: str, part: str) -> tuple[base.Segment, ...]:
    """The segments of one identifier, or of one metafield."""
    return base.segments(getattr(PLATFORMS[platform].endpoints["profile"], part), {})


def identifiers(platform: str, people: Mapping[str, str]) -> bytes:
    """The list of identifiers, each by the platform's own word for its kind."""
    parts, named = _one(platform, "identifier"), PLATFORMS[platform].identifiers
    made = (
        base.fill(parts, {base.KIND: encode(named[name].sent), base.VALUE: encode(value)})
        for name, value in people.items()
    )
    return b"[" + b",".join(made) + b"]"


def members(named: Mapping[str, Any]) -> bytes:
    """Members of an object, each with a comma after it; "location.city" stands within an object."""
    nested: dict[str, Any] = {}
    for name, value in named.items():
        if value is not msgspec.UNSET:
            within, _, key = name.rpartition(".")
            (nested.setdefault(within, {}) if within else nested)[key] = value
    return spread(encode(nested))


def spread(body: bytes) -> bytes:
    """The members of an encoded object, each with a comma after it."""
    return body[1:-1] + b"," if len(body) > 2 else b""


def metafield_list(
    platform: str, owner: bytes, namespace: bytes, properties: Iterable[tuple[str, str, str, Any]]
) -> bytes:
    """The list of a customer's metafields, of attributes, names, types and values.

    What is null, left out or the empty text is not among them: a metafield cannot be empty. owner and namespace are
    encoded. Refused (MF708) with the attribute where a value does not fit its type.
    """
    parts = _one(platform, "metafield")
    made = []
    for attribute, name, kind, value in properties:
        if value is not None and value is not msgspec.UNSET and value != "":
            text = encode(_text(attribute, kind, value))
            holes = {base.NAME: encode(name), base.KIND: encode(kind), base.VALUE: text}
            made.append(base.fill(parts, {base.PROFILE_ID: owner, base.NAMESPACE: namespace, **holes}))
    return b"[" + b",".join(made) + b"]"


def _text(attribute: str, kind: str, value: Any) -> str:
    try:
        return metafields.text_of(kind, value)
    except Refused as refused:
        expected = f"a metafield of {refused.expected}"
        raise Refused(expected, refused.got, refused.code, attribute=attribute) from None


def own_field(platform: str, name: str, value: Any) -> Any:
    """A value for a field of the platform's own; UNSET for null where that cannot clear it.

    Refused (MF708) where the field does not take it.
    """
    field = PLATFORMS[platform].endpoints["profile"].fields[name]
    if value is None and not field.null:
        return msgspec.UNSET
    expected = base.unfit(field, value)
    if expected is not None:
        raise Refused(expected, "another text", metafields.UNFIT, attribute=name)
    return value
