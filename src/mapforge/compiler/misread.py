"""Turns text that YAML cannot read, or reads as something nobody means, into the mistake its author made."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any, NamedTuple

from mapforge.diagnostics import escaped


class Mistake(NamedTuple):
    """A diagnostic whose place is still two offsets in the text."""

    code: str
    message: str
    start: int
    end: int
    label: str = ""
    hint: str | None = None


_QUOTED = r"""(?:"(?:[^"\\]|\\[\s\S])*+"|'(?:[^']|\'\')*+')"""
_KEY = rf"(?:{_QUOTED}[ ]*|[^\s#&*!|>'\"%@`\[\]{{}},][^\r\n]*?)"
_BARE = re.compile(rf"{_QUOTED}|(?<![^\s])#[^\r\n]*|\t")
_WHOLE = re.compile(_QUOTED)
_LINE = re.compile(rf"(?:[-?:][ ]|[ ])*+(?:{_KEY}:(?:[ ]+|(?=[\r\n]|\Z)))?")
_REST = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_CLOSED = re.compile(r"[ \t]*(?:[\r\n]|\Z|#|:(?:\s|\Z)|[\]}])")
_FLOW = re.compile(
    rf"""(?P<space>[ ]+(?:\#[^\r\n]*)?)
    |(?P<line>[\r\n]\s*(?:\#[^\r\n]*)?)
    |(?P<comma>,)
    |(?P<colon>:(?=[\s,\[\]{{}}]|\Z))
    |(?P<open>[\[{{])
    |(?P<close>[\]}}])
    |(?P<quoted>{_QUOTED})
    |(?P<plain>[^\s,\[\]{{}}"'](?:[^,:\#\[\]{{}}\r\n]++|:(?![\s,\[\]{{}}]|\Z)|(?<![ ])\#)*+)""",
    re.VERBOSE,
)
_STEP = re.compile(
    r"""(?P<quoted>"[^"\r\n]*"|'[^'\r\n]*'|`[^`\r\n]*`)
    |(?P<open>[\[{(])
    |(?P<close>[\]})])
    |(?P<comma>,)
    |(?P<end>(?<=[ \t])\#|[\r\n])
    |[^"'`\[\](){},\#\r\n]++
    |[\s\S]""",
    re.VERBOSE,
)
_KEY_BEFORE = re.compile(r"""("[^"]*"|'[^']*'|[^\s,{}\[\]:"'][^,{}\[\]:"']*?)[ ]*:[ ]+$""")
_ALIAS = re.compile(r"\*([\w-]+)(?=[\s,\[\]{}]|\Z)")
_PLAIN_END = re.compile(r"(?<=[ \t])#|[\r\n]|\Z")
_PROPERTY = re.compile(r"!<[^>\s]*>|![^\s,\[\]{}]*|&[\w-]*")
_WHOLE_PROPERTY = re.compile(
    r"(?:!<[\w.:/,-]+>|!(?:[\w-]*!)?[\w./:-]*|&[\w-]+)(?=[ \r\n]|\Z)",
    re.ASCII,
)
_PROPERTIES = re.compile(r"[!&]")
TIGHT = re.compile(r":[,\[\]{}]")
NO_CHARACTER = re.compile(r"\\(?:u[dD][89a-fA-F]|U(?!0000|000[1-9a-fA-F]|0010)|U0000[dD][89a-fA-F])")
_BREAKS = re.compile(r"\r\n|\r|\n")
_KEY_END = re.compile(r":(?=\s|\Z)")

_MEANS = {
    "[": "to YAML, `[` begins a list",
    "{": "to YAML, `{` begins a mapping",
    "?": "to YAML, `?` begins a key",
    "*": "to YAML, `*` begins an alias",
    "@": "YAML keeps `@` for itself",
    "`": "YAML keeps the backtick for itself",
}


def unquoted(text: str, begin: int, end: int, anchors: Container[str]) -> Mistake | None:
    """The first value of the lines from `begin` to `end` that YAML can take in quotes only."""
    at = begin
    while at < end:
        line = _LINE.match(text, at)
        start = line.end() if line else at
        found = _block_value(text, start, anchors)
        if isinstance(found, Mistake):
            return found
        at = _rest(text, max(start, found))
    return None


def _rest(text: str, at: int) -> int:
    rest = _REST.match(text, at)
    return rest.end() if rest else len(text)


