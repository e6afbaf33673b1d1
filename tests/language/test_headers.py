"""Headers: a vendor may say the name, the id and the time of an event there, in any case."""

from __future__ import annotations

import pytest

from tests.language.acme import N, entry_yaml, raw_event, vendor_yaml
from tests.language.conftest import MappedBy

SOURCE = "{event: {header: X-Topic}, id: {header: x-Event-Id}, time: {header: X-AT}}"
VENDOR = vendor_yaml(source=SOURCE)
HEADERS = {"X-Topic": "order", "X-Event-Id": "e1", "X-At": "2026-03-01T12:00:00Z", "Other": "x"}
EVENTS = entry_yaml("x: integer") + '"*": {keep: bag}\n'
RAW = raw_event(type='"something else"', id="null", at="null", x="5")


@pytest.mark.parametrize("case", [str, str.lower, str.upper])
def test_headers_are_found_in_any_case(mapped: MappedBy, case: type[str]) -> None:
    headers = {case(name): value for name, value in HEADERS.items()}
    result = mapped(EVENTS, RAW, vendor=VENDOR, headers=headers)
    payload = result.payload()
    assert (payload.event, payload.unique_id, payload.time) == ("order", "e1", "2026-03-01T12:00:00Z")
    assert result.properties() == {"x": N("5")}


def test_another_name_in_the_header_is_another_event(mapped: MappedBy) -> None:
    result = mapped(EVENTS, RAW, vendor=VENDOR, headers={**HEADERS, "X-Topic": "cart"})
    assert result.entries == [("*", "klaviyo")]


def test_a_missing_header_for_the_name_is_a_fault(mapped: MappedBy) -> None:
    result = mapped(EVENTS, RAW, vendor=VENDOR)
    assert result.reasons == [("MF704", "expected the raw event's name at header x-topic, got none")]


def test_a_missing_header_for_id_and_time_is_a_fault_each(mapped: MappedBy) -> None:
    result = mapped(EVENTS, RAW, vendor=VENDOR, headers={"x-topic": "order"})
    assert [(fault.code, fault.attribute, fault.path, fault.place) for fault in result.faults] == [
        ("MF704", "id", "header x-event-id", "acme: source.id"),
        ("MF704", "time", "header x-at", "acme: source.time"),
    ]


def test_a_time_in_a_header_is_read_as_any_time(mapped: MappedBy) -> None:
    result = mapped(EVENTS, RAW, vendor=VENDOR, headers={**HEADERS, "X-At": "yesterday"})
    assert [(fault.attribute, fault.got) for fault in result.faults] == [("time", "a string that is not one")]


def test_the_name_may_be_told_where_neither_body_nor_headers_hold_it(mapped: MappedBy) -> None:
    result = mapped(EVENTS, RAW, vendor=VENDOR, headers=HEADERS, event="order")
    assert result.entries == [("Order", "klaviyo")]


@pytest.mark.parametrize(
    ("source", "at"), [("{from: at, input: epoch_seconds}", "1772366400"), ("at", '"2026-03-01T12:00:00Z"')]
)
def test_the_time_of_the_body_may_be_an_epoch(mapped: MappedBy, source: str, at: str) -> None:
    vendor = vendor_yaml(source=f"{{event: type, id: id, time: {source}}}")
    assert mapped(EVENTS, raw_event(at=at, x="5"), vendor=vendor).payload().time == "2026-03-01T12:00:00Z"


@pytest.mark.parametrize(("raw", "sent"), [('"evt/1"', "evt/1"), ("47", "47")])
def test_an_id_is_a_text_or_an_integer(mapped: MappedBy, raw: str, sent: str) -> None:
    vendor = vendor_yaml(source="{event: type, id: id, time: at}")
    assert mapped(EVENTS, raw_event(id=raw, x="5"), vendor=vendor).payload().unique_id == sent
