"""Mapping languages with a Python package: jq, VRL and glom, each compiled once.

They cannot check a value as the mapping asks, so each gets the raw event with every check done and every value
converted by plain Python beforehand (`prepared`), and maps what is left: paths, what is missing, joins and texts. What
a language cannot keep, a null or a digit, is put back afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import glom
import jq
import msgspec
from pyvrl import Transform

from peers.values import (
    EARLIEST,
    LONGEST_ID,
    LONGEST_KLAVIYO_EMAIL,
    LONGEST_TEXT,
    Headers,
    Invalid,
    day,
    decimal,
    identifier,
    instant,
    is_email,
    is_phone,
    money,
    url,
    whole,
)

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode

NAMES = (
    *("customer_email", "customer_phone", "customer_name", "customer_first_name", "customer_last_name"),
    *("company_name", "store_name", "loyalty_card_balance", "store_credit_balance", "vip_tier", "google_pass_url"),
    *("apple_pass_url", "card_number", "card_pin", "card_id", "original_value", "balance", "amount", "currency"),
    *("expiration_date", "giftcard_theme_url", "barcode_url", "transaction_type", "greeting_message", "campaign_id"),
    "activity_type",
)


def prepared(raw: bytes) -> dict[str, Any]:
    """The raw event, checked and converted. Raises on one that does not fit."""
    raw.decode()
    event = _decode(raw)
    if event["type"] != "giftcard.issued":
        raise Invalid("not a giftcard.issued")
    store, card, transaction = event["store"], event["card"], event["transaction"]
    customer, wallet = _or_nothing(event.get("customer")), _or_nothing(event.get("wallet"))
    loyalty, credit = _or_nothing(customer.get("loyalty")), _or_nothing(customer.get("store_credit")).get("balance")
    time = instant(event["occurred_at"], store.get("timezone"))
    if time < EARLIEST or not 0 < len(identifier(event["id"])) <= LONGEST_ID:
        raise Invalid("beyond a limit of Klaviyo")
    return {
        "id": identifier(event["id"]),
        "time": time,
        "profile": _profile(customer),
        "store": {
            "name": _text(store["name"]),
            "domain": _text(store["domain"]),
            "symbol": _text(store["currency"]["symbol"]),
        },
        "customer": {
            **{name: _text_or_none(customer.get(name)) for name in ("email", "phone", "first_name", "last_name")},
            "points": _or_none(whole, loyalty.get("points")),
            "credit": _or_none(decimal, credit),
            "tier": _text_or_none(_or_nothing(loyalty.get("tier")).get("name")),
        },
        "wallet": {name: _or_none(url, _or_nothing(wallet.get(name)).get("url")) for name in ("google", "apple")},
        "card": {
            "number": identifier(card["number"]),
            "pin": _or_none(identifier, card.get("pin")),
            "id": identifier(card["id"]),
            "original_value": money(card["original_value"]),
            "balance": money(card["balance"]),
            "expires": _or_none(lambda value: day(value, store.get("timezone")), card.get("expires_at")),
            "theme": _large_image(_or_nothing(card.get("theme"))),
            "barcode": {name: _text(card["barcode"][name]) for name in ("format", "value")},
        },
        "transaction": {
            "type": _text(transaction["type"]),
            "note": _text_or_none(transaction.get("note")) if transaction["type"] == "ISSUED" else None,
            "amount": money(transaction["amount"]),
            "campaign": _or_none(identifier, _or_nothing(transaction.get("campaign")).get("id")),
            "activity": _text(transaction["activity"]["type"]),
        },
    }


def _or_nothing(value: Any) -> dict[str, Any]:
    if value is None or type(value) is dict:
        return value or {}
    raise Invalid("not an object")


def _or_none(convert: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else convert(value)


def _text(value: Any) -> str:
    if type(value) is not str or len(value.encode()) > LONGEST_TEXT:
        raise Invalid("not a text, or too long")
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _large_image(theme: dict[str, Any]) -> str | None:
    images = theme.get("images")
    if images is None:
        return None
    if type(images) is not list:
        raise Invalid("images are not a list")
    found = None
    for image in images:
        if image is not None and type(image) is not dict:
            raise Invalid("an image is not an object")
        if found is None and image and image.get("size") == "large":
            found = image
    return None if found is None else url(found.get("url"))


def _profile(customer: dict[str, Any]) -> dict[str, str]:
    email, phone, number = (customer.get(name) for name in ("email", "phone", "id"))
    known = {}
    if email is not None and len(email) <= LONGEST_KLAVIYO_EMAIL and is_email(email):
        known["email"] = email
    if phone is not None and is_phone(phone):
        known["phone_number"] = phone
    if number is not None and 0 < len(identifier(number)) <= LONGEST_ID:
        known["external_id"] = identifier(number)
    if not known:
        raise Invalid("nobody to send it to")
    return known


def _body(event: dict[str, Any], properties: dict[str, Any]) -> bytes:
    """The body: a null that a language left out is put back, and an amount with the digits that it had."""
    url(properties["barcode_url"])
    exact = {
        "store_credit_balance": event["customer"]["credit"],
        "original_value": event["card"]["original_value"],
        "balance": event["card"]["balance"],
        "amount": event["transaction"]["amount"],
    }
    attributes = {
        "properties": {**{name: properties.get(name) for name in NAMES}, **exact},
        "metric": {"data": {"type": "metric", "attributes": {"name": "GiftcardIssued"}}},
        "profile": {"data": {"type": "profile", "attributes": event["profile"]}},
        "time": event["time"],
        "unique_id": event["id"],
    }
    return _encode({"data": {"type": "event", "attributes": attributes}})


_PATHS = {
    **{f"customer_{name}": f"customer.{name}" for name in ("email", "phone", "first_name", "last_name")},
    "company_name": "store.name",
    "store_name": "store.name",
    "loyalty_card_balance": "customer.points",
    "store_credit_balance": "customer.credit",
    "vip_tier": "customer.tier",
    "google_pass_url": "wallet.google",
    "apple_pass_url": "wallet.apple",
    **{f"card_{name}": f"card.{name}" for name in ("number", "pin", "id")},
    "original_value": "card.original_value",
    "balance": "card.balance",
    "amount": "transaction.amount",
    "currency": "store.symbol",
    "giftcard_theme_url": "card.theme",
    "transaction_type": "transaction.type",
    "greeting_message": "transaction.note",
    "campaign_id": "transaction.campaign",
    "activity_type": "transaction.activity",
}

_jq = jq.compile(
    "{"
    + ", ".join(f"{name}: .{path}" for name, path in _PATHS.items())
    + ', customer_name: ([.customer.first_name, .customer.last_name] | map(select(. != null and . != "")) | join(" ")'
    ' | if . == "" then null else . end)'
    ', expiration_date: (.card.expires // "Never")'
    ', barcode_url: "https://\\(.store.domain)/barcodes/\\(.card.barcode.format)/\\(.card.barcode.value).png"'
    "}"
)


def jq_map_event(raw: bytes, _: Headers) -> list[bytes]:
    """jq: the event goes in as text, and comes out as text."""
    event = prepared(raw)
    return [_body(event, json.loads(_jq.input_text(_encode(event).decode()).text()))]


_vrl = Transform(
    "out = {}\n"
    + "\n".join(f"out.{name} = .{path}" for name, path in _PATHS.items())
    + """
