"""What is compiled gives the answers and the errors of the Python that it stands for, whatever the value is."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mapforge.platforms import metafields
from mapforge.values import dates, identity, money, numbers, quick, scalars, wire
from mapforge.values.refused import Refused

# CI demands the extension in a step of its own; elsewhere a machine may have no C compiler.
compiled: Any = pytest.importorskip("mapforge.values._quick", exc_type=ImportError)

EXAMPLES = max(2_000, settings().max_examples)
many = settings(max_examples=EXAMPLES)

characters = st.one_of(
    st.sampled_from("09azAZ.-+:TtZz@/?#_ \t\n\x00\x1c\x1f\x7f\x85\xa0é\u2028٣😀\"'{}"),
    st.characters(),
)


def outcome(call: Callable[..., Any], *given: Any) -> object:
    """What comes of it, and its type: an equal bool is no text."""
    try:
        made = call(*given)
    except (Refused, TypeError, UnicodeError) as error:
        return type(error), str(error) if isinstance(error, Refused) else None
    return type(made), made


def broken(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Texts, and the same with a character too few, too many or another."""

    @st.composite
    def one(draw: st.DrawFn) -> str:
        text = draw(texts)
        at = draw(st.integers(0, len(text)))
        return text[:at] + draw(st.just("") | characters) + text[at + draw(st.integers(0, 1)) :]

    return texts | one() | st.text(characters, max_size=40)


others = st.none() | st.booleans() | st.integers() | st.decimals() | st.lists(st.text())

# ── texts ──

urls = st.builds(
    "{}://{}{}".format,
    st.sampled_from(["http", "https", "HTTPS", "ftp", "httpx"]),
    st.sampled_from(["a", "shop.example", "[::1]", "ü.example", "", "1"]),
    st.sampled_from(["", "/", "/a b", "/é", "?q=1#x", ":8080/x%20y"]),
)


@many
@given(broken(urls) | others)
@example("https:///x")
@example("https://a")
@example("http://a")
@example("http://")
@example("https://a\x1cb")
@example("https://a\x7fb")
@example("https://a\u2003b")
def test_a_url(value: object) -> None:
    assert outcome(compiled.url, value) == outcome(scalars.url, value)


labels = st.text("ab1-", min_size=1, max_size=5) | st.sampled_from(["a" * 63, "a" * 64, "a-b", "-a", "a-", ""])
addresses = st.builds(
    lambda name, domain: f"{name}@{'.'.join(domain)}",
    st.text("a1.!#$%&'*+/=?^_`{|}~-@é ", max_size=8) | st.just("a" * 200),
    st.lists(labels, max_size=4),
)


@many
@given(broken(addresses))
@example("a@b.c")
@example("a@b")
@example("a@b.")
@example("a@.b")
@example("@b.c")
@example("a@b@c.d")
@example(f"{'a' * 250}@b.c")
@example(f"{'a' * 251}@b.c")
def test_an_address(text: str) -> None:
    assert compiled.valid_email(text) is identity.valid_email(text)


phones = st.builds("{}{}".format, st.sampled_from(["+", "", "00", "+0"]), st.text("0123456789", max_size=17))


@many
@given(broken(phones))
@example("+1234567")
@example("+123456")
@example("+123456789012345")
@example("+1234567890123456")
@example("+٣234567890")
def test_a_phone_number(text: str) -> None:
    assert compiled.valid_phone(text) is identity.valid_phone(text)


customers = st.builds(
    "{}{}".format, st.sampled_from(["gid://shopify/Customer/", "", "gid://shopify/Order/"]), st.integers()
)


@many
@given(broken(customers))
@example("gid://shopify/Customer/")
@example("gid://shopify/Customer/12345678901234567890")
@example("gid://shopify/Customer/123456789012345678901")
@example("12345678901234567890")
@example("123456789012345678901")
@example("٣")
def test_a_customer_s_global_id(text: str) -> None:
    assert compiled.customer_gid(text) == identity.customer_gid(text)


@many
@given(st.text(), st.text())
def test_an_id_made_of_a_name(prefix: str, name: str) -> None:
    made = identity.uuid5_of(prefix)(name)
    assert (compiled.uuid5_of(prefix)(name), made) == (made, str(uuid.uuid5(uuid.NAMESPACE_URL, prefix + name)))


