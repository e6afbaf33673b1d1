"""Hand-written Python on msgspec's Structs, tuned for this one event: how far Python goes without a compiler."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct

from peers.tuned import Image, Profile, ProfileData, check_texts, large_image, number, person_of
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


class Currency(Struct, gc=False):
    symbol: str


class Store(Struct, gc=False):
    name: str
    domain: str
    currency: Currency
    timezone: str | None = None


class Tier(Struct, gc=False):
    name: str | None = None


class Loyalty(Struct, gc=False):
    points: Any = None
    tier: Tier | None = None


class StoreCredit(Struct, gc=False):
    balance: Any = None


class Customer(Struct, gc=False):
    id: int | str | None = None
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    loyalty: Loyalty | None = None
    store_credit: StoreCredit | None = None


class Link(Struct, gc=False):
    url: str | None = None


class Wallet(Struct, gc=False):
    google: Link | None = None
    apple: Link | None = None


class Theme(Struct, gc=False):
    images: list[Image] = []


class Barcode(Struct, gc=False):
    format: str
    value: str


class Card(Struct, gc=False):
    number: int | str
    id: int | str
    original_value: Any
    balance: Any
    barcode: Barcode
    pin: int | str | None = None
    expires_at: str | None = None
    theme: Theme | None = None


class Campaign(Struct, gc=False):
    id: int | str | None = None


class Activity(Struct, gc=False):
    type: str


class Transaction(Struct, gc=False):
    amount: Any
    type: str
    activity: Activity
    note: str | None = None
    campaign: Campaign | None = None


class Event(Struct, gc=False):
    type: Literal["giftcard.issued"]
    id: int | str
    occurred_at: str
    store: Store
    card: Card
    transaction: Transaction
    customer: Customer = msgspec.field(default_factory=Customer)
    wallet: Wallet = msgspec.field(default_factory=Wallet)


class Properties(Struct, gc=False):
    customer_email: str | None
    customer_phone: str | None
    customer_name: str | None
    customer_first_name: str | None
    customer_last_name: str | None
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
    amount: Decimal
    currency: str
    expiration_date: str
    giftcard_theme_url: str | None
    barcode_url: str
    transaction_type: str
    greeting_message: str | None
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
_METRIC = Raw(b'{"data":{"type":"metric","attributes":{"name":"GiftcardIssued"}}}')


def map_event(raw: bytes, _: Headers) -> list[bytes]:
    """The body of Klaviyo's Create Event. Raises on an event that does not fit."""
    raw.decode()  # msgspec does not check the bytes of values it skips
    event = _decode(raw)
    customer, store, card, transaction, wallet = (
        event.customer,
        event.store,
        event.card,
        event.transaction,
        event.wallet,
    )
    first, last, loyalty, credit = customer.first_name, customer.last_name, customer.loyalty, customer.store_credit
    google, apple, theme, campaign = wallet.google, wallet.apple, card.theme, transaction.campaign
    points = None if loyalty is None else loyalty.points
    balance = None if credit is None else credit.balance
    google_url = None if google is None else google.url
    apple_url = None if apple is None else apple.url
    campaign_id = None if campaign is None else campaign.id
    properties = Properties(
        customer.email,
        customer.phone,
        f"{first} {last}" if first and last else first or last or None,
        first,
        last,
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
        money(transaction.amount),
        store.currency.symbol,
        "Never" if card.expires_at is None else day(card.expires_at, store.timezone),
        None if theme is None else large_image(theme.images),
        url(f"https://{store.domain}/barcodes/{card.barcode.format}/{card.barcode.value}.png"),
        transaction.type,
        transaction.note if transaction.type == "ISSUED" else None,
        None if campaign_id is None else identifier(campaign_id),
        transaction.activity.type,
    )
    event_id = identifier(event.id)
    time = instant(event.occurred_at, store.timezone)
    if not 0 < len(event_id) <= LONGEST_ID or time < EARLIEST:
        raise Invalid("beyond a limit of Klaviyo")
    profile = Profile(ProfileData(person_of(customer.email, customer.phone, customer.id)))
    body = _encode(Body(Data(Attributes(properties, _METRIC, profile, time, event_id))))
    if len(body) > LONGEST_TEXT:
        check_texts(properties)
    return [body]
