"""A type of the model → the function that makes what is sent of a raw value that is there.

The order is the language's: type, scale, round, format or as. Settings that are no constants (zone, currency, locale)
come with each value, in that order: `needs` says which.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

import msgspec

from mapforge import model
from mapforge.runtime.decode import TOO_DEEP, untyped
from mapforge.runtime.paths import equal
from mapforge.values import dates, money, numbers
from mapforge.values.quick import (
    day_text,
    epoch_text,
    instant,
    is_plain,
    local,
    local_text,
    number_text,
    scaled_as_sent,
    url,
)
from mapforge.values.refused import Refused, json_type
from mapforge.values.scalars import boolean, fits_64_bits, identifier, text

SETTINGS = ("zone", "currency", "locale")
# Far from what Python's own stack bears, so that the verdict does not depend on who calls.
MOST_LEVELS = 100

Convert = Callable[..., Any]


class Conversion(msgspec.Struct, frozen=True):
    """`call(value, *settings)`, with one setting for each name in `needs`; Refused where the value does not fit."""

    call: Convert
    needs: tuple[str, ...] = ()


def conversion(kind: model.Type) -> Conversion:
    """The conversion of a type."""
    return _BASES[kind.base](kind)


def _settings(kind: model.Type, *names: str) -> tuple[tuple[str, ...], Callable[..., list[Any]]]:
    """Which of these settings come with the value, and how to make all of them of those."""
    fixed = {name: _fixed(getattr(kind, name)) for name in names}
    needs = tuple(name for name in names if isinstance(getattr(kind, name), model.SettingQuery))
    if not needs:
        return needs, lambda: [fixed[name] for name in names]
    if len(needs) == len(names):
        return needs, lambda *given: list(given)

    places = [(name, needs.index(name) if name in needs else None) for name in names]

    def merged(*given: Any) -> list[Any]:
        return [given[at] if at is not None else fixed[name] for name, at in places]

    return needs, merged


def _fixed(setting: model.SettingField) -> Any:
    return untyped(setting.json) if isinstance(setting, model.Constant) else None


def as_it_came(value: object, levels: int = MOST_LEVELS) -> Any:
    """A JSON value unchanged: equal values, equal digits.

    Refused: a number beyond the bounds of a decimal; MF702: more objects and lists in each other than `levels`.
    """
    kind = type(value)
    if kind is dict or kind is list:
        if not levels:
            raise Refused(f"at most {MOST_LEVELS} objects and lists in each other", "more", TOO_DEEP)
        if is_plain(value):
            return value
        if kind is list:
            return [as_it_came(inner, levels - 1) for inner in value]  # type: ignore[attr-defined]
        return {name: as_it_came(inner, levels - 1) for name, inner in value.items()}  # type: ignore[attr-defined]
    if kind is Decimal:
        return numbers.sendable(numbers.decimal(value))
    if kind is int and not fits_64_bits(value):  # type: ignore[arg-type]
        return numbers.integer(value)
    return value


def _text(kind: model.Type) -> Conversion:
    return Conversion(text)


def _id(kind: model.Type) -> Conversion:
    return Conversion(identifier)


def _url(kind: model.Type) -> Conversion:
    return Conversion(url)


def _boolean(kind: model.Type) -> Conversion:
    return Conversion((lambda value: str(boolean(value)).lower()) if kind.rendering else boolean)


def _integer(kind: model.Type) -> Conversion:
    if kind.rendering is None:
        return Conversion(numbers.integer)
    return _rendered(kind, lambda value: Decimal(numbers.integer(value)))


def _decimal(kind: model.Type) -> Conversion:
    if kind.scale == "minor" or kind.places == "currency" or kind.rendering == "money":
        return _by_currency(kind)
    return Conversion(_written(kind)) if kind.rendering is None else _rendered(kind, _rounded(kind))


def _written(kind: model.Type) -> Callable[[object], Decimal | msgspec.Raw]:
    """The number as it is sent, without an exponent."""
    exact = _rounded(kind)
    if kind.round is not None and isinstance(kind.places, int):
        return exact if kind.places <= numbers.PLAIN_PLACES else lambda value: numbers.sendable(exact(value))
    return scaled_as_sent(kind.scale) if isinstance(kind.scale, int) else numbers.as_written


def _rounded(kind: model.Type) -> Callable[[object], Decimal]:
    """The number, scaled and rounded, where both are known."""
    scaled = numbers.scaled(kind.scale) if isinstance(kind.scale, int) else None
    if kind.round is None or not isinstance(kind.places, int):
        return scaled or numbers.decimal
    if scaled is None:
        return numbers.rounded(kind.round, kind.places)
    off = numbers.rounding(kind.round, kind.places)
    return lambda value: off(scaled(value))


def _rendered(kind: model.Type, number: Callable[[object], Decimal]) -> Conversion:
    needs, settings = _settings(kind, "locale")
    if not needs:
        return Conversion(_shown(kind, number, _number_text(kind.rendering, *settings())))
    return Conversion(lambda value, locale: _number_text(kind.rendering, locale)(number(value)), needs)


def _shown(kind: model.Type, number: Callable[[object], Decimal], write: Callable[[Decimal], str]) -> Convert:
    """The text of a number that comes as it is to be read."""
    if kind.base != "decimal" or kind.scale is not None:
        return lambda value: write(number(value))
    return number_text(number, write, kind.places if type(kind.places) is int else None, kind.round == "down")


def _number_text(rendering: model.Rendering | None, locale: object, code: str = "") -> Callable[[Decimal], str]:
    """A writer of finished numbers. code: the currency's, for money."""
    if rendering == "text":
        return numbers.plain
    return money.money_text(_locale(locale), code) if rendering == "money" else money.percent_text(_locale(locale))


