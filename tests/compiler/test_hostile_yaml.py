"""Hostile YAML: bombs and noise end in a diagnostic, never in an exception, a loop or a full memory."""

from __future__ import annotations

import itertools
import pathlib
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mapforge.compiler.source import LARGEST, LOADER, MOST_MISTAKES, MOST_NODES, Map, read, read_text
from mapforge.diagnostics import Diagnostic, Span

LOADERS = [pytest.param(LOADER, id="fast"), pytest.param(yaml.SafeLoader, id="python")]
both_loaders = pytest.mark.parametrize("loader", LOADERS)

TOO_DEEP = "more than 40 mappings and lists stand in each other"
TOO_MANY = f"the file has more than {MOST_NODES:,} keys and values"
TOO_LARGE = "the file is larger than 1,048,576 bytes"
TOO_WRONG = f"the file has more than {MOST_MISTAKES:,} mistakes; the rest of it is not read"


def last(text: str, loader: Any) -> tuple[bool, str, str]:
    tree, diagnostics = read_text(text, "f", loader)
    return tree is None, diagnostics[-1].code, diagnostics[-1].message


@both_loaders
def test_a_billion_laughs_are_as_many_aliases_as_stand_there(loader: Any) -> None:
    pairs = itertools.pairwise("abcdefghij")
    lines = [f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n" for before, name in pairs]
    tree, diagnostics = read_text("a: &a [lol]\n" + "".join(lines), "f", loader)
    assert isinstance(tree, Map)
    assert [each.code for each in diagnostics] == ["MF104"] * (10 + 9 * 9)


@both_loaders
@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 100_000,
        "{a: " * 100_000,
        "- " * 100_000 + "a",
        "? " * 100_000,
        "".join(" " * depth + "a:\n" for depth in range(1000)),
        "a: " + "[" * 40 + "]" * 40,
    ],
    ids=["brackets", "braces", "dashes", "questions", "blocks", "one too deep"],
)
def test_deep_nesting_ends_at_a_limit(loader: Any, text: str) -> None:
    assert last(text, loader) == (True, "MF107", TOO_DEEP)


@both_loaders
def test_nesting_at_the_limit_is_read(loader: Any) -> None:
    tree, diagnostics = read_text("a: " + "[" * 39 + "]" * 39, "f", loader)
    assert (tree is None, diagnostics) == (False, [])


@both_loaders
@pytest.mark.parametrize("unit", ["{}: 1\n", "k{}: [a, b, c]\n"])
def test_many_keys_end_at_a_limit(loader: Any, unit: str) -> None:
    text = "".join(unit.format(number) for number in range(MOST_NODES // 2))[:LARGEST]
    assert last(text, loader) == (True, "MF107", TOO_MANY)


@both_loaders
@pytest.mark.parametrize(
    "unit", ["a: 1\n", "- !x\n", "- &x\n", "b: 'x\ty' # \t\n"], ids=["keys", "tags", "anchors", "tabs"]
)
def test_many_mistakes_end_at_a_limit(loader: Any, unit: str) -> None:
    assert last(unit * 50_000, loader) == (True, "MF107", TOO_WRONG)


def test_a_large_file_is_not_read_to_its_end(tmp_path: pathlib.Path) -> None:
    (tmp_path / "large.yaml").write_bytes(b"a: 1\n" * 2_000_000)
    hint = "divide it into files by event family"
    assert read(tmp_path / "large.yaml", "f") == (
        None,
        [Diagnostic("MF107", TOO_LARGE, Span("f", 1, 1), hint=hint)],
    )


@both_loaders
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: '" + "x" * 1_000_000, "MF102"),
        ("a: b" + " " * 1_000_000 + "c: d\n", "MF102"),
        ("a: {" + "x #" * 300_000, "MF102"),
        ("a: {b: " + "'x' " * 200_000, "MF102"),
        ("a: [\n" + '"\n' * 300_000 + "{", "MF102"),
        ("x: {y: " + "k" * 1_000_000 + "[0]}", "MF109"),
        ("x: {y: " + "a[" * 300_000, "MF109"),
        ("x: " + "@" * 1_000_000, "MF109"),
        ("\n" * 1_000_000, "MF108"),
        ("a" + ":b" * 500_000 + "\n", "MF108"),
    ],
    ids=lambda value: value if len(value) == 5 else "",
)
def test_long_lines_and_open_quotes_end_in_one_diagnostic(loader: Any, text: str, code: str) -> None:
    tree, diagnostics = read_text(text, "f", loader)
    assert (tree, [each.code for each in diagnostics]) == (None, [code])


