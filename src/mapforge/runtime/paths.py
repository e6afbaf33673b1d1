"""The steps of a path, each a function: the interpreter walks queries with them, generated code calls them.

A value is decoded JSON: dict, list, str, int, Decimal, bool or None. None is absent: missing and null are one.
A step into something absent is absent; a step into a text, a number or a boolean is Refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from mapforge.values.refused import Refused, json_type

Value = object


def key(value: Value, name: str) -> Value:
    """The member of an object."""
    return members(value).get(name)


def members(value: Value) -> dict[str, Value]:
    """The members of an object, none of what is absent."""
    if type(value) is dict:
        return value
    if value is None:
        return {}
    raise Refused("an object", json_type(value))


def keys(value: Value, names: Iterable[str]) -> Value:
    """The member of a member of an object."""
    for name in names:
        value = key(value, name)
    return value


def element(value: Value, index: int) -> Value:
    """The element of a list; beyond its ends is absent."""
    elements = _list(value)
    return elements[index] if elements is not None and -len(elements) <= index < len(elements) else None


def slice_(value: Value, start: int | None, stop: int | None, step: int | None) -> Value:
    """The part of a list."""
    elements = _list(value)
    return None if elements is None else elements[start:stop:step]


def project(value: Value, each: Callable[[Value], Value], condition: Callable[[Value], bool] | None) -> Value:
    """`each` of the elements of a list for which the condition holds; one that gives nothing is Refused."""
    elements = _list(value)
    if elements is None:
        return None
    found = [each(item) for item in elements if condition is None or condition(item)]
    if None in found:
        raise Refused("every element of the projection to be there; `each` takes what may be null", "null")
    return found


def _list(value: Value) -> list[Value] | None:
    if value is None or type(value) is list:
        return value
    raise Refused("a list", json_type(value))


def equal(left: Value, right: Value) -> bool:
    """Equality of JSON values: 1 and 1.0 are equal, 1 and true are not."""
    return left == right and (type(left) is bool) == (type(right) is bool)


def ordered(operator: str, left: Value, right: Value) -> bool:
    """A comparison of numbers by lt, lte, gt or gte; of something absent it is false."""
    if left is None or right is None:
        return False
    a, b = _number(left), _number(right)
    if operator == "lt":
        return a < b
    if operator == "lte":
        return a <= b
    return a > b if operator == "gt" else a >= b


def _number(value: Value) -> Decimal:
    if type(value) is int:
        return Decimal(value)
    if type(value) is Decimal and not value.is_nan():
        return value
    raise Refused("a number to compare", json_type(value))


def falsy(value: Value) -> bool:
    """What JMESPath takes for false: absent, false, and what is empty. 0 is true."""
    return value is None or value is False or (value in ("", [], {}) and type(value) in (str, list, dict))


def both(left: Value, right: Callable[[], Value]) -> Value:
    """The left where it is falsy, else the right."""
    return left if falsy(left) else right()


def either(left: Value, right: Callable[[], Value]) -> Value:
    """The left, or the right where it is falsy."""
    return right() if falsy(left) else left


def holds(value: Value) -> bool:
    """Whether a predicate's value is true; absent is false, and what is no boolean is Refused."""
    if value is None or type(value) is bool:
        return value is True
    raise Refused("a boolean", json_type(value))


def length(value: Value) -> Value:
    """How many characters, elements or keys."""
    if value is None:
        return None
    if isinstance(value, (str, list, dict)):
        return len(value)
    raise Refused("a text, list or object", json_type(value))


def contains(value: Value, searched: Value) -> Value:
    """Whether a list has an equal element, or a text this part."""
    if isinstance(value, list):
        return any(equal(item, searched) for item in value)
    return None if value is None or searched is None else _text(searched) in _text(value)


def starts_with(value: Value, start: Value) -> Value:
    """Whether a text begins so."""
    return None if value is None or start is None else _text(value).startswith(_text(start))


def ends_with(value: Value, end: Value) -> Value:
    """Whether a text ends so."""
    return None if value is None or end is None else _text(value).endswith(_text(end))


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    raise Refused("a text", json_type(value))


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "length": length,
    "contains": contains,
    "starts_with": starts_with,
    "ends_with": ends_with,
}
