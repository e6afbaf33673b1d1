"""Attributes: source, absence, alternatives, members; and the rules they keep."""

from __future__ import annotations

import pytest

from mapforge import model
from mapforge.diagnostics import Span
from mapforge.model import Branch, Constant, From, Join, Path, Query, Type
from tests.compiler.acme import VENDOR, Acme

# Omnisend would not take every name.
KLAVIYO = VENDOR.replace("  omnisend: {origin: acme}\n", "")

Found = list[tuple[str, str, str]]


def codes(found: Found) -> list[tuple[str, str]]:
    """Code and what the carets are under."""
    return [(code, under) for code, _, under in found]


def source(acme: Acme, attribute: str) -> model.Source:
    return acme.attribute(attribute, KLAVIYO).branches[0].source


def texts(found: model.Source) -> list[str]:
    assert isinstance(found, (From, Join, model.Template))
    queries = {From: "queries", Join: "parts", model.Template: "variables"}[type(found)]
    return [query.text for query in getattr(found, queries)]


def test_the_source_is_the_attributes_own_name_as_a_literal_key(acme: Acme) -> None:
    made = source(acme, "a.b-c: text")
    assert isinstance(made, From)
    assert [(query.text, query.node) for query in made.queries] == [("a.b-c", Path(("a.b-c",)))]


def test_a_list_of_paths_is_the_first_that_is_present(acme: Acme) -> None:
    assert texts(source(acme, "a: {type: text, from: [b, c.d]}")) == ["b", "c.d"]


def test_parts_are_joined_by_a_space_unless_told(acme: Acme) -> None:
    joined = source(acme, "a: {type: text, join: [b, c]}")
    assert isinstance(joined, Join)
    assert (texts(joined), joined.separator) == (["b", "c"], " ")
    empty = source(acme, "a: {type: text, join: [b, c], separator: ''}")
    assert isinstance(empty, Join)
    assert empty.separator == ""


def test_a_template_reads_its_variables(acme: Acme) -> None:
    assert texts(source(acme, "a: {type: text, template: '{{ b.c }}-{{ d }}'}")) == ["b.c", "d"]


@pytest.mark.parametrize(
    ("attribute", "json"),
    [
        ("{type: text, constant: no}", '"no"'),
        ("{type: integer, constant: 5.0}", "5"),
        ("{type: decimal, constant: 1.10}", "1.10"),
        ("{type: boolean, constant: true}", "true"),
        ("{type: date, constant: 2026-03-31}", '"2026-03-31"'),
    ],
)
def test_a_constant_is_of_its_type(acme: Acme, attribute: str, json: str) -> None:
    assert source(acme, f"a: {attribute}") == Constant(json)


@pytest.mark.parametrize(
    "attribute",
    [
        "{type: integer, constant: 5.5}",
        "{type: integer, constant: five}",
        "{type: decimal, constant: 1_000}",
        "{type: boolean, constant: yes}",
        "{type: date, constant: 31.03.2026}",
        "{type: object, constant: '{}'}",
        "{type: list, constant: a}",
    ],
)
def test_a_constant_of_another_type_is_refused(acme: Acme, attribute: str) -> None:
    assert [code for code, _ in codes(acme.of_attributes(f"a: {attribute}"))] == ["MF317"]


@pytest.mark.parametrize(
    ("sources", "second"),
    [
        ("from: b, join: [c]", "join"),
        ("from: b, constant: c", "constant"),
        ("join: [b], template: c", "template"),
        ("template: b, constant: c", "constant"),
    ],
)
def test_an_attribute_has_one_source(acme: Acme, sources: str, second: str) -> None:
    (found,) = acme.compiled(f"A:\n  attributes: {{a: {{type: text, {sources}}}}}\n").diagnostics
    first = sources.partition(":")[0]
    assert (found.code, found.message) == ("MF309", f"two sources: `{first}` and `{second}`")


def test_a_separator_goes_with_join(acme: Acme) -> None:
    assert codes(acme.of_attributes("a: {type: text, separator: x}")) == [("MF321", "x")]


@pytest.mark.parametrize("base", ["integer", "boolean", "object", "list"])
@pytest.mark.parametrize("key", ["join: [b]", "template: '{{ b }}'"])
def test_what_is_made_of_texts_is_of_a_type_that_takes_one(acme: Acme, base: str, key: str) -> None:
    assert [code for code, _ in codes(acme.of_attributes(f"a: {{type: {base}, {key}}}"))] == ["MF322"]


# ── absent ──


