"""Turns the text of a YAML file into a tree of Map, Seq and Text, each with its place, or into diagnostics."""

from __future__ import annotations

import bisect
import pathlib
import re
from typing import Any, NoReturn

import msgspec
import yaml

from mapforge.compiler import misread
from mapforge.diagnostics import Diagnostic, Span

LARGEST = 1024 * 1024
DEEPEST = 40
MOST_NODES = 100_000
MOST_MISTAKES = 1_000
_READ_TWICE = 64 * 1024

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Text(msgspec.Struct, frozen=True):
    """A scalar as it is written, its type not guessed; `plain` when it has no quotes and is no block."""

    value: str
    span: Span
    plain: bool


class Seq(msgspec.Struct, frozen=True):
    """A list, in block or flow style."""

    items: tuple[Node, ...]
    span: Span


class Pair(msgspec.Struct, frozen=True):
    """A key of a mapping with its value."""

    key: Text
    value: Node


class Map(msgspec.Struct, frozen=True):
    """A mapping in file order; every key is there once."""

    pairs: tuple[Pair, ...]
    span: Span

    def get(self, name: str) -> Node | None:
        """The value under `name`."""
        pair = self.pair(name)
        return pair.value if pair else None

    def pair(self, name: str) -> Pair | None:
        """The key `name` with its place, and its value."""
        return next((pair for pair in self.pairs if pair.key.value == name), None)


Node = Map | Seq | Text


def read(path: pathlib.Path, shown: str, loader: Any = LOADER) -> tuple[Map | None, list[Diagnostic]]:
    """The tree of a file, and what is wrong with it; `shown` is the file's name in every Span.

    The tree is None when the file cannot be read to its end. Otherwise it is there beside the diagnostics: of two equal
    keys it has the first, an alias is the text `*name`; anchors, tags, merge keys and keys that are no text are left
    out.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        return None, [Diagnostic("MF101", f"the file cannot be read: {reason}", Span(shown, 1, 1))]
    return read_text(data, shown, loader)


def read_text(text: str | bytes, shown: str, loader: Any = LOADER) -> tuple[Map | None, list[Diagnostic]]:
    """`read` for text that is already here. `loader` is PyYAML's C or pure Python loader; they give the same."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        lines = _Lines(_decoded(data, shown), shown)
    except _Stop as stop:
        return None, [stop.diagnostic]
    walk = _Walk(lines, loader)
    tree = walk.document()
    if tree is None and loader is not yaml.SafeLoader and len(data) <= _READ_TWICE:
        # Where a file breaks, the C loader is some characters ahead and reports less of what stands just before.
        walk = _Walk(lines, yaml.SafeLoader)
        tree = walk.document()
    return tree, walk.found


