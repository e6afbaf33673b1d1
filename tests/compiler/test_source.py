"""Source: what the text of a YAML file is read as, and what is said about text that is not read."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
import yaml

from mapforge.compiler.source import LOADER, Map, Node, Seq, Text, read, read_text
from mapforge.diagnostics import Diagnostic, Span, render, sort

FILE = "mappings/acme/events.yaml"
LOADERS = [pytest.param(LOADER, id="fast"), pytest.param(yaml.SafeLoader, id="python")]
both_loaders = pytest.mark.parametrize("loader", LOADERS)


def plainly(node: Node | None) -> Any:
    """The tree without its places."""
    if isinstance(node, Map):
        return {pair.key.value: plainly(pair.value) for pair in node.pairs}
    if isinstance(node, Seq):
        return [plainly(item) for item in node.items]
    return node.value if node else None


def screens(text: str | bytes, loader: Any) -> str:
    """What an author sees, less the line about `explain` and the count."""
    lines = text.splitlines() if isinstance(text, str) else []
    shown = render(sort(read_text(text, FILE, loader)[1]), "pretty", lambda file, line: lines[line - 1])
    return "\n".join(line for line in shown.split("\n")[:-1] if "= more:" not in line)


def found(text: str | bytes, loader: Any) -> list[tuple[str, int, int, int]]:
    """Code, line, column and length of each diagnostic."""
    diagnostics = sort(read_text(text, "f", loader)[1])
    return [(each.code, each.span.line, each.span.column, each.span.length) for each in diagnostics]


# ── what is read ──────────────────────────────────────────────────────────────────────────────────


@both_loaders
def test_every_node_knows_its_place(loader: Any) -> None:
    text = "Issued:\n  trigger: {event: 'card.issued'}\n  drop:\n    - a b # why\n    - |\n      x\n"
    tree, diagnostics = read_text(text, "f", loader)
    assert diagnostics == []
    assert tree is not None
    assert tree.span == Span("f", 1, 1, 7)
    issued = tree.pairs[0]
    assert issued.key == Text("Issued", Span("f", 1, 1, 6), True)
    assert isinstance(issued.value, Map)
    assert issued.value.span == Span("f", 2, 3, 31)
    trigger, drop = issued.value.pairs
    assert isinstance(trigger.value, Map)
    assert trigger.value.span == Span("f", 2, 12, 22)
    assert trigger.value.pairs[0].value == Text("card.issued", Span("f", 2, 20, 13), False)
    assert drop.value == Seq(
        (Text("a b", Span("f", 4, 7, 3), True), Text("x\n", Span("f", 5, 7, 1), False)), Span("f", 4, 5, 11)
    )


@both_loaders
def test_a_map_gives_values_and_pairs_by_name(loader: Any) -> None:
    tree, _ = read_text("a: 1\nb: 2\n", "f", loader)
    assert tree is not None
    assert tree.get("b") == Text("2", Span("f", 2, 4), True)
    assert tree.pair("b") == tree.pairs[1]
    assert (tree.get("c"), tree.pair("c")) == (None, None)


@both_loaders
@pytest.mark.parametrize(
    "scalar",
    ["no", "yes", "1.10", "12:30", "~", "null", "0o17", "017", "2026-07-15", "1e3", ".inf", "=", "0x1F", "1_000", "on"],
)
def test_a_scalar_is_the_text_as_it_is_written(loader: Any, scalar: str) -> None:
    tree, diagnostics = read_text(f"{scalar}: {scalar}\n", "f", loader)
    assert (plainly(tree), diagnostics) == ({scalar: scalar}, [])


@both_loaders
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: items[0].id\n", "items[0].id"),
        ("a: items[*].{x: y}\n", None),
        ("a: b || c && !d\n", "b || c && !d"),
        ("a: x > `5`\n", "x > `5`"),
        ("a: user@example.com\n", "user@example.com"),
        ("a: http://x/y?z=1#f\n", "http://x/y?z=1#f"),
        ("a: 'it''s'\n", "it's"),
        ('a: "x\\ty\\u00e9\\""\n', 'x\tyé"'),
        ("a: >\n  x\n  y\n\n  z\n", "x y\nz\n"),
        ("a: |-\n  x\n   y\n", "x\n y"),
        ("a: |2\n    x\n", "  x\n"),
        ("a: |\n  x\ty\n", "x\ty\n"),
        ("a: 'x\ty'\n", "x\ty"),
        ("a: x\n  y\n", "x y"),
        ("a: # nothing\n", ""),
        ("a: ''\n", ""),
        ("a: x#y # z\n", "x#y"),
        ("a: '*'\n", "*"),
        ('a: "\U0001f600"\n', "\U0001f600"),
    ],
)
def test_a_value_is_read_by_the_rules_of_yaml(loader: Any, text: str, value: str | None) -> None:
    tree, diagnostics = read_text(text, "f", loader)
    if value is None:
        assert [each.code for each in diagnostics] == ["MF102"]
    else:
        assert (plainly(tree), diagnostics) == ({"a": value}, [])


@both_loaders
def test_a_value_that_is_not_there_is_an_empty_plain_text_behind_its_colon(loader: Any) -> None:
    tree, diagnostics = read_text("a:\nb: {c: , d: }\ne:\n  -\n  - x\n", "f", loader)
    assert diagnostics == []
    assert tree is not None
    assert tree.get("a") == Text("", Span("f", 1, 3), True)
    inner = tree.get("b")
    assert isinstance(inner, Map)
    assert [pair.value for pair in inner.pairs] == [Text("", Span("f", 2, 7), True), Text("", Span("f", 2, 12), True)]
    assert plainly(tree.get("e")) == ["", "x"]


@both_loaders
@pytest.mark.parametrize(
    "text", ["\ufeffa: 1\nb: [x]\n", "a: 1\r\nb: [x]\r\n", "---\na: 1\nb: [x]\n...\n", "{a: 1, b: [x]}"]
)
def test_a_byte_order_mark_crlf_and_the_signs_of_a_document_are_accepted(loader: Any, text: str) -> None:
    tree, diagnostics = read_text(text.encode(), "f", loader)
    assert (plainly(tree), diagnostics) == ({"a": "1", "b": ["x"]}, [])


@both_loaders
def test_columns_count_characters_and_not_bytes(loader: Any) -> None:
    tree, _ = read_text("\ufeff'é日': 😀 # x\n", "f", loader)
    assert tree is not None
    assert tree.pairs[0].value == Text("😀", Span("f", 1, 7, 1), True)


def test_a_file_is_read_by_its_path_and_shown_by_its_name(tmp_path: pathlib.Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"a: b\r\n")
    assert read(tmp_path / "x.yaml", FILE) == read_text("a: b\r\n", FILE)


# ── what is said ──────────────────────────────────────────────────────────────────────────────────


def test_a_file_that_cannot_be_read_says_why(tmp_path: pathlib.Path) -> None:
    nowhere = Diagnostic("MF101", "the file cannot be read: No such file or directory", Span(FILE, 1, 1))
    folder = Diagnostic("MF101", "the file cannot be read: Is a directory", Span(FILE, 1, 1))
    assert read(tmp_path / "none.yaml", FILE) == (None, [nowhere])
    assert read(tmp_path, FILE) == (None, [folder])
    assert read(pathlib.Path("a\0b"), FILE)[1][0].code == "MF101"


@both_loaders
@pytest.mark.parametrize(
    ("data", "line", "column", "message"),
    [
        (b"a: 1\nb: caf\xe9\n", 2, 7, "the file is not UTF-8: byte 0xe9"),
        (b"\xef\xbb\xbfab\xff", 1, 3, "the file is not UTF-8: byte 0xff"),
        ("a: b\n".encode("utf-16"), 1, 1, "the file is not UTF-8: byte 0xff"),
        (b"a: \x00\n", 1, 4, "the character U+0000 cannot stand in a mapping file"),
        (b"a: 1\r\nb: \x1b[0m\n", 2, 4, "the character U+001B cannot stand in a mapping file"),
        ("a: \x85\n".encode(), 1, 4, "the character U+0085 cannot stand in a mapping file"),
        ("a: x\u2028y\n".encode(), 1, 5, "the character U+2028 cannot stand in a mapping file"),
        ("a: \ufeff\n".encode(), 1, 4, "the character U+FEFF cannot stand in a mapping file"),
    ],
)
def test_bytes_that_are_no_text_are_mf101(loader: Any, data: bytes, line: int, column: int, message: str) -> None:
    tree, (diagnostic,) = read_text(data, "f", loader)
    assert tree is None
    assert (diagnostic.code, diagnostic.message, diagnostic.span) == ("MF101", message, Span("f", line, column))


def test_a_lone_surrogate_in_a_text_is_mf101() -> None:
    assert [each.code for each in read_text("a: \ud800\n", "f")[1]] == ["MF101"]


@both_loaders
def test_all_duplicate_keys_anchors_and_tags_of_a_file_are_reported_in_one_run(loader: Any) -> None:
    text = "a: &one 1\nb: *one\nc: !!str 4\n<<: *one\na: {x: 1, x: !y z}\n? [k]\n: v\nd: &t !u\n  e: 1\n  'e': 2\n"
    tree, _ = read_text(text, FILE, loader)
    assert plainly(tree) == {"a": "1", "b": "*one", "c": "4", "d": {"e": "1"}}
    assert screens(text, loader) == (
        """\