names = filter([.customer.first_name, .customer.last_name]) -> |_index, name| { name != null && name != "" }
out.customer_name = join!(names, " ")
out.expiration_date = if .card.expires == null { "Never" } else { .card.expires }
code = string!(.card.barcode.format) + "/" + string!(.card.barcode.value)
out.barcode_url = "https://" + string!(.store.domain) + "/barcodes/" + code + ".png"
. = out
"""
)


def vrl_map_event(raw: bytes, _: Headers) -> list[bytes]:
    """VRL in the process: a dict goes in, and a dict comes out. It has no decimals, so floats go in."""
    event = prepared(raw)
    properties = _vrl.remap(_without_decimals(event))
    properties["customer_name"] = properties["customer_name"] or None
    return [_body(event, properties)]


def _without_decimals(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_decimals(inner) for name, inner in value.items()}
    return float(value) if isinstance(value, Decimal) else value


_spec = {
    **_PATHS,
    "customer_name": lambda event: (
        " ".join(filter(None, (event["customer"]["first_name"], event["customer"]["last_name"]))) or None
    ),
    "expiration_date": lambda event: event["card"]["expires"] or "Never",
    "barcode_url": lambda event: "https://{domain}/barcodes/{format}/{value}.png".format(
        domain=event["store"]["domain"], **event["card"]["barcode"]
    ),
}


def glom_map_event(raw: bytes, _: Headers) -> list[bytes]:
    """glom: a spec over the decoded dicts."""
    event = prepared(raw)
    properties = glom.glom(event, _spec)
    return [_body(event, properties)]