def _block_value(text: str, start: int, anchors: Container[str]) -> Mistake | int:
    """What is wrong with the value that begins here outside all brackets, or where it ends."""
    first = text[start : start + 1]
    if first in ("[", "{"):
        return _Flow(text, start, anchors).read()
    if first in ("'", '"'):
        quoted = _WHOLE.match(text, start)
        closed = quoted is None or _CLOSED.match(text, quoted.end())
        return start if closed or quoted is None else _half_quoted(text, start, quoted.end(), flow=False)
    return _reserved(text, start, anchors, flow=False) or start


def _reserved(text: str, start: int, anchors: Container[str], flow: bool) -> Mistake | None:
    first = text[start : start + 1]
    if first in ("!", "&") and not is_whole(text, start):
        return _property(text, start, _TAG if first == "!" else _ANCHOR)
    alias = _ALIAS.match(text, start)
    unknown = first == "*" and not (alias and alias[1] in anchors)
    return needs_quotes(text, start, flow) if unknown or first in ("@", "`") else None


class _Flow:
    """Reads on from a bracket to the one that closes it, as YAML does, until something stands where nothing may."""

    def __init__(self, text: str, start: int, anchors: Container[str]) -> None:
        self.text, self.start, self.anchors = text, start, anchors
        self.opened: list[int] = []
        self.value: re.Match[str] | None = None
        self.begun = start

    def read(self) -> Mistake | int:
        at = self.start
        while token := _FLOW.match(self.text, at):
            at = token.end()
            if mistake := self.take(token):
                return mistake
            if not self.opened:
                return self.after(at)
        return at

    def take(self, token: re.Match[str]) -> Mistake | None:
        kind = token.lastgroup
        if (
            kind == "colon"
            and self.value
            and self.value.lastgroup == "plain"
            and (tight := TIGHT.match(self.text, token.start()))
        ):
            return tight_colon(tight.start())
        if kind in ("comma", "colon"):
            self.value = None
        elif kind == "close":
            self.begun, self.value = self.opened.pop(), token
        elif kind in ("open", "quoted", "plain"):
            return self.begin(token)
        return None

    def begin(self, token: re.Match[str]) -> Mistake | None:
        if self.value is not None and (mistake := self.glued(self.value, token)):
            return mistake
        start = token.start()
        if token.lastgroup == "plain" and (mistake := _reserved(self.text, start, self.anchors, flow=True)):
            return mistake
        if token.lastgroup == "plain" and "?" in token[0].removeprefix("? "):
            return needs_quotes(self.text, start, flow=True)
        if token.lastgroup == "open":
            self.opened.append(start)
        self.value, self.begun = (None if token.lastgroup == "open" else token), start
        return None

    def glued(self, before: re.Match[str], token: re.Match[str]) -> Mistake | None:
        """Two values without a comma: one path cut in two, unless the second is a key whose comma was forgotten."""
        if before.lastgroup == "quoted" and not self.is_key(token):
            return _half_quoted(self.text, self.begun, before.end(), flow=True)
        path = before.lastgroup == "plain" and token.lastgroup == "open"
        if path or (before.lastgroup == "close" and before.end() == token.start()):
            return needs_quotes(self.text, self.begun, flow=True)
        return None

    def is_key(self, token: re.Match[str]) -> bool:
        return bool(_KEY_END.match(self.text, token.end()))

    def after(self, at: int) -> Mistake | int:
        closed = _CLOSED.match(self.text, at) or self.text[at : at + 1] == ","
        return at if closed else needs_quotes(self.text, self.start, flow=False)


def needs_quotes(text: str, start: int, flow: bool) -> Mistake:
    """The mistake of a path at `start` that holds what YAML takes for its own; in `flow` brackets around it end it."""
    end = _flow_end(text, start) if flow else _block_end(text, start)
    sign = next((sign for sign in text[start:end] if sign in _MEANS), text[start])
    verb = "begins with" if text[start] == sign else "contains"
    what = "name" if _KEY_END.match(text, end) else "path"
    message = f"this {what} needs quotes: it {verb} {_sign(sign)}"
    return Mistake("MF109", message, start, end, _MEANS.get(sign, ""), _quoting(text, start, end, what))


