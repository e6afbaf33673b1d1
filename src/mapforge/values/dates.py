"""Raw dates and times to days and aware instants, and those to the text that is sent, in UTC or in a locale's words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from mapforge.values.locales import load
from mapforge.values.numbers import integer
from mapforge.values.refused import Refused, json_type

if TYPE_CHECKING:
    from babel import Locale

Kind = Literal["date", "datetime"]

A_DATE = "a date as YYYY-MM-DD"
A_DATETIME = "a date and time as in RFC 3339"

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_SECOND = dt.timedelta(seconds=1)
_FIRST = (dt.datetime.min.replace(tzinfo=dt.UTC) - EPOCH) // _SECOND
_LAST = (dt.datetime.max.replace(tzinfo=dt.UTC) - EPOCH) // _SECOND

_day = dt.date.fromisoformat
_moment = dt.datetime.fromisoformat
# RFC 3339, the offset at will. fromisoformat takes more, as 20270331 and week dates.
_is_moment = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(?:\.[0-9]++)?+(?:Z|(z)|[+-][0-9]{2}:[0-5][0-9])?+"
).fullmatch


def date(value: object) -> dt.date:
    """A day, from text that is exactly YYYY-MM-DD."""
    if type(value) is not str:
        raise Refused(A_DATE, json_type(value))
    # fromisoformat takes 20270331 and 2027-W13-3 too.
    if len(value) == 10 and value[4] == value[7] == "-":
        try:
            return _day(value)
        except ValueError:
            pass
    raise Refused(A_DATE, "a string that is not one")


def day_text(value: object) -> str:
    """YYYY-MM-DD of `date`: the text itself, once that is known to be a day."""
    date(value)
    return value  # type: ignore[return-value]


def zone(name: object) -> ZoneInfo:
    """The time zone of an IANA name such as Europe/Berlin, spelled as there.

    It comes from the tzdata package and never from the machine, so that a mapping writes the same day everywhere.
    """
    if type(name) is not str:
        raise Refused("the name of a time zone", json_type(name))
    found = zones.get(name)
    return _zone(name) if found is None else found


def in_zone(value: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """An aware instant on the clock of a zone; refused where that clock would leave the years 1 to 9999."""
    try:
        return value.astimezone(zone)
    except OverflowError:
        raise _beyond() from None


def datetime_(value: object, zone: ZoneInfo | None) -> dt.datetime:
    """An aware instant, from RFC 3339 text; digits beyond the microsecond are dropped, a leap second (:60) is refused.

    Text without an offset is local time in `zone`, and refused where that is None. A local time that comes twice, at
    the end of summer time, is the first of the two; one that the clock skips is read with the offset before the
    change (PEP 495 with fold=0).
    """
    moment = _read(value)
    return moment if moment.tzinfo is not None else _placed(moment, zone)


def _placed(moment: dt.datetime, zone: ZoneInfo | None) -> dt.datetime:
    """A local time in its zone."""
    if zone is None:
        raise Refused("a date and time with an offset", "one without")
    return moment.replace(tzinfo=zone)


def _read(value: object) -> dt.datetime:
    """A moment, aware where the text has an offset."""
    if type(value) is not str:
        raise Refused(A_DATETIME, json_type(value))
    found = _is_moment(value)
    if found is not None:
        try:
            return _moment(value if found[1] is None else value[:-1] + "Z")
        except ValueError:
            pass
    raise Refused(A_DATETIME, "a string that is not one")


def epoch_seconds(value: object) -> dt.datetime:
    """An instant in UTC, from a whole number of seconds since 1970, in the years 1 to 9999."""
    seconds = integer(value)
    if _FIRST <= seconds <= _LAST:
        return EPOCH + dt.timedelta(seconds=seconds)
    raise _beyond()


def epoch_milliseconds(value: object) -> dt.datetime:
    """An instant in UTC, from a whole number of milliseconds since 1970, in the years 1 to 9999."""
    milliseconds = integer(value)
    if _FIRST * 1000 <= milliseconds < (_LAST + 1) * 1000:
        return EPOCH + dt.timedelta(milliseconds=milliseconds)
    raise _beyond()


def instant_text(value: dt.datetime) -> str:
    """YYYY-MM-DDTHH:MM:SSZ of an aware instant, in UTC, cut to the second; refused outside the years 1 to 9999."""
    since = value - EPOCH
    return _instant_text(since.days, since.seconds)


def epoch_text(a_second: int) -> Callable[..., str]:
    """`instant_text` of `epoch_seconds`, or of `epoch_milliseconds` where a second is 1000, without a datetime.

    It is asked without a zone, or with one, which says nothing here.
    """

    def text(value: Any, zone_name: object = None) -> str:
        days, seconds = divmod((value if type(value) is int else integer(value)) // a_second, 86_400)
        return _instant_text(days, seconds)

    return text


def _instant_text(days: int, seconds: int) -> str:
    """The text of so many days since 1970, and seconds of a day."""
    return f"{_day_text(days)}T{_MINUTES[seconds // 60]}:{_TWO_DIGITS[seconds % 60]}Z"


_TWO_DIGITS = tuple(f"{number:02}" for number in range(60))
_MINUTES = tuple(f"{hour}:{minute}" for hour in _TWO_DIGITS[:24] for minute in _TWO_DIGITS)


@lru_cache(maxsize=4096)
def _day_text(days: int) -> str:
    """YYYY-MM-DD of so many days since 1970; refused outside the years 1 to 9999."""
    try:
        return (EPOCH.date() + dt.timedelta(days=days)).isoformat()
    except OverflowError:
        raise _beyond() from None


def instant(value: object, zone_name: object = None) -> str:
    """`instant_text` of `datetime_`, faster where the text is in UTC already, as most are.

    zone_name: the IANA name of a zone, looked up only for text without an offset.
    """
    if type(value) is str and _is_utc(value):
        try:
            _moment(value)
            return value if len(value) == 20 else value[:19] + "Z"
        except ValueError:
            pass
    return instant_text(moment(value, zone_name))


def _is_utc(text: str) -> bool:
    """Whether it has the signs of 2026-03-31T10:00:00Z, a fraction at will, so that what is left to read are digits."""
    signs = text[4:20:3]
    if signs == "--T::.":
        digits = text[20:-1]
        return text[-1] == "Z" and digits.isdigit() and digits.isascii() and (text[11] != "2" or text[12] < "4")
    return signs == "--T::Z" and len(text) == 20 and (text[11] != "2" or text[12] < "4")


def local(value: object, zone_name: object) -> dt.datetime:
    """`moment` on the clock of the zone of that name, which must be one; refused where `zone` or `in_zone` refuse."""
    there = zones.get(zone_name) if type(zone_name) is str else None
    if there is not None and type(value) is str and _is_utc(value):
        try:
            return _moment(value).astimezone(there)
        except (ValueError, OverflowError):
            pass
    return in_zone(moment(value, zone_name), zone(zone_name))


def moment(value: object, zone_name: object) -> dt.datetime:
    """`datetime_`, with the zone by its name, which is looked up only for text without an offset."""
    moment = _read(value)
    if moment.tzinfo is not None:
        return moment
    return _placed(moment, None if zone_name is None else zone(zone_name))


def pattern_parser(pattern: str) -> Callable[[object, ZoneInfo | None], dt.datetime]:
    """A parser of date and time texts such as `dd.MM.yyyy HH:mm`, with the offset and zone rules of `datetime_`.

    pattern: yyyy, MM or M, dd or d, and at will HH or H, mm, ss, S… (a digit each), XXX (Z or ±HH:MM), each once;
    other letters stand in 'quotes'. What is not told is 0. ValueError on any other pattern.
    """
    find = _compiled(pattern, _FIELDS)
    expected = f"a date and time as {pattern}"

    def parse(value: object, zone: ZoneInfo | None) -> dt.datetime:
        found = find(value) if type(value) is str else None
        if found is None:
            raise _not_as(expected, value)
        try:
            return datetime_(_ISO_MOMENT.format_map({**_UNTOLD, **found.groupdict()}), zone)
        except Refused as refused:
            raise _not_as(expected, value) if refused.expected == A_DATETIME else refused from None

    return parse


def date_pattern_parser(pattern: str) -> Callable[[object], dt.date]:
    """A parser of day texts such as `d/M/yyyy`: yyyy, MM or M, dd or d, each once. ValueError on any other pattern."""
    find = _compiled(pattern, _DAY_FIELDS)
    expected = f"a date as {pattern}"

    def parse(value: object) -> dt.date:
        found = find(value) if type(value) is str else None
        if found is None:
            raise _not_as(expected, value)
        try:
            return _day(_ISO_DAY.format_map(found.groupdict()))
        except ValueError:
            raise _not_as(expected, value) from None

    return parse


Form = Literal["1", "2", "3", "4", "5", "last two", "of 12", "of 12, two"]


class Field(msgspec.Struct, frozen=True, array_like=True):
    """A field of a format, the text that follows it, and how it is written.

    written: the form of its number; or its text for each month, weekday or whatever decides it, in their order; or
    None, where it takes Babel and the whole date to tell.
    """

    field: str
    literal: str
    written: Form | tuple[str, ...] | None


class Spoken(msgspec.Struct, frozen=True, array_like=True):
    """A format in a locale's words: the text before the first field, and the fields."""

    lead: str
    fields: tuple[Field, ...]