error[MF104]: anchors are not part of the language: `&one`
 --> mappings/acme/events.yaml:1:4
  |
1 | a: &one 1
  |    ^^^^
  = hint: write the value out where it is needed

error[MF104]: aliases are not part of the language: `*one`
 --> mappings/acme/events.yaml:2:4
  |
2 | b: *one
  |    ^^^^
  = hint: write the value out

error[MF105]: tags are not part of the language: `!!str`
 --> mappings/acme/events.yaml:3:4
  |
3 | c: !!str 4
  |    ^^^^^
  = hint: remove it; a text that begins with `!` needs quotes

error[MF106]: merge keys are not part of the language
 --> mappings/acme/events.yaml:4:1
  |
4 | <<: *one
  | ^^
  = hint: write the keys out

error[MF103]: `a` stands twice in one mapping
 --> mappings/acme/events.yaml:5:1
  |
5 | a: {x: 1, x: !y z}
  | ^ first in line 1

error[MF103]: `x` stands twice in one mapping
 --> mappings/acme/events.yaml:5:11
  |
5 | a: {x: 1, x: !y z}
  |           ^ first in line 5

error[MF105]: tags are not part of the language: `!y`
 --> mappings/acme/events.yaml:5:14
  |
5 | a: {x: 1, x: !y z}
  |              ^^
  = hint: remove it; a text that begins with `!` needs quotes

