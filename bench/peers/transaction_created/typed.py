"""Hand-written Python on msgspec's Structs, tuned for this one event. As giftcard_issued/typed.py."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct, UnsetType

from peers.plain import check_limits
from peers.tuned import Person, Profile, ProfileData, number, person_of
from peers.values import (
    DEEPEST_PROFILE,
    LONG_ENOUGH,
    LONGEST_ID,
    LONGEST_PROFILE,
    RESERVED,
    Headers,
    Invalid,
    as_it_came,
    currency_digits,
    decimal,
    identifier,
    integer,
    plain,
    scaled,
    url,
    whole,
)


class Event(Struct, gc=False):
    type: Literal["transaction.created"]
    id: int | str
    created_at: Any


class Coupon(Struct, gc=False):
    id: int | str
    name: str
    image_logo: str | None = None
    valid_from: Any = None
    valid_until: Any = None
    expiration_at: Any = None
    points: Any = None


class FavoriteVenue(Struct, gc=False):
    id: int | str | None = None
    name: str | None = None


class Tier(Struct, gc=False):
    name: str | None = None


class Member(Struct, gc=False):
    id: int | str
    language: str
    support_id: int | str
    points: Any
    available_coupons: Any
    coupons: list[Coupon]
    segments: list[str]
    email: str | None = None
    primary_card_id: int | str | None = None
    tier: Tier | None = None
    favorite_venue: FavoriteVenue | None = None
    parameters: dict[str, Any] | None = None


class Item(Struct, gc=False):
    name: str
    price: Any
    qty: Any
    type: str | None = None
    sku: int | str | None = None
    points: Any = None
    note: str | None = None


class Transaction(Struct, gc=False):
    id: int | str
    transaction_id: int | str
    type: str
    amount: Any
    currency: str
    items: list[Item]
    note: str | None = None


class Address(Struct, gc=False):
    id: int | str
    street: str | None = None
    city: str | None = None
    postal_code: str | None = None
    country: str | None = None
    lat: str | None = None
    lng: str | None = None


class Venue(Struct, gc=False):
    id: int | str
    name: str
    currency: str
    is_enabled: bool
    created_at: Any
    updated_at: Any
    logo: str | None = None
    verify_code: int | str | None = None
    address: Address | None = None


class Root(Struct, gc=False):
    event: Event
    member: Member
    transaction: Transaction
    venue: Venue | None = None


class SentItem(Struct, gc=False):
    name: str
    type: str | None
    price: Decimal | Raw
    qty: int | Decimal | Raw
    sku: str | None
    points: int | Decimal | Raw | None
    note: str | None


class SentVenue(Struct, gc=False):
    id: str
    name: str
    logo: str | None
    currency: str
    verify_code: str | None
    address: Address | None
    is_enabled: bool
    created_at: int
    updated_at: int


class Properties(Struct, gc=False, rename={"value_currency": "$value_currency", "value": "$value"}):
    venue: SentVenue | None
    id: str
    transaction_id: str
    type: str
    note: str | None
    items: list[SentItem]
    venue_id: str | None
    venue_name: str | None
    value_currency: str
    value: Decimal | Raw


class Attributes(Struct, gc=False):
    properties: Properties
    metric: Raw
    profile: Profile
    time: datetime
    value: Decimal | Raw
    value_currency: str
    unique_id: str


class Data(Struct, gc=False, tag="event"):
    attributes: Attributes


class Body(Struct, gc=False):
    data: Data


class SentCoupon(Struct, gc=False):
    id: str
    name: str
    img_logo: str | None
    valid_from: int | None
    valid_until: int | None
    expiration_at: int | None
    points: int | None


class MemberAttributes(Struct, gc=False):
    email: str | UnsetType
    external_id: str | UnsetType
    locale: str
    first_name: str | None
    last_name: str | None
    properties: dict[str, Any]


class MemberData(Struct, gc=False, tag="profile"):
    attributes: MemberAttributes


class MemberBody(Struct, gc=False):
    data: MemberData


_decode = msgspec.json.Decoder(Root, float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode
_METRIC = Raw(b'{"data":{"type":"metric","attributes":{"name":"Transaction created"}}}')
_SMALL = 10**15  # below it a float keeps every digit
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_NOT_KEPT = RESERVED | {
    *("trifft_available_coupons", "trifft_coupons", "trifft_fav_location_id", "trifft_fav_location_name", "trifft_id"),
    *("trifft_points", "trifft_primary_card_id", "trifft_segments", "trifft_support_id", "trifft_tier"),
}


def map_event(raw: bytes, _: Headers) -> list[bytes]:
    """The bodies of Klaviyo's Create Event and Create or Update Profile. Raises on an event that does not fit."""
    if not raw.isascii():
        raw.decode()  # msgspec does not check the bytes of values it skips
    root = _decode(raw)
    member = root.member
    person = person_of(member.email, None, member.id)
    return [_event(root, person), _profile(member, person)]


