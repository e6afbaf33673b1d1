"""A raw event → what it is known by, so that the same delivery once more is the same event."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from mapforge import model
from mapforge.runtime.decode import untyped, utf8
from mapforge.runtime.interpret import source_value
from mapforge.runtime.mappers import Mapper
from mapforge.values.refused import Refused

Headers = Mapping[str, str]


def event_id(mapper: Mapper, raw: bytes, headers: Headers, name: str | None = None) -> str:
    """What a raw event is known by. headers in any case; as `Identity`, but what is no JSON is known by its bytes."""
    lowered = {key.lower(): value for key, value in headers.items()}
    try:
        return _known(mapper.model.source, untyped(utf8(raw)), raw, lowered, name)
    except Refused:
        return _by_bytes(raw)


class Identity:
    """What a vendor's raw events are known by: name and id, as its `source` reads them.

    A vendor's id may be that of what the event is about, so the name counts too. Without an id, the bytes are it.
    Only what is asked for is made of the body; the rest of it is held to be JSON and passed over.
    """

    def __init__(self, mapper: Mapper) -> None:
        self._source = source = mapper.model.source
        self._ways = [_way(where) for where in (source.event, source.id)]
        self._decode = _decoder(self._ways)

    def of(self, raw: bytes, headers: Headers, name: str | None = None) -> str:
        """The id. headers by their lower-case names; name: where the event says none. Refused: it is no JSON."""
        body = utf8(raw)
        try:
            seen = None if self._decode is None else self._decode(body)
        except (msgspec.MsgspecError, RecursionError):
            seen = None
        if seen is None:
            return _known(self._source, untyped(body), raw, headers, name)
        event, number = (way(seen, headers) for way in self._ways if way is not None)
        return _called(event if name is None else name, number, raw)


class _Header(msgspec.Struct, frozen=True):
    """A way that leads to a header."""

    name: str

    def __call__(self, seen: Any, headers: Headers) -> Any:
        return headers.get(self.name)


class _Keys(msgspec.Struct, frozen=True):
    """A way that leads along keys; fields: what those are called in what is decoded."""

    keys: tuple[str, ...]
    fields: tuple[str, ...]

    def __call__(self, seen: Any, headers: Headers) -> Any:
        for field in self.fields:
            seen = None if seen is None else getattr(seen, field)
        return seen


def _way(where: model.Header | model.SettingQuery) -> _Header | _Keys | None:
    """How a value is found; None for a query that is more than keys."""
    if isinstance(where, model.Header):
        return _Header(where.name)
    node = where.query.node
    if not isinstance(node, model.Path) or not node.keys:
        return None
    return _Keys(node.keys, tuple(map(_field, node.keys)))


def _decoder(ways: list[_Header | _Keys | None]) -> Any:
    """Decodes what these ways need and no more; None where that cannot be said."""
    paths = [way.keys for way in ways if isinstance(way, _Keys)]
    through = any(one is not other and one[: len(other)] == other for one in paths for other in paths)
    return None if None in ways or through else msgspec.json.Decoder(_shape(paths)).decode


def _shape(paths: list[tuple[str, ...]]) -> Any:
    fields = []
    for key in dict.fromkeys(keys[0] for keys in paths):
        below = [keys[1:] for keys in paths if keys[0] == key]
        kind = _shape(below) if below[0] else str | int
        fields.append((_field(key), kind | None, msgspec.field(name=key, default=None)))
    return msgspec.defstruct("Seen", fields, gc=False)


def _field(key: str) -> str:
    """A key as a field's name: any text will do there but for dots and keywords."""
    return "key_" + key.encode().hex()


def _known(source: model.RawSource, body: Any, raw: bytes, headers: Headers, name: str | None) -> str:
    """The same by the whole body."""
    try:
        called = name if name is not None else source_value(source.event, body, headers)
        return _called(called, source_value(source.id, body, headers), raw)
    except (Refused, RecursionError):
        return _by_bytes(raw)


def _called(name: Any, number: Any, raw: bytes) -> str:
    if isinstance(name, str) and isinstance(number, (str, int)) and not isinstance(number, bool) and number != "":
        return f"{name}/{number}"
    return _by_bytes(raw)


def _by_bytes(raw: bytes) -> str:
    return f"sha256/{hashlib.sha256(raw).hexdigest()}"
