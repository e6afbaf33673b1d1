"""model.Vendor → Python source, a module for each raw event name: typed Struct in, typed Struct out, straight lines.

Pure: the same model gives the same text. What comes from a mapping enters it only through `repr`, or as a name that
was checked to be one. A generated mapper never explains a fault: it raises, and the interpreter says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import chain, count
from typing import Any, TypeAlias

import msgspec

from mapforge import model
from mapforge.compiler.reads import (
    BOOLEAN,
    ID,
    INTEGER,
    TEXT,
    Shape,
    field_name,
    is_flat,
    settings_of,
    shape_of,
)
from mapforge.platforms import PLATFORMS, base
from mapforge.platforms.base import Platform
from mapforge.values.identity import LONGEST_EMAIL, LONGEST_PHONE
from mapforge.values.numbers import number
from mapforge.values.templates import LONGEST_TEXT, parse

INDENT = "    "
_MOST_INLINE = 8
# What a valid identifier has at most, whatever the platform.
_LONGEST = {"email": LONGEST_EMAIL, "phone": LONGEST_PHONE}
_LISTED = "(None if (l := "

# What an expression stands on: the raw root, a variable with an untyped value, or the fields of a list's element.
Current: TypeAlias = "str | Mapping[str, str] | None"
_WORD = re.compile(r"[^A-Za-z0-9]+")


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
        self.names: dict[tuple[str, ...], str] = {}
        self.top: dict[str, str] = {}
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
            *(f"{name} = {text}" for text, name in self.top.items()),
            "",
            *body,
        ]
        return "\n".join(lines) + "\n"

    # What comes in

    def _inputs(self) -> list[str]:
        lines: list[str] = []
        for shape in self.shape.structs():
            lines += ["", *self._struct(shape)]
        decoder = f"s.typed({self._class(self.shape)})" if self.shape.is_struct else "s.untyped"
        return [*lines, "", f"decode = {decoder}", ""]

    def _struct(self, shape: Shape) -> list[str]:
        renamed = {
            field: name for position, name in enumerate(shape.below) if (field := field_name(name, position)) != name
        }
        options = f", rename={renamed!r}" if renamed else ""
        lines = [f"class {self._class(shape)}(s.Struct, kw_only=True, gc=False{options}):"]
        for position, (name, inner) in enumerate(shape.below.items()):
            lines.append(f"{INDENT}{field_name(name, position)}: {self._annotation(inner)}")
        return lines

    def _annotation(self, shape: Shape) -> str:
        kind = self._class(shape) if shape.is_struct else shape.annotation
        if shape.is_list and shape.items is not None:
            kind = f"list[{self._class(shape.items)}]"
        if shape.needed:
            return kind
        return f"{kind} = None" if kind == "object" else f"{kind} | None = None"

    def _class(self, shape: Shape) -> str:
        return "Raw" + self._name(shape.keys)

    def _name(self, keys: tuple[str, ...]) -> str:
        """A name for a place in the raw event, unique in the module."""
        if keys not in self.names:
            plain = "".join("_" + _WORD.sub("_", key).strip("_") for key in keys)
            taken = set(self.names.values())
            numbered = (f"{plain}_{n}" for n in count(2))
            self.names[keys] = next(name for name in chain((plain,), numbered) if name not in taken)
        return self.names[keys]

    def _variable(self, shape: Shape) -> str:
        return "raw" + self._name(shape.keys)

    def _bind(self, shape: Shape) -> list[str]:
        """A line for each Struct within: its variable, an empty one where it may be absent and is."""
        lines = []
        for position, (name, inner) in enumerate(shape.below.items()):
            if inner.is_struct:
                read = f"{self._variable(shape)}.{field_name(name, position)}"
                empty = "" if inner.needed else f" or {self._once(f'{self._class(inner)}()', 'no_' + name)}"
                lines += [f"{self._variable(inner)} = {read}{empty}", *self._bind(inner)]
        return lines

    # Expressions

    def _path(self, keys: Sequence[str]) -> str:
        """What stands at a path: fields as far as there are Structs, steps below them."""
        shape = self.shape
        if not shape.is_struct:
            return self._steps("raw", keys)
        for depth, name in enumerate(keys):
            inner = shape.below[name]
            if not inner.is_struct:
                return self._steps(self._leaf(shape, name), keys[depth + 1 :])
            shape = inner
        return self._variable(shape)

    def _leaf(self, shape: Shape, name: str) -> str:
        return f"{self._variable(shape)}.{field_name(name, list(shape.below).index(name))}"

    def _steps(self, value: str, keys: Sequence[str]) -> str:
        if len(keys) == 1:
            return f"s.key({value}, {keys[0]!r})"
        return f"s.keys({value}, {tuple(keys)!r})" if keys else value

    def _kind(self, keys: Sequence[str]) -> str:
        """How the value at a path was decoded."""
        shape = self.shape
        for name in keys:
            if not shape.is_struct:
                return "object"
            shape = shape.below[name]
        return shape.annotation if not shape.below else "object"

    def _required(self, keys: Sequence[str]) -> bool:
        """Whether the type already demands the value at a path."""
        shape = self.shape
        for name in keys:
            if not shape.is_struct:
                return False
            shape = shape.below[name]
        return shape.needed and not shape.below

    def _value(self, node: model.AnyNode, current: Current = None) -> str:
        """A node as an expression, on the raw root or on a variable that holds an untyped value."""
        match node:
            case model.Path():
                if isinstance(current, Mapping):
                    return current[node.keys[0]]
                return self._path(node.keys) if current is None else self._steps(current, node.keys)
            case model.Projection() if (items := self._items(node, current)) is not None:
                return self._listed(node, items)
            case model.Chain():
                first, *rest = node.steps
                value = self._value(first, current)
                if rest[0] == model.Element(0) and value.startswith(_LISTED):
                    value, rest = value.replace("s.whole(", "s.first_of(", 1), rest[1:]
                for step in rest:
                    value = self._value_on(step, value)
                return value
            case model.Element() | model.Slice():
                return self._value_on(node, current if isinstance(current, str) else "raw")
            case model.Projection():
                condition = "None" if node.condition is None else f"lambda c: {self._condition(node.condition, 'c')}"
                source = self._value(node.source, current)
                return f"s.project({source}, lambda c: {self._value(node.each, 'c')}, {condition})"
            case model.Both() | model.Either():
                word = "both" if isinstance(node, model.Both) else "either"
                return f"s.{word}({self._value(node.left, current)}, lambda: {self._value(node.right, current)})"
            case model.Literally():
                return _constant(node.json)
            case model.Call():
                arguments = ", ".join(self._value(argument, current) for argument in node.arguments)
                return f"s.{node.function}({arguments})"
            case model.Negation():
                return f"s.falsy({self._value(node.operand, current)})"
            case model.Comparison():
                return self._comparison(node, current)

    def _items(self, node: model.Projection, current: Current) -> Shape | None:
        """The Struct of the elements, where the list was decoded into Structs."""
        shape = self.shape
        if current is not None or not isinstance(node.source, model.Path) or not is_flat(node):
            return None
        for name in node.source.keys:
            if not shape.is_struct:
                return None
            shape = shape.below[name]
        return shape.items if shape.is_list else None

    def _listed(self, node: model.Projection, items: Shape) -> str:
        fields = {name: f"c.{field_name(name, position)}" for position, name in enumerate(items.below)}
        condition = "" if node.condition is None else f" if {self._condition(node.condition, fields)}"
        each = self._value(node.each, fields)
        return f"{_LISTED}{self._value(node.source)}) is None else s.whole([{each} for c in l{condition}]))"

    def _value_on(self, node: model.AnyNode, value: str) -> str:
        """A step of a chain, on the expression of what came before."""
        match node:
            case model.Path():
                return self._steps(value, node.keys)
            case model.Element():
                return f"s.element({value}, {node.index})"
            case model.Slice():
                return f"s.slice_({value}, {node.start}, {node.stop}, {node.step})"
            case _:
                return f"(lambda c: {self._value(node, 'c')})({value})"

    def _comparison(self, node: model.Comparison, current: Current) -> str:
        left, right = self._value(node.left, current), self._value(node.right, current)
        if node.operator not in ("eq", "ne"):
            return f"s.ordered({node.operator!r}, {left}, {right})"
        if any(isinstance(side, model.Literally) and side.json.startswith('"') for side in (node.left, node.right)):
            return f"({left} {'==' if node.operator == 'eq' else '!='} {right})"
        return f"{'' if node.operator == 'eq' else 'not '}s.equal({left}, {right})"

    def _condition(self, node: model.AnyNode, current: Current = None) -> str:
        """A predicate as an expression that is True or False. Stricter than the interpreter, never laxer."""
        match node:
            case model.Comparison():
                return self._comparison(node, current)
            case model.Both():
                return f"({self._condition(node.left, current)} and {self._condition(node.right, current)})"
            case model.Either():
                return f"({self._condition(node.left, current)} or {self._condition(node.right, current)})"
            case model.Negation():
                return f"(not {self._condition(node.operand, current)})"
            case _:
                return f"s.holds({self._value(node, current)})"

    def _once(self, text: str, word: str) -> str:
        """A name for an expression that is worked out when the module loads."""
        if text not in self.top:
            plain = _WORD.sub("_", word).strip("_").lower() or "rule"
            plain = f"rule_{plain}" if plain[0].isdigit() or plain.startswith("raw") else plain
            taken = set(self.top.values())
            self.top[text] = next(name for name in (f"{plain}_{n}" for n in count(1)) if name not in taken)
        return self.top[text]

    # Attributes

    def _attribute(self, attribute: model.Attribute) -> str:
        """What is sent of an attribute, as one expression."""
        text = ""
        for branch in attribute.branches:
            value = self._branch(branch, alone=len(attribute.branches) == 1)
            if branch.when is None:
                return f"{text}{value}"
            text += f"{value} if {self._condition(branch.when.node)} else "
        return text + self._answer(attribute.branches[-1])

    def _branch(self, branch: model.Branch, *, alone: bool) -> str:
        source, typed, demanded = self._source(branch)
        settled = _settled(branch, typed)
        if settled and branch.absent is None and not branch.omit:
            return (
                source if branch.type.nullable or demanded else f"(c if (c := {source}) is not None else s.missing())"
            )
        if settled:
            return f"(c if (c := {source}) is not None else {self._answer(branch)})"
        rule = self._once(self._rule(branch), branch.type.name)
        given = "".join(f", {setting}" for setting in self._given(branch))
        if not _asks(branch):
            return f"{rule}({source}{given})"
        answered = branch.type.nullable or branch.absent is not None or branch.omit
        absent = f"{self._answer(branch)} if (c := {source}) is None else " if answered else ""
        value = "c" if answered else source
        if typed == ID and branch.type.base == "id":
            made = f"str({value})" if answered or demanded else f"str(s.there({value}))"
        elif branch.type.base == "url" and typed == TEXT and answered:
            made = f"c if c[:8] == 'https://' and c.split(None, 1) == [c] else {rule}(c)"
        else:
            made = f"{rule}({value}{given})"
        return f"({absent}{made})" if answered else made

    def _answer(self, branch: model.Branch) -> str:
        if branch.absent is not None:
            return _written(branch.absent)
        if branch.omit:
            return "s.UNSET"
        return "None" if branch.type.nullable else "s.missing()"

    def _source(self, branch: model.Branch) -> tuple[str, str, bool]:
        """The expression of the raw value, how it was decoded, and whether it is there whenever the event decodes."""
        source = branch.source
        if isinstance(source, model.From) and len(source.queries) == 1:
            node = source.queries[0].node
            if isinstance(node, model.Path):
                return self._path(node.keys), self._kind(node.keys), self._required(node.keys)
            return self._value(node), "object", False
        if isinstance(source, model.From):
            return f"s.first({', '.join(self._value(query.node) for query in source.queries)})", "object", False
        if isinstance(source, model.Join):
            known = all(isinstance(p.node, model.Path) and self._kind(p.node.keys) == TEXT for p in source.parts)
            parts = ", ".join(self._value(part.node) for part in source.parts)
            if known and len(source.parts) == 2:
                first, second = (self._value(part.node) for part in source.parts)
                both = f"t0 + {source.separator!r} + t1 if (t0 := {first}) and (t1 := {second})"
                return f"({both} else t0 or {second} or None)", TEXT, False
            if known:
                return f"({source.separator!r}.join(filter(None, ({parts},))) or None)", TEXT, False
            join = self._once(f"s.join({source.separator!r})", "join")
            return f"{join}({parts})", TEXT, False
        if isinstance(source, model.Template):
            return self._template(source), TEXT, False
        return _constant(source.json), "object", True

    def _template(self, source: model.Template) -> str:
        """Interpolations alone are joined in place where all of them are texts, as they mostly are."""
        pieces = parse(source.text).pieces
        template = self._once(f"s.template({source.text!r})", "template")
        values = [self._value(variable.node) for variable in source.variables]
        if pieces is None or not values or len(values) > _MOST_INLINE:
            return f"{template}({', '.join(values)})"
        names = [f"t{position}" for position in range(len(values))]
        texts = " and ".join(f"type({name} := {value}) is str" for name, value in zip(names, values, strict=True))
        joined = " + ".join(names[piece] if isinstance(piece, int) else repr(piece) for piece in pieces)
        return f"({joined} if {texts} else {template}({', '.join(values)}))"

    def _rule(self, branch: model.Branch) -> str:
        if branch.fields is not None or branch.each is not None:
            return f"s.nested({msgspec.json.encode(branch).decode()!r})"
        said = {key: value for key, value in _said(branch) if value is not None}
        return f"s.rule({', '.join(f'{key}={value}' for key, value in said.items())})"

    def _given(self, branch: model.Branch) -> list[str]:
        """The settings that come with the value: by their names for a nested rule, in their order for a plain one."""
        if branch.fields is not None or branch.each is not None:
            pairs = {setting.query.text: self._value(setting.query.node) for setting in settings_of(branch)}
            return ["{" + ", ".join(f"{text!r}: {value}" for text, value in pairs.items()) + "}"]
        settings = (getattr(branch.type, name) for name in needs_of(branch.type))
        return [self._value(setting.query.node) for setting in settings]

    # The function

    def _function(self) -> list[str]:
        lines = ["def map_event(body, to, headers, name, routed):", f"{INDENT}raw = decode(body)"]
        source = self.vendor.source
        lines += [f"{INDENT}{line}" for line in self._bind(self.shape)] if self.shape.is_struct else []
        if isinstance(source.event, model.SettingQuery):
            read = self._value(source.event.query.node)
            lines += [f"{INDENT}if routed and {read} != name:", f"{INDENT}{INDENT}raise s.Fallback"]
        lines.append(f"{INDENT}source_id = {self._source_id()}")
        lines.append(f"{INDENT}time = {self._time()}")
        lines.append(f"{INDENT}payloads = []")
        for position, entry in enumerate(self.entries):
            lines += self._entry(position, entry)
        return [*lines, f"{INDENT}return payloads"]

    def _from_raw(self, where: model.Header | model.SettingQuery) -> str:
        return f"headers.get({where.name!r})" if isinstance(where, model.Header) else self._value(where.query.node)

    def _source_id(self) -> str:
        where = self.vendor.source.id
        read = self._from_raw(where)
        if isinstance(where, model.SettingQuery) and isinstance(where.query.node, model.Path):
            keys = where.query.node.keys
            if self._kind(keys) == ID and self._required(keys):
                return f"str({read})"
        return f"s.identifier({read})"

    def _time(self) -> str:
        kind = self.vendor.source.time_type
        settings = [getattr(kind, name) for name in needs_of(kind)]
        given = [self._value(setting.query.node) for setting in settings]
        branch = model.Branch(kind, model.Constant("null"), self.entries[0].span)
        rule = self._once(self._rule(branch), "time")
        return f"{rule}({', '.join([self._from_raw(self.vendor.source.time), *given])})"

    def _entry(self, position: int, entry: model.Entry) -> list[str]:
        lines = ["", *_comment(f"{entry.name} {entry.span.at}")]
        made = [*self._out(position, entry), *self._payloads(position, entry)]
        if entry.trigger.when is None:
            return [f"{INDENT}{line}" if line else line for line in (*lines, *made)]
        lines.append(f"if {self._condition(entry.trigger.when.node)}:")
        return [f"{INDENT}{line}" if line else line for line in (*lines, *(f"{INDENT}{line}" for line in made))]

    def _out(self, position: int, entry: model.Entry) -> list[str]:
        """The values, in a Struct whose fields are the entry's attributes in their order."""
        fields = self._fields(entry)
        names = {fields[attribute.name]: attribute.key for attribute in entry.attributes}
        self._output(f"Out{position}", names)
        rows = [(self._attribute(attribute), attribute) for attribute in entry.attributes]
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
            currency = self._value(value.currency.query.node)
        elif value.currency is not None:
            currency = _constant(value.currency.json)
        return [f"value, value_currency = s.worth({self._branch(value.amount, alone=True)}, {currency})"]

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
        made = self._patched(entry, target) if shared else self._separate(position, entry, target)
        lines = [*made, *self._guards(entry, target, platform)]
        lines += self._written(position, entry, target, platform)
        return [f"if {target.platform!r} in to:", *(f"{INDENT}{line}" for line in lines)]

    def _patched(self, entry: model.Entry, target: model.Target) -> list[str]:
        fields = self._fields(entry)
        lines = ["sent = properties"]
        hit = [(fields[sent.attribute], _constant(sent.null_if)) for sent in target.sent if sent.null_if is not None]
        if hit:
            checks = " or ".join(f"s.same(out.{field}, {constant})" for field, constant in hit)
            lines += [f"if {checks}:", f"{INDENT}changed = s.copy(out)"]
            for field, constant in hit:
                lines += [f"{INDENT}if s.same(out.{field}, {constant}):", f"{INDENT}{INDENT}changed.{field} = None"]
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
            value = f"(None if s.same({value}, {_constant(sent.null_if)}) else {value})"
        return value if sent.rendering is None else f"s.rendered({value}, {sent.rendering!r}, {self._locale(sent)})"

    def _locale(self, sent: model.Sent) -> str:
        if isinstance(sent.locale, model.SettingQuery):
            return self._value(sent.locale.query.node)
        return "None" if sent.locale is None else _constant(sent.locale.json)

    def _kept(self, entry: model.Entry, target: model.Target) -> str:
        if entry.keep is None:
            return ""
        named = sorted(_named(entry, target))
        left = self._once(f"frozenset({named!r})", "named")
        besides = self._once(f"frozenset({sorted(entry.keep.besides)!r})", "besides")
        return f", {self._value(entry.keep.query.node)}, {left}, {besides}"

    def _guards(self, entry: model.Entry, target: model.Target, platform: Platform) -> list[str]:
        """Where a limit could be broken, the interpreter takes over and says so."""
        limits = platform.limits
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
            tests.append(f"s.over_limit({platform.name!r}, members)")
        else:
            if limits.text is not None:
                tests.append(f"len(sent) > {limits.text} and s.over_limit({platform.name!r}, s.untyped(sent))")
            opened = [f"out.{fields[a.name]}" for a in entry.attributes if a.sends in ("object", "array")]
            tests += [f"s.over_limit({platform.name!r}, {{'p': {value}}})" for value in opened]
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
        value = self._value(node)
        if rule == "text":
            typed = isinstance(node, model.Path) and self._kind(node.keys) == ID
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

    def _written(self, position: int, entry: model.Entry, target: model.Target, platform: Platform) -> list[str]:
        lines = self._profile(position, entry, platform)
        if platform.event_id == "source":
            lines.append("event_id = source_id")
        else:
            prefix = f"mapforge:{self.vendor.name}:{entry.name}:"
            lines.append(f"event_id = {self._once(f's.uuid5_of({prefix!r})', 'event_id')}(source_id)")
        lines.append(f"written = b''.join(({', '.join(self._pieces(entry, target, platform))},))")
        metric = "name" if self.event == model.CATCH_ALL else repr(self.event)
        row = f"{self.vendor.name!r}, {entry.name!r}, {metric}, {platform.name!r}, {entry.kind!r}"
        return [*lines, f"payloads.append(s.Payload({row}, written, event_id, time, profile_key))"]

    def _pieces(self, entry: model.Entry, target: model.Target, platform: Platform) -> Iterable[str]:
        constants = {name: msgspec.json.encode(value) for name, value in target.options.items()}
        if entry.metric is not None:
            constants[base.EVENT_NAME] = msgspec.json.encode(entry.metric)
        elif self.event != model.CATCH_ALL:
            constants[base.EVENT_NAME] = msgspec.json.encode(self.event)
        gaps = {base.VALUE, base.VALUE_CURRENCY} if entry.value is not None else set()
        taken = [platform.identifiers[i.name] for i in entry.identity.identifiers if i.name in platform.identifiers]
        if any(identifier.sent is None for identifier in taken):
            gaps.add(base.PROFILE_ID)
        for part in base.segments(platform.envelope, constants):
            if isinstance(part, bytes):
                yield self._once(repr(part), platform.name)
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


