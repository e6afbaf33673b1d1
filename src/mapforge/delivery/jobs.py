"""What a platform says of a bulk job → whether it has ended, and the outcome of each payload that went with it.

Klaviyo lists the profiles at fault, https://developers.klaviyo.com/en/reference/get_errors_for_bulk_import_profiles_job;
Omnisend lists all items of a batch, https://api-docs.omnisend.com/reference/get_batches-batchid-items.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from mapforge.delivery.answers import Answer, at, decoded, listed, outcome_of, reason_of
from mapforge.delivery.outcomes import Delivered, Outcome, Reason, Rejected, RetryLater
from mapforge.delivery.queue import Waiting
from mapforge.platforms.base import Job
from mapforge.values.wire import encode

FAILED = "job-failed"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
_IN_JOB = re.compile(r"/data/attributes/profiles/data/(\d{1,6})(?:/|$)", re.ASCII)
_PERSON = ("id", "email", "phone_number", "external_id", "anonymous_id")
_QUERY = 4096
_LOOSE = 50


class Standing(msgspec.Struct, frozen=True):
    """How far a job is. failed: how many of its payloads failed; None where that is not said."""

    state: Literal["open", "done", "stopped"]
    failed: int | None = None


class Verdicts(msgspec.Struct, frozen=True):
    """What is said of single payloads: the outcome of each by its place in the job, and errors that name none."""

    placed: Mapping[int, Outcome]
    loose: tuple[Reason, ...] = ()


def name_of(job: Job, answer: Answer) -> str | None:
    """A job's name in the answer to its bulk request. None where there is none that a URL can hold."""
    name = at(decoded(answer.body), *job.name)
    return name if isinstance(name, str) and _NAME.fullmatch(name) else None


def standing(job: Job, told: Any) -> Standing | None:
    """How far a job is, as the answer says; None where it does not say it."""
    status, failed = at(told, *job.status), at(told, *job.failed)
    if not isinstance(status, str):
        return None
    known = failed if isinstance(failed, int) and not isinstance(failed, bool) else None
    return Standing("open" if status in job.open else "done" if status in job.done else "stopped", known)


def many(job: Job, told: Any) -> dict[str, Any]:
    """What is said of each job of a list, by its name."""
    jobs = at(told, *job.jobs)
    named = ((at(one, *job.name), one) for one in (jobs if isinstance(jobs, list) else []))
    return {name: one for name, one in named if isinstance(name, str)}


def more(told: Any) -> str | None:
    """The query of the next page; of its address no more is taken."""
    url = at(told, "links", "next")
    if not isinstance(url, str):
        return None
    try:
        query = urlsplit(url).query
    except ValueError:
        return None
    return query if query and len(query) <= _QUERY else None


def verdicts(job: Job, pages: Sequence[Any], rows: Sequence[Waiting]) -> Verdicts:
    """What the pages of a job say of its payloads, which stand in the order in which they went."""
    return _FORMS[job.form](pages, _Places(rows))


def outcomes(rows: Sequence[Waiting], how: Standing, found: Verdicts) -> list[Outcome | None]:
    """What came of each payload of a job that has ended; None where that is not known.

    A payload of which nothing is said was taken if the job has ended and every failure is accounted for.
    """
    failures = sum(not isinstance(one, Delivered) for one in found.placed.values())
    accounted = how.state == "done" and not found.loose and failures >= (how.failed or 0)
    if len(rows) == 1 and how.state == "done" and not accounted and not found.placed:
        return [Rejected(0, found.loose or (Reason(FAILED, "the platform says that it failed, and not why"),))]
    rest = Delivered(200) if accounted else None
    return [found.placed.get(place, rest) for place in range(len(rows))]


# ── the two forms ─────────────────────────────────────────────────────────────────────────────────


def _of_errors(pages: Sequence[Any], places: _Places) -> Verdicts:
    """Klaviyo's import errors: each of one profile, which is known by what was sent or by the pointer."""
    placed: dict[int, list[Reason]] = {}
    loose: list[Reason] = []
    for one in (one for page in pages for one in listed(page, "data")):
        said = at(one, "attributes")
        reason = reason_of(said, _code(said), "the platform could not import it")
        sent = places.of(at(said, "original_payload"))
        place = places.at(reason.pointer) if sent is None else sent
        (loose if place is None else placed.setdefault(place, [])).append(reason)
    return Verdicts({place: Rejected(0, tuple(reasons)) for place, reasons in placed.items()}, tuple(loose[:_LOOSE]))


def _code(said: Any) -> str:
    code = at(said, "code")
    return code[:100] if isinstance(code, str) and code else FAILED


def _of_items(pages: Sequence[Any], places: _Places) -> Verdicts:
    """Omnisend's items: each with what was sent, and with the answer to it."""
    placed: dict[int, Outcome] = {}
    loose: list[Reason] = []
    for one in (one for page in pages for name in ("errors", "responses", "items") for one in listed(page, name)):
        place, outcome = places.of(at(one, "request")), _item(one)
        if place is not None:
            placed[place] = outcome
        elif isinstance(outcome, Rejected):
            loose += outcome.reasons
    return Verdicts(placed, tuple(loose[:_LOOSE]))


def _item(one: Any) -> Outcome:
    """The outcome of an item: by its code, which one that was never begun does not have."""
    code = at(one, "responseCode")
    if not isinstance(code, int) or isinstance(code, bool) or not 200 <= code <= 599:
        return RetryLater("the batch stopped before it")
    return outcome_of(Answer(code, {}, encode(at(one, "response"))))


_FORMS = {"errors": _of_errors, "items": _of_items}


# ── which payload is meant ────────────────────────────────────────────────────────────────────────


class _Places:
    """Where payloads stand in a job, by what tells them apart in it."""

    def __init__(self, rows: Sequence[Waiting]) -> None:
        self._rows = rows

    @cached_property
    def _by_mark(self) -> dict[tuple[str, str], int]:
        return {mark: place for place, row in enumerate(self._rows) for mark in _marks(decoded(row.body or b""))}

    def of(self, told: Any) -> int | None:
        """The one place that a payload, as the platform repeats it, stands in."""
        places = {self._by_mark[mark] for mark in _marks(told) if mark in self._by_mark}
        return places.pop() if len(places) == 1 else None

    def at(self, pointer: str | None) -> int | None:
        """The place that a pointer into the bulk request leads to."""
        found = _IN_JOB.match(pointer or "")
        place = int(found[1]) if found else len(self._rows)
        return place if place < len(self._rows) else None


def _marks(told: Any) -> Iterator[tuple[str, str]]:
    """An event's own id, or all by which a profile is known: no two payloads of a job share one."""
    event = at(told, "eventID")
    if isinstance(event, str):
        yield "event", event
        return
    for one in listed(told, "identifiers"):
        yield from _mark(str(at(one, "type")), at(one, "id"))
    for holder in (told, at(told, "attributes"), at(told, "data"), at(told, "data", "attributes")):
        for name in _PERSON:
            yield from _mark(name, at(holder, name))


def _mark(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and value:
        yield name, value.lower()
