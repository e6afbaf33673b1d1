"""What a platform says of a bulk job, and which payloads it means."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapforge.delivery.answers import Answer
from mapforge.delivery.jobs import Standing, Verdicts, many, more, name_of, outcomes, standing, verdicts
from mapforge.delivery.outcomes import Delivered, Reason, Rejected, RetryLater
from mapforge.delivery.queue import Waiting
from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import Job


def job_of(platform: str, kind: str = "profile") -> Job:
    bulk = PLATFORMS[platform].endpoints[kind].bulk  # type: ignore[index]
    assert bulk is not None
    assert bulk.job is not None
    return bulk.job


KLAVIYO, OMNISEND = job_of("klaviyo"), job_of("omnisend", "event")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["data", "id", "attributes"]), inner),
)


def row(number: int, body: Any, platform: str = "klaviyo") -> Waiting:
    return Waiting(
        id=number, inbox=1, outlet=1, vendor="acme", entry="E", event="e", platform=platform, kind="profile",
        profile=str(number), body=json.dumps(body).encode(), unique_id="", time="", batch=None, attempts=0, created=0,
    )  # fmt: skip


def profiles(*emails: str) -> list[Waiting]:
    return [
        row(number, {"data": {"type": "profile", "attributes": {"email": email, "properties": {"x": number}}}})
        for number, email in enumerate(emails)
    ]


def events(*names: str) -> list[Waiting]:
    bodies = [{"eventID": name, "contact": {"email": "ada@post.example"}} for name in names]
    return [row(number, body, "omnisend") for number, body in enumerate(bodies)]


def error(pointer: str | None = None, payload: Any = None, **said: Any) -> dict[str, Any]:
    source = {"pointer": pointer}
    return {
        "type": "import-error",
        "attributes": {"title": "No.", "source": source, "original_payload": payload, **said},
    }


def answer(body: Any) -> Answer:
    return Answer(202, {}, body if isinstance(body, bytes) else json.dumps(body).encode())


# ── jobs ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_job_is_known_by_the_name_in_the_answer() -> None:
    assert name_of(KLAVIYO, answer({"data": {"type": "profile-bulk-import-job", "id": "01GSQPBF74"}})) == "01GSQPBF74"
    assert (
        name_of(OMNISEND, answer({"batchID": "5f92cbf10cf217478ba93561", "totalCount": 1}))
        == "5f92cbf10cf217478ba93561"
    )


@pytest.mark.parametrize(
    "name", ["", "a/b", "../events", "a?b", "a#b", "a b", "ä", "x" * 101, "a\n", "{job}", "%2e", None, 7, ["a"], {}]
)
def test_a_name_that_no_path_holds_is_none(name: Any) -> None:
    assert name_of(OMNISEND, answer({"batchID": name})) is None


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'"text"', b"null", b'{"data": 1}'])
def test_an_answer_that_names_no_job_has_none(body: bytes) -> None:
    assert name_of(KLAVIYO, answer(body)) is None


@pytest.mark.parametrize(
    ("status", "failed", "expected"),
    [
        ("queued", 0, Standing("open", 0)),
        ("processing", None, Standing("open")),
        ("complete", 3, Standing("done", 3)),
        ("complete", True, Standing("done")),
        ("cancelled", 0, Standing("stopped", 0)),
        ("something new", 0, Standing("stopped", 0)),
        (None, 0, None),
        (7, 0, None),
    ],
)
def test_a_job_is_open_done_or_stopped(status: Any, failed: Any, expected: Standing | None) -> None:
    told = {"data": {"attributes": {"status": status, "failed_count": failed}}}
    assert standing(KLAVIYO, told) == expected


def test_a_list_tells_of_many_jobs() -> None:
    told = {
        "batches": [{"batchID": "a", "status": "finished"}, {"batchID": "b", "status": "pending"}, {"batchID": 1}, 7]
    }
    assert {name: standing(OMNISEND, one) for name, one in many(OMNISEND, told).items()} == {
        "a": Standing("done"),
        "b": Standing("open"),
    }


@pytest.mark.parametrize(
    ("url", "query"),
    [
        ("https://a.klaviyo.com/api/x?page%5Bcursor%5D=b", "page%5Bcursor%5D=b"),
        ("https://elsewhere.example/steal?page=2", "page=2"),
        ("https://a.klaviyo.com/api/x", None),
        ("http://[", None),
        ("?" + "x" * 5000, None),
        (None, None),
        (7, None),
    ],
)
def test_of_the_next_pages_address_only_the_query_is_taken(url: Any, query: str | None) -> None:
    assert more({"links": {"next": url}}) == query


# ── payloads ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "one",
    [
        error("/data/attributes/profiles/data/1/attributes/email"),
        error("/data/attributes/profiles/data/1"),
        error("/data", {"type": "profile", "attributes": {"email": "BO@post.example"}}),
        error("/data", {"email": "bo@post.example", "first_name": "Bo"}),
        error(None, {"data": {"attributes": {"email": "bo@post.example"}}}),
        # What was sent says more than a place that somebody counted.
        error("/data/attributes/profiles/data/0", {"email": "bo@post.example"}),
    ],
)
def test_the_profile_at_fault_is_known_by_what_was_sent_or_by_its_place(one: dict[str, Any]) -> None:
    rows = profiles("ada@post.example", "bo@post.example", "cy@post.example")
    found = verdicts(KLAVIYO, [{"data": [one]}], rows)
    assert {place: type(outcome) for place, outcome in found.placed.items()} == {1: Rejected}
    assert found.loose == ()


def test_all_errors_of_a_profile_are_kept_in_their_order() -> None:
    ways = [f"/data/attributes/profiles/data/0/attributes/{name}" for name in ("email", "title")]
    pages = [{"data": [error(way, code="invalid", title="Invalid input.", detail="no")]} for way in ways]
    found = verdicts(KLAVIYO, pages, profiles("ada@post.example"))
    reasons = tuple(Reason("invalid", "Invalid input.", pointer=way, detail="no") for way in ways)
    assert found == Verdicts({0: Rejected(0, reasons)})


@pytest.mark.parametrize(
    "one",
    [
        error("/data"),
        error("/data/attributes/profiles/data/3"),
        error("/data/attributes/profiles/data/9999999"),
        error("/data", {"email": "nobody@post.example"}),
        error("/data", {"email": "ada@post.example", "phone_number": "+431"}),
        {},
        {"attributes": 7},
    ],
)
def test_an_error_that_names_no_profile_or_two_is_loose(one: dict[str, Any]) -> None:
    rows = profiles("ada@post.example", "bo@post.example")
    rows.append(row(2, {"data": {"attributes": {"phone_number": "+431"}}}))
    found = verdicts(KLAVIYO, [{"data": [one]}], rows)
    assert (found.placed, len(found.loose)) == ({}, 1)


def test_items_of_a_batch_are_judged_by_their_codes() -> None:
    problem = {
        "title": "Validation Failed",
        "errors": [{"field": "properties.x", "code": "invalid_type", "message": "no"}],
    }
    told = {
        "responses": [
            {"request": {"eventID": "a"}, "responseCode": 202},
            {"request": {"eventID": "d"}, "status": "pending"},
        ],
        "errors": [
            {"request": {"eventID": "b"}, "responseCode": 400, "response": problem},
            {"request": {"eventID": "c"}, "responseCode": 500, "response": {}},
            {"request": {"eventID": "who"}, "responseCode": 400, "response": problem},
        ],
    }
    found = verdicts(OMNISEND, [told], events("a", "b", "c", "d", "e"))
    reason = Reason("400", "invalid_type", pointer="/properties/x", detail="no")
    assert found == Verdicts(
        {
            0: Delivered(202),
            1: Rejected(400, (reason,)),
            2: RetryLater("the platform answers 500", status=500),
            3: RetryLater("the batch stopped before it"),
        },
        (reason,),
    )


NO = Rejected(0, (Reason("invalid", "no"),))
LOOSE = (Reason("invalid", "somebody"),)


@pytest.mark.parametrize(
    ("how", "found", "expected"),
    [
        (Standing("done", 0), Verdicts({}), [Delivered(200), Delivered(200)]),
        (Standing("done"), Verdicts({}), [Delivered(200), Delivered(200)]),
        (Standing("done", 1), Verdicts({1: NO}), [Delivered(200), NO]),
        (Standing("done", 2), Verdicts({1: NO}), [None, NO]),
        (Standing("done", 1), Verdicts({}, LOOSE), [None, None]),
        (Standing("done", 1), Verdicts({}), [None, None]),
        (Standing("stopped", 0), Verdicts({}), [None, None]),
        (Standing("stopped", 1), Verdicts({0: Delivered(202)}), [Delivered(202), None]),
    ],
)
def test_silence_is_delivery_only_where_every_failure_is_accounted_for(
    how: Standing, found: Verdicts, expected: list[Any]
) -> None:
    assert outcomes(profiles("ada@post.example", "bo@post.example"), how, found) == expected


def test_a_payload_that_failed_alone_is_rejected_with_whatever_is_said() -> None:
    alone = profiles("ada@post.example")
    assert outcomes(alone, Standing("done", 1), Verdicts({}, LOOSE)) == [Rejected(0, LOOSE)]
    (unsaid,) = outcomes(alone, Standing("done", 1), Verdicts({}))
    assert unsaid == Rejected(0, (Reason("job-failed", "the platform says that it failed, and not why"),))
    assert outcomes(alone, Standing("stopped", 1), Verdicts({}, LOOSE)) == [None]


@given(JSON)
def test_whatever_a_platform_says_ends_in_an_outcome_or_in_none(told: Any) -> None:
    for job, rows in ((KLAVIYO, profiles("a@post.example", "b@post.example")), (OMNISEND, events("a", "b"))):
        how = standing(job, told)
        assert how is None or how.state in ("open", "done", "stopped")
        found = verdicts(job, [told, {"data": told, "errors": told}], rows)
        assert len(outcomes(rows, Standing("done", 1), found)) == 2
        assert name_of(job, answer(told)) is None or isinstance(told, dict)
        many(job, told), more(told)
