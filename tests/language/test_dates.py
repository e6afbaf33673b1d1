"""Dates: what date and datetime take, what zone and locale they are written in, and what is sent without a format."""

from __future__ import annotations

import pytest

from tests.language.acme import SOURCE, entry_yaml, raw_event, vendor_yaml
from tests.language.conftest import MappedBy, Refusal, Sent

NO_ZONE = vendor_yaml(source="{event: type, id: id, time: at, locale: {constant: en-US}}")
GERMAN = vendor_yaml(source=SOURCE.replace("{constant: en-US}", "{constant: de-DE}"))
LOCALE_OF_EVENT = vendor_yaml(source=SOURCE.replace("{constant: en-US}", "lang"))


def test_date_takes_yyyy_mm_dd(sent: Sent) -> None:
    assert sent("{type: date}", x='"2026-03-31"') == "2026-03-31"


@pytest.mark.parametrize(
    "raw", ['"20260331"', '"2026-W13-2"', '"2026-02-30"', '"31.03.2026"', '"2026-03-31T00:00:00Z"', '""']
)
def test_date_takes_nothing_else(refusal: Refusal, raw: str) -> None:
    assert refusal("{type: date}", x=raw) == ("MF705", "expected a date as YYYY-MM-DD, got a string that is not one")


@pytest.mark.parametrize(
    ("raw", "instant"),
    [
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"),
        ("2026-03-01t12:00:00.999999999z", "2026-03-01T12:00:00Z"),
        ("2026-03-01T23:30:00-02:00", "2026-03-02T01:30:00Z"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
    ],
)
def test_datetime_takes_rfc_3339_and_sends_utc_to_the_second(sent: Sent, raw: str, instant: str) -> None:
    assert sent("{type: datetime}", x=f'"{raw}"') == instant


@pytest.mark.parametrize(
    "raw", ["2026-03-01", "2026-03-01T12", "2026-03-01T24:00:00Z", "2026-02-30T00:00:00Z", "yesterday", ""]
)
def test_datetime_takes_no_other_text(refusal: Refusal, raw: str) -> None:
    expected = ("MF705", "expected a date and time as in RFC 3339, got a string that is not one")
    assert refusal("{type: datetime}", x=f'"{raw}"') == expected


def test_datetime_without_an_offset_is_in_the_zone(sent: Sent) -> None:
    assert sent("{type: datetime}", x='"2026-07-01T12:00:00"') == "2026-07-01T10:00:00Z"


def test_datetime_without_an_offset_needs_a_zone(refusal: Refusal) -> None:
    expected = ("MF705", "expected a date and time with an offset, got one without")
    assert refusal("{type: datetime}", vendor=NO_ZONE, x='"2026-07-01T12:00:00"') == expected
    assert refusal("{type: datetime}", zone=None, x='"2026-07-01T12:00:00"') == expected


def test_an_offset_needs_no_zone(sent: Sent) -> None:
    assert sent("{type: datetime}", zone=None, x='"2026-07-01T12:00:00Z"') == "2026-07-01T12:00:00Z"


def test_an_attributes_own_zone_goes_before_the_vendors(sent: Sent) -> None:
    rule = "{type: datetime, from: d, zone: {constant: America/New_York}}"
    assert sent(rule, d='"2026-07-01T12:00:00"') == "2026-07-01T16:00:00Z"


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", "March 1, 2026"), ("Asia/Tokyo", "March 2, 2026"), ("America/New_York", "March 1, 2026")]
)
def test_the_day_of_an_instant_depends_on_where(sent: Sent, zone: str, day: str) -> None:
    rule = '{type: datetime, from: d, format: "MMMM d, yyyy"}'
    assert sent(rule, d='"2026-03-01T20:00:00Z"', zone=f'"{zone}"') == day


@pytest.mark.parametrize(("zone", "got"), [(None, "null"), ("5", "a number"), ('"Mars/Olympus"', "an unknown name")])
def test_a_format_needs_a_zone(refusal: Refusal, zone: str | None, got: str) -> None:
    rule = '{type: datetime, format: "d MMM", zone: z}'
    expected = ("MF705", f"expected the name of a time zone, got {got}")
    assert refusal(rule, x='"2026-03-01T20:00:00Z"', z=zone) == expected


