"""Hand-written Python on msgspec's dicts, with every trick that mapforge's own values use: bound decimal contexts, no
strftime. It shows what the compiler adds beyond the tricks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from peers.prepared import large_image
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
    plain,
    url,
    whole,
)

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode

_NOTHING: dict[str, Any] = {}
_METRIC = {"data": {"type": "metric", "attributes": {"name": "GiftcardIssued"}}}


def map_event(raw: bytes, _: Headers) -> list[bytes]:
    """The body of Klaviyo's Create Event. Raises on an event that does not fit."""
    raw.decode()  # msgspec does not check the bytes of values it skips
    event = _decode(raw)
    if type(event) is not dict or event.get("type") != "giftcard.issued":
        raise Invalid("not a giftcard.issued")
    store = _object(event, "store")
    customer = _object_or_nothing(event, "customer")
    wallet = _object_or_nothing(event, "wallet")
    card = _object(event, "card")
    transaction = _object(event, "transaction")
    loyalty = _object_or_nothing(customer, "loyalty")
    barcode = _object(card, "barcode")

    zone = store.get("timezone")
    name = _text(store, "name")
    email = _text_or_none(customer, "email")
    phone = _text_or_none(customer, "phone")
    first_name = _text_or_none(customer, "first_name")
    last_name = _text_or_none(customer, "last_name")
    points = loyalty.get("points")
    credit = _object_or_nothing(customer, "store_credit").get("balance")
    google_url = _object_or_nothing(wallet, "google").get("url")
    apple_url = _object_or_nothing(wallet, "apple").get("url")
    pin = card.get("pin")
    expires_at = card.get("expires_at")
    campaign_id = _object_or_nothing(transaction, "campaign").get("id")
    transaction_type = _text(transaction, "type")

    properties = {
        "customer_email": email,
        "customer_phone": phone,
        "customer_name": " ".join(filter(None, (first_name, last_name))) or None,
        "customer_first_name": first_name,
        "customer_last_name": last_name,
        "company_name": name,
        "store_name": name,
        "loyalty_card_balance": None if points is None else whole(points),
        "store_credit_balance": None if credit is None else _number(plain(decimal(credit))),
        "vip_tier": _text_or_none(_object_or_nothing(loyalty, "tier"), "name"),
        "google_pass_url": None if google_url is None else url(google_url),
        "apple_pass_url": None if apple_url is None else url(apple_url),
        "card_number": identifier(card.get("number")),
        "card_pin": None if pin is None else identifier(pin),
        "card_id": identifier(card.get("id")),
        "original_value": money(card.get("original_value")),
        "balance": money(card.get("balance")),
        "amount": money(transaction.get("amount")),
        "currency": _text(_object(store, "currency"), "symbol"),
        "expiration_date": "Never" if expires_at is None else day(expires_at, zone),
        "giftcard_theme_url": large_image(_object_or_nothing(card, "theme")),
        "barcode_url": url(
            f"https://{_text(store, 'domain')}/barcodes/{_text(barcode, 'format')}/{_text(barcode, 'value')}.png"
        ),
        "transaction_type": transaction_type,
        "greeting_message": _text_or_none(transaction, "note") if transaction_type == "ISSUED" else None,
        "campaign_id": None if campaign_id is None else identifier(campaign_id),
        "activity_type": _text(_object(transaction, "activity"), "type"),
    }
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
                    "profile": {"data": {"type": "profile", "attributes": _profile(email, phone, customer.get("id"))}},
                    "time": time,
                    "unique_id": event_id,
                },
            }
        }
    )
    if len(body) > LONGEST_TEXT:
        _check_texts(properties)
    return [body]


def _object(parent: dict[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key)
    if type(value) is dict:
        return value
    raise Invalid(f"{key} is not an object")


def _object_or_nothing(parent: dict[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key)
    if value is None:
        return _NOTHING
    if type(value) is dict:
        return value
    raise Invalid(f"{key} is not an object")


def _text(parent: dict[str, Any], key: str) -> str:
    value = parent.get(key)
    if type(value) is str:
        return value
    raise Invalid(f"{key} is not a text")


def _text_or_none(parent: dict[str, Any], key: str) -> str | None:
    value = parent.get(key)
    if value is None or type(value) is str:
        return value
    raise Invalid(f"{key} is not a text")


def _number(digits: Decimal | str) -> Decimal | msgspec.Raw:
    return msgspec.Raw(digits.encode()) if isinstance(digits, str) else digits


def _profile(email: str | None, phone: str | None, customer_id: object) -> dict[str, str]:
    profile = {}
    if email is not None and len(email) <= LONGEST_KLAVIYO_EMAIL and is_email(email):
        profile["email"] = email
    if phone is not None and is_phone(phone):
        profile["phone_number"] = phone
    if customer_id is not None:
        external_id = identifier(customer_id)
        if 0 < len(external_id) <= LONGEST_ID:
            profile["external_id"] = external_id
    if not profile:
        raise Invalid("nobody to send it to")
    return profile


def _check_texts(properties: dict[str, Any]) -> None:
    for value in properties.values():
        if type(value) is str and len(value.encode()) > LONGEST_TEXT:
            raise Invalid("beyond a limit of Klaviyo")