class _Stop(Exception):
    """Nothing that follows in the file can be trusted."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.code)
        self.diagnostic = diagnostic


def _decoded(data: bytes, shown: str) -> str:
    if len(data) > LARGEST:
        message = f"the file is larger than {LARGEST:,} bytes"
        raise _Stop(Diagnostic("MF107", message, Span(shown, 1, 1), hint="divide it into files by event family"))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix(_MARK)
        message = f"the file is not UTF-8: byte 0x{data[error.start]:02x}"
        span = _Lines(before, shown).span(len(before))
        raise _Stop(Diagnostic("MF101", message, span, hint="save the file as UTF-8")) from None
    text = text.removeprefix(_MARK)
    if bad := _FORBIDDEN.search(text):
        raise _Stop(_forbidden(bad[0], _Lines(text, shown).span(bad.start())))
    return text


def _forbidden(character: str, span: Span) -> Diagnostic:
    message = f"the character U+{ord(character):04X} cannot stand in a mapping file"
    hint = f'in double quotes it can be written as "\\u{ord(character):04x}"'
    return Diagnostic("MF101", message, span, hint=hint if character != "\0" else None)


# What YAML allows, less what its loaders disagree about (a byte order mark inside) and what is a line break to YAML 1.1
# and to nobody else (NEL, LS, PS).
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_MARK = "\ufeff"
_BREAK = re.compile(r"\r\n|\r|\n")


class _Lines:
    """Offsets in a text as places."""

    def __init__(self, text: str, shown: str) -> None:
        self.text, self.shown = text, shown
        self.starts = [0, *(found.end() for found in _BREAK.finditer(text))]

    def span(self, start: int, end: int = 0) -> Span:
        line = bisect.bisect_right(self.starts, start)
        column = start - self.starts[line - 1]
        if end - start > 1:
            end = min(end, start + len(self.text[start : self.after(line)].rstrip()))
        return Span(self.shown, line, column + 1, max(1, end - start))

    def after(self, line: int) -> int:
        return self.starts[line] if line < len(self.starts) else len(self.text)

    def begin(self, at: int) -> int:
        return self.starts[bisect.bisect_right(self.starts, at) - 1]


_FILLER = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*+")
_COMMENT = re.compile(r"#[^\r\n]*")
_COLON = re.compile(r"[ \t\r\n]*:")
_BLOCK_HEAD = re.compile(r"([^#\r\n]*)(#[^\r\n]*)?((?:[\r\n] *)*[^\r\n]?)")
_BLOCK_COMMENT = re.compile(r"[|>][-+0-9]*#")
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Walk:
    """One pass over the events of one file. Events, not PyYAML's nodes: there an alias would already be expanded."""

    def __init__(self, lines: _Lines, loader: Any) -> None:
        self.lines, self.text = lines, lines.text
        self.parser = loader(self.text)
        self.tabs = "\t" in self.text
        self.found: list[Diagnostic] = []
        self.anchors: set[str] = set()
        self.open: list[Any] = []
        self.named = -1
        self.nodes = 0
        self.last = self.earlier = self.parser.get_event()

    def document(self) -> Map | None:
        try:
            return self.root()
        except _Stop as stop:
            self.found.append(stop.diagnostic)
        except yaml.MarkedYAMLError as error:
            self.found.append(self.diagnostic(self.broken(error)))
        except (ValueError, OverflowError):
            # The pure Python loader on "\UFFFFFFFF".
            self.found.append(self.diagnostic(self.no_character()))
        return None

    def root(self) -> Map:
        self.refuse_directive(0)
        if isinstance(self.next(), yaml.StreamEndEvent):
            self.stop("MF108", "the file is empty", 0)
        event = self.next()
        node = self.node(event)
        self.refuse_more(self.next().end_mark.index)
        if isinstance(node, Map):
            return node
        if isinstance(node, Text) and node.plain and not node.value:
            self.stop("MF108", "the file is empty", 0)
        message = "the file is not a mapping of keys to values"
        self.stop("MF108", message, event.start_mark.index, event.end_mark.index)

    def refuse_directive(self, at: int) -> int:
        """Where the next word is, after blank lines and comments."""
        word = self.filled(at)
        if self.text.startswith("%", word):
            self.fail(misread.directive(word))
        return word

    def filled(self, at: int) -> int:
        filler = _FILLER.match(self.text, at)
        return filler.end() if filler else at

    def refuse_more(self, at: int) -> None:
        word = self.refuse_directive(at)
        if word < len(self.text):
            message = "a second document begins here; a file holds one"
            self.stop("MF108", message, word, word + 3, hint="move it to a file of its own")

    def next(self) -> Any:
        event = self.parser.get_event()
        if self.tabs:
            self.refuse_tabs(event)
        self.earlier, self.last = self.last, event
        return event

    def refuse_tabs(self, event: Any) -> None:
        """The C loader takes some tabs for spaces, the Python loader none: a tab counts only in quotes and blocks."""
        start, end = event.start_mark.index, event.end_mark.index
        begin = min(self.last.end_mark.index, start)
        gap = _COMMENT.sub(_blank, self.text[begin:start])
        at = (gap + _bare(self.text[start:end], getattr(event, "style", None))).find("\t")
        if at >= 0:
            self.fail(misread.tab(begin + at))

    def node(self, event: Any) -> Node:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self.stop("MF107", f"the file has more than {MOST_NODES:,} keys and values", event.start_mark.index)
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        if event.start_mark.index > self.named and self.text.startswith(("&", "!"), event.start_mark.index):
            self.properties(event.start_mark.index)
        return self.text_of(event) if isinstance(event, yaml.ScalarEvent) else self.collection(event)

    def text_of(self, event: Any) -> Text:
        if event.style in ("|", ">") and (sign := _BLOCK_COMMENT.match(self.text, event.start_mark.index)):
            self.fail(misread.after_block_sign(sign.end() - 1))
        if event.style == '"' and _SURROGATE.search(event.value):
            self.fail(self.no_character(event.start_mark.index))
        if not event.style:
            self.refuse_question(event.start_mark.index, event.end_mark.index)
        return Text(event.value, self.span(event), not event.style)

    def refuse_question(self, start: int, end: int) -> None:
        """In brackets the Python loader ends a text at `?`, or begins a key there, and the C loader does not."""
        if self.text.find("?", max(0, start - 1), end + 1) >= 0 and self.in_flow() is not None:
            start -= self.text.startswith("?", start - 1)
            self.fail(misread.needs_quotes(self.text, start, flow=True))

    def collection(self, event: Any) -> Map | Seq:
        self.open.append(event)
        if len(self.open) > DEEPEST:
            message = f"more than {DEEPEST} mappings and lists stand in each other"
            self.stop("MF107", message, event.start_mark.index)
        node = self.mapping(event) if isinstance(event, yaml.MappingStartEvent) else self.sequence(event)
        self.open.pop()
        return node

    def sequence(self, start: Any) -> Seq:
        items = []
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            items.append(self.node(event))
        return Seq(tuple(items), self.span(start, event))

    def mapping(self, start: Any) -> Map:
        pairs: dict[str, Pair] = {}
        before = None
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            key = self.node(event)
            halved = bool(start.flow_style) and _is_plain(event) and self.is_alone(event)
            kept = self.is_kept(pairs, key)
            value_event = self.next()
            if halved and before is not None and _is_plain(before) and before.value:
                self.fail(misread.ends_at_comma(self.text, before.start_mark.index))
            before = value_event
            value = self.value(key, value_event)
            if kept and isinstance(key, Text):
                pairs[key.value] = Pair(key, value)
        return Map(tuple(pairs.values()), self.span(start, event))

    def is_kept(self, pairs: dict[str, Pair], key: Node) -> bool:
        found = len(self.found)
        if not isinstance(key, Text):
            kind = "mapping" if isinstance(key, Map) else "list"
            self.report("MF110", f"a key is a text; this one is a {kind}", key.span)
        elif _is_merge(key):
            self.report("MF106", "merge keys are not part of the language", key.span, hint="write the keys out")
        elif key.value in pairs:
            label = f"first in line {pairs[key.value].key.span.line}"
            self.report("MF103", f"{misread.shortened(key.value)} stands twice in one mapping", key.span, label=label)
        return found == len(self.found)

    def value(self, key: Node, event: Any) -> Node:
        if not _is_merge(key):
            return self.node(event)
        found = len(self.found)
        value = self.node(event)
        # What a merge key takes in is the same mistake of the author.
        self.found[found:] = [other for other in self.found[found:] if other.code != "MF104"]
        return value

    def is_alone(self, key: Any) -> bool:
        """`{format: MMMM d, yyyy}` is a mapping with the empty key `yyyy`: YAML reads it, nobody means it."""
        colon = _COLON.match(self.text, key.end_mark.index)
        if colon and misread.TIGHT.match(self.text, colon.end() - 1):
            self.fail(misread.tight_colon(colon.end() - 1))
        return not colon

    def alias(self, event: Any) -> Text:
        start = event.start_mark.index
        if event.anchor not in self.anchors:
            self.fail(misread.needs_quotes(self.text, start, self.in_flow() is not None))
        span = self.span(event)
        name = f"*{event.anchor}"
        self.report(
            "MF104",
            f"aliases are not part of the language: {misread.shortened(name)}",
            span,
            hint="write the value out",
        )
        return Text(name, span, True)

    def properties(self, at: int) -> None:
        """Anchors and tags from the text itself: the C loader forgets the tag `!`."""
        # A mapping begins where the anchor of its first key begins.
        self.named = at
        while self.text.startswith(("&", "!"), at):
            mistake = (misread.anchor if self.text[at] == "&" else misread.tag)(self.text, at)
            if not misread.is_whole(self.text, at):
                self.fail(mistake)
            self.add(self.diagnostic(mistake))
            self.anchors.add(self.text[at + 1 : mistake.end])
            at = self.filled(mistake.end)

    def in_flow(self) -> int | None:
        """Where the outermost bracket around this place opens."""
        return next((event.start_mark.index for event in self.open if event.flow_style), None)

    def latest(self) -> int:
        """Where the last value that could be read begins; the lines of a block are no YAML, so there its end."""
        is_block = getattr(self.last, "style", None) in ("|", ">")
        return (self.last.end_mark if is_block else self.last.start_mark).index  # type: ignore[no-any-return]

    def broken(self, error: yaml.MarkedYAMLError) -> misread.Mistake:
        mistake = misread.explained(self.text, error)
        opened = self.in_flow()
        begin = self.lines.begin(self.latest() if opened is None else opened)
        end = self.lines.after(self.lines.span(mistake.start).line)
        tab = misread.first_tab(self.text, begin, end) if self.tabs else None
        meant = misread.unquoted(self.text, begin, end, self.anchors)
        if tab and not (meant and meant.code in ("MF104", "MF105") and meant.start < tab.start):
            return tab
        return meant or mistake

    def no_character(self, at: int | None = None) -> misread.Mistake:
        found = misread.NO_CHARACTER.search(self.text, self.latest() if at is None else at)
        return misread.no_character(found.start() if found else self.latest())

    def span(self, start: Any, end: Any = None) -> Span:
        if _is_plain(start) and not start.value and (colon := _COLON.match(self.text, self.earlier.end_mark.index)):
            return self.lines.span(colon.end())
        return self.lines.span(start.start_mark.index, (end or start).end_mark.index)

    def report(self, code: str, message: str, span: Span, label: str = "", hint: str | None = None) -> None:
        self.add(Diagnostic(code, message, span, label, hint))

    def add(self, diagnostic: Diagnostic) -> None:
        if len(self.found) == MOST_MISTAKES:
            message = f"the file has more than {MOST_MISTAKES:,} mistakes; the rest of it is not read"
            raise _Stop(Diagnostic("MF107", message, diagnostic.span))
        self.found.append(diagnostic)

    def diagnostic(self, mistake: misread.Mistake) -> Diagnostic:
        span = self.lines.span(mistake.start, mistake.end)
        return Diagnostic(mistake.code, mistake.message, span, mistake.label, mistake.hint)

    def fail(self, mistake: misread.Mistake) -> NoReturn:
        raise _Stop(self.diagnostic(mistake))

    def stop(self, code: str, message: str, start: int, end: int = 0, hint: str | None = None) -> NoReturn:
        raise _Stop(Diagnostic(code, message, self.lines.span(start, end), hint=hint))


def _bare(own: str, style: str | None) -> str:
    """What of an event's own text stands outside quotes and the lines of a block."""
    head = _BLOCK_HEAD.match(own) if style in ("|", ">") else None
    if head:
        return head[1] + " " * len(head[2] or "") + head[3]
    return "" if style in ("'", '"') else own


def _blank(found: re.Match[str]) -> str:
    return " " * (found.end() - found.start())


def _is_plain(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and not event.style


def _is_merge(key: Node) -> bool:
    return isinstance(key, Text) and key.plain and key.value == "<<"
