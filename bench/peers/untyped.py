"""Hand-written Python on msgspec's dicts: the base that the ratios are taken against.

One decode to dicts with Decimals, each value checked by a small function where it is read, one dict out, one encode.
Plain code, as one writes it from the vendor's page with the standard library's own calls; the tricks that a profiler
teaches are in typed.py.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Context, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from peers.values import EARLIEST, LONGEST_ID, LONGEST_KLAVIYO_EMAIL, LONGEST_TEXT, Invalid, is_email, is_phone

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode

_CENT = Decimal("0.01")
_CONTEXT = Context(prec=60)
_MOST_DIGITS = 50
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-5][0-9])?"
)
_URL = re.compile(r"https?://\S+")

_NOTHING: dict[str, Any] = {}
_METRIC = {"data": {"type": "metric", "attributes": {"name": "GiftcardIssued"}}}


def map_event(raw: bytes) -> bytes:
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
        "loyalty_card_balance": None if points is None else _whole(points),
        "store_credit_balance": None if credit is None else _as_written(_decimal(credit)),
        "vip_tier": _text_or_none(_object_or_nothing(loyalty, "tier"), "name"),
        "google_pass_url": None if google_url is None else _url(google_url),
        "apple_pass_url": None if apple_url is None else _url(apple_url),
        "card_number": _identifier(card.get("number")),
        "card_pin": None if pin is None else _identifier(pin),
        "card_id": _identifier(card.get("id")),
        "original_value": _money(card.get("original_value")),
        "balance": _money(card.get("balance")),
        "amount": _money(transaction.get("amount")),
        "currency": _text(_object(store, "currency"), "symbol"),
        "expiration_date": "Never" if expires_at is None else _day(expires_at, zone),
        "giftcard_theme_url": _large_image(_object_or_nothing(card, "theme")),
        "barcode_url": _url(
            f"https://{_text(store, 'domain')}/barcodes/{_text(barcode, 'format')}/{_text(barcode, 'value')}.png"
        ),
        "transaction_type": transaction_type,
        "greeting_message": _text_or_none(transaction, "note") if transaction_type == "ISSUED" else None,
        "campaign_id": None if campaign_id is None else _identifier(campaign_id),
        "activity_type": _text(_object(transaction, "activity"), "type"),
    }
    event_id = _identifier(event.get("id"))
    time = _instant(event.get("occurred_at"), zone)
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
    return body


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


def _decimal(value: Any) -> Decimal:
    """A JSON number or a string that is exactly one, within 50 digits and an exponent of ±50; minus zero is 0."""
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    if is_integer or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        value = Decimal(value)
    if not isinstance(value, Decimal):
        raise Invalid("not a decimal number")
    if len(value.as_tuple().digits) > _MOST_DIGITS or abs(value.adjusted()) > _MOST_DIGITS:
        raise Invalid("too many digits")
    return value or abs(value)


def _money(value: object) -> Decimal:
    """A decimal rounded toward zero to two places."""
    rounded = _decimal(value).quantize(_CENT, rounding=ROUND_DOWN, context=_CONTEXT)
    return rounded or abs(rounded)


def _as_written(value: Decimal) -> Decimal | msgspec.Raw:
    """The decimal as msgspec is to write it: never with an exponent."""
    return msgspec.Raw(format(value, "f").encode()) if "E" in str(value) else value


def _whole(value: object) -> int:
    """A JSON number without a fraction that fits 64 bits."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(_decimal(value))
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return value
    raise Invalid("not an integer of 64 bits")


def _identifier(value: object) -> str:
    """A string, or an integer as its digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_MOST_DIGITS:
        return str(value)
    raise Invalid("neither a string nor an integer")


def _url(value: object) -> str:
    """An http or https URL without white space."""
    if isinstance(value, str) and _URL.fullmatch(value):
        return value
    raise Invalid("not a URL")


def _moment(value: object, zone: object) -> datetime:
    """RFC 3339; without an offset it is local to the zone."""
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise Invalid("not a date and time")
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=_zone(zone))


def _zone(name: object) -> ZoneInfo:
    if not isinstance(name, str):
        raise Invalid("no time zone")
    return ZoneInfo(name)


def _instant(value: object, zone: object) -> str:
    """In UTC, to the second."""
    return _moment(value, zone).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(value: object, zone: object) -> str:
    """`July 20, 2027` on the zone's calendar."""
    there = _moment(value, zone).astimezone(_zone(zone))
    return f"{there:%B} {there.day}, {there.year}"


def _large_image(theme: dict[str, Any]) -> str | None:
    images = theme.get("images")
    if images is None:
        return None
    for image in images:
        if image["size"] == "large":
            return _url(image["url"])
    return None


def _profile(email: str | None, phone: str | None, customer_id: object) -> dict[str, str]:
    profile = {}
    if email is not None and len(email) <= LONGEST_KLAVIYO_EMAIL and is_email(email):
        profile["email"] = email
    if phone is not None and is_phone(phone):
        profile["phone_number"] = phone
    if customer_id is not None:
        external_id = _identifier(customer_id)
        if 0 < len(external_id) <= LONGEST_ID:
            profile["external_id"] = external_id
    if not profile:
        raise Invalid("nobody to send it to")
    return profile


def _check_texts(properties: dict[str, Any]) -> None:
    for value in properties.values():
        if type(value) is str and len(value.encode()) > LONGEST_TEXT:
            raise Invalid("beyond a limit of Klaviyo")
