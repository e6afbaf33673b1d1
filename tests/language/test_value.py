"""value: Klaviyo's monetary value and its currency."""

from __future__ import annotations

from typing import Any

import pytest

from tests.language.acme import BOTH, SOURCE, N, entry_yaml, raw_event, vendor_yaml
from tests.language.conftest import MappedBy

VENDOR = vendor_yaml(platforms=BOTH)


def worth(mapped: MappedBy, value: str, vendor: str = VENDOR, **raw: str | None) -> tuple[Any, Any]:
    event = mapped(entry_yaml("x: integer", f"value: {value}"), raw_event(x="1", **raw), vendor=vendor).body()
    attributes = event["data"]["attributes"]
    return attributes.get("value"), attributes.get("value_currency")


def test_value_is_beside_the_properties_with_its_currency(mapped: MappedBy) -> None:
    assert worth(mapped, "{from: v}", v="471") == (N("471"), "EUR")


def test_value_may_be_scaled_and_rounded(mapped: MappedBy) -> None:
    assert worth(mapped, "{from: v, scale: -2, round: down, places: 1}", v='"1999"') == (N("19.9"), "EUR")


def test_value_keeps_its_digits(mapped: MappedBy) -> None:
    assert worth(mapped, "{from: v}", v="1.50e-8") == (N("0.0000000150"), "EUR")


def test_value_may_have_a_currency_of_its_own(mapped: MappedBy) -> None:
    assert worth(mapped, "{from: v, currency: cur}", v="5", cur='"USD"') == (N("5"), "USD")
    assert worth(mapped, "{from: v, currency: {constant: JPY}}", v="5") == (N("5"), "JPY")


def test_value_without_a_currency_has_none(mapped: MappedBy) -> None:
    assert worth(mapped, "{from: v}", vendor_yaml(source=SOURCE.replace(", currency: currency", "")), v="5") == (
        N("5"),
        None,
    )
    assert worth(mapped, "{from: v}", v="5", currency=None) == (N("5"), None)


def test_value_is_left_out_where_absent_says_omit(mapped: MappedBy) -> None:
    assert worth(mapped, "{from: v, absent: omit}") == (None, None)


def test_omnisend_has_no_value(mapped: MappedBy) -> None:
    result = mapped(entry_yaml("", "value: {from: v}"), raw_event(v="5"), vendor=VENDOR)
    assert set(result.body("omnisend")) == {"eventName", "origin", "eventID", "eventTime", "contact", "properties"}


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ({"v": None}, "value from v: expected a value, got none"),
        ({"v": "true"}, "value from v: expected a decimal number, got a boolean"),
        (
            {"v": "5", "currency": '"euro"'},
            "value from currency: expected the code of an ISO 4217 currency, got an unknown code",
        ),
        ({"v": "5", "currency": "[]"}, "value from currency: expected a currency, got a list"),
    ],
)
def test_a_value_that_is_none_is_a_fault(mapped: MappedBy, raw: dict[str, str | None], reason: str) -> None:
    result = mapped(entry_yaml("", "value: {from: v}"), raw_event(**raw), vendor=VENDOR)
    assert ([fault.reason for fault in result.faults], result.entries) == ([reason], [])


def test_a_currency_through_a_text_is_a_fault_and_no_exception(mapped: MappedBy) -> None:
    result = mapped(entry_yaml("", "value: {from: v, currency: c.d}"), raw_event(v="5", c='"EUR"'), vendor=VENDOR)
    assert [fault.reason for fault in result.faults] == ["value from c.d: expected an object, got a string"]
