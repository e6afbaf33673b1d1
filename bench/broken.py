"""How the events that are measured are broken, as data."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from samples import Broken

_NO_AMOUNTS = ("1_000.5", " 12.5 ", "007", "٣٫٥", "NaN", True, "", "1e60", "12,50")
_NO_TIMES = (
    *("20260720T152103Z", "2026-W30-1T15:21:03Z", "2026-07-20T24:00:00Z", "2026-07-20", "2027-02-30T10:00:00Z"),
    1784561663,
)
_NO_URLS = (
    *("https://pay.google.example/a b", "https://pay.google.example/ab ", "https://pay.google.example/ab\n"),
    *("https://wallet.apple.example/a\u00a0b", "ftp://wallet.apple.example/p", "https://", "https://?a"),
)
_NO_INTEGERS = ("17528", Decimal("1.5"), 2**64)
_TOO_LONG = "x" * 100_001


def _at(path: str, values: Iterable[Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((path, value) for value in values)


def _within(values: int) -> Any:
    """So many objects in each other."""
    return {"in": _within(values - 1)} if values else 1


GIFTCARD_ISSUED = Broken(
    unread=b"YK1DSP",
    required=(
        *("id", "type", "occurred_at", "store", "card", "transaction", "store.name", "store.domain", "store.currency"),
        *("store.currency.symbol", "card.number", "card.id", "card.original_value", "card.balance", "card.barcode"),
        *("card.barcode.value", "transaction.amount", "transaction.type", "transaction.activity"),
    ),
    values=(
        ("type", "giftcard.reissued"),
        ("id", "x" * 256),
        ("occurred_at", "20260720T152103Z"),
        ("occurred_at", "2026-W30-1T15:21:03Z"),
        ("occurred_at", "2026-07-20T24:00:00Z"),
        ("occurred_at", "2026-07-20"),
        ("occurred_at", "1989-12-31T23:59:59Z"),
        ("card.expires_at", "2027-02-30T10:00:00Z"),
        ("card.expires_at", 1784561663),
        ("transaction.amount", "1_000.5"),
        ("transaction.amount", " 12.5 "),
        ("transaction.amount", "007"),
        ("transaction.amount", "٣٫٥"),
        ("transaction.amount", "NaN"),
        ("transaction.amount", True),
        ("card.balance", ""),
        ("card.balance", "1e60"),
        ("card.original_value", "1." + "0" * 50),
        ("customer.store_credit.balance", "12,50"),
        ("customer.loyalty.points", "17528"),
        ("customer.loyalty.points", Decimal("1.5")),
        ("customer.loyalty.points", 2**64),
        ("customer.email", 17),
        ("customer.first_name", ["Wei"]),
        ("customer.loyalty", "Gold"),
        ("store", "Café Müller"),
        ("card.pin", {"digits": 6439}),
        ("card.theme.images", "large.png"),
        ("card.theme.images.1", "thumb.png"),
        ("card.theme.images.0.url", None),
        ("card.barcode.value", ["9373083048805991"]),
        ("store.domain", ""),
        ("wallet.google.url", "https:///pay"),
        ("wallet.google.url", "https://pay.google.example/a b"),
        ("wallet.google.url", "https://pay.google.example/ab "),
        ("wallet.google.url", "https://pay.google.example/ab\n"),
        ("wallet.apple.url", "https://wallet.apple.example/a\u00a0b"),
        ("wallet.apple.url", "ftp://wallet.apple.example/p"),
        ("transaction.note", "x" * 100_001),
        ("customer", {"email": "wei.brown@post", "phone": "14155550156", "id": None}),
    ),
)

ORDER_PLACED = Broken(
    unread=b"juniper-outfitters.example/themes/winter/thumb",
    required=(
        *("id", "type", "occurred_at", "store", "order", "delivery", "card", "transaction", "store.name"),
        *("store.domain", "store.timezone", "store.currency", "store.currency.symbol", "card.number", "card.id"),
        *("card.original_value", "card.balance", "card.barcode", "card.barcode.format", "order.is_gift"),
        *("order.created_at", "delivery.mode", "delivery.scheduled", "delivery.timezone", "delivery.to_sender"),
        *("transaction.activity", "transaction.activity.type"),
    ),
    values=(
        ("type", "order.replaced"),
        ("id", "x" * 256),
        *_at("occurred_at", (*_NO_TIMES, "1989-12-31T23:59:59Z")),
        *_at("card.expires_at", _NO_TIMES),
        *_at("delivery.deliver_at", _NO_TIMES),
        *_at("order.created_at", (*_NO_TIMES, None)),
        *_at("card.original_value", (*_NO_AMOUNTS, None, "1." + "0" * 50)),
        *_at("card.balance", _NO_AMOUNTS),
        *_at("recipient.store_credit.balance", _NO_AMOUNTS),
        *_at("recipient.loyalty.points", _NO_INTEGERS),
        *_at("wallet.google.url", _NO_URLS),
        *_at("wallet.apple.url", _NO_URLS),
        ("card.theme.images", "large.png"),
        ("card.theme.images.1", "thumb.png"),
        ("card.theme.images.0.url", None),
        ("card.theme.images.0.url", "large.png"),
        ("store.domain", "juniper outfitters"),
        ("store.timezone", "Mars/Olympus"),
        ("delivery.timezone", "Mars/Olympus"),
        ("delivery.scheduled", "true"),
        ("delivery.to_sender", 0),
        ("order.is_gift", None),
        ("order.client_order_id", 1.5),
        ("order.gift_message", ["For the ski trip"]),
        ("order.gift_message", _TOO_LONG),
        ("buyer.first_name", 17),
        ("buyer.email", {"address": "meiling.chow@mail.example"}),
        ("buyer", "Mei-Ling Chow"),
        ("card.pin", {"digits": 4563}),
        ("recipient", {"email": "dmitri.halloran@inbox", "phone": "13035550155", "id": None}),
        ("recipient", None),
    ),
)

TRANSACTION_CREATED = Broken(
    unread=b"01JT091FZ6C22QVP2T19TN26YB",
    required=(
        *("event", "member", "transaction", "event.id", "event.type", "event.created_at", "member.id"),
        *("member.language", "member.support_id", "member.points", "member.available_coupons", "member.coupons"),
        *("member.segments", "member.coupons.0.id", "member.coupons.0.name", "transaction.id"),
        *("transaction.transaction_id", "transaction.type", "transaction.amount", "transaction.currency"),
        *("transaction.items", "transaction.items.0.name", "transaction.items.0.price", "transaction.items.0.qty"),
        *("venue.id", "venue.name", "venue.currency", "venue.is_enabled", "venue.created_at", "venue.updated_at"),
        "venue.address.id",
    ),
    values=(
        *_at("event.id", ("", "x" * 256)),
        *_at("event.created_at", ("1747071000", Decimal("0.5"), 10**12, 0, None, True)),
        *_at("transaction.amount", (*_NO_AMOUNTS, None)),
        *_at("transaction.items.0.price", (*_NO_AMOUNTS, None)),
        *_at("transaction.items.0.qty", (*_NO_AMOUNTS, None)),
        *_at("transaction.items.0.sku", (1.5, ["1002722495"])),
        *_at("transaction.items.0.note", (1, _TOO_LONG)),
        *_at("transaction.items", (None, {}, [None], ["PINT"], "PINT")),
        *_at("transaction.currency", ("eur", "EURO", "XXX", None, 978)),
        ("transaction.note", 17),
        ("transaction.transaction_id", None),
        *_at("venue.logo", _NO_URLS),
        *_at("venue.created_at", _NO_INTEGERS),
        ("venue.is_enabled", "true"),
        ("venue.address", "14 rue de l'Industrie"),
        ("venue.address.lat", 43.6),
        ("venue", "Toulouse"),
        *_at("member.available_coupons", (*_NO_INTEGERS[:2], 10**50)),
        *_at("member.points", (*_NO_AMOUNTS, None)),
        *_at("member.coupons", (None, [None], "coupons")),
        *_at("member.coupons.0.image_logo", _NO_URLS),
        *_at("member.coupons.0.points", (*_NO_INTEGERS[:2], 10**50)),
        *_at("member.segments", ("custom-students", [1], [None])),
        *_at("member.parameters", ("none", [1])),
        ("member.parameters.first_name", ["Jane"]),
        ("member.parameters.more", _within(120)),
        ("member.parameters.more", "x" * 96_000),
        ("member.tier", "Silver"),
        ("member.favorite_venue", []),
        ("member.email", 17),
        ("member.language", None),
    ),
)

UNKNOWN_EVENT = Broken(
    unread=b"6f697de4-7f07-4912-a982-a2b0dde473a8",
    required=("id", "createdAt", "email"),
    values=(
        *_at("id", ("", "x" * 256, None, 1.5)),
        *_at("createdAt", (*_NO_TIMES, None, "1989-12-31T23:59:59Z", "2026-05-01T10:00:00")),
        *_at("email", (None, 17, "nora.lindqvist@kaffa", "nora lindqvist@kaffa.example", f"{'n' * 90}@kaffa.example")),
        *_at("properties", ("stamps", [4])),
        *_at("properties.stamps", (2**64, Decimal("1e60"), _TOO_LONG, _within(10), [1] * 4001)),
        ("properties", {f"stamp {number}": number for number in range(401)}),
    ),
    headers=({}, {"x-jericommerce-event-type": ""}, {"x-jericommerce-event-type": "x" * 128}),
)