@both_loaders
def test_a_hundred_kilobytes_in_a_name_are_shortened_in_the_message(loader: Any) -> None:
    name = "x" * 100_000
    _, (diagnostic,) = read_text(f"? {name}\n: 1\n? {name}\n: 2\n", "f", loader)
    assert diagnostic.message == f"`{'x' * 59}…` stands twice in one mapping"
    assert diagnostic.span == Span("f", 3, 3, 100_000)


@both_loaders
@given(text=st.text() | st.binary())
@settings(deadline=None)
def test_any_text_gives_a_tree_or_diagnostics(loader: Any, text: str | bytes) -> None:
    tree, diagnostics = read_text(text, "f", loader)
    assert tree is not None or diagnostics


SIGNS = st.sampled_from([*"abk:-?,[]{}#&*!|>'\"%@`\\ \n.<~=0é", "\t"])
KEYS = ("a: ", "b: ", "key: ", ": ", "- ", "? ", "<<: ", "*: ")
VALUES = ("no", "x[0]", "'q'", '"q"', "@", "`5`", "*x", "&x ", "!t ", "!!str ", "|\n  x", ">-\n  ", "|")
FLOW = ("{", "[", "}", "]", ", ", "{a: b", "[x, ", "a:}")
LINES = ("\n", "\n  ", "\n    ", "\n- ", "\r\n", " # c", "---", "...")
WORDS = st.sampled_from([*KEYS, *VALUES, *FLOW, *LINES])


@both_loaders
@given(parts=st.lists(SIGNS | WORDS, max_size=20))
@settings(deadline=None, max_examples=500)
def test_anything_like_yaml_gives_a_tree_or_diagnostics(loader: Any, parts: list[str]) -> None:
    tree, diagnostics = read_text("".join(["k: ", *parts]), "f", loader)
    assert tree is not None or diagnostics


@given(parts=st.lists(SIGNS | WORDS, max_size=12))
@settings(deadline=None, max_examples=1000, derandomize=True)
def test_both_loaders_give_the_same_tree_and_the_same_codes(parts: list[str]) -> None:
    text = "".join(["k: ", *parts])
    fast, python = (read_text(text, "f", loader) for loader in (LOADER, yaml.SafeLoader))
    assert fast == python


@pytest.mark.parametrize(
    "end",
    [
        "a: {from: b[0]}\n",
        "a: *b\n",
        "a: @\n",
        "a: 'b' == c\n",
        "a: b: c\n",
        "a\nb: c\n",
        'a: "b\n',
        'a: "\\d"\n',
        'a: "\\ud800"\n',
        "a: {b: c\nd: e\n",
        "a: [b\n",
        "a: {b:}\n",
        "a: %b\n",
        "a: |b\n",
        "a:\n\tb: c\n",
        "a: !b!c d\n",
        "a:\n  - b\n c: d\n",
        "---\na: b\n",
    ],
)
def test_both_loaders_say_the_same_of_a_long_file_that_breaks_at_its_end(end: str) -> None:
    text = "".join(f"key{number}: value\n" for number in range(4500)) + end
    fast, python = (read_text(text, "f", loader) for loader in (LOADER, yaml.SafeLoader))
    assert fast == python
    assert (fast[0], len(fast[1])) == (None, 1)
