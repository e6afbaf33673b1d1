"""An entry's finished values, and who it is about → the request body that one platform gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from mapforge import model
from mapforge.platforms import PLATFORMS, base
from mapforge.platforms.base import Endpoint, Platform
from mapforge.runtime import convert, profiles
from mapforge.runtime.decode import untyped
from mapforge.values.refused import Refused
from mapforge.values.wire import encode

OMITTED = msgspec.UNSET
OVER_LIMIT = "MF708"


class Finished(msgspec.Struct, frozen=True):
    """What an entry makes of a raw event, before any platform's rules.

    values: by the attributes' names; kept: the keys passed through; worth: the monetary value and its currency;
    source_id, time, name: of the raw event; locale: what reads the locale of a platform's own `as`.
    """

    values: Mapping[str, Any]
    kept: Mapping[str, Any]
    worth: tuple[Any, str | None] | None
    source_id: str
    time: str
    name: str
    locale: Callable[[model.SettingField], Any]


class Body(msgspec.Struct, frozen=True):
    """A request body with the id it is sent under. kept_out: kept keys that the platform has fields of its own for.

    body None: nothing is left that the platform can keep.
    """

    body: bytes | None
    event_id: str
    kept_out: tuple[str, ...] = ()


def body_of(
    vendor: str, entry: model.Entry, target: model.Target, finished: Finished, person: Mapping[str, str]
) -> Body:
    """The body of one payload. Refused (MF708) where it would break a limit of the platform."""
    platform = PLATFORMS[target.platform]
    endpoint = platform.endpoints[entry.kind]
    event_id = base.event_identifier(endpoint, vendor, entry.name)(finished.source_id)
    sent = {one: _value(one, finished) for one in target.sent}
    properties = {one.name: value for one, value in sent.items() if not one.own and value is not OMITTED}
    kept, kept_out = _kept(endpoint, base.named_keys(entry, target), finished.kept)
    properties |= kept
    if entry.kind == "event":
        metric = entry.metric if entry.metric is not None else finished.name
        _check_event(endpoint, metric, finished)
        holes = _event(metric, event_id, finished)
    else:
        holes = _profile(platform, endpoint, target, person, sent)
    _check_properties(platform, endpoint, properties)
    if endpoint.metafield is not None and holes[base.METAFIELDS] == b"[]":
        return Body(None, event_id)
    return Body(_written(platform, endpoint, target, properties, holes, person), event_id, kept_out)


def _value(sent: model.Sent, finished: Finished) -> Any:
    """A finished value as the platform gets it: null_if, then as."""
    value = finished.values[sent.attribute]
    if sent.null_if is not None and value is not OMITTED and convert.same(value, untyped(sent.null_if)):
        return None
    return value if sent.rendering is None else convert.rendered(value, sent.rendering, finished.locale(sent.locale))


def _kept(endpoint: Endpoint, named: frozenset[str], kept: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The kept keys that no attribute names, and those of them that cannot be properties."""
    passed = {name: value for name, value in kept.items() if name not in named}
    kept_out = tuple(name for name in passed if name in endpoint.reserved)
    return {name: value for name, value in passed.items() if name not in endpoint.reserved}, kept_out


def _check_event(endpoint: Endpoint, metric: str, finished: Finished) -> None:
    limits, source_id = endpoint.limits, finished.source_id
    if limits.event_name is not None and not 0 < len(metric) <= limits.event_name:
        raise Refused(f"an event name of 1 to {limits.event_name} characters", f"one of {len(metric)}", OVER_LIMIT)
    if limits.event_id is not None and not 0 < len(source_id) <= limits.event_id:
        raise Refused(f"an event id of 1 to {limits.event_id} characters", f"one of {len(source_id)}", OVER_LIMIT)
    if limits.earliest is not None and finished.time < limits.earliest:
        raise Refused(f"a time from {limits.earliest} on", "an earlier one", OVER_LIMIT)


def _event(metric: str, event_id: str, finished: Finished) -> dict[str, bytes]:
    said: dict[str, Any] = {base.EVENT_NAME: metric, base.TIME: finished.time, base.EVENT_ID: event_id}
    if finished.worth is not None:
        amount, code = finished.worth
        said |= {base.VALUE: amount} if code is None else {base.VALUE: amount, base.VALUE_CURRENCY: code}
    return {name: encode(value) for name, value in said.items()}


def _profile(
    platform: Platform,
    endpoint: Endpoint,
    target: model.Target,
    person: Mapping[str, str],
    sent: Mapping[model.Sent, Any],
) -> dict[str, bytes]:
    """The holes of a profile: who it is, the platform's own fields, and a list of typed properties."""
    own = {one.name: profiles.own_field(platform.name, one.attribute)(value) for one, value in sent.items() if one.own}
    if endpoint.metafield is not None:
        rows = tuple((one.attribute, one.name, one.metafield or "") for one in sent)
        owner, namespace = encode(next(iter(person.values()))), encode(target.options[base.NAMESPACE])
        return {base.METAFIELDS: profiles.metafield_list(platform.name, namespace, rows)(owner, tuple(sent.values()))}
    if endpoint.identifier is not None:
        return {base.IDENTIFIERS: profiles.identifiers(platform.name, person), base.MEMBERS: profiles.members(own)}
    return {base.MEMBERS: profiles.members({**profile_of(platform, person)[0], **own})}


def _check_properties(platform: Platform, endpoint: Endpoint, properties: Mapping[str, Any]) -> None:
    broken = base.over_limit(endpoint.limits, properties)
    if broken is not None:
        raise Refused(f"what {platform.title} takes", broken, OVER_LIMIT)


def _written(
    platform: Platform,
    endpoint: Endpoint,
    target: model.Target,
    properties: Mapping[str, Any],
    holes: Mapping[str, bytes],
    person: Mapping[str, str],
) -> bytes:
    profile, profile_id = profile_of(platform, person)
    said: dict[str, Any] = {base.PROPERTIES: properties, **target.options, base.PROFILE: profile}
    if profile_id is not None:
        said[base.PROFILE_ID] = profile_id
    filled = {**{name: encode(value) for name, value in said.items()}, **holes}
    body = base.fill(_segments(platform.name, endpoint.kind), filled)
    if len(body) > endpoint.limits.body:
        raise Refused(f"a body of at most {endpoint.limits.body:,} bytes", f"{len(body):,}", OVER_LIMIT)
    return body


@lru_cache
def _segments(platform: str, kind: str) -> tuple[base.Segment, ...]:
    return base.segments(base.endpoint_of(PLATFORMS[platform], kind).envelope, {})


def profile_of(platform: Platform, person: Mapping[str, str]) -> tuple[dict[str, str], str | None]:
    """The identifiers under the platform's own names, and its own id of the profile."""
    profile: dict[str, str] = {}
    profile_id = None
    for name, value in person.items():
        sent = platform.identifiers[name].sent
        if sent is None:
            profile_id = value
        else:
            profile[sent] = value
    return profile, profile_id