_told: dict[tuple[str, str, Kind], Spoken] = {}


def spoken(pattern: str, locale: str, kind: Kind) -> Spoken:
    """What Babel knows of a CLDR date pattern such as `MMMM d, yyyy` in a locale.

    ValueError on an unknown field, an open quote or a time field for a date; Refused on an unknown locale.
    """
    known = load(locale)
    lead, fields = _split(pattern)
    return Spoken(lead, tuple(Field(field, literal, _written(field, known, kind)) for field, literal in fields))


def tell(pattern: str, locale: str, kind: Kind, known: Spoken) -> None:
    """Take what `spoken` gave, of a build, in place of asking Babel. The build that was loaded last is heard."""
    if _told.get((pattern, locale, kind)) != known:
        _told[pattern, locale, kind] = known
        formatter.cache_clear()


@lru_cache(maxsize=1024)
def formatter(pattern: str, locale: str, kind: Kind) -> Callable[[dt.date], str]:
    """A writer of days or of aware datetimes, which stand in their zone already, in a locale's words.

    The text is that of Babel's format_date or format_datetime. Raises what `spoken` raises.
    """
    from mapforge.values.quick import date_writer

    known = _told.get((pattern, locale, kind)) or spoken(pattern, locale, kind)
    return date_writer(known.lead, [_part(field, locale) for field in known.fields])


