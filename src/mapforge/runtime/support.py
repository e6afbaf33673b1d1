"""All that generated mappers call, under one name. Whatever goes wrong raises: the interpreter says what it was."""

from __future__ import annotations

import copy as _copy
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Raw, Struct

from mapforge import model
from mapforge.diagnostics import Span
from mapforge.platforms import PLATFORMS
from mapforge.platforms import base as _base
from mapforge.runtime import convert
from mapforge.runtime.convert import as_it_came, rendered
from mapforge.runtime.decode import typed, untyped
from mapforge.runtime.outcomes import Note, Payload, Result, nobody, not_aimed, not_held, nothing_kept
from mapforge.runtime.paths import (
    both,
    contains,
    either,
    element,
    ends_with,
    equal,
    falsy,
    holds,
    key,
    keys,
    length,
    members,
    ordered,
    project,
    slice_,
    starts_with,
)
from mapforge.runtime.profiles import members as profile_members
from mapforge.runtime.profiles import metafield_list, own_field
from mapforge.values import dates, money
from mapforge.values.quick import (
    customer_gid,
    filler,
    is_plain,
    key_of,
    members_of,
    plain_members,
    texts_object,
    uuid5_of,
    valid_email,
    valid_phone,
    written,
)
from mapforge.values.scalars import LEAST_INTEGER, MOST_INTEGER, fits_64_bits, identifier
from mapforge.values.wire import encode

__all__ = [
    "COMES",
    "UNSET",
    "Decimal",
    "Fallback",
    "Integer",
    "Payload",
    "Raw",
    "Result",
    "Struct",
    "as_it_came",
    "both",
    "contains",
    "copy",
    "customer_gid",
    "either",
    "element",
    "encode",
    "ends_with",
    "equal",
    "falsy",
    "filler",
    "first",
    "holds",
    "identifier",
    "is_flat",
    "is_plain",
    "join",
    "kept",
    "key",
    "key_of",
    "keys",
    "legal_names",
    "length",
    "members",
    "members_of",
    "metafield_list",
    "missing",
    "nested",
    "nobody",
    "nothing_kept",
    "ordered",
    "over_limit",
    "own_field",
    "present",
    "profile_members",
    "project",
    "rendered",
    "rule",
    "same",
    "skips",
    "slice_",
    "starts_with",
    "tell_dates",
    "tell_numbers",
    "template",
    "texts_object",
    "there",
    "typed",
    "untyped",
    "uuid5_of",
    "valid_email",
    "valid_phone",
    "whole",
    "worth",
]

# What every platform takes; an integer beyond it is the interpreter's to judge.
Integer = Annotated[int, msgspec.Meta(ge=LEAST_INTEGER, le=MOST_INTEGER)]

copy = _copy.copy
_MOST_REMEMBERED = 1000
_SCALARS = frozenset((str, bool, type(None), int, Decimal, Raw))


class _Comes:
    """Stands where a setting comes with each value."""


COMES = _Comes()
_FROM_THE_VALUE = model.SettingQuery(model.Query("@", model.Path(()), Span("", 1, 1)))


class Fallback(Exception):
    """The generated mapper gives the event to the interpreter."""


def tell_dates(pattern: str, locale: str, kind: dates.Kind, known: str) -> None:
    """What Babel knew of a date's format when the module was generated."""
    dates.tell(pattern, locale, kind, msgspec.json.decode(known, type=dates.Spoken))


def tell_numbers(locale: str, style: money.Style, known: str) -> None:
    """What Babel knew of numbers in a locale when the module was generated."""
    money.tell(locale, style, msgspec.json.decode(known, type=money.Spoken))


def missing() -> Any:
    """Where a required value is not there."""
    raise Fallback


def there(value: Any) -> Any:
    """The value, which must be there."""
    return missing() if value is None else value


def first(*values: Any) -> Any:
    """The first that is present."""
    return next((value for value in values if value is not None), None)


