"""A source tree → a document of documents.py and the places of its parts; what does not fit becomes diagnostics.

Nothing stops at the first fault: what is wrong is reported, replaced by a harmless stand-in, and the rest is read on,
so that one mistake hides no other and makes no second. A misspelt key counts as the key it is nearest to.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from inspect import isclass
from types import UnionType
from typing import Annotated, Any, Generic, TypeAlias, TypeVar, Union, cast, get_args, get_origin

import msgspec
from pydantic import BaseModel, ValidationError

from mapforge import documents, model
from mapforge.compiler.source import Map, Node, Pair, Seq, Text
from mapforge.diagnostics import Diagnostic, Span, did_you_mean

Location = tuple[str | int, ...]
D = TypeVar("D", bound=BaseModel)

_SOURCE_STAND_INS: dict[str, Any] = {
    "event": "event",
    "id": "id",
    "time": "time",
    "zone": {"constant": "UTC"},
    "locale": {"constant": "en-US"},
    "currency": {"constant": "USD"},
}
_STAND_INS: dict[Location, Any] = {
    ("mapforge",): model.LANGUAGE_VERSION,
    ("vendor",): "",
    ("source",): _SOURCE_STAND_INS,
    **{("source", key): value for key, value in _SOURCE_STAND_INS.items()},
    ("identity",): {"email": "email"},
    ("platforms",): {"klaviyo": {}},
}
# How deep the part lies that a stand-in replaces: one attribute of a group, one type, one rule of a platform.
_UNITS = {
    "attributes": 2,
    "standard": 2,
    "add": 2,
    "change": 2,
    "groups": 3,
    "types": 2,
    "platforms": 3,
    "use": 2,
    "source": 2,
}
_ATTRIBUTE_HOLDERS = ("attributes", "standard", "add", "change", "groups")
_MOST_ROUNDS = 8


class Parsed(Generic[D]):
    """A document beside its source tree.

    broken: the locations of what was reported and replaced by a stand-in; lost: those of them that are left out.
    astray: those of mappings with an unknown key that is near to none; what seems to be missing there may be what it
    meant.
    """

    def __init__(self, document: D, tree: Map, reading: _Reading[D]) -> None:
        self.document = document
        self.tree = tree
        self.broken = frozenset(reading.broken)
        self.lost = frozenset(reading.lost)
        self.astray = frozenset(reading.astray)

    def span(self, *location: str | int) -> Span:
        """The place of the value at this location, or of the nearest thing around it that is there."""
        return walk(self.tree, location)[0].span

    def key(self, *location: str | int) -> Span:
        """The place of the key itself."""
        return key_span(self.tree, location)

    def is_whole(self, *location: str | int) -> bool:
        """Whether nothing at this location, in it or around it was left out."""
        return not any(_overlap(location, unit) for unit in self.lost)


EntryFile: TypeAlias = "Parsed[documents.EventDocument] | Parsed[documents.ProfileDocument]"


def vendor_document(tree: Map, *, complete: bool = True) -> tuple[Parsed[documents.VendorDocument], list[Diagnostic]]:
    """vendor.yaml as a document. complete: False where source.read left out parts of the tree."""
    return _Reading(documents.VendorDocument, complete).parsed(tree)


def entry_document(
    tree: Map, *, kind: model.Kind = "event", complete: bool = True
) -> tuple[EntryFile, list[Diagnostic]]:
    """One entry of an event file, or of the file of profile updates, as a document."""
    return (
        _Reading(documents.EventDocument, complete).parsed(tree)
        if kind == "event"
        else _Reading(documents.ProfileDocument, complete).parsed(tree)
    )


def key_span(tree: Node, location: Location) -> Span:
    """The place of the last key of a location."""
    holder, rest = walk(tree, location[:-1])
    if not rest and isinstance(holder, Map):
        for pair in holder.pairs:
            if pair.key.value == location[-1]:
                return pair.key.span
    return walk(tree, location)[0].span


def value_span(tree: Node, location: Location) -> Span:
    """The place of the value at a location, or of the nearest thing around it that is there."""
    return walk(tree, location)[0].span


def walk(node: Node, location: Location) -> tuple[Node, Location]:
    """As far down as the location leads, and what is left of it."""
    for position, step in enumerate(location):
        inner = _inner(node, step)
        if inner is None:
            return node, location[position:]
        node = inner
    return node, ()


def is_void(node: Node) -> bool:
    """Whether nothing is written here."""
    return isinstance(node, Text) and node.plain and node.value == ""


def is_alias(node: Node) -> bool:
    """Whether an alias stands here, which source.read has reported."""
    return isinstance(node, Text) and node.plain and node.value.startswith("*")


def _inner(node: Node, step: str | int) -> Node | None:
    if isinstance(node, Map) and isinstance(step, str):
        return node.get(step)
    if isinstance(node, Seq) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def _overlap(one: Location, other: Location) -> bool:
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


class _Reading(Generic[D]):
    """One tree on its way to a document."""

    def __init__(self, kind: type[D], complete: bool) -> None:
        self.kind = kind
        self.complete = complete
        self.report: list[Diagnostic] = []
        self.broken: set[Location] = set()
        self.lost: set[Location] = set()
        self.astray: set[Location] = set()
        self.void: set[Location] = set()

    def parsed(self, tree: Map) -> tuple[Parsed[D], list[Diagnostic]]:
        tree = cast(Map, self.spelt(self.kind, tree, ()))
        data = cast(dict[str, Any], _plain(tree))
        document = self.document(tree, data)
        return Parsed(document, tree, self), self.report

    def document(self, tree: Map, data: dict[str, Any]) -> D:
        """Validated round by round: the first reports all there is, what turns up later only follows from it."""
        for round_ in range(_MOST_ROUNDS):
            units = {_unit(location) for location in self.void} if not round_ else set()
            try:
                document = self.kind.model_validate(data)
                if not units:
                    return document
            except ValidationError as error:
                for problem in error.errors(include_url=False, include_input=False):
                    location = _real_location(problem["loc"])
                    units.add(_unit(location))
                    if not round_ and self.is_news(problem, location):
                        self.report.append(_diagnostic(tree, problem, location))
            for unit in units:
                self.mend(data, unit)
        raise AssertionError("stand-ins do not fit")

    def is_news(self, problem: Any, location: Location) -> bool:
        if problem["type"] == "missing" and (location[:-1] in self.astray or not self.complete):
            return False
        return not any(location[: len(void)] == void for void in self.void)

    def mend(self, data: dict[str, Any], unit: Location) -> None:
        self.broken.add(unit)
        holder = _at(data, unit[:-1])
        stand_in = _stand_in(unit)
        self.lost |= {unit} if stand_in is None else set()
        if not isinstance(holder, dict) or not unit:
            data.pop(str(unit[0]), None) if unit else data.clear()
        elif stand_in is None:
            holder.pop(unit[-1], None)
        else:
            holder[unit[-1]] = stand_in

    def spelt(self, annotation: Any, node: Node, location: Location) -> Node:
        """The tree with the keys it means; unknown ones, and values that are not there, are reported."""
        if isinstance(node, Seq):
            inner = next((get_args(leaf)[0] for leaf in _leaves(annotation) if get_origin(leaf) is list), None)
            return self.items(inner, node, location)
        if not isinstance(node, Map):
            return node
        kinds = [leaf for leaf in _leaves(annotation) if isclass(leaf) and issubclass(leaf, BaseModel)]
        if kinds:
            return self.fields(kinds, node, location)
        inner = next((get_args(leaf)[1] for leaf in _leaves(annotation) if get_origin(leaf) is dict), None)
        return self.pairs({}, inner, node, location)

    def items(self, annotation: Any, node: Seq, location: Location) -> Node:
        for position, item in enumerate(node.items):
            if is_void(item):
                self.say_void("a list element has no value", item.span, "nothing here", "write it, or leave it out")
            if is_void(item) or is_alias(item):
                self.void.add((*location, position))
        spelt = (self.spelt(annotation, item, (*location, at)) for at, item in enumerate(node.items))
        return Seq(tuple(spelt), node.span)

    def fields(self, kinds: Sequence[type[BaseModel]], node: Map, location: Location) -> Node:
        known = {name: annotation for kind in kinds for name, annotation in _keys(kind).items()}
        kept: list[Pair] = []
        for pair in node.pairs:
            spelt = pair.key.value if pair.key.value in known else self.meant(pair, node, list(known), location)
            if spelt is not None and all(other.key.value != spelt for other in kept):
                kept.append(Pair(msgspec.structs.replace(pair.key, value=spelt), pair.value))
        return self.pairs(known, None, Map(tuple(kept), node.span), location)

    def meant(self, pair: Pair, holder: Map, known: list[str], location: Location) -> str | None:
        """The key that an unknown one is nearest to, if it is not there already."""
        word = pair.key.value
        nearest = did_you_mean(word, [name for name in known if holder.get(name) is None])
        where = f" in `{location[-1]}`" if location and isinstance(location[-1], str) else ""
        hint = f"did you mean `{nearest}`?" if nearest else f"known are: {', '.join(known)}"
        self.report.append(Diagnostic("MF120", f"unknown key `{word}`{where}", pair.key.span, "not a key here", hint))
        if nearest is None:
            self.astray.add(location)
        return nearest

    def pairs(self, known: dict[str, Any], annotation: Any, node: Map, location: Location) -> Map:
        spelt = []
        for pair in node.pairs:
            at = (*location, pair.key.value)
            if is_void(pair.value):
                hint = "give it a value, or leave the key out; the empty text is ''"
                self.say_void(f"`{pair.key.value}` has no value", pair.key.span, "nothing after it", hint)
            if is_void(pair.value) or is_alias(pair.value):
                self.void.add(at)
            inner = known.get(pair.key.value, annotation)
            spelt.append(Pair(pair.key, self.spelt(inner, pair.value, at)))
        return Map(tuple(spelt), node.span)

    def say_void(self, message: str, span: Span, label: str, hint: str) -> None:
        self.report.append(Diagnostic("MF124", message, span, label, hint))


def _leaves(annotation: Any) -> Iterator[Any]:
    """The plain alternatives of an annotation."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _leaves(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for alternative in get_args(annotation):
            yield from _leaves(alternative)
    else:
        yield annotation


