"""Hand-written Python on msgspec's Structs, tuned for this one event, as giftcard_issued/typed.py."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from peers.plain import check_limits
from peers.tuned import Profile, ProfileData, person_of
from peers.values import (
    DEEPEST,
    EARLIEST,
    LONG_ENOUGH,
    LONGEST_ID,
    LONGEST_NAME,
    MOST_PROPERTIES,
    Headers,
    Invalid,
    as_it_came,
    identifier,
    instant,
    whole,
)


class Event(Struct, gc=False, rename={"created_at": "createdAt"}):
    id: int | str
    created_at: str
    email: str
    properties: dict[str, Any] | None = None


class Name(Struct, gc=False):
    name: str


class MetricData(Struct, gc=False, tag="metric"):
    attributes: Name


class Metric(Struct, gc=False):
    data: MetricData


class Attributes(Struct, gc=False):
    properties: dict[str, Any]
    metric: Metric
    profile: Profile
    time: str
    unique_id: str


class Data(Struct, gc=False, tag="event"):
    attributes: Attributes


class Body(Struct, gc=False):
    data: Data


_decode = msgspec.json.Decoder(Event, float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def map_event(raw: bytes, headers: Headers) -> list[bytes]:
    """The body of Klaviyo's Create Event. Raises on an event that does not fit."""
    raw.decode()  # msgspec does not check the bytes of values it skips
    event = _decode(raw)
    name = headers["x-jericommerce-event-type"]
    properties = {key: as_it_came(value, DEEPEST - 1, whole) for key, value in (event.properties or {}).items()}
    event_id, time = identifier(event.id), instant(event.created_at, None)
    if not 0 < len(event_id) <= LONGEST_ID or not 0 < len(name) <= LONGEST_NAME:
        raise Invalid("beyond a limit of Klaviyo")
    if time < EARLIEST or len(properties) > MOST_PROPERTIES:
        raise Invalid("beyond a limit of Klaviyo")
    metric, profile = Metric(MetricData(Name(name))), Profile(ProfileData(person_of(event.email, None, None)))
    body = _encode(Body(Data(Attributes(properties, metric, profile, time, event_id))))
    if len(body) > LONG_ENOUGH:
        check_limits(body, properties)
    return [body]
