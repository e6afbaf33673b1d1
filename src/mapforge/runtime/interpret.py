"""The resolved model on a decoded raw event → payloads, or every fault at once: the reference of what a mapping means.

Slow and plain. The generated mappers must agree with it: equal bytes, or its faults.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from mapforge import model
from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import Platform
from mapforge.runtime import convert
from mapforge.runtime.bodies import OMITTED, Finished, body_of
from mapforge.runtime.decode import untyped
from mapforge.runtime.evaluate import evaluate
from mapforge.runtime.identity import LeftOut, held
from mapforge.runtime.outcomes import (
    NOBODY,
    Fault,
    Note,
    Payload,
    Result,
    nobody,
    not_aimed,
    not_held,
    nothing_kept,
)
from mapforge.runtime.paths import holds
from mapforge.values import scalars, templates
from mapforge.values.numbers import plain
from mapforge.values.refused import Refused, json_type

MISSING = "MF704"
NO_TRIGGER = "MF703"
LEFT_OUT = "MF710"
KEPT_OUT = "MF712"

Headers = Mapping[str, str]


class Faulty(Exception):
    """A value that could not be made; its faults are in the report already."""


class RawEvent(msgspec.Struct, frozen=True):
    """A raw event as it came: its name, its decoded body, its headers by lower-case name."""

    name: str
    body: Any
    headers: Headers


def interpret(vendor: model.Vendor, entries: tuple[model.Entry, ...], raw: RawEvent, to: Collection[str]) -> Result:
    """All that these entries, which list the raw event's name, make of it for these platforms."""
    outcome = Result([], [], [], [], slow_path=True)
    aimed = {entry.name: [target for target in entry.targets if target.platform in to] for entry in entries}
    wanted = [entry for entry in entries if aimed[entry.name]]
    taken = [entry for entry in wanted if _triggered(entry, raw, outcome)]
    if not outcome.faults:
        _skip(entries, taken, aimed, outcome)
    for entry in taken:
        _Event(vendor, entry, raw, outcome).payloads(aimed[entry.name])
    faulty = {name for fault in outcome.faults for name in _held_back(fault, aimed)}
    return msgspec.structs.replace(outcome, payloads=[item for item in outcome.payloads if item.platform not in faulty])


Aimed = Mapping[str, list[model.Target]]


def _held_back(fault: Fault, aimed: Aimed) -> list[str]:
    """The platforms that a fault leaves without payloads: its own, or all that get its entry."""
    if fault.platform is not None:
        return [fault.platform]
    return [target.platform for target in aimed[fault.entry or ""]]


def _triggered(entry: model.Entry, raw: RawEvent, outcome: Result) -> bool:
    when = entry.trigger.when
    try:
        return when is None or holds(evaluate(when.node, raw.body))
    except Refused as refused:
        assert when is not None
        outcome.faults.append(_fault(refused, entry.name, "trigger", when.text, when.span.at))
        return False


def _skip(entries: Iterable[model.Entry], taken: Collection[model.Entry], aimed: Aimed, outcome: Result) -> None:
    """Say why a raw event makes no event, or no profile update, though entries list it."""
    kinds = {entry.kind for entry in taken}
    for entry in (entry for entry in entries if entry.kind not in kinds):
        when = entry.trigger.when
        if when is not None and aimed[entry.name]:
            outcome.skipped.append(not_held(entry.name, when.text, when.span.at))
        elif not taken and not aimed[entry.name]:
            outcome.skipped.append(not_aimed(entry.name, entry.span.at))


def _fault(
    refused: Refused,
    entry: str | None,
    attribute: str | None,
    path: str | None,
    place: str,
    platform: str | None = None,
) -> Fault:
    return Fault(refused.code, entry, platform, attribute, path, refused.expected, refused.got, place)