def rule(
    base: model.Base,
    *,
    nullable: bool = False,
    absent: Any = None,
    omit: bool = False,
    blank: Collection[str] = (),
    table: Mapping[str, str] | None = None,
    zone: Any = None,
    currency: Any = None,
    locale: Any = None,
    from_json: bool = False,
    **refinements: Any,
) -> Callable[..., Any]:
    """The function of a raw value, and of the settings that come with it, to what is sent.

    Without `blank` and `table` it is not asked for what is absent: the mapper answers that itself. from_json: the raw
    value is the bytes of a number as it came, or None.
    """
    kind = model.Type(
        base, base, zone=_setting(zone), currency=_setting(currency), locale=_setting(locale), **refinements
    )
    call = convert.conversion(kind).call
    if base == "integer" and kind.rendering is None:
        call = _within_64_bits(call)
    answer = UNSET if omit else absent if nullable or absent is not None else missing
    if from_json:
        places = kind.places if type(kind.places) is int else None
        return written(places, kind.round == "down", _from_json(call, answer))
    if not blank and table is None:
        return call
    return _answering(_looked_up(call, table), answer, blank)


def _setting(value: Any) -> model.SettingField:
    if value is COMES:
        return _FROM_THE_VALUE
    return None if value is None else model.Constant(encode(value).decode())


# The interpreter is imported by a rule that needs a part of it: most events are mapped without it.


def _answering(call: Callable[..., Any], answer: Any, blank: Collection[str]) -> Callable[..., Any]:
    from mapforge.runtime.interpret import is_blank

    def answered(value: Any, *settings: Any) -> Any:
        if value is None or is_blank(blank, value):
            return missing() if answer is missing else answer
        return call(value, *settings)

    return answered


def _from_json(call: Callable[..., Any], answer: Any) -> Callable[[bytes], Any]:
    def answered(text: bytes) -> Any:
        value = untyped(text)
        if value is not None:
            return call(value)
        return missing() if answer is missing else answer

    return answered


def _looked_up(call: Callable[..., Any], table: Mapping[str, str] | None) -> Callable[..., Any]:
    if table is None:
        return call
    from mapforge.runtime.interpret import from_table

    return lambda value, *settings: call(from_table(table, value), *settings)


def _within_64_bits(call: Callable[..., int]) -> Callable[..., int]:
    def bounded(value: Any) -> int:
        number = call(value)
        if fits_64_bits(number):
            return number
        raise Fallback

    return bounded


def nested(json: str) -> Callable[[Any, Mapping[str, Any]], Any]:
    """What `fields` and `each` make, by the interpreter: of a raw value, and the settings from the raw root by path."""
    from mapforge.runtime import interpret

    branch = msgspec.json.decode(json, type=model.Branch)

    def made(value: Any, settings: Mapping[str, Any]) -> Any:
        if value is None or interpret.is_blank(branch.blank, value):
            if branch.absent is None and not branch.omit and not branch.type.nullable:
                raise Fallback
            return UNSET if branch.omit else None
        return interpret.nested(branch, value, lambda query: settings[query.text], _fall_back, "")

    return made


def _fall_back(*_: Any) -> None:
    raise Fallback


def join(separator: str) -> Callable[..., str | None]:
    """A function that joins values that may be texts, without the absent and empty ones."""
    from mapforge.runtime.interpret import joined

    return lambda *parts: joined(separator, parts)


def template(text: str) -> Callable[..., str | None]:
    """A function of a template's variables, in their order; None where one is absent.

    It is compiled when it is first called: one of texts alone is joined in place, and needs no Jinja.
    """

    @cache
    def renderer() -> Callable[[tuple[Any, ...]], str]:
        from mapforge.runtime.interpret import renderer as compiled

        return compiled(text)

    return lambda *values: None if None in values else renderer()(values)


def whole(elements: list[Any]) -> list[Any]:
    """A projection, of which no element may be null."""
    if None in elements:
        raise Fallback
    return elements


