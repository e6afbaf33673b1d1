"""An entry's finished values, as variables of a mapper → the lines that write each platform's payload of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from mapforge import model
from mapforge.compiler.reads import ID, field_name, within
from mapforge.compiler.words import number_words
from mapforge.compiler.write_python import INDENT, Once, constant, nameable, struct
from mapforge.compiler.write_queries import Queries
from mapforge.compiler.write_values import Values
from mapforge.platforms import PLATFORMS, base
from mapforge.platforms.base import Endpoint, Platform
from mapforge.values.templates import LONGEST_TEXT

Attributes: TypeAlias = tuple[tuple[str, str, tuple[model.Branch, ...]], ...]


def fields_of(entry: model.Entry) -> dict[str, str]:
    """The field of `out` that holds an attribute, by the attribute's name."""
    return {a.name: field_name(a.name, position) for position, a in enumerate(entry.attributes)}


def values_of(entry: model.Entry) -> Attributes:
    """What of an entry's attributes decides what `out` holds: two entries with the same share it."""
    return tuple((one.name, one.key, one.branches) for one in entry.attributes)


def platforms_of(entries: Iterable[model.Entry]) -> list[str]:
    """The platforms that get some of these entries."""
    return sorted({target.platform for entry in entries for target in entry.targets})


def wanted(platforms: Iterable[str]) -> str:
    """Whether one of these platforms is asked for; empty for none."""
    return " or ".join(f"{platform!r} in to" for platform in platforms)


class Bodies:
    """Writes the payloads of the entries of one raw event; the Structs that they need go to `classes`."""

    def __init__(
        self,
        vendor: str,
        event: str,
        entries: Sequence[model.Entry],
        queries: Queries,
        values: Values,
        once: Once,
        classes: list[str],
    ) -> None:
        self.vendor = vendor
        self.event = event
        self.entries = entries
        self.queries = queries
        self.values = values
        self.once = once
        self.classes = classes
        self.made_people: dict[str, str] = {}
        self.may_skip = False

    def lines(self, position: int, entry: model.Entry) -> list[str]:
        """The lines after `out` and the people are made."""
        lines = [] if entry.value is None else [self._worth(entry, entry.value)]
        for target in entry.targets:
            lines += _Payload(self, position, entry, target).lines()
        return lines

    def shares(self, entry: model.Entry) -> bool:
        """Whether several payloads hold the entry's attributes as they are: then they are encoded once."""
        alike = (one for one in self.entries if values_of(one) == values_of(entry))
        return sum(_is_whole(one, target) for one in alike for target in one.targets) > 1

    def _worth(self, entry: model.Entry, value: model.Value) -> str:
        """What the event is worth; an amount that an attribute sends just so is taken from there."""
        amount, currency, fields = self.values.branch(value.amount), "None", fields_of(entry)
        made = (f"out.{fields[one.name]}" for one in entry.attributes if self.values.attribute(one) == amount)
        if isinstance(value.currency, model.SettingQuery):
            currency = self.queries.value(value.currency.query.node)
        elif value.currency is not None:
            currency = constant(value.currency.json)
        return f"value, value_currency = s.worth({next(made, amount)}, {currency})"

    def people(self, entry: model.Entry) -> list[str]:
        """The identifiers that some platform of the entry takes, each None or valid; again only where they change."""
        lines = []
        for identifier in entry.identity.identifiers:
            name, takers = identifier.name, self._takers(identifier)
            if not any(target.platform in takers for target in entry.targets):
                continue
            rule = PLATFORMS[takers[0]].identifiers[name].rule
            value = self._identifier(identifier, rule)
            # To look at a text costs no more than to ask who wants it.
            if rule != "text" and takers != platforms_of(self.entries):
                value = f"({value}) if {wanted(takers)} else None"
            if self.made_people.get(name) != value:
                lines.append(f"{name} = {value}")
                self.made_people[name] = value if entry.trigger.when is None else ""
        return lines

    def _takers(self, identifier: model.Identifier) -> list[str]:
        """The platforms that get this identifier with some entry."""
        name, node = identifier.name, identifier.query.node
        entries = (
            e for e in self.entries if any((i.name, i.query.node) == (name, node) for i in e.identity.identifiers)
        )
        return [platform for platform in platforms_of(entries) if name in PLATFORMS[platform].identifiers]

    def _identifier(self, identifier: model.Identifier, rule: str) -> str:
        """An identifier or None; an invalid one is the interpreter's: it leaves a warning."""
        node = identifier.query.node
        value = self.queries.value(node)
        if rule in ("text", "customer"):
            typed = isinstance(node, model.Path) and self.queries.kind(node.keys) == ID
            text = f"{'str' if typed else 's.identifier'}(c)"
            made = f"s.customer_gid({text})" if rule == "customer" else text
            return f"None if (c := {value}) is None else {made} or s.missing()"
        return f"c if (c := {value}) is None or s.valid_{rule}(c) else s.missing()"


