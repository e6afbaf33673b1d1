"""Mapping languages with a Python package: jq, VRL and glom, each compiled once.

None of them keeps an amount's digits or knows an address, though VRL and jq could check types and patterns. So each
gets the raw event with every check done and every value converted by plain Python beforehand (`prepared`), and maps
what is left: paths, what is missing, joins and texts. What a language cannot keep, a null or a digit, is put back
afterwards.
"""

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
    url,
    whole,
)

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
    event = decode(raw)
    if event["type"] != "giftcard.issued":
        raise Invalid("not a giftcard.issued")
    store, card, transaction = event["store"], event["card"], event["transaction"]
    customer, wallet = or_nothing(event.get("customer")), or_nothing(event.get("wallet"))
    loyalty, credit = or_nothing(customer.get("loyalty")), or_nothing(customer.get("store_credit")).get("balance")
    time = instant(event["occurred_at"], store.get("timezone"))
    if time < EARLIEST or not 0 < len(identifier(event["id"])) <= LONGEST_ID:
        raise Invalid("beyond a limit of Klaviyo")
    return {
        "id": identifier(event["id"]),
        "time": time,
        "profile": profile(customer),
        "store": {
            "name": text(store["name"]),
            "domain": text(store["domain"]),
            "symbol": text(store["currency"]["symbol"]),
        },
        "customer": {
            **{name: text_or_none(customer.get(name)) for name in ("email", "phone", "first_name", "last_name")},
            "points": or_none(whole, loyalty.get("points")),
            "credit": or_none(decimal, credit),
            "tier": text_or_none(or_nothing(loyalty.get("tier")).get("name")),
        },
        "wallet": {name: or_none(url, or_nothing(wallet.get(name)).get("url")) for name in ("google", "apple")},
        "card": {
            "number": identifier(card["number"]),
            "pin": or_none(identifier, card.get("pin")),
            "id": identifier(card["id"]),
            "original_value": money(card["original_value"]),
            "balance": money(card["balance"]),
            "expires": or_none(lambda value: day(value, store.get("timezone")), card.get("expires_at")),
            "theme": large_image(or_nothing(card.get("theme"))),
            "barcode": {name: text(card["barcode"][name]) for name in ("format", "value")},
        },
        "transaction": {
            "type": text(transaction["type"]),
            "note": text_or_none(transaction.get("note")) if transaction["type"] == "ISSUED" else None,
            "amount": money(transaction["amount"]),
            "campaign": or_none(identifier, or_nothing(transaction.get("campaign")).get("id")),
            "activity": text(transaction["activity"]["type"]),
        },
    }


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
    return encode({"data": {"type": "event", "attributes": attributes}})


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
    return [_body(event, json.loads(_jq.input_text(encode(event).decode()).text()))]


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
    properties = _vrl.remap(without_decimals(event))
    properties["customer_name"] = properties["customer_name"] or None
    return [_body(event, properties)]


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
