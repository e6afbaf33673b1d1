"""The queries of the model → Python expressions over the Structs that a raw event is decoded into.

Fields are read as far as there are Structs; below them, and in whatever was decoded untyped, runtime.paths takes steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, count
from typing import TypeAlias

from mapforge import model
from mapforge.compiler.reads import ANY, Shape, field_name, is_flat
from mapforge.compiler.write_python import WORD, Functions, constant

# What an expression stands on: the raw root, a variable with an untyped value, or the fields of a list's element.
Current: TypeAlias = "str | Mapping[str, str] | None"


class Queries:
    """Writes the queries of one mapper."""

    def __init__(
        self, shape: Shape, names: dict[tuple[str, ...], str] | None = None, functions: Functions | None = None
    ) -> None:
        self.shape = shape
        self.names: dict[tuple[str, ...], str] = {} if names is None else names
        self.functions = Functions() if functions is None else functions
        self.is_root = functions is None
        # Variables that hold the members of what was decoded untyped, each with what it is read from.
        self.opened: dict[str, str] = {}

    def within(self, shape: Shape) -> Queries:
        """Queries that stand on a place within, in the same module."""
        return Queries(shape, self.names, self.functions)

    def place(self, keys: Sequence[str]) -> Shape | None:
        """What is read at a path, None where it is decoded untyped."""
        shape = self.shape
        for name in keys:
            if not shape.is_struct:
                return None
            shape = shape.below[name]
        return shape

    def held(self, keys: Sequence[str]) -> str:
        """The field that holds a place, None in it where the place is absent."""
        parent = self.place(keys[:-1])
        assert parent is not None
        return self._leaf(parent, keys[-1])

    def bindings(self, once: Callable[[str, str], str], shape: Shape | None = None) -> list[str]:
        """A line for each Struct within: its variable, an empty one where it may be absent and is."""
        shape = self.shape if shape is None else shape
        lines = []
        for position, (name, inner) in enumerate(shape.below.items()):
            if inner.is_struct:
                read = f"{self.variable(shape)}.{field_name(name, position)}"
                empty = "" if inner.needed else f" or {once(f'{self.struct(inner)}()', 'no_' + name)}"
                lines += [f"{self.variable(inner)} = {read}{empty}", *self.bindings(once, inner)]
        return lines

    def struct(self, shape: Shape) -> str:
        """The name of a place's Struct."""
        return "Raw" + self._name(shape.keys)

    def _name(self, keys: tuple[str, ...]) -> str:
        """A name for a place in the raw event, unique in the module."""
        if keys not in self.names:
            plain = "".join("_" + WORD.sub("_", key).strip("_") for key in keys)
            taken = set(self.names.values())
            numbered = (f"{plain}_{n}" for n in count(2))
            self.names[keys] = next(name for name in chain((plain,), numbered) if name not in taken)
        return self.names[keys]

    def variable(self, shape: Shape) -> str:
        """The variable that holds a place's Struct."""
        return "raw" + self._name(shape.keys)

    def path(self, keys: Sequence[str]) -> str:
        """What stands at a path: fields as far as there are Structs, steps below them."""
        shape = self.shape
        if not shape.is_struct:
            return self._steps(self.variable(shape), keys)
        for depth, name in enumerate(keys):
            inner = shape.below[name]
            if not inner.is_struct:
                return self._within_untyped(inner, self._leaf(shape, name), keys[depth + 1 :])
            shape = inner
        return self.variable(shape)

    def _within_untyped(self, place: Shape, value: str, keys: Sequence[str]) -> str:
        """Steps below a place that was decoded untyped; what the root reads there takes the first without a call."""
        if not keys or not self.is_root:
            return self._steps(value, keys)
        opened = self.variable(place)
        self.opened[opened] = value
        return self._steps(f"{opened}.get({keys[0]!r})", keys[1:])

    def _leaf(self, shape: Shape, name: str) -> str:
        return f"{self.variable(shape)}.{field_name(name, list(shape.below).index(name))}"

    def _steps(self, value: str, keys: Sequence[str]) -> str:
        if len(keys) == 1:
            return f"s.key({value}, {keys[0]!r})"
        return f"s.keys({value}, {tuple(keys)!r})" if keys else value

    def kind(self, keys: Sequence[str]) -> str:
        """How the value at a path was decoded."""
        shape = self.shape
        for name in keys:
            if not shape.is_struct:
                return ANY
            shape = shape.below[name]
        return shape.annotation if not shape.below else ANY

    def kind_of_first(self, node: model.AnyNode) -> str:
        """How the first element of a projection over Structs was decoded; of any other query it is not known."""
        if not (isinstance(node, model.Chain) and len(node.steps) == 2 and node.steps[1] == model.Element(0)):
            return ANY
        first = node.steps[0]
        items = self._items(first, None) if isinstance(first, model.Projection) else None
        if items is None or not isinstance(first, model.Projection) or not isinstance(first.each, model.Path):
            return ANY
        return items.below[first.each.keys[0]].annotation

    def required(self, keys: Sequence[str]) -> bool:
        """Whether the type already demands the value at a path."""
        shape = self.shape
        for name in keys:
            if not shape.is_struct:
                return False
            shape = shape.below[name]
        return shape.needed and not shape.below

    def value(self, node: model.AnyNode, current: Current = None) -> str:
        """A node as an expression, on the raw root or on a variable that holds an untyped value."""
        match node:
            case model.Path():
                if isinstance(current, Mapping):
                    return current[node.keys[0]]
                return self.path(node.keys) if current is None else self._steps(current, node.keys)
            case model.Projection() if (items := self._items(node, current)) is not None:
                return self._listed(node, items)
            case model.Chain():
                return self._chain(node, current)
            case model.Element() | model.Slice():
                return self._value_on(node, current if isinstance(current, str) else "raw")
            case model.Projection():
                condition = "None" if node.condition is None else f"lambda c: {self.condition(node.condition, 'c')}"
                source = self.value(node.source, current)
                return f"s.project({source}, lambda c: {self.value(node.each, 'c')}, {condition})"
            case model.Both() | model.Either():
                word = "both" if isinstance(node, model.Both) else "either"
                return f"s.{word}({self.value(node.left, current)}, lambda: {self.value(node.right, current)})"
            case model.Literally():
                return constant(node.json)
            case model.Call():
                arguments = ", ".join(self.value(argument, current) for argument in node.arguments)
                return f"s.{node.function}({arguments})"
            case model.Negation():
                return f"s.falsy({self.value(node.operand, current)})"
            case model.Comparison():
                return self._comparison(node, current)

    def _chain(self, node: model.Chain, current: Current) -> str:
        first, *rest = node.steps
        items = self._items(first, current) if isinstance(first, model.Projection) else None
        if isinstance(first, model.Projection) and items is not None and rest[0] == model.Element(0):
            value, rest = self._first(first, items), rest[1:]
        else:
            value = self.value(first, current)
        for step in rest:
            value = self._value_on(step, value)
        return value

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
        """A projection over Structs."""
        fields = _fields(items)
        condition = "" if node.condition is None else f" if {self.condition(node.condition, fields)}"
        elements = f"[{self.value(node.each, fields)} for c in l{condition}]"
        return f"(None if (l := {self.value(node.source)}) is None else s.whole({elements}))"

    def _first(self, node: model.Projection, items: Shape) -> str:
        """The first element of a projection over Structs, none of which may be null."""
        key = repr((node, items.keys))
        if key not in self.functions.names:
            name, fields = self.functions.named(key, "first_of_" + "_".join(items.keys[:-1])), _fields(items)
            condition = "True" if node.condition is None else self.condition(node.condition, fields)
            self.functions.written[name] = [
                f"def {name}(items):",
                "    first = None",
                "    for c in items or ():",
                f"        if {condition}:",
                f"            value = {self.value(node.each, fields)}",
                "            if value is None:",
                "                raise s.Fallback",
                "            first = value if first is None else first",
                "    return first",
            ]
        return f"{self.functions.names[key]}({self.value(node.source)})"

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
                return f"(lambda c: {self.value(node, 'c')})({value})"

    def _comparison(self, node: model.Comparison, current: Current) -> str:
        left, right = self.value(node.left, current), self.value(node.right, current)
        if node.operator not in ("eq", "ne"):
            return f"s.ordered({node.operator!r}, {left}, {right})"
        literals = [side.json for side in (node.left, node.right) if isinstance(side, model.Literally)]
        if any(json.startswith('"') for json in literals):
            return f"({left} {'==' if node.operator == 'eq' else '!='} {right})"
        if len(literals) == 1 and literals[0] in ("null", "true", "false"):
            return f"({left} {'is' if node.operator == 'eq' else 'is not'} {right})"
        return f"{'' if node.operator == 'eq' else 'not '}s.equal({left}, {right})"

    def condition(self, node: model.AnyNode, current: Current = None) -> str:
        """A predicate as an expression that is True or False. Stricter than the interpreter, never laxer."""
        match node:
            case model.Comparison():
                return self._comparison(node, current)
            case model.Both():
                return f"({self.condition(node.left, current)} and {self.condition(node.right, current)})"
            case model.Either():
                return f"({self.condition(node.left, current)} or {self.condition(node.right, current)})"
            case model.Negation():
                return f"(not {self.condition(node.operand, current)})"
            case _:
                return f"s.holds({self.value(node, current)})"


def _fields(items: Shape) -> dict[str, str]:
    """The fields of a list's element `c`, by their keys."""
    return {name: f"c.{field_name(name, position)}" for position, name in enumerate(items.below)}
