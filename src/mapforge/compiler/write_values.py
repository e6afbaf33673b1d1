"""An attribute of the model → the Python expression of what is sent, and the rules that it calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from mapforge import model
from mapforge.compiler.reads import (
    ANY,
    BOOLEAN,
    ID,
    INTEGER,
    NUMBER,
    TEXT,
    Shape,
    answered,
    field_name,
    is_typed,
    path_of,
    settings_of,
)
from mapforge.compiler.words import words_of
from mapforge.compiler.write_python import INDENT, Once, as_sent, constant, printable, struct
from mapforge.compiler.write_queries import Queries
from mapforge.values.scalars import INTEGER_BITS
from mapforge.values.templates import parse

_MOST_INLINE = 8
# Whether a value that was decoded untyped is sent as it is; where this says no, the rule is the judge.
_AS_IT_IS = {
    **dict.fromkeys(("text", "id"), "type(c) is str"),
    "boolean": "type(c) is bool",
    "integer": f"type(c) is int and c.bit_length() < {INTEGER_BITS}",
}


class Values:
    """Writes the attributes of one mapper, or of an object within: then the root's settings are `settings`, by path."""

    def __init__(
        self,
        queries: Queries,
        once: Once,
        classes: list[str],
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.queries = queries
        self.once = once
        self.classes = classes
        self.settings = settings

    def attribute(self, attribute: model.Attribute) -> str:
        """What is sent of an attribute, as one expression."""
        text = ""
        for branch in attribute.branches:
            value = self.branch(branch)
            if branch.when is None:
                return f"{text}{value}"
            text += f"{value} if {self.queries.condition(branch.when.node)} else "
        return text + self._answer(attribute.branches[-1])

    def branch(self, branch: model.Branch) -> str:
        """What is sent where the branch is taken."""
        place = self.typed_place(branch)
        if place is not None:
            return self._made_of(branch, place)
        source, typed, demanded = self._source(branch)
        if _settled(branch, typed):
            if demanded or (branch.type.nullable and branch.absent is None and not branch.omit):
                return source
            return f"(c if (c := {source}) is not None else {self._answer(branch)})"
        if typed == NUMBER:
            return self._number(branch, source, demanded=demanded)
        if not answered(branch) or not _asks(branch):
            return self._converted(branch, source, typed, demanded=demanded)
        made = self._converted(branch, "c", typed, demanded=True)
        return f"({self._answer(branch)} if (c := {source}) is None else {made})"

    def _converted(self, branch: model.Branch, value: str, typed: str, *, demanded: bool) -> str:
        """A raw value through its rule, or in place where decoding has done the rest."""
        if _asks(branch) and typed == ID and branch.type.base == "id":
            return f"str({value})" if demanded else f"str(s.there({value}))"
        rule = self.once(self.rule(branch), branch.type.name)
        if typed == ANY and _asks(branch) and _unchanged(branch.type) and branch.type.base in _AS_IT_IS:
            looked_at = _AS_IT_IS[branch.type.base]
            bound = looked_at if value == "c" else looked_at.replace("(c)", f"(c := {value})", 1)
            return f"(c if {bound} else {rule}(c))"
        return f"{rule}({', '.join([value, *self._given(branch)])})"

    def _number(self, branch: model.Branch, source: str, *, demanded: bool) -> str:
        """A number that is sent with the bytes it came as, where they are right already."""
        rule = self.once(self.rule(branch, from_json=True), branch.type.name)
        if demanded or not answered(branch):
            return f"{rule}({source})"
        return f"({self._answer(branch)} if (c := {source}) is None else {rule}(c))"

    def _answer(self, branch: model.Branch) -> str:
        if branch.absent is not None:
            return as_sent(branch.absent)
        if branch.omit:
            return "s.UNSET"
        return "None" if branch.type.nullable else "s.missing()"

    def _source(self, branch: model.Branch) -> tuple[str, str, bool]:
        """The expression of the raw value, how it was decoded, and whether it is there whenever the event decodes."""
        source = branch.source
        if isinstance(source, model.From) and len(source.queries) == 1:
            node = source.queries[0].node
            if isinstance(node, model.Path):
                return self.queries.path(node.keys), self.queries.kind(node.keys), self.queries.required(node.keys)
            return self.queries.value(node), self.queries.kind_of_first(node), False
        if isinstance(source, model.From):
            return f"s.first({', '.join(self.queries.value(query.node) for query in source.queries)})", ANY, False
        if isinstance(source, model.Join):
            return self._join(source), TEXT, False
        if isinstance(source, model.Template):
            return self._template(source), TEXT, False
        return constant(source.json), ANY, True

    def _join(self, source: model.Join) -> str:
        """Parts that were decoded as texts are joined in place; two of them without a call."""
        parts = [self.queries.value(part.node) for part in source.parts]
        if not all(isinstance(p.node, model.Path) and self.queries.kind(p.node.keys) == TEXT for p in source.parts):
            return f"{self.once(f's.join({source.separator!r})', 'join')}({', '.join(parts)})"
        if len(parts) == 2:
            first, second = parts
            both = f"f'{{t0}}{_in_an_f_string(source.separator)}{{t1}}' if (t0 := {first}) and (t1 := {second})"
            return f"({both} else t0 or {second} or None)"
        return f"({source.separator!r}.join(filter(None, ({', '.join(parts)},))) or None)"

    def _template(self, source: model.Template) -> str:
        """Interpolations alone are joined in place where all of them are texts, as they mostly are."""
        pieces = parse(source.text).pieces
        template = self.once(f"s.template({source.text!r})", "template")
        values = [self.queries.value(variable.node) for variable in source.variables]
        if pieces is None or not values or len(values) > _MOST_INLINE:
            return f"{template}({', '.join(values)})"
        names = [f"t{position}" for position in range(len(values))]
        texts = " and ".join(f"type({name} := {value}) is str" for name, value in zip(names, values, strict=True))
        joined = "".join(
            f"{{{names[piece]}}}" if isinstance(piece, int) else _in_an_f_string(piece) for piece in pieces
        )
        return f"(f'{joined}' if {texts} else {template}({', '.join(values)}))"

    def rule(self, branch: model.Branch, *, from_json: bool = False) -> str:
        """The expression of the function that a mapper makes of the branch's type when it loads."""
        self.once.before |= dict.fromkeys(words_of(branch))
        if branch.fields is not None or branch.each is not None:
            return f"s.nested({msgspec.json.encode(branch).decode()!r})"
        said = {key: value for key, value in _said(branch, from_json) if value is not None}
        return f"s.rule({', '.join(f'{key}={value}' for key, value in said.items())})"

    def _given(self, branch: model.Branch) -> list[str]:
        """The settings that come with the value: by their names for a nested rule, in their order for a plain one."""
        if branch.fields is not None or branch.each is not None:
            pairs = {setting.query.text: self.setting(setting) for setting in settings_of(branch)}
            return ["{" + ", ".join(f"{text!r}: {value}" for text, value in pairs.items()) + "}"]
        return [self.setting(getattr(branch.type, name)) for name in needs_of(branch.type)]

    def setting(self, setting: model.SettingQuery) -> str:
        """A setting that comes with the value: from the raw root, or from the place itself."""
        if setting.from_root and self.settings is not None:
            return self.settings[setting.query.text]
        return self.queries.value(setting.query.node)

    # Objects and lists that were decoded into Structs

    def typed_place(self, branch: model.Branch) -> Shape | None:
        """Where the branch's object or list stands, if it was decoded into Structs; else None."""
        if not is_typed(branch):
            return None
        place = self.queries.place(path_of(branch))
        is_object = branch.each is None and branch.type.base == "object"
        fits = place is not None and (place.is_struct if is_object else place.is_list)
        return place if fits else None

    def _made_of(self, branch: model.Branch, place: Shape) -> str:
        """What is sent of an object or a list that may be absent."""
        held = self.queries.held(path_of(branch))
        if place.needed:
            return self._made(branch, place, held)
        return f"({self._made(branch, place, 'c')} if (c := {held}) is not None else {self._answer(branch)})"

    def _made(self, branch: model.Branch, place: Shape, value: str) -> str:
        """An object through its function, a list through one for each element."""
        if place.items is None:
            return f"{self._function(branch, place)}({value}{self._passed(branch)})"
        each = branch.each
        if each is not None and len(each.branches) == 1 and self._is_itself(each.branches[0], place.items):
            return value
        made = f"{self._function(branch, place.items)}(e{self._passed(branch)})"
        if each is not None and any(one.omit for one in each.branches):
            return f"[m for e in {value} if (m := {made}) is not s.UNSET]"
        return f"[{made} for e in {value}]"

    def _is_itself(self, branch: model.Branch, items: Shape) -> bool:
        """Whether decoding has made the elements just as they are sent."""
        source = branch.source
        whole = isinstance(source, model.From) and source.queries[0].node == model.Path(()) and branch.when is None
        kept = items.needed or (branch.type.nullable and branch.absent is None and not branch.omit)
        return whole and len(getattr(source, "queries", ())) == 1 and kept and _settled(branch, items.annotation)

    def _passed(self, branch: model.Branch) -> str:
        given = {setting.query.text: self.setting(setting) for setting in settings_of(branch)}
        return "".join(f", {value}" for value in given.values())

    def _function(self, branch: model.Branch, place: Shape) -> str:
        """The name of the function that makes what is sent of one Struct, or of one element."""
        functions = self.queries.functions
        key = repr((branch, place.keys))
        if key not in functions.names:
            name = functions.named(key, "make_" + "_".join(place.keys))
            queries = self.queries.within(place)
            texts = dict.fromkeys(setting.query.text for setting in settings_of(branch))
            settings = {text: f"s{number}" for number, text in enumerate(texts)}
            values = Values(queries, self.once, self.classes, settings)
            bound = queries.bindings(self.once) if place.is_struct else []
            head = f"def {name}({', '.join([queries.variable(place), *settings.values()])}):"
            functions.written[name] = [head, *(f"{INDENT}{line}" for line in (*bound, *values._body(branch, name)))]
        return functions.names[key]

    def _body(self, branch: model.Branch, name: str) -> list[str]:
        if branch.each is not None:
            return [f"return {self.attribute(branch.each)}"]
        members = branch.fields or ()
        made = f"Made_{name.removeprefix('make_')}"
        fields = {field_name(member.key, at): member.key for at, member in enumerate(members)}
        rows = [f"{INDENT}{self.attribute(member)},  # {printable(member.span.at)}" for member in members]
        self.classes += struct(made, fields)
        return [f"return {made}(", *rows, ")"]


def _in_an_f_string(text: str) -> str:
    """A text between the single quotes of an f-string, as `repr` writes it."""
    quoted = repr(f'"{text}')  # with a double quote in it, repr takes single ones
    return quoted[2:-1].replace("{", "{{").replace("}", "}}")


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
    by_decoding = (("text", TEXT), ("boolean", BOOLEAN), ("integer", INTEGER))
    return _asks(branch) and _unchanged(branch.type) and (branch.type.base, typed) in by_decoding


def _unchanged(kind: model.Type) -> bool:
    """Whether a value is sent as it came."""
    return kind.rendering is None and kind.format is None and kind.input is None


def _said(branch: model.Branch, from_json: bool) -> Iterable[tuple[str, Any]]:
    kind = branch.type
    yield "base", repr(kind.base)
    for key in ("scale", "round", "places", "rendering", "format", "input"):
        value = getattr(kind, key)
        yield key, None if value is None else repr(value)
    for key in ("zone", "currency", "locale"):
        setting = getattr(kind, key)
        if setting is not None:
            yield key, "s.COMES" if isinstance(setting, model.SettingQuery) else constant(setting.json)
    yield "from_json", "True" if from_json else None
    if _asks(branch) and not from_json:
        return
    yield "nullable", "True" if kind.nullable else None
    yield "absent", None if branch.absent is None else as_sent(branch.absent)
    yield "omit", "True" if branch.omit else None
    yield "blank", repr(branch.blank) if branch.blank else None
    yield "table", repr(branch.table) if branch.table is not None else None