def _event(root: Root, person: Person) -> bytes:
    event, transaction, currency = root.event, root.transaction, root.transaction.currency
    venue = None if root.venue is None else _venue(root.venue)
    places = currency_digits(currency)
    value = _scaled(transaction.amount, places)
    event_id = identifier(event.id)
    time = datetime.fromtimestamp(whole(event.created_at), UTC)
    if not 0 < len(event_id) <= LONGEST_ID or time < _EARLIEST:
        raise Invalid("beyond a limit of Klaviyo")
    properties = Properties(
        venue,
        identifier(transaction.id),
        identifier(transaction.transaction_id),
        transaction.type,
        transaction.note,
        [
            SentItem(
                item.name,
                item.type,
                _scaled(item.price, places),
                _as_written(item.qty),
                None if item.sku is None else identifier(item.sku),
                None if item.points is None else _as_written(item.points),
                item.note,
            )
            for item in transaction.items
        ],
        None if venue is None else venue.id,
        None if venue is None else venue.name,
        currency,
        value,
    )
    profile = Profile(ProfileData(person))
    body = _encode(Body(Data(Attributes(properties, _METRIC, profile, time, value, currency, event_id))))
    if len(body) > LONG_ENOUGH:
        check_limits(body, msgspec.json.decode(_encode(properties)))
    return body


def _venue(venue: Venue) -> SentVenue:
    address = venue.address
    if address is not None and type(address.id) is int:
        address.id = identifier(address.id)
    return SentVenue(
        identifier(venue.id),
        venue.name,
        None if venue.logo is None else url(venue.logo),
        venue.currency,
        None if venue.verify_code is None else identifier(venue.verify_code),
        address,
        venue.is_enabled,
        whole(venue.created_at),
        whole(venue.updated_at),
    )


def _profile(member: Member, person: Person) -> bytes:
    venue, parameters = member.favorite_venue, member.parameters or {}
    first_name, last_name = parameters.get("first_name"), parameters.get("last_name")
    if not (first_name is None or type(first_name) is str) or not (last_name is None or type(last_name) is str):
        raise Invalid("a name is not a text")
    # A dict: quicker than a Struct's bytes and those of the open values put together.
    properties = {
        "trifft_available_coupons": _integer(member.available_coupons),
        "trifft_coupons": [
            SentCoupon(
                identifier(coupon.id),
                coupon.name,
                None if coupon.image_logo is None else url(coupon.image_logo),
                None if coupon.valid_from is None else _integer(coupon.valid_from),
                None if coupon.valid_until is None else _integer(coupon.valid_until),
                None if coupon.expiration_at is None else _integer(coupon.expiration_at),
                None if coupon.points is None else _integer(coupon.points),
            )
            for coupon in member.coupons
        ],
        "trifft_fav_location_id": None if venue is None or venue.id is None else identifier(venue.id),
        "trifft_fav_location_name": None if venue is None else venue.name,
        "trifft_id": identifier(member.id),
        "trifft_points": _scaled(member.points, 2),
        "trifft_primary_card_id": None if member.primary_card_id is None else identifier(member.primary_card_id),
        "trifft_segments": member.segments,
        "trifft_support_id": identifier(member.support_id),
        "trifft_tier": None if member.tier is None else member.tier.name,
    }
    for name, value in parameters.items():
        passed = value if type(value) is str else as_it_came(value, DEEPEST_PROFILE, integer)
        if name not in _NOT_KEPT:
            properties[name] = passed
    attributes = MemberAttributes(person.email, person.external_id, member.language, first_name, last_name, properties)
    body = _encode(MemberBody(MemberData(attributes)))
    if len(body) > LONGEST_PROFILE:
        raise Invalid("beyond a limit of Klaviyo")
    return body


def _scaled(value: Any, places: int) -> Decimal | Raw:
    if type(value) is int and -_SMALL < value < _SMALL:
        return Raw(b"%.*f" % (places, value / 10**places))
    return number(plain(scaled(value, places)))


def _as_written(value: Any) -> int | Decimal | Raw:
    if type(value) is int and -_SMALL < value < _SMALL:
        return value
    return number(plain(decimal(value)))


def _integer(value: Any) -> int:
    return value if type(value) is int and -_SMALL < value < _SMALL else integer(value)
