"""The text of a path or predicate → a model.Query, parsed by the jmespath library.

A dotted path of [A-Za-z0-9_$-] steps is read key by key (`tier-name`, `$value`); all else is JMESPath, of which the
language takes steps, index, slice, projection, filter, comparison, && || !, pipe and four functions.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, cast

from jmespath import exceptions
from jmespath.parser import Parser

from mapforge import model
from mapforge.diagnostics import Diagnostic, Span, did_you_mean
from mapforge.values.wire import encode

MOST_CHARACTERS = 2000
FUNCTIONS = {"length": 1, "contains": 2, "starts_with": 2, "ends_with": 2}
REFUSED = {
    "flatten": ("flattening `[]`", "write the projection `[*]`"),
    "value_projection": ("the projection `*` over an object's values", "name the keys"),
    "multi_select_list": ("a list made in a path", "use `join`, or an attribute for each"),
    "multi_select_dict": ("an object made in a path", "use `fields`"),
    "expref": ("an expression reference `&`", "it only serves functions that the language does not have"),
}

_LITERAL = re.compile(r"`((?:[^`\\]|\\.)*)`")
_FRACTION = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_DOTTED = re.compile(r"[A-Za-z0-9_$-]+(\.[A-Za-z0-9_$-]+)*")

Ast = dict[str, Any]


class _Refusal(Exception):
    """A construct that JMESPath has and the language has not."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


def path(text: str, span: Span) -> model.Query | Diagnostic:
    """The query of a path as written, from whatever place it is relative to."""
    parsed = _node(text, span, "path")
    return parsed if isinstance(parsed, Diagnostic) else model.Query(text, parsed, span)


def predicate(text: str, span: Span) -> model.Query | Diagnostic:
    """The query of a condition; a literal, a number or a list cannot be one, nor a part of one."""
    parsed = _node(text, span, "condition")
    if isinstance(parsed, Diagnostic):
        return parsed
    reason = _no_condition(parsed)
    if reason is not None:
        return Diagnostic("MF405", "this is no condition", span, reason, _CONDITION)
    return model.Query(text, parsed, span)


_CONDITION = "compare a path with a literal, as in type == 'ISSUED'"


def _no_condition(node: model.AnyNode) -> str | None:
    """Why this cannot be true or false; None where it can."""
    match node:
        case model.Literally():
            return "a literal is always the same"
        case model.Slice() | model.Projection():
            return "a list is neither true nor false"
        case model.Call(function="length"):
            return "a length is neither true nor false"
        case model.Chain():
            return _no_condition(node.steps[-1])
        case model.Both() | model.Either():
            return _no_condition(node.left) or _no_condition(node.right)
        case model.Negation():
            return _no_condition(node.operand)
    return None


def _node(text: str, span: Span, what: str) -> model.AnyNode | Diagnostic:
    if _DOTTED.fullmatch(text):
        return model.Path(tuple(text.split(".")))
    if len(text) > MOST_CHARACTERS:
        return Diagnostic("MF401", f"the {what} is too long", span, f"over {MOST_CHARACTERS} characters")
    try:
        return _convert(_parsed(text))
    except _Refusal as refusal:
        return Diagnostic("MF402", f"the language refuses {refusal.what}", span, "not in a path", refusal.hint)
    except exceptions.JMESPathError as error:
        return Diagnostic("MF401", f"the {what} does not parse", span, _problem(error), _hint(text, error))
    except PendingDeprecationWarning:
        hint = "a text in a path stands in single quotes"
        return Diagnostic("MF401", f"the {what} does not parse", span, "no JSON between the backticks", hint)
    except UnicodeEncodeError:
        return Diagnostic("MF401", f"the {what} does not parse", span, "half a character: a lone surrogate")
    except RecursionError:
        return Diagnostic("MF401", f"the {what} is nested too deep", span)


def _parsed(text: str) -> Ast:
    with warnings.catch_warnings():
        # JMESPath still takes `ISSUED` in backticks for a text, with a warning; to us it would be a second spelling.
        warnings.simplefilter("error", PendingDeprecationWarning)
        return cast(Ast, _exact(Parser().parse(text).parsed, _decimals(text)))


def _decimals(text: str) -> dict[float, Decimal]:
    """The numbers that stand in backticks, by the float that the parser makes of them."""
    found: dict[float, Decimal] = {}
    for literal in _LITERAL.findall(text):
        for digits in _FRACTION.findall(literal):
            found[float(digits)] = Decimal(digits)
    return found


def _exact(value: Any, decimals: Mapping[float, Decimal]) -> Any:
    """A parsed path with the digits that were written. A number that JSON does not have is no literal."""
    if isinstance(value, float):
        if value not in decimals:
            raise _Refusal("a literal that is no JSON number", "write its digits")
        return decimals[value]
    if isinstance(value, list):
        return [_exact(item, decimals) for item in value]
    return {key: _exact(item, decimals) for key, item in value.items()} if isinstance(value, dict) else value


def _problem(error: exceptions.JMESPathError) -> str:
    if isinstance(error, exceptions.IncompleteExpressionError):
        return "it ends too early"
    if isinstance(error, exceptions.EmptyExpressionError):
        return "it is empty"
    token = getattr(error, "token_value", None)
    if token == "":
        return "it ends too early"
    position = getattr(error, "lex_position", None)
    if token is None or position is None:
        return str(error).splitlines()[0].rstrip(":")
    return f"at its character {position + 1}, `{token}`"


