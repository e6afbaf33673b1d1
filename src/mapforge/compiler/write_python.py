"""Names, constants and classes → Python text. What comes from a mapping enters it through `repr` alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from typing import Any

import msgspec

from mapforge.values.numbers import number

INDENT = "    "
WORD = re.compile(r"[^A-Za-z0-9]+")


class Once:
    """Names for expressions that are worked out when a module loads, and the lines that it runs before."""

    def __init__(self) -> None:
        self.named: dict[str, str] = {}
        self.before: dict[str, None] = {}

    def __call__(self, text: str, word: str) -> str:
        """The name of an expression, made of a word."""
        if text not in self.named:
            plain = WORD.sub("_", word).strip("_").lower() or "rule"
            plain = f"rule_{plain}" if plain[0].isdigit() or plain.startswith("raw") else plain
            taken = set(self.named.values())
            self.named[text] = next(name for name in (f"{plain}_{n}" for n in count(1)) if name not in taken)
        return self.named[text]


class Functions:
    """The functions of a mapper beside the one that is called: each under the key of what it makes."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.written: dict[str, list[str]] = {}

    def named(self, key: str, words: str) -> str:
        """A name for what a key stands for, made of words."""
        plain = WORD.sub("_", words).strip("_").lower()
        self.names[key] = f"{plain}_{len(self.names) + 1}"
        return self.names[key]

    def lines(self) -> list[str]:
        """All functions, the inner ones first."""
        return [line for function in self.written.values() for line in ("", "", *function)]


def struct(name: str, names: Mapping[str, str]) -> list[str]:
    """The lines of a Struct with these fields, each with the name it is sent under."""
    renamed = {field: sent for field, sent in names.items() if field != sent}
    if not all(nameable(sent) for sent in names.values()):
        renamed = {}
    options = f", rename={renamed!r}" if renamed else ""
    lines = ["", f"class {name}(s.Struct, gc=False{options}):"]
    lines += [f"{INDENT}{field}: object" for field in names] or [f"{INDENT}pass"]
    return [*lines, ""]


def nameable(name: str) -> bool:
    """Whether msgspec takes the name as a field's."""
    return not any(character in '\\"' or character < " " for character in name)


def printable(text: str) -> str:
    """A text for a comment."""
    return text if text.isprintable() else repr(text)


def constant(json: str) -> str:
    """A JSON value as Python, a number as an integer or an exact Decimal."""
    return _literal(_decoded(json))


def as_sent(json: str) -> str:
    """A JSON value as Python, a number so that its digits are sent as they stand in the model."""
    value = constant(json)
    return f"s.as_it_came({value})" if value.startswith("s.Decimal(") else value


def _decoded(json: str) -> Any:
    return msgspec.json.Decoder(object, float_hook=number).decode(json)


def _literal(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"s.Decimal({str(value)!r})"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_literal(item)}" for key, item in value.items()) + "}"
    return repr(value)