def _keys(kind: type[BaseModel]) -> dict[str, Any]:
    """The keys that a document takes, with the annotation of each."""
    return {field.alias or name: field.annotation for name, field in kind.model_fields.items()}


def _plain(node: Node) -> Any:
    """The tree as pydantic takes it; a key without a value is left out, so that lists keep their positions."""
    if isinstance(node, Map):
        return {pair.key.value: _plain(pair.value) for pair in node.pairs if not is_void(pair.value)}
    if isinstance(node, Seq):
        return [_plain(item) for item in node.items]
    return node.value


def _real_location(location: Location) -> Location:
    """pydantic's location without the tags of its unions."""
    real = tuple(step for step in location if step not in documents.TAGS)
    return real[:-1] if real[-1:] == ("[key]",) else real


def _unit(location: Location) -> Location:
    return location[: _UNITS.get(str(location[0]), 1)] if location else ()


def _stand_in(unit: Location) -> Any:
    if unit and unit[0] in _ATTRIBUTE_HOLDERS and len(unit) == _UNITS[str(unit[0])]:
        return "text | null" if documents.is_key(str(unit[-1])) else None
    if unit and unit[0] == "types" and len(unit) == 2:
        return {"base": "text"} if documents.is_type_name(str(unit[-1])) else None
    return copy.deepcopy(_STAND_INS.get(unit))


