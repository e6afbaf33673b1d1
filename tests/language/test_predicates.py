"""Predicates are booleans; numbers in comparisons are decimals; what is missing is neither true nor equal."""

from __future__ import annotations

import pytest

from tests.language.conftest import Refusal, Sent

RULE = '{type: text, when: "%s", from: there, absent: "no"}'


def holds(sent: Sent, predicate: str, **raw: str | None) -> bool:
    return bool(sent(RULE % predicate, there='"yes"', **raw) == "yes")


@pytest.mark.parametrize(
    ("predicate", "raw", "expected"),
    [
        ("v == 'A'", '"A"', True),
        ("v == 'A'", '"a"', False),
        ("v == 'A'", None, False),
        ("v != 'A'", '"B"', True),
        ("v != 'A'", '"A"', False),
        ("'A' == v", '"A"', True),
        ("v == `1`", "1", True),
        ("v == `1`", "1.0", True),
        ("v == `1.10`", "1.1", True),
        ("v == `0.1`", "0.10000000000000001", False),
        ("v == `1`", "true", False),
        ("v == `true`", "true", True),
        ("v == `null`", None, True),
        ("v == `null`", "0", False),
        ("v > `10`", "9.99", False),
        ("v > `10`", "1e2", True),
        ("v >= `10`", "10.0", True),
        ("v < `0`", "-0.0", False),
        ("v <= `0`", "-0.0", True),
        ("v > `10`", None, False),
        ("v < `10`", None, False),
        ("v > `9007199254740992`", "9007199254740993", True),
        ("v", "true", True),
        ("v", "false", False),
        ("v", None, False),
        ("!v", "false", True),
        ("!v", None, True),
        ("!(v == 'A')", '"B"', True),
        ("v == 'A' || v == 'B'", '"B"', True),
        ("v == 'A' && there == 'yes'", '"A"', True),
        ("v == 'A' && there == 'no'", '"A"', False),
        ("starts_with(v, 'A')", '"AB"', True),
        ("contains(v, 'x')", '["x"]', True),
        ("length(v) > `1`", '["x"]', False),
        ("v == there", '"yes"', True),
    ],
)
def test_a_predicate_is_true_or_false(sent: Sent, predicate: str, raw: str | None, expected: bool) -> None:
    assert holds(sent, predicate, v=raw) is expected


@pytest.mark.parametrize(
    ("predicate", "raw", "reason"),
    [
        ("v", '"true"', "expected a boolean, got a string"),
        ("v", "1", "expected a boolean, got a number"),
        ("v", "0", "expected a boolean, got a number"),
        ("v", '""', "expected a boolean, got a string"),
        ("v && there == 'yes'", '""', "expected a boolean, got a string"),
        ("v > `1`", '"2"', "expected a number to compare, got a string"),
        ("v > `1`", "true", "expected a number to compare, got a boolean"),
        ("v.w == 'A'", '"A"', "expected an object, got a string"),
    ],
)
def test_a_predicate_of_another_type_is_a_fault(refusal: Refusal, predicate: str, raw: str, reason: str) -> None:
    assert refusal(RULE % predicate, there='"yes"', v=raw) == ("MF705", reason)


def test_the_right_side_is_not_looked_at_where_the_left_decides(sent: Sent) -> None:
    assert holds(sent, "v == 'A' || w.x > `1`", v='"A"', w='{"x":"text"}')
    assert not holds(sent, "v == 'A' && w.x > `1`", v='"B"', w='{"x":"text"}')


def test_0_is_not_false(sent: Sent) -> None:
    assert sent(RULE % "v == `false`", there='"yes"', v="0", slow=True) == "no"
