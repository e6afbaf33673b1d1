"""Hand-written Python on msgspec's Structs, tuned for this one event, as giftcard_issued/typed.py."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct

from peers.giftcard_issued.typed import (
    Activity,
    Barcode,
    Campaign,
    Customer,
    Store,
    Theme,
    Wallet,
)
from peers.tuned import Profile, ProfileData, check_texts, large_image, number, person_of
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
    time_of_day,
    url,
    whole,
)


class Buyer(Struct, gc=False):
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None


class Card(Struct, gc=False):
    number: int | str
    id: int | str
    original_value: Any
    balance: Any
    barcode: Barcode
    pin: int | str | None = None
    expires_at: str | None = None
    theme: Theme | None = None


class Order(Struct, gc=False):
    is_gift: bool
    created_at: str
    gift_message: str | None = None
    client_order_id: int | str | None = None


class Delivery(Struct, gc=False):
    scheduled: bool
    mode: str
    timezone: str
    to_sender: bool
    deliver_at: str | None = None


class Transaction(Struct, gc=False):
    activity: Activity
    campaign: Campaign | None = None


class Event(Struct, gc=False):
    type: Literal["order.placed"]
    id: int | str
    occurred_at: str
    store: Store
    card: Card
    order: Order
    delivery: Delivery
    transaction: Transaction
    recipient: Customer = msgspec.field(default_factory=Customer)
    buyer: Buyer = msgspec.field(default_factory=Buyer)
    wallet: Wallet = msgspec.field(default_factory=Wallet)


class Properties(Struct, gc=False):
    customer_email: str | None
    customer_phone: str | None
    customer_name: str | None
    customer_first_name: str | None
    customer_last_name: str | None
    sender_email: str | None
    sender_phone: str | None
    sender_name: str | None
    sender_first_name: str | None
    sender_last_name: str | None
    company_name: str
    store_name: str
    loyalty_card_balance: int | None
    store_credit_balance: Decimal | Raw | None
    vip_tier: str | None
    google_pass_url: str | None
    apple_pass_url: str | None
    card_number: str
    card_pin: str | None
    card_id: str
    original_value: Decimal
    balance: Decimal
    currency: str
    expiration_date: str
    barcode_url: str
    is_gift: bool
    greeting_message: str | None
    scheduled: bool
    deliver_at: str
    delivery_mode: str
    deliver_at_timezone: str
    delivered_to_sender: bool
    giftcard_theme_url: str | None
    client_order_id: str | None
    order_date: str
    campaign_id: str | None
    activity_type: str


class Attributes(Struct, gc=False):
    properties: Properties
    metric: Raw
    profile: Profile
    time: str
    unique_id: str


class Data(Struct, gc=False, tag="event"):
    attributes: Attributes


class Body(Struct, gc=False):
    data: Data


_decode = msgspec.json.Decoder(Event, float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode
_METRIC = Raw(b'{"data":{"type":"metric","attributes":{"name":"OrderPlaced"}}}')


def map_event(raw: bytes, _: Headers) -> list[bytes]:
    """The body of Klaviyo's Create Event. Raises on an event that does not fit."""
    raw.decode()  # msgspec does not check the bytes of values it skips
    event = _decode(raw)
    recipient, buyer, store, card, order = event.recipient, event.buyer, event.store, event.card, event.order
    delivery, wallet, zone = event.delivery, event.wallet, event.store.timezone
    first, last, loyalty, credit = recipient.first_name, recipient.last_name, recipient.loyalty, recipient.store_credit
    sender_first, sender_last = buyer.first_name, buyer.last_name
    google, apple, theme, campaign = wallet.google, wallet.apple, card.theme, event.transaction.campaign
    points = None if loyalty is None else loyalty.points
    balance = None if credit is None else credit.balance
    google_url = None if google is None else google.url
    apple_url = None if apple is None else apple.url
    campaign_id = None if campaign is None else campaign.id
    deliver_at = delivery.deliver_at if delivery.scheduled else None
    properties = Properties(
        recipient.email,
        recipient.phone,
        f"{first} {last}" if first and last else first or last or None,
        first,
        last,
        buyer.email,
        buyer.phone,
        f"{sender_first} {sender_last}" if sender_first and sender_last else sender_first or sender_last or None,
        sender_first,
        sender_last,
        store.name,
        store.name,
        None if points is None else whole(points),
        None if balance is None else number(plain(decimal(balance))),
        None if loyalty is None or loyalty.tier is None else loyalty.tier.name,
        None if google_url is None else url(google_url),
        None if apple_url is None else url(apple_url),
        identifier(card.number),
        None if card.pin is None else identifier(card.pin),
        identifier(card.id),
        money(card.original_value),
        money(card.balance),
        store.currency.symbol,
        "Never" if card.expires_at is None else day(card.expires_at, zone),
        url(f"https://{store.domain}/barcodes/{card.barcode.format}/{card.barcode.value}.png"),
        order.is_gift,
        order.gift_message,
        delivery.scheduled,
        "Never" if deliver_at is None else time_of_day(deliver_at, delivery.timezone),
        delivery.mode,
        delivery.timezone,
        delivery.to_sender,
        None if theme is None else large_image(theme.images),
        None if order.client_order_id is None else identifier(order.client_order_id),
        day(order.created_at, zone),
        None if campaign_id is None else identifier(campaign_id),
        event.transaction.activity.type,
    )
    event_id = identifier(event.id)
    time = instant(event.occurred_at, zone)
    if not 0 < len(event_id) <= LONGEST_ID or time < EARLIEST:
        raise Invalid("beyond a limit of Klaviyo")
    profile = Profile(ProfileData(person_of(recipient.email, recipient.phone, recipient.id)))
    body = _encode(Body(Data(Attributes(properties, _METRIC, profile, time, event_id))))
    if len(body) > LONGEST_TEXT:
        check_texts(properties)
    return [body]
