"""What a team writes first, as giftcard_issued/libraries.py. This event has no text to make, so jinja2 has no part."""

from __future__ import annotations

from typing import Any

import jmespath

from peers.libraries import (
    Convert,
    as_it_is,
    checkable,
    compiled,
    decode,
    encode,
    number,
    profile,
    read,
    validator,
    written,
)
from peers.values import (
    DEEPEST_PROFILE,
    LONGEST_PROFILE,
    RESERVED,
    Headers,
    Invalid,
    as_it_came,
    currency_digits,
    epoch,
    identifier,
    integer,
    scaled,
    url,
    whole,
)

_contract = validator("mappings/trifft/contract.schema.json", "transaction.created")
_event_body = validator("schemas/klaviyo/event.schema.json")
_profile_body = validator("schemas/klaviyo/profile.schema.json")


def _minor(amount: dict[str, Any]) -> Any:
    return written(scaled(amount["value"], currency_digits(amount["currency"])))


_venue = compiled(
    {
        "id": ("id", identifier),
        "name": ("name", as_it_is),
        "logo": ("logo", url),
        "currency": ("currency", as_it_is),
        "verify_code": ("verify_code", identifier),
        "address": (
            "address.{id: id, street: street, city: city, postal_code: postal_code, country: country,"
            " lat: lat, lng: lng}",
            as_it_is,
        ),
        "is_enabled": ("is_enabled", as_it_is),
        "created_at": ("created_at", whole),
        "updated_at": ("updated_at", whole),
    }
)
_item = compiled(
    {
        "name": ("item.name", as_it_is),
        "type": ("item.type", as_it_is),
        "price": ("{value: item.price, currency: currency}", _minor),
        "qty": ("item.qty", number),
        "sku": ("item.sku", identifier),
        "points": ("item.points", number),
        "note": ("item.note", as_it_is),
    }
)
_coupon = compiled(
    {
        "id": ("id", identifier),
        "name": ("name", as_it_is),
        "img_logo": ("image_logo", url),
        **{name: (name, integer) for name in ("valid_from", "valid_until", "expiration_at", "points")},
    }
)


def _items(transaction: dict[str, Any]) -> list[dict[str, Any]]:
    return [read(_item, {"item": item, "currency": transaction["currency"]}) for item in transaction["items"]]


# Property → where it stands and how it is converted; null stays null.
_PROPERTIES: dict[str, tuple[str, Convert]] = {
    "venue": ("venue", lambda venue: read(_venue, venue)),
    "id": ("transaction.id", identifier),
    "transaction_id": ("transaction.transaction_id", identifier),
    "type": ("transaction.type", as_it_is),
    "note": ("transaction.note", as_it_is),
    "items": ("transaction", _items),
    "venue_id": ("venue.id", identifier),
    "venue_name": ("venue.name", as_it_is),
    "$value_currency": ("transaction.currency", as_it_is),
    "$value": ("transaction.{value: amount, currency: currency}", _minor),
}
_OWN: dict[str, tuple[str, Convert]] = {
    "locale": ("language", as_it_is),
    "first_name": ("parameters.first_name", as_it_is),
    "last_name": ("parameters.last_name", as_it_is),
}
_ATTRIBUTES: dict[str, tuple[str, Convert]] = {
    "trifft_available_coupons": ("available_coupons", integer),
    "trifft_coupons": ("coupons", lambda coupons: [read(_coupon, coupon) for coupon in coupons]),
    "trifft_fav_location_id": ("favorite_venue.id", identifier),
    "trifft_fav_location_name": ("favorite_venue.name", as_it_is),
    "trifft_id": ("id", identifier),
    "trifft_points": ("points", lambda points: written(scaled(points, 2))),
    "trifft_primary_card_id": ("primary_card_id", identifier),
    "trifft_segments": ("segments", as_it_is),
    "trifft_support_id": ("support_id", identifier),
    "trifft_tier": ("tier.name", as_it_is),
}
_properties, _own, _attributes = map(compiled, (_PROPERTIES, _OWN, _ATTRIBUTES))
_member, _email, _member_id = map(jmespath.compile, ("member", "member.email", "member.id"))
_id, _time, _parameters = map(jmespath.compile, ("event.id", "event.created_at", "member.parameters"))


def map_event(raw: bytes, _: Headers) -> list[bytes]:
    """The bodies of Klaviyo's Create Event and Create or Update Profile. Raises on an event that does not fit."""
    raw.decode()
    root = decode(raw)
    _contract.validate(root)
    person = profile(_email.search(root), None, _member_id.search(root))
    return [_event(root, person), _profile(root, person)]


def _event(root: Any, person: dict[str, str]) -> bytes:
    properties = read(_properties, root)
    attributes = {
        "properties": checkable(properties),
        "metric": {"data": {"type": "metric", "attributes": {"name": "Transaction created"}}},
        "profile": {"data": {"type": "profile", "attributes": person}},
        "time": epoch(_time.search(root)),
        "value": checkable(properties["$value"]),
        "value_currency": properties["$value_currency"],
        "unique_id": identifier(_id.search(root)),
    }
    body = {"data": {"type": "event", "attributes": attributes}}
    _event_body.validate(body)
    attributes |= {"properties": properties, "value": properties["$value"]}
    return encode(body)


def _profile(root: Any, person: dict[str, str]) -> bytes:
    member = _member.search(root)
    properties = read(_attributes, member)
    for name, value in _parameters.search(root).items():
        passed = as_it_came(value, DEEPEST_PROFILE, integer)
        if name not in RESERVED and name not in properties:
            properties[name] = passed
    attributes = {**person, **read(_own, member), "properties": checkable(properties)}
    body = {"data": {"type": "profile", "attributes": attributes}}
    _profile_body.validate(body)
    attributes["properties"] = properties
    written_body = encode(body)
    if len(written_body) > LONGEST_PROFILE:
        raise Invalid("beyond a limit of Klaviyo")
    return written_body
