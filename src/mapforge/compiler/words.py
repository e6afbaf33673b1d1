"""What Babel knows of the locales that a mapping names → lines of a generated module: a mapper need not ask it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mapforge import model
from mapforge.compiler.reads import within
from mapforge.values import dates, money

_STYLES: dict[model.Rendering, money.Style] = {"money": "money", "percent": "percent"}


def words_of(branch: model.Branch) -> Iterator[str]:
    """The lines for a branch and for all within it."""
    kind = branch.type
    if kind.format is not None and kind.base in ("date", "datetime"):
        yield from _date_words(kind.format, kind.locale, "date" if kind.base == "date" else "datetime")
    yield from number_words(kind.rendering, kind.locale)
    for attribute in within(branch):
        for inner in attribute.branches:
            yield from words_of(inner)


def number_words(rendering: model.Rendering | None, locale: model.SettingField) -> Iterator[str]:
    """The line for numbers that are written so; none for a locale that comes with each event."""
    style = None if rendering is None else _STYLES.get(rendering)
    if style is not None and isinstance(locale, model.Constant):
        name = msgspec.json.decode(locale.json, type=str)
        yield f"s.tell_numbers({name!r}, {style!r}, {_json(money.spoken(name, style))!r})"


def _date_words(pattern: str, locale: model.SettingField, kind: dates.Kind) -> Iterator[str]:
    if isinstance(locale, model.Constant):
        name = msgspec.json.decode(locale.json, type=str)
        yield f"s.tell_dates({pattern!r}, {name!r}, {kind!r}, {_json(dates.spoken(pattern, name, kind))!r})"


def _json(known: dates.Spoken | money.Spoken) -> str:
    return msgspec.json.encode(known).decode()
