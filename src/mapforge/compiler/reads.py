"""The paths that the entries of one raw event read → the shape of the input Structs that decode it.

A leaf has one kind where all who read it agree, else it is decoded untyped; so is what is both read whole and read
into, and a key that cannot be a field. What no reader can do without is required in the type.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterable, Iterator
from typing import TypeAlias

from mapforge import model

ANY = "object"
TEXT = "str"
INTEGER = "s.Integer"
BOOLEAN = "bool"
ID = "s.Integer | str"
NUMBER = "s.Raw"

_KINDS: dict[str, str] = {
    "text": TEXT,
    "url": TEXT,
    "date": TEXT,
    "datetime": TEXT,
    "integer": INTEGER,
    "boolean": BOOLEAN,
    "id": ID,
}
_FIELD = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset({"str", "int", "bool", "object", "s"})
_TAKEN = re.compile(r"Raw.*|f[0-9]+")
_UNNAMEABLE = re.compile(r'[\x00-\x1f"\\]')


Keys: TypeAlias = tuple[str, ...]


class Shape:
    """A place in the raw event: who reads it as what, and what is read below it."""

    def __init__(self, keys: tuple[str, ...] = ()) -> None:
        self.keys = keys
        self.kinds: set[str] = set()
        self.below: dict[str, Shape] = {}
        self.items: Shape | None = None
        self.required = True
        self.uses = 0

    def at(self, name: str) -> Shape:
        """The place one key below, made where it is not there yet."""
        return self.below.setdefault(name, Shape((*self.keys, name)))

    @property
    def untyped(self) -> bool:
        """Whether the place is decoded as it comes, and read step by step."""
        return bool((self.kinds or self.items) and self.below) or any(_UNNAMEABLE.search(name) for name in self.below)

    @property
    def is_list(self) -> bool:
        """Whether the place is a list of which each element is read alike: a few keys of it, or as one kind."""
        items = self.items
        return items is not None and not self.kinds and not self.below and (items.is_struct or items.annotation != ANY)

    @property
    def is_struct(self) -> bool:
        """Whether the place has a Struct of its own."""
        return bool(self.below) and not self.untyped

    @property
    def needed(self) -> bool:
        """Whether an event without this place cannot be mapped, whatever else it holds."""
        if self.is_struct:
            return any(inner.needed for inner in self.below.values())
        return self.uses > 0 and self.required

    @property
    def annotation(self) -> str:
        """The type of a leaf."""
        alone = len(self.kinds) == 1 and not self.below and self.items is None
        return next(iter(self.kinds)) if alone else ANY

    def paths(self) -> frozenset[Keys]:
        """Where the places are that are read."""
        return frozenset(place.keys for place in self.read())

    def read(self) -> Iterator[Shape]:
        """The places that are read, in it or itself; of a list the list alone."""
        if self.kinds or self.items is not None:
            yield self
        for inner in self.below.values():
            yield from inner.read()

    def structs(self) -> Iterator[Shape]:
        """The Structs from the inside out."""
        if self.is_list and self.items is not None:
            yield from self.items.structs()
        if self.is_struct:
            for inner in self.below.values():
                yield from inner.structs()
            yield self


def field_name(name: str, position: int) -> str:
    """A key as a field of a Struct: itself where Python allows it."""
    legal = _FIELD.fullmatch(name) and not keyword.iskeyword(name) and name not in _RESERVED
    return name if legal and not _TAKEN.fullmatch(name) else f"f{position}"


def shape_of(source: model.RawSource, entries: Iterable[model.Entry]) -> Shape:
    """The shape that these entries and the vendor's source read."""
    root = Shape()
    if isinstance(source.event, model.SettingQuery):
        _read(root, source.event.query.node, ANY, required=False)
    if isinstance(source.id, model.SettingQuery):
        _read(root, source.id.query.node, ID, required=True)
    if isinstance(source.time, model.SettingQuery):
        _read(root, source.time.query.node, kind_of(source.time_type), required=True)
    _read_setting(root, source.time_type.zone)
    of_source, entries = root.paths(), tuple(entries)
    for entry in entries:
        _read_entry(root, entry)
    if any(entry.trigger.when is not None for entry in entries):
        _loosen(root, of_source | _always_read(entries))
    return root


