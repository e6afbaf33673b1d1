"""Hand-written Python on msgspec's dicts, plain: the base. As giftcard_issued/untyped.py."""

from __future__ import annotations

from peers.plain import (
    as_written,
    check_limits,
    day,
    decimal,
    decode,
    encode,
    flag_at,
    identifier,
    instant,
    large_image,
    money,
    object_at,
    object_or_nothing,
    profile_of,
    text_at,
    text_or_none,
    time_of_day,
    url,
    whole,
)
from peers.values import EARLIEST, LONGEST_ID, LONGEST_TEXT, Headers, Invalid

_METRIC = {"data": {"type": "metric", "attributes": {"name": "OrderPlaced"}}}


def map_event(raw: bytes, _: Headers) -> list[bytes]:
    """The body of Klaviyo's Create Event. Raises on an event that does not fit."""
    raw.decode()  # msgspec does not check the bytes of values it skips
    event = decode(raw)
    if type(event) is not dict or event.get("type") != "order.placed":
        raise Invalid("not an order.placed")
    store = object_at(event, "store")
    recipient = object_or_nothing(event, "recipient")
    buyer = object_or_nothing(event, "buyer")
    wallet = object_or_nothing(event, "wallet")
    card = object_at(event, "card")
    order = object_at(event, "order")
    delivery = object_at(event, "delivery")
    transaction = object_at(event, "transaction")
    loyalty = object_or_nothing(recipient, "loyalty")
    barcode = object_at(card, "barcode")

    zone = store.get("timezone")
    name = text_at(store, "name")
    email = text_or_none(recipient, "email")
    phone = text_or_none(recipient, "phone")
    first_name = text_or_none(recipient, "first_name")
    last_name = text_or_none(recipient, "last_name")
    sender_first_name = text_or_none(buyer, "first_name")
    sender_last_name = text_or_none(buyer, "last_name")
    points = loyalty.get("points")
    credit = object_or_nothing(recipient, "store_credit").get("balance")
    google_url = object_or_nothing(wallet, "google").get("url")
    apple_url = object_or_nothing(wallet, "apple").get("url")
    pin = card.get("pin")
    expires_at = card.get("expires_at")
    scheduled = flag_at(delivery, "scheduled")
    deliver_at = delivery.get("deliver_at") if scheduled else None
    delivery_zone = text_at(delivery, "timezone")
    client_order_id = order.get("client_order_id")
    campaign_id = object_or_nothing(transaction, "campaign").get("id")

    properties = {
        "customer_email": email,
        "customer_phone": phone,
        "customer_name": " ".join(filter(None, (first_name, last_name))) or None,
        "customer_first_name": first_name,
        "customer_last_name": last_name,
        "sender_email": text_or_none(buyer, "email"),
        "sender_phone": text_or_none(buyer, "phone"),
        "sender_name": " ".join(filter(None, (sender_first_name, sender_last_name))) or None,
        "sender_first_name": sender_first_name,
        "sender_last_name": sender_last_name,
        "company_name": name,
        "store_name": name,
        "loyalty_card_balance": None if points is None else whole(points),
        "store_credit_balance": None if credit is None else as_written(decimal(credit)),
        "vip_tier": text_or_none(object_or_nothing(loyalty, "tier"), "name"),
        "google_pass_url": None if google_url is None else url(google_url),
        "apple_pass_url": None if apple_url is None else url(apple_url),
        "card_number": identifier(card.get("number")),
        "card_pin": None if pin is None else identifier(pin),
        "card_id": identifier(card.get("id")),
        "original_value": money(card.get("original_value")),
        "balance": money(card.get("balance")),
        "currency": text_at(object_at(store, "currency"), "symbol"),
        "expiration_date": "Never" if expires_at is None else day(expires_at, zone),
        "barcode_url": url(
            f"https://{text_at(store, 'domain')}/barcodes/{text_at(barcode, 'format')}/{text_at(barcode, 'value')}.png"
        ),
        "is_gift": flag_at(order, "is_gift"),
        "greeting_message": text_or_none(order, "gift_message"),
        "scheduled": scheduled,
        "deliver_at": "Never" if deliver_at is None else time_of_day(deliver_at, delivery_zone),
        "delivery_mode": text_at(delivery, "mode"),
        "deliver_at_timezone": delivery_zone,
        "delivered_to_sender": flag_at(delivery, "to_sender"),
        "giftcard_theme_url": large_image(object_or_nothing(card, "theme")),
        "client_order_id": None if client_order_id is None else identifier(client_order_id),
        "order_date": day(order.get("created_at"), zone),
        "campaign_id": None if campaign_id is None else identifier(campaign_id),
        "activity_type": text_at(object_at(transaction, "activity"), "type"),
    }
    event_id = identifier(event.get("id"))
    time = instant(event.get("occurred_at"), zone)
    if not 0 < len(event_id) <= LONGEST_ID or time < EARLIEST:
        raise Invalid("beyond a limit of Klaviyo")
    person = profile_of(email, phone, recipient.get("id"))
    body = encode(
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
        check_limits(body, properties)
    return [body]