def ends_at_comma(text: str, start: int) -> Mistake:
    """The mistake of a text at `start`, in brackets, that a comma cuts in two."""
    end = _flow_end(text, start, commas=True)
    message = "this text needs quotes: it contains `,`"
    return Mistake("MF109", message, start, end, "to YAML, `,` ends the value", _quoting(text, start, end, "text"))


def _half_quoted(text: str, start: int, closed: int, flow: bool) -> Mistake:
    if breaks := _BREAKS.findall(text, start, closed):
        message = (
            f"the quote that opens here closes {len(breaks)} line{'s' * (len(breaks) > 1)} below, inside another value"
        )
        return Mistake("MF102", message, start, start + 1, "", "close it where its value ends")
    end = max(closed, _flow_end(text, start) if flow else _block_end(text, start))
    message = "the quotes end before the value does"
    return Mistake("MF102", message, start, end, "", _quoting(text, start, end, "whole value"))


def _sign(sign: str) -> str:
    return "a backtick" if sign == "`" else f"`{sign}`"


def _quoting(text: str, start: int, end: int, what: str) -> str:
    before = text[max(0, start - 200) : start]
    key = _KEY_BEFORE.search(re.split(r"[\r\n]", before)[-1])
    value = text[start:end] if end - start <= 80 else text[start : start + 79] + "…"
    return escaped(f"put the {what} in quotes: {key[1].removeprefix('- ') + ': ' if key else ''}{_in_quotes(value)}")


def _in_quotes(value: str) -> str:
    return "'" + value.replace("'", "''") + "'" if '"' in value or "\\" in value else f'"{value}"'


def _block_end(text: str, start: int) -> int:
    stop = _PLAIN_END.search(text, start)
    end = stop.start() if stop else len(text)
    if text[start] in "*@`" and (key := _KEY_END.search(text, start, end)):
        end = key.start()
    return start + max(1, len(text[start:end].rstrip()))


def _flow_end(text: str, start: int, commas: bool = False) -> int:
    depth, at = 0, start
    while step := _STEP.match(text, at):
        kind = step.lastgroup
        depth += (kind == "open") - (kind == "close")
        if depth < 0 or kind == "end" or (kind == "comma" and not depth and not commas):
            break
        at = step.end()
    return start + max(1, len(text[start:at].rstrip()))


def explained(text: str, error: Any) -> Mistake:
    """PyYAML's problem in plain words; the words of its C and its Python parser for one problem differ."""
    problem = " ".join(str(part) for part in (error.context, error.problem) if part)
    mark = error.problem_mark or error.context_mark
    at = mark.index if mark else 0
    if "cannot start any token" in problem and text[at : at + 1] == "\t":
        return tab(at)
    for fragments, words in _PROBLEMS:
        if all(fragment in problem for fragment in fragments.split("…")):
            return _placed(text, at, error.context_mark, words)
    return _placed(text, at, None, _Words(f"YAML cannot read this: {escaped(problem)}"))


def after_block_sign(at: int) -> Mistake:
    """The mistake of a `#` that stands at once after `|` or `>`."""
    return Mistake("MF102", _BLOCK.message, at, at + 1)


def first_tab(text: str, begin: int, end: int) -> Mistake | None:
    """The first tab outside quotes and comments: one loader fails at it, the other only after it."""
    found = next((found for found in _BARE.finditer(text, begin, end) if found[0] == "\t"), None)
    return tab(found.start()) if found else None


def tight_colon(at: int) -> Mistake:
    """The mistake of `{a:}`, which one loader takes and the other does not."""
    return Mistake("MF102", "a space is missing after `:`", at, at + 1)


def tab(at: int) -> Mistake:
    """The mistake of a tab where YAML knows only spaces."""
    return Mistake("MF102", _TAB.message, at, at + 1, "", _TAB.hint)


def directive(at: int) -> Mistake:
    """The mistake of a `%` line before the document."""
    return Mistake("MF102", _DIRECTIVE.message, at, at + 1, "", _DIRECTIVE.hint)


def no_character(at: int) -> Mistake:
    """The mistake of an escape that stands for no character: a half of a surrogate pair, or beyond U+10FFFF."""
    return Mistake("MF102", "this escape stands for no character", at, at + 1)


def tag(text: str, at: int) -> Mistake:
    """The mistake of a tag; a predicate that begins with `!` is one to YAML."""
    return _property(text, at, _TAG)


