"""What plain code of the host does for a mapping language: it checks and converts, as engines.py says."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from peers.values import LONGEST_ID, LONGEST_KLAVIYO_EMAIL, LONGEST_TEXT, Invalid, identifier, is_email, is_phone, url

decode = msgspec.json.Decoder(float_hook=Decimal).decode
encode = msgspec.json.Encoder(decimal_format="number").encode


def or_nothing(value: Any) -> dict[str, Any]:
    if value is None or type(value) is dict:
        return value or {}
    raise Invalid("not an object")


def or_none(convert: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else convert(value)


def text(value: Any) -> str:
    if type(value) is not str or len(value.encode()) > LONGEST_TEXT:
        raise Invalid("not a text, or too long")
    return value


def text_or_none(value: Any) -> str | None:
    return None if value is None else text(value)


def large_image(theme: dict[str, Any]) -> str | None:
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


def profile(customer: dict[str, Any]) -> dict[str, str]:
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


def without_decimals(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_decimals(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_decimals(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value
