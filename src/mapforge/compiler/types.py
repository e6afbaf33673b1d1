"""A type as written (`money | null`, with its refinements) → model.Type; what a base cannot take is reported."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import get_args

import msgspec

from mapforge import documents, model
from mapforge.compiler import expressions
from mapforge.diagnostics import Diagnostic, Span, did_you_mean
from mapforge.values import dates, money, numbers, scalars
from mapforge.values.refused import Refused

# The type of what was reported already: no author can write it, and nothing is said of what follows from it.
UNKNOWN = ""
BASES: tuple[model.Base, ...] = get_args(model.Base)
EPOCHS = ("epoch_seconds", "epoch_milliseconds")

_FITS: dict[str, tuple[str, ...]] = {
    "scale": ("decimal",),
    "round": ("decimal",),
    "places": ("decimal",),
    "as": ("decimal", "integer", "boolean"),
    "format": ("date", "datetime"),
    "input": ("date", "datetime"),
    "zone": ("datetime",),
    "currency": ("decimal",),
}
_RENDERS: dict[str, tuple[str, ...]] = {
    "text": ("decimal", "integer", "boolean"),
    "percent": ("decimal", "integer"),
    "money": ("decimal",),
}
_MODELLED = {"as": "rendering"}
REFINED = tuple(_FITS)

Locate = Callable[[str], Span]


class Settings(msgspec.Struct):
    """What dates and money are written in, unless a type says otherwise."""

    zone: model.SettingField = None
    locale: model.SettingField = None
    currency: model.SettingField = None


class Types:
    """The named types of a vendor, over the base types."""

    def __init__(self, settings: Settings, report: list[Diagnostic]) -> None:
        self.settings = settings
        self.report = report
        self.named: dict[str, tuple[documents.TypeDocument, model.Type]] = {}
        self.places: dict[str, Locate] = {}
        self.used: set[str] = set()
        self.complete = True
        self.broken: set[str] = {UNKNOWN}

    def define(self, name: str, document: documents.TypeDocument, locate: Locate) -> None:
        """Take a named type in, checked once, where it is written."""
        if name in BASES:
            self.used.add(name)
            self._say("MF211", f"`{name}` is a base type", locate(""), "cannot be defined anew", None)
            return
        bare = model.Type(name, document.base)
        self.places[name] = locate
        self.named[name] = (document, self._refine(bare, document, locate, from_root=True, root=None))

    def resolve(
        self, text: str, document: documents.Refinements | None, locate: Locate, root: model.Query | None
    ) -> model.Type:
        """The type that an attribute names, with the attribute's own refinements over it."""
        word, _, null = (part.strip() for part in text.partition("|"))
        bare = msgspec.structs.replace(self._named(word, locate("type")), name=word, nullable=bool(null))
        if word in self.broken:
            return bare
        refined = bare
        if document is not None:
            refined = self._refine(bare, document, locate, from_root=root is not None, root=root)
        return self._complete(refined, lambda key: self.place(text, document, key, locate))

    def document(self, text: str) -> documents.TypeDocument | None:
        """The named type's own document, for what it says of absent and blank."""
        return self.named[name][0] if (name := _word(text)) in self.named else None

    def is_broken(self, kind: model.Type) -> bool:
        """Whether a mistake in this type is reported already, so that nothing more can be said of its users."""
        return kind.name in self.broken

    def place(self, text: str, document: documents.Refinements | None, key: str, locate: Locate) -> Span:
        """Where a key that counts for a value is written: beside it, or in the named type."""
        if document is not None and _said(document, key) is not None:
            return locate(key)
        named = self.document(text)
        return self.places[_word(text)](key) if named is not None and _said(named, key) is not None else locate("type")

    def _named(self, word: str, span: Span) -> model.Type:
        if word in self.named:
            self.used.add(word)
            return self.named[word][1]
        if word in BASES:
            return model.Type(word, word)
        self._check_known(word, span)
        self.broken.add(word)
        return model.Type(word, "text")

    def _check_known(self, word: str, span: Span) -> None:
        """A misspelt type is told wherever it stands, one that nothing resembles once: it may want to be defined."""
        nearest = did_you_mean(word, [*BASES, *self.named])
        if self.complete and (nearest is not None or word not in self.broken):
            hint = f"did you mean `{nearest}`?" if nearest else f"base types: {', '.join(BASES)}"
            self._say("MF210", f"there is no type `{word}`", span, "not a base type, nor under `types`", hint)

    def _refine(
        self,
        bare: model.Type,
        document: documents.Refinements,
        locate: Locate,
        *,
        from_root: bool,
        root: model.Query | None,
    ) -> model.Type:
        said = {key: value for key in REFINED if (value := _said(document, key)) is not None}
        changes: dict[str, object] = {}
        for key, value in said.items():
            fits = _RENDERS[str(value)] if key == "as" else _FITS[key]
            if bare.base not in fits:
                said_so = f"as: {value}" if key == "as" else key
                label = f"goes with {' or '.join(fits)}"
                self._say("MF303", f"`{said_so}` does not fit {a(bare.base)}", locate(key), label, None)
            else:
                changes[_MODELLED.get(key, key)] = self._value(key, value, locate, from_root=from_root, root=root)
        refined = msgspec.structs.replace(bare, **changes)
        self._check_written(refined, said, locate)
        return refined

    def _value(self, key: str, value: object, locate: Locate, *, from_root: bool, root: model.Query | None) -> object:
        if key in ("zone", "currency"):
            return self.setting(key, value, locate(key), from_root=from_root, root=root)
        if key in ("scale", "places") and value not in ("minor", "currency"):
            return int(str(value))
        return value

    def setting(
        self, key: str, value: object, span: Span, *, from_root: bool = True, root: model.Query | None = None
    ) -> model.SettingField:
        """A zone, locale or currency: a constant, checked here, or a path."""
        if isinstance(value, documents.ConstantDocument):
            return self._constant_setting(key, value.constant, span)
        query = expressions.path(str(value), span)
        if isinstance(query, Diagnostic):
            self.report.append(query)
            return model.Constant('""')
        return model.SettingQuery(expressions.under(root, query) if root else query, from_root)

    def _constant_setting(self, key: str, word: str, span: Span) -> model.SettingField:
        try:
            _SETTINGS[key](word)
        except Refused as refused:
            code = {"locale": "MF313", "currency": "MF314", "zone": "MF315"}[key]
            self._say(code, f"`{word}` is no {key}", span, f"expected {refused.expected}", None)
        return model.Constant(msgspec.json.encode(word).decode())

    def _check_written(self, refined: model.Type, said: dict[str, object], locate: Locate) -> None:
        """What is wrong with the refinements as they stand together, said where the last of them is written."""
        if ("round" in said or "places" in said) and (refined.round is None) != (refined.places is None):
            there, other = ("round", "places") if refined.places is None else ("places", "round")
            hint = f"add `{other}`" if other == "places" else "add `round: half_up`, or what the vendor does"
            self._say("MF304", f"`{there}` needs `{other}`", locate(there), f"no `{other}` beside it", hint)
        if refined.format is not None and "format" in said:
            self._check_pattern(lambda: dates.formatter(str(refined.format), "en", _kind(refined)), locate("format"))
        if refined.input is not None and "input" in said:
            self._check_input(refined.input, refined.base, locate("input"))

    def _check_input(self, pattern: str, base: model.Base, span: Span) -> None:
        if pattern not in EPOCHS:
            parser = dates.pattern_parser if base == "datetime" else dates.date_pattern_parser
            self._check_pattern(lambda: parser(pattern), span)
        elif base == "date":
            self._say("MF303", f"`input: {pattern}` does not fit a date", span, "an instant, not a day", "use datetime")

    def _check_pattern(self, compile_pattern: Callable[[], object], span: Span) -> None:
        try:
            compile_pattern()
        except ValueError as error:
            hint = "CLDR date patterns: MMMM d, yyyy or yyyy-MM-dd HH:mm; other letters stand in 'quotes'"
            self._say("MF312", "the date pattern cannot be read", span, str(error), hint)

    def _complete(self, refined: model.Type, place: Locate) -> model.Type:
        """The type with the settings it needs from `source`, or diagnostics where `source` has none."""
        filled = msgspec.structs.replace(
            refined,
            zone=(refined.zone or self.settings.zone) if refined.base == "datetime" else None,
            currency=(refined.currency or self.settings.currency) if _needing_currency(refined) else None,
            locale=self.settings.locale if _needing_locale(refined) else None,
        )
        self._check_settings(filled, place)
        return filled

    def _check_settings(self, filled: model.Type, place: Locate) -> None:
        """What is missing, said where it is asked for: in the named type once, however many attributes have it."""
        if filled.base == "datetime" and filled.format is not None and filled.zone is None:
            hint = "give `source` a zone, or the attribute: the day of an instant depends on where"
            self._say("MF311", "a `format` on a datetime needs a `zone`", place("format"), "no zone", hint)
        if (key := _needing_currency(filled)) and filled.currency is None:
            hint = "give `source` a currency, or the attribute: a path, or {constant: EUR}"
            self._say("MF318", f"`{key}` needs a currency", place(key), "no ISO 4217 code", hint)
        if (key := _needing_locale(filled)) and filled.locale is None:
            hint = "give `source` a locale: {constant: en-US}"
            self._say("MF320", f"`{key}` needs a locale", place(key), "names and signs depend on it", hint)
        if filled.rendering == "money" and filled.round is None and filled.places is None:
            hint = "add `round: down, places: currency`, or what the vendor does"
            self._say("MF319", "`as: money` needs `round` and `places`", place("as"), "how many digits?", hint)

    def _say(self, code: str, message: str, span: Span, label: str, hint: str | None) -> None:
        self.report.append(Diagnostic(code, message, span, label, hint))