def _by_currency(kind: model.Type) -> Conversion:
    """A conversion for each currency that values come in."""
    needs, settings = _settings(kind, "currency", "locale")

    def make(code: str, locale: object) -> Convert:
        here = _in_currency(kind, code)
        if kind.rendering is None:
            return _written(here)
        return _shown(here, _rounded(here), _number_text(kind.rendering, locale, code))

    if needs == ("currency",):
        in_currency = lru_cache(maxsize=512)(partial(make, locale=_fixed(kind.locale)))
        return Conversion(
            lambda value, code: in_currency(code if type(code) is str else known_currency(code))(value), needs
        )
    made = lru_cache(maxsize=512)(make)

    def call(value: object, *given: object) -> Any:
        code, locale = settings(*given)
        return made(known_currency(code), None if locale is None else _locale(locale))(value)

    return Conversion(call, needs)


def _in_currency(kind: model.Type, code: str) -> model.Type:
    """The type with the places that the currency has."""
    digits = money.currency_digits(code)
    scale = -digits if kind.scale == "minor" else kind.scale
    places = digits if kind.places == "currency" else kind.places
    return msgspec.structs.replace(kind, scale=scale, places=places)


def known_currency(code: object) -> str:
    """The code of an ISO 4217 currency."""
    if type(code) is not str:
        raise Refused("a currency", "none" if code is None else json_type(code))
    money.currency_digits(code)
    return code


def _locale(locale: object) -> str:
    if type(locale) is not str:
        raise Refused("a locale", "none" if locale is None else json_type(locale))
    return locale


def _date(kind: model.Type) -> Conversion:
    read = dates.date if kind.input is None else dates.date_pattern_parser(kind.input)
    if kind.format is None:
        return Conversion(day_text if kind.input is None else lambda value: read(value).isoformat())
    needs, settings = _settings(kind, "locale")
    pattern = kind.format

    def formatted(value: object, *given: object) -> str:
        (locale,) = settings(*given)
        return dates.formatter(pattern, _locale(locale), "date")(read(value))

    return Conversion(formatted, needs)


def _datetime(kind: model.Type) -> Conversion:
    read = _reader(kind.input)
    if kind.format is None:
        return _instant(kind, read)
    return _formatted(kind, kind.format, read)


def _instant(kind: model.Type, read: Callable[[object, object], datetime]) -> Conversion:
    needs, zone_only = _settings(kind, "zone")
    a_second = _EPOCHS.get(kind.input or "")
    if a_second is not None:
        return Conversion(epoch_text(a_second), needs)
    if kind.input is None:
        fixed = None if needs else zone_only()[0]
        call = instant if fixed is None else partial(instant, zone_name=fixed)
        return Conversion(call, needs)
    return Conversion(lambda value, *given: dates.instant_text(read(value, *zone_only(*given))), needs)


_EPOCHS = {"epoch_seconds": 1, "epoch_milliseconds": 1000}


def _formatted(kind: model.Type, pattern: str, read: Callable[[object, object], datetime]) -> Conversion:
    needs, settings = _settings(kind, "zone", "locale")
    here = local if kind.input is None else _local(read)
    if needs == ("zone",) and kind.input is None:
        return Conversion(local_text(dates.formatter(pattern, _locale(_fixed(kind.locale)), "datetime")), needs)

    def written(value: object, *given: object) -> str:
        zone, locale = settings(*given)
        return dates.formatter(pattern, _locale(locale), "datetime")(here(value, zone))

    return Conversion(written, needs)


def _local(read: Callable[[object, object], datetime]) -> Callable[[object, object], datetime]:
    """As `dates.local`, by another reader."""
    return lambda value, zone: dates.in_zone(read(value, zone), dates.zone(zone))


def _reader(pattern: str | None) -> Callable[[object, object], datetime]:
    """A function of the value and a zone's name; a zone that is there must be one, also beside an offset."""
    if pattern == "epoch_seconds":
        return lambda value, zone: dates.epoch_seconds(value)
    if pattern == "epoch_milliseconds":
        return lambda value, zone: dates.epoch_milliseconds(value)
    if pattern is None:
        return dates.moment
    read = dates.pattern_parser(pattern)

    def with_zone(value: object, zone: object) -> datetime:
        try:
            return read(value, None)
        except Refused:
            if zone is None:
                raise
        return read(value, dates.zone(zone))

    return with_zone


def _open(kind: model.Type) -> Conversion:
    wanted = dict if kind.base == "object" else list

    def checked(value: object) -> Any:
        if type(value) is not wanted:
            raise Refused(f"{'an object' if wanted is dict else 'a list'}", json_type(value))
        return as_it_came(value)

    return Conversion(checked)


_BASES: dict[str, Callable[[model.Type], Conversion]] = {
    "text": _text,
    "id": _id,
    "url": _url,
    "boolean": _boolean,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
    "datetime": _datetime,
    "object": _open,
    "list": _open,
}


def rendered(value: Any, rendering: model.Rendering, locale: object) -> Any:
    """What a platform's own `as` makes of a finished number or boolean; null stays null."""
    if value is None or isinstance(value, msgspec.UnsetType):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    number = Decimal(bytes(value).decode()) if isinstance(value, msgspec.Raw) else Decimal(value)
    return _number_text(rendering, locale)(number)


def same(value: Any, constant: Any) -> bool:
    """Whether a finished value is this constant, numbers by what they stand for."""
    return equal(Decimal(bytes(value).decode()) if isinstance(value, msgspec.Raw) else value, constant)