class _Event:
    """One entry on one raw event."""

    def __init__(self, vendor: model.Vendor, entry: model.Entry, raw: RawEvent, outcome: Result) -> None:
        self.vendor = vendor
        self.entry = entry
        self.raw = raw
        self.outcome = outcome
        self.unread: set[str] = set()

    def payloads(self, targets: list[model.Target]) -> None:
        """The entry's payloads for these platforms, or its faults."""
        faults = len(self.outcome.faults)
        source_id = self._source("id", self.vendor.source.id, scalars.identifier)
        time = self._source("time", self.vendor.source.time, self._instant)
        values = {attribute.name: self._attribute(attribute) for attribute in self.entry.attributes}
        finished = Finished(values, self._kept(), self._value(), source_id, time, self.raw.name, self._locale)
        people = self._people(targets)
        for target in targets:
            person = self._person(target, people)
            faulty = {fault.platform for fault in self.outcome.faults[faults:]}
            if person is not None and not faulty & {None, target.platform}:
                self._payload(target, finished, person)

    def _attribute(self, attribute: model.Attribute) -> Any:
        try:
            return attribute_value(attribute, self.raw.body, self._setting, self._report)
        except Faulty:
            return None

    def _report(self, refused: Refused, attribute: str, path: str | None, place: str) -> None:
        self.outcome.faults.append(_fault(refused, self.entry.name, attribute, path, place))

    def _setting(self, query: model.Query) -> Any:
        return evaluate(query.node, self.raw.body)

    def _locale(self, field: model.SettingField) -> Any:
        return setting_value(field, None, self._setting)

    def _source(self, name: str, where: model.Header | model.SettingQuery, read: Callable[[Any], str]) -> str:
        if isinstance(where, model.Header):
            path, place = f"header {where.name}", f"{self.vendor.name}: source.{name}"
        else:
            path, place = where.query.text, where.query.span.at
        try:
            value = source_value(where, self.raw.body, self.raw.headers)
            if value is None:
                raise Refused("a value", "none", MISSING)
            return read(value)
        except Refused as refused:
            self._report(refused, name, path, place)
            return ""

    def _instant(self, value: Any) -> str:
        conversion = convert.conversion(self.vendor.source.time_type)
        kind = self.vendor.source.time_type
        settings = [_setting_value(kind, name, None, self._setting) for name in conversion.needs]
        return str(conversion.call(value, *settings))

    def _kept(self) -> dict[str, Any]:
        keep = self.entry.keep
        if keep is None:
            return {}
        try:
            found = evaluate(keep.query.node, self.raw.body)
            if found is None:
                return {}
            if type(found) is not dict:
                raise Refused("an object", json_type(found))
            return {name: convert.as_it_came(inner) for name, inner in found.items() if name not in keep.besides}
        except Refused as refused:
            self._report(refused, "keep", keep.query.text, keep.query.span.at)
            return {}

    def _value(self) -> tuple[Any, str | None] | None:
        value = self.entry.value
        if value is None:
            return None
        attribute = model.Attribute("value", "value", "number", (value.amount,), value.span)
        amount = self._attribute(attribute)
        if amount is None or amount is OMITTED:
            return None
        path = value.currency.query.text if isinstance(value.currency, model.SettingQuery) else None
        try:
            code = setting_value(value.currency, None, self._setting)
            if code is not None:
                convert.known_currency(code)
        except Refused as refused:
            self._report(refused, "value", path, value.span.at)
            return None
        return amount, code

    def _people(self, targets: list[model.Target]) -> dict[str, str]:
        """The identifiers that any of these platforms takes, as they came."""
        found: dict[str, str] = {}
        for identifier in self.entry.identity.identifiers:
            takers = [name for name in _platforms(targets) if identifier.name in PLATFORMS[name].identifiers]
            try:
                value = evaluate(identifier.query.node, self.raw.body) if takers else None
                if value is not None:
                    read = scalars.text if identifier.name in ("email", "phone") else scalars.identifier
                    found[identifier.name] = read(value)
            except Refused as refused:
                self._unreadable(refused, identifier, [None] if len(takers) == len(targets) else takers)
                self.unread |= {*takers}
        return found

    def _unreadable(self, refused: Refused, identifier: model.Identifier, platforms: Sequence[str | None]) -> None:
        path, place = identifier.query.text, identifier.query.span.at
        for platform in platforms:
            self.outcome.faults.append(_fault(refused, self.entry.name, identifier.name, path, place, platform))

    def _person(self, target: model.Target, people: Mapping[str, str]) -> dict[str, str] | None:
        """Who the platform is told the event is about, or None where nobody is left."""
        platform = PLATFORMS[target.platform]
        known: dict[str, str] = {}
        for name, value in people.items():
            outcome = held(platform, name, value)
            if isinstance(outcome, LeftOut):
                reason, place = f"{name} left out: {outcome.reason}", self.entry.identity.span.at
                self.outcome.warnings.append(Note(self.entry.name, target.platform, reason, place, LEFT_OUT))
            elif outcome is not None:
                known[name] = outcome
        if known or platform.name in self.unread:
            return known or None
        if self.entry.identity.none == "skip":
            self.outcome.skipped.append(nobody(self.entry.name, target.platform, self.entry.identity.span.at))
        else:
            refused = Refused(f"one of {', '.join(_taken(platform, self.entry))}", "none that is valid", NOBODY)
            place = self.entry.identity.span.at
            self.outcome.faults.append(_fault(refused, self.entry.name, "identity", None, place, platform.name))
        return None

    def _payload(self, target: model.Target, finished: Finished, person: Mapping[str, str]) -> None:
        platform = PLATFORMS[target.platform]
        try:
            made = body_of(self.vendor.name, self.entry, target, finished, person)
        except Refused as refused:
            whose = next((one for one in self.entry.attributes if one.name == refused.attribute), self.entry)
            fault = _fault(refused, self.entry.name, refused.attribute, None, whose.span.at, platform.name)
            self.outcome.faults.append(fault)
            return
        for name in made.kept_out:
            reason = f"the kept key {name} left out: {platform.title} has a field of its own of this name"
            assert self.entry.keep is not None
            place = self.entry.keep.query.span.at
            self.outcome.warnings.append(Note(self.entry.name, platform.name, reason, place, KEPT_OUT))
        if made.body is None:
            note = nothing_kept(self.entry.name, platform.name, platform.title, self.entry.span.at)
            self.outcome.skipped.append(note)
            return
        identifier, value = next(iter(person.items()))
        self.outcome.payloads.append(
            Payload(
                self.vendor.name,
                self.entry.name,
                self.raw.name,
                platform.name,
                platform.endpoints[self.entry.kind].kind,
                made.body,
                made.event_id,
                finished.time,
                f"{identifier}:{value}",
                self.entry.batch,
            )
        )