def _always_read(entries: Iterable[model.Entry]) -> frozenset[Keys]:
    """The places that are read whichever of the entries is made."""
    by_condition: dict[bool, list[frozenset[Keys]]] = {True: [], False: []}
    for entry in entries:
        alone = Shape()
        _read_entry(alone, entry)
        by_condition[entry.trigger.when is not None].append(alone.paths())
    of_each = frozenset[Keys]().union(*by_condition[False])
    return of_each | frozenset.intersection(*by_condition[True])


def _loosen(root: Shape, always: Collection[Keys]) -> None:
    """Decode as it comes what only some entries read: a raw event that makes others may hold another type there."""
    for place in tuple(root.read()):
        if place.keys not in always:
            place.kinds.add(ANY)


def kind_of(kind: model.Type) -> str:
    """How a raw value of this type is decoded."""
    if kind.base == "decimal" and is_plain(kind):
        return NUMBER
    if kind.input in ("epoch_seconds", "epoch_milliseconds"):
        return ANY
    return _KINDS.get(kind.base, ANY)


def is_plain(kind: model.Type) -> bool:
    """Whether a decimal is sent as a number with the digits it came with, or rounded to places that are known."""
    rounded = type(kind.places) is int if kind.round is not None else kind.places is None
    return kind.scale is None and kind.rendering is None and rounded


def _read_entry(root: Shape, entry: model.Entry) -> None:
    always = entry.trigger.when is None
    if entry.trigger.when is not None:
        _read(root, entry.trigger.when.node, BOOLEAN, required=False)
    for identifier in entry.identity.identifiers:
        kind = TEXT if identifier.name in ("email", "phone") else ID
        _read(root, identifier.query.node, kind, required=False)
    for attribute in entry.attributes:
        _read_attribute(root, attribute, always)
    for target in entry.targets:
        for sent in target.sent:
            _read_setting(root, sent.locale)
    if entry.keep is not None:
        _read(root, entry.keep.query.node, ANY, required=False)
    if entry.value is not None:
        _read_branch(root, entry.value.amount, required=False)
        _read_setting(root, entry.value.currency)


def _read_attribute(root: Shape, attribute: model.Attribute, always: bool, demanded: bool = True) -> None:
    """demanded: False where what it stands in may be absent."""
    alone = len(attribute.branches) == 1
    for branch in attribute.branches:
        if branch.when is not None:
            _read(root, branch.when.node, BOOLEAN, required=False)
        always_read = alone and branch.when is None
        required = always and always_read and demanded and not answered(branch)
        _read_branch(root, branch, required=required, always=always_read)


def answered(branch: model.Branch) -> bool:
    """Whether the mapping says what is sent where the source is missing."""
    return branch.type.nullable or branch.absent is not None or branch.omit


def _read_branch(root: Shape, branch: model.Branch, *, required: bool, always: bool = True) -> None:
    """always: False where another alternative may be taken, for which the place may hold another type."""
    source = branch.source
    if always and is_typed(branch):
        _read_nested(root, branch, required=required)
    elif isinstance(source, model.From):
        open_kind = bool(branch.blank) or branch.table is not None or not always or len(source.queries) > 1
        for query in source.queries:
            kind = ANY if open_kind else kind_of(branch.type)
            _read(root, query.node, kind, required=required and len(source.queries) == 1)
    elif isinstance(source, model.Join):
        for part in source.parts:
            _read(root, part.node, TEXT if always else ANY, required=False)
    elif isinstance(source, model.Template):
        for variable in source.variables:
            _read(root, variable.node, ANY, required=required)
    if root.keys:
        # Within an object its own settings are read here, those of the raw root by whom it stands in.
        for setting in (branch.type.zone, branch.type.currency, branch.type.locale):
            if isinstance(setting, model.SettingQuery) and not setting.from_root:
                _read(root, setting.query.node, TEXT, required=False)
        return
    for setting in settings_of(branch):
        _read_setting(root, setting)


def is_typed(branch: model.Branch) -> bool:
    """Whether what `fields` or `each` reads can be decoded into Structs: a plain path, and nothing open within."""
    source = branch.source
    members = branch.fields if branch.each is None else (branch.each,)
    return (
        members is not None
        and isinstance(source, model.From)
        and len(source.queries) == 1
        and isinstance(source.queries[0].node, model.Path)
        and bool(source.queries[0].node.keys)
        and not branch.blank
        and branch.table is None
        and all(_is_closed(member) for member in members)
    )


