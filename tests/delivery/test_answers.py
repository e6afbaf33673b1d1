"""Answers of the platforms: what is delivered, retried or rejected, for how long to wait, and what their bodies say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapforge.delivery.answers import Answer, exhausted, outcome_of, retry_after
from mapforge.delivery.outcomes import Delivered, Reason, Rejected, RetryLater


def answer(status: int, body: Any = None, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_2xx_is_delivered(status: int) -> None:
    assert outcome_of(answer(status)) == Delivered(status)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 524, 520, 302])
def test_what_may_pass_is_retried(status: int) -> None:
    outcome = outcome_of(answer(status))
    assert isinstance(outcome, RetryLater)
    assert (outcome.refused, outcome.limited, outcome.ambiguous) == (False, status == 429, False)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_told_apart(status: int) -> None:
    reason = f"the platform refuses the key ({status})"
    assert outcome_of(answer(status)) == RetryLater(reason, status=status, refused=True)


@pytest.mark.parametrize("status", sorted(set(range(400, 500)) - {401, 403, 408, 425, 429}))
def test_no_other_4xx_is_retried(status: int) -> None:
    assert isinstance(outcome_of(answer(status)), Rejected)


NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (answer(429, retry_after="17"), 17.0),
        (answer(429, retry_after="0"), 0.0),
        (answer(429, retry_after="Sun, 01 Mar 2026 12:00:30 GMT"), 30.0),
        (answer(429, retry_after="Sun, 01 Mar 2026 11:00:00 GMT"), 0.0),
        (answer(429, retry_after="Sun, 01 Mar 2026 13:00:09 GMT", date="Sun, 01 Mar 2026 13:00:00 GMT"), 9.0),
        (answer(429, retry_after="Sun, 01 Mar 2026 12:00:30 GMT", date="yesterday"), 30.0),
        (answer(429, {"type": "https://problems.omnisend.com/rate-limit-exceeded", "retryAfter": 12}), 12.0),
        (answer(429, {"retryAfter": 5}, retry_after="17"), 17.0),
        (answer(429, {"retryAfter": 5}, retry_after="soon"), 5.0),
        (answer(429, retry_after="99999999999"), 86_400.0),
        (answer(429, {"retryAfter": "soon"}), None),
        (answer(429, {"retryAfter": True}), None),
        (answer(429, {"retryAfter": -1}), None),
        (answer(429, b"<html>"), None),
        (answer(429, retry_after="-5"), None),
        (answer(429, retry_after="٥"), None),
    ],
)
def test_how_long_to_wait_stands_in_the_header_or_in_the_body(said: Answer, seconds: float | None) -> None:
    assert retry_after(said, NOW) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"ratelimit-remaining": "0", "ratelimit-reset": "31"}, 31.0),
        ({"ratelimit-remaining": "1", "ratelimit-reset": "31"}, None),
        ({"ratelimit-remaining": "0"}, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "soon"}, None),
        ({}, None),
    ],
)
def test_an_empty_window_says_when_it_begins_anew(headers: dict[str, str], seconds: float | None) -> None:
    assert exhausted(headers) == seconds


JSON_API = {
    "errors": [
        {
            "id": "7f",
            "code": "invalid",
            "title": "Invalid input.",
            "detail": "'x' is not a valid number.",
            "source": {"pointer": "/data/attributes/value"},
        },
        {"code": "invalid", "title": "Invalid input.", "detail": "more", "source": {"parameter": "include"}},
    ]
}
PROBLEM = {
    "type": "https://problems.omnisend.com/validation",
    "title": "Bad Request",
    "status": 400,
    "errors": [{"field": "contact.email", "code": "invalid", "message": "is no email"}],
}


def test_every_error_of_a_json_api_body_is_read() -> None:
    assert outcome_of(answer(400, JSON_API)) == Rejected(
        400,
        (
            Reason("400", "Invalid input.", pointer="/data/attributes/value", detail="'x' is not a valid number."),
            Reason("400", "Invalid input.", detail="more"),
        ),
    )


def test_every_error_of_a_problem_is_read() -> None:
    assert outcome_of(answer(400, PROBLEM)) == Rejected(
        400, (Reason("400", "invalid", pointer="/contact/email", detail="is no email"),)
    )


@pytest.mark.parametrize(
    ("field", "pointer"),
    [
        ("items[3].properties.x", "/items/3/properties/x"),
        ("items.3.eventName", "/items/3/eventName"),
        (["customProperties", "a.b"], "/customProperties/a.b"),
        ("", None),
        (7, None),
    ],
)
def test_a_field_is_a_way_whatever_its_form(field: object, pointer: str | None) -> None:
    outcome = outcome_of(answer(400, {"errors": [{"field": field, "message": "no"}]}))
    assert isinstance(outcome, Rejected)
    assert outcome.reasons[0].pointer == pointer


@pytest.mark.parametrize(
    "body", [b"", b"<html>502</html>", b"[1]", b"null", b'{"errors": {}}', b"\xff", b"[" * 100_000]
)
def test_a_body_that_says_nothing_leaves_the_status(body: bytes) -> None:
    assert outcome_of(answer(400, body)) == Rejected(400, (Reason("400", "the platform answers 400"),))


WORDS = st.sampled_from(
    "errors fields source pointer field title detail code message data userErrors extensions retryAfter".split()
)
BODIES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
    max_leaves=12,
)


@given(BODIES, st.sampled_from([200, 400, 429, 503]), st.booleans())
def test_no_body_whatever_is_in_it_breaks_the_reading(body: Any, status: int, graphql: bool) -> None:
    outcome = outcome_of(answer(status, body), graphql)
    assert isinstance(outcome, (Delivered, Rejected, RetryLater))


def test_an_errors_words_are_bounded_and_not_in_its_repr() -> None:
    outcome = outcome_of(answer(400, {"errors": [{"title": "t" * 10_000, "detail": "ada@post.example"}] * 1000}))
    assert isinstance(outcome, Rejected)
    assert (len(outcome.reasons), len(outcome.reasons[0].reason)) == (50, 500)
    assert "ada@" not in repr(outcome)


SHOPIFY_OK: dict[str, Any] = {"data": {"metafieldsSet": {"userErrors": []}}}


def test_graphql_says_what_is_wrong_in_a_200() -> None:
    wrong = {"field": ["metafields", "0", "value"], "message": "must be an integer", "code": "INVALID_VALUE"}
    said = answer(200, {"data": {"metafieldsSet": {"userErrors": [wrong]}}})
    assert outcome_of(answer(200, SHOPIFY_OK), graphql=True) == Delivered(200)
    assert outcome_of(said, graphql=True) == Rejected(
        200, (Reason("200", "INVALID_VALUE", pointer="/metafields/0/value", detail="must be an integer"),)
    )


@pytest.mark.parametrize("body", [b"<html>", {"data": None}, {}])
def test_a_200_that_is_no_graphql_is_not_taken_for_delivered(body: Any) -> None:
    assert isinstance(outcome_of(answer(200, body), graphql=True), RetryLater)


def test_a_throttled_query_is_one_of_too_many() -> None:
    said = answer(200, {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]})
    assert outcome_of(said, graphql=True) == RetryLater("too many requests", status=200, limited=True)
