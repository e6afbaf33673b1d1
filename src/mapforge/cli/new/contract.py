"""Samples by their event's name → the contract: JSON Schema 2020-12, inferred by genson."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from genson import SchemaBuilder  # type: ignore[import-untyped]

from mapforge.cli.new.names import Keys

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def contract(bodies: Mapping[str, list[dict[str, Any]]], name_at: Keys | None) -> dict[str, Any]:
    """`$defs` with a schema for each name, and `oneOf` where the name's place in the body tells them apart."""
    definitions = {name: _schema(found) for name, found in bodies.items()}
    if not name_at:
        return {"$schema": DRAFT, "$defs": definitions}
    for name, schema in definitions.items():
        _fix(schema, name_at, name)
    return {"$schema": DRAFT, "oneOf": [{"$ref": _reference(name)} for name in definitions], "$defs": definitions}


def _schema(bodies: list[dict[str, Any]]) -> dict[str, Any]:
    builder = SchemaBuilder(schema_uri=None)
    for body in bodies:
        builder.add_object(_plain(body))
    return dict(_open(builder.to_schema()))


def _plain(value: Any) -> Any:
    """The value as genson knows it: a number with a fraction is a float."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return 0.5 if isinstance(value, Decimal) else value


def _open(schema: Any) -> Any:
    """The schema without saying that something is always null: the samples had no value there, which tells nothing."""
    if isinstance(schema, dict):
        return {} if schema == {"type": "null"} else {key: _open(inner) for key, inner in schema.items()}
    return [_open(inner) for inner in schema] if isinstance(schema, list) else schema


def _fix(schema: dict[str, Any], keys: Keys, name: str) -> None:
    """Write the name itself where the schema has any text."""
    for key in keys[:-1]:
        schema = schema["properties"][key]
    schema["properties"][keys[-1]] = {"const": name}


def _reference(name: str) -> str:
    return "#/$defs/" + quote(name.replace("~", "~0").replace("/", "~1"), safe="~")