@many
@given(st.lists(st.tuples(st.text(max_size=2), st.integers(0, 4), st.none() | st.text(max_size=5)), max_size=4))
@example([])
@example([("email", 3, None), ("phone", 3, "+12")])
@example([("email", 3, "a@b"), ("phone", 3, "+123")])
@example([("email", 0, "")])
def test_who_somebody_is(rows: list[tuple[str, int, str | None]]) -> None:
    def named(key_of: Callable[..., Any]) -> object:
        try:
            return key_of(*((name, most) for name, most, _ in rows))(*(value for *_, value in rows))
        except ValueError as error:
            return str(error)

    there = [(name, most, value) for name, most, value in rows if value is not None]
    wrong = [f"{name}: over {most} characters" for name, most, value in there if len(value) > most]
    expected = next(iter([*wrong, *(f"{name}:{value}" for name, _, value in there)]), "nobody")
    assert named(compiled.key_of) == named(identity.key_of) == expected


@pytest.mark.parametrize("name", ["valid_email", "valid_phone", "customer_gid"])
@pytest.mark.parametrize("value", [None, 5, b"a@b.c", ["a@b.c"]])
def test_what_is_no_text_is_neither(name: str, value: object) -> None:
    with pytest.raises(TypeError):
        getattr(compiled, name)(value)
    with pytest.raises((AttributeError, TypeError)):
        getattr(identity, name)(value)


utf8 = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=20).map(str.encode),
    st.builds(lambda *parts: b"".join(parts), st.binary(max_size=9), st.text(max_size=9).map(str.encode)),
)


@many
@given(utf8)
@example(b"\xc0\x80")
@example(b"\xc1\xbf")
@example(b"\xe0\x9f\xbf")
@example(b"\xed\xa0\x80")
@example(b"\xef\xbf\xbf")
@example(b"\xf0\x8f\xbf\xbf")
@example(b"\xf4\x8f\xbf\xbf")
@example(b"\xf4\x90\x80\x80")
@example(b"\xf5\x80\x80\x80")
@example(b"12345678\xc3")
@example(b"1234567\xc3\xa9")
def test_utf_8(body: bytes) -> None:
    assert outcome(compiled.check_utf8, body) == outcome(wire.check_utf8, body)


def test_every_sequence_of_two_bytes_and_what_may_follow_it_is_judged_as_python_does() -> None:
    ends = (b"", b"\x80", b"\xbf", b"\xc0", b"\x80\x80", b"\xbf\xbf", b"\x80\x80\x80", b"a", b"\x80a")
    bodies = [bytes((first, second)) + end for first in range(256) for second in range(256) for end in ends]
    assert [b for b in bodies if outcome(compiled.check_utf8, b) != outcome(wire.check_utf8, b)] == []


# ── numbers ──


@many
@given(
    st.integers() | st.integers(-(10**16), 10**16) | others | st.sampled_from([Decimal("12.5"), "12", "1e2"]),
    st.integers(-8, 8),
)
@example(0, -2)
@example(5, -2)
@example(-5, -2)
@example(-100, -2)
@example(10**15 - 1, -6)
@example(10**15, -6)
@example(-(10**15), 0)
@example(True, -2)
def test_a_number_whose_point_is_moved(value: object, places: int) -> None:
    def sent(call: Callable[..., Any]) -> object:
        return outcome(lambda: wire.encode(call(places)(value)))

    assert sent(compiled.scaled_as_sent) == sent(numbers.scaled_as_sent)


amounts = st.one_of(
    st.integers(-(10**16), 10**16).map(lambda cents: Decimal(cents).scaleb(-2)),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9),
    st.integers(),
    st.sampled_from([10**5000, Decimal("-0.00"), Decimal("-0.009"), Decimal("1E+3"), Decimal("NaN"), Decimal("1E-60")]),
    broken(st.sampled_from(["1234567.891", "-0.5", "999", "1000", "-1000.00", "1e3", "007", "٣"])),
    others,
)
writers = st.sampled_from(
    [
        *(money.money_text(*named) for named in (("en-US", "USD"), ("de", "EUR"), ("en-IN", "INR"), ("fr", "XOF"))),
        *map(money.percent_text, ("en-US", "es", "ar")),
        numbers.plain,
    ]
)


@many
@given(amounts, writers, st.none() | st.integers(0, 9), st.sampled_from(sorted(numbers.MODES)))
@example(1234567, money.money_text("en-IN", "INR"), 2, "down")
@example("-1234567.899", money.money_text("de", "EUR"), 2, "down")
@example("-0.001", money.money_text("en-US", "USD"), 2, "down")
@example(Decimal("999.5"), money.money_text("en-US", "USD"), 0, "half_up")
def test_a_written_number(value: object, write: Callable[[Decimal], str], places: int | None, mode: str) -> None:
    number = numbers.decimal if places is None else numbers.rounded(mode, places)
    given = number, write, places, mode == "down"
    assert outcome(compiled.number_text(*given), value) == outcome(money.number_text(*given), value)


