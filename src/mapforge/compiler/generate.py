"""model.Vendor → Python source, a module for each raw event name: typed Struct in, typed Struct out, straight lines.

Pure: the same model gives the same text. What comes from a mapping enters it only through `repr`, or as a name that
was checked to be one. A generated mapper never explains a fault: it raises, and the interpreter says what is wrong.
"""

from __future__ import annotations

from typing import TypeAlias

from mapforge import model
from mapforge.compiler.reads import ANY, ID, NUMBER, Shape, field_name, shape_of
from mapforge.compiler.write_bodies import Attributes, Bodies, fields_of, platforms_of, values_of, wanted
from mapforge.compiler.write_python import INDENT, Once, printable, struct
from mapforge.compiler.write_queries import Queries
from mapforge.compiler.write_values import Values, needs_of

Flagged: TypeAlias = dict[model.Kind, list[str]]


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
        self.classes: list[str] = []
        self.values = Values(self.queries, self.once, self.classes)
        self.bodies = Bodies(vendor.name, event, entries, self.queries, self.values, self.once, self.classes)
        # What `out` holds where the next lines stand, whatever conditions held before.
        self.standing: Attributes | None = None

    def source(self) -> str:
        body = self._function()
        made_of = ", ".join(entry.name for entry in self.entries)
        lines = [
            *_comment(f"{self.vendor.name} {self.event}: {made_of}. Written by mapforge; do not edit."),
            "from mapforge.runtime import support as s",
            "",
            *self._inputs(),
            *self.classes,
            *self.once.before,
            *(f"{name} = {text}" for text, name in self.once.named.items()),
            *self.queries.functions.lines(),
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
        if shape.needed:
            return self._kind(shape)
        kind = self._kind(shape)
        return f"{kind} = None" if kind in (ANY, NUMBER) else f"{kind} | None = None"

    def _kind(self, shape: Shape) -> str:
        if not shape.is_list or shape.items is None:
            return self.queries.struct(shape) if shape.is_struct else shape.annotation
        kind = self._kind(shape.items)
        return f"list[{kind if shape.items.is_struct or shape.items.needed else kind + ' | None'}]"

    # The function

    def _function(self) -> list[str]:
        lines = ["def map_event(body, to, headers, name, routed):", f"{INDENT}raw = decode(body)"]
        source = self.vendor.source
        lines += [f"{INDENT}{line}" for line in self.queries.bindings(self.once)] if self.shape.is_struct else []
        bound = len(lines)
        if isinstance(source.event, model.SettingQuery):
            read = self.queries.value(source.event.query.node)
            lines += [f"{INDENT}if routed and {read} != name:", f"{INDENT}{INDENT}raise s.Fallback"]
        lines.append(f"{INDENT}source_id = {self._source_id()}")
        lines.append(f"{INDENT}time = {self._time()}")
        lines.append(f"{INDENT}payloads = []")
        flagged, first = self._flagged(), len(lines)
        lines += [f"{INDENT}{_flag(kind)} = {wanted(always) or False}" for kind, always in flagged.items()]
        for position, entry in enumerate(self.entries):
            lines += self._entry(position, entry, flagged)
        if flagged:
            lines += ["", *(f"{INDENT}{line}" for line in self._skips(flagged))]
        may_skip = bool(flagged) or self.bodies.may_skip
        if may_skip:
            lines.insert(first, f"{INDENT}skipped = []")
        opened = [f"{INDENT}{name} = s.members({value})" for name, value in self.queries.opened.items()]
        lines[bound:bound] = opened
        return [*lines, f"{INDENT}return s.Result(payloads{', skipped' if may_skip else ''})"]

    def _flagged(self) -> Flagged:
        """Kinds of which nothing may be made, each with the platforms that always get something of it."""
        found: Flagged = {}
        for kind, entries in self._by_kind().items():
            always = platforms_of(entry for entry in entries if entry.trigger.when is None)
            if always != platforms_of(entries):
                found[kind] = always
        return found

    def _by_kind(self) -> dict[model.Kind, list[model.Entry]]:
        by_kind: dict[model.Kind, list[model.Entry]] = {}
        for entry in self.entries:
            by_kind.setdefault(entry.kind, []).append(entry)
        return by_kind

    def _skips(self, flagged: Flagged) -> list[str]:
        """Say why nothing of a kind is made, where that is so."""
        rows = []
        for entry in self.entries:
            when = entry.trigger.when
            said = None if when is None else (when.text, when.span.at)
            rows.append(repr((entry.kind, tuple(platforms_of([entry])), (entry.name, entry.span.at), said)))
        skips = self.once(f"s.skips({', '.join(rows)})", "skips")
        made = ", ".join(
            _flag(kind) if kind in flagged else wanted(platforms_of(entries)) or "False"
            for kind, entries in self._by_kind().items()
        )
        missing = " and ".join(map(_flag, flagged))
        return [f"if not ({missing}):", f"{INDENT}skipped[:0] = {skips}(to, {made})"]

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

    def _entry(self, position: int, entry: model.Entry, flagged: Flagged) -> list[str]:
        lines = ["", *_comment(f"{entry.name} {entry.span.at}")]
        always = self._made_anyway(position)
        if always is not None:
            lines += self._values(position, always)
        made = [*self._values(position, entry), *self.bodies.lines(position, entry)]
        if entry.trigger.when is None:
            return [f"{INDENT}{line}" if line else line for line in (*lines, *made)]
        lines.append(f"if {self.queries.condition(entry.trigger.when.node)}:")
        if entry.kind in flagged and entry.targets:
            made.insert(0, f"{_flag(entry.kind)} = {_flag(entry.kind)} or {wanted(platforms_of([entry]))}")
        return [f"{INDENT}{line}" if line else line for line in (*lines, *(f"{INDENT}{line}" for line in made))]

    def _made_anyway(self, position: int) -> model.Entry | None:
        """The entry from here on that is made whatever the event holds, and has the values of the one here."""
        values = values_of(self.entries[position])
        always = (entry for entry in self.entries[position:] if entry.trigger.when is None)
        return next((entry for entry in always if values_of(entry) == values), None)

    def _values(self, position: int, entry: model.Entry) -> list[str]:
        """Who it is about and what is sent, as far as it is not made already."""
        lines = self.bodies.people(entry)
        values = values_of(entry)
        if (entry.keep is not None and not values) or values == self.standing:
            return lines
        self.standing = values if entry.trigger.when is None else None
        return [*self._out(position, entry), *(["properties = None"] if self.bodies.shares(entry) else []), *lines]

    def _out(self, position: int, entry: model.Entry) -> list[str]:
        """The values, in a Struct whose fields are the entry's attributes in their order."""
        fields = fields_of(entry)
        names = {fields[attribute.name]: attribute.key for attribute in entry.attributes}
        self.classes += struct(f"Out{position}", names)
        rows = [(self.values.attribute(attribute), attribute) for attribute in entry.attributes]
        width = min(max((len(text) for text, _ in rows), default=0), 88)
        lines = [f"out = Out{position}("]
        for text, attribute in rows:
            note = f"{printable(attribute.name)} {printable(attribute.span.at)}"
            lines.append(f"{INDENT}{text + ',':<{width + 1}} # {note}")
        return [*lines, ")"]


def _flag(kind: model.Kind) -> str:
    return f"made_{kind}"


def _comment(text: str) -> list[str]:
    return [f"# {printable(text)}"]
