"""What a team writes first, as giftcard_issued/libraries.py. This event has no text to make, so jinja2 has no part."""

from __future__ import annotations

import jmespath

from peers.libraries import checkable, decode, encode, profile, validator
from peers.values import DEEPEST, Headers, as_it_came, identifier, instant, whole

_contract = validator("mappings/jericommerce/contract.schema.json", "body")
_body = validator("schemas/klaviyo/event.schema.json")

_id, _time, _email, _properties = map(jmespath.compile, ("id", "createdAt", "email", "properties"))


def map_event(raw: bytes, headers: Headers) -> list[bytes]:
    """The body of Klaviyo's Create Event. Raises on an event that does not fit."""
    raw.decode()
    event = decode(raw)
    _contract.validate(event)
    properties = {name: as_it_came(value, DEEPEST - 1, whole) for name, value in _properties.search(event).items()}
    attributes = {
        "properties": checkable(properties),
        "metric": {"data": {"type": "metric", "attributes": {"name": headers["x-jericommerce-event-type"]}}},
        "profile": {"data": {"type": "profile", "attributes": profile(_email.search(event), None, None)}},
        "time": instant(_time.search(event), None),
        "unique_id": identifier(_id.search(event)),
    }
    body = {"data": {"type": "event", "attributes": attributes}}
    _body.validate(body)
    attributes["properties"] = properties
    return [encode(body)]