class _Payload:
    """Writes one platform's payload of one entry."""

    def __init__(self, bodies: Bodies, position: int, entry: model.Entry, target: model.Target) -> None:
        self.bodies = bodies
        self.once = bodies.once
        self.queries = bodies.queries
        self.position = position
        self.entry = entry
        self.target = target
        self.platform: Platform = PLATFORMS[target.platform]
        self.endpoint: Endpoint = self.platform.endpoints[entry.kind]
        self.fields = fields_of(entry)
        self.names = [i.name for i in entry.identity.identifiers if i.name in self.platform.identifiers]
        self.called = f"{position}_{self.platform.name}"

    def lines(self) -> list[str]:
        """All that stands under the platform's condition."""
        if self.endpoint.metafield is not None:
            lines = []
        else:
            lines = self._whole() if _is_whole(self.entry, self.target) else self._separate()
        lines += [*self._guards(), self._profile_key(), *self._holes(), *self._written_or_skipped()]
        if self.names and self.entry.identity.none == "skip":
            absent = " and ".join(f"{name} is None" for name in self.names)
            note = f"s.nobody({self.entry.name!r}, {self.platform.name!r}, {self.entry.identity.span.at!r})"
            lines = self._skipped_if(absent, self.once(note, "nobody"), lines)
        if self.entry.keep is not None:
            # Before anything is skipped: what cannot be kept is a fault of the entry, whoever gets it.
            lines.insert(0, f"kept = {self._kept(self.entry.keep)}")
        return [f"if {self.target.platform!r} in to:", *(f"{INDENT}{line}" for line in lines)]

    def _skipped_if(self, condition: str, note: str, lines: list[str]) -> list[str]:
        """These lines, unless there is a reason to skip."""
        self.bodies.may_skip = True
        skipped = [f"if {condition}:", f"{INDENT}skipped.append({note})"]
        return [*skipped, "else:", *(f"{INDENT}{line}" for line in lines)]

    def _written_or_skipped(self) -> list[str]:
        if self.endpoint.metafield is None:
            return self._written()
        words = (self.entry.name, self.platform.name, self.platform.title, self.entry.span.at)
        note = self.once(f"s.nothing_kept({', '.join(map(repr, words))})", "nothing_kept")
        return self._skipped_if("metafields == b'[]'", note, self._written())

    # Properties

    def _whole(self) -> list[str]:
        """The attributes as they are, but for what null_if hits."""
        shared = "properties = properties or " if self.bodies.shares(self.entry) else ""
        line = f"sent = {shared}s.encode(out)"
        hit = [
            (f"changed.{self.fields[sent.attribute]}", _hits(f"out.{self.fields[sent.attribute]}", sent.null_if))
            for sent in self.target.sent
            if sent.null_if is not None
        ]
        if not hit:
            return [line]
        lines = [f"if {' or '.join(test for _, test in hit)}:", f"{INDENT}changed = s.copy(out)"]
        for field, test in hit:
            lines += [f"{INDENT}if {test}:", f"{INDENT}{INDENT}{field} = None"]
        return [*lines, f"{INDENT}sent = s.encode(changed)", "else:", f"{INDENT}{line}"]

    def _separate(self) -> list[str]:
        """A platform with names, renderings or fields of its own, or with kept keys."""
        values = [(sent.name, self._sent(sent)) for sent in self.target.sent if not sent.own]
        if self.entry.keep is None and all(nameable(name) for name, _ in values):
            called = f"Out{self.called}"
            self.bodies.classes += struct(called, {field_name(name, at): name for at, (name, _) in enumerate(values)})
            return [f"sent = s.encode({called}({', '.join(value for _, value in values)}))"]
        kept = [] if self.entry.keep is None else ["**kept"]
        members = ", ".join([*(f"{name!r}: {value}" for name, value in values), *kept])
        may_lack = any(branch.omit for attribute in self.entry.attributes for branch in attribute.branches)
        made = f"s.present({{{members}}})" if may_lack else f"{{{members}}}"
        return [f"members = {made if values else 'kept'}", "sent = s.encode(members)"]

    def _sent(self, sent: model.Sent) -> str:
        value = f"out.{self.fields[sent.attribute]}"
        if sent.null_if is not None:
            value = f"(None if {_hits(value, sent.null_if)} else {value})"
        self.once.before |= dict.fromkeys(number_words(sent.rendering, sent.locale))
        return value if sent.rendering is None else f"s.rendered({value}, {sent.rendering!r}, {self._locale(sent)})"

    def _locale(self, sent: model.Sent) -> str:
        if isinstance(sent.locale, model.SettingQuery):
            return self.queries.value(sent.locale.query.node)
        return "None" if sent.locale is None else constant(sent.locale.json)

    def _kept(self, keep: model.Keep) -> str:
        sets = {
            "named": base.named_keys(self.entry, self.target),
            "besides": keep.besides,
            "reserved": self.endpoint.reserved,
        }
        given = [f"{name}=frozenset({sorted(keys)!r})" for name, keys in sets.items() if keys]
        if self.endpoint.limits.depth is not None:
            given.append(f"levels={self.endpoint.limits.depth}")
        kept = self.once(f"s.kept({', '.join(given)})", "kept")
        return f"{kept}(given := {self.queries.value(keep.query.node)})"

    # Limits

    def _guards(self) -> list[str]:
        """Where a limit could be broken, the interpreter takes over and says so."""
        tests = [*self._guards_of_event(), *self._guards_of_properties()]
        return [f"if {' or '.join(tests)}:", f"{INDENT}raise s.Fallback"] if tests else []

    def _guards_of_event(self) -> Iterator[str]:
        limits = self.endpoint.limits
        if self.entry.kind != "event":
            return
        yield f"len(sent) > {self._longest_of_event()}"
        if limits.event_id is not None:
            yield f"not 0 < len(source_id) <= {limits.event_id}"
        if limits.earliest is not None:
            yield f"time < {limits.earliest!r}"
        if self.entry.metric is None and limits.event_name is not None:
            yield f"not 0 < len(name) <= {limits.event_name}"

    def _guards_of_properties(self) -> Iterator[str]:
        limits = self.endpoint.limits
        over_limit = f"s.over_limit({self.platform.name!r}, {self.entry.kind!r}, "
        bounded = limits.text or limits.elements or limits.depth or limits.integer_bits
        nested = [a for a in self.entry.attributes if a.sends in ("object", "array")]
        made = [a for a in nested if all(map(self.bodies.values.typed_place, a.branches))]
        if bounded and 1 + max(map(_levels, made), default=0) > (limits.depth or 1000):
            yield "True"
        if self.entry.keep is not None:
            if limits.properties is not None:
                yield f"len(members) > {limits.properties}"
            if limits.property_name is not None:
                legal = self.once(f"s.legal_names({limits.property_name!r})", "legal_names")
                yield f"not {legal}(kept)"
        if bounded:
            # What is flat and short breaks none of the other limits.
            short = self._short(lists=bool(nested) or self.entry.keep is not None)
            if self.entry.kind != "event" or short < self._longest_of_event():
                yield f"len(sent) > {short} and {over_limit}s.untyped(sent))"
            if self.entry.keep is not None:
                yield f"kept is not given and not s.is_flat(kept) and {over_limit}kept)"
            levels = "" if limits.depth is None else f", {limits.depth - 1}"
            for value in (f"out.{self.fields[a.name]}" for a in nested if a not in made):
                yield f"{value} and not s.is_plain({value}{levels}) and {over_limit}{{'p': {value}}})"

    def _longest_of_event(self) -> int:
        """How long an event's properties may be here."""
        return LONGEST_TEXT if _has_template(self.entry.attributes) else self.endpoint.limits.body - 100_000

    def _short(self, *, lists: bool) -> int:
        """Up to where no text and no list can be too long: an element has two bytes at least, with its comma."""
        limits = self.endpoint.limits
        shortest = [limits.body] if limits.text is None else [limits.text]
        shortest += [2 * limits.elements] if limits.elements is not None and lists else []
        return min(shortest)

    # Who it is about, and the rest of a body

    def _profile_key(self) -> str:
        rows = ", ".join(repr((name, self.platform.identifiers[name].most)) for name in self.names)
        return f"profile_key = {self.once(f's.key_of({rows})', 'key')}({', '.join(self.names)})"

    def _holes(self) -> list[str]:
        if self.endpoint.metafield is not None:
            return self._metafields()
        lines = [f"profile_id = {name} and s.encode({name})" for name in self.names if not self._is_member(name)]
        if self.entry.kind == "event":
            members = {name: repr(self._renamed(name)) for name in self.names if self._is_member(name)}
            profile = self.once(f"s.texts_object({', '.join(members.values())})", "profile")
            return [f"profile = {profile}({', '.join(members)})", *lines]
        return [*lines, *self._members()]

    def _identifiers(self) -> Iterator[bytes | str]:
        """The parts of the list of those that are there."""
        rows = [(name, *base.around_identifier(self.platform, name)) for name in self.names]
        if len(rows) == 1:
            ((name, before, after),) = rows
            yield from (b"[" + before, name, after + b"]")
        else:
            made = (f"{name} and {before!r} + s.encode({name}) + {after!r}" for name, before, after in rows)
            yield from (b"[", f"b','.join(filter(None, ({', '.join(made)})))", b"]")

    def _is_member(self, name: str) -> bool:
        """Whether an identifier is a member of the profile."""
        return self.platform.identifiers[name].sent is not None

    def _renamed(self, name: str) -> str:
        return self.platform.identifiers[name].sent or name

    def _members(self) -> list[str]:
        values = self._profile()
        if not values:
            return []
        if any("." in name for name in values):
            named = ", ".join(f"{name!r}: {value}" for name, value in values.items())
            return [f"profile_members = s.profile_members({{{named}}})"]
        made = self.once(f"s.members_of({', '.join(map(repr, values))})", "members")
        return [f"profile_members = {made}({', '.join(values.values())})"]

    def _profile(self) -> dict[str, str]:
        """A profile's identifiers, where they are members, and the platform's own fields."""
        people: dict[str, str] = {}
        if self.endpoint.identifier is None:
            people = {
                self._renamed(name): f"s.UNSET if {name} is None else {name}"
                for name in self.names
                if self._is_member(name)
            }
        return {**people, **{sent.name: self._own(sent) for sent in self.target.sent if sent.own}}

    def _own(self, sent: model.Sent) -> str:
        """A value for a field of the platform's own; some take no null, or not every text."""
        value, field = self._sent(sent), self.endpoint.fields[sent.attribute]
        if field.null and field.legal is None and field.most is None:
            return value
        taken = self.once(f"s.own_field({self.platform.name!r}, {sent.attribute!r})", sent.attribute)
        if field.most is None or field.null:
            return f"{taken}({value})"
        return f"s.UNSET if (c := {value}) is None else c if type(c) is str and len(c) <= {field.most} else {taken}(c)"

    def _metafields(self) -> list[str]:
        owner = self.names[0]
        rows = tuple((sent.attribute, sent.name, sent.metafield) for sent in self.target.sent)
        namespace = msgspec.json.encode(self.target.options[base.NAMESPACE])
        listed = self.once(f"s.metafield_list({self.platform.name!r}, {namespace!r}, {rows!r})", "metafields")
        values = "".join(f"{self._sent(sent)}, " for sent in self.target.sent)
        return [f"metafields = {listed}(s.encode({owner}), ({values}))"]

    def _written(self) -> list[str]:
        lines = []
        if self.endpoint.id_made_of == "source":
            lines.append("event_id = source_id")
        else:
            prefix = f"mapforge:{self.bodies.vendor}:{self.entry.name}:"
            lines.append(f"event_id = {self.once(f's.uuid5_of({prefix!r})', 'event_id')}(source_id)")
        lines.append(f"written = {self._body()}")
        if self.entry.kind != "event":
            bounds = [self.endpoint.limits.body, *([LONGEST_TEXT] if _has_template(self.entry.attributes) else [])]
            lines += [f"if len(written) > {min(bounds)}:", f"{INDENT}raise s.Fallback"]
        event = "name" if self.bodies.event == model.CATCH_ALL else repr(self.bodies.event)
        row = f"{self.bodies.vendor!r}, {self.entry.name!r}, {event}, {self.platform.name!r}, {self.endpoint.kind!r}"
        batch = "" if self.entry.batch is None else f", {self.entry.batch}"
        return [*lines, f"payloads.append(s.Payload({row}, written, event_id, time, profile_key{batch}))"]

    def _body(self) -> str:
        """The call that puts the body together."""
        constants, values = [b""], []
        for part in self._parts():
            if isinstance(part, bytes):
                constants[-1] += part
            else:
                values.append(part)
                constants.append(b"")
        rows = "".join(f"{INDENT}{constant!r},\n" for constant in constants)
        filler = self.once(f"s.filler(\n{rows})", self.platform.name)
        return f"{filler}({', '.join(values)})"

    def _parts(self) -> Iterator[bytes | str]:
        """The body's constant bytes and the expressions of what stands between them, in their order."""
        entry, event = self.entry, self.bodies.event
        constants = {name: msgspec.json.encode(value) for name, value in self.target.options.items()}
        if entry.metric is not None:
            constants[base.EVENT_NAME] = msgspec.json.encode(entry.metric)
        elif event != model.CATCH_ALL:
            constants[base.EVENT_NAME] = msgspec.json.encode(event)
        without = {base.VALUE, base.VALUE_CURRENCY} if entry.value is None else set()
        if all(map(self._is_member, self.names)):
            without.add(base.PROFILE_ID)
        if not self._profile():
            without.add(base.MEMBERS)
        for part in base.segments(self.endpoint.envelope, constants, without):
            if isinstance(part, bytes):
                yield part
            elif isinstance(part, base.Gap):
                yield f"b'' if {part.name} is None else {part.lead!r} + {part.name}"
            elif part.name == base.IDENTIFIERS:
                yield from self._identifiers()
            else:
                yield _HOLES[part.name]