error[MF110]: a key is a text; this one is a list
 --> mappings/acme/events.yaml:6:3
  |
6 | ? [k]
  |   ^^^

error[MF104]: anchors are not part of the language: `&t`
 --> mappings/acme/events.yaml:8:4
  |
8 | d: &t !u
  |    ^^
  = hint: write the value out where it is needed

error[MF105]: tags are not part of the language: `!u`
 --> mappings/acme/events.yaml:8:7
  |
8 | d: &t !u
  |       ^^
  = hint: remove it; a text that begins with `!` needs quotes

error[MF103]: `e` stands twice in one mapping
  --> mappings/acme/events.yaml:10:3
   |
10 |   'e': 2
   |   ^^^ first in line 9
"""
    )


@both_loaders
def test_an_anchor_before_the_first_key_of_a_mapping_is_reported_once(loader: Any) -> None:
    assert found("&a k: v\nl: *a\n", loader) == [("MF104", 1, 1, 2), ("MF104", 2, 4, 2)]


@both_loaders
def test_a_quoted_merge_sign_is_a_key_like_any_other(loader: Any) -> None:
    assert found("'<<': 1\n", loader) == []


@both_loaders
@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", (1, 1), "the file is empty"),
        ("# nothing\n", (1, 1), "the file is empty"),
        ("# x\n---\n", (1, 1), "the file is empty"),
        ("a: 1\n--- \nb: 2\n", (2, 1), "a second document begins here; a file holds one"),
        ("a: 1\n...\n# x\nb\n", (4, 1), "a second document begins here; a file holds one"),
        ("- a\n", (1, 1), "the file is not a mapping of keys to values"),
        ("# x\nword\n", (2, 1), "the file is not a mapping of keys to values"),
        ("''\n", (1, 1), "the file is not a mapping of keys to values"),
    ],
)
def test_a_file_is_one_mapping(loader: Any, text: str, place: tuple[int, int], message: str) -> None:
    tree, (diagnostic,) = read_text(text, "f", loader)
    assert tree is None
    assert (diagnostic.code, diagnostic.message) == ("MF108", message)
    assert (diagnostic.span.line, diagnostic.span.column) == place


# ── a path without its quotes ─────────────────────────────────────────────────────────────────────


@both_loaders
def test_a_path_that_needs_quotes_gets_a_screen_of_its_own(loader: Any) -> None:
    text = "Issued:\n  attributes:\n    url: {type: text | null, from: card.images[?size=='large'].url}\n    x: [y\n"
    assert screens(text, loader) == (
        """\
