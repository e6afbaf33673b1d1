"""Expressions: what a path or a condition means, and what is refused."""

from __future__ import annotations

import pytest

from mapforge import model
from mapforge.compiler.expressions import MOST_CHARACTERS, path, predicate, under
from mapforge.diagnostics import Diagnostic, Span
from mapforge.model import Both, Call, Chain, Comparison, Either, Element, Literally, Negation, Path, Projection, Slice

HERE = Span("f", 1, 1, 3)


def node(text: str) -> model.AnyNode:
    query = path(text, HERE)
    assert isinstance(query, model.Query), query
    return query.node


def refused(query: model.Query | Diagnostic) -> tuple[str, str, str | None]:
    assert isinstance(query, Diagnostic)
    assert query.span == HERE
    return query.code, query.message, query.hint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", Path(("a",))),
        ("a.b.c", Path(("a", "b", "c"))),
        ("tier-name.$value", Path(("tier-name", "$value"))),
        ("1.2", Path(("1", "2"))),
        ('"tier name".b', Path(("tier name", "b"))),
        ("@", Path(())),
        ("a[0].b", Chain((Path(("a",)), Element(0), Path(("b",))))),
        ("a[-1]", Chain((Path(("a",)), Element(-1)))),
        ("[0]", Element(0)),
        ("a[*].b", Projection(Path(("a",)), Path(("b",)))),
        ("a[1:3]", Projection(Chain((Path(("a",)), Slice(1, 3, None))), Path(()))),
        (
            "a[?b == 'X'].c",
            Projection(Path(("a",)), Path(("c",)), Comparison("eq", Path(("b",)), Literally('"X"'))),
        ),
        ("a | b", Path(("a", "b"))),
        ("length(a)", Call("length", (Path(("a",)),))),
        ("a || b", Either(Path(("a",)), Path(("b",)))),
    ],
)
def test_a_path_is_steps(text: str, expected: model.AnyNode) -> None:
    assert node(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("flag", Path(("flag",))),
        ("!flag", Negation(Path(("flag",)))),
        ("a == 'X'", Comparison("eq", Path(("a",)), Literally('"X"'))),
        ("a >= `1.50`", Comparison("gte", Path(("a",)), Literally("1.50"))),
        ("a == `true` && b", Both(Comparison("eq", Path(("a",)), Literally("true")), Path(("b",)))),
        ("contains(a, 'X')", Call("contains", (Path(("a",)), Literally('"X"')))),
        ("length(a) > `0`", Comparison("gt", Call("length", (Path(("a",)),)), Literally("0"))),
    ],
)
def test_a_condition_is_what_can_be_true_or_false(text: str, expected: model.AnyNode) -> None:
    query = predicate(text, HERE)
    assert isinstance(query, model.Query), query
    assert query == model.Query(text, expected, HERE)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("'X'", "a literal is always the same"),
        ("a == 'X' || 'Y'", "a literal is always the same"),
        ("'X' && a", "a literal is always the same"),
        ("!`true`", "a literal is always the same"),
        ("length(a)", "a length is neither true nor false"),
        ("!length(a)", "a length is neither true nor false"),
        ("a[*].b", "a list is neither true nor false"),
        ("a[?b]", "a list is neither true nor false"),
        ("a[1:]", "a list is neither true nor false"),
    ],
)
def test_what_is_neither_true_nor_false_is_no_condition(text: str, reason: str) -> None:
    found = predicate(text, HERE)
    hint = "compare a path with a literal, as in type == 'ISSUED'"
    assert found == Diagnostic("MF405", "this is no condition", HERE, reason, hint)


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("a[]", "flattening `[]`", "write the projection `[*]`"),
        ("a.*", "the projection `*` over an object's values", "name the keys"),
        ("[a, b]", "a list made in a path", "use `join`, or an attribute for each"),
        ("{a: b}", "an object made in a path", "use `fields`"),
        ("a[::0]", "a slice of step 0", "give a step that is not 0"),
        ("lenght(a)", "the function `lenght`", "did you mean `length`?"),
        ("sum(a)", "the function `sum`", "it has contains, ends_with, length, starts_with"),
        ("length(a, b)", "`length` of 2 arguments", "`length` takes 1"),
        ("&a", "an expression reference `&`", "it only serves functions that the language does not have"),
        ("a[?sum(b)]", "the function `sum`", "it has contains, ends_with, length, starts_with"),
    ],
)
def test_what_jmespath_has_beyond_the_language_is_refused(text: str, what: str, hint: str) -> None:
    assert refused(path(text, HERE)) == ("MF402", f"the language refuses {what}", hint)


