"""model.Vendor → Python source, a module for each raw event name: typed Struct in, typed Struct out, straight lines.

Pure: the same model gives the same text. What comes from a mapping enters it only through `repr`, or as a name that
was checked to be one. A generated mapper never explains a fault: it raises, and the interpreter says what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from mapforge import model
from mapforge.compiler.reads import (
    ID,
    Shape,
    field_name,
    shape_of,
)
from mapforge.compiler.write_queries import Queries, constant
from mapforge.compiler.write_values import Once, Values, needs_of
from mapforge.platforms import PLATFORMS, base
from mapforge.platforms.base import Endpoint, Platform
from mapforge.values.identity import LONGEST_EMAIL, LONGEST_PHONE
from mapforge.values.templates import LONGEST_TEXT

INDENT = "    "
# What a valid identifier has at most, whatever the platform.
_LONGEST = {"email": LONGEST_EMAIL, "phone": LONGEST_PHONE}


def generate(vendor: model.Vendor) -> dict[str, str]:
    """The source of each raw event's mapper, by the raw event's name; "*" is the catch-all's."""
    return {name: _Module(vendor, name, entries).source() for name, entries in by_event(vendor).items()}


def by_event(vendor: model.Vendor) -> dict[str, tuple[model.Entry, ...]]:
    """The entries that each raw event name makes, in file order."""
    found: dict[str, tuple[model.Entry, ...]] = {}
    for entry in vendor.entries:
        for name in entry.trigger.events:
            found[name] = (*found.get(name, ()), entry)
    return found


