"""What the tuned Structs of several events share: who it is sent to, images, and values as they are written."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from peers.values import LONGEST_ID, LONGEST_KLAVIYO_EMAIL, LONGEST_TEXT, Invalid, identifier, is_email, is_phone, url


class Person(Struct, gc=False):
    email: str | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    external_id: str | UnsetType = UNSET


class ProfileData(Struct, gc=False, tag="profile"):
    attributes: Person


class Profile(Struct, gc=False):
    data: ProfileData


class Image(Struct, gc=False):
    size: str
    url: str


def person_of(email: str | None, phone: str | None, number: int | str | None) -> Person:
    person = Person()
    if email is not None and len(email) <= LONGEST_KLAVIYO_EMAIL and is_email(email):
        person.email = email
    if phone is not None and is_phone(phone):
        person.phone_number = phone
    if number is not None and 0 < len(external_id := identifier(number)) <= LONGEST_ID:
        person.external_id = external_id
    if person.email is person.phone_number is person.external_id is UNSET:
        raise Invalid("nobody to send it to")
    return person


def number(digits: Decimal | str) -> Decimal | Raw:
    return Raw(digits.encode()) if isinstance(digits, str) else digits


def large_image(images: list[Image]) -> str | None:
    for image in images:
        if image.size == "large":
            return url(image.url)
    return None


def check_texts(properties: Struct) -> None:
    for value in msgspec.structs.astuple(properties):
        if type(value) is str and len(value.encode()) > LONGEST_TEXT:
            raise Invalid("beyond a limit of Klaviyo")