# ── objects and lists ──

values = st.recursive(
    st.none()
    | st.booleans()
    | st.text(max_size=3)
    | st.integers()
    | st.sampled_from([2**63 - 1, 2**63, -(2**63), -(2**63) - 1])
    | st.sampled_from([Decimal(text) for text in ("1.5", "0.0", "-0", "1E+2", "NaN", "1E-80", "9" * 51)]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@many
@given(st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=2), values, max_size=4), st.integers(1, 5))
def test_what_is_plain(value: Any, levels: int) -> None:
    assert compiled.is_plain(value, levels) is wire.is_plain(value, levels)


@many
@given(
    st.dictionaries(st.text("abc", max_size=2), values, max_size=5),
    st.frozensets(st.text("abc", max_size=2), max_size=3),
    st.integers(1, 4),
)
def test_an_object_without_some_of_its_members(value: Any, without: frozenset[str], levels: int) -> None:
    made = compiled.plain_members(value, without, levels)
    by_python = wire.plain_members(value, without, levels)
    assert (made, made is value) == (by_python, by_python is value)
    assert made is None or list(made) == [name for name in value if name not in without]


# ── pieces of JSON ──

pieces = broken(st.sampled_from(["", "1234567", "12345678", "jane.doe@shop.example", "2027-03-31T10:00:00Z"])).map(
    lambda text: text.encode(errors="replace").decode()  # without surrogates, as JSON is decoded
)


@many
@given(st.lists(st.tuples(st.binary(max_size=4), pieces | st.binary(max_size=4)), max_size=6), st.binary(max_size=4))
def test_values_between_constants(rows: list[tuple[bytes, str | bytes]], last: bytes) -> None:
    constants, values = [*(constant for constant, _ in rows), last], [value for _, value in rows]
    made = compiled.filler(*constants)(*values)
    assert made == wire.filler(*constants)(*values)
    assert made == b"".join(
        constant + (value if isinstance(value, bytes) else wire.encode(value))
        for constant, value in zip(constants, [*values, b""], strict=True)
    )


def test_every_character_stands_in_a_text_between_constants_as_json_has_it() -> None:
    filled = compiled.filler(b"", b"")
    for text in map(chr, [*range(0xD800), *range(0xE000, 0x11000), 0x1F600]):
        for at in (0, 3, 7, 8, 12):
            whole = f"{'-' * at}{text}{'-' * (12 - at)}"
            assert filled(whole) == wire.encode(whole)
        assert filled(text) == wire.encode(text)


@pytest.mark.parametrize("value", [None, 5, Decimal("1.50"), ["a"], {"a": "b"}])
def test_what_is_neither_a_text_nor_json_is_written_as_json(value: object) -> None:
    assert compiled.filler(b"<", b">")(value) == b"<" + wire.encode(value) + b">" == wire.filler(b"<", b">")(value)