_SETTINGS: dict[str, Callable[[str], object]] = {
    "zone": dates.zone,
    "locale": money.check_locale,
    "currency": money.currency_digits,
}


def sends(refined: model.Type) -> model.Sends:
    """The JSON type that goes out."""
    return "string" if refined.rendering is not None else model.SENDS[refined.base]


def json_of(kind: model.Base | model.Sends, word: str) -> str:
    """A word of the YAML as JSON of a base type, or of a JSON type that is sent; Refused where it is none."""
    if kind in ("integer", "number", "decimal"):
        return _number(kind, word)
    if kind == "boolean":
        if word not in ("true", "false"):
            raise Refused("true or false", "another word")
        return word
    if kind in ("object", "list", "array"):
        raise Refused(a(kind), "a word")
    if kind in _WORDS:
        _WORDS[kind](word)
    return msgspec.json.encode(word).decode()


_WORDS: dict[str, Callable[[str], object]] = {
    "date": dates.date,
    "datetime": lambda word: dates.datetime_(word, dates.zone("UTC")),
    "url": scalars.url,
}


def _number(kind: model.Base | model.Sends, word: str) -> str:
    try:
        number = numbers.decimal(word)
        return numbers.plain(_integer(number) if kind == "integer" else number)
    except Refused as refused:
        if refused.code == "MF706":
            raise
        raise Refused("an integer" if kind == "integer" else "a number", "another word") from None


def _integer(number: Decimal) -> int:
    whole = numbers.integer(number)
    if not scalars.fits_64_bits(whole):
        raise Refused(f"an integer of at most {scalars.INTEGER_BITS} bits", "a larger one", "MF706")
    return whole


def _said(document: documents.Refinements, key: str) -> object:
    return getattr(document, "as_" if key == "as" else key)


def _kind(refined: model.Type) -> dates.Kind:
    return "date" if refined.base == "date" else "datetime"


def _needing_currency(refined: model.Type) -> str | None:
    """The key for which a currency must be known."""
    if refined.rendering == "money":
        return "as"
    return "places" if refined.places == "currency" else "scale" if refined.scale == "minor" else None


def _needing_locale(refined: model.Type) -> str | None:
    """The key for which a locale must be known."""
    return "as" if refined.rendering in ("money", "percent") else "format" if refined.format is not None else None


def _word(text: str) -> str:
    return text.partition("|")[0].strip()


def a(word: str) -> str:
    """The word with its article."""
    return f"{'an' if re.match('[aeiou]', word) else 'a'} {word}"
