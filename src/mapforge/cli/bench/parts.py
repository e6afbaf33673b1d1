"""A generated mapper's source → what each of its lines works at, by the comments and assignments that stand there."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator

import msgspec

from mapforge.platforms import PLATFORMS

ATTRIBUTES = "attributes"
DECODING = "decoding"
RAW = "objects of the raw event"
IDENTIFIERS = "identifiers"
ID = "the event's id"
TIME = "the time"
VALUE = "the value"
ENCODING = "encoding"
ENVELOPE = "the envelope"
CHOICE = "what is made"
CHECKS = "checks of limits"
AROUND = "around the mapper"
INTERPRETER = "the interpreter"

_FUNCTION = "map_event"
# What a mapper assigns, or works on; an identifier is assigned under its own name.
_ASSIGNED = {
    "raw": DECODING,
    "time": TIME,
    "out": ATTRIBUTES,
    **dict.fromkeys(("source_id", "event_id"), ID),
    **dict.fromkeys(("value", "value_currency"), VALUE),
    "skipped": CHOICE,
    **dict.fromkeys(("properties", "kept", "members", "changed", "sent"), ENCODING),
    **dict.fromkeys(("profile", "profile_id", "profile_members", "metafields"), ENCODING),
    **dict.fromkeys(("payloads", "written"), ENVELOPE),
    **dict.fromkeys(("profile_key", *(name for one in PLATFORMS.values() for name in one.identifiers)), IDENTIFIERS),
}
_PREFIXES = {"raw_": RAW, "made_": CHOICE, "nobody_": CHOICE, "nothing_kept_": CHOICE}


class Part(msgspec.Struct, frozen=True):
    """Something that mapping spends time on. work: what for; name: an attribute, or the text of what stands there.

    place: an attribute's rule, or a line of the runtime, as file:line.
    """

    work: str
    name: str | None = None
    place: str | None = None


def parts_of(source: str) -> dict[int, Part]:
    """By line, what the function that maps an event works at; a line that says nothing known is not there."""
    notes = dict(_attributes(source))
    found: dict[int, Part] = {}
    for function in ast.parse(source).body:
        if isinstance(function, ast.FunctionDef) and function.name == _FUNCTION:
            for statement in _statements(function.body):
                part = _part(statement)
                if part is not None:
                    found |= {line: notes.get(line, part) for line in _lines(statement)}
    return found


def _attributes(source: str) -> Iterator[tuple[int, Part]]:
    """The lines of attributes, each with a comment of its name and its rule's place."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        behind_code = token.line[: token.start[1]].strip()
        if token.type == tokenize.COMMENT and behind_code:
            name, _, place = token.string.removeprefix("# ").rpartition(" ")
            yield token.start[0], Part(ATTRIBUTES, name, place)


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        yield from _statements(_within(statement))


def _within(statement: ast.stmt) -> list[ast.stmt]:
    return [one for one in ast.iter_child_nodes(statement) if isinstance(one, ast.stmt)]


def _lines(statement: ast.stmt) -> range:
    """The lines of a statement itself, without those of the statements in it."""
    inner = _within(statement)
    return range(statement.lineno, inner[0].lineno if inner else (statement.end_lineno or statement.lineno) + 1)


def _part(statement: ast.stmt) -> Part | None:
    match statement:
        case ast.Assign(targets=[target, *_]):
            return _named(_first_name(target), ast.unparse(target))
        case ast.Raise() | ast.If(body=[ast.Raise()]):
            return Part(CHECKS)
        case ast.If():
            # A branch within what is sent looks at what was made; every other one asks what to make.
            return Part(ENCODING if "out" in _names(statement.test) else CHOICE)
        case ast.Expr(value) | ast.Return(value=ast.expr() as value):
            return _named(_first_name(value), None)
    return None


def _named(assigned: str, text: str | None) -> Part | None:
    prefixes = (work for prefix, work in _PREFIXES.items() if assigned.startswith(prefix))
    work = _ASSIGNED.get(assigned) or next(prefixes, None)
    return None if work is None else Part(work, text or assigned)


def _first_name(node: ast.expr) -> str:
    return next(iter(_names(node)), "")


def _names(node: ast.expr) -> list[str]:
    """The variables that an expression names, the outer ones first."""
    return [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]
