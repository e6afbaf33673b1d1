"""Keys of raw events → names that every platform takes, and paths as the language writes them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection

from mapforge import model
from mapforge.compiler import expressions
from mapforge.diagnostics import Diagnostic, Span

Keys = tuple[str, ...]

LONGEST = 100
_DOTTED = re.compile(r"[A-Za-z0-9_$-]+")
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER = re.compile(r"[^A-Za-z0-9]+")
_NOWHERE = Span("path", 1, 1)


def words(name: str) -> list[str]:
    """The words of a key: `tierEnteredAt` and `tier-entered at` have three."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _OTHER.sub(" ", _HUMP.sub(" ", plain)).split()


def snake(name: str) -> str:
    """A key in snake_case; empty where it has no letter or digit."""
    return "_".join(words(name)).lower()


def attribute_name(keys: Keys) -> str:
    """What an attribute at this place is called."""
    return "_".join(filter(None, map(snake, keys)))[:LONGEST].strip("_") or "field"


def entry_name(event: str) -> str:
    """What the entry of a raw event is called: `cup.poured` is CupPoured."""
    return "".join(word[0].upper() + word[1:] for word in words(event))[:LONGEST] or "Event"


def unique(name: str, taken: Collection[str]) -> str:
    """The name, with a number behind it where it is taken; `taken` are casefolded."""
    number = 1
    numbered = name
    while numbered.casefold() in taken:
        number += 1
        numbered = f"{name}_{number}"
    return numbered


def path_text(keys: Keys) -> str | None:
    """These keys as a path; None where no path can say them."""
    if keys and all(_DOTTED.fullmatch(key) for key in keys):
        return ".".join(keys)
    text = ".".join(key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False) for key in keys)
    query = expressions.path(text, _NOWHERE)
    said = None if isinstance(query, Diagnostic) else query.node
    return text if said == model.Path(keys) else None


def shown(keys: Keys) -> str:
    """These keys for a comment or a message: one line, nothing that a terminal takes for more than text."""
    text = ".".join(key if _DOTTED.fullmatch(key) else json.dumps(key) for key in keys)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