def _at(data: Any, location: Location) -> Any:
    for step in location:
        data = data.get(step) if isinstance(data, dict) else None
    return data


# ── pydantic's problems as diagnostics ────────────────────────────────────────────────────────────


def _diagnostic(tree: Map, problem: Any, location: Location) -> Diagnostic:
    match problem["type"]:
        case "extra_forbidden":
            hint = "the keys beside it are of another form"
            message = f"unknown key `{location[-1]}`"
            return Diagnostic("MF120", message, key_span(tree, location), "not a key here", hint)
        case "missing":
            return _missing(tree, location)
        case "literal_error":
            return _unknown_word(tree, problem, location)
        case "string_pattern_mismatch" if problem["loc"][-1] == "[key]":
            return illegal_key(str(location[-1]), key_span(tree, location), _LEGAL.get(str(location[0]), LEGAL))
        case "string_pattern_mismatch" | "string_too_short":
            return _unreadable(tree, location)
        case "too_short":
            return _too_few(tree, problem, location)
    return _wrong_shape(tree, problem, location)


LEGAL = "letters, digits, space and _-().$ make a key; other names go through `name:`"
_LEGAL = {"types": "letters, digits, _ and - make the name of a type"}


def illegal_key(key: str, span: Span, hint: str = LEGAL) -> Diagnostic:
    """The diagnostic for a name that cannot be a key."""
    return Diagnostic("MF130", f"`{key}` cannot be a key", span, "has other characters", hint)