error[MF109]: this path needs quotes: it contains `[`
 --> mappings/acme/events.yaml:3:36
  |
3 |     url: {type: text | null, from: card.images[?size=='large'].url}
  |                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ to YAML, `[` begins a list
  = hint: put the path in quotes: from: "card.images[?size=='large'].url"
"""
    )


@both_loaders
@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("{from: card.images[?size=='large'].url}", (1, 8, 31), "from: \"card.images[?size=='large'].url\""),
        ("x: {type: text | null, from: a[0]}\n", (1, 30, 4), 'from: "a[0]"'),
        ("x:\n  y: {from: items[*].{a: b},\n    type: text}\n", (2, 13, 15), 'from: "items[*].{a: b}"'),
        ("x: [a, b[0].c, d]\n", (1, 8, 6), '"b[0].c"'),
        ('x: {from: a["b, c"], y: z}\n', (1, 11, 9), "from: 'a[\"b, c\"]'"),
        ("x: {from: contains(a[].b, 'x'), y: z}\n", (1, 11, 20), "from: \"contains(a[].b, 'x')\""),
        ("from: *name\n", (1, 7, 5), 'from: "*name"'),
        ("x: {from: *.id, y: z}\n", (1, 11, 4), 'from: "*.id"'),
        ("x: [*]\n", (1, 5, 1), '"*"'),
        ("from: @\n", (1, 7, 1), 'from: "@"'),
        ("x: {from: @}\n", (1, 11, 1), 'from: "@"'),
        ("join: [first, @.last]\n", (1, 15, 6), '"@.last"'),
        ("x:\n  - @ # here\n", (2, 5, 1), '"@"'),
        ("when: `5` == a\n", (1, 7, 8), 'when: "`5` == a"'),
        ("x: {from: a?.b, y: z}\n", (1, 11, 4), 'from: "a?.b"'),
        ("x: {from: ?b, y: z}\n", (1, 11, 2), 'from: "?b"'),
        ("from: [0].id # first\n", (1, 7, 6), 'from: "[0].id"'),
        ("from: []\nb: [x].y\n", (2, 4, 5), 'b: "[x].y"'),
        ("x: {from: [0].id}\n", (1, 11, 6), 'from: "[0].id"'),
        ("from: {a: b}.c\n", (1, 7, 8), 'from: "{a: b}.c"'),
        ("- from: a\n- from: @\n", (2, 9, 1), 'from: "@"'),
    ],
)
def test_a_path_that_needs_quotes_is_mf109_at_its_start(
    loader: Any, text: str, place: tuple[int, int, int], hint: str
) -> None:
    tree, (diagnostic,) = read_text(text, "f", loader)
    assert tree is None
    assert (diagnostic.code, diagnostic.span) == ("MF109", Span("f", *place))
    assert diagnostic.hint == f"put the path in quotes: {hint}"


@both_loaders
def test_a_name_that_needs_quotes_is_mf109(loader: Any) -> None:
    assert screens("a: 1\n*: {keep: properties}\n", loader) == (
        """\
error[MF109]: this name needs quotes: it begins with `*`
 --> mappings/acme/events.yaml:2:1
  |
2 | *: {keep: properties}
  | ^ to YAML, `*` begins an alias
  = hint: put the name in quotes: "*"
"""
    )


@both_loaders
def test_a_comma_that_cuts_a_text_in_two_is_mf109_although_yaml_reads_it(loader: Any) -> None:
    assert screens("x: {type: date, format: MMMM d, yyyy}\n", loader) == (
        """\
error[MF109]: this text needs quotes: it contains `,`
 --> mappings/acme/events.yaml:1:25
  |
1 | x: {type: date, format: MMMM d, yyyy}
  |                         ^^^^^^^^^^^^ to YAML, `,` ends the value
  = hint: put the text in quotes: format: "MMMM d, yyyy"
