"""jq, VRL and glom, as giftcard_issued/engines.py: `prepared` checks and converts, they map what is left."""

from __future__ import annotations

import json
from typing import Any

import glom
import jq
from pyvrl import Transform

from peers.prepared import (
    decode,
    encode,
    large_image,
    or_none,
    or_nothing,
    profile,
    text,
    text_or_none,
    without_decimals,
)
from peers.values import (
    EARLIEST,
    LONGEST_ID,
    Headers,
    Invalid,
    day,
    decimal,
    identifier,
    instant,
    money,
    time_of_day,
    url,
    whole,
)

_PERSON = ("email", "phone", "first_name", "last_name")
NAMES = (
    *("customer_email", "customer_phone", "customer_name", "customer_first_name", "customer_last_name"),
    *("sender_email", "sender_phone", "sender_name", "sender_first_name", "sender_last_name", "company_name"),
    *("store_name", "loyalty_card_balance", "store_credit_balance", "vip_tier", "google_pass_url", "apple_pass_url"),
    *("card_number", "card_pin", "card_id", "original_value", "balance", "currency", "expiration_date", "barcode_url"),
    *("is_gift", "greeting_message", "scheduled", "deliver_at", "delivery_mode", "deliver_at_timezone"),
    *("delivered_to_sender", "giftcard_theme_url", "client_order_id", "order_date", "campaign_id", "activity_type"),
)


def prepared(raw: bytes) -> dict[str, Any]:
    """The raw event, checked and converted. Raises on one that does not fit."""
    raw.decode()
    event = decode(raw)
    if event["type"] != "order.placed":
        raise Invalid("not an order.placed")
    store, card, order, delivery = event["store"], event["card"], event["order"], event["delivery"]
    recipient, buyer, wallet = (or_nothing(event.get(name)) for name in ("recipient", "buyer", "wallet"))
    loyalty = or_nothing(recipient.get("loyalty"))
    zone, time = store.get("timezone"), instant(event["occurred_at"], store.get("timezone"))
    if time < EARLIEST or not 0 < len(identifier(event["id"])) <= LONGEST_ID:
        raise Invalid("beyond a limit of Klaviyo")
    return {
        "id": identifier(event["id"]),
        "time": time,
        "profile": profile(recipient),
        "store": {
            "name": text(store["name"]),
            "domain": text(store["domain"]),
            "symbol": text(store["currency"]["symbol"]),
        },
        "recipient": {
            **{name: text_or_none(recipient.get(name)) for name in _PERSON},
            "points": or_none(whole, loyalty.get("points")),
            "credit": or_none(decimal, or_nothing(recipient.get("store_credit")).get("balance")),
            "tier": text_or_none(or_nothing(loyalty.get("tier")).get("name")),
        },
        "buyer": {name: text_or_none(buyer.get(name)) for name in _PERSON},
        "wallet": {name: or_none(url, or_nothing(wallet.get(name)).get("url")) for name in ("google", "apple")},
        "card": {
            "number": identifier(card["number"]),
            "pin": or_none(identifier, card.get("pin")),
            "id": identifier(card["id"]),
            "original_value": money(card["original_value"]),
            "balance": money(card["balance"]),
            "expires": or_none(lambda value: day(value, zone), card.get("expires_at")),
            "theme": large_image(or_nothing(card.get("theme"))),
            "barcode": {name: text(card["barcode"][name]) for name in ("format", "value")},
        },
        "order": {
            "is_gift": _flag(order["is_gift"]),
            "message": text_or_none(order.get("gift_message")),
            "client_id": or_none(identifier, order.get("client_order_id")),
            "day": day(order["created_at"], zone),
        },
        "delivery": _delivery(delivery),
        "campaign": or_none(identifier, or_nothing(event["transaction"].get("campaign")).get("id")),
        "activity": text(event["transaction"]["activity"]["type"]),
    }


def _delivery(delivery: dict[str, Any]) -> dict[str, Any]:
    scheduled, zone = _flag(delivery["scheduled"]), text(delivery["timezone"])
    at = delivery.get("deliver_at") if scheduled else None
    return {
        "scheduled": scheduled,
        "at": or_none(lambda value: time_of_day(value, zone), at),
        "mode": text(delivery["mode"]),
        "zone": zone,
        "to_sender": _flag(delivery["to_sender"]),
    }


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise Invalid("neither true nor false")
    return value