def same(value: Any, constant: Any) -> bool:
    """Whether a finished value is this constant; a key that is left out never is."""
    if type(value) is str or value is UNSET:
        return bool(value == constant)
    return convert.same(value, constant)


def worth(amount: Any, currency: Any) -> tuple[bytes | None, bytes | None]:
    """An amount and its currency, each as JSON; neither where there is no amount."""
    if amount is None or amount is UNSET:
        return None, None
    if currency is not None:
        convert.known_currency(currency)
    return encode(amount), None if currency is None else encode(currency)


def skips(
    *entries: tuple[model.Kind, tuple[str, ...], tuple[str, str], tuple[str, str] | None],
) -> Callable[..., tuple[Note, ...]]:
    """A function of the platforms, and of whether each kind is made, to why the kinds that are not are none.

    The kinds come in the order in which the entries have them.
    entries: the kind, the platforms, the name and place, and what `when` says with its place.
    """
    rows = [
        (kind, frozenset(platforms), not_aimed(*named), None if when is None else not_held(named[0], *when))
        for kind, platforms, named, when in entries
    ]
    kinds = tuple(dict.fromkeys(kind for kind, *_ in entries))

    @lru_cache(maxsize=128)
    def of(to: tuple[str, ...], *flags: bool) -> tuple[Note, ...]:
        made = dict(zip(kinds, flags, strict=True))
        notes = []
        for kind, platforms, not_asked_for, without in rows:
            aimed = not platforms.isdisjoint(to)
            if made[kind]:
                continue
            if without is not None and aimed:
                notes.append(without)
            elif not aimed and not any(made.values()):
                notes.append(not_asked_for)
        return tuple(notes)

    return of


def present(named: dict[str, Any]) -> dict[str, Any]:
    """Without what is left out."""
    return {name: value for name, value in named.items() if value is not UNSET}


def kept(
    named: Collection[str] = (),
    besides: Collection[str] = (),
    reserved: Collection[str] = (),
    levels: int = convert.MOST_LEVELS,
) -> Callable[[Any], dict[str, Any]]:
    """A function of a raw object to its members that are sent: those that no attribute names, and not these.

    named: what attributes name; reserved: a kept key that is falls back, for the interpreter says that it is left out;
    levels: how many objects and lists the platform takes in each other. An object of which all is kept as it came, and
    that is within the levels, is returned itself.
    """
    others = frozenset((*named, *besides))
    wrong = frozenset(reserved) - others

    def of(raw: Any) -> dict[str, Any]:
        if raw is None:
            return {}
        if type(raw) is not dict:
            raise Fallback
        if wrong and not wrong.isdisjoint(raw):
            raise Fallback
        plain = plain_members(raw, others, levels)
        if plain is not None:
            return plain
        passed = {name: _passed(value) for name, value in raw.items() if name not in besides}
        return {name: value for name, value in passed.items() if name not in named}

    return of


def is_flat(kept: dict[str, Any]) -> bool:
    """Whether kept values are texts, numbers and the like, and no objects and lists."""
    return _SCALARS.issuperset(map(type, kept.values()))


def legal_names(pattern: str) -> Callable[[Collection[str]], bool]:
    """A test that all names match a pattern whole. The first that do are remembered, for most events have the same."""
    legal = _base.legal(pattern)
    known: set[str] = set()

    def test(names: Collection[str]) -> bool:
        if known.issuperset(names):
            return True
        found = all(map(legal, names))
        if found and len(known) + len(names) <= _MOST_REMEMBERED:
            known.update(names)
        return found

    return test


def _passed(value: Any) -> Any:
    """A kept value; an integer that not every platform takes is the interpreter's to judge."""
    if type(value) is int and not fits_64_bits(value):
        raise Fallback
    return as_it_came(value)


def over_limit(platform: str, kind: model.Kind, properties: Mapping[str, Any]) -> bool:
    """Whether open values break a limit of what the platform takes of a kind of entry."""
    return _base.over_limit(PLATFORMS[platform].endpoints[kind].limits, properties) is not None
