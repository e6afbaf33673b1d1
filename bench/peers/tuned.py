"""What the tuned Structs of several events share: who it is sent to, and numbers as they are written."""

from __future__ import annotations

from decimal import Decimal

from msgspec import UNSET, Raw, Struct, UnsetType

from peers.values import LONGEST_ID, LONGEST_KLAVIYO_EMAIL, Invalid, identifier, is_email, is_phone


class Person(Struct, gc=False):
    email: str | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    external_id: str | UnsetType = UNSET


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
