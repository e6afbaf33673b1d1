"""jq, VRL and glom, as giftcard_issued/engines.py: `prepared` checks and converts, they map what is left.

What must keep its digits, and open values, do not go through them: they are put into the bodies afterwards.
"""

from __future__ import annotations

import json
from typing import Any

import glom
import jq
import msgspec
from pyvrl import Transform

from peers.prepared import decode, encode, or_none, or_nothing, profile, text, text_or_none, without_decimals
from peers.values import (
    DEEPEST_PROFILE,
    EARLIEST,
    LONGEST_BODY,
    LONGEST_ID,
    LONGEST_PROFILE,
    MOST_ELEMENTS,
    RESERVED,
    Headers,
    Invalid,
    as_it_came,
    currency_digits,
    decimal,
    epoch,
    identifier,
    integer,
    plain,
    scaled,
    url,
    whole,
)

_ADDRESS = ("street", "city", "postal_code", "country", "lat", "lng")
_ITEM = ("name", "type", "price", "qty", "sku", "points", "note")
_COUPON = ("id", "name", "image_logo", "valid_from", "valid_until", "expiration_at", "points")
_VENUE = ("id", "name", "logo", "currency", "verify_code", "address", "is_enabled", "created_at", "updated_at")


def prepared(raw: bytes) -> dict[str, Any]:
    """The raw event, checked and converted. Raises on one that does not fit."""
    raw.decode()
    root = decode(raw)
    event, member, transaction = root["event"], root["member"], root["transaction"]
    if event["type"] != "transaction.created":
        raise Invalid("not a transaction.created")
    time = epoch(event["created_at"])
    if time < EARLIEST or not 0 < len(identifier(event["id"])) <= LONGEST_ID:
        raise Invalid("beyond a limit of Klaviyo")
    places = currency_digits(transaction["currency"])
    return {
        "id": identifier(event["id"]),
        "time": time,
        "profile": profile({"email": member.get("email"), "id": member.get("id")}),
        "venue": or_none(_venue, root.get("venue")),
        "transaction": {
            "id": identifier(transaction["id"]),
            "number": identifier(transaction["transaction_id"]),
            "type": text(transaction["type"]),
            "note": text_or_none(transaction.get("note")),
            "items": [_item(item, places) for item in _list(transaction["items"], MOST_ELEMENTS)],
            "amount": scaled(transaction["amount"], places),
            "currency": transaction["currency"],
        },
        "member": _member(member),
        "parameters": as_it_came(or_nothing(member.get("parameters")), DEEPEST_PROFILE + 1, integer),
    }


def _mapped(event: dict[str, Any]) -> dict[str, Any]:
    """What a language maps."""
    return {name: event[name] for name in ("venue", "transaction", "member")}


def _list(value: Any, most: int | None = None) -> list[Any]:
    if type(value) is not list or (most is not None and len(value) > most):
        raise Invalid("not a list, or too long")
    return value


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise Invalid("neither true nor false")
    return value


def _item(item: dict[str, Any], places: int) -> dict[str, Any]:
    return {
        "name": text(item["name"]),
        "type": text_or_none(item.get("type")),
        "price": scaled(item["price"], places),
        "qty": decimal(item["qty"]),
        "sku": or_none(identifier, item.get("sku")),
        "points": or_none(decimal, item.get("points")),
        "note": text_or_none(item.get("note")),
    }


def _venue(venue: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": identifier(venue["id"]),
        "name": text(venue["name"]),
        "logo": or_none(url, venue.get("logo")),
        "currency": text(venue["currency"]),
        "verify_code": or_none(identifier, venue.get("verify_code")),
        "address": or_none(_address, venue.get("address")),
        "is_enabled": _flag(venue["is_enabled"]),
        "created_at": whole(venue["created_at"]),
        "updated_at": whole(venue["updated_at"]),
    }


def _address(address: dict[str, Any]) -> dict[str, Any]:
    return {"id": identifier(address["id"]), **{name: text_or_none(address.get(name)) for name in _ADDRESS}}


