"""The raw events that are measured, and the broken ones that nobody may take."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parents[1]
MAPPINGS = ROOT / "mappings"
EVENT = "giftcard.issued"

_sent = msgspec.json.Encoder(decimal_format="number").encode


def samples() -> dict[str, bytes]:
    """The raw events as a vendor sends them, without blanks, by the name of the sample."""
    paths = sorted((MAPPINGS / "99minds" / "samples").glob("giftcard-issued*.json"))
    return {path.stem: _sent(json.loads(path.read_bytes(), parse_float=Decimal)) for path in paths}


def broken(sound: bytes) -> Iterator[tuple[str, bytes]]:
    """Raw events that no mapper may take, and what is wrong with each."""
    yield "bytes that are not UTF-8, in a value that nothing reads", sound.replace(b"YK1DSP", b"YK1D\xffP")
    yield "half of a document", sound[: len(sound) // 2]
    event = json.loads(sound, parse_float=Decimal)
    for path, value in _BROKEN:
        changed, place, key = _place(event, path)
        place[key] = value
        yield f"{path}: {str(value)[:40]!r}", _sent(changed)
    for path in _REQUIRED:
        changed, place, key = _place(event, path)
        del place[key]
        yield f"{path} left out", _sent(changed)


def _place(event: dict[str, Any], path: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """A copy of the event, the object in it that holds the path's last key, and that key."""
    changed = copy.deepcopy(event)
    *within, key = path.split(".")
    place = changed
    for step in within:
        place = place[step]
    return changed, place, key


_REQUIRED = (
    *("id", "type", "occurred_at", "store", "card", "transaction", "store.name", "store.domain", "store.currency"),
    *("store.currency.symbol", "card.number", "card.id", "card.original_value", "card.balance", "card.barcode"),
    *("card.barcode.value", "transaction.amount", "transaction.type", "transaction.activity"),
)
_BROKEN: tuple[tuple[str, Any], ...] = (
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
    ("card.barcode.value", ["9373083048805991"]),
    ("wallet.google.url", "https://pay.google.example/a b"),
    ("wallet.google.url", "https://pay.google.example/ab "),
    ("wallet.google.url", "https://pay.google.example/ab\n"),
    ("wallet.apple.url", "https://wallet.apple.example/a\u00a0b"),
    ("wallet.apple.url", "ftp://wallet.apple.example/p"),
    ("transaction.note", "x" * 100_001),
    ("customer", {"email": "wei.brown@post", "phone": "14155550156", "id": None}),
)


_sent = msgspec.json.Encoder(decimal_format="number").encode


def sample(vendor: str, name: str) -> tuple[bytes, dict[str, str]]:
    """A sample of a vendor as it is sent, without blanks, and its headers by their lower-case names."""
    folder = MAPPINGS / vendor / "samples"
    raw = _sent(json.loads((folder / f"{name}.json").read_bytes(), parse_float=Decimal))
    headers = folder / f"{name}.headers.json"
    said = json.loads(headers.read_bytes()) if headers.is_file() else {}
    return raw, {key.lower(): value for key, value in said.items()}


def names(vendor: str) -> list[str]:
    """The names of a vendor's samples."""
    paths = (MAPPINGS / vendor / "samples").glob("*.json")
    return sorted(path.stem for path in paths if not path.name.endswith(".headers.json"))
