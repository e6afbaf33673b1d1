"""A decoded body → what its schema says against it: a place, a rule and what the rule is about, never a value."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import msgspec

from mapforge.schemas import folder, payload_schema

Path = tuple[str | int, ...]
MOST = 100


class Problem(msgspec.Struct, frozen=True):
    """One fault of a body. `rule` is the schema's keyword, or "limit" for one in prose; `about` its name or figure."""

    path: Path
    rule: str
    about: str = ""


def problems(platform: str, form: str, value: Any, most: int = MOST) -> list[Problem]:
    """What schemas/<platform>/<form>.schema.json says, at most so much of it."""
    found: list[Problem] = []
    try:
        for error in _validator(platform, form).iter_errors(value):
            found += _of(error)
            if len(found) >= most:
                break
    except ValueError:  # it goes no deeper than 255 levels
        return [Problem((), "limit", "nested too deep")]
    return found[:most]


@cache
def _validator(platform: str, form: str) -> jsonschema_rs.Draft202012Validator:
    names = sorted(path.name.removesuffix(".schema.json") for path in (folder() / platform).glob("*.schema.json"))
    schemas = [payload_schema(platform, name) for name in names]
    registry = jsonschema_rs.Registry([(schema["$id"], schema) for schema in schemas])
    return jsonschema_rs.Draft202012Validator(payload_schema(platform, form), registry=registry)


def _of(error: Any) -> Iterator[Problem]:
    path, kind = tuple(error.instance_path), error.kind
    if kind.name == "additionalProperties":
        yield from (Problem((*path, name), kind.name, name) for name in kind.unexpected)
    elif kind.name == "required":
        yield Problem((*path, kind.property), kind.name, kind.property)
    elif kind.name == "type":
        yield Problem(path, kind.name, " or ".join(kind.types))
    elif kind.name.startswith(("max", "min")):
        yield Problem(path, kind.name, str(kind.limit))
    else:
        yield Problem(path, kind.name)
