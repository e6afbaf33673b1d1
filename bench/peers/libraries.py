"""What a team writes first: jmespath reads, jinja2 writes texts, jsonschema checks both ends of each event.

Expressions, templates and validators are made once. msgspec decodes and encodes here too, so that the difference is in
what stands between, and the contract and the body's schema are the project's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import jinja2
import jmespath
import jsonschema
import msgspec

from peers.values import Invalid, day, decimal, identifier, instant, is_email, is_phone, money, plain, url, whole

ROOT = Path(__file__).resolve().parents[2]

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def _validator(path: str, definition: str | None = None) -> jsonschema.Draft202012Validator:
    schema = json.loads((ROOT / path).read_bytes())
    if definition is not None:
        schema = {**{key: schema[key] for key in ("$schema", "$id", "$defs")}, "$ref": f"#/$defs/{definition}"}
    return jsonschema.Draft202012Validator(schema)


_contract = _validator("mappings/99minds/contract.schema.json", "giftcard.issued")
_body = _validator("schemas/klaviyo/event.schema.json")

_environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
_name = _environment.from_string("{{ [first_name, last_name] | select | join(' ') }}").render
_barcode = _environment.from_string(
    "https://{{ store.domain }}/barcodes/{{ card.barcode.format }}/{{ card.barcode.value }}.png"
).render
_expiry = _environment.from_string("{{ day or 'Never' }}").render


def _number(value: object) -> Decimal | msgspec.Raw:
    digits = plain(decimal(value))
    return msgspec.Raw(digits.encode()) if isinstance(digits, str) else digits


def _as_it_is(value: Any) -> Any:
    return value


# Property → where it stands and how it is converted; null stays null.
_PROPERTIES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "customer_email": ("customer.email", _as_it_is),
    "customer_phone": ("customer.phone", _as_it_is),
    "customer_name": ("customer.{first_name: first_name, last_name: last_name}", lambda names: _name(names) or None),
    "customer_first_name": ("customer.first_name", _as_it_is),
    "customer_last_name": ("customer.last_name", _as_it_is),
    "company_name": ("store.name", _as_it_is),
    "store_name": ("store.name", _as_it_is),
    "loyalty_card_balance": ("customer.loyalty.points", whole),
    "store_credit_balance": ("customer.store_credit.balance", _number),
    "vip_tier": ("customer.loyalty.tier.name", _as_it_is),
    "google_pass_url": ("wallet.google.url", url),
    "apple_pass_url": ("wallet.apple.url", url),
    "card_number": ("card.number", identifier),
    "card_pin": ("card.pin", identifier),
    "card_id": ("card.id", identifier),
    "original_value": ("card.original_value", money),
    "balance": ("card.balance", money),
    "amount": ("transaction.amount", money),
    "currency": ("store.currency.symbol", _as_it_is),
    "expiration_date": (
        "{at: card.expires_at, zone: store.timezone}",
        lambda expiry: _expiry(day=None if expiry["at"] is None else day(expiry["at"], expiry["zone"])),
    ),
    "giftcard_theme_url": ("card.theme.images[?size=='large'].url | [0]", url),
    "barcode_url": ("{store: store, card: card}", lambda found: url(_barcode(found))),
    "transaction_type": ("transaction.type", _as_it_is),
    "greeting_message": ("[transaction][?type=='ISSUED'].note | [0]", _as_it_is),
    "campaign_id": ("transaction.campaign.id", identifier),
    "activity_type": ("transaction.activity.type", _as_it_is),
}
_properties = [(name, jmespath.compile(path), convert) for name, (path, convert) in _PROPERTIES.items()]
_email, _phone, _customer_id = map(jmespath.compile, ("customer.email", "customer.phone", "customer.id"))
_id, _time, _zone = map(jmespath.compile, ("id", "occurred_at", "store.timezone"))


def map_event(raw: bytes) -> bytes:
    """The body of Klaviyo's Create Event. Raises on an event that does not fit."""
    raw.decode()
    event = _decode(raw)
    _contract.validate(event)
    properties = {}
    for name, path, convert in _properties:
        value = path.search(event)
        properties[name] = None if value is None else convert(value)
    attributes = {
        "properties": {name: None if type(value) is msgspec.Raw else value for name, value in properties.items()},
        "metric": {"data": {"type": "metric", "attributes": {"name": "GiftcardIssued"}}},
        "profile": {"data": {"type": "profile", "attributes": _profile(event)}},
        "time": instant(_time.search(event), _zone.search(event)),
        "unique_id": identifier(_id.search(event)),
    }
    body = {"data": {"type": "event", "attributes": attributes}}
    _body.validate(body)
    attributes["properties"] = properties
    return _encode(body)


def _profile(event: Any) -> dict[str, str]:
    email, phone, customer_id = _email.search(event), _phone.search(event), _customer_id.search(event)
    profile = {}
    if email is not None and len(email) <= 99 and is_email(email):
        profile["email"] = email
    if phone is not None and is_phone(phone):
        profile["phone_number"] = phone
    if customer_id is not None:
        profile["external_id"] = identifier(customer_id)
    if not profile:
        raise Invalid("nobody to send it to")
    return profile
