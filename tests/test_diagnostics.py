"""Diagnostics: the screens people see, the lines tools read, and the nearest word."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapforge.diagnostics import (
    CompileError,
    Diagnostic,
    Form,
    MapforgeError,
    Severity,
    Span,
    did_you_mean,
    render,
    sort,
)

FILE = "mappings/99minds/giftcards.yaml"
UNKNOWN = Diagnostic(
    "MF203",
    "`drop` names an attribute that GiftcardIssued does not have",
    Span(FILE, 23, 10, 15),
    "no `greting_message` to drop",
    "did you mean `greeting_message`?",
)
POINTLESS = Diagnostic("MF301", "`| null` is never needed here", Span(FILE, 9, 3), severity="warning")


def nothing(file: str, line: int) -> str | None:
    return None


def pretty(line: str, column: int, length: int = 1, label: str = "") -> list[str]:
    """The three lines of the excerpt."""
    diagnostic = Diagnostic("MF102", "m", Span("f", 1, column, length), label)
    return render([diagnostic], "pretty", lambda file, number: line).split("\n")[2:5]


def test_the_pretty_form_is_the_designed_screen() -> None:
    lines = {(FILE, 23): "  drop: [greting_message]\n", (FILE, 9): "  a: {type: text | null}\n"}
    assert render([POINTLESS, UNKNOWN], "pretty", lambda file, line: lines[file, line]) == (
        """\
warning[MF301]: `| null` is never needed here
 --> mappings/99minds/giftcards.yaml:9:3
  |
9 |   a: {type: text | null}
  |   ^
  = more: mapforge explain MF301

error[MF203]: `drop` names an attribute that GiftcardIssued does not have
  --> mappings/99minds/giftcards.yaml:23:10
   |
23 |   drop: [greting_message]
   |          ^^^^^^^^^^^^^^^ no `greting_message` to drop
   = hint: did you mean `greeting_message`?
   = more: mapforge explain MF203

1 error, 1 warning"""
    )


def test_the_pretty_form_goes_without_a_line_that_cannot_be_read() -> None:
    assert render([UNKNOWN], "pretty", nothing) == (
        """\
error[MF203]: `drop` names an attribute that GiftcardIssued does not have
  --> mappings/99minds/giftcards.yaml:23:10
   = note: no `greting_message` to drop
   = hint: did you mean `greeting_message`?
   = more: mapforge explain MF203

