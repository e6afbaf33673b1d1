"""Samples → where a raw event keeps its name, its id and its time: as the call says, or guessed from all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from mapforge import model
from mapforge.cli.new.names import Keys, path_text, snake
from mapforge.cli.new.samples import Sample, value_at
from mapforge.cli.project import WrongCall
from mapforge.compiler import expressions
from mapforge.diagnostics import Diagnostic, Span
from mapforge.runtime.evaluate import evaluate
from mapforge.values import dates
from mapforge.values.refused import Refused

SECONDS, MILLISECONDS = "epoch_seconds", "epoch_milliseconds"
MOST_TEXT = 255

_EVENTS = ["event_type", "event_name", "event", "topic", "webhook_topic", "webhook_event", "event_key"]
_VAGUE = ["type", "name", "action", "kind"]
_IDS = ["event_id", "id", "uuid", "event_uuid", "guid", "message_id", "delivery_id", "webhook_id"]
_TIMES = ["occurred_at", "happened_at", "event_time", "triggered_at", "timestamp", "created_at", "created", "time"]
_TIMES += ["event_at", "date_time", "datetime", "sent_at", "updated_at", "date", "ts", "at"]
# Objects around an event, and those that hold what it is about: their id and time are the second choice.
_AROUND = {"event", "meta", "metadata", "header", "headers", "envelope", "webhook", "message", "context"}
_ABOUT = {"data", "payload", "body", "object", "attributes"}

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ ._:/-]+[A-Za-z0-9]+)*")
_COMPOUND = re.compile(r"[A-Za-z0-9]+(?:[._:/-][A-Za-z0-9]+)+|[A-Za-z][a-z0-9]+(?:[A-Z][a-z0-9]+)+")
_EARLIEST, _LATEST = 631_152_000, 32_503_680_000


class Place(msgspec.Struct, frozen=True):
    """A path from the raw root, with its keys where it is nothing but keys."""

    text: str
    node: model.AnyNode

    @property
    def keys(self) -> Keys | None:
        return self.node.keys if isinstance(self.node, model.Path) else None

    def of(self, body: Any) -> Any:
        """What stands there in a raw event; None where nothing does."""
        try:
            return evaluate(self.node, body)
        except Refused:
            return None


class Told(msgspec.Struct, frozen=True):
    """What the call says itself, in place of a guess."""

    event: str | None = None
    event_header: str | None = None
    id: str | None = None
    time: str | None = None
    zone: str | None = None
    person: str | None = None


class Envelope(msgspec.Struct, frozen=True):
    """Where the name, the id and the time stand; a header in place of the name's path."""

    event: Place | str
    id: Place
    time: Place
    input: str | None
    zone: str | None

    def name_of(self, sample: Sample) -> str:
        """The raw event's name."""
        return _of_header(sample, self.event) if isinstance(self.event, str) else str(self.event.of(sample.body))

    @property
    def keys(self) -> set[Keys]:
        """The keys that are the envelope's own."""
        places = [place for place in (self.event, self.id, self.time) if isinstance(place, Place)]
        return {place.keys for place in places if place.keys is not None}


def envelope(samples: list[Sample], told: Told) -> Envelope:
    """The envelope that all samples share. Raises WrongCall, which names the option that would say it."""
    if told.zone is not None:
        _check_zone(told.zone)
    event = _event(samples, told)
    beside = event.keys[:-1] if isinstance(event, Place) and event.keys else ()
    identifier = _told(samples, "--id", told.id, _are_ids) or _guessed_id(samples, beside)
    time = _told(samples, "--time", told.time, lambda values: _is_time(values, told.zone)) or _guessed_time(
        samples, beside, told.zone
    )
    return Envelope(event, identifier, time, epoch([time.of(sample.body) for sample in samples]), told.zone)


def place(option: str, text: str) -> Place:
    """A path as an option gives it. Raises WrongCall."""
    query = expressions.path(text, Span(option, 1, 1))
    if isinstance(query, Diagnostic):
        raise WrongCall(f"{option} {text}: {query.message}" + (f" ({query.label})" if query.label else ""))
    return Place(text, query.node)


def keyed(keys: Keys) -> Place | None:
    """The place at these keys, where a path can say them."""
    text = path_text(keys)
    return None if text is None else Place(text, model.Path(keys))


def epoch(values: list[Any]) -> str | None:
    """The `input` for whole numbers that can only be times; None where they cannot."""
    if not values or not all(type(value) is int for value in values):
        return None
    scales = ((SECONDS, 1), (MILLISECONDS, 1000))
    return next((word for word, by in scales if all(_EARLIEST <= value / by < _LATEST for value in values)), None)


def is_moment(value: object, zone: str | None) -> bool:
    """Whether a `datetime` takes this: RFC 3339, without an offset only where there is a zone."""
    try:
        return type(value) is str and dates.moment(value, zone).year >= 1990
    except Refused:
        return False