@pytest.mark.parametrize(
    ("attribute", "absent", "omit"),
    [
        ("{type: text, absent: none}", '"none"', False),
        ("{type: decimal, absent: 0.50}", "0.50", False),
        ("{type: decimal, as: text, absent: none}", '"none"', False),
        ("{type: boolean, absent: false}", "false", False),
        ("{type: datetime, absent: Never}", '"Never"', False),
        ("{type: list, absent: omit}", None, True),
        ("{type: text, absent: {constant: omit}}", '"omit"', False),
        ("{type: text, absent: {constant: null}}", '"null"', False),
        ("{type: text, absent: 'null'}", '"null"', False),
        ("{type: text, absent: ''}", '""', False),
    ],
)
def test_absent_is_of_the_json_type_that_is_sent(acme: Acme, attribute: str, absent: str | None, omit: bool) -> None:
    branch = acme.attribute(f"a: {attribute}").branches[0]
    assert (branch.absent, branch.omit) == (absent, omit)


@pytest.mark.parametrize(
    "attribute",
    [
        "{type: decimal, absent: none}",
        "{type: integer, absent: 0.5}",
        "{type: boolean, absent: no}",
        "{type: object, absent: none}",
        "{type: list, absent: '[]'}",
    ],
)
def test_absent_of_another_json_type_is_refused(acme: Acme, attribute: str) -> None:
    assert [code for code, _ in codes(acme.of_attributes(f"a: {attribute}"))] == ["MF302"]


def test_absent_beside_null_is_two_answers(acme: Acme) -> None:
    assert codes(acme.of_attributes("a: {type: text | null, absent: none}")) == [("MF301", "none")]
    assert codes(acme.of_attributes("a: {type: text | null, absent: omit}")) == [("MF301", "omit")]


def test_null_beside_the_absent_of_a_named_type_is_told_at_the_null(acme: Acme) -> None:
    vendor = VENDOR + "types:\n  expiry: {base: date, absent: Never}\n"
    assert codes(acme.of_attributes("a: {type: expiry | null}", vendor)) == [("MF301", "expiry | null")]
    assert acme.attribute("a: expiry", vendor).branches[0].absent == '"Never"'


def test_the_absent_of_a_named_type_is_told_in_the_type(acme: Acme) -> None:
    vendor = VENDOR + "types:\n  amount: {base: decimal, absent: none}\n"
    assert codes(acme.of_attributes("a: amount\nb: amount\nc: {type: amount, absent: 0}", vendor)) == [
        ("MF302", "none")
    ]


@pytest.mark.parametrize("word", ["null", "~"])
@pytest.mark.parametrize("base", ["text", "decimal"])
def test_null_is_no_word(acme: Acme, word: str, base: str) -> None:
    assert codes(acme.of_attributes(f"a: {{type: {base}, absent: {word}}}")) == [("MF308", word)]


# ── when and alternatives ──


@pytest.mark.parametrize("answer", ["type: text | null", "type: text, absent: none", "type: text, absent: omit"])
def test_when_demands_an_answer_where_it_is_false(acme: Acme, answer: str) -> None:
    assert acme.of_attributes(f"a: {{{answer}, when: flag}}") == []
    assert codes(acme.of_attributes("a: {type: text, when: flag}")) == [("MF305", "flag")]


def test_when_may_leave_the_answer_to_a_following_alternative(acme: Acme) -> None:
    assert acme.of_attributes("a:\n  - {type: text, when: b}\n  - {type: text, from: c}") == []
    assert codes(acme.of_attributes("a:\n  - {type: text, when: b}\n  - {type: text, when: c}")) == [("MF305", "c")]


def test_only_the_last_alternative_may_lack_when(acme: Acme) -> None:
    assert codes(acme.of_attributes("a:\n  - {type: id}\n  - {type: text, from: c}")) == [("MF307", "id")]


def test_alternatives_send_one_json_type(acme: Acme) -> None:
    mixed = "a:\n  - {type: integer, when: b}\n  - {type: decimal}"
    assert codes(acme.of_attributes(mixed)) == [("MF306", "integer")]
    same = "a:\n  - {type: integer, as: percent, when: b}\n  - {type: date}"
    assert acme.of_attributes(same) == []
    assert acme.attribute(same).sends == "string"


def test_a_root_that_may_be_absent_makes_its_attributes_nullable(acme: Acme) -> None:
    vendor = (
        VENDOR + "groups:\n  sender:\n    name: text\n    since: {type: date, absent: Never}\n    mail: text | null\n"
    )
    entry = acme.entry("A", "A:\n  use: {sender: buyer | null}\n", vendor)
    assert [branch.type.nullable for attribute in entry.attributes for branch in attribute.branches] == [
        True,
        False,
        True,
    ]
    required = acme.entry("A", "A:\n  use: {sender: buyer}\n", vendor)
    assert [branch.type.nullable for attribute in required.attributes for branch in attribute.branches] == [
        False,
        False,
        True,
    ]


