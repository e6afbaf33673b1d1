"""Turns what is wrong with a file, as codes and places, into screens for people and lines for tools."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import msgspec

# What only a message needs is imported where one is made: loading a build imports this module too.
if TYPE_CHECKING:
    import difflib

Severity = Literal["error", "warning", "note"]
Form = Literal["pretty", "short", "json", "github", "sarif"]
ReadLine = Callable[[str, int], str | None]

_TAB = 4
_SHOWN = 120
_BEFORE_CARET = 60
_COMPARED = 100
_NEAR = 0.7


class Span(msgspec.Struct, frozen=True):
    """A place in a file as it is shown: line and column from 1, in characters; length in characters on that line."""

    file: str
    line: int
    column: int
    length: int = 1

    @property
    def at(self) -> str:
        """The place as `file:line`."""
        return f"{self.file}:{self.line}"


class Diagnostic(msgspec.Struct, frozen=True):
    """One fault, warning or note at one place; `label` is the text after the carets. A note is no mistake."""

    code: str
    message: str
    span: Span
    label: str = ""
    hint: str | None = None
    severity: Severity = "error"


class MapforgeError(Exception):
    """The root of what mapforge raises.

    MapforgeError
    ├── CompileError    a mapping, contract or sample file is wrong; carries diagnostics
    ├── MappingError    a raw event does not fit its mapping; carries faults (mapforge.runtime)
    ├── BuildError      a build that cannot be loaded (mapforge.runtime)
    └── WorkerError     a process that maps ended before its time (mapforge.runtime)
    """


class CompileError(MapforgeError):
    """Files that do not compile. `diagnostics` is sorted; `str()` is the short form, a line for each."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(sort(diagnostics))
        super().__init__("\n".join(_short(diagnostic) for diagnostic in self.diagnostics))

    def __reduce__(self) -> tuple[type[CompileError], tuple[tuple[Diagnostic, ...]]]:
        return CompileError, (self.diagnostics,)


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate nearest to `word`, if one is near enough; a difference of case alone is always near."""
    import difflib

    if len(word) > _COMPARED:
        return None
    matcher = difflib.SequenceMatcher(b=word.casefold(), autojunk=False)
    near = [(_nearness(matcher, other), other) for other in set(candidates) - {word} if len(other) <= _COMPARED]
    best = min(near, key=lambda pair: (-pair[0], pair[1]), default=(0.0, ""))
    return best[1] if best[0] >= _NEAR else None


def _nearness(matcher: difflib.SequenceMatcher[str], other: str) -> float:
    matcher.set_seq1(other.casefold())
    near = matcher.real_quick_ratio() >= _NEAR and matcher.quick_ratio() >= _NEAR
    return matcher.ratio() if near else 0.0


def sort(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """By file, line, column and code; what is said twice in the same words is kept once."""
    return sorted(dict.fromkeys(diagnostics), key=_place)


def _place(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    span = diagnostic.span
    return span.file, span.line, span.column, diagnostic.code, diagnostic.message


def _short(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    hint = f" ({diagnostic.hint})" if diagnostic.hint else ""
    head = f"{span.file}:{span.line}:{span.column}: {diagnostic.severity}[{diagnostic.code}]"
    return escaped(f"{head}: {diagnostic.message}{hint}")


def escaped(text: str) -> str:
    """`text` with control characters, and those that reorder or break lines, written as escapes."""
    return text if text.isprintable() else "".join(map(_cell, text))


def _cell(character: str) -> str:
    import unicodedata

    if unicodedata.category(character) not in _UNSHOWN or character in _JOINERS:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"


def render(diagnostics: Iterable[Diagnostic], form: Form, read_line: ReadLine, colour: bool = False) -> str:
    """The diagnostics as text, in the order given, without a line break at its end; `pretty` alone takes `colour`.

    `read_line` gives a line of a file by the name and number of a Span, or None where there is none.
    """
    return _FORMS[form](tuple(diagnostics), read_line, colour)


def _render_pretty(diagnostics: Sequence[Diagnostic], read_line: ReadLine, colour: bool) -> str:
    paint = _painted if colour else _unpainted
    screens = [_screen(diagnostic, read_line, paint) for diagnostic in diagnostics]
    return "\n\n".join([*screens, _count(diagnostics)]) if screens else ""


def _render_short(diagnostics: Sequence[Diagnostic], read_line: ReadLine, colour: bool) -> str:
    return "\n".join([*map(_short, diagnostics), _count(diagnostics)]) if diagnostics else ""


def _count(diagnostics: Sequence[Diagnostic]) -> str:
    numbers = _numbers(diagnostics)
    return ", ".join(f"{number} {word if number == 1 else word + 's'}" for word, number in numbers.items() if number)


def _numbers(diagnostics: Sequence[Diagnostic]) -> dict[Severity, int]:
    severities = [diagnostic.severity for diagnostic in diagnostics]
    return {severity: severities.count(severity) for severity in _SEVERITIES}


_SEVERITIES: tuple[Severity, ...] = get_args(Severity)
_Paint = Callable[[str, str], str]
_INKS = {"error": "1;31", "warning": "1;33", "note": "1;36", "gutter": "34", "message": "1"}


def _painted(ink: str, text: str) -> str:
    return f"\x1b[{_INKS[ink]}m{text}\x1b[0m" if text else ""


def _unpainted(ink: str, text: str) -> str:
    return text


def _screen(diagnostic: Diagnostic, read_line: ReadLine, paint: _Paint) -> str:
    span, kind = diagnostic.span, diagnostic.severity
    margin = " " * len(str(span.line))
    line = read_line(span.file, span.line)
    notes = [] if diagnostic.hint is None else [f"hint: {diagnostic.hint}"]
    if line is None and diagnostic.label:
        notes.insert(0, f"note: {diagnostic.label}")
    notes.append(f"more: mapforge explain {diagnostic.code}")
    return "\n".join(
        [
            paint(kind, f"{kind}[{diagnostic.code}]") + paint("message", f": {escaped(diagnostic.message)}"),
            f"{margin}{paint('gutter', '-->')} {escaped(span.file)}:{span.line}:{span.column}",
            *([] if line is None else _excerpt(line, diagnostic, paint)),
            *(f"{margin} {paint('gutter', '=')} {escaped(note)}" for note in notes),
        ]
    )


def _excerpt(line: str, diagnostic: Diagnostic, paint: _Paint) -> list[str]:
    span, margin = diagnostic.span, " " * len(str(diagnostic.span.line))
    shown, before, width = _cut(line.rstrip("\r\n"), span.column - 1, span.length)
    carets = paint(diagnostic.severity, "^" * width + (f" {escaped(diagnostic.label)}" if diagnostic.label else ""))
    bar = paint("gutter", "|")
    return [
        f"{margin} {bar}",
        f"{paint('gutter', str(span.line))} {bar} {shown}".rstrip(),
        f"{margin} {bar} {' ' * before}{carets}",
    ]


def _cut(line: str, start: int, length: int) -> tuple[str, int, int]:
    """What a screen shows of a line, and how many columns of it stand before and under the carets."""
    start = min(start, len(line))
    begin = start - _BEFORE_CARET if len(line) > _SHOWN and start > _BEFORE_CARET else 0
    end = min(len(line), begin + _SHOWN)
    cells = _cells(line[begin:end], "…" if begin else "")
    at = start - begin + 1
    under = cells[at : at + length]
    shown = "".join(cells) + ("…" if end < len(line) else "")
    return shown, _columns("".join(cells[:at])), max(1, _columns("".join(under)))


def _cells(text: str, first: str) -> list[str]:
    """What is shown for each character, after `first`: a tab reaches to the next tab stop."""
    cells, column = [first], _columns(first)
    for character in text:
        cell = " " * (_TAB - column % _TAB) if character == "\t" else _cell(character)
        cells.append(cell)
        column += _columns(cell)
    return cells


def _columns(text: str) -> int:
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    import unicodedata

    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _render_json(diagnostics: Sequence[Diagnostic], read_line: ReadLine, colour: bool) -> str:
    numbers = _numbers(diagnostics)
    listed = [_record(diagnostic) for diagnostic in diagnostics]
    return _json({"diagnostics": listed, **{f"{severity}s": number for severity, number in numbers.items()}})


def _record(diagnostic: Diagnostic) -> dict[str, Any]:
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "length": span.length,
        "label": diagnostic.label,
        "hint": diagnostic.hint,
    }


def _json(value: Any) -> str:
    import json

    # A file name that is no UTF-8 has lone surrogates: no encoder takes them, so they leave as U+FFFD.
    return _SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False, indent=2))


def _render_github(diagnostics: Sequence[Diagnostic], read_line: ReadLine, colour: bool) -> str:
    return "\n".join(_command(diagnostic) for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    place = {"file": span.file, "line": span.line, "col": span.column, "endColumn": span.column + span.length}
    properties = ",".join(f"{key}={_property(value)}" for key, value in {**place, "title": diagnostic.code}.items())
    command = _COMMANDS.get(diagnostic.severity, diagnostic.severity)
    return _SURROGATE.sub("\ufffd", f"::{command} {properties}::{_data(_said(diagnostic))}")


_COMMANDS: dict[Severity, str] = {"note": "notice"}


def _said(diagnostic: Diagnostic) -> str:
    return diagnostic.message if diagnostic.hint is None else f"{diagnostic.message}\nhint: {diagnostic.hint}"


def _data(value: object) -> str:
    return str(value).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def _render_sarif(diagnostics: Sequence[Diagnostic], read_line: ReadLine, colour: bool) -> str:
    codes = sorted({diagnostic.code for diagnostic in diagnostics})
    rules = [{"id": code, "help": {"text": f"mapforge explain {code}"}} for code in codes]
    run = {
        "tool": {"driver": {"name": "mapforge", "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, codes) for diagnostic in diagnostics],
    }
    return _json({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})


def _result(diagnostic: Diagnostic, codes: Sequence[str]) -> dict[str, Any]:
    from urllib.parse import quote

    span = diagnostic.span
    uri = quote(span.file.replace("\\", "/"), errors="surrogatepass")
    region = {"startLine": span.line, "startColumn": span.column, "endColumn": span.column + span.length}
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": diagnostic.severity,
        "message": {"text": _said(diagnostic)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
    }


_SURROGATE = re.compile("[\ud800-\udfff]")
_FORMS: dict[Form, Callable[[Sequence[Diagnostic], ReadLine, bool], str]] = {
    "pretty": _render_pretty,
    "short": _render_short,
    "json": _render_json,
    "github": _render_github,
    "sarif": _render_sarif,
}
