"""A pointer into a request body → the attribute that stands there and the line of the mapping that made it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from mapforge import model
from mapforge.delivery.outcomes import Reason
from mapforge.diagnostics import Span
from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import endpoint_of

_PROPERTIES = ("properties", "customProperties")
_TIMES = ("time", "eventTime")
_IDS = ("unique_id", "eventID")
_VALUES = ("value", "value_currency")


def traced(reason: Reason, vendor: model.Vendor | None, entry: str, platform: str, kind: str) -> Reason:
    """The reason with entry, platform, attribute and place; the entry's own line where the pointer leads nowhere."""
    found = next((one for one in vendor.entries if one.name == entry), None) if vendor is not None else None
    if vendor is None or found is None:
        return msgspec.structs.replace(reason, entry=entry, platform=platform)
    way = _way(reason.pointer)
    attribute = _attribute(found, platform, kind, way)
    span = attribute.span if attribute is not None else _span(vendor, found, platform, way)
    name = None if attribute is None else attribute.name
    return msgspec.structs.replace(reason, entry=entry, platform=platform, attribute=name, place=span.at)


def _way(pointer: str | None) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in (pointer or "").split("/")[1:]]


def _attribute(entry: model.Entry, platform: str, kind: str, way: Sequence[str]) -> model.Attribute | None:
    """The attribute whose property, or whose field of the platform's own, the way leads to or into."""
    target = next((one for one in entry.targets if one.platform == platform), None)
    for sent in target.sent if target is not None else ():
        if (_leads_to_field if sent.own else _leads_to_property)(way, sent, platform, kind):
            return next(one for one in entry.attributes if one.name == sent.attribute)
    return None


def _leads_to_property(way: Sequence[str], sent: model.Sent, platform: str, kind: str) -> bool:
    return any(key in _PROPERTIES and after == sent.name for key, after in pairwise(way))


def _leads_to_field(way: Sequence[str], sent: model.Sent, platform: str, kind: str) -> bool:
    field = endpoint_of(PLATFORMS[platform], kind).fields.get(sent.attribute)
    parts = tuple(field.sent.split(".")) if field is not None else (sent.name,)
    return tuple(way[-len(parts) :]) == parts and not set(way) & set(_PROPERTIES)


def _span(vendor: model.Vendor, entry: model.Entry, platform: str, way: Sequence[str]) -> Span:
    last = way[-1] if way else ""
    who = {one.sent for one in PLATFORMS[platform].identifiers.values()} | {"identifiers", "profile", "contact"}
    if last in _VALUES and entry.value is not None:
        return entry.value.span
    for names, where in ((_TIMES, vendor.source.time), (_IDS, vendor.source.id)):
        if last in names and isinstance(where, model.SettingQuery):
            return where.query.span
    return entry.identity.span if last in who or "identifiers" in way else entry.span