# ── members ──


def test_fields_are_attributes_relative_to_their_object(acme: Acme) -> None:
    branch = acme.attribute(
        "card: {type: object, fields: {kind: text, sum: {type: decimal, from: total.sum}}}"
    ).branches[0]
    assert branch.fields is not None
    assert [(member.name, texts(member.branches[0].source)) for member in branch.fields] == [
        ("kind", ["kind"]),
        ("sum", ["total.sum"]),
    ]


def test_each_is_made_of_the_element_itself_unless_told(acme: Acme) -> None:
    alone = acme.attribute("tags: {type: list, each: text}").branches[0].each
    told = acme.attribute("tags: {type: list, each: {type: text, from: name}}").branches[0].each
    assert alone is not None
    assert told is not None
    assert (texts(alone.branches[0].source), texts(told.branches[0].source)) == (["@"], ["name"])


@pytest.mark.parametrize(
    ("attribute", "under"),
    [
        ("{type: text, fields: {b: text}}", "{b: text}"),
        ("{type: decimal, each: text}", "text"),
        ("{type: object, each: text}", "text"),
        ("{type: list, each: text, fields: {b: text}}", "text"),
        ("{type: list, map: {A: B}}", "{A: B}"),
    ],
)
def test_members_and_map_go_with_types_that_have_them(acme: Acme, attribute: str, under: str) -> None:
    found = codes(acme.of_attributes(f"a: {attribute}"))
    assert found[0] == ("MF310", under)


def test_members_are_unique_without_regard_to_case_under_the_names_they_are_sent(acme: Acme) -> None:
    assert codes(acme.of_attributes("a: {type: object, fields: {b: text, B: text}}")) == [("MF215", "B")]
    assert codes(acme.of_attributes("a: {type: object, fields: {b: text, c: {type: text, name: b}}}")) == [
        ("MF215", "c")
    ]


def test_what_is_wrong_within_members_is_told_at_its_place(acme: Acme) -> None:
    attribute = "a: {type: list, fields: {b: {type: list, each: {type: integer, scale: 2}}}}"
    assert codes(acme.of_attributes(attribute)) == [("MF303", "2")]


def test_a_map_sends_values_of_the_type(acme: Acme) -> None:
    branch = acme.attribute("a: {type: integer, map: {GOLD: 1, '*': 0}}").branches[0]
    assert branch.table == {"GOLD": "1", "*": "0"}
    assert codes(acme.of_attributes("a: {type: boolean, map: {Y: true, N: no}}")) == [("MF316", "no")]


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{{ a }", "MF403"),
        ("{% if a %}b", "MF403"),
        ("{{ a() }}", "MF404"),
        ("{{ a + 1 }}", "MF404"),
        ("{{ a | tojson }}", "MF404"),
        ("{{ a.__class__() }}", "MF404"),
        ("{% for b in a %}{% endfor %}", "MF404"),
    ],
)
def test_a_template_that_does_not_parse_is_told_from_one_that_is_refused(acme: Acme, template: str, code: str) -> None:
    assert [each[0] for each in acme.of_attributes(f'a: {{type: text, template: "{template}"}}')] == [code]


def test_a_template_of_many_lines_names_the_line(acme: Acme) -> None:
    found = acme.of_attributes("a:\n  type: text\n  template: |\n    {{ b }}\n    {% for c in d %}{% endfor %}")
    assert [message for _, message, _ in found] == ["the language refuses a part of this template in its line 2"]


def test_a_whole_attribute(acme: Acme) -> None:
    made = acme.attribute(
        "a b: {type: text | null, name: A/B, from: card.note, blank: ['', none],"
        " sensitive: true, describe: d, assumed: e}",
        KLAVIYO,
    )
    path = Span("acme/events.yaml", 4, 47, 9)
    assert made == model.Attribute(
        name="a b",
        key="A/B",
        sends="string",
        branches=(
            Branch(
                Type("text", "text", nullable=True),
                From((Query("card.note", Path(("card", "note")), path),)),
                Span("acme/events.yaml", 4, 5, 3),
                blank=("", "none"),
            ),
        ),
        span=Span("acme/events.yaml", 4, 5, 3),
        origin="attributes",
        sensitive=True,
        describe="d",
        assumed="e",
    )