def _check_zone(zone: str) -> None:
    try:
        dates.zone(zone)
    except Refused as refused:
        raise WrongCall(f"--zone {zone}: expected {refused.expected}") from None


def _event(samples: list[Sample], told: Told) -> Place | str:
    if told.event is not None and told.event_header is not None:
        raise WrongCall("the name is in one place: --event or --event-header, not both")
    if told.event_header is not None:
        return _header(samples, told.event_header)
    found = _told(samples, "--event", told.event, _are_texts) or _guessed_event(samples)
    if found is None:
        raise WrongCall(
            "no key looks like the event's name in every sample; say where it is: --event PATH, or --event-header NAME"
        )
    return found


def _header(samples: list[Sample], name: str) -> str:
    without = [sample.name for sample in samples if not _of_header(sample, name)]
    if without:
        beside = f"{without[0]}.headers.json"
        raise WrongCall(f"--event-header {name}: {without[0]} has no such header; it is read from {beside} beside it")
    return name


def _of_header(sample: Sample, name: str) -> str:
    return next((value for key, value in sample.headers.items() if key.lower() == name.lower()), "")


def _told(samples: list[Sample], option: str, text: str | None, fits: Callable[[list[Any]], bool]) -> Place | None:
    if text is None:
        return None
    found = place(option, text)
    for sample in samples:
        if not fits([found.of(sample.body)]):
            raise WrongCall(f"{option} {text}: what {sample.name} has there is no {_SOUGHT[option]}")
    if not fits([found.of(sample.body) for sample in samples]):
        raise WrongCall(f"{option} {text}: the samples have different kinds of {_SOUGHT[option]} there")
    return found


_SOUGHT = {"--event": "name", "--id": "id (a text or a whole number)", "--time": "time that can be read; see --zone"}


def _guessed_event(samples: list[Sample]) -> Place | None:
    clear = _ranked(samples, _EVENTS, ())
    vague = _ranked(samples, _VAGUE, ())
    named = (keys for keys in clear if _all(samples, keys, _NAME))
    guessed = (keys for keys in vague if _all(samples, keys, _COMPOUND))
    return _first([*named, *guessed])


def _guessed_id(samples: list[Sample], beside: Keys) -> Place:
    fitting = [keys for keys in _ranked(samples, _IDS, beside) if _are_ids(_values(samples, keys))]
    distinct = [keys for keys in fitting if len(set(map(str, _values(samples, keys)))) == len(samples)]
    found = _first([*distinct, *fitting])
    if found is None:
        raise WrongCall("no key looks like the event's id in every sample; say where it is: --id PATH")
    return found


def _guessed_time(samples: list[Sample], beside: Keys, zone: str | None) -> Place:
    ranked = _ranked(samples, _TIMES, beside)
    found = _first([keys for keys in ranked if _is_time(_values(samples, keys), zone)])
    if found is not None:
        return found
    local = _first([keys for keys in ranked if _is_time(_values(samples, keys), zone or "UTC")])
    if local is not None:
        raise WrongCall(f"the time at {local.text} has no offset; say whose clock it is, such as --zone Europe/Berlin")
    raise WrongCall("no key looks like the event's time in every sample; say where it is: --time PATH")


def _ranked(samples: list[Sample], wanted: list[str], beside: Keys) -> list[Keys]:
    """The places with one of these words for a key, the likeliest first."""
    found = [keys for keys in _shallow(samples[0].body) if snake(keys[-1]) in wanted]
    around = [keys for keys in found if _distance(keys, beside) is not None]
    return sorted(around, key=lambda keys: (_distance(keys, beside), wanted.index(snake(keys[-1]))))


def _distance(keys: Keys, beside: Keys) -> int | None:
    if len(keys) == 1:
        return 0
    if keys[:-1] == beside or snake(keys[0]) in _AROUND:
        return 1
    return 2 if snake(keys[0]) in _ABOUT else None


def _shallow(body: dict[str, Any]) -> Iterator[Keys]:
    yield from ((key,) for key in body)
    for key, inner in body.items():
        if isinstance(inner, dict):
            yield from ((key, below) for below in inner)


def _first(found: list[Keys]) -> Place | None:
    return next((there for keys in found if (there := keyed(keys)) is not None), None)


def _values(samples: list[Sample], keys: Keys) -> list[Any]:
    return [value_at(sample.body, keys) for sample in samples]


def _all(samples: list[Sample], keys: Keys, pattern: re.Pattern[str]) -> bool:
    values = _values(samples, keys)
    return _are_texts(values) and all(pattern.fullmatch(value) for value in values)


def _are_texts(values: list[Any]) -> bool:
    return all(type(value) is str and 0 < len(value) <= MOST_TEXT for value in values)


def _are_ids(values: list[Any]) -> bool:
    return all((type(value) is int and abs(value) < 10**50) or _are_texts([value]) for value in values)


def _is_time(values: list[Any], zone: str | None) -> bool:
    return epoch(values) is not None or all(is_moment(value, zone) for value in values)
