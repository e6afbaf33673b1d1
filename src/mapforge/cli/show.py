"""A resolved vendor or entry → the text that people read and the JSON that programs read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mapforge import model
from mapforge.compiler.types import REFINED

_WIDEST = 52


def as_json(vendor: model.Vendor, entry: str | None = None) -> dict[str, Any]:
    """The stable form of `show --format json`: keys that do not apply are null."""
    wanted = [one for one in vendor.entries if entry in (None, one.name)]
    events = [_entry(one) for one in wanted if one.kind == "event"]
    profiles = [_profile(one) for one in wanted if one.kind == "profile"]
    return {"vendor": vendor.name, "events": events, "profiles": profiles}


def _profile(entry: model.Entry) -> dict[str, Any]:
    """An update of a profile has all that an event has; debounce in seconds, batch in profiles."""
    return {
        **_entry(entry),
        "standard": [attribute.name for attribute in entry.attributes if attribute.standard],
        "debounce": None if entry.debounce is None else entry.debounce / 1000,
        "batch": entry.batch,
    }


def _entry(entry: model.Entry) -> dict[str, Any]:
    return {
        "event": entry.name,
        "trigger": {"event": list(entry.trigger.events), "when": _text(entry.trigger.when)},
        "like": entry.like,
        "use": entry.use or None,
        "person": entry.person.text,
        "identity": {one.name: one.query.text for one in entry.identity.identifiers},
        "name": _name(entry),
        "keep": None if entry.keep is None else {"from": entry.keep.query.text, "except": list(entry.keep.besides)},
        "assumed": entry.assumed,
        "attributes": [_attribute(attribute) for attribute in entry.attributes],
    }


def _name(entry: model.Entry) -> str | None:
    """The metric's name; a profile update has none."""
    return "received" if entry.metric is None and entry.kind == "event" else entry.metric


def _attribute(attribute: model.Attribute) -> dict[str, Any]:
    last = attribute.branches[-1]
    form = _branch(last)
    several = len(attribute.branches) > 1
    return {
        "name": attribute.name,
        **form,
        "optional": any(branch.type.nullable for branch in attribute.branches),
        "sensitive": attribute.sensitive,
        "assumed": attribute.assumed,
        "origin": attribute.origin,
        "at": attribute.span.at,
        "alternatives": [_branch(branch) for branch in attribute.branches] if several else None,
    }


def _branch(branch: model.Branch) -> dict[str, Any]:
    kind, source = branch.type, branch.source
    paths = [query.text for query in source.queries] if isinstance(source, model.From) else []
    sends = "string" if kind.rendering else model.SENDS[kind.base]
    return {
        "type": kind.name,
        "base": kind.base,
        "sends": sends,
        "path": None if not paths else paths[0] if len(paths) == 1 else paths,
        "join": [query.text for query in source.parts] if isinstance(source, model.Join) else None,
        "template": source.text if isinstance(source, model.Template) else None,
        "constant": json.loads(source.json) if isinstance(source, model.Constant) else None,
        "map": None if branch.table is None else {raw: json.loads(sent) for raw, sent in branch.table.items()},
        "when": _text(branch.when),
        "absent": "omit" if branch.omit else None if branch.absent is None else json.loads(branch.absent),
        "blank": list(branch.blank) or None,
        "scale": kind.scale,
        "round": kind.round,
        "places": kind.places,
        "as": kind.rendering,
        "format": kind.format,
        "input": kind.input,
        "zone": _setting(kind.zone),
        "currency": _setting(kind.currency),
        "fields": None if branch.fields is None else [_attribute(field) for field in branch.fields],
        "each": None if branch.each is None else _attribute(branch.each),
    }


def _text(query: model.Query | None) -> str | None:
    return None if query is None else query.text


def _setting(setting: model.SettingField) -> str | None:
    if isinstance(setting, model.SettingQuery):
        return setting.query.text
    return None if setting is None else str(json.loads(setting.json))


def as_text(entry: model.Entry) -> str:
    """An entry after inheritance: attribute, type, path, where from; a line for each."""
    said = [f"{entry.name}"]
    said += [f"  {name:<9}{value}" for name, value in _head(entry) if value]
    rows = [row for attribute in entry.attributes for row in _rows(attribute)]
    widths = [min(max((len(row[column]) for row in rows), default=0), _WIDEST) for column in range(3)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        said.append(f"  {line}  {row[3]}".rstrip())
    return "\n".join(said) + "\n"


def _head(entry: model.Entry) -> list[tuple[str, str | None]]:
    events = ", ".join(entry.trigger.events)
    when = f" when {entry.trigger.when.text}" if entry.trigger.when else ""
    identity = ", ".join(f"{one.name} {one.query.text}" for one in entry.identity.identifiers)
    keep = None if entry.keep is None else entry.keep.query.text
    return [
        ("trigger", f"{events}{when}"),
        ("kind", None if entry.kind == "event" else entry.kind),
        ("name", None if entry.metric == entry.name else _name(entry)),
        ("like", entry.like),
        ("identity", identity),
        ("keep", keep),
        ("value", None if entry.value is None else path_text(entry.value.amount)),
        ("debounce", None if entry.debounce is None else f"{entry.debounce} ms"),
        ("bulk", None if entry.batch is None else f"batches of {entry.batch}"),
        ("to", ", ".join(target.platform for target in entry.targets)),
        ("assumed", entry.assumed),
    ]


def _rows(attribute: model.Attribute, depth: int = 0) -> Iterator[tuple[str, str, str, str]]:
    """A row for each alternative, and below it for each member, set in."""
    for position, branch in enumerate(attribute.branches):
        name = attribute.name if position == 0 else ""
        yield "  " * depth + name, type_text(branch), path_text(branch), attribute.origin
        for member in branch.fields or ():
            yield from _rows(member, depth + 1)
        if branch.each is not None:
            yield from _rows(branch.each, depth + 1)


def type_text(branch: model.Branch) -> str:
    """A type with what it does, in a line."""
    kind = branch.type
    said = [f"{kind.name} | null" if kind.nullable else kind.name]
    said += [] if kind.name == kind.base else [f"({kind.base})"]
    for key in REFINED:
        value = getattr(kind, "rendering" if key == "as" else key)
        if value is not None and key not in ("zone", "currency"):
            said.append(f"{key} {value}")
    if branch.omit or branch.absent is not None:
        said.append("else left out" if branch.omit else f"else {branch.absent}")
    return " ".join(said)


def path_text(branch: model.Branch) -> str:
    """Where a value comes from, in a line."""
    source = branch.source
    if isinstance(source, model.Join):
        text = f"join {' + '.join(query.text for query in source.parts)}"
    elif isinstance(source, model.Template):
        text = f"template {source.text}"
    elif isinstance(source, model.Constant):
        text = f"constant {source.json}"
    else:
        text = ", else ".join(query.text for query in source.queries)
    return text if branch.when is None else f"{text} when {branch.when.text}"