def _platforms(targets: Iterable[model.Target]) -> list[str]:
    return [target.platform for target in targets]


def _taken(platform: Platform, entry: model.Entry) -> Iterator[str]:
    return (identifier.name for identifier in entry.identity.identifiers if identifier.name in platform.identifiers)


def source_value(where: model.Header | model.SettingQuery, body: Any, headers: Headers) -> Any:
    """What stands in a header or at a path of the raw event."""
    return headers.get(where.name) if isinstance(where, model.Header) else evaluate(where.query.node, body)


Setting = Callable[[model.Query], Any]
Report = Callable[[Refused, str, str | None, str], None]


def attribute_value(attribute: model.Attribute, value: Any, setting: Setting, report: Report, within: str = "") -> Any:
    """What is sent of an attribute that stands on `value`; OMITTED where its key is left out.

    Raises Faulty once every fault in it is reported.
    """
    label = within + attribute.name
    for branch in attribute.branches:
        try:
            if branch.when is not None and not holds(evaluate(branch.when.node, value)):
                continue
        except Refused as refused:
            assert branch.when is not None
            report(refused, label, branch.when.text, branch.when.span.at)
            raise Faulty from None
        return _branch_value(branch, value, setting, report, label)
    return _answer(attribute.branches[-1], report, label)


def _branch_value(branch: model.Branch, value: Any, setting: Setting, report: Report, label: str) -> Any:
    try:
        found = source_of(branch, value)
        if found is None or is_blank(branch.blank, found):
            return _answer(branch, report, label)
        if branch.table is not None:
            found = from_table(branch.table, found)
        if branch.fields is not None or branch.each is not None:
            return nested(branch, found, setting, report, label)
        conversion = convert.conversion(branch.type)
        settings = [_setting_value(branch.type, name, value, setting) for name in conversion.needs]
        return conversion.call(found, *settings)
    except Refused as refused:
        report(refused, label, path_of(branch.source), branch.span.at)
        raise Faulty from None


def _answer(branch: model.Branch, report: Report, label: str) -> Any:
    """What is sent where the source is missing."""
    if branch.absent is not None:
        return convert.as_it_came(untyped(branch.absent))
    if branch.omit:
        return OMITTED
    if branch.type.nullable:
        return None
    report(Refused("a value", "none", MISSING), label, path_of(branch.source), branch.span.at)
    raise Faulty