def _is_closed(attribute: model.Attribute) -> bool:
    if _UNNAMEABLE.search(attribute.key):
        return False
    return all(branch.type.base not in ("object", "list") or is_typed(branch) for branch in attribute.branches)


def _read_nested(root: Shape, branch: model.Branch, *, required: bool) -> None:
    """The members of an object, or of each element of a list, as deep as they go."""
    place = _place(root, branch)
    if branch.each is None and branch.type.base == "object":
        for attribute in branch.fields or ():
            _read_attribute(place, attribute, True, required)
        return
    place.uses += 1
    place.required = place.required and required
    place.items = place.items or Shape((*place.keys, "items"))
    for attribute in branch.fields or ((branch.each,) if branch.each else ()):
        _read_attribute(place.items, attribute, True)


def _place(root: Shape, branch: model.Branch) -> Shape:
    place = root
    for name in path_of(branch):
        place = place.at(name)
    return place


def path_of(branch: model.Branch) -> tuple[str, ...]:
    """The keys of the plain path that a typed branch reads."""
    assert isinstance(branch.source, model.From)
    node = branch.source.queries[0].node
    assert isinstance(node, model.Path)
    return node.keys


def settings_of(branch: model.Branch) -> Iterator[model.SettingQuery]:
    """The settings that a branch, or anything within it, reads from the raw root."""
    for setting in (branch.type.zone, branch.type.currency, branch.type.locale):
        if isinstance(setting, model.SettingQuery) and setting.from_root:
            yield setting
    for attribute in within(branch):
        for inner in attribute.branches:
            yield from settings_of(inner)


def within(branch: model.Branch) -> tuple[model.Attribute, ...]:
    """The members of the object, or of each element of the list, that a branch makes."""
    return (*(branch.fields or ()), *((branch.each,) if branch.each else ()))


def _read_setting(root: Shape, setting: model.SettingField) -> None:
    if isinstance(setting, model.SettingQuery) and setting.from_root:
        _read(root, setting.query.node, TEXT, required=False)


def _read(root: Shape, node: model.AnyNode, kind: str, *, required: bool) -> None:
    if kind == NUMBER and not (isinstance(node, model.Path) and node.keys):
        kind = ANY
    match node:
        case model.Path():
            place = root
            for name in node.keys:
                place = place.at(name)
            place.kinds.add(kind)
            place.required = place.required and required
            place.uses += 1
        case model.Chain():
            picks = isinstance(node.steps[0], model.Projection) and isinstance(node.steps[-1], model.Element)
            _read(root, node.steps[0], kind if picks and len(node.steps) == 2 else ANY, required=False)
        case model.Projection():
            _read_projection(root, node, kind)
        case model.Comparison():
            _read(root, node.left, _compared_kind(node.right), required=False)
            _read(root, node.right, _compared_kind(node.left), required=False)
        case model.Both() | model.Either():
            _read(root, node.left, kind, required=False)
            _read(root, node.right, kind, required=False)
        case model.Negation():
            _read(root, node.operand, BOOLEAN, required=False)
        case model.Call():
            for argument in node.arguments:
                _read(root, argument, ANY, required=False)


def _read_projection(root: Shape, node: model.Projection, kind: str) -> None:
    place = root
    if not isinstance(node.source, model.Path) or not is_flat(node):
        _read(root, node.source, ANY, required=False)
        return
    for name in node.source.keys:
        place = place.at(name)
    place.uses += 1
    place.required = False
    place.items = place.items or Shape((*place.keys, "items"))
    _read(place.items, node.each, kind, required=False)
    if node.condition is not None:
        _read(place.items, node.condition, BOOLEAN, required=False)


def is_flat(node: model.Projection) -> bool:
    """Whether a projection reads no more of each element than single keys."""
    return isinstance(node.each, model.Path) and len(node.each.keys) == 1 and _is_flat(node.condition)


def _is_flat(condition: model.AnyNode | None) -> bool:
    match condition:
        case None | model.Literally():
            return True
        case model.Path():
            return len(condition.keys) == 1
        case model.Comparison() | model.Both() | model.Either():
            return _is_flat(condition.left) and _is_flat(condition.right)
        case model.Negation():
            return _is_flat(condition.operand)
    return False


def _compared_kind(other: model.AnyNode) -> str:
    if isinstance(other, model.Literally):
        return TEXT if other.json.startswith('"') else BOOLEAN if other.json in ("true", "false") else ANY
    return ANY
