"""An attribute may be a list of attributes: the first whose `when` holds is it."""

from __future__ import annotations

import pytest

from tests.language.acme import N
from tests.language.conftest import Refusal, Sent

COUPON = """
[{when: "type == 'PERCENTAGE'", type: decimal, as: percent, from: value},
 {when: "type == 'POINTS'", type: text, from: label, absent: points},
 {type: decimal, round: down, places: currency, as: money, from: value}]
""".replace("\n", "").replace("type ==", "kind ==")


@pytest.mark.parametrize(
    ("kind", "text"), [('"PERCENTAGE"', "15%"), ('"POINTS"', "points"), ('"MONEY"', "€15.00"), (None, "€15.00")]
)
def test_the_first_alternative_whose_when_holds_is_taken(sent: Sent, kind: str | None, text: str) -> None:
    assert sent(COUPON, kind=kind, value="15") == text


def test_a_later_alternative_is_not_looked_at(sent: Sent) -> None:
    rule = '[{when: "k == \'A\'", type: text, from: a}, {when: "l > `1`", type: text, from: b}, {type: text, from: c}]'
    assert sent(rule, k='"A"', a='"a"', l='"no number"', b="5", c="null") == "a"


def test_an_alternative_that_is_taken_and_absent_is_absent(refusal: Refusal) -> None:
    rule = "[{when: \"k == 'A'\", type: text, from: a}, {type: text, from: b}]"
    assert refusal(rule, k='"A"', b='"b"') == ("MF704", "expected a value, got none")


@pytest.mark.parametrize(("last", "sends"), [("absent: none", "none"), ("absent: ''", "")])
def test_where_no_when_holds_the_last_alternative_says_what_is_sent(sent: Sent, last: str, sends: str) -> None:
    rule = f"[{{when: \"k == 'A'\", type: text, from: a}}, {{when: \"k == 'B'\", type: text, from: b, {last}}}]"
    assert sent(rule, k='"C"', a='"a"', b='"b"') == sends


def test_where_no_when_holds_and_the_last_is_nullable_null_is_sent(sent: Sent) -> None:
    rule = "[{when: \"k == 'A'\", type: integer, from: a}, {when: \"k == 'B'\", type: integer | null, from: b}]"
    assert sent(rule, k='"C"', a="1", b="2") is None
    assert sent(rule, k='"B"', a="1", b="2") == N("2")


def test_where_no_when_holds_and_the_last_is_omitted_the_key_is_left_out(sent: Sent) -> None:
    rule = "x: [{when: \"k == 'A'\", type: text, from: a}, {when: \"k == 'B'\", type: text, from: a, absent: omit}]"
    assert sent(rule, k='"C"', a='"a"') == {}


def test_a_when_of_another_type_is_a_fault_of_the_attribute(refusal: Refusal) -> None:
    rule = "[{when: k, type: text, from: a}, {type: text, from: b}]"
    assert refusal(rule, k='"A"', b='"b"') == ("MF705", "expected a boolean, got a string")


def test_the_same_path_may_have_a_type_in_each_alternative(sent: Sent) -> None:
    rule = "[{when: \"k == 'A'\", type: text, from: v}, {type: decimal, as: text, from: v}]"
    assert (sent(rule, k='"A"', v='"x"'), sent(rule, k='"B"', v="1.50")) == ("x", "1.50")