def date_writer(lead: str, parts: Sequence[tuple[str, Mapping[Any, str]]]) -> Callable[[dt.date], str]:
    """A writer of a text, and after it of a text for each part: a name of READS, and what is written for what it is."""
    read = [(READS[name], table) for name, table in parts]

    def write(value: dt.date) -> str:
        return lead + "".join([table[of(value)] for of, table in read])

    if not {name for name, _ in parts} <= OF_A_DAY:
        return write
    of_day = lru_cache(maxsize=MOST_DAYS)(lambda day: write(dt.date.fromordinal(day)))
    return lambda value: of_day(value.toordinal())


def local_text(write: Callable[[dt.datetime], str]) -> Callable[[object, object], str]:
    """What a writer of aware datetimes makes of `local`."""
    return lambda value, zone_name: write(local(value, zone_name))


def _beyond() -> Refused:
    return Refused("a time in the years 1 to 9999", "one beyond")


def _not_as(expected: str, value: object) -> Refused:
    return Refused(expected, "a string that is not one" if type(value) is str else json_type(value))


@cache
def _zone_names() -> frozenset[str]:
    from importlib import resources

    # Factory is the zone of machines that nobody has set.
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("ascii").split()) - {"Factory"}


# The zones that were asked for, by their names.
zones: dict[str, ZoneInfo] = {}


def _zone(name: str) -> ZoneInfo:
    from importlib import resources

    if name not in _zone_names():
        raise Refused("the name of a time zone", "an unknown name")
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        found = zones[name] = ZoneInfo.from_file(file, key=name)
    return found