def _member(member: dict[str, Any]) -> dict[str, Any]:
    parameters, venue = or_nothing(member.get("parameters")), or_nothing(member.get("favorite_venue"))
    return {
        "id": identifier(member["id"]),
        "language": text(member["language"]),
        "first_name": text_or_none(parameters.get("first_name")),
        "last_name": text_or_none(parameters.get("last_name")),
        "available_coupons": integer(member["available_coupons"]),
        "coupons": [_coupon(coupon) for coupon in _list(member["coupons"])],
        "venue": {"id": or_none(identifier, venue.get("id")), "name": text_or_none(venue.get("name"))},
        "points": scaled(member["points"], 2),
        "card": or_none(identifier, member.get("primary_card_id")),
        "segments": [text(segment) for segment in _list(member["segments"])],
        "support_id": identifier(member["support_id"]),
        "tier": text_or_none(or_nothing(member.get("tier")).get("name")),
    }


def _coupon(coupon: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": identifier(coupon["id"]),
        "name": text(coupon["name"]),
        "image_logo": or_none(url, coupon.get("image_logo")),
        **{name: or_none(integer, coupon.get(name)) for name in _COUPON[3:]},
    }


def _number(value: Any) -> Any:
    digits = None if value is None else plain(value)
    return msgspec.Raw(digits.encode()) if isinstance(digits, str) else digits


def _bodies(event: dict[str, Any], made: dict[str, Any]) -> list[bytes]:
    """The bodies, with the digits that the amounts had, and the open values."""
    transaction, member = event["transaction"], event["member"]
    amount = _number(transaction["amount"])
    properties, attributes = made["event"], made["profile"]
    properties["$value"] = amount
    for item, exact in zip(properties["items"], transaction["items"], strict=True):
        item |= {name: _number(exact[name]) for name in ("price", "qty", "points")}
    attributes["properties"]["trifft_points"] = _number(member["points"])
    for name, value in event["parameters"].items():
        if name not in RESERVED and name not in attributes["properties"]:
            attributes["properties"][name] = value
    data = {
        "properties": properties,
        "metric": {"data": {"type": "metric", "attributes": {"name": "Transaction created"}}},
        "profile": {"data": {"type": "profile", "attributes": event["profile"]}},
        "time": event["time"],
        "value": amount,
        "value_currency": transaction["currency"],
        "unique_id": event["id"],
    }
    bodies = [
        encode({"data": {"type": "event", "attributes": data}}),
        encode({"data": {"type": "profile", "attributes": {**event["profile"], **attributes}}}),
    ]
    if len(bodies[0]) > LONGEST_BODY or len(bodies[1]) > LONGEST_PROFILE:
        raise Invalid("beyond a limit of Klaviyo")
    return bodies


_COUPON_NAMES = "id, name, img_logo: .image_logo, valid_from, valid_until, expiration_at, points"
_jq = jq.compile(
    "{event: {"
    f"venue: (.venue | if . == null then null else {{{', '.join(_VENUE)}}} end),"
    "id: .transaction.id, transaction_id: .transaction.number, type: .transaction.type, note: .transaction.note,"
    f"items: [.transaction.items[] | {{{', '.join(_ITEM)}}}],"
    "venue_id: .venue.id, venue_name: .venue.name,"
    '"$value_currency": .transaction.currency, "$value": .transaction.amount},'
    "profile: {locale: .member.language, first_name: .member.first_name, last_name: .member.last_name, properties: {"
    f"trifft_available_coupons: .member.available_coupons, trifft_coupons: [.member.coupons[] | {{{_COUPON_NAMES}}}],"
    "trifft_fav_location_id: .member.venue.id, trifft_fav_location_name: .member.venue.name,"
    "trifft_id: .member.id, trifft_points: .member.points, trifft_primary_card_id: .member.card,"
    "trifft_segments: .member.segments, trifft_support_id: .member.support_id, trifft_tier: .member.tier}}}"
)