"""
    )


@both_loaders
def test_what_was_found_before_a_stop_stays_and_nothing_follows(loader: Any) -> None:
    assert found("a: 1\na: 2\nb: @\na: 3\nc: {d\n", loader) == [("MF103", 2, 1, 1), ("MF109", 3, 4, 1)]


# ── what YAML cannot read ─────────────────────────────────────────────────────────────────────────


@both_loaders
@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("a:\n\tb: 1\n", (2, 1), "a tab stands where YAML wants spaces", "use spaces, two a level"),
        ("a:\tb\n", (1, 3), "a tab stands where YAML wants spaces", "use spaces, two a level"),
        ("a: x\ty\n", (1, 5), "a tab stands where YAML wants spaces", "use spaces, two a level"),
        ("a: {b: c,\t d: e}\n", (1, 10), "a tab stands where YAML wants spaces", "use spaces, two a level"),
        ("a: |\n \tb\n", (2, 2), "a tab stands where YAML wants spaces", "use spaces, two a level"),
        (
            "describe: see: this\n",
            (1, 14),
            "`: ` stands inside a text without quotes",
            "put the text in quotes, or look for a wrong indentation",
        ),
        ("a: 1\nfoo\nb: 2\n", (2, 1), "this line has no `:`", "a key needs a colon and a space after it: `key: value`"),
        (
            "when: 'a' == 'b'\n",
            (1, 7),
            "the quotes end before the value does",
            "put the whole value in quotes: when: \"'a' == 'b'\"",
        ),
        (
            "a: {when: 'a' == b, c: d}\n",
            (1, 11),
            "the quotes end before the value does",
            "put the whole value in quotes: when: \"'a' == b\"",
        ),
        (
            "a: 'x\nb: 'y'\n",
            (1, 4),
            "the quote that opens here closes 1 line below, inside another value",
            "close it where its value ends",
        ),
        ('a: "x\nb: 1\n', (1, 4), "this quote is never closed", None),
        (
            'a: "\\d+"\n',
            (1, 5),
            "`\\d` is no escape in double quotes",
            "write `\\\\` for a backslash, or use single quotes",
        ),
        ('a: "\\ud83d"\n', (1, 5), "this escape stands for no character", None),
        ('a: "\\UFFFFFFFF"\n', (1, 5), "this escape stands for no character", None),
        (
            "a:\n  - b\n c: 1\n",
            (3, 2),
            "this does not fit the lines above",
            "look for a wrong indentation, or a `:` or `-` that is missing",
        ),
        (
            "a: {b: c\nd: e\n",
            (2, 2),
            "`{` is not closed before this, or a comma is missing",
            "values in { } are parted by commas",
        ),
        (
            "a: [b, c\n",
            (1, 8),
            "`[` is not closed before this, or a comma is missing",
            "values in [ ] are parted by commas",
        ),
        ("a: {b: c, d:}\n", (1, 12), "a space is missing after `:`", None),
        ("a: {b:[c]}\n", (1, 6), "a space is missing after `:`", None),
        ("a: %x\n", (1, 4), "no value can begin with this character", "put the text in quotes"),
        ("a: |x\n  b\n", (1, 5), "after `|` or `>` only a comment or the end of the line may follow", None),
        ("%YAML 1.1\n---\na: 1\n", (1, 1), "a `%` directive is not part of the language", "remove the line"),
        ("# x\n%FOO\n---\na: 1\n", (2, 1), "a `%` directive is not part of the language", "remove the line"),
    ],
)
def test_what_yaml_cannot_read_is_said_in_plain_words(
    loader: Any, text: str, place: tuple[int, int], message: str, hint: str | None
) -> None:
    tree, (diagnostic,) = read_text(text, "f", loader)
    assert tree is None
    assert (diagnostic.code, diagnostic.message, diagnostic.hint) == ("MF102", message, hint)
    assert (diagnostic.span.line, diagnostic.span.column) == place


@both_loaders
def test_a_bracket_that_is_not_closed_names_the_line_where_it_opens(loader: Any) -> None:
    assert screens("a: {b: c,\nd: e\nf: g\n", loader) == (
        """\
error[MF102]: `{` is not closed before this, or a comma is missing
 --> mappings/acme/events.yaml:3:2
  |
3 | f: g
  |  ^ opened in line 1
  = hint: values in { } are parted by commas
"""
    )


@both_loaders
@pytest.mark.parametrize(
    ("text", "place"),
    [("when: !paid\n", (1, 7, 5)), ("a: !b!c d\n", (1, 4, 4)), ("a: [!x]\n", (1, 5, 2)), ("a: !\n", (1, 4, 1))],
)
def test_a_tag_is_mf105_even_where_yaml_cannot_read_it(loader: Any, text: str, place: tuple[int, int, int]) -> None:
    assert found(text, loader) == [("MF105", *place)]
