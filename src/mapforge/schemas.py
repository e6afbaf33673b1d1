"""The JSON Schemas: the mapping language's, made from documents.py, and those of request bodies, read as files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mapforge.model import Kind

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

MAPPING = "mapping"
EVENTS = "events.schema.json"
VENDOR = "vendor.schema.json"
PROFILE = "profile.schema.json"
VENDOR_EVENTS = "{vendor}.events.schema.json"
VENDOR_PROFILE = "{vendor}.profile.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PACKAGED = Path(__file__).with_name("_schemas")
_CHECKOUT = Path(__file__).parents[2] / "schemas"
NAME = r"^[A-Za-z0-9 _().$-]+$"
_KEY = r"^(\*|[A-Za-z0-9 _().$-]+)$"


class Names(msgspec.Struct, frozen=True):
    """What a vendor's editor schema completes, beside what the language does."""

    types: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()


def folder() -> Path:
    """Where the schemas lie: in the package, or at the top of a checkout."""
    return _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT


@cache
def payload_schema(platform: str, form: str) -> Any:
    """The schema of a platform's request body: of one payload by its kind, or of a bulk request by its form."""
    return json.loads((folder() / platform / f"{form}.schema.json").read_bytes())


def payload_validator(platform: str, form: str) -> Draft202012Validator:
    """What holds bodies against `payload_schema`, which refers to the platform's other schemas."""
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource

    names = (path.name.removesuffix(".schema.json") for path in (folder() / platform).glob("*.schema.json"))
    resources = (Resource.from_contents(payload_schema(platform, name)) for name in names)
    registry: Registry[Any] = Registry().with_resources((str(one.id()), one) for one in resources)
    return Draft202012Validator(payload_schema(platform, form), registry=registry)


def mapping_schemas() -> dict[str, str]:
    """The text of each of the language's files in schemas/mapping/, by its name: what editors complete from."""
    from mapforge import documents

    vendor = documents.VendorDocument.model_json_schema()
    return {
        EVENTS: _text("Events of a vendor", _entries("event")),
        PROFILE: _text("Profile updates of a vendor", _entries("profile")),
        VENDOR: _text("vendor.yaml", vendor),
    }


def vendor_schema(vendor: str, kind: Kind, names: Names) -> str:
    """The text of the schema of one vendor's entries: the language's, completing the vendor's own names too.

    It takes what the language's takes: a name that is not known yet is for `mapforge check` to judge.
    """
    schema = _typed(_tidy(_entries(kind)), names.types)
    entry, trigger = (schema["$defs"][f"{name}Document"]["properties"] for name in (kind.capitalize(), "Trigger"))
    entry["use"]["properties"] = dict.fromkeys(names.groups, entry["use"]["additionalProperties"])
    entry["like"] = _completed(entry["like"], names.entries)
    one, several = trigger["event"]["oneOf"]
    several["items"] = _completed(several["items"], names.events)
    trigger["event"]["oneOf"] = [_completed(one, names.events), several]
    return _text(f"{'Events' if kind == 'event' else 'Profile updates'} of {vendor}", schema)


def _entries(kind: Kind) -> dict[str, Any]:
    from pydantic import TypeAdapter

    from mapforge import documents

    entries = (
        TypeAdapter(dict[str, documents.EventDocument])
        if kind == "event"
        else TypeAdapter(dict[str, documents.ProfileDocument])
    ).json_schema()
    entry = entries.pop("additionalProperties")
    return {**entries, "patternProperties": {_KEY if kind == "event" else NAME: entry}}


def _completed(text: Mapping[str, Any], words: Iterable[str]) -> dict[str, Any]:
    """A place for text that offers these words and takes any other."""
    known = list(dict.fromkeys(words))
    if not known:
        return dict(text)
    said = {key: value for key, value in text.items() if key == "description"}
    return {**said, "anyOf": [{"enum": known}, {key: value for key, value in text.items() if key not in said}]}


def _typed(node: Any, types: tuple[str, ...]) -> Any:
    """The schema with a vendor's own types beside the base types."""
    if isinstance(node, list):
        return [_typed(item, types) for item in node]
    if not isinstance(node, dict):
        return node
    offered = [*node.get("enum", ()), *(f"{name}{null}" for name in types for null in ("", " | null"))]
    if "text | null" in node.get("enum", ()):
        return {**node, "enum": list(dict.fromkeys(offered))}
    return {key: _typed(value, types) for key, value in node.items()}


def _text(title: str, schema: dict[str, Any]) -> str:
    tidy = _tidy(schema)
    head = {"$schema": DIALECT, "title": title}
    return json.dumps({**head, **{key: value for key, value in tidy.items() if key not in head}}, indent=2) + "\n"


def _tidy(node: Any) -> Any:
    """Without pydantic's titles, its defaults of null, and null beside what can be written; names are closed."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _tidy(value) for key, value in node.items() if not _is_noise(key, value)}
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    choices = kept.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        rest = [choice for choice in choices if choice != {"type": "null"}]
        kept.pop("anyOf")
        return {**rest[0], **kept} if len(rest) == 1 else {"anyOf": rest, **kept}
    return kept


def _is_noise(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "default" and value is None)