# The CLDR fields a text is read by: the part of a date that each tells, and what its text matches.
_FIELDS = {
    "yyyy": "(?P<year>[0-9]{4})",
    "MM": "(?P<month>[0-9]{2})",
    "M": "(?P<month>[0-9]{1,2})",
    "dd": "(?P<day>[0-9]{2})",
    "d": "(?P<day>[0-9]{1,2})",
    "HH": "(?P<hour>[0-9]{2})",
    "H": "(?P<hour>[0-9]{1,2})",
    "mm": "(?P<minute>[0-9]{2})",
    "ss": "(?P<second>[0-9]{2})",
    "S": "(?P<fraction>[0-9]{%d})",
    "XXX": "(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})",
}
_DAY_FIELDS = frozenset(("yyyy", "MM", "M", "dd", "d"))
_DAY_PARTS = ("year", "month", "day")
_UNTOLD = {"hour": "00", "minute": "00", "second": "00", "fraction": "0", "offset": ""}
_ISO_DAY = "{year}-{month:0>2}-{day:0>2}"
_ISO_MOMENT = _ISO_DAY + "T{hour:0>2}:{minute}:{second}.{fraction}{offset}"

_token = re.compile(r"(?P<field>([A-Za-z])\2*)|(?P<apostrophe>'')|'(?P<quoted>(?:[^']|'')+)'|(?P<literal>.)", re.DOTALL)
_starts_with_digit = re.compile(r"\(\?P<(?!offset)|[0-9]").match


def _compiled(pattern: str, allowed: Collection[str]) -> Callable[[str], re.Match[str] | None]:
    pieces = [_expression(found, allowed) for found in _token.finditer(pattern)]
    if any(piece.endswith("{1,2})") and _starts_with_digit(after) for piece, after in pairwise(pieces)):
        raise ValueError("a field of one or two digits is followed by another digit")
    try:
        expression = re.compile("".join(pieces))
    except re.error:
        raise ValueError("the pattern says a part of the date twice") from None
    for part in _DAY_PARTS:
        if part not in expression.groupindex:
            raise ValueError(f"the pattern does not say the {part}")
    return expression.fullmatch


def _expression(token: re.Match[str], allowed: Collection[str]) -> str:
    field = token["field"]
    if field is None:
        return re.escape(_literal(token))
    name = "S" if field[0] == "S" else field
    if name not in allowed:
        raise ValueError(f"the field `{field}` cannot be read from a text")
    return _FIELDS[name].replace("%d", str(len(field)))


def _literal(token: re.Match[str]) -> str:
    if token["literal"] == "'":
        raise ValueError("a quote in the pattern is never closed")
    return "'" if token["apostrophe"] else (token["quoted"] or token["literal"]).replace("''", "'")


_ZONE_FIELDS = frozenset("zZOvVXx")
_TIME_FIELDS = frozenset("aAbBhHkKmsS") | _ZONE_FIELDS
_EXAMPLES = {"date": dt.date(2001, 1, 1), "datetime": dt.datetime(2001, 1, 1, tzinfo=dt.UTC)}

# How to read what decides the text of a field.
READS: dict[str, Callable[[Any], Any]] = {
    **{name: attrgetter(name) for name in ("year", "month", "day", "hour", "minute", "second")},
    "weekday": dt.date.weekday,
    "itself": lambda value: value,
}
OF_A_DAY = frozenset(("year", "month", "day", "weekday"))
# How many days' texts a writer keeps.
MOST_DAYS = 4096
# What alone decides the text of a common field, the values that it has, and a date that has one. Of the years, some:
# enough to tell the forms of a number.
_Decided = tuple[str, Sequence[int], Callable[[int], dt.date]]
_YEAR: _Decided = "year", (1, 12, 123, 1234, 2005, 9999), lambda year: dt.datetime(year, 1, 1)
_MONTH: _Decided = "month", range(1, 13), lambda month: dt.datetime(2001, month, 1)
_DAY: _Decided = "day", range(1, 32), lambda day: dt.datetime(2001, 1, day)
_WEEKDAY: _Decided = "weekday", range(7), lambda weekday: dt.datetime(2001, 1, 1 + weekday)
_HOUR: _Decided = "hour", range(24), lambda hour: dt.datetime(2001, 1, 1, hour)
_MINUTE: _Decided = "minute", range(60), lambda minute: dt.datetime(2001, 1, 1, 0, minute)
_SECOND_OF: _Decided = "second", range(60), lambda second: dt.datetime(2001, 1, 1, 0, 0, second)
_DECIDED_BY = {
    **dict.fromkeys("yu", _YEAR),
    **dict.fromkeys("MLQq", _MONTH),
    **dict.fromkeys("d", _DAY),
    **dict.fromkeys("Eec", _WEEKDAY),
    **dict.fromkeys("ahHkK", _HOUR),
    **dict.fromkeys("m", _MINUTE),
    **dict.fromkeys("s", _SECOND_OF),
}
_FORMS: dict[Form, Callable[[int], str]] = {
    "1": str,
    "2": "{:02}".format,
    "3": "{:03}".format,
    "4": "{:04}".format,
    "5": "{:05}".format,
    "last two": lambda number: f"{number % 100:02}",
    "of 12": lambda hour: str((hour + 11) % 12 + 1),
    "of 12, two": lambda hour: f"{(hour + 11) % 12 + 1:02}",
}