def _missing(tree: Map, location: Location) -> Diagnostic:
    named = [step for step in location[:-1] if isinstance(step, str)]
    where = f" in `{named[-1]}`" if named else ""
    hint = "every attribute says its type" if location[-1] == "type" else None
    span = key_span(tree, location[:-1]) if len(location) > 1 else tree.span
    return Diagnostic("MF121", f"`{location[-1]}` is missing{where}", span, "", hint)


def _too_few(tree: Map, problem: Any, location: Location) -> Diagnostic:
    least = problem["ctx"]["min_length"]
    hint = "a single attribute needs no list" if least == 2 else "name at least one, or leave the key out"
    message = f"`{location[-1]}` needs at least {'two alternatives' if least == 2 else 'one'}"
    return Diagnostic("MF125", message, value_span(tree, location), "too few", hint)


def _unknown_word(tree: Map, problem: Any, location: Location) -> Diagnostic:
    node = walk(tree, location)[0]
    if not isinstance(node, Text):
        return _wrong_shape(tree, {"type": "string_type"}, location)
    words = [word.strip(" '") for word in problem["ctx"]["expected"].replace(" or ", ", ").split(",")]
    nearest = did_you_mean(node.value, words)
    hint = f"did you mean `{nearest}`?" if nearest else f"it takes {', '.join(words)}"
    return Diagnostic("MF123", f"`{location[-1]}` cannot be `{node.value}`", node.span, "not one of its words", hint)


def _unreadable(tree: Map, location: Location) -> Diagnostic:
    node = walk(tree, location)[0]
    key = next((str(step) for step in reversed(location) if isinstance(step, str)), "value")
    holder = location[0] in _ATTRIBUTE_HOLDERS and len(location) == _UNITS[str(location[0])]
    hint = _TYPE if holder or key == "type" else _SPELLINGS.get(key, "it cannot be empty")
    return Diagnostic("MF123", f"`{key}` cannot be read", node.span, "not a spelling it takes", hint)


_TYPE = "a type is one word, or `word | null`"
_SPELLINGS = {
    "places": "a digit from 0 to 9, or currency",
    "scale": "a whole number such as -2, or minor",
    "debounce": "a whole number with ms, s or m, such as 2s",
    "batch": "a whole number from 1 on",
    "header": "a header's name: letters, digits and a dash",
    "timestamp": "a header's name: letters, digits and a dash",
    "window": "a whole number with s or m, such as 5m",
}
_SHAPES = {"string_type": "a text", "list_type": "a list", "dict_type": "a mapping", "model_type": "a mapping"}
_TAGGED = {
    documents.TEXT: "a text",
    documents.LIST: "a list",
    documents.MAPPING: "a mapping",
    documents.HEADER: "a mapping",
}
_FOUND: dict[type, str] = {Map: "a mapping", Seq: "a list", Text: "a text"}


def _wrong_shape(tree: Map, problem: Any, location: Location) -> Diagnostic:
    node = walk(tree, location)[0]
    expected = _SHAPES.get(problem["type"], "of another shape")
    if problem["type"] == "union_tag_invalid":
        tags = [tag.strip(" '") for tag in problem["ctx"]["expected_tags"].split(",")]
        expected = " or ".join(dict.fromkeys(_TAGGED[tag] for tag in tags))
    name = f"`{location[-1]}`" if location and isinstance(location[-1], str) else "this element"
    return Diagnostic("MF122", f"{name} must be {expected}", node.span, f"{_FOUND[type(node)]} stands here")