PLAIN = "JMESPath: https://jmespath.org/specification.html"
KEYS = 'inside a longer path a key such as tier-name stands in double quotes: "tier-name"'


@pytest.mark.parametrize(
    ("text", "label", "hint"),
    [
        ("a..b", "at its character 3, `.`", PLAIN),
        ("a.", "it ends too early", PLAIN),
        ("a[", "it ends too early", PLAIN),
        ("", "it is empty", PLAIN),
        ("a = 'b'", "at its character 3, `=`", "two texts are compared with `==`"),
        ("tier-name[0]", "at its character 5, `-`", KEYS),
        ("a == `ISSUED`", "no JSON between the backticks", "a text in a path stands in single quotes"),
        ("(" * 600 + "a" + ")" * 600, "", None),
        ("a" * MOST_CHARACTERS + "[0]", f"over {MOST_CHARACTERS} characters", None),
    ],
)
def test_what_does_not_parse_is_told_with_the_place_in_the_path(text: str, label: str, hint: str | None) -> None:
    found = path(text, HERE)
    assert isinstance(found, Diagnostic)
    assert (found.code, found.label, found.hint) == ("MF401", label, hint)


def test_a_condition_that_does_not_parse_is_called_a_condition() -> None:
    assert refused(predicate("a..b", HERE))[:2] == ("MF401", "the condition does not parse")
    # The second time, too: the parser remembers what it has parsed.
    assert [refused(predicate("a == `B`", HERE))[0] for _ in range(2)] == ["MF401", "MF401"]


@pytest.mark.parametrize(
    ("root", "text", "expected", "shown"),
    [
        ("@", "a.b", Path(("a", "b")), "a.b"),
        ("customer", "@", Path(("customer",)), "customer"),
        ("customer", "a.b", Path(("customer", "a", "b")), "customer.a.b"),
        ("customer", "a[0]", Chain((Path(("customer", "a")), Element(0))), "customer.a[0]"),
        ("customer", "a[*].b", Projection(Path(("customer", "a")), Path(("b",))), "customer.a[*].b"),
        (
            "customer",
            "a == 'X'",
            Comparison("eq", Path(("customer", "a")), Literally('"X"')),
            "customer | a == 'X'",
        ),
        ("lines[0]", "a", Chain((Path(("lines",)), Element(0), Path(("a",)))), "lines[0] | a"),
    ],
)
def test_a_path_under_a_root_is_read_from_the_roots_own(
    root: str, text: str, expected: model.AnyNode, shown: str
) -> None:
    stem, leaf = path(root, HERE), path(text, HERE)
    assert isinstance(stem, model.Query)
    assert isinstance(leaf, model.Query)
    assert under(stem, leaf) == model.Query(shown, expected, HERE)


def test_a_number_keeps_its_digits() -> None:
    query = predicate("a > `0.12345678901234567890123` && b[0] == `[1.10, 2e1]`", HERE)
    assert isinstance(query, model.Query)
    assert isinstance(query.node, model.Both)
    sides = (query.node.left, query.node.right)
    assert [side.right for side in sides if isinstance(side, model.Comparison)] == [
        model.Literally("0.12345678901234567890123"),
        model.Literally("[1.10,2E+1]"),
    ]


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_json_does_not_have_is_no_literal(word: str) -> None:
    found = predicate(f"a == `{word}`", HERE)
    assert isinstance(found, Diagnostic)
    assert found.code in ("MF401", "MF402")
