"""Hand-written Python on msgspec's dicts, with every trick that mapforge's own values use: bound decimal contexts, no
strftime. It shows what the compiler adds beyond the tricks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from peers.plain import object_at, object_or_nothing, profile_of, text_at, text_or_none
from peers.prepared import large_image
from peers.tuned import number
from peers.values import (
    EARLIEST,
    LONGEST_ID,
    LONGEST_TEXT,
    Headers,
    Invalid,
    day,
    decimal,
    identifier,
    instant,
    money,
    plain,
    url,
    whole,
)

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode

_METRIC = {"data": {"type": "metric", "attributes": {"name": "GiftcardIssued"}}}


def map_event(raw: bytes, _: Headers) -> list[bytes]:
    """The body of Klaviyo's Create Event. Raises on an event that does not fit."""
    raw.decode()  # msgspec does not check the bytes of values it skips
    event = _decode(raw)
    if type(event) is not dict or event.get("type") != "giftcard.issued":
        raise Invalid("not a giftcard.issued")
    store = object_at(event, "store")
    customer = object_or_nothing(event, "customer")
    wallet = object_or_nothing(event, "wallet")
    card = object_at(event, "card")
    transaction = object_at(event, "transaction")
    loyalty = object_or_nothing(customer, "loyalty")
    barcode = object_at(card, "barcode")

    zone = store.get("timezone")
    name = text_at(store, "name")
    email = text_or_none(customer, "email")
    phone = text_or_none(customer, "phone")
    first_name = text_or_none(customer, "first_name")
    last_name = text_or_none(customer, "last_name")
    points = loyalty.get("points")
    credit = object_or_nothing(customer, "store_credit").get("balance")
    google_url = object_or_nothing(wallet, "google").get("url")
    apple_url = object_or_nothing(wallet, "apple").get("url")
    pin = card.get("pin")
    expires_at = card.get("expires_at")
    campaign_id = object_or_nothing(transaction, "campaign").get("id")
    transaction_type = text_at(transaction, "type")

    properties = {
        "customer_email": email,
        "customer_phone": phone,
        "customer_name": " ".join(filter(None, (first_name, last_name))) or None,
        "customer_first_name": first_name,
        "customer_last_name": last_name,
        "company_name": name,
        "store_name": name,
        "loyalty_card_balance": None if points is None else whole(points),
        "store_credit_balance": None if credit is None else number(plain(decimal(credit))),
        "vip_tier": text_or_none(object_or_nothing(loyalty, "tier"), "name"),
        "google_pass_url": None if google_url is None else url(google_url),
        "apple_pass_url": None if apple_url is None else url(apple_url),
        "card_number": identifier(card.get("number")),
        "card_pin": None if pin is None else identifier(pin),
        "card_id": identifier(card.get("id")),
        "original_value": money(card.get("original_value")),
        "balance": money(card.get("balance")),
        "amount": money(transaction.get("amount")),
        "currency": text_at(object_at(store, "currency"), "symbol"),
        "expiration_date": "Never" if expires_at is None else day(expires_at, zone),
        "giftcard_theme_url": large_image(object_or_nothing(card, "theme")),
        "barcode_url": url(
            f"https://{text_at(store, 'domain')}/barcodes/{text_at(barcode, 'format')}/{text_at(barcode, 'value')}.png"
        ),
        "transaction_type": transaction_type,
        "greeting_message": text_or_none(transaction, "note") if transaction_type == "ISSUED" else None,
        "campaign_id": None if campaign_id is None else identifier(campaign_id),
        "activity_type": text_at(object_at(transaction, "activity"), "type"),
    }
    person = profile_of(email, phone, customer.get("id"))
    event_id = identifier(event.get("id"))
    time = instant(event.get("occurred_at"), zone)
    if not 0 < len(event_id) <= LONGEST_ID or time < EARLIEST:
        raise Invalid("beyond a limit of Klaviyo")
    body = _encode(
        {
            "data": {
                "type": "event",
                "attributes": {
                    "properties": properties,
                    "metric": _METRIC,
                    "profile": {"data": {"type": "profile", "attributes": person}},
                    "time": time,
                    "unique_id": event_id,
                },
            }
        }
    )
    if len(body) > LONGEST_TEXT:
        _check_texts(properties)
    return [body]


def _check_texts(properties: dict[str, Any]) -> None:
    for value in properties.values():
        if type(value) is str and len(value.encode()) > LONGEST_TEXT:
            raise Invalid("beyond a limit of Klaviyo")
