"""A query of the model, on a decoded value → the value it stands for, or None where that is absent."""

from __future__ import annotations

from mapforge import model
from mapforge.runtime import paths
from mapforge.runtime.decode import untyped
from mapforge.runtime.paths import Value


def evaluate(node: model.AnyNode, value: Value) -> Value:
    """What the node gives, standing on `value`. Refused where a step leads into a text, number or boolean."""
    match node:
        case model.Path():
            return paths.keys(value, node.keys)
        case model.Chain():
            for step in node.steps:
                value = evaluate(step, value)
            return value
        case model.Element():
            return paths.element(value, node.index)
        case model.Slice():
            return paths.slice_(value, node.start, node.stop, node.step)
        case model.Projection():
            return _projected(node, value)
        case model.Comparison():
            return _compared(node, value)
        case model.Both():
            return paths.both(evaluate(node.left, value), lambda: evaluate(node.right, value))
        case model.Either():
            return paths.either(evaluate(node.left, value), lambda: evaluate(node.right, value))
        case model.Negation():
            return paths.falsy(evaluate(node.operand, value))
        case model.Literally():
            return untyped(node.json)
        case model.Call():
            arguments = [evaluate(argument, value) for argument in node.arguments]
            return paths.FUNCTIONS[node.function](*arguments)


def _projected(node: model.Projection, value: Value) -> Value:
    condition = node.condition
    return paths.project(
        evaluate(node.source, value),
        lambda item: evaluate(node.each, item),
        None if condition is None else lambda item: paths.holds(evaluate(condition, item)),
    )


def _compared(node: model.Comparison, value: Value) -> bool:
    left, right = evaluate(node.left, value), evaluate(node.right, value)
    if node.operator == "eq":
        return paths.equal(left, right)
    if node.operator == "ne":
        return not paths.equal(left, right)
    return paths.ordered(node.operator, left, right)
