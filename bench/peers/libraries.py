"""What a team writes first, the parts that all events share: validators, and how a value is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import jmespath
import jsonschema
import msgspec
from referencing import Registry, Resource

from peers.values import Invalid, decimal, identifier, is_email, is_phone, plain

ROOT = Path(__file__).resolve().parents[2]

decode = msgspec.json.Decoder(float_hook=Decimal).decode
encode = msgspec.json.Encoder(decimal_format="number").encode

Convert = Callable[[Any], Any]
Properties = list[tuple[str, Any, Convert]]


def _schema(path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / path).read_bytes())
    return found


_EVENT = _schema("schemas/klaviyo/event.schema.json")
_KNOWN: Registry[Any] = Resource.from_contents(_EVENT) @ Registry()


def validator(path: str, definition: str | None = None) -> jsonschema.Draft202012Validator:
    """Of a schema of the project, or of one of its definitions."""
    schema = _schema(path)
    if definition is not None:
        schema = {**{key: schema[key] for key in ("$schema", "$id", "$defs")}, "$ref": f"#/$defs/{definition}"}
    return jsonschema.Draft202012Validator(schema, registry=_KNOWN)


def compiled(properties: Mapping[str, tuple[str, Convert]]) -> Properties:
    """Each name with its path, compiled, and what is done with what stands there."""
    return [(name, jmespath.compile(path), convert) for name, (path, convert) in properties.items()]


def read(properties: Properties, value: Any) -> dict[str, Any]:
    """What they find; null stays null."""
    found = {}
    for name, path, convert in properties:
        there = path.search(value)
        found[name] = None if there is None else convert(there)
    return found


def number(value: object) -> Decimal | msgspec.Raw:
    """A decimal as it is to be written."""
    return written(decimal(value))


def written(value: Decimal) -> Decimal | msgspec.Raw:
    """Digits without an exponent."""
    digits = plain(value)
    return msgspec.Raw(digits.encode()) if isinstance(digits, str) else digits


def as_it_is(value: Any) -> Any:
    return value


def checkable(value: Any) -> Any:
    """What is sent, for a validator: it does not know digits that are written already."""
    if isinstance(value, dict):
        return {name: checkable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [checkable(inner) for inner in value]
    return None if type(value) is msgspec.Raw else value


def profile(email: str | None, phone: str | None, customer_id: object) -> dict[str, str]:
    """Who it is about. Raises where nobody is left."""
    known = {}
    if email is not None and len(email) <= 99 and is_email(email):
        known["email"] = email
    if phone is not None and is_phone(phone):
        known["phone_number"] = phone
    if customer_id is not None:
        known["external_id"] = identifier(customer_id)
    if not known:
        raise Invalid("nobody to send it to")
    return known
