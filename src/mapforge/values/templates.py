"""Template texts to functions of their variables' values: Jinja2's parser and sandbox, a small part of its language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

from mapforge.values.numbers import decimal, plain
from mapforge.values.refused import Refused, json_type

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST_SOURCE = 10_000
LONGEST_TEXT = 100_000
# Python refuses the code of 200 nested brackets, and a level of a template can be three of them.
DEEPEST = 50


class TemplateError(ValueError):
    """A template that the language does not take: why, and the line of the template, from 1."""

    def __init__(self, message: str, lineno: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.lineno = lineno


@dataclass(frozen=True)
class Parsed:
    """What a template reads and, where it only joins texts, how.

    variables: dotted paths in the order of their first use; ``store.domain`` is ("store", "domain").
    pieces: texts, and indexes into variables; None where the template has filters, conditions or constants.
    """

    variables: tuple[tuple[str, ...], ...]
    pieces: tuple[str | int, ...] | None


def parse(text: str) -> Parsed:
    """The variables and pieces of a template. TemplateError on what the language leaves out of Jinja2."""
    return _read(text)[0]


def renderer(text: str) -> Callable[[Sequence[object]], str]:
    """A function from the values of `parse(text).variables`, in that order, to text. TemplateError as in `parse`.

    A value is a text, a boolean or a number; any other is Refused, and so are a text of more than 100,000 characters
    on the way and, MF706, a number beyond the bounds of `numbers.decimal`.
    """
    parsed, template = _read(text)
    if parsed.pieces is not None:
        return _joiner(parsed.pieces)
    return _compiled(template, [_name(index) for index in range(len(parsed.variables))])


def _joiner(pieces: tuple[str | int, ...]) -> Callable[[Sequence[object]], str]:
    def render(values: Sequence[object]) -> str:
        texts = [piece if type(piece) is str else _text(values[cast(int, piece)]) for piece in pieces]
        if sum(map(len, texts)) > LONGEST_TEXT:
            raise _too_long()
        return "".join(texts)

    return render


def _compiled(template: nodes.Template, names: list[str]) -> Callable[[Sequence[object]], str]:
    code = _environment().from_string(template)

    def render(values: Sequence[object]) -> str:
        texts = []
        length = 0
        scalars = dict(zip(names, map(_scalar, values), strict=True))
        for text in code.root_render_func(code.new_context(scalars)):
            length += len(text)
            if length > LONGEST_TEXT:
                raise _too_long()
            texts.append(text)
        return "".join(texts)

    return render


# ── values ──


def _scalar(value: object) -> str | bool | Decimal:
    if type(value) is str or type(value) is bool:
        return value
    if type(value) is Decimal or type(value) is int:
        return decimal(value)
    raise Refused("a text, number or boolean", json_type(value))


def _text(value: object) -> str:
    scalar = _scalar(value)
    if type(scalar) is str:
        return scalar
    return plain(scalar) if type(scalar) is Decimal else "true" if scalar else "false"


def _bounded(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise _too_long()
    return text


def _too_long() -> Refused:
    return Refused(f"a text of at most {LONGEST_TEXT:,} characters", "a longer one")


def _same(left: object, right: object) -> bool:
    # To Python true is 1, to JSON it is not.
    return left == right and (type(left) is bool) is (type(right) is bool)


# ── filters ──


def _replace(text: str, old: str, new: str, count: int = -1) -> str:
    # Counted first: a replacement can ask for more memory than the machine has.
    found = text.count(old) if count < 0 else min(text.count(old), count)
    if len(text) + found * (len(new) - len(old)) > LONGEST_TEXT:
        raise _too_long()
    return text.replace(old, new, count)


def _truncate(text: str, length: int = 255, killwords: bool = False, end: str = "...", leeway: int = 5) -> str:
    from jinja2.filters import do_truncate

    if length < len(end) or leeway < 0:
        raise ValueError
    return do_truncate(_environment(), text, length, killwords, end, leeway)


def _urlencode(text: str) -> str:
    from jinja2.filters import do_urlencode

    if not _is_unicode(text):
        raise Refused("a text of Unicode characters", "half of a surrogate pair")
    return do_urlencode(text)


def _title(text: str) -> str:
    from jinja2.filters import do_title

    return do_title(text)


_FILTERS: Mapping[str, Callable[..., str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "capitalize": str.capitalize,
    "title": _title,
    "trim": str.strip,
    "replace": _replace,
    "truncate": _truncate,
    "urlencode": _urlencode,
}


def _filtered(write: Callable[..., str], value: object, *args: Any, **kwargs: Any) -> str:
    return _bounded(write(_bounded(_text(value)), *args, **kwargs))


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(finalize=_text)
    environment.globals.clear()
    environment.tests.clear()
    environment.filters.clear()
    environment.filters.update({name: partial(_filtered, write) for name, write in _FILTERS.items()}, _same=_same)
    return environment


# ── the language ──

_LEFT_OUT = {
    **dict.fromkeys(("Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Pow", "Neg", "Pos"), "arithmetic"),
    **dict.fromkeys(("Assign", "AssignBlock"), "`set`"),
    **dict.fromkeys(("Import", "FromImport"), "`import`"),
    **dict.fromkeys(("List", "Tuple", "Dict"), "a list or an object"),
    **dict.fromkeys(("Scope", "ScopedEvalContextModifier", "EvalContextModifier"), "`autoescape`"),
    "Block": "a block",
    "Call": "a call",
    "CallBlock": "a call",
    "Concat": "joining with `~`",
    "Extends": "`extends`",
    "FilterBlock": "a filter over a block",
    "For": "a loop",
    "Getattr": "a dot after anything but a name",
    "Getitem": "a subscript",
    "If": "an if-statement (an if-expression is)",
    "Include": "`include`",
    "Macro": "a macro",
    "Test": "a test with `is`",
    "With": "`with`",
}


def _read(text: str) -> tuple[Parsed, nodes.Template]:
    """A template's variables and pieces, and the same template over v0, v1, … in place of their paths."""
    from jinja2 import TemplateSyntaxError

    if len(text) > LONGEST_SOURCE:
        raise TemplateError(f"a template has at most {LONGEST_SOURCE:,} characters")
    try:
        return _Reader().template(_environment().parse(text))
    except TemplateError:
        raise
    except TemplateSyntaxError as error:
        raise TemplateError(error.message or "not a template", error.lineno) from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        # int() refuses thousands of digits, and Jinja2's parser lets that through.
        raise TemplateError("the template has a number that is too long") from None


