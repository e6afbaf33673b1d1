"""Hand-written Python on msgspec's dicts, plain: the base. As giftcard_issued/untyped.py."""

from __future__ import annotations

from typing import Any

from peers.plain import (
    as_it_came,
    as_written,
    check_limits,
    decimal,
    decode,
    encode,
    epoch,
    flag_at,
    identifier,
    integer,
    list_at,
    minor,
    object_at,
    object_or_nothing,
    profile_of,
    scaled,
    text_at,
    text_or_none,
    url,
    whole,
)
from peers.values import (
    DEEPEST_PROFILE,
    EARLIEST,
    LONG_ENOUGH,
    LONGEST_ID,
    LONGEST_PROFILE,
    RESERVED,
    Headers,
    Invalid,
)

_METRIC = {"data": {"type": "metric", "attributes": {"name": "Transaction created"}}}


def map_event(raw: bytes, _: Headers) -> list[bytes]:
    """The bodies of Klaviyo's Create Event and Create or Update Profile. Raises on an event that does not fit."""
    raw.decode()  # msgspec does not check the bytes of values it skips
    root = decode(raw)
    if type(root) is not dict:
        raise Invalid("not an object")
    event, member = object_at(root, "event"), object_at(root, "member")
    if event.get("type") != "transaction.created":
        raise Invalid("not a transaction.created")
    person = profile_of(text_or_none(member, "email"), None, member.get("id"))
    return [_event(root, event, person), _profile(member, person)]


def _event(root: dict[str, Any], event: dict[str, Any], person: dict[str, str]) -> bytes:
    transaction = object_at(root, "transaction")
    venue = None if root.get("venue") is None else _venue(object_at(root, "venue"))
    currency = text_at(transaction, "currency")
    value = minor(transaction.get("amount"), currency)
    properties = {
        "venue": venue,
        "id": identifier(transaction.get("id")),
        "transaction_id": identifier(transaction.get("transaction_id")),
        "type": text_at(transaction, "type"),
        "note": text_or_none(transaction, "note"),
        "items": [_item(item, currency) for item in list_at(transaction, "items")],
        "venue_id": None if venue is None else venue["id"],
        "venue_name": None if venue is None else venue["name"],
        "$value_currency": currency,
        "$value": value,
    }
    event_id = identifier(event.get("id"))
    time = epoch(event.get("created_at"))
    if not 0 < len(event_id) <= LONGEST_ID or time < EARLIEST:
        raise Invalid("beyond a limit of Klaviyo")
    body = encode(
        {
            "data": {
                "type": "event",
                "attributes": {
                    "properties": properties,
                    "metric": _METRIC,
                    "profile": {"data": {"type": "profile", "attributes": person}},
                    "time": time,
                    "value": value,
                    "value_currency": currency,
                    "unique_id": event_id,
                },
            }
        }
    )
    if len(body) > LONG_ENOUGH:
        check_limits(body, properties)
    return body


def _item(item: Any, currency: str) -> dict[str, Any]:
    if type(item) is not dict:
        raise Invalid("an item is not an object")
    sku, points = item.get("sku"), item.get("points")
    return {
        "name": text_at(item, "name"),
        "type": text_or_none(item, "type"),
        "price": minor(item.get("price"), currency),
        "qty": as_written(decimal(item.get("qty"))),
        "sku": None if sku is None else identifier(sku),
        "points": None if points is None else as_written(decimal(points)),
        "note": text_or_none(item, "note"),
    }


def _venue(venue: dict[str, Any]) -> dict[str, Any]:
    logo, verify_code = venue.get("logo"), venue.get("verify_code")
    return {
        "id": identifier(venue.get("id")),
        "name": text_at(venue, "name"),
        "logo": None if logo is None else url(logo),
        "currency": text_at(venue, "currency"),
        "verify_code": None if verify_code is None else identifier(verify_code),
        "address": None if venue.get("address") is None else _address(object_at(venue, "address")),
        "is_enabled": flag_at(venue, "is_enabled"),
        "created_at": whole(venue.get("created_at")),
        "updated_at": whole(venue.get("updated_at")),
    }


def _address(address: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": identifier(address.get("id")),
        "street": text_or_none(address, "street"),
        "city": text_or_none(address, "city"),
        "postal_code": text_or_none(address, "postal_code"),
        "country": text_or_none(address, "country"),
        "lat": text_or_none(address, "lat"),
        "lng": text_or_none(address, "lng"),
    }


def _profile(member: dict[str, Any], person: dict[str, str]) -> bytes:
    parameters = object_or_nothing(member, "parameters")
    venue = object_or_nothing(member, "favorite_venue")
    venue_id, card_id = venue.get("id"), member.get("primary_card_id")
    segments = list_at(member, "segments")
    if not all(type(segment) is str for segment in segments):
        raise Invalid("a segment is not a text")
    own = {
        "locale": text_at(member, "language"),
        "first_name": text_or_none(parameters, "first_name"),
        "last_name": text_or_none(parameters, "last_name"),
    }
    properties = {
        "trifft_available_coupons": integer(member.get("available_coupons")),
        "trifft_coupons": [_coupon(coupon) for coupon in list_at(member, "coupons")],
        "trifft_fav_location_id": None if venue_id is None else identifier(venue_id),
        "trifft_fav_location_name": text_or_none(venue, "name"),
        "trifft_id": identifier(member.get("id")),
        "trifft_points": scaled(member.get("points"), 2),
        "trifft_primary_card_id": None if card_id is None else identifier(card_id),
        "trifft_segments": segments,
        "trifft_support_id": identifier(member.get("support_id")),
        "trifft_tier": text_or_none(object_or_nothing(member, "tier"), "name"),
    }
    for name, value in parameters.items():
        passed = as_it_came(value, DEEPEST_PROFILE, integer)
        if name not in RESERVED and name not in properties:
            properties[name] = passed
    body = encode({"data": {"type": "profile", "attributes": {**person, **own, "properties": properties}}})
    if len(body) > LONGEST_PROFILE:
        raise Invalid("beyond a limit of Klaviyo")
    return body


def _coupon(coupon: Any) -> dict[str, Any]:
    if type(coupon) is not dict:
        raise Invalid("a coupon is not an object")
    logo = coupon.get("image_logo")
    return {
        "id": identifier(coupon.get("id")),
        "name": text_at(coupon, "name"),
        "img_logo": None if logo is None else url(logo),
        "valid_from": _integer_or_none(coupon, "valid_from"),
        "valid_until": _integer_or_none(coupon, "valid_until"),
        "expiration_at": _integer_or_none(coupon, "expiration_at"),
        "points": _integer_or_none(coupon, "points"),
    }


def _integer_or_none(parent: dict[str, Any], key: str) -> int | None:
    value = parent.get(key)
    return None if value is None else integer(value)