def _body(event: dict[str, Any], properties: dict[str, Any]) -> list[bytes]:
    url(properties["barcode_url"])
    exact = {
        "store_credit_balance": event["recipient"]["credit"],
        "original_value": event["card"]["original_value"],
        "balance": event["card"]["balance"],
    }
    attributes = {
        "properties": {**{name: properties.get(name) for name in NAMES}, **exact},
        "metric": {"data": {"type": "metric", "attributes": {"name": "OrderPlaced"}}},
        "profile": {"data": {"type": "profile", "attributes": event["profile"]}},
        "time": event["time"],
        "unique_id": event["id"],
    }
    return [encode({"data": {"type": "event", "attributes": attributes}})]


_PATHS = {
    **{f"customer_{name}": f"recipient.{name}" for name in _PERSON},
    **{f"sender_{name}": f"buyer.{name}" for name in _PERSON},
    "company_name": "store.name",
    "store_name": "store.name",
    "loyalty_card_balance": "recipient.points",
    "store_credit_balance": "recipient.credit",
    "vip_tier": "recipient.tier",
    "google_pass_url": "wallet.google",
    "apple_pass_url": "wallet.apple",
    **{f"card_{name}": f"card.{name}" for name in ("number", "pin", "id")},
    "original_value": "card.original_value",
    "balance": "card.balance",
    "currency": "store.symbol",
    "is_gift": "order.is_gift",
    "greeting_message": "order.message",
    "scheduled": "delivery.scheduled",
    "delivery_mode": "delivery.mode",
    "deliver_at_timezone": "delivery.zone",
    "delivered_to_sender": "delivery.to_sender",
    "giftcard_theme_url": "card.theme",
    "client_order_id": "order.client_id",
    "order_date": "order.day",
    "campaign_id": "campaign",
    "activity_type": "activity",
}

_JQ_NAME = '([.{0}.first_name, .{0}.last_name] | map(select(. != null and . != "")) | join(" ")'
_JQ_NAME += ' | if . == "" then null else . end)'
_jq = jq.compile(
    "{"
    + ", ".join(f"{name}: .{path}" for name, path in _PATHS.items())
    + f", customer_name: {_JQ_NAME.format('recipient')}, sender_name: {_JQ_NAME.format('buyer')}"
    + ', expiration_date: (.card.expires // "Never"), deliver_at: (.delivery.at // "Never")'
    ', barcode_url: "https://\\(.store.domain)/barcodes/\\(.card.barcode.format)/\\(.card.barcode.value).png"'
    "}"
)


def jq_map_event(raw: bytes, _: Headers) -> list[bytes]:
    """jq: the event goes in as text, and comes out as text."""
    event = prepared(raw)
    return _body(event, json.loads(_jq.input_text(encode(event).decode()).text()))


_vrl = Transform(
    "out = {}\n"
    + "\n".join(f"out.{name} = .{path}" for name, path in _PATHS.items())
    + """
names = filter([.recipient.first_name, .recipient.last_name]) -> |_index, name| { name != null && name != "" }
out.customer_name = join!(names, " ")
names = filter([.buyer.first_name, .buyer.last_name]) -> |_index, name| { name != null && name != "" }
out.sender_name = join!(names, " ")
out.expiration_date = if .card.expires == null { "Never" } else { .card.expires }
out.deliver_at = if .delivery.at == null { "Never" } else { .delivery.at }
code = string!(.card.barcode.format) + "/" + string!(.card.barcode.value)
out.barcode_url = "https://" + string!(.store.domain) + "/barcodes/" + code + ".png"
. = out
"""
)


def vrl_map_event(raw: bytes, _: Headers) -> list[bytes]:
    """VRL in the process: a dict goes in, and a dict comes out. It has no decimals, so floats go in."""
    event = prepared(raw)
    properties = _vrl.remap(without_decimals(event))
    for name in ("customer_name", "sender_name"):
        properties[name] = properties[name] or None
    return _body(event, properties)


def _name(person: dict[str, Any]) -> str | None:
    return " ".join(filter(None, (person["first_name"], person["last_name"]))) or None


_spec = {
    **_PATHS,
    "customer_name": ("recipient", _name),
    "sender_name": ("buyer", _name),
    "expiration_date": lambda event: event["card"]["expires"] or "Never",
    "deliver_at": lambda event: event["delivery"]["at"] or "Never",
    "barcode_url": lambda event: "https://{domain}/barcodes/{format}/{value}.png".format(
        domain=event["store"]["domain"], **event["card"]["barcode"]
    ),
}


def glom_map_event(raw: bytes, _: Headers) -> list[bytes]:
    """glom: a spec over the decoded dicts."""
    event = prepared(raw)
    return _body(event, glom.glom(event, _spec))