class _Module:
    """The source of one mapper. Rules and constants gather above the function while its lines are written."""

    def __init__(self, vendor: model.Vendor, event: str, entries: tuple[model.Entry, ...]) -> None:
        self.vendor = vendor
        self.event = event
        self.entries = entries
        self.shape = shape_of(vendor.source, entries)
        self.queries = Queries(self.shape)
        self.once = Once()
        self.values = Values(self.queries, self.once)
        self.classes: list[str] = []

    def source(self) -> str:
        body = self._function()
        made_of = ", ".join(entry.name for entry in self.entries)
        lines = [
            *_comment(f"{self.vendor.name} {self.event}: {made_of}. Written by mapforge; do not edit."),
            "from mapforge.runtime import support as s",
            "",
            *self._inputs(),
            *self.classes,
            *(f"{name} = {text}" for text, name in self.once.named.items()),
            "",
            *body,
        ]
        return "\n".join(lines) + "\n"

    # What comes in

    def _inputs(self) -> list[str]:
        lines: list[str] = []
        for shape in self.shape.structs():
            lines += ["", *self._struct(shape)]
        decoder = f"s.typed({self.queries.struct(self.shape)})" if self.shape.is_struct else "s.untyped"
        return [*lines, "", f"decode = {decoder}", ""]

    def _struct(self, shape: Shape) -> list[str]:
        renamed = {
            field: name for position, name in enumerate(shape.below) if (field := field_name(name, position)) != name
        }
        options = f", rename={renamed!r}" if renamed else ""
        lines = [f"class {self.queries.struct(shape)}(s.Struct, kw_only=True, gc=False{options}):"]
        for position, (name, inner) in enumerate(shape.below.items()):
            lines.append(f"{INDENT}{field_name(name, position)}: {self._annotation(inner)}")
        return lines

    def _annotation(self, shape: Shape) -> str:
        kind = self.queries.struct(shape) if shape.is_struct else shape.annotation
        if shape.is_list and shape.items is not None:
            kind = f"list[{self.queries.struct(shape.items)}]"
        if shape.needed:
            return kind
        return f"{kind} = None" if kind == "object" else f"{kind} | None = None"

    def _bind(self, shape: Shape) -> list[str]:
        """A line for each Struct within: its variable, an empty one where it may be absent and is."""
        lines = []
        for position, (name, inner) in enumerate(shape.below.items()):
            if inner.is_struct:
                read = f"{self.queries.variable(shape)}.{field_name(name, position)}"
                empty = "" if inner.needed else f" or {self.once(f'{self.queries.struct(inner)}()', 'no_' + name)}"
                lines += [f"{self.queries.variable(inner)} = {read}{empty}", *self._bind(inner)]
        return lines

    # The function

    def _function(self) -> list[str]:
        lines = ["def map_event(body, to, headers, name, routed):", f"{INDENT}raw = decode(body)"]
        source = self.vendor.source
        lines += [f"{INDENT}{line}" for line in self._bind(self.shape)] if self.shape.is_struct else []
        if isinstance(source.event, model.SettingQuery):
            read = self.queries.value(source.event.query.node)
            lines += [f"{INDENT}if routed and {read} != name:", f"{INDENT}{INDENT}raise s.Fallback"]
        lines.append(f"{INDENT}source_id = {self._source_id()}")
        lines.append(f"{INDENT}time = {self._time()}")
        lines.append(f"{INDENT}payloads = []")
        for position, entry in enumerate(self.entries):
            lines += self._entry(position, entry)
        return [*lines, f"{INDENT}return payloads"]

    def _from_raw(self, where: model.Header | model.SettingQuery) -> str:
        return (
            f"headers.get({where.name!r})" if isinstance(where, model.Header) else self.queries.value(where.query.node)
        )

    def _source_id(self) -> str:
        where = self.vendor.source.id
        read = self._from_raw(where)
        if isinstance(where, model.SettingQuery) and isinstance(where.query.node, model.Path):
            keys = where.query.node.keys
            if self.queries.kind(keys) == ID and self.queries.required(keys):
                return f"str({read})"
        return f"s.identifier({read})"

    def _time(self) -> str:
        kind = self.vendor.source.time_type
        settings = [getattr(kind, name) for name in needs_of(kind)]
        given = [self.queries.value(setting.query.node) for setting in settings]
        branch = model.Branch(kind, model.Constant("null"), self.entries[0].span)
        rule = self.once(self.values.rule(branch), "time")
        return f"{rule}({', '.join([self._from_raw(self.vendor.source.time), *given])})"

    def _entry(self, position: int, entry: model.Entry) -> list[str]:
        lines = ["", *_comment(f"{entry.name} {entry.span.at}")]
        made = [*self._out(position, entry), *self._payloads(position, entry)]
        if entry.trigger.when is None:
            return [f"{INDENT}{line}" if line else line for line in (*lines, *made)]
        lines.append(f"if {self.queries.condition(entry.trigger.when.node)}:")
        return [f"{INDENT}{line}" if line else line for line in (*lines, *(f"{INDENT}{line}" for line in made))]

    def _out(self, position: int, entry: model.Entry) -> list[str]:
        """The values, in a Struct whose fields are the entry's attributes in their order."""
        fields = self._fields(entry)
        names = {fields[attribute.name]: attribute.key for attribute in entry.attributes}
        self._output(f"Out{position}", names)
        rows = [(self.values.attribute(attribute), attribute) for attribute in entry.attributes]
        width = min(max((len(text) for text, _ in rows), default=0), 88)
        lines = [f"out = Out{position}("]
        for text, attribute in rows:
            note = f"{_printable(attribute.name)} {_printable(attribute.span.at)}"
            lines.append(f"{INDENT}{text + ',':<{width + 1}} # {note}")
        return [*lines, ")"]

    def _fields(self, entry: model.Entry) -> dict[str, str]:
        return {a.name: field_name(a.name, position) for position, a in enumerate(entry.attributes)}

    def _output(self, name: str, names: Mapping[str, str]) -> None:
        renamed = {field: sent for field, sent in names.items() if field != sent}
        if not all(_nameable(sent) for sent in names.values()):
            renamed = {}
        options = f", rename={renamed!r}" if renamed else ""
        lines = ["", f"class {name}(s.Struct, gc=False{options}):"]
        lines += [f"{INDENT}{field}: object" for field in names] or [f"{INDENT}pass"]
        self.classes += [*lines, ""]

    def _payloads(self, position: int, entry: model.Entry) -> list[str]:
        lines = self._people(entry)
        shared = [target for target in entry.targets if self._is_shared(entry, target)]
        if entry.value is not None:
            lines += self._worth(entry.value)
        if shared:
            lines.append("properties = s.encode(out)")
        for target in entry.targets:
            lines += self._target(position, entry, target, shared=target in shared)
        return lines

    def _worth(self, value: model.Value) -> list[str]:
        currency = "None"
        if isinstance(value.currency, model.SettingQuery):
            currency = self.queries.value(value.currency.query.node)
        elif value.currency is not None:
            currency = constant(value.currency.json)
        return [f"value, value_currency = s.worth({self.values.branch(value.amount)}, {currency})"]

    def _is_shared(self, entry: model.Entry, target: model.Target) -> bool:
        """Whether the platform gets the attributes as they are, but for values that null_if may hit."""
        return (
            entry.keep is None
            and [sent.name for sent in target.sent] == [attribute.key for attribute in entry.attributes]
            and not any(sent.rendering for sent in target.sent)
            and all(_nameable(sent.name) for sent in target.sent)
        )

    def _target(self, position: int, entry: model.Entry, target: model.Target, *, shared: bool) -> list[str]:
        platform = PLATFORMS[target.platform]
        endpoint = platform.endpoints[entry.kind]
        made = self._patched(entry, target) if shared else self._separate(position, entry, target)
        lines = [*made, *self._guards(entry, target, platform, endpoint)]
        lines += self._written(position, entry, target, platform, endpoint)
        return [f"if {target.platform!r} in to:", *(f"{INDENT}{line}" for line in lines)]

    def _patched(self, entry: model.Entry, target: model.Target) -> list[str]:
        fields = self._fields(entry)
        lines = ["sent = properties"]
        hit = [(fields[sent.attribute], constant(sent.null_if)) for sent in target.sent if sent.null_if is not None]
        if hit:
            checks = " or ".join(f"s.same(out.{field}, {null})" for field, null in hit)
            lines += [f"if {checks}:", f"{INDENT}changed = s.copy(out)"]
            for field, null in hit:
                lines += [f"{INDENT}if s.same(out.{field}, {null}):", f"{INDENT}{INDENT}changed.{field} = None"]
            lines.append(f"{INDENT}sent = s.encode(changed)")
        return lines

    def _separate(self, position: int, entry: model.Entry, target: model.Target) -> list[str]:
        """A platform with names or renderings of its own, or with kept keys."""
        fields = self._fields(entry)
        values = [(sent.name, self._sent(fields[sent.attribute], sent)) for sent in target.sent]
        if entry.keep is None and all(_nameable(name) for name, _ in values):
            struct = f"Out{position}_{target.platform}"
            self._output(struct, {field_name(name, at): name for at, (name, _) in enumerate(values)})
            return [f"sent = s.encode({struct}({', '.join(value for _, value in values)}))"]
        members = ", ".join(f"{name!r}: {value}" for name, value in values)
        return [f"members = s.members({{{members}}}{self._kept(entry, target)})", "sent = s.encode(members)"]

    def _sent(self, field: str, sent: model.Sent) -> str:
        value = f"out.{field}"
        if sent.null_if is not None:
            value = f"(None if s.same({value}, {constant(sent.null_if)}) else {value})"
        return value if sent.rendering is None else f"s.rendered({value}, {sent.rendering!r}, {self._locale(sent)})"

    def _locale(self, sent: model.Sent) -> str:
        if isinstance(sent.locale, model.SettingQuery):
            return self.queries.value(sent.locale.query.node)
        return "None" if sent.locale is None else constant(sent.locale.json)

    def _kept(self, entry: model.Entry, target: model.Target) -> str:
        if entry.keep is None:
            return ""
        named = sorted(base.named_keys(entry, target))
        left = self.once(f"frozenset({named!r})", "named")
        besides = self.once(f"frozenset({sorted(entry.keep.besides)!r})", "besides")
        return f", {self.queries.value(entry.keep.query.node)}, {left}, {besides}"

    def _guards(self, entry: model.Entry, target: model.Target, platform: Platform, endpoint: Endpoint) -> list[str]:
        """Where a limit could be broken, the interpreter takes over and says so."""
        limits = endpoint.limits
        over_limit = f"s.over_limit({platform.name!r}, {entry.kind!r}, "
        has_template = any(isinstance(b.source, model.Template) for a in entry.attributes for b in a.branches)
        tests = [f"len(sent) > {LONGEST_TEXT if has_template else limits.body - 100_000}"]
        if limits.event_id is not None:
            tests.append(f"not 0 < len(source_id) <= {limits.event_id}")
        if limits.earliest is not None:
            tests.append(f"time < {limits.earliest!r}")
        if entry.metric is None and limits.event_name is not None:
            tests.append(f"not 0 < len(name) <= {limits.event_name}")
        for name in (i.name for i in entry.identity.identifiers if i.name in platform.identifiers):
            most = platform.identifiers[name].most
            if most < _LONGEST.get(name, most + 1):
                tests.append(f"{name} is not None and len({name}) > {most}")
        fields = self._fields(entry)
        if entry.keep is not None:
            tests.append(f"{over_limit}members)")
        else:
            if limits.text is not None:
                tests.append(f"len(sent) > {limits.text} and {over_limit}s.untyped(sent))")
            opened = [f"out.{fields[a.name]}" for a in entry.attributes if a.sends in ("object", "array")]
            tests += [f"{over_limit}{{'p': {value}}})" for value in opened]
        return [f"if {' or '.join(tests)}:", f"{INDENT}raise s.Fallback"]

    def _people(self, entry: model.Entry) -> list[str]:
        """The identifiers that some platform of the entry takes, each None or valid."""
        platforms = [PLATFORMS[target.platform] for target in entry.targets]
        lines = []
        for identifier in entry.identity.identifiers:
            rules = {one.identifiers[identifier.name].rule for one in platforms if identifier.name in one.identifiers}
            if rules:
                lines.append(f"{identifier.name} = {self._identifier(identifier, rules.pop())}")
        return lines

    def _identifier(self, identifier: model.Identifier, rule: str) -> str:
        """An identifier or None; an invalid one is the interpreter's: it leaves a warning."""
        node = identifier.query.node
        value = self.queries.value(node)
        if rule == "text":
            typed = isinstance(node, model.Path) and self.queries.kind(node.keys) == ID
            return f"None if (c := {value}) is None else {'str' if typed else 's.identifier'}(c) or s.missing()"
        return f"c if (c := {value}) is None or s.valid_{rule}(c) else s.missing()"

    def _profile(self, position: int, entry: model.Entry, platform: Platform) -> list[str]:
        """The identifiers under the platform's own names, and the first of them as the profile's key."""
        names = [i.name for i in entry.identity.identifiers if i.name in platform.identifiers]
        fields = [name for name in names if platform.identifiers[name].sent is not None]
        struct = f"Profile{position}_{platform.name}"
        renamed = {name: platform.identifiers[name].sent for name in fields if platform.identifiers[name].sent != name}
        rename = f", rename={renamed!r}" if renamed else ""
        members = [f"{INDENT}{name}: object = None" for name in fields] or [f"{INDENT}pass"]
        self.classes += [f"class {struct}(s.Struct, gc=False, omit_defaults=True{rename}):", *members, ""]
        key = "s.missing()"
        for name in reversed(names):
            key = f"{name!r} ':' + {name} if {name} is not None else {key}"
        lines = [f"profile_key = {key}", f"profile = s.encode({struct}({', '.join(fields)}))"]
        return [*lines, *(f"profile_id = {name} and s.encode({name})" for name in names if name not in fields)]

    def _written(
        self, position: int, entry: model.Entry, target: model.Target, platform: Platform, endpoint: Endpoint
    ) -> list[str]:
        lines = self._profile(position, entry, platform)
        if endpoint.id_made_of == "source":
            lines.append("event_id = source_id")
        else:
            prefix = f"mapforge:{self.vendor.name}:{entry.name}:"
            lines.append(f"event_id = {self.once(f's.uuid5_of({prefix!r})', 'event_id')}(source_id)")
        lines.append(f"written = b''.join(({', '.join(self._pieces(entry, target, platform, endpoint))},))")
        metric = "name" if self.event == model.CATCH_ALL else repr(self.event)
        row = f"{self.vendor.name!r}, {entry.name!r}, {metric}, {platform.name!r}, {endpoint.kind!r}"
        return [*lines, f"payloads.append(s.Payload({row}, written, event_id, time, profile_key))"]

    def _pieces(
        self, entry: model.Entry, target: model.Target, platform: Platform, endpoint: Endpoint
    ) -> Iterable[str]:
        constants = {name: msgspec.json.encode(value) for name, value in target.options.items()}
        if entry.metric is not None:
            constants[base.EVENT_NAME] = msgspec.json.encode(entry.metric)
        elif self.event != model.CATCH_ALL:
            constants[base.EVENT_NAME] = msgspec.json.encode(self.event)
        gaps = {base.VALUE, base.VALUE_CURRENCY} if entry.value is not None else set()
        taken = [platform.identifiers[i.name] for i in entry.identity.identifiers if i.name in platform.identifiers]
        if any(identifier.sent is None for identifier in taken):
            gaps.add(base.PROFILE_ID)
        for part in base.segments(endpoint.envelope, constants):
            if isinstance(part, bytes):
                yield self.once(repr(part), platform.name)
            elif isinstance(part, base.Gap):
                if part.name in gaps:
                    yield f"s.gap({part.lead!r}, {part.name})"
            else:
                yield _HOLES[part.name]


_HOLES = {
    base.PROPERTIES: "sent",
    base.PROFILE: "profile",
    base.TIME: "s.encode(time)",
    base.EVENT_ID: "s.encode(event_id)",
    base.EVENT_NAME: "s.encode(name)",
}


def _nameable(name: str) -> bool:
    """Whether msgspec takes the name as a field's."""
    return not any(character in '\\"' or character < " " for character in name)


def _comment(text: str) -> list[str]:
    return [f"# {_printable(text)}"]


def _printable(text: str) -> str:
    return text if text.isprintable() else repr(text)
