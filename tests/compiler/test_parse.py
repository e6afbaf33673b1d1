"""Parse: the shape of documents, key by key, and the place of what does not fit."""

from __future__ import annotations

import pytest

from mapforge.compiler.parse import entry_document, vendor_document
from mapforge.compiler.source import read_text
from mapforge.diagnostics import Diagnostic, Span
from mapforge.documents import EventDocument
from tests.compiler.acme import VENDOR, Acme

FILE = "events.yaml"


def entry(text: str) -> list[Diagnostic]:
    """What is said of one entry, its keys at the margin."""
    tree, found = read_text(text, FILE)
    assert tree is not None
    assert found == []
    return entry_document(tree)[1]


def said(text: str) -> list[tuple[str, str, int, int, str | None]]:
    return [(each.code, each.message, each.span.line, each.span.column, each.hint) for each in entry(text)]


def test_a_document_knows_the_place_of_every_value_and_key() -> None:
    tree, _ = read_text("attributes:\n  note: {type: text, from: [a, b]}\ndrop: [x, y]\n", FILE)
    assert tree is not None
    parsed, found = entry_document(tree)
    assert found == []
    assert parsed.span("attributes", "note", "from", 1) == Span(FILE, 2, 32, 1)
    assert parsed.key("attributes", "note", "from") == Span(FILE, 2, 22, 4)
    assert parsed.span("drop", 1) == Span(FILE, 3, 11, 1)
    assert parsed.span("attributes", "note", "when") == Span(FILE, 2, 9, 26)


def test_every_scalar_is_text() -> None:
    tree, _ = read_text(
        "name: no\nattributes:\n  a: {type: text, constant: 1.10}\n  b: {type: text, constant: 12:30}\n", FILE
    )
    assert tree is not None
    document = entry_document(tree)[0].document
    assert isinstance(document, EventDocument)
    assert document.name == "no"
    assert [getattr(one, "constant", None) for one in (document.attributes or {}).values()] == ["1.10", "12:30"]


def test_an_unknown_key_is_told_with_the_keys_that_are_known_there() -> None:
    assert said("keep: {form: data, besides: [a]}\n") == [
        ("MF120", "unknown key `form` in `keep`", 1, 8, "did you mean `from`?"),
        ("MF120", "unknown key `besides` in `keep`", 1, 20, "known are: from, except"),
    ]


@pytest.mark.parametrize("name", ["value", "keep", "trigger", "identity", "text", "list", "mapping", "header"])
def test_an_attribute_may_be_called_like_a_key_or_a_shape(name: str) -> None:
    assert said(f"attributes: {{{name}: {{type: list, fields: {{{name}: {{typ: text, from: [a]}}}}}}}}\n") == [
        ("MF120", f"unknown key `typ` in `{name}`", 1, 41 + 2 * len(name), "did you mean `type`?")
    ]


@pytest.mark.parametrize(
    ("text", "message", "label"),
    [
        ("trigger: card.issued", "`trigger` must be a mapping", "a text stands here"),
        ("trigger: {event: {a: b}}", "`event` must be a text or a list", "a mapping stands here"),
        ("name: [a]", "`name` must be a text", "a list stands here"),
        ("drop: a", "`drop` must be a list", "a text stands here"),
        ("keep: [a]", "`keep` must be a text or a mapping", "a list stands here"),
        ("use: {a: [b]}", "`a` must be a text", "a list stands here"),
        ("attributes: [a]", "`attributes` must be a mapping", "a list stands here"),
        ("attributes: {a: [text, text]}", "this element must be a mapping", "a text stands here"),
        ("attributes: {a: {type: text, zone: [b]}}", "`zone` must be a text or a mapping", "a list stands here"),
        ("attributes: {a: {type: text, from: {b: c}}}", "`from` must be a text or a list", "a mapping stands here"),
        ("attributes: {a: {type: text, sensitive: [b]}}", "`sensitive` must be a text", "a list stands here"),
    ],
)
def test_a_wrong_shape_says_which_is_right_and_which_is_there(text: str, message: str, label: str) -> None:
    assert [(each.code, each.message, each.label) for each in entry(text)][:1] == [("MF122", message, label)]


def test_a_missing_key_is_told_at_the_key_that_lacks_it() -> None:
    assert said("trigger: {when: a}\nattributes: {a: {from: b}, c: {from: d}}\nvalue: {currency: e}\n") == [
        ("MF121", "`event` is missing in `trigger`", 1, 1, None),
        ("MF121", "`type` is missing in `a`", 2, 14, "every attribute says its type"),
        ("MF121", "`type` is missing in `c`", 2, 28, "every attribute says its type"),
        ("MF121", "`from` is missing in `value`", 3, 1, None),
    ]


