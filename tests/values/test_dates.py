"""Dates: which texts and numbers are days and instants, in which zone, and what is written of them."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Callable, Iterator
from importlib import resources
from itertools import product
from pathlib import Path

import msgspec
import pytest
from babel.dates import PATTERN_CHARS, format_date, format_datetime
from babel.localedata import locale_identifiers
from hypothesis import example, given
from hypothesis import strategies as st

from mapforge.values.dates import (
    Field,
    Kind,
    Spoken,
    date,
    date_pattern_parser,
    datetime_,
    epoch_milliseconds,
    epoch_seconds,
    epoch_text,
    formatter,
    in_zone,
    instant,
    instant_text,
    local,
    moment,
    pattern_parser,
    spoken,
    tell,
    zone,
)
from mapforge.values.numbers import decimal
from mapforge.values.refused import Refused

BERLIN = zone("Europe/Berlin")
A_DATE = "a date as YYYY-MM-DD"
A_DATETIME = "a date and time as in RFC 3339"
NO_DATE = "a string that is not one"

zone_names = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"])
moments = st.datetimes(dt.datetime(2, 1, 1), dt.datetime(9998, 12, 31), timezones=zone_names.map(zone))


def refusal(call: Callable[..., object], *values: object) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        call(*values)
    assert caught.value.code == "MF705"
    return caught.value.expected, caught.value.got


# ── days ──


def test_a_date_is_a_real_day() -> None:
    assert [date("2027-03-31"), date("0001-01-01"), date("2028-02-29")] == [
        dt.date(2027, 3, 31),
        dt.date(1, 1, 1),
        dt.date(2028, 2, 29),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20270331",
        "2027-W13-3",
        "2027-090",
        "2027-3-31",
        "2027-02-29",
        "2027-13-01",
        "0000-00-00",
        "0000-01-01",
        "2027-03-31 ",
        "2027-03-31\n",
        "2027-03-31T00:00:00Z",
        "31.03.2027",
        "2027-03-3١",
        "２027-03-31",
        "+027-03-31",
    ],
)
def test_any_other_text_is_not_a_date(text: str) -> None:
    assert refusal(date, text) == (A_DATE, NO_DATE)


@pytest.mark.parametrize(
    ("value", "got"), [(20270331, "a number"), (None, "null"), (True, "a boolean"), ({}, "an object")]
)
def test_another_type_is_neither_date_nor_datetime_nor_zone(value: object, got: str) -> None:
    assert refusal(date, value) == (A_DATE, got)
    assert refusal(datetime_, value, BERLIN) == (A_DATETIME, got)
    assert refusal(zone, value) == ("the name of a time zone", got)


@given(st.text("0123456789-W", min_size=8, max_size=10) | st.dates().map(str))
def test_a_date_is_taken_exactly_when_it_writes_itself_so(text: str) -> None:
    try:
        taken = date(text)
    except Refused:
        assert not re.fullmatch(r"(?!0000)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])", text)
    else:
        assert taken.isoformat() == text


# ── zones ──


def test_every_zone_of_tzdata_is_known_by_its_name() -> None:
    names = set(resources.files("tzdata").joinpath("zones").read_text("ascii").split()) - {"Factory"}
    assert {zone(name).key for name in names} == names


@pytest.mark.parametrize(
    "name",
    [
        "",
        "localtime",
        "Factory",
        "posixrules",
        "europe/berlin",
        "Europe",
        "Europe/",
        "Europe/Berlin ",
        "Europe\\Berlin",
        "../etc/passwd",
        "/etc/localtime",
        "Europe/../Europe/Berlin",
        "Mars/Olympus",
        "CEST",
        "+02:00",
        "a\0b",
        "zones",
    ],
)
def test_an_unknown_zone_is_refused(name: str) -> None:
    assert refusal(zone, name) == ("the name of a time zone", "an unknown name")


def test_a_zone_does_not_depend_on_the_machine(tmp_path: Path) -> None:
    (tmp_path / "Pacific").mkdir()
    wrong = resources.files("tzdata").joinpath("zoneinfo", "Etc", "GMT+5").read_bytes()
    (tmp_path / "Pacific" / "Chatham").write_bytes(wrong)
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([tmp_path])
    try:
        offset = dt.datetime(2027, 1, 1, tzinfo=zone("Pacific/Chatham")).utcoffset()
    finally:
        zoneinfo.reset_tzpath(before)
    assert offset == dt.timedelta(hours=13, minutes=45)


def test_an_instant_beyond_the_clock_of_a_zone_is_refused() -> None:
    first = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
    assert in_zone(first, BERLIN).year == 1
    assert refusal(in_zone, first, zone("America/New_York")) == ("a time in the years 1 to 9999", "one beyond")


# ── RFC 3339 ──


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("2027-03-31T10:11:12Z", "2027-03-31T10:11:12+00:00"),
        ("2027-03-31t10:11:12z", "2027-03-31T10:11:12+00:00"),
        ("2027-03-31T10:11:12+02:00", "2027-03-31T10:11:12+02:00"),
        ("2027-03-31T10:11:12-00:00", "2027-03-31T10:11:12+00:00"),
        ("2027-03-31T10:11:12-23:59", "2027-03-31T10:11:12-23:59"),
        ("2027-03-31T10:11:12.5Z", "2027-03-31T10:11:12.500000+00:00"),
        ("2027-03-31T10:11:12.123456789z", "2027-03-31T10:11:12.123456+00:00"),
        ("2027-03-31T10:11:12.000000000000000000000001+05:30", "2027-03-31T10:11:12+05:30"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_rfc_3339_is_taken(text: str, taken: str) -> None:
    assert datetime_(text, None).isoformat() == taken


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2027-03-31",
        "2027-03-31T10:11",
        "2027-03-31T10:11Z",
        "2027-03-31 10:11:12Z",
        "2027-03-31_10:11:12Z",
        "20270331T101112Z",
        "2027-W13-3T10:11:12Z",
        "2027-090T10:11:12Z",
        "27-03-31T10:11:12Z",
        "2027-03-31T10:11:12,5Z",
        "2027-03-31T10:11:12.Z",
        "2027-03-31T10:11:12+02",
        "2027-03-31T10:11:12+0200",
        "2027-03-31T10:11:12+02:00:00",
        "2027-03-31T10:11:12+01:60",
        "2027-03-31T10:11:12+24:00",
        "2027-03-31T24:00:00Z",
        "2027-03-31T10:60:12Z",
        "2027-03-31T10:11:60Z",
        "2027-02-29T10:11:12Z",
        "0000-01-01T10:11:12Z",
        "2027-03-31T10:11:12 Z",
        "2027-03-31T10:11:12Z\n",
        "2027-03-31T10:11:12ZZ",
        "2027-03-31T1٠:11:12Z",
        "2027-03-31T10:11:12.٥Z",
        "2027-03-31T10:11:12−02:00",
        "2027-03-31\ud80010:11:12Z",
        "2027-03-31T-1:11:12Z",
        "tomorrow",
    ],
)
def test_any_other_text_is_not_a_datetime(text: str) -> None:
    assert refusal(datetime_, text, None) == (A_DATETIME, NO_DATE)


RFC_3339 = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt](?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.(?P<fraction>[0-9]+))?(?P<offset>[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def by_the_book(text: str) -> dt.datetime | None:
    """RFC 3339 read by its grammar and strptime, slowly."""
    found = RFC_3339.fullmatch(text)
    if found is None or found["day"].startswith("0000") or found["time"].endswith("60"):
        return None
    fraction = (found["fraction"] or "")[:6].ljust(6, "0")
    try:
        return dt.datetime.strptime(
            f"{found['day']}T{found['time']}.{fraction}{found['offset'].upper()}", "%Y-%m-%dT%H:%M:%S.%f%z"
        )
    except ValueError:
        return None


written = st.builds(
    lambda moment, fraction, offset: (
        moment.strftime("%Y").zfill(4) + moment.strftime("-%m-%dT%H:%M:%S") + fraction + offset
    ),
    st.datetimes(),
    st.from_regex(r"(\.[0-9]{1,9})?", fullmatch=True),
    st.sampled_from(["Z", "z", ""]) | st.from_regex(r"[+-][0-2][0-9]:[0-6][0-9]", fullmatch=True),
)
damaged = st.builds(
    lambda text, at, more, cut: text[:at] + more + text[at + cut :],
    written,
    st.integers(0, 30),
    st.sampled_from(["", "0", "9", "-", ":", "+", "T", "W", "Z", ".", " ", "٣"]),
    st.integers(0, 3),
)


@example("2000-01-01T00:00:Z")
@example("2000-01-01T00:00:0Z")
@given(written | damaged)
def test_a_datetime_is_what_rfc_3339_says(text: str) -> None:
    expected = by_the_book(text)
    if expected is None:
        assert refusal(datetime_, text, None)[0] in (A_DATETIME, "a date and time with an offset")
        assert refusal(instant, text, None)
    else:
        taken = datetime_(text, None)
        assert (taken, taken.utcoffset()) == (expected, expected.utcoffset())


@given(moments)
def test_instant_is_the_instant_text_of_the_datetime(moment: dt.datetime) -> None:
    for text in (moment.isoformat(), moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")):
        if by_the_book(text) is not None:  # zones of old had seconds in their offsets
            assert instant(text, None) == instant_text(datetime_(text, None)) == instant_text(moment)


def test_a_text_without_an_offset_is_local_time_of_its_zone() -> None:
    assert datetime_("2027-07-01T12:00:00", BERLIN) == dt.datetime(2027, 7, 1, 10, tzinfo=dt.UTC)
    assert instant("2027-01-01T00:30:00.9", "Europe/Berlin") == "2026-12-31T23:30:00Z"


def test_an_offset_in_the_text_goes_before_the_zone() -> None:
    assert instant("2027-07-01T12:00:00Z", "Europe/Berlin") == "2027-07-01T12:00:00Z"


def test_a_text_without_an_offset_or_a_zone_is_refused() -> None:
    assert refusal(datetime_, "2027-07-01T12:00:00", None) == ("a date and time with an offset", "one without")


def test_a_local_time_that_comes_twice_is_the_first() -> None:
    assert instant("2027-10-31T02:30:00", "Europe/Berlin") == "2027-10-31T00:30:00Z"


def test_a_local_time_that_the_clock_skips_has_the_offset_before_the_change() -> None:
    assert instant("2027-03-28T02:30:00", "Europe/Berlin") == "2027-03-28T01:30:00Z"


@pytest.mark.parametrize("text", ["2027-07-01T24:00:00Z", "2027-07-01T24:00:00.5Z", "2027-07-01T15:21:03.123456xZ"])
def test_what_some_pythons_read_and_rfc_3339_does_not_know_is_refused(text: str) -> None:
    assert [refusal(datetime_, text, BERLIN), refusal(instant, text, "UTC")] == [(A_DATETIME, NO_DATE)] * 2


@given(
    written | damaged | moments.map(dt.datetime.isoformat) | st.none(),
    st.sampled_from(["Europe/Berlin", "Mars", None, 5]),
)
def test_a_local_clock_is_the_moment_s_in_the_zone(text: object, name: object) -> None:
    def both(call: Callable[[], dt.datetime]) -> tuple[object, ...]:
        try:
            there = call()
            return there, there.tzinfo
        except Refused as refused:
            return refused.expected, refused.got

    assert both(lambda: local(text, name)) == both(lambda: in_zone(moment(text, name), zone(name)))


# ── epochs ──


def test_seconds_and_milliseconds_count_from_1970() -> None:
    expected = dt.datetime(2027, 3, 31, 10, 11, 12, tzinfo=dt.UTC)
    assert [epoch_seconds(1806487872), epoch_seconds(decimal("1806487872.0"))] == [expected, expected]
    assert epoch_milliseconds(1806487872123) == expected.replace(microsecond=123000)


def test_the_first_and_the_last_second_can_be_told() -> None:
    texts = [instant_text(epoch_seconds(seconds)) for seconds in (-62135596800, -1, 0, 253402300799)]
    assert texts == ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
    assert epoch_milliseconds(-62135596800000).isoformat() == "0001-01-01T00:00:00+00:00"
    assert epoch_milliseconds(253402300799999).isoformat() == "9999-12-31T23:59:59.999000+00:00"


@pytest.mark.parametrize("seconds", [-62135596801, 253402300800, 10**18, -(10**40)])
def test_an_epoch_beyond_the_years_1_to_9999_is_refused(seconds: int) -> None:
    assert refusal(epoch_seconds, seconds) == ("a time in the years 1 to 9999", "one beyond")
    assert refusal(epoch_milliseconds, seconds * 1000) == ("a time in the years 1 to 9999", "one beyond")


@pytest.mark.parametrize(
    ("value", "got"), [("1806487872", "a string"), (decimal("1.5"), "a number with a fraction"), (True, "a boolean")]
)
def test_an_epoch_is_an_integer(value: object, got: str) -> None:
    assert [refusal(epoch_seconds, value), refusal(epoch_milliseconds, value)] == [("an integer", got)] * 2


@given(st.integers(-62135596802, 253402300802) | st.integers() | st.sampled_from([decimal("5.0"), "5", True, None]))
def test_the_text_of_an_epoch_is_the_instant_s(value: object) -> None:
    def said(call: Callable[[], str]) -> object:
        try:
            return call()
        except Refused as refused:
            return refused.expected, refused.got, refused.code

    assert said(lambda: epoch_text(1)(value)) == said(lambda: instant_text(epoch_seconds(value)))
    assert said(lambda: epoch_text(1000)(value)) == said(lambda: instant_text(epoch_milliseconds(value)))


@given(st.integers(-62135596800, 253402300799))
def test_an_instant_text_reads_back_as_its_epoch(seconds: int) -> None:
    moment = epoch_seconds(seconds)
    assert datetime_(instant_text(moment), None) == moment == epoch_milliseconds(seconds * 1000)


def test_an_instant_text_is_cut_to_the_second() -> None:
    assert instant_text(dt.datetime(987, 6, 5, 4, 3, 2, 999999, tzinfo=dt.UTC)) == "0987-06-05T04:03:02Z"


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-00:01"])
def test_an_offset_that_leaves_the_years_is_refused(text: str) -> None:
    assert refusal(instant_text, datetime_(text, None)) == ("a time in the years 1 to 9999", "one beyond")


# ── input patterns ──


@pytest.mark.parametrize(
    ("pattern", "text", "taken"),
    [
        ("dd.MM.yyyy HH:mm", "31.03.2027 10:11", "2027-03-31T10:11:00+02:00"),
        ("d/M/yyyy H:mm:ss", "1/2/2027 7:08:09", "2027-02-01T07:08:09+01:00"),
        ("d/M/yyyy H:mm:ss", "01/02/2027 07:08:09", "2027-02-01T07:08:09+01:00"),
        ("yyyyMMdd'T'HHmmssXXX", "20270331T101112Z", "2027-03-31T10:11:12+00:00"),
        ("yyyy-MM-dd HH:mm:ss.SSSXXX", "2027-03-31 10:11:12.125-05:00", "2027-03-31T10:11:12.125000-05:00"),
        ("yyyy-MM-dd HH:mm:ss.SSSSSSSSS", "2027-03-31 10:11:12.123456789", "2027-03-31T10:11:12.123456+02:00"),
        ("'o''clock' HH, ''yyyy-MM-dd''", "o'clock 10, '2027-03-31'", "2027-03-31T10:00:00+02:00"),
        ("yyyy-MM-dd", "2027-03-31", "2027-03-31T00:00:00+02:00"),
        ("(dd.MM.yyyy)", "(31.03.2027)", "2027-03-31T00:00:00+02:00"),
    ],
)
def test_a_pattern_reads_a_datetime(pattern: str, text: str, taken: str) -> None:
    assert pattern_parser(pattern)(text, BERLIN).isoformat() == taken


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31.3.2027 10:11",
        "31.03.2027 10:11 ",
        "31.03.2027 10:11\n",
        "30.02.2027 10:11",
        "31x03x2027 10:11",
        "31.03.2027 24:00",
        "31.03.2027 10:60",
        "31.03.0000 10:11",
        "3١.03.2027 10:11",
        "31.03.2027 10:11:12",
    ],
)
def test_a_text_of_another_pattern_is_refused(text: str) -> None:
    parse = pattern_parser("dd.MM.yyyy HH:mm")
    assert refusal(parse, text, BERLIN) == ("a date and time as dd.MM.yyyy HH:mm", NO_DATE)


def test_a_pattern_without_an_offset_needs_a_zone() -> None:
    parse = pattern_parser("dd.MM.yyyy")
    assert refusal(parse, "31.03.2027", None) == ("a date and time with an offset", "one without")


def test_an_offset_of_a_pattern_is_one_of_rfc_3339() -> None:
    parse = pattern_parser("yyyy-MM-ddXXX")
    assert refusal(parse, "2027-03-31+01:60", None) == ("a date and time as yyyy-MM-ddXXX", NO_DATE)


def test_a_pattern_reads_a_day() -> None:
    parse = date_pattern_parser("d/M/yyyy")
    assert [parse("31/3/2027"), parse("01/02/2027")] == [dt.date(2027, 3, 31), dt.date(2027, 2, 1)]
    assert refusal(parse, "31/2/2027") == ("a date as d/M/yyyy", NO_DATE)
    assert refusal(parse, "2027-02-28") == ("a date as d/M/yyyy", NO_DATE)


def test_a_number_is_not_a_text_of_a_pattern() -> None:
    assert refusal(pattern_parser("yyyyMMdd"), 20270331, BERLIN) == ("a date and time as yyyyMMdd", "a number")
    assert refusal(date_pattern_parser("yyyyMMdd"), 20270331) == ("a date as yyyyMMdd", "a number")


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("yy-MM-dd", "the field `yy` cannot be read from a text"),
        ("MMMM d, yyyy", "the field `MMMM` cannot be read from a text"),
        ("yyyy-MM-ddTHH:mm", "the field `T` cannot be read from a text"),
        ("yyyy-MM-dd hh:mm a", "the field `hh` cannot be read from a text"),
        ("yyyy-MM-dd'T", "a quote in the pattern is never closed"),
        ("MM-dd", "the pattern does not say the year"),
        ("yyyy-dd", "the pattern does not say the month"),
        ("", "the pattern does not say the year"),
        ("yyyy-MM-dd M", "the pattern says a part of the date twice"),
        ("dMyyyy", "a field of one or two digits is followed by another digit"),
        ("yyyy-MM-d'1'", "a field of one or two digits is followed by another digit"),
    ],
)
def test_a_pattern_that_cannot_be_read_by_is_an_error(pattern: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        pattern_parser(pattern)


def test_a_pattern_of_days_has_no_time() -> None:
    with pytest.raises(ValueError, match=r"^the field `HH` cannot be read from a text$"):
        date_pattern_parser("yyyy-MM-dd HH")


@given(moments, st.sampled_from(["dd.MM.yyyy HH:mm:ss", "d/M/yyyy H:mm:ss", "yyyyMMdd'T'HHmmss", "M-d-yyyy 'h'H"]))
def test_what_a_format_writes_its_pattern_reads(moment: dt.datetime, pattern: str) -> None:
    text = formatter(pattern, "en", "datetime")(moment)
    again = pattern_parser(pattern)(text, zone("UTC"))
    assert formatter(pattern, "en", "datetime")(again) == text
    assert again.replace(tzinfo=None, minute=0, second=0, microsecond=0) == moment.replace(
        tzinfo=None, minute=0, second=0, microsecond=0, fold=0
    )


# ── formats ──

DAYS = [dt.date(2027, 3, 31), dt.date(2024, 2, 29), dt.date(987, 12, 1), dt.date(2026, 11, 8)]
MOMENTS = [
    dt.datetime(2027, 3, 31, 0, 5, 9, 123456, tzinfo=BERLIN),
    dt.datetime(2024, 12, 31, 13, 45, 0, tzinfo=zone("America/New_York")),
    dt.datetime(2026, 8, 2, 12, 0, 59, tzinfo=zone("UTC")),
]
DAY_PATTERNS = [
    "MMMM d, yyyy",
    "EEEE, d. MMM yy",
    "dd/MM/y",
    "EEE ''yy MMMMM",
    "d 'de' MMMM 'de' yyyy",
    "M/LLLL/ccc G",
    "",
]
TIME_PATTERNS = ["yyyy-MM-dd HH:mm:ss", "h:mm a", "d MMM, hh 'o''clock' a", "H'h'm s", "100% d%s %(d)s {0} zzzz"]


def told(pattern: str, value: dt.date, locale: str) -> str:
    if isinstance(value, dt.datetime):
        return format_datetime(value, pattern, tzinfo=value.tzinfo, locale=locale)
    return format_date(value, pattern, locale=locale)


def differences(patterns: list[str], values: list[dt.date], kind: Kind) -> list[tuple[str, str, str, str]]:
    found = []
    for locale, pattern in product(locale_identifiers(), patterns):
        write = formatter(pattern, locale, kind)
        for value in values:
            ours, babels = write(value), told(pattern, value, locale)
            if ours != babels:
                found.append((locale, pattern, ours, babels))
    return found


def test_what_a_build_brings_is_what_was_read() -> None:
    for locale in ("en-US", "de", "ar", "zh_Hant"):
        known = [spoken(pattern, locale, "datetime") for pattern in (*DAY_PATTERNS, *TIME_PATTERNS)]
        assert msgspec.json.decode(msgspec.json.encode(known), type=list[Spoken]) == known


def test_what_is_told_of_a_format_goes_before_babel() -> None:
    tell("MMM d", "en-XY", "date", Spoken("<", (Field("MMM", "/", tuple("abcdefghijkl")), Field("d", ">", "2"))))
    assert formatter("MMM d", "en-XY", "date")(dt.date(2027, 3, 4)) == "<c/04>"
    tell("MMM d", "en-XY", "date", Spoken("", (Field("d", " of ", "1"), Field("MMM", "", tuple("ABCDEFGHIJKL")))))
    assert formatter("MMM d", "en-XY", "date")(dt.date(2027, 3, 4)) == "4 of C"


def test_a_day_is_written_as_babel_writes_it_in_every_locale() -> None:
    assert differences(DAY_PATTERNS, [*DAYS], "date") == []


def test_a_moment_is_written_as_babel_writes_it_in_every_locale() -> None:
    assert differences(["MMMM d, yyyy", *TIME_PATTERNS], [*MOMENTS], "datetime") == []


def every_field() -> Iterator[str]:
    for letter, count in product(PATTERN_CHARS, range(1, 8)):
        yield letter * count


@pytest.mark.parametrize("locale", ["en-US", "de", "ar-EG", "zh-Hant-TW", "fi"])
def test_every_field_is_babels_or_an_error_before_the_first_event(locale: str) -> None:
    moments = [*MOMENTS, dt.datetime(2027, 1, 1, tzinfo=dt.UTC)]  # some locales have no word for midnight
    for field in every_field():
        try:
            expected = [told(field, moment, locale.replace("-", "_")) for moment in moments]
            written = expected != ["None"] * len(expected)
        except (KeyError, ValueError):
            written = False
        if written:
            assert [formatter(field, locale, "datetime")(moment) for moment in moments] == expected
        else:
            with pytest.raises(ValueError, match=r"cannot be written|Invalid length"):
                formatter(field, locale, "datetime")


@given(
    moments,
    st.sampled_from(["en", "de_CH", "th", "ar", "he", "ja"]),
    st.lists(st.sampled_from("yMdEahHms"), max_size=5),
)
def test_any_moment_in_common_fields_is_babels(moment: dt.datetime, locale: str, letters: list[str]) -> None:
    pattern = " ".join(letter * 2 for letter in letters)
    assert formatter(pattern, locale, "datetime")(moment) == told(pattern, moment, locale)


def test_a_format_tells_the_day_of_the_zone_that_the_moment_stands_in() -> None:
    write = formatter("MMMM d, yyyy", "en-US", "datetime")
    moment = datetime_("2027-03-31T23:30:00Z", None)
    assert [write(moment), write(in_zone(moment, BERLIN))] == ["March 31, 2027", "April 1, 2027"]


def test_a_day_that_a_field_cannot_tell_is_refused() -> None:
    assert refusal(formatter("w", "en-US", "date"), dt.date(9999, 12, 31)) == (
        "a date that its format can write",
        "one it cannot",
    )


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("yyyy-MM-ddTHH", "the pattern has the unknown field `T`"),
        ("MMM n", "the pattern has the unknown field `n`"),
        ("jj", "the pattern has the unknown field `jj`"),
        ("g", "the field `g` cannot be written in en"),
        ("MMMMMM", "Invalid length for field: 'MMMMMM'"),
        ("d 'de", "a quote in the pattern is never closed"),
        ("d ''de' M", "a quote in the pattern is never closed"),
    ],
)
def test_a_pattern_that_cannot_be_written_by_is_an_error(pattern: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        formatter(pattern, "en", "datetime")


@pytest.mark.parametrize("field", ["HH", "h", "a", "mm", "ss", "SSS", "zzzz", "XXX", "B"])
def test_a_day_has_no_time_to_write(field: str) -> None:
    with pytest.raises(ValueError, match=f"^the field `{field}` is of a time, and a date has none$"):
        formatter(f"d {field}", "en", "date")


def test_an_unknown_locale_has_no_format() -> None:
    assert refusal(formatter, "d", "xx-YY", "date") == ("the name of a locale", "an unknown name")