_HOLES = {
    base.PROPERTIES: "sent",
    base.PROFILE: "profile",
    base.TIME: "time",
    base.EVENT_ID: "event_id",
    base.EVENT_NAME: "name",
    base.MEMBERS: "profile_members",
    base.METAFIELDS: "metafields",
}


def _hits(value: str, null_if: str) -> str:
    """A test of whether null_if hits a finished value."""
    null = constant(null_if)
    return f"{value} == {null}" if null_if.startswith('"') else f"s.same({value}, {null})"


def _has_template(attributes: Iterable[model.Attribute]) -> bool:
    """Whether a text is made in place, which is not to be longer than a template may make it."""
    branches = [branch for attribute in attributes for branch in attribute.branches]
    return any(isinstance(branch.source, model.Template) or _has_template(within(branch)) for branch in branches)


def _levels(attribute: model.Attribute) -> int:
    """How many objects and lists stand in each other in what is made of an attribute."""
    return max(map(_levels_of, attribute.branches))


def _levels_of(branch: model.Branch) -> int:
    own = 0 if branch.fields is None and branch.each is None else 1
    in_a_list = own and branch.fields is not None and branch.type.base == "list"
    return own + bool(in_a_list) + max(map(_levels, within(branch)), default=0)


def _is_whole(entry: model.Entry, target: model.Target) -> bool:
    """Whether the platform gets the attributes as they are, but for values that null_if may hit."""
    return (
        entry.keep is None
        and [sent.name for sent in target.sent] == [attribute.key for attribute in entry.attributes]
        and not any(sent.rendering or sent.own or sent.metafield for sent in target.sent)
        and all(nameable(sent.name) for sent in target.sent)
    )
