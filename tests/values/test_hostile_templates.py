"""Hostile templates and values: all end at once, with a TemplateError or Refused, or as plain text."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapforge.values.refused import Refused
from mapforge.values.templates import TemplateError, parse, renderer

TOO_LONG = ("a text of at most 100,000 characters", "a longer one")


def failure(text: str) -> str:
    with pytest.raises(TemplateError) as caught:
        renderer(text)
    return caught.value.message


def refusal(call: Callable[..., object], *values: object) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        call(*values)
    return caught.value.expected, caught.value.got


def test_a_template_is_bounded_in_length() -> None:
    assert failure("x" * 10_001) == "a template has at most 10,000 characters"
    assert parse("x" * 10_000).pieces == ("x" * 10_000,)


@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "(" * 4900 + "a" + ")" * 4900 + " }}",
        "{{ " + "not " * 2400 + "a }}",
        "{{ a" + "|upper" * 1600 + " }}",
        "{{ a" + ".b" * 4900 + " }}",
        "{{ a" + " and a" * 1600 + " }}",
        "{{ a" + " or a" * 1900 + " }}",
        "{{ a if " * 1200 + "a }}",
        "{{ " + "a if b else " * 800 + "c }}",
        "{{ " + "(a == " * 1200 + "a" + ")" * 1200 + " }}",
        "{{" * 5000,
        "{{ " + "[" * 9000,
        "{{ a" + "|upper" * 50 + " }}",
    ],
)
def test_a_deep_template_is_an_error_and_not_a_crash(text: str) -> None:
    assert failure(text) != ""


@pytest.mark.parametrize(
    "text",
    [
        "{{ a" + "|upper" * 49 + " }}",
        "{{ " + "not " * 49 + "a }}",
        "{{ a" + ".b" * 49 + " }}",
        "{{ a" + " and a" * 49 + " }}",
        "{{ " + "a if b else " * 49 + "c }}",
        "{{ " + "(a if b else " * 49 + "c" + ")" * 49 + " }}",
        "{{ " + "(a == " * 49 + "a" + ")" * 49 + " }}",
        "{{ " + "(a != " * 49 + "a" + ")" * 49 + " }}",
        "{{ " + "(a|upper == (a or not " * 12 + "a" + "))" * 12 + " }}",
    ],
)
def test_what_is_deep_and_taken_also_compiles(text: str) -> None:
    render = renderer(text)
    assert isinstance(render(["x"] * len(parse(text).variables)), str)


@pytest.mark.parametrize(
    "text", ["{%" * 5000, "{#" * 5000, "{{ '" * 2500, "{{ " + "1" * 9000 + " }}", "{{ '" + "\\" * 9000]
)
def test_what_no_parser_expects_is_an_error(text: str) -> None:
    failure(text)


@pytest.mark.parametrize("text", ["{{ '\\ud800' }}", "{{ a|replace('a', '\\udfff') }}", "{{ " + "1" * 51 + " }}"])
def test_a_constant_that_cannot_be_sent_is_an_error(text: str) -> None:
    assert failure(text) == "the constant cannot be sent: it is too long or not Unicode"


def test_a_replacement_is_refused_before_it_takes_the_memory() -> None:
    render = renderer("{{ a|replace('a', '" + "b" * 9000 + "') }}")
    hostile = "a" * 100_000
    tracemalloc.start()
    try:
        assert refusal(render, [hostile]) == TOO_LONG
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ a }}" * 20, "x" * 10_000),
        ("{{ a|upper }}" * 20, "x" * 10_000),
        ("{{ a|upper }}", "x" * 100_001),
        ("{{ a|upper }}", "ŉ" * 60_000),
        ("{{ a|urlencode }}", "ü" * 20_000),
        ("{{ a|replace('', 'xxxxxxxxxxx') }}", "x" * 10_000),
        ("{{ a|replace('x', 'xxxxxxxxxxx')|truncate(9) }}", "x" * 10_000),
        ("{{ a" + "|replace('x', 'xx')" * 40 + " }}", "x"),
        ("{{ '" + "x" * 1000 + "'" + "|replace('x', 'xxxxxxxxxx')" * 9 + " }}", ""),
    ],
)
def test_growth_ends_at_a_hundred_thousand_characters(text: str, value: str) -> None:
    values = [value] * len(parse(text).variables)
    assert refusal(renderer(text), values) == TOO_LONG


def test_a_hundred_thousand_characters_are_taken() -> None:
    assert renderer("{{ a }}")(["x" * 100_000]) == "x" * 100_000
    assert renderer("{{ a|upper }}")(["x" * 100_000]) == "X" * 100_000


@given(st.text(st.sampled_from("{}%#ab.|'\"()[]_ 1-~+\n"), max_size=60))
def test_any_text_is_a_template_or_a_template_error(text: str) -> None:
    try:
        parsed = parse(text)
    except TemplateError:
        return
    assert isinstance(renderer(text)(["x"] * len(parsed.variables)), str)


@pytest.mark.parametrize("source", ["{{ a }}", "{{ a|trim('~') }}"])
@given(value=st.text(st.sampled_from("{}%#a.|'\"()_<>&\\ \n"), max_size=40))
def test_a_value_is_never_a_template(source: str, value: str) -> None:
    assert renderer(source)([value]) == value


@pytest.mark.parametrize(
    "path",
    [
        "a.__class__.__init__.__globals__",
        "self.__init__",
        "cycler.__init__",
        "lipsum",
        "_",
        "__import__",
        "request.items",
    ],
)
def test_a_name_reads_a_key_and_nothing_of_python(path: str) -> None:
    assert parse(f"{{{{ {path} }}}}").variables == (tuple(path.split(".")),)
    assert renderer(f"{{{{ {path}|upper }}}}")(["key"]) == "KEY"
