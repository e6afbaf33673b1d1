"""The steps of a path, each by itself."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from mapforge.runtime import paths
from mapforge.values.refused import Refused

NAN = Decimal("NaN")


def refusal(call: Callable[..., Any], *values: Any) -> tuple[str, str, str]:
    with pytest.raises(Refused) as caught:
        call(*values)
    return caught.value.expected, caught.value.got, caught.value.code


def test_a_key_of_an_object_is_its_member_and_of_nothing_is_absent() -> None:
    assert [paths.key({"a": 1}, "a"), paths.key({"a": 1}, "b"), paths.key(None, "a")] == [1, None, None]


@pytest.mark.parametrize(
    ("value", "got"), [("x", "a string"), (5, "a number"), (NAN, "a number"), (True, "a boolean"), ([], "a list")]
)
def test_a_key_of_anything_else_is_refused(value: Any, got: str) -> None:
    assert refusal(paths.key, value, "a") == ("an object", got, "MF705")


def test_keys_go_down_and_no_keys_stay() -> None:
    value = {"a": {"b": 5}}
    assert [paths.keys(value, ("a", "b")), paths.keys(value, ()), paths.keys(value, ("c", "b"))] == [5, value, None]


@pytest.mark.parametrize(
    ("index", "element"), [(0, "a"), (2, "c"), (3, None), (-1, "c"), (-3, "a"), (-4, None), (2**70, None)]
)
def test_an_element_beyond_the_ends_is_absent(index: int, element: str | None) -> None:
    assert paths.element(["a", "b", "c"], index) == element


def test_an_element_of_nothing_is_absent_and_of_an_object_refused() -> None:
    assert paths.element(None, 0) is None
    assert refusal(paths.element, {}, 0) == ("a list", "an object", "MF705")


@pytest.mark.parametrize(
    ("bounds", "part"), [((None, None, None), [1, 2, 3]), ((1, None, None), [2, 3]), ((None, None, -1), [3, 2, 1])]
)
def test_a_slice_is_a_part_of_a_list(bounds: tuple[int | None, int | None, int | None], part: list[int]) -> None:
    assert paths.slice_([1, 2, 3], *bounds) == part
    assert paths.slice_(None, *bounds) is None


def test_a_projection_takes_what_its_condition_holds_for() -> None:
    assert paths.project([1, 2, 3], lambda item: item, lambda item: item != 2) == [1, 3]
    assert paths.project(None, lambda item: item, None) is None
    assert paths.project([], lambda item: item, None) == []


def test_a_projection_that_gives_nothing_for_an_element_is_refused() -> None:
    expected = "every element of the projection to be there; `each` takes what may be null"
    assert refusal(paths.project, [1], lambda item: None, None) == (expected, "null", "MF705")


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1, Decimal("1.0"), True),
        (1, True, False),
        (0, False, False),
        (True, True, True),
        (None, None, True),
        (None, False, False),
        ("1", 1, False),
        ([1], [Decimal("1.00")], True),
        (NAN, NAN, False),
        ("", None, False),
    ],
)
def test_equality_is_that_of_json_values(left: Any, right: Any, same: bool) -> None:
    assert paths.equal(left, right) is paths.equal(right, left) is same


@pytest.mark.parametrize(
    ("operator", "expected"), [("lt", [True, False, False]), ("lte", [True, True, False]), ("gt", [False, False, True])]
)
def test_numbers_are_ordered_as_decimals(operator: str, expected: list[bool]) -> None:
    assert [paths.ordered(operator, Decimal(text), 2**60) for text in ("1", str(2**60), f"{2**60}.1")] == expected
    assert paths.ordered("gte", 2, Decimal("2.0"))


def test_the_order_of_something_absent_is_false_and_of_no_number_refused() -> None:
    assert not paths.ordered("lt", None, 5)
    assert not paths.ordered("gt", 5, None)
    assert refusal(paths.ordered, "lt", "1", 5) == ("a number to compare", "a string", "MF705")
    assert refusal(paths.ordered, "lt", 5, NAN) == ("a number to compare", "a number", "MF705")


@pytest.mark.parametrize("value", [None, False, "", [], {}])
def test_what_is_absent_false_or_empty_is_falsy(value: Any) -> None:
    assert paths.falsy(value)
    assert paths.both(value, lambda: pytest.fail("looked at")) == value
    assert paths.either(value, lambda: "right") == "right"


@pytest.mark.parametrize("value", [0, Decimal(0), NAN, True, " ", [None], {"": None}])
def test_0_is_true_and_so_is_all_else(value: Any) -> None:
    assert not paths.falsy(value)
    assert paths.both(value, lambda: "right") == "right"
    assert paths.either(value, lambda: pytest.fail("looked at")) is value


def test_a_predicate_holds_where_it_is_true_and_nowhere_else() -> None:
    assert [paths.holds(True), paths.holds(False), paths.holds(None)] == [True, False, False]
    assert refusal(paths.holds, 1) == ("a boolean", "a number", "MF705")
    assert refusal(paths.holds, "") == ("a boolean", "a string", "MF705")


def test_the_functions_take_what_they_are_for() -> None:
    lengths: list[tuple[paths.Value, int | None]] = [("äö", 2), ([1], 1), ({}, 0), (None, None)]
    assert all(paths.length(value) == length for value, length in lengths)
    assert [paths.contains([1, "a"], item) for item in (Decimal("1.0"), True, None)] == [True, False, False]
    assert [paths.contains("abc", "b"), paths.contains(None, "b"), paths.contains("abc", None)] == [True, None, None]
    assert [paths.starts_with("abc", "ab"), paths.ends_with("abc", "ab"), paths.ends_with(None, "")] == [
        True,
        False,
        None,
    ]


@pytest.mark.parametrize("name", sorted(paths.FUNCTIONS))
def test_the_functions_refuse_all_else(name: str) -> None:
    values = (5,) if name == "length" else (5, "a")
    expected = "a text, list or object" if name == "length" else "a text"
    assert refusal(paths.FUNCTIONS[name], *values) == (expected, "a number", "MF705")