def test_a_zone_is_asked_for_only_where_the_time_has_no_offset(mapped: MappedBy) -> None:
    events = entry_yaml('x: {type: datetime, format: "d MMM"}\ny: datetime')
    result = mapped(events, raw_event(x='"2026-03-01T20:00:00Z"', y='"2026-03-01T20:00:00+01:00"', zone="5"))
    assert [fault.attribute for fault in result.faults] == ["x"]


def test_a_zone_is_not_asked_for_where_there_is_no_date(sent: Sent) -> None:
    rule = '{type: datetime, from: d, format: "d MMM", absent: Never}'
    assert sent(rule, zone=None) == "Never"


def test_a_date_has_no_zone(sent: Sent) -> None:
    assert sent('{type: date, format: "EEEE, d MMMM yyyy"}', x='"2026-03-01"', zone=None) == "Sunday, 1 March 2026"


def test_the_locale_decides_the_words(sent: Sent) -> None:
    assert sent('{type: date, format: "d. MMMM yyyy"}', vendor=GERMAN, x='"2026-03-01"') == "1. März 2026"


def test_the_locale_may_come_with_the_event(sent: Sent) -> None:
    rules = 'd: {type: date, format: "MMMM"}\nt: {type: datetime, format: "MMMM"}\np: {type: decimal, as: percent}'
    raw = {"d": '"2026-03-01"', "t": '"2026-03-01T00:00:00Z"', "p": "1.5"}
    assert sent(rules, vendor=LOCALE_OF_EVENT, lang='"de"', **raw) == {"d": "März", "t": "März", "p": "1,5\xa0%"}


@pytest.mark.parametrize(("lang", "got"), [(None, "none"), ("5", "a number")])
def test_a_locale_that_is_no_text_is_a_fault(refusal: Refusal, lang: str | None, got: str) -> None:
    expected = ("MF705", f"expected a locale, got {got}")
    assert refusal('{type: date, format: "MMMM"}', vendor=LOCALE_OF_EVENT, x='"2026-03-01"', lang=lang) == expected


@pytest.mark.parametrize(
    ("unit", "raw"),
    [("epoch_seconds", "1772323200"), ("epoch_seconds", "1772323200.0"), ("epoch_milliseconds", "1772323200999")],
)
def test_epoch_input_is_a_whole_number(sent: Sent, unit: str, raw: str) -> None:
    assert sent(f"{{type: datetime, input: {unit}}}", x=raw) == "2026-03-01T00:00:00Z"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ('"1772323200"', "expected an integer, got a string"),
        ("1.5", "expected an integer, got a number with a fraction"),
        ("1e40", "expected a time in the years 1 to 9999, got one beyond"),
    ],
)
def test_epoch_input_takes_nothing_else(refusal: Refusal, raw: str, reason: str) -> None:
    assert refusal("{type: datetime, input: epoch_seconds}", x=raw) == ("MF705", reason)


def test_input_may_be_a_pattern(sent: Sent) -> None:
    rules = "a: {type: datetime, input: 'dd.MM.yyyy HH:mm'}\nb: {type: date, input: 'd/M/yyyy', format: 'MMM d'}"
    assert sent(rules, a='"01.03.2026 12:30"', b='"1/3/2026"') == {"a": "2026-03-01T11:30:00Z", "b": "Mar 1"}


def test_a_text_that_is_not_of_the_pattern_is_a_fault(refusal: Refusal) -> None:
    expected = ("MF705", "expected a date and time as dd.MM.yyyy, got a string that is not one")
    assert refusal("{type: datetime, input: dd.MM.yyyy}", x='"2026-03-01"') == expected


@pytest.mark.parametrize("raw", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_instant_beyond_the_years_1_to_9999_is_a_fault(refusal: Refusal, raw: str) -> None:
    expected = ("MF705", "expected a time in the years 1 to 9999, got one beyond")
    assert refusal("{type: datetime}", x=f'"{raw}"') == expected
