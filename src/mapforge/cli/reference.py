"""documents.py → the tables of keys in docs/mapping-reference.md, between its markers.

`python -m mapforge.cli.reference docs/mapping-reference.md` rewrites them; a test holds that they are fresh.
"""

from __future__ import annotations

import sys
from inspect import isclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from mapforge import documents

BEGIN = "<!-- keys: written by mapforge.cli.reference; do not edit -->"
END = "<!-- end of keys -->"

_DOCUMENTS: dict[type[BaseModel], str] = {
    documents.VendorDocument: "vendor.yaml",
    documents.SourceDocument: "source",
    documents.TimeDocument: "source.time, as a mapping",
    documents.SignatureDocument: "signature",
    documents.IdentityDocument: "identity",
    documents.TypeDocument: "A type, under `types`",
    documents.PlatformDocument: "A platform, under `platforms`",
    documents.EventDocument: "An event",
    documents.ProfileDocument: "An update of a profile, in profile.yaml",
    documents.StandardDocument: "standard",
    documents.BulkDocument: "bulk",
    documents.TriggerDocument: "trigger",
    documents.KeepDocument: "keep, as a mapping",
    documents.ValueDocument: "value",
    documents.AttributeDocument: "An attribute",
}
# Whole annotations have words of their own; what is not here is read by its parts.
_WORDS: list[tuple[Any, str]] = [
    (documents.Text, "text"),
    (documents.TypeText, "type"),
    (documents.PathText, "path"),
    (documents.Truth, "true, false"),
    (documents.Places, "0 to 9, `currency`"),
    (documents.Scale, "a whole number, `minor`"),
    (documents.Debounce, "such as `2s`, `500ms`"),
    (documents.Batch, "a whole number"),
    (documents.Version, "1"),
    (documents.HeaderName, "a header's name"),
    (documents.Window, "such as `5m`, `30s`"),
    (documents.Encodings, "`hex`, `base64`, or a list of them"),
    (documents.PathOrConstant, "path, or `{constant: …}`"),
    (documents.PathOrHeader, "path, or `{header: …}`"),
    (documents.TimeSource, "path, `{header: …}`, or a mapping"),
    (documents.Paths, "path, or a list of them"),
    (documents.Absent, "text, or `{constant: …}`"),
    (documents.Names, "text, or a list of them"),
    (documents.Keep, "path, or a mapping"),
    (documents.Attributes, "attributes by name"),
    (documents.AttributeValue, "an attribute"),
]


def reference() -> str:
    """The tables of all documents' keys, a section each."""
    return "\n".join(_section(document, title) for document, title in _DOCUMENTS.items())


def renewed(page: str) -> str:
    """The page with fresh tables between its markers."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def _section(document: type[BaseModel], title: str) -> str:
    hints = get_type_hints(document, include_extras=True)
    own_first = sorted(document.model_fields.items(), key=lambda item: item[0] not in document.__annotations__)
    rows = [
        f"| `{field.alias or name}` | {shape(hints[name])} | {_meaning(field.description, field.is_required())} |"
        for name, field in own_first
    ]
    heading = title if " " in title or "." in title else f"`{title}`"
    return "\n".join([f"### {heading}", "", "| key | value | meaning |", "|---|---|---|", *rows, ""])


def _meaning(description: str | None, required: bool) -> str:
    text = (description or "").replace("|", "\\|")
    return f"{text} **Required.**" if required else text


def shape(annotation: Any) -> str:
    """What may stand as a key's value, in a few words. KeyError for an annotation that has none."""
    for known, word in _WORDS:
        if annotation == known:
            return word
    return _by_parts(annotation)


def _by_parts(annotation: Any) -> str:
    if isclass(annotation) and issubclass(annotation, BaseModel):
        return "a mapping"
    inner = get_args(annotation)
    match get_origin(annotation):
        case origin if origin is Annotated:
            return shape(inner[0])
        case origin if origin in (Union, UnionType):
            return ", or ".join(shape(part) for part in inner if part is not NoneType)
        case origin if origin is Literal:
            return ", ".join(f"`{word}`" for word in inner)
        case origin if origin is list:
            return f"list of {shape(inner[0])}s"
        case origin if origin is dict:
            return f"`{{name: {_unquoted(inner[1])}}}`"
    return {str: "text"}[annotation]


def _unquoted(annotation: Any) -> str:
    return shape(annotation).replace("`", "").replace(", ", " or ")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(renewed(target.read_text(encoding="utf-8")), encoding="utf-8")
