"""What a team writes first, as giftcard_issued/libraries.py: jmespath, jinja2, jsonschema at both ends."""

from __future__ import annotations

from typing import Any

import jinja2
import jmespath

from peers.libraries import Convert, as_it_is, checkable, compiled, decode, encode, number, profile, read, validator
from peers.values import Headers, day, identifier, instant, money, time_of_day, url, whole

_contract = validator("mappings/99minds/contract.schema.json", "order.placed")
_body = validator("schemas/klaviyo/event.schema.json")

_environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
_name = _environment.from_string("{{ [first_name, last_name] | select | join(' ') }}").render
_barcode = _environment.from_string(
    "https://{{ store.domain }}/barcodes/{{ card.barcode.format }}/{{ card.barcode.value }}.png"
).render
_or_never = _environment.from_string("{{ written or 'Never' }}").render


def _full_name(names: dict[str, Any]) -> str | None:
    return _name(names) or None


def _deliver_at(delivery: dict[str, Any]) -> str:
    at = delivery["deliver_at"] if delivery["scheduled"] else None
    return _or_never(written=None if at is None else time_of_day(at, delivery["timezone"]))


# Property → where it stands and how it is converted; null stays null.
_PROPERTIES: dict[str, tuple[str, Convert]] = {
    "customer_email": ("recipient.email", as_it_is),
    "customer_phone": ("recipient.phone", as_it_is),
    "customer_name": ("recipient.{first_name: first_name, last_name: last_name}", _full_name),
    "customer_first_name": ("recipient.first_name", as_it_is),
    "customer_last_name": ("recipient.last_name", as_it_is),
    "sender_email": ("buyer.email", as_it_is),
    "sender_phone": ("buyer.phone", as_it_is),
    "sender_name": ("buyer.{first_name: first_name, last_name: last_name}", _full_name),
    "sender_first_name": ("buyer.first_name", as_it_is),
    "sender_last_name": ("buyer.last_name", as_it_is),
    "company_name": ("store.name", as_it_is),
    "store_name": ("store.name", as_it_is),
    "loyalty_card_balance": ("recipient.loyalty.points", whole),
    "store_credit_balance": ("recipient.store_credit.balance", number),
    "vip_tier": ("recipient.loyalty.tier.name", as_it_is),
    "google_pass_url": ("wallet.google.url", url),
    "apple_pass_url": ("wallet.apple.url", url),
    "card_number": ("card.number", identifier),
    "card_pin": ("card.pin", identifier),
    "card_id": ("card.id", identifier),
    "original_value": ("card.original_value", money),
    "balance": ("card.balance", money),
    "currency": ("store.currency.symbol", as_it_is),
    "expiration_date": (
        "{at: card.expires_at, zone: store.timezone}",
        lambda expiry: _or_never(written=None if expiry["at"] is None else day(expiry["at"], expiry["zone"])),
    ),
    "barcode_url": ("{store: store, card: card}", lambda found: url(_barcode(found))),
    "is_gift": ("order.is_gift", as_it_is),
    "greeting_message": ("order.gift_message", as_it_is),
    "scheduled": ("delivery.scheduled", as_it_is),
    "deliver_at": ("delivery.{scheduled: scheduled, deliver_at: deliver_at, timezone: timezone}", _deliver_at),
    "delivery_mode": ("delivery.mode", as_it_is),
    "deliver_at_timezone": ("delivery.timezone", as_it_is),
    "delivered_to_sender": ("delivery.to_sender", as_it_is),
    "giftcard_theme_url": ("card.theme.images[?size=='large'].url | [0]", url),
    "client_order_id": ("order.client_order_id", identifier),
    "order_date": ("{at: order.created_at, zone: store.timezone}", lambda placed: day(placed["at"], placed["zone"])),
    "campaign_id": ("transaction.campaign.id", identifier),
    "activity_type": ("transaction.activity.type", as_it_is),
}
_properties = compiled(_PROPERTIES)
_email, _phone, _customer_id = map(jmespath.compile, ("recipient.email", "recipient.phone", "recipient.id"))
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
        "metric": {"data": {"type": "metric", "attributes": {"name": "OrderPlaced"}}},
        "profile": {"data": {"type": "profile", "attributes": person}},
        "time": instant(_time.search(event), _zone.search(event)),
        "unique_id": identifier(_id.search(event)),
    }
    body = {"data": {"type": "event", "attributes": attributes}}
    _body.validate(body)
    attributes["properties"] = properties
    return [encode(body)]