def needs_of(kind: model.Type) -> tuple[str, ...]:
    """The settings of a type that come with each value, in their order."""
    return tuple(name for name in _used(kind) if isinstance(getattr(kind, name), model.SettingQuery))


def _used(kind: model.Type) -> tuple[str, ...]:
    if kind.base == "datetime":
        return ("zone", "locale") if kind.format is not None else ("zone",)
    if kind.base == "date":
        return ("locale",) if kind.format is not None else ()
    return ("currency", "locale")


def _asks(branch: model.Branch) -> bool:
    """Whether the mapper itself answers what is absent; its rule does where it must look at the value first."""
    return not (branch.blank or branch.table is not None or branch.fields is not None or branch.each is not None)


def _settled(branch: model.Branch, typed: str) -> bool:
    """Whether decoding has done all that the type asks for."""
    if branch.blank or branch.table is not None or branch.fields is not None or branch.each is not None:
        return False
    plain = branch.type.rendering is None and branch.type.format is None and branch.type.input is None
    return plain and (branch.type.base, typed) in (("text", TEXT), ("boolean", BOOLEAN), ("integer", INTEGER))


def _said(branch: model.Branch) -> Iterable[tuple[str, Any]]:
    kind = branch.type
    yield "base", repr(kind.base)
    for key in ("scale", "round", "places", "rendering", "format", "input"):
        value = getattr(kind, key)
        yield key, None if value is None else repr(value)
    for key in ("zone", "currency", "locale"):
        setting = getattr(kind, key)
        if setting is not None:
            yield key, "s.COMES" if isinstance(setting, model.SettingQuery) else _constant(setting.json)
    if _asks(branch):
        return
    yield "nullable", "True" if kind.nullable else None
    yield "absent", None if branch.absent is None else _written(branch.absent)
    yield "omit", "True" if branch.omit else None
    yield "blank", repr(branch.blank) if branch.blank else None
    yield "table", repr(branch.table) if branch.table is not None else None


def _named(entry: model.Entry, target: model.Target) -> set[str]:
    own = {attribute.name for attribute in entry.attributes} | {attribute.key for attribute in entry.attributes}
    return own | {sent.name for sent in target.sent}


def _constant(json: str) -> str:
    """A JSON value as Python, a number as an integer or an exact Decimal."""
    return _literal(_decoded(json))


def _written(json: str) -> str:
    """A JSON value as Python, a number so that its digits are sent as they stand in the model."""
    constant = _constant(json)
    return f"s.as_it_came({constant})" if constant.startswith("s.Decimal(") else constant


def _decoded(json: str) -> Any:
    return msgspec.json.Decoder(object, float_hook=number).decode(json)


def _literal(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"s.Decimal({str(value)!r})"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_literal(item)}" for key, item in value.items()) + "}"
    return repr(value)


def _nameable(name: str) -> bool:
    """Whether msgspec takes the name as a field's."""
    return not any(character in '\\"' or character < " " for character in name)


def _comment(text: str) -> list[str]:
    return [f"# {_printable(text)}"]


def _printable(text: str) -> str:
    return text if text.isprintable() else repr(text)
