"""Hand-written Python on msgspec's dicts, plain: the base. As giftcard_issued/untyped.py."""

from __future__ import annotations

from peers.plain import (
    as_it_came,
    check_limits,
    decode,
    encode,
    identifier,
    instant,
    object_or_nothing,
    profile_of,
    text_or_none,
    whole,
)
from peers.values import (
    DEEPEST,
    EARLIEST,
    LONG_ENOUGH,
    LONGEST_ID,
    LONGEST_NAME,
    MOST_PROPERTIES,
    Headers,
    Invalid,
)


def map_event(raw: bytes, headers: Headers) -> list[bytes]:
    """The body of Klaviyo's Create Event. Raises on an event that does not fit."""
    raw.decode()  # msgspec does not check the bytes of values it skips
    event = decode(raw)
    if type(event) is not dict:
        raise Invalid("not an object")
    name = headers["x-jericommerce-event-type"]
    person = profile_of(text_or_none(event, "email"), None, None)
    given = object_or_nothing(event, "properties")
    properties = {key: as_it_came(value, DEEPEST - 1, whole) for key, value in given.items()}
    event_id = identifier(event.get("id"))
    time = instant(event.get("createdAt"), None)
    if not 0 < len(event_id) <= LONGEST_ID or not 0 < len(name) <= LONGEST_NAME:
        raise Invalid("beyond a limit of Klaviyo")
    if time < EARLIEST or len(properties) > MOST_PROPERTIES:
        raise Invalid("beyond a limit of Klaviyo")
    body = encode(
        {
            "data": {
                "type": "event",
                "attributes": {
                    "properties": properties,
                    "metric": {"data": {"type": "metric", "attributes": {"name": name}}},
                    "profile": {"data": {"type": "profile", "attributes": person}},
                    "time": time,
                    "unique_id": event_id,
                },
            }
        }
    )
    if len(body) > LONG_ENOUGH:
        check_limits(body, properties)
    return [body]