@pytest.mark.parametrize("constants", [("a",), (b"a", "b"), (b"a", None), (1, b"a")])
def test_constants_are_bytes(constants: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        compiled.filler(*constants)
    with pytest.raises(TypeError):
        compiled.written_list(b"", b"", [("date", constant, wire.encode) for constant in constants])


@pytest.mark.parametrize("of", [compiled.filler, wire.filler])
@pytest.mark.parametrize("values", [(), (b"1",), (b"1", b"2", b"3")])
def test_there_is_a_value_for_each_place(of: Callable[..., Any], values: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match=r"values for 2"):
        of(b"a", b"b", b"c")(*values)


@many
@given(st.dictionaries(st.text("az_é ", max_size=3), st.none() | pieces, max_size=4))
def test_an_object_of_texts(named: dict[str, str | None]) -> None:
    made = compiled.texts_object(*named)(*named.values())
    assert made == wire.texts_object(*named)(*named.values())
    assert msgspec.json.decode(made) == {name: text for name, text in named.items() if text is not None}


@many
@given(
    st.dictionaries(
        st.text("az_é ", max_size=3),
        pieces | st.sampled_from([None, msgspec.UNSET, 0, True, Decimal("1.50"), ["a"], {"a": None}]),
        max_size=4,
    )
)
def test_members_of_an_object(named: dict[str, Any]) -> None:
    made = compiled.members_of(*named)(*named.values())
    assert made == wire.members_of(*named)(*named.values())
    there = {name: value for name, value in named.items() if value is not msgspec.UNSET}
    assert made == b"".join(wire.encode({name: value})[1:-1] + b"," for name, value in there.items())


@pytest.mark.parametrize("of", [compiled.texts_object, wire.texts_object, compiled.members_of, wire.members_of])
@pytest.mark.parametrize("values", [(), ("1",), ("1", None, "3")])
def test_there_is_a_value_for_each_name(of: Callable[..., Any], values: tuple[str | None, ...]) -> None:
    with pytest.raises(ValueError, match=r"values for 2"):
        of("a", "b")(*values)


KINDS = ("date", "date_time", "url", "single_line_text_field", "number_integer", "number_decimal", "json", "boolean")
shown = st.one_of(
    broken(st.sampled_from(["2027-03-31", "2027-03-31T10:00:00Z", "https://a.example/b?c=d", "two words", '"', "\\"])),
    st.sampled_from([None, msgspec.UNSET, "", 0, False, True, Decimal("0"), Decimal("1.50"), [], {}, ["a"], {"a": 1}]),
    st.integers() | st.sampled_from([2**53 - 1, 2**53, -(2**53) + 1, -(2**53)]),
    st.sampled_from(["a" * 2048, "a" * 2049, "a" * 16_384, "a" * 16_385]),
)


@many
@given(st.lists(st.tuples(st.sampled_from(KINDS), shown), max_size=5))
def test_the_texts_of_metafields(rows: list[tuple[str, Any]]) -> None:
    def writer(kind: str) -> Callable[[Any], bytes]:
        text_of = metafields.text_of(kind)
        return lambda value: wire.encode(text_of(value))

    given = [(kind, f" {at} ".encode(), writer(kind)) for at, (kind, _) in enumerate(rows)]
    shown = tuple(value for _, value in rows)
    by_c, by_python = (of(b"<", b">", given) for of in (compiled.written_list, wire.written_list))
    assert outcome(by_c, b"who", shown) == outcome(by_python, b"who", shown)


def test_there_is_a_value_for_each_metafield() -> None:
    for of in (compiled.written_list, wire.written_list):
        with pytest.raises(ValueError, match=r"rows|zip"):
            of(b"", b"", [("date", b"", wire.encode)])(b"", ())


# ── times ──

clocks = st.datetimes() | st.sampled_from(
    [
        dt.datetime(1, 1, 1),
        dt.datetime(9999, 12, 31, 23, 59, 59, 999999),
        dt.datetime(2028, 2, 29),
        dt.datetime(2100, 2, 28),
    ]
)
offsets = st.sampled_from(["Z", "z", "", "+00:00", "-00:00", "+05:30", "-11:59", "+23:59", "-23:59", "+24:00", "+0100"])
fractions = st.sampled_from(["", ".", ".5", ".123456", ".1234567", ".999999999999"])
moments = st.builds(
    lambda clock, fraction, offset, sign: f"{clock.isoformat()[:19].replace('T', sign)}{fraction}{offset}",
    clocks,
    fractions,
    offsets,
    st.sampled_from("TTTt "),
)
zones = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC", "No/where", None, 5]
)
of_the_calendar = st.builds(
    "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format,
    st.sampled_from([0, 1, 1900, 2000, 2027, 2028, 9999]),
    st.integers(0, 13),
    st.integers(0, 32),
    st.integers(0, 25),
    st.sampled_from([0, 59, 60]),
    st.sampled_from([0, 59, 60]),
)


@many
@given(broken(moments | of_the_calendar) | others, zones)
@example("9999-12-31T23:59:59-00:01", None)
@example("0001-01-01T00:00:00+00:01", None)
@example("2027-03-01T00:00:00+00:01", None)
@example("2027-12-31T23:59:59-00:01", None)
def test_an_instant(value: object, zone: object) -> None:
    assert outcome(compiled.instant, value, zone) == outcome(dates.instant, value, zone)


@many
@given(broken(clocks.map(lambda at: at.date().isoformat()) | of_the_calendar.map(lambda text: text[:10])) | others)
@example("2028-02-29")
@example("2027-02-29")
@example("0000-01-01")
@example("2027-13-01")
@example("٢027-01-01")
def test_a_day(value: object) -> None:
    assert outcome(compiled.day_text, value) == outcome(dates.day_text, value)


SECONDS = int((dt.datetime.max.replace(tzinfo=dt.UTC) - dates.EPOCH).total_seconds())


