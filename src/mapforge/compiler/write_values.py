"""An attribute of the model → the Python expression of what is sent, and the rules that it calls."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

import msgspec

from mapforge import model
from mapforge.compiler.reads import BOOLEAN, ID, INTEGER, TEXT, answered, settings_of
from mapforge.compiler.write_queries import WORD, Queries, as_sent, constant
from mapforge.values.templates import parse

_MOST_INLINE = 8


class Once:
    """Names for expressions that are worked out when a module loads."""

    def __init__(self) -> None:
        self.named: dict[str, str] = {}

    def __call__(self, text: str, word: str) -> str:
        """The name of an expression, made of a word."""
        if text not in self.named:
            plain = WORD.sub("_", word).strip("_").lower() or "rule"
            plain = f"rule_{plain}" if plain[0].isdigit() or plain.startswith("raw") else plain
            taken = set(self.named.values())
            self.named[text] = next(name for name in (f"{plain}_{n}" for n in count(1)) if name not in taken)
        return self.named[text]


class Values:
    """Writes the attributes of one mapper."""

    def __init__(self, queries: Queries, once: Once) -> None:
        self.queries = queries
        self.once = once

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
        source, typed, demanded = self._source(branch)
        if _settled(branch, typed):
            if demanded or (branch.type.nullable and branch.absent is None and not branch.omit):
                return source
            return f"(c if (c := {source}) is not None else {self._answer(branch)})"
        if not answered(branch) or not _asks(branch):
            return self._converted(branch, source, typed, demanded=demanded)
        made = self._converted(branch, "c", typed, demanded=True)
        return f"({self._answer(branch)} if (c := {source}) is None else {made})"

    def _converted(self, branch: model.Branch, value: str, typed: str, *, demanded: bool) -> str:
        """A raw value through its rule, or in place where decoding has done the rest."""
        if _asks(branch) and typed == ID and branch.type.base == "id":
            return f"str({value})" if demanded else f"str(s.there({value}))"
        rule = self.once(self.rule(branch), branch.type.name)
        if typed == TEXT and branch.type.base == "url" and value == "c" and _asks(branch):
            return f"c if c[:8] == 'https://' and c.split(None, 1) == [c] else {rule}(c)"
        return f"{rule}({', '.join([value, *self._given(branch)])})"

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
            return self.queries.value(node), "object", False
        if isinstance(source, model.From):
            return f"s.first({', '.join(self.queries.value(query.node) for query in source.queries)})", "object", False
        if isinstance(source, model.Join):
            return self._join(source), TEXT, False
        if isinstance(source, model.Template):
            return self._template(source), TEXT, False
        return constant(source.json), "object", True

    def _join(self, source: model.Join) -> str:
        """Parts that were decoded as texts are joined in place; two of them without a call."""
        parts = [self.queries.value(part.node) for part in source.parts]
        if not all(isinstance(p.node, model.Path) and self.queries.kind(p.node.keys) == TEXT for p in source.parts):
            return f"{self.once(f's.join({source.separator!r})', 'join')}({', '.join(parts)})"
        if len(parts) == 2:
            first, second = parts
            both = f"t0 + {source.separator!r} + t1 if (t0 := {first}) and (t1 := {second})"
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
        joined = " + ".join(names[piece] if isinstance(piece, int) else repr(piece) for piece in pieces)
        return f"({joined} if {texts} else {template}({', '.join(values)}))"

    def rule(self, branch: model.Branch) -> str:
        """The expression of the function that a mapper makes of the branch's type when it loads."""
        if branch.fields is not None or branch.each is not None:
            return f"s.nested({msgspec.json.encode(branch).decode()!r})"
        said = {key: value for key, value in _said(branch) if value is not None}
        return f"s.rule({', '.join(f'{key}={value}' for key, value in said.items())})"

    def _given(self, branch: model.Branch) -> list[str]:
        """The settings that come with the value: by their names for a nested rule, in their order for a plain one."""
        if branch.fields is not None or branch.each is not None:
            pairs = {setting.query.text: self.queries.value(setting.query.node) for setting in settings_of(branch)}
            return ["{" + ", ".join(f"{text!r}: {value}" for text, value in pairs.items()) + "}"]
        settings = (getattr(branch.type, name) for name in needs_of(branch.type))
        return [self.queries.value(setting.query.node) for setting in settings]


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
    if not _asks(branch):
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
            yield key, "s.COMES" if isinstance(setting, model.SettingQuery) else constant(setting.json)
    if _asks(branch):
        return
    yield "nullable", "True" if kind.nullable else None
    yield "absent", None if branch.absent is None else as_sent(branch.absent)
    yield "omit", "True" if branch.omit else None
    yield "blank", repr(branch.blank) if branch.blank else None
    yield "table", repr(branch.table) if branch.table is not None else None