def _too_deep(lineno: int = 1) -> TemplateError:
    return TemplateError(f"the template is nested more than {DEEPEST} deep", lineno)


def _name(index: int) -> str:
    return f"v{index}"


class _Reader:
    """One template's way through the language, node by node; it collects the variables."""

    def __init__(self) -> None:
        self.indexes: dict[tuple[str, ...], int] = {}
        self.depth = 0

    def template(self, template: nodes.Template) -> tuple[Parsed, nodes.Template]:
        from jinja2 import nodes

        outputs = [child for output in template.body for child in self.output(output)]
        variables = tuple(self.indexes)
        rewritten = nodes.Template([nodes.Output(outputs)])
        rewritten.set_lineno(1)
        rewritten.set_environment(_environment())
        return Parsed(variables, _pieces(outputs)), rewritten

    def output(self, node: nodes.Node) -> list[nodes.Expr]:
        if type(node).__name__ != "Output":
            raise _left_out(node)
        return [self.expression(child) for child in cast("nodes.Output", node).nodes]

    def expression(self, node: nodes.Node) -> nodes.Expr:
        read = _EXPRESSIONS.get(type(node).__name__)
        if read is None:
            raise _left_out(node)
        if self.depth == DEEPEST:
            raise _too_deep(node.lineno)
        self.depth += 1
        rewritten = read(self, node)
        self.depth -= 1
        return rewritten

    def text(self, node: nodes.TemplateData) -> nodes.Expr:
        return node

    def constant(self, node: nodes.Const) -> nodes.Expr:
        if type(node.value) not in (str, bool, int):
            raise TemplateError("a constant is a text, an integer, true or false", node.lineno)
        try:
            _text(node.value).encode()
        except (Refused, UnicodeEncodeError):
            raise TemplateError("the constant cannot be sent: it is too long or not Unicode", node.lineno) from None
        return node

    def path(self, node: nodes.Name | nodes.Getattr) -> nodes.Expr:
        from jinja2 import nodes

        steps: list[str] = []
        step: nodes.Node = node
        while type(step) is nodes.Getattr:
            steps.append(step.attr)
            step = step.node
        if type(step) is not nodes.Name:
            raise _left_out(node)
        if len(steps) >= DEEPEST:
            raise _too_deep(node.lineno)
        index = self.indexes.setdefault((step.name, *reversed(steps)), len(self.indexes))
        return nodes.Name(_name(index), "load")

    def condition(self, node: nodes.CondExpr) -> nodes.Expr:
        from jinja2 import nodes

        # In the order they are written, which is the order of the variables.
        then = self.expression(node.expr1)
        test = self.expression(node.test)
        # Jinja2 writes nothing for a missing else, but as a value that no filter takes.
        otherwise = nodes.Const("") if node.expr2 is None else self.expression(node.expr2)
        return nodes.CondExpr(test, then, otherwise)

    def comparison(self, node: nodes.Compare) -> nodes.Expr:
        from jinja2 import nodes

        left, operand = self.expression(node.expr), node.ops[0]
        if operand.op not in ("eq", "ne"):
            raise TemplateError("a comparison is == or !=", node.lineno)
        if len(node.ops) > 1:
            raise TemplateError("a comparison has two sides", node.lineno)
        same = nodes.Filter(left, "_same", [self.expression(operand.expr)], [], None, None)
        return same if operand.op == "eq" else nodes.Not(same)

    def connection(self, node: nodes.And | nodes.Or) -> nodes.Expr:
        return type(node)(self.expression(node.left), self.expression(node.right))

    def negation(self, node: nodes.Not) -> nodes.Expr:
        return type(node)(self.expression(node.node))

    def filter(self, node: nodes.Filter) -> nodes.Expr:
        from jinja2 import nodes

        write = _FILTERS.get(node.name)
        if write is None:
            raise TemplateError(f"there is no filter `{node.name}`, only {', '.join(_FILTERS)}", node.lineno)
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise TemplateError("the arguments of a filter are constants", node.lineno)
        args = [self.argument(value) for value in node.args]
        kwargs = {str(pair.key): self.argument(pair.value) for pair in cast("list[nodes.Keyword]", node.kwargs)}
        try:
            write("", *args, **kwargs)
        except (TypeError, ValueError, OverflowError):
            raise TemplateError(f"the filter `{node.name}` does not take these arguments", node.lineno) from None
        assert node.node is not None
        return nodes.Filter(self.expression(node.node), node.name, node.args, node.kwargs, None, None)

    def argument(self, node: nodes.Expr) -> str | bool | int:
        if type(node).__name__ != "Const":
            raise TemplateError("the arguments of a filter are constants", node.lineno)
        constant = cast("nodes.Const", node)
        self.constant(constant)
        return cast("str | bool | int", constant.value)


_EXPRESSIONS: Mapping[str, Callable[[_Reader, Any], nodes.Expr]] = {
    "And": _Reader.connection,
    "Compare": _Reader.comparison,
    "CondExpr": _Reader.condition,
    "Const": _Reader.constant,
    "Filter": _Reader.filter,
    "Getattr": _Reader.path,
    "Name": _Reader.path,
    "Not": _Reader.negation,
    "Or": _Reader.connection,
    "TemplateData": _Reader.text,
}


def _pieces(outputs: list[nodes.Expr]) -> tuple[str | int, ...] | None:
    from jinja2 import nodes

    pieces: list[str | int] = []
    for node in outputs:
        if type(node) is nodes.TemplateData:
            pieces.append(node.data)
        elif type(node) is nodes.Name:
            pieces.append(int(node.name[1:]))
        else:
            return None
    return tuple(pieces)


def _left_out(node: nodes.Node) -> TemplateError:
    kind = type(node).__name__
    return TemplateError(f"{_LEFT_OUT.get(kind, f'`{kind}`')} is not part of the template language", node.lineno or 1)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