1 error"""
    )


def test_colour_changes_nothing_but_colour() -> None:
    plain = render([UNKNOWN], "pretty", lambda file, line: "  drop: [greting_message]")
    coloured = render([UNKNOWN], "pretty", lambda file, line: "  drop: [greting_message]", colour=True)
    assert coloured.split("\n")[0] == (
        "\x1b[1;31merror[MF203]\x1b[0m\x1b[1m: `drop` names an attribute that GiftcardIssued does not have\x1b[0m"
    )
    for ink in ("\x1b[1;31m", "\x1b[1m", "\x1b[34m", "\x1b[0m"):
        coloured = coloured.replace(ink, "")
    assert coloured == plain


def test_a_tab_reaches_to_the_next_stop_and_the_caret_stays_under_its_text() -> None:
    assert pretty("a\tb: c", 3) == ["  |", "1 | a   b: c", "  |     ^"]
    assert pretty("a\tb: c", 2) == ["  |", "1 | a   b: c", "  |  ^^^"]


def test_wide_characters_take_two_columns_and_get_two_carets() -> None:
    assert pretty("日本: 語x", 6) == ["  |", "1 | 日本: 語x", "  |         ^"]
    assert pretty("日本: x", 1, 2, "here") == ["  |", "1 | 日本: x", "  | ^^^^ here"]


def test_combining_characters_take_no_column() -> None:
    assert pretty("e\u0301e\u0301: x", 7) == ["  |", "1 | e\u0301e\u0301: x", "  |     ^"]


def test_control_characters_are_shown_as_escapes() -> None:
    assert pretty("\x1b[31m\u202e: x", 7) == ["  |", "1 | \\x1b[31m\\u202e: x", "  |               ^"]


def test_hostile_text_in_a_message_cannot_leave_its_line() -> None:
    diagnostic = Diagnostic("MF102", "a\nb\x1b[0m", Span("f\r", 1, 1), "l\u2028", "h\x00")
    assert render([diagnostic], "pretty", lambda file, line: "x").split("\n") == [
        "error[MF102]: a\\x0ab\\x1b[0m",
        " --> f\\x0d:1:1",
        "  |",
        "1 | x",
        "  | ^ l\\u2028",
        "  = hint: h\\x00",
        "  = more: mapforge explain MF102",
        "",
        "1 error",
    ]


def test_a_very_long_line_is_cut_around_the_caret() -> None:
    assert pretty("x" * 1000 + "HERE" + "y" * 1000, 1001, 4) == [
        "  |",
        "1 | …" + "x" * 60 + "HERE" + "y" * 56 + "…",
        "  | " + " " * 61 + "^^^^",
    ]
    assert pretty("HERE" + "y" * 1000, 1, 4) == ["  |", "1 | HERE" + "y" * 116 + "…", "  | ^^^^"]
    assert pretty("x" * 200, 1, 200) == ["  |", "1 | " + "x" * 120 + "…", "  | " + "^" * 120]


def test_a_caret_beyond_the_line_stands_at_its_end() -> None:
    assert pretty("a:", 9, 5) == ["  |", "1 | a:", "  |   ^"]
    assert pretty("", 1) == ["  |", "1 |", "  | ^"]


def test_the_short_form_is_a_line_each_and_a_count() -> None:
    assert render([UNKNOWN, POINTLESS, POINTLESS], "short", nothing) == (
        "mappings/99minds/giftcards.yaml:23:10: error[MF203]: `drop` names an attribute that GiftcardIssued does not"
        " have (did you mean `greeting_message`?)\n"
        "mappings/99minds/giftcards.yaml:9:3: warning[MF301]: `| null` is never needed here\n"
        "mappings/99minds/giftcards.yaml:9:3: warning[MF301]: `| null` is never needed here\n"
        "1 error, 2 warnings"
    )


@pytest.mark.parametrize("form", ["pretty", "short", "github"])
def test_nothing_wrong_renders_as_nothing(form: Form) -> None:
    assert render([], form, nothing) == ""


def test_the_json_form_has_stable_keys() -> None:
    assert json.loads(render([UNKNOWN, POINTLESS], "json", nothing)) == {
        "diagnostics": [
            {
                "code": "MF203",
                "severity": "error",
                "message": "`drop` names an attribute that GiftcardIssued does not have",
                "file": FILE,
                "line": 23,
                "column": 10,
                "length": 15,
                "label": "no `greting_message` to drop",
                "hint": "did you mean `greeting_message`?",
            },
            {
                "code": "MF301",
                "severity": "warning",
                "message": "`| null` is never needed here",
                "file": FILE,
                "line": 9,
                "column": 3,
                "length": 1,
                "label": "",
                "hint": None,
            },
        ],
        "errors": 1,
        "warnings": 1,
        "notes": 0,
    }


def test_the_json_form_of_nothing_says_so() -> None:
    assert json.loads(render([], "json", nothing)) == {"diagnostics": [], "errors": 0, "warnings": 0, "notes": 0}


def test_the_github_form_is_workflow_commands_with_their_escapes() -> None:
    hostile = Diagnostic("MF102", "50% of\r\nx: y, z", Span("a,b:c%.yaml", 2, 3, 4), severity="warning")
    assert render([UNKNOWN, hostile], "github", nothing) == (
        "::error file=mappings/99minds/giftcards.yaml,line=23,col=10,endColumn=25,title=MF203"
        "::`drop` names an attribute that GiftcardIssued does not have%0Ahint: did you mean `greeting_message`?\n"
        "::warning file=a%2Cb%3Ac%25.yaml,line=2,col=3,endColumn=7,title=MF102::50%25 of%0D%0Ax: y, z"
    )


def test_the_sarif_form_lists_each_rule_once() -> None:
    spaced = Diagnostic("MF203", "m", Span("a b\\é.yaml", 1, 2, 3))
    log: dict[str, Any] = json.loads(render([UNKNOWN, POINTLESS, spaced], "sarif", nothing))
    assert log["$schema"] == "https://json.schemastore.org/sarif-2.1.0.json"
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["tool"]["driver"] == {
        "name": "mapforge",
        "rules": [
            {"id": "MF203", "help": {"text": "mapforge explain MF203"}},
            {"id": "MF301", "help": {"text": "mapforge explain MF301"}},
        ],
    }
    assert run["results"] == [
        result(0, "MF203", "error", f"{UNKNOWN.message}\nhint: {UNKNOWN.hint}", FILE, (23, 10, 25)),
        result(1, "MF301", "warning", POINTLESS.message, FILE, (9, 3, 4)),
        result(0, "MF203", "error", "m", "a%20b/%C3%A9.yaml", (1, 2, 5)),
    ]


def result(
    rule: int, code: str, level: Severity, text: str, uri: str, region: tuple[int, int, int]
) -> dict[str, object]:
    line, start, end = region
    place = {"startLine": line, "startColumn": start, "endColumn": end}
    return {
        "ruleId": code,
        "ruleIndex": rule,
        "level": level,
        "message": {"text": text},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": place}}],
    }


@pytest.mark.parametrize("form", ["pretty", "short", "json", "github", "sarif"])
@given(line=st.text(), message=st.text(), file=st.text(), column=st.integers(1, 300), length=st.integers(1, 300))
@settings(max_examples=60)
def test_any_text_renders_in_any_form(form: Form, line: str, message: str, file: str, column: int, length: int) -> None:
    diagnostic = Diagnostic("MF102", message, Span(file, 1, column, length), message, message)
    text = render([diagnostic], form, lambda name, number: line)
    assert text.count("\n") == {"pretty": 8, "short": 1, "github": 0}.get(form, text.count("\n"))


def test_diagnostics_sort_by_file_line_column_and_code_and_lose_their_doubles() -> None:
    b1, a2, a10, a2x, a2c = (
        Diagnostic("MF102", "m", Span("b", 1, 1)),
        Diagnostic("MF102", "m", Span("a", 2, 1)),
        Diagnostic("MF102", "m", Span("a", 10, 1)),
        Diagnostic("MF101", "m", Span("a", 2, 1)),
        Diagnostic("MF101", "m", Span("a", 2, 2)),
    )
    assert sort([b1, a10, a2, a2c, a2x, a2, b1]) == [a2x, a2, a2c, a10, b1]


def test_a_span_says_where_it_is() -> None:
    assert Span("a.yaml", 3, 7).at == "a.yaml:3"


def test_a_compile_error_is_sorted_says_the_short_form_and_survives_pickling() -> None:
    error = CompileError([UNKNOWN, POINTLESS])
    assert isinstance(error, MapforgeError)
    assert error.diagnostics == (POINTLESS, UNKNOWN)
    assert str(error) == (
        "mappings/99minds/giftcards.yaml:9:3: warning[MF301]: `| null` is never needed here\n"
        "mappings/99minds/giftcards.yaml:23:10: error[MF203]: `drop` names an attribute that GiftcardIssued does not"
        " have (did you mean `greeting_message`?)"
    )
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.diagnostics, str(copy)) == (error.diagnostics, str(error))


@pytest.mark.parametrize(
    ("word", "candidates", "nearest"),
    [
        ("greting_message", ["greeting_message", "message"], "greeting_message"),
        ("EMAIL", ["phone", "email"], "email"),
        ("Trigger", ["trigger", "triggers"], "trigger"),
        ("tiger", ["trigger"], "trigger"),
        ("xyz", ["trigger", "like"], None),
        ("from", [], None),
        ("", ["from"], None),
        ("from", ["from"], None),
        ("ab1", ["ab3", "ab2"], None),
        ("abc1", ["abc3", "abc2"], "abc2"),
        ("x" * 100_000, ["x" * 100_000 + "y"], None),
    ],
)
def test_at_most_one_word_is_suggested_and_only_a_near_one(
    word: str, candidates: list[str], nearest: str | None
) -> None:
    assert did_you_mean(word, candidates) == nearest


def test_a_note_is_counted_and_shown_apart_from_mistakes() -> None:
    note = Diagnostic("MF601", "TierChanged is assumed", Span(FILE, 3, 1, 11), severity="note")
    assert render([note, note], "short", nothing).split("\n")[1:] == [
        "mappings/99minds/giftcards.yaml:3:1: note[MF601]: TierChanged is assumed",
        "2 notes",
    ]
    assert render([UNKNOWN, POINTLESS, note], "pretty", nothing).split("\n")[-1] == "1 error, 1 warning, 1 note"
    assert render([note], "github", nothing) == (
        f"::notice file={FILE},line=3,col=1,endColumn=12,title=MF601::TierChanged is assumed"
    )
    assert json.loads(render([note], "json", nothing))["notes"] == 1
    assert json.loads(render([note], "sarif", nothing))["runs"][0]["results"][0]["level"] == "note"