def test_all_that_a_vendor_lacks_is_told_at_once() -> None:
    tree, _ = read_text("mapforge: 1\nsource: {event: type}\n", FILE)
    assert tree is not None
    assert [each.message for each in vendor_document(tree)[1]] == [
        "`vendor` is missing",
        "`id` is missing in `source`",
        "`time` is missing in `source`",
        "`identity` is missing",
        "`platforms` is missing",
    ]


@pytest.mark.parametrize(
    ("refinement", "message", "hint"),
    [
        ("round: downwards", "`round` cannot be `downwards`", "it takes down, up, half_up, half_even, floor, ceiling"),
        ("round: dwon", "`round` cannot be `dwon`", "did you mean `down`?"),
        ("as: mony", "`as` cannot be `mony`", "did you mean `money`?"),
        ("places: 10", "`places` cannot be read", "a digit from 0 to 9, or currency"),
        ("scale: 1.5", "`scale` cannot be read", "a whole number such as -2, or minor"),
        ("sensitive: yes", "`sensitive` cannot be `yes`", "it takes true, false"),
        ("from: ''", "`from` cannot be read", "it cannot be empty"),
    ],
)
def test_a_word_that_a_key_does_not_take_is_told_with_those_it_takes(refinement: str, message: str, hint: str) -> None:
    found = [
        (each.code, each.message, each.hint) for each in entry(f"attributes: {{a: {{type: decimal, {refinement}}}}}")
    ]
    assert found == [("MF123", message, hint)]


@pytest.mark.parametrize("attribute", ["text or null", "{type: text | nil}", "''", "{type: [text] }"])
def test_a_type_is_one_word_and_perhaps_null(attribute: str) -> None:
    codes = [each.code for each in entry(f"attributes: {{a: {attribute}}}\n")]
    assert codes == ["MF122" if "[" in attribute else "MF123"]


@pytest.mark.parametrize("name", ["a_b", "a-b", "a.b", "$value", "a (b)", "Ab 9"])
def test_keys_are_letters_digits_space_and_a_few_signs(name: str) -> None:
    assert entry(f'attributes: {{"{name}": text}}\n') == []


@pytest.mark.parametrize("name", ["é", "a/b", "", "a\\n", "*", "a:b", "٣"])
def test_a_key_of_other_characters_is_refused(name: str) -> None:
    assert [each.code for each in entry(f'attributes: {{"{name}": text}}\n')] == ["MF130"]
    assert [each.code for each in entry(f'attributes: {{a: {{type: object, fields: {{"{name}": text}}}}}}\n')] == [
        "MF130"
    ]


def test_the_name_of_a_type_has_no_space_and_the_hint_says_so(acme: Acme) -> None:
    (found,) = acme.compiled(None, VENDOR + "types:\n  my money: {base: decimal}\n").diagnostics
    assert (found.code, found.hint) == ("MF130", "letters, digits, _ and - make the name of a type")


def test_too_few_elements_are_told_with_the_number_needed() -> None:
    assert said("attributes: {a: [{type: text}]}\nadd: {}\n") == [
        ("MF125", "`add` needs at least one", 2, 6, "name at least one, or leave the key out"),
        ("MF125", "`a` needs at least two alternatives", 1, 17, "a single attribute needs no list"),
    ]


def test_a_header_stands_in_place_of_a_path_for_event_id_and_time_alone(acme: Acme) -> None:
    headers = VENDOR.replace("event: type", "event: {header: X-Topic}").replace("id: id", "id: {header: x-id}", 1)
    assert acme.found(None, headers.replace("time: at", "time: {header: x-time}")) == []
    assert acme.found(None, VENDOR.replace("currency: currency", "currency: {header: x-currency}")) == [
        "MF120 vendor:9:14"
    ]


def test_a_header_takes_no_input(acme: Acme) -> None:
    found = acme.compiled(None, VENDOR.replace("time: at", "time: {header: at, input: epoch_seconds}")).diagnostics
    assert [(each.code, each.message) for each in found] == [("MF120", "unknown key `input`")]


def test_thousands_of_mistakes_end_in_as_many_diagnostics() -> None:
    text = "attributes:\n" + "".join(f"  a{number}: [x]\n" for number in range(5000))
    assert len(entry(text)) == 5000