def jq_map_event(raw: bytes, _: Headers) -> list[bytes]:
    """jq: the event goes in as text, and comes out as text."""
    event = prepared(raw)
    return _bodies(event, json.loads(_jq.input_text(encode(_mapped(event)).decode()).text()))


def _vrl_object(names: tuple[str, ...], of: str) -> str:
    return "{" + ", ".join(f'"{name}": {of}.{name}' for name in names) + "}"


_vrl = Transform(
    f"""
venue = null
if .venue != null {{ venue = {_vrl_object(_VENUE, ".venue")} }}
items = map_values(array!(.transaction.items)) -> |item| {{ {_vrl_object(_ITEM, "item")} }}
coupons = map_values(array!(.member.coupons)) -> |coupon| {{
  {_vrl_object(_COUPON, "coupon").replace('"image_logo"', '"img_logo"')}
}}
. = {{
  "event": {{
    "venue": venue,
    "id": .transaction.id,
    "transaction_id": .transaction.number,
    "type": .transaction.type,
    "note": .transaction.note,
    "items": items,
    "venue_id": .venue.id,
    "venue_name": .venue.name,
    "$value_currency": .transaction.currency,
    "$value": .transaction.amount
  }},
  "profile": {{
    "locale": .member.language,
    "first_name": .member.first_name,
    "last_name": .member.last_name,
    "properties": {{
      "trifft_available_coupons": .member.available_coupons,
      "trifft_coupons": coupons,
      "trifft_fav_location_id": .member.venue.id,
      "trifft_fav_location_name": .member.venue.name,
      "trifft_id": .member.id,
      "trifft_points": .member.points,
      "trifft_primary_card_id": .member.card,
      "trifft_segments": .member.segments,
      "trifft_support_id": .member.support_id,
      "trifft_tier": .member.tier
    }}
  }}
}}
"""
)


def vrl_map_event(raw: bytes, _: Headers) -> list[bytes]:
    """VRL in the process: a dict goes in, and a dict comes out. It has no decimals, so floats go in."""
    event = prepared(raw)
    return _bodies(event, _vrl.remap(without_decimals(_mapped(event))))


def _or_none(spec: Any) -> tuple[Any, ...]:
    return lambda value: glom.STOP if value is None else value, spec


_spec = {
    "event": {
        "venue": (
            "venue",
            *_or_none(
                {
                    **{name: name for name in _VENUE},
                    "address": ("address", *_or_none({name: name for name in ("id", *_ADDRESS)})),
                }
            ),
        ),
        "id": "transaction.id",
        "transaction_id": "transaction.number",
        "type": "transaction.type",
        "note": "transaction.note",
        "items": ("transaction.items", [{name: name for name in _ITEM}]),
        "venue_id": glom.Coalesce("venue.id", default=None),
        "venue_name": glom.Coalesce("venue.name", default=None),
        "$value_currency": "transaction.currency",
        "$value": "transaction.amount",
    },
    "profile": {
        "locale": "member.language",
        "first_name": "member.first_name",
        "last_name": "member.last_name",
        "properties": {
            "trifft_available_coupons": "member.available_coupons",
            "trifft_coupons": (
                "member.coupons",
                [{"img_logo" if name == "image_logo" else name: name for name in _COUPON}],
            ),
            "trifft_fav_location_id": "member.venue.id",
            "trifft_fav_location_name": "member.venue.name",
            "trifft_id": "member.id",
            "trifft_points": "member.points",
            "trifft_primary_card_id": "member.card",
            "trifft_segments": "member.segments",
            "trifft_support_id": "member.support_id",
            "trifft_tier": "member.tier",
        },
    },
}


def glom_map_event(raw: bytes, _: Headers) -> list[bytes]:
    """glom: a spec over the decoded dicts."""
    event = prepared(raw)
    return _bodies(event, glom.glom(event, _spec))