def path_of(source: model.Source) -> str | None:
    """The path or paths that a source reads, for people."""
    if isinstance(source, model.From):
        return ", else ".join(query.text for query in source.queries)
    if isinstance(source, model.Join):
        return " + ".join(query.text for query in source.parts)
    return ", ".join(query.text for query in source.variables) if isinstance(source, model.Template) else None


def source_of(branch: model.Branch, value: Any) -> Any:
    """The raw value, or None."""
    source = branch.source
    if isinstance(source, model.From):
        return next((found for query in source.queries if (found := evaluate(query.node, value)) is not None), None)
    if isinstance(source, model.Join):
        return joined(source.separator, [evaluate(part.node, value) for part in source.parts])
    if isinstance(source, model.Template):
        values = [evaluate(variable.node, value) for variable in source.variables]
        return None if None in values else renderer(source.text)(values)
    return untyped(source.json)


renderer = lru_cache(maxsize=512)(templates.renderer)


def joined(separator: str, parts: Collection[Any]) -> str | None:
    """Texts joined without the absent and empty ones; None where none is left."""
    texts = [scalars.text(part) for part in parts if part is not None]
    return separator.join(filter(None, texts)) or None


def scalar_text(value: Any) -> str | None:
    """A raw scalar as its JSON text, a string as itself; None for an object or a list."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain(value) if isinstance(value, (int, Decimal)) and not _is_nan(value) else None


def _is_nan(value: int | Decimal) -> bool:
    return isinstance(value, Decimal) and value.is_nan()


def is_blank(blank: Collection[str], value: Any) -> bool:
    """Whether a source value counts as missing."""
    return bool(blank) and scalar_text(value) in blank


def from_table(table: Mapping[str, str], value: Any) -> Any:
    """What the value table has for a raw scalar; Refused where it has nothing."""
    word = scalar_text(value)
    sent = table.get(word, table.get("*")) if word is not None else None
    if sent is None:
        raise Refused("a value that the map lists", json_type(value) if word is None else "another one", "MF711")
    return untyped(sent)


def nested(branch: model.Branch, found: Any, setting: Setting, report: Report, label: str) -> Any:
    """What `fields` or `each` makes of an object or a list. Refused or Faulty where it does not fit."""
    if branch.each is not None:
        return _elements(branch.each, found, setting, report, label)
    if branch.type.base == "object":
        return _object(branch, found, setting, report, label)
    if type(found) is not list:
        raise Refused("a list", json_type(found))
    return _all(found, lambda item, at: _member(branch, item, setting, report, f"{label}[{at}]"))


def _member(branch: model.Branch, item: Any, setting: Setting, report: Report, label: str) -> dict[str, Any]:
    try:
        return _object(branch, item, setting, report, label)
    except Refused as refused:
        report(refused, label, path_of(branch.source), branch.span.at)
        raise Faulty from None


def _object(branch: model.Branch, found: Any, setting: Setting, report: Report, label: str) -> dict[str, Any]:
    if type(found) is not dict:
        raise Refused("an object", json_type(found))
    members: dict[str, Any] = {}
    faulty = False
    for attribute in branch.fields or ():
        try:
            value = attribute_value(attribute, found, setting, report, f"{label}.")
        except Faulty:
            faulty = True
        else:
            if value is not OMITTED:
                members[attribute.key] = value
    if faulty:
        raise Faulty
    return members


def _elements(each: model.Attribute, found: Any, setting: Setting, report: Report, label: str) -> list[Any]:
    if type(found) is not list:
        raise Refused("a list", json_type(found))
    made = _all(found, lambda item, at: attribute_value(each, item, setting, report, f"{label}[{at}]."))
    return [item for item in made if item is not OMITTED]


def _all(items: list[Any], make: Callable[[Any, int], Any]) -> list[Any]:
    """Each made, with the faults of all of them before giving up."""
    made, faulty = [], False
    for position, item in enumerate(items):
        try:
            made.append(make(item, position))
        except Faulty:
            faulty = True
    if faulty:
        raise Faulty
    return made


def _setting_value(kind: model.Type, name: str, value: Any, setting: Setting) -> Any:
    return setting_value(getattr(kind, name), value, setting)


def setting_value(field: model.SettingField, value: Any, setting: Setting) -> Any:
    """A zone, currency or locale: constant, read from the raw root by `setting`, or from the place itself."""
    if isinstance(field, model.SettingQuery):
        return setting(field.query) if field.from_root else evaluate(field.query.node, value)
    return untyped(field.json) if field is not None else None