class _Texts(dict[Any, str]):
    """What is written for each value that decides a field, made once; at most the 9999 years."""

    def __init__(self, write: Callable[[Any], str]) -> None:
        self._write = write

    def __missing__(self, key: Any) -> str:
        text = self[key] = self._write(key)
        return text


class _Asked(_Texts):
    """What Babel writes for a field that takes the whole date to decide, asked each time."""

    def __missing__(self, key: Any) -> str:
        try:
            return self._write(key)
        except (ArithmeticError, LookupError, ValueError):
            raise Refused("a date that its format can write", "one it cannot") from None


class _OfZone(_Asked):
    """What Babel writes for a field that the zone and its offset decide, asked once for each of a zone's offsets."""

    def __init__(self, write: Callable[[Any], str]) -> None:
        super().__init__(write)
        self._known: dict[tuple[Any, ...], str] = {}

    def __missing__(self, key: Any) -> str:
        decided_by = key.tzinfo, key.utcoffset(), key.dst()
        text = self._known.get(decided_by)
        if text is None:
            text = self._known[decided_by] = super().__missing__(key)
        return text


def _split(pattern: str) -> tuple[str, list[tuple[str, str]]]:
    """The text before the first field, and each field with the text that follows it."""
    from babel.dates import PATTERN_CHARS, parse_pattern

    parts = [["", ""]]
    for token in _token.finditer(pattern):
        field = token["field"]
        if field is None:
            parts[-1][1] += _literal(token)
        elif field[0] in PATTERN_CHARS:
            parts.append([field, ""])
        else:
            raise ValueError(f"the pattern has the unknown field `{field}`")
    parse_pattern(pattern)
    return parts[0][1], [(field, literal) for field, literal in parts[1:]]


def _written(field: str, locale: Locale, kind: Kind) -> Form | tuple[str, ...] | None:
    """How Babel writes a field; a number's form, where it is one."""
    if kind == "date" and field[0] in _TIME_FIELDS:
        raise ValueError(f"the field `{field}` is of a time, and a date has none")
    try:
        _asked(field, locale, _EXAMPLES[kind])
    except (KeyError, TypeError, ValueError):
        # Babel knows letters that it writes in no locale, in some only, or as None.
        raise ValueError(f"the field `{field}` cannot be written in {locale}") from None
    if field[0] not in _DECIDED_BY:
        return None
    _, values, example = _DECIDED_BY[field[0]]
    texts = tuple(_asked(field, locale, example(value)) for value in values)
    for form, number in _FORMS.items():
        if texts == tuple(map(number, values)):
            return form
    return None if values is _YEAR[1] else texts


def _asked(field: str, locale: Locale, value: dt.date) -> str:
    from babel.dates import DateTimeFormat

    text: str = DateTimeFormat(value, locale)[field]
    return text + ""  # some fields are None in some locales: TypeError


def _part(field: Field, locale: str) -> tuple[str, _Texts]:
    """What to read of a date, by its name among READS, and the texts of that."""
    letter, literal, written = field.field[0], field.literal, field.written
    if written is None:
        asked = _OfZone if letter in _ZONE_FIELDS else _Asked
        return "itself", asked(lambda value: _asked(field.field, load(locale), value) + literal)
    name, values, _ = _DECIDED_BY[letter]
    if isinstance(written, str):
        number = _FORMS[written]
        return name, _Texts(lambda value: number(value) + literal)
    texts = dict(zip(values, written, strict=True))
    return name, _Texts(lambda value: texts[value] + literal)
