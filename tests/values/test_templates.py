"""Templates: what they read, what they write, and what the language leaves out."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from mapforge.values.refused import Refused
from mapforge.values.templates import Parsed, TemplateError, parse, renderer


def failure(text: str) -> tuple[str, int]:
    with pytest.raises(TemplateError) as caught:
        parse(text)
    with pytest.raises(TemplateError) as again:
        renderer(text)
    assert str(again.value) == str(caught.value) == caught.value.message
    return caught.value.message, caught.value.lineno


# ── what they read ──


@pytest.mark.parametrize(
    ("text", "variables", "pieces"),
    [
        ("", (), ()),
        ("Hello", (), ("Hello",)),
        ("{{ name }}", (("name",),), (0,)),
        ("https://{{ store.domain }}/c/{{ id }}", (("store", "domain"), ("id",)), ("https://", 0, "/c/", 1)),
        ("{{ a }}-{{ b }}-{{ a }}", (("a",), ("b",)), (0, "-", 1, "-", 0)),
        ("{{ a.items }}{{ a.__class__.__mro__ }}", (("a", "items"), ("a", "__class__", "__mro__")), (0, 1)),
        ("{{ self }}{{ loop }}{{ range }}{{ v1 }}", (("self",), ("loop",), ("range",), ("v1",)), (0, 1, 2, 3)),
        ("a{# a comment #}b", (), ("a", "b")),
        ("{% raw %}{{ a }}{% endraw %}", (), ("{{ a }}",)),
        ("one\nline\n", (), ("one\nline",)),
        ("{{ größe }}", (("größe",),), (0,)),
        ("{{ name|upper }}", (("name",),), None),
        ("{{ b if a else c.d }}", (("b",), ("a",), ("c", "d")), None),
        ("{{ 'x' }}", (), None),
    ],
)
def test_a_template_reads_its_variables_in_order(
    text: str, variables: tuple[tuple[str, ...], ...], pieces: tuple[str | int, ...] | None
) -> None:
    assert parse(text) == Parsed(variables, pieces)


# ── what they write ──


@pytest.mark.parametrize(
    ("text", "values", "written"),
    [
        ("", [], ""),
        ("https://{{ store.domain }}/{{ id }}", ["example.com", 42], "https://example.com/42"),
        ("{{ a }}", [Decimal("471.00")], "471.00"),
        ("{{ a }}", [Decimal("1E+2")], "100"),
        ("{{ a }}", [Decimal("1E-7")], "0.0000001"),
        ("{{ a }}", [True], "true"),
        ("{{ a }}", [False], "false"),
        ("{{ a }}", ["<b>&</b>"], "<b>&</b>"),
        ("{{ a }}", ["{{ b }}{% set c = 1 %}"], "{{ b }}{% set c = 1 %}"),
        ("{{ a.items }}{{ a.__class__ }}", ["x", "y"], "xy"),
        ("{{ a|upper }}", ["ada"], "ADA"),
        ("{{ a|upper }}", [True], "TRUE"),
        ("{{ a|lower }}", [Decimal("1E+2")], "100"),
        ("{{ a|lower|capitalize }}", ["ADA LOVELACE"], "Ada lovelace"),
        ("{{ a|title }}", ["ada lovelace"], "Ada Lovelace"),
        ("{{ a|trim }}|{{ a|trim('-') }}", [" -a- "], "-a-| -a- "),
        ("{{ a|replace('a', 'b') }}", ["banana"], "bbnbnb"),
        ("{{ a|replace('a', 'b', 1) }}", ["banana"], "bbnana"),
        ("{{ a|replace('', '-') }}", ["ab"], "-a-b-"),
        ("{{ a|truncate(9, end='…', leeway=0) }}", ["ada lovelace, countess"], "ada…"),
        ("{{ a|truncate(9, true, '', 0) }}", ["ada lovelace, countess"], "ada lovel"),
        ("{{ a|urlencode }}", ["a b/ü&"], "a%20b/%C3%BC%26"),
        ("{{ 'Mr' if a == 'm' else 'Ms' }} {{ b }}", ["m", "Babbage"], "Mr Babbage"),
        ("{{ 'Mr' if a != 'm' }}.", ["m"], "."),
        ("{{ ('Mr' if a != 'm')|upper }}.", ["m"], "."),
        ("{{ a or b }}{{ a and b }}", ["", "x"], "x"),
        ("{{ not a }}", [""], "true"),
        ("{{ a == 1 }} {{ a == true }}", [Decimal("1.0")], "true false"),
        ("{{ a == 1 }} {{ a == true }} {{ a != 1 }}", [True], "false true true"),
        ("{{ a == '1' }}", [1], "false"),
        ("{{ true }}{{ 7 }}", [], "true7"),
        ("{{ a|upper }}{{ b }}", ["x", Decimal("0.10")], "X0.10"),
    ],
)
def test_a_template_writes(text: str, values: Sequence[object], written: str) -> None:
    assert renderer(text)(values) == written


@pytest.mark.parametrize(
    "text", ["{{ a }}", "{{ a|upper }}", "{{ 'x' if a else 'y' }}", "{{ 'x' if a == 1 else 'y' }}"]
)
@pytest.mark.parametrize(("value", "got"), [({"b": 1}, "an object"), (["b"], "a list"), (None, "null")])
def test_what_is_not_a_scalar_is_refused(text: str, value: object, got: str) -> None:
    with pytest.raises(Refused) as caught:
        renderer(text)([value])
    assert (caught.value.expected, caught.value.got) == ("a text, number or boolean", got)


@pytest.mark.parametrize("text", ["{{ a }}", "{{ a|upper }}", "{{ 'x' if a == 1 }}"])
@pytest.mark.parametrize("value", [Decimal("1e999999"), Decimal("NaN"), 10**60])
def test_a_number_beyond_the_bounds_is_refused(text: str, value: object) -> None:
    with pytest.raises(Refused) as caught:
        renderer(text)([value])
    assert caught.value.code == "MF706"


def test_half_a_surrogate_pair_has_no_url() -> None:
    with pytest.raises(Refused) as caught:
        renderer("{{ a|urlencode }}")(["\ud800"])
    assert caught.value.got == "half of a surrogate pair"


plain_sources = st.lists(
    st.sampled_from(
        ["text ", "{{ a }}", "{{ b.c }}", "{{ a|upper }}", "{{ b.c|title|trim }}", "{{ a if b.c else 'x' }}"]
    )
    | st.sampled_from(
        ["{{ a|replace('a', 'bb') }}", "{{ b.c|urlencode }}", "{{ a|truncate(5, true) }}", "{# c #}", "\n"]
    )
    | st.sampled_from(["{{ a or b.c }}", "{{ 'y' if a == b.c and not a }}", "{{ (a and b.c)|lower|capitalize }}"])
).map("".join)


@given(plain_sources, st.text(max_size=20), st.text(max_size=20))
def test_what_the_language_keeps_of_jinja_means_what_it_means_there(text: str, a: str, c: str) -> None:
    values = {("a",): a, ("b", "c"): c}
    written = renderer(text)([values[path] for path in parse(text).variables])
    assert written == Environment().from_string(text).render(a=a, b={"c": c})


@given(
    st.lists(
        st.text(max_size=5) | st.booleans() | st.integers() | st.decimals(-100, 100, places=3), min_size=3, max_size=3
    )
)
def test_pieces_and_jinja_write_the_same(values: list[object]) -> None:
    pieces = "{{ a }}, {{ b.c }} und {{ d }}"
    assert renderer(pieces)(values) == renderer(pieces + "{{ '' }}")(values)


def test_the_package_alone_imports_neither_babel_nor_jinja() -> None:
    modules = ", ".join(f"mapforge.values.{name}" for name in ("dates", "identity", "money", "numbers", "templates"))
    code = f"import sys, {modules}; print([name for name in ('babel', 'jinja2') if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


# ── what the language leaves out ──


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{{ a() }}", "a call"),
        ("{{ a.upper() }}", "a call"),
        ("{{ range(9) }}", "a call"),
        ("{{ a[0] }}", "a subscript"),
        ("{{ a['b'] }}", "a subscript"),
        ("{{ a[1:2] }}", "a subscript"),
        ("{{ a.0 }}", "a subscript"),
        ("{{ 'x'.upper }}", "a dot after anything but a name"),
        ("{{ (a|upper).b }}", "a dot after anything but a name"),
        ("{% for a in b %}{{ a }}{% endfor %}", "a loop"),
        ("{% if a %}b{% endif %}", "an if-statement (an if-expression is)"),
        ("{% set a = 1 %}", "`set`"),
        ("{% set a %}x{% endset %}", "`set`"),
        ("{% macro a() %}{% endmacro %}", "a macro"),
        ("{% call a() %}{% endcall %}", "a call"),
        ("{% filter upper %}a{% endfilter %}", "a filter over a block"),
        ("{% block a %}{% endblock %}", "a block"),
        ("{% extends 'a' %}", "`extends`"),
        ("{% include 'a' %}", "`include`"),
        ("{% import 'a' as b %}", "`import`"),
        ("{% from 'a' import b %}", "`import`"),
        ("{% with %}{% endwith %}", "`with`"),
        ("{% autoescape false %}{% endautoescape %}", "`autoescape`"),
        ("{{ a is defined }}", "a test with `is`"),
        ("{{ a + 1 }}", "arithmetic"),
        ("{{ a * 9 }}", "arithmetic"),
        ("{{ a ** 9 }}", "arithmetic"),
        ("{{ 'x' % a }}", "arithmetic"),
        ("{{ -1 }}", "arithmetic"),
        ("{{ tier-name }}", "arithmetic"),
        ("{{ a ~ b }}", "joining with `~`"),
        ("{{ [a] }}", "a list or an object"),
        ("{{ a, b }}", "a list or an object"),
        ("{{ {'a': b} }}", "a list or an object"),
    ],
)
def test_the_language_leaves_out(text: str, what: str) -> None:
    assert failure(text) == (f"{what} is not part of the template language", 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ a < b }}", "a comparison is == or !="),
        ("{{ a in b }}", "a comparison is == or !="),
        ("{{ a == b == c }}", "a comparison has two sides"),
        ("{{ none }}", "a constant is a text, an integer, true or false"),
        ("{{ 1.5 }}", "a constant is a text, an integer, true or false"),
        ("{{ a|upper(b) }}", "the arguments of a filter are constants"),
        ("{{ a|replace(*b) }}", "the arguments of a filter are constants"),
        ("{{ a|replace(**b) }}", "the arguments of a filter are constants"),
        ("{{ a|upper(1) }}", "the filter `upper` does not take these arguments"),
        ("{{ a|replace('a') }}", "the filter `replace` does not take these arguments"),
        ("{{ a|replace(1, 2) }}", "the filter `replace` does not take these arguments"),
        ("{{ a|trim(1) }}", "the filter `trim` does not take these arguments"),
        ("{{ a|truncate('x') }}", "the filter `truncate` does not take these arguments"),
        ("{{ a|truncate(2) }}", "the filter `truncate` does not take these arguments"),
        ("{{ a|truncate(size=2) }}", "the filter `truncate` does not take these arguments"),
        (
            "{{ a|join }}",
            "there is no filter `join`, only upper, lower, capitalize, title, trim, replace, truncate, urlencode",
        ),
        ("{{ a", "unexpected end of template, expected 'end of print statement'."),
        ("{{ }}", "Expected an expression, got 'end of print statement'"),
        ("{% do a %}", "Encountered unknown tag 'do'."),
    ],
)
def test_an_error_says_what_is_wrong(text: str, message: str) -> None:
    assert failure(text) == (message, 1)


def test_an_error_tells_the_line() -> None:
    assert failure("one\ntwo {{ a }}\n{{ a +\n1 }}") == ("arithmetic is not part of the template language", 3)
    assert failure("one\n{{ a|nope }}")[1] == 2