@many
@given(
    st.integers(-SECONDS, 2 * SECONDS) | st.integers() | others | st.sampled_from([Decimal("1e3"), Decimal("1.5")]),
    st.sampled_from([1, 1000]),
)
@example(0, 1)
@example(-1, 1)
@example(999, 1000)
@example(SECONDS, 1)
@example(SECONDS + 1, 1)
@example(SECONDS * 1000 + 999, 1000)
@example((SECONDS + 1) * 1000, 1000)
def test_an_epoch(value: object, a_second: int) -> None:
    made = outcome(compiled.epoch_text(a_second), value)
    assert made == outcome(compiled.epoch_text(a_second), value, "Europe/Berlin")
    assert made == outcome(dates.epoch_text(a_second), value)


def test_every_day_of_the_years_is_told() -> None:
    by_c, by_python = (of(1) for of in (compiled.epoch_text, dates.epoch_text))
    days = range(0, SECONDS, 86_400)
    assert [day for day in days if by_c(day + 86_399) != by_python(day + 86_399)] == []


@many
@given(broken(moments | of_the_calendar) | others, zones)
@example("2027-10-31T02:30:00", "Europe/Berlin")
@example("2027-10-31T01:30:00Z", "Europe/Berlin")
@example("2027-03-28T02:30:00", "Europe/Berlin")
@example("0001-01-01T00:00:00Z", "America/New_York")
@example("9999-12-31T23:59:59Z", "Asia/Kolkata")
@example("0001-01-01T00:00:00", "America/New_York")
def test_a_local_time(value: object, zone: object) -> None:
    def told(call: Callable[..., dt.datetime]) -> object:
        try:
            made = call(value, zone)
        except Refused as refused:
            return str(refused)
        return made.isoformat(), made.fold, made.tzinfo, made.utcoffset()

    if type(zone) is str and zone != "No/where":
        dates.zone(zone)  # known from here on, as it is after the first event
    assert told(compiled.local) == told(dates.local)
    assert told(compiled.local_text(lambda at: at)) == told(dates.local)


def test_a_zone_is_found_that_nobody_asked_for_before() -> None:
    dates.zones.clear()
    made = compiled.local("2027-03-31T10:00:00Z", "Asia/Tokyo")
    assert (made.isoformat(), list(dates.zones)) == ("2027-03-31T19:00:00+09:00", ["Asia/Tokyo"])


class Said(dict[Any, str]):
    def __missing__(self, key: Any) -> str:
        return f"<{key}>"


moments_or_days = st.datetimes(timezones=st.just(dt.UTC)) | st.dates()
days_at_hand = st.dates(dt.date(2028, 2, 27), dt.date(2028, 3, 2))


@many
@given(
    st.lists(moments_or_days | days_at_hand, min_size=1, max_size=5),
    st.lists(st.sampled_from(list(dates.READS)), max_size=9),
)
def test_what_is_written_of_dates(values: list[dt.date], names: list[str]) -> None:
    if not all(isinstance(value, dt.datetime) for value in values):
        names = [name for name in names if name not in ("hour", "minute", "second")]
    parts = [(name, Said({7: "seven"})) for name in names]
    by_c, by_python = compiled.date_writer("on ", parts), dates.date_writer("on ", parts)
    made = [by_c(value) for value in values]
    assert made == [by_python(value) for value in values]
    assert all(text.startswith("on ") for text in made)


def test_more_days_are_written_than_are_kept() -> None:
    write = compiled.date_writer("", [("year", Said()), ("month", Said()), ("day", Said()), ("weekday", Said())])
    days = [dt.date.fromordinal(dt.date(2020, 1, 1).toordinal() + day) for day in range(2 * dates.MOST_DAYS + 1)]
    for _ in range(2):
        assert [write(day) for day in days] == [
            f"<{day.year}><{day.month}><{day.day}><{day.weekday()}>" for day in days
        ]


# ── which of both is taken ──


def test_the_environment_takes_what_is_in_python() -> None:
    program = "from mapforge.values import quick; print(quick.COMPILED, quick.url.__module__, quick.written.__module__)"
    environment = {**os.environ, "MAPFORGE_NO_EXTENSIONS": "1"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "mapforge.values.scalars", "mapforge.values.numbers"]
    assert quick.COMPILED is not bool(os.environ.get("MAPFORGE_NO_EXTENSIONS"))


def test_every_function_stands_for_one_in_python() -> None:
    names = {name for name in vars(compiled) if not name.startswith("_")}
    ours = {name for name in names if callable(getattr(compiled, name)) and name not in ("Decimal", "Raw", "UNSET")}
    assert ours == {name for name in quick.__all__ if name != "COMPILED"}