def _hint(text: str, error: exceptions.JMESPathError) -> str:
    if getattr(error, "token_value", None) == "=":
        return "two texts are compared with `==`"
    if "-" in text or "$" in text:
        return 'inside a longer path a key such as tier-name stands in double quotes: "tier-name"'
    return "JMESPath: https://jmespath.org/specification.html"


def _convert(ast: Ast) -> model.AnyNode:
    kind = ast["type"]
    if kind in REFUSED:
        raise _Refusal(*REFUSED[kind])
    return _KINDS[kind](ast)


def _children(ast: Ast) -> list[model.AnyNode]:
    return [_convert(child) for child in ast["children"]]


def _field(ast: Ast) -> model.AnyNode:
    ast["value"].encode()
    return model.Path((ast["value"],))


def _current(ast: Ast) -> model.AnyNode:
    return model.Path(())


def _steps(ast: Ast) -> model.AnyNode:
    return chain(*_children(ast))


def _index(ast: Ast) -> model.AnyNode:
    return model.Element(ast["value"])


def _slice(ast: Ast) -> model.AnyNode:
    start, stop, step = ast["children"]
    if step == 0:
        raise _Refusal("a slice of step 0", "give a step that is not 0")
    return model.Slice(start, stop, step)


def _projection(ast: Ast) -> model.AnyNode:
    source, each = _children(ast)
    return model.Projection(source, each)


def _filter(ast: Ast) -> model.AnyNode:
    source, each, condition = _children(ast)
    return model.Projection(source, each, condition)


def _comparison(ast: Ast) -> model.AnyNode:
    left, right = _children(ast)
    return model.Comparison(ast["value"], left, right)


def _both(ast: Ast) -> model.AnyNode:
    return model.Both(*_children(ast))


def _either(ast: Ast) -> model.AnyNode:
    return model.Either(*_children(ast))


def _negation(ast: Ast) -> model.AnyNode:
    return model.Negation(*_children(ast))


def _literal(ast: Ast) -> model.AnyNode:
    return model.Literally(encode(ast["value"]).decode())


def _call(ast: Ast) -> model.AnyNode:
    name = ast["value"]
    if name not in FUNCTIONS:
        nearest = did_you_mean(name, FUNCTIONS)
        hint = f"did you mean `{nearest}`?" if nearest else f"it has {', '.join(sorted(FUNCTIONS))}"
        raise _Refusal(f"the function `{name}`", hint)
    if len(ast["children"]) != FUNCTIONS[name]:
        raise _Refusal(f"`{name}` of {len(ast['children'])} arguments", f"`{name}` takes {FUNCTIONS[name]}")
    return model.Call(name, tuple(_children(ast)))


_KINDS: dict[str, Callable[[Ast], model.AnyNode]] = {
    "field": _field,
    "current": _current,
    "identity": _current,
    "subexpression": _steps,
    "index_expression": _steps,
    "pipe": _steps,
    "index": _index,
    "slice": _slice,
    "projection": _projection,
    "filter_projection": _filter,
    "comparator": _comparison,
    "and_expression": _both,
    "or_expression": _either,
    "not_expression": _negation,
    "literal": _literal,
    "function_expression": _call,
}


def chain(*steps: model.AnyNode) -> model.AnyNode:
    """One node after the other, flat, with runs of keys in one Path."""
    flat: list[model.AnyNode] = []
    for step in steps:
        for inner in step.steps if isinstance(step, model.Chain) else (step,):
            if isinstance(inner, model.Path) and flat and isinstance(flat[-1], model.Path):
                flat[-1] = model.Path(flat[-1].keys + inner.keys)
            elif inner != model.Path(()) or not flat:
                flat.append(inner)
    if len(flat) > 1 and flat[0] == model.Path(()):
        flat = flat[1:]
    return flat[0] if len(flat) == 1 else model.Chain(tuple(flat))


def under(root: model.Query, query: model.Query) -> model.Query:
    """The query as read from the root's own root: every path in it gets the root in front."""
    return model.Query(_text_under(root, query), _under(root.node, query.node), query.span)


def _text_under(root: model.Query, query: model.Query) -> str:
    if root.text == "@" or query.text == "@":
        return query.text if root.text == "@" else root.text
    if _DOTTED.fullmatch(root.text) and isinstance(query.node, (model.Path, model.Chain, model.Projection)):
        return f"{root.text}.{query.text}"
    return f"{root.text} | {query.text}"


def _under(root: model.AnyNode, node: model.AnyNode) -> model.AnyNode:
    match node:
        case model.Chain():
            return chain(_under(root, node.steps[0]), *node.steps[1:])
        case model.Projection():
            return model.Projection(_under(root, node.source), node.each, node.condition)
        case model.Comparison():
            return model.Comparison(node.operator, _under(root, node.left), _under(root, node.right))
        case model.Both() | model.Either():
            return type(node)(_under(root, node.left), _under(root, node.right))
        case model.Negation():
            return model.Negation(_under(root, node.operand))
        case model.Call():
            return model.Call(node.function, tuple(_under(root, argument) for argument in node.arguments))
        case model.Literally():
            return node
        case _:
            return chain(root, node)
