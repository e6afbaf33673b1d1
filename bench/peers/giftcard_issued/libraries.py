"""What a team writes first: jmespath reads, jinja2 writes texts, jsonschema checks both ends of each event.

Expressions, templates and validators are made once. msgspec decodes and encodes here too, so that the difference is in
what stands between, and the contract and the body's schema are the project's own.
"""

from __future__ import annotations

import jinja2
import jmespath

from peers.libraries import Convert, as_it_is, checkable, compiled, decode, encode, number, profile, read, validator
from peers.values import Headers, day, identifier, instant, money, url, whole

_contract = validator("mappings/99minds/contract.schema.json", "giftcard.issued")
_body = validator("schemas/klaviyo/event.schema.json")

_environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
_name = _environment.from_string("{{ [first_name, last_name] | select | join(' ') }}").render
_barcode = _environment.from_string(
    "https://{{ store.domain }}/barcodes/{{ card.barcode.format }}/{{ card.barcode.value }}.png"
).render
_expiry = _environment.from_string("{{ day or 'Never' }}").render


# Property → where it stands and how it is converted; null stays null.
_PROPERTIES: dict[str, tuple[str, Convert]] = {
    "customer_email": ("customer.email", as_it_is),
    "customer_phone": ("customer.phone", as_it_is),
    "customer_name": ("customer.{first_name: first_name, last_name: last_name}", lambda names: _name(names) or None),
    "customer_first_name": ("customer.first_name", as_it_is),
    "customer_last_name": ("customer.last_name", as_it_is),
    "company_name": ("store.name", as_it_is),
    "store_name": ("store.name", as_it_is),
    "loyalty_card_balance": ("customer.loyalty.points", whole),
    "store_credit_balance": ("customer.store_credit.balance", number),
    "vip_tier": ("customer.loyalty.tier.name", as_it_is),
    "google_pass_url": ("wallet.google.url", url),
    "apple_pass_url": ("wallet.apple.url", url),
    "card_number": ("card.number", identifier),
    "card_pin": ("card.pin", identifier),
    "card_id": ("card.id", identifier),
    "original_value": ("card.original_value", money),
    "balance": ("card.balance", money),
    "amount": ("transaction.amount", money),
    "currency": ("store.currency.symbol", as_it_is),
    "expiration_date": (
        "{at: card.expires_at, zone: store.timezone}",
        lambda expiry: _expiry(day=None if expiry["at"] is None else day(expiry["at"], expiry["zone"])),
    ),
    "giftcard_theme_url": ("card.theme.images[?size=='large'].url | [0]", url),
    "barcode_url": ("{store: store, card: card}", lambda found: url(_barcode(found))),
    "transaction_type": ("transaction.type", as_it_is),
    "greeting_message": ("[transaction][?type=='ISSUED'].note | [0]", as_it_is),
    "campaign_id": ("transaction.campaign.id", identifier),
    "activity_type": ("transaction.activity.type", as_it_is),
}
_properties = compiled(_PROPERTIES)
_email, _phone, _customer_id = map(jmespath.compile, ("customer.email", "customer.phone", "customer.id"))
_id, _time, _zone = map(jmespath.compile, ("id", "occurred_at", "store.timezone"))


def map_event(raw: bytes, _: Headers) -> list[bytes]:
    """The body of Klaviyo's Create Event. Raises on an event that does not fit."""
    raw.decode()
    event = decode(raw)
    _contract.validate(event)
    properties = read(_properties, event)
    person = profile(_email.search(event), _phone.search(event), _customer_id.search(event))
    attributes = {
        "properties": checkable(properties),
        "metric": {"data": {"type": "metric", "attributes": {"name": "GiftcardIssued"}}},
        "profile": {"data": {"type": "profile", "attributes": person}},
        "time": instant(_time.search(event), _zone.search(event)),
        "unique_id": identifier(_id.search(event)),
    }
    body = {"data": {"type": "event", "attributes": attributes}}
    _body.validate(body)
    attributes["properties"] = properties
    return [encode(body)]