def anchor(text: str, at: int) -> Mistake:
    """The mistake of an anchor."""
    return _property(text, at, _ANCHOR)


def is_whole(text: str, at: int) -> bool:
    """Whether YAML's loaders agree where the tag or anchor ends."""
    return bool(_WHOLE_PROPERTY.match(text, at))


def _property(text: str, at: int, words: _Words) -> Mistake:
    found = _PROPERTY.match(text, at)
    end = found.end() if found else at + 1
    return Mistake(words.code, f"{words.message}: {shortened(text[at:end])}", at, end, "", words.hint)


def shortened(text: str) -> str:
    """`text` for a message, in backticks."""
    return f"`{escaped(text if len(text) <= 60 else text[:59] + '…')}`"


def _placed(text: str, at: int, context: Any, words: _Words) -> Mistake:
    if words in (_TAG, _ANCHOR) and context:
        sign = _PROPERTIES.search(text, context.index)
        return _property(text, sign.start() if sign else at, words)
    if words is _ESCAPE:
        return _escape(text, text.rfind("\\", 0, at + 1))
    if words.at_opening and context:
        at = context.index
    if at >= len(text) or not text[at:].strip():
        at = max(0, len(text.rstrip()) - 1)
    label = f"opened in line {context.line + 1}" if words in (_BRACE, _BRACKET) and context else ""
    return Mistake(words.code, words.message, at, at + 1, label, words.hint)


def _escape(text: str, at: int) -> Mistake:
    if NO_CHARACTER.match(text, at):
        return no_character(at)
    return Mistake(
        "MF102", f"{shortened(text[at : at + 2])} is no escape in double quotes", at, at + 2, "", _ESCAPE.hint
    )


class _Words(NamedTuple):
    message: str
    hint: str | None = None
    code: str = "MF102"
    at_opening: bool = False


_TAB = _Words("a tab stands where YAML wants spaces", "use spaces, two a level")
_COLON = _Words("`: ` stands inside a text without quotes", "put the text in quotes, or look for a wrong indentation")
_NO_COLON = _Words("this line has no `:`", "a key needs a colon and a space after it: `key: value`", at_opening=True)
_INDENT = _Words("this does not fit the lines above", "look for a wrong indentation, or a `:` or `-` that is missing")
_BRACE = _Words("`{` is not closed before this, or a comma is missing", "values in { } are parted by commas")
_BRACKET = _Words("`[` is not closed before this, or a comma is missing", "values in [ ] are parted by commas")
_QUOTE = _Words("this quote is never closed", at_opening=True)
_ESCAPE = _Words("this escape is not known in double quotes", "write `\\\\` for a backslash, or use single quotes")
_NO_VALUE = _Words("a value is missing here")
_SIGN = _Words("no value can begin with this character", "put the text in quotes")
_BLOCK = _Words("after `|` or `>` only a comment or the end of the line may follow")
_TAG = _Words("tags are not part of the language", "remove it; a text that begins with `!` needs quotes", code="MF105")
_ANCHOR = _Words("anchors are not part of the language", "write the value out where it is needed", code="MF104")
_DIRECTIVE = _Words("a `%` directive is not part of the language", "remove the line")
_AFTER_END = _Words("this stands after the end of the document")

# Parts of PyYAML's own words, all of which must be there → ours. The first line that fits counts.
_PROBLEMS = (
    ("directive", _DIRECTIVE),
    ("a tag", _TAG),
    ("tag handle", _TAG),
    ("an anchor", _ANCHOR),
    ("tab character", _TAB),
    ("mapping values are not allowed", _COLON),
    ("expected ':'", _NO_COLON),
    ("sequence entries are not allowed", _INDENT),
    ("mapping keys are not allowed", _INDENT),
    ("quoted scalar…end of stream", _QUOTE),
    ("quoted scalar…document", _QUOTE),
    ("escape", _ESCAPE),
    ("hex", _ESCAPE),
    ("expected ',' or '}'", _BRACE),
    ("expected ',' or ']'", _BRACKET),
    ("expected <block end>", _INDENT),
    ("expected key", _INDENT),
    ("expected '-' indicator", _INDENT),
    ("node content", _NO_VALUE),
    ("cannot start any token", _SIGN),
    ("block scalar", _BLOCK),
    ("<document start>", _AFTER_END),
    ("document start", _AFTER_END),
)
