"""Several updates of a profile → one body, later values first; and of a body what the platform does not have yet.

A body is taken apart into leaves, each by its way through the objects that are merged key by key: those around the
holes of the endpoint's envelope, the custom properties, and the objects that its own fields stand in. Whatever stands
deeper is one value. Shopify's metafields are a list, in which namespace and key are the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from mapforge.platforms import PLATFORMS, base
from mapforge.values.wire import encode

Way = tuple[str, ...]
Leaves = dict[Way, bytes]

_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


class Form(msgspec.Struct, frozen=True):
    """open: objects that are merged key by key. rows: the list that is merged by `row_key`. always: who it is about."""

    open: frozenset[Way]
    always: frozenset[Way]
    rows: Way | None = None
    row_key: Way = ()


@lru_cache
def form_of(platform: str, kind: str) -> Form:
    """How this endpoint's bodies are taken apart."""
    endpoint = base.endpoint_of(PLATFORMS[platform], kind)
    holes = dict(_holes(endpoint.envelope, ()))
    members = holes.get(base.MEMBERS, ())[:-1]
    nested = {(*members, *field.sent.split(".")[:-1]) for field in endpoint.fields.values()}
    around = {way[:length] for way in holes.values() for length in range(len(way))}
    names = PLATFORMS[platform].identifiers.values() if endpoint.identifier is None else ()
    who = {(*members, one.sent) for one in names if one.sent is not None}
    told = {holes[name] for name in (base.PROFILE_ID, base.IDENTIFIERS) if name in holes}
    always = frozenset(who | told | set(_constants(endpoint.envelope, ())))
    opened = frozenset(around | nested | {holes[name] for name in (base.PROPERTIES,) if name in holes})
    return Form(opened, always, holes.get(base.METAFIELDS), ("namespace", "key"))


def _holes(envelope: base.Envelope, way: Way) -> Iterator[tuple[str, Way]]:
    if isinstance(envelope, base.Hole):
        yield envelope.name, way
    elif isinstance(envelope, Mapping):
        for key, inner in envelope.items():
            yield from _holes(inner, (*way, key))


def _constants(envelope: base.Envelope, way: Way) -> Iterator[Way]:
    if isinstance(envelope, (str, bool)):
        yield way
    elif isinstance(envelope, Mapping):
        for key, inner in envelope.items():
            yield from _constants(inner, (*way, key))


def merged(platform: str, kind: str, bodies: Iterable[bytes]) -> bytes:
    """One body of several, the later ones' values in place of the earlier ones'."""
    form = form_of(platform, kind)
    leaves: Leaves = {}
    for body in bodies:
        leaves |= _leaves(form, body)
    return _written(form, leaves)


def changed(platform: str, kind: str, last: bytes | None, body: bytes) -> bytes | None:
    """What of a body is not in the last one, with who it is about; None where that is nothing."""
    if last is None:
        return body
    form = form_of(platform, kind)
    had, now = _leaves(form, last), _leaves(form, body)
    new = {way for way, value in now.items() if had.get(way) != value and way not in form.open}
    return _written(form, {way: now[way] for way in now if way in new or way in form.always}) if new else None


def _leaves(form: Form, body: bytes) -> Leaves:
    leaves: Leaves = {}
    _take_apart(form, body, (), leaves)
    return leaves


def _take_apart(form: Form, value: bytes, way: Way, leaves: Leaves) -> None:
    if way == form.rows:
        for row in _elements(value):
            members = _members(row)
            leaves[(*way, *(bytes(members[name]).decode() for name in form.row_key))] = bytes(row)
    elif way in form.open and value.startswith(b"{") and value != b"{}":
        for key, inner in _members(value).items():
            _take_apart(form, bytes(inner), (*way, key), leaves)
    else:
        leaves[way] = value


def _written(form: Form, leaves: Leaves) -> bytes:
    root: dict[str, Any] = {}
    for way, value in leaves.items():
        if form.rows is not None and way[: len(form.rows)] == form.rows:
            _object(root, form.rows[:-1]).setdefault(form.rows[-1], []).append(msgspec.Raw(value))
        elif way in form.open and value == b"{}":
            _object(root, way)
        else:
            _object(root, way[:-1])[way[-1]] = msgspec.Raw(value)
    return encode(root)


def _object(root: dict[str, Any], way: Way) -> dict[str, Any]:
    """The object at the end of this way; made where it is missing."""
    for key in way:
        found = root.get(key)
        if not isinstance(found, dict):
            found = root[key] = {}
        root = found
    return root
