"""A platform's answer → an outcome, and what its body says is wrong, with the way to it.

Klaviyo: JSON:API, https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling · Omnisend: RFC 9457 with
`errors`, https://api-docs.omnisend.com/reference/errors · Shopify: GraphQL's `errors` and `userErrors` in a 200.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from mapforge.delivery.outcomes import Delivered, Outcome, Reason, Rejected, RetryLater

RETRIED = frozenset((408, 425, 429))
REFUSED = frozenset((401, 403))
LONGEST = 86_400.0
_DETAIL = 500
_REASONS = 50

Headers = Mapping[str, str]


class Answer(msgspec.Struct, frozen=True):
    """What came back. headers by their lower-case names; body: its first part."""

    status: int
    headers: Headers
    body: bytes

    def __repr__(self) -> str:
        return f"Answer({self.status})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The same for rich, which otherwise prints every field of a Struct."""
        return [("status", self.status)]


def outcome_of(answer: Answer, graphql: bool = False) -> Outcome:
    """Delivered for 2xx, RetryLater for what may pass, Rejected for the rest. graphql: a 200 may hold errors."""
    status = answer.status
    if 200 <= status < 300:
        return _graphql(answer) if graphql else Delivered(status)
    if status in REFUSED:
        return RetryLater(f"the platform refuses the key ({status})", status=status, refused=True)
    if status in RETRIED or status >= 500:
        limited = status == 429
        reason = "too many requests" if limited else f"the platform answers {status}"
        return RetryLater(reason, retry_after(answer), status, limited=limited)
    if status < 400:
        return RetryLater(f"a redirect ({status}), which is not followed", status=status)
    return Rejected(status, said(answer))


def _graphql(answer: Answer) -> Outcome:
    body = decoded(answer.body)
    errors = listed(body, "errors")
    if any(at(error, "extensions", "code") == "THROTTLED" for error in errors):
        return RetryLater("too many requests", status=answer.status, limited=True)
    data = body.get("data")
    payload = next(iter(data.values()), None) if isinstance(data, dict) else None
    found = [*errors, *listed(payload, "userErrors")]
    if not found and payload is None:
        return RetryLater("an answer that is not GraphQL's", status=answer.status)
    return Rejected(answer.status, tuple(_reason(one, answer.status) for one in found)) if found else Delivered(200)


def retry_after(answer: Answer, now: datetime | None = None) -> float | None:
    """Seconds that the platform asks to wait: `Retry-After` in seconds or as a date, or `retryAfter` in the body.

    A date is held against the platform's own clock, where it says it: the one of this machine may have been set back.
    """
    header = answer.headers.get("retry-after", "").strip()
    if header.isascii() and header.isdigit():
        return min(float(header), LONGEST)
    date = _date(header)
    if date is not None:
        theirs = _date(answer.headers.get("date", "")) or now or datetime.now(UTC)
        return min(max(0.0, (date - theirs).total_seconds()), LONGEST)
    seconds_said = decoded(answer.body).get("retryAfter")
    fits = isinstance(seconds_said, (int, float)) and not isinstance(seconds_said, bool) and seconds_said >= 0
    return min(float(seconds_said), LONGEST) if fits else None  # type: ignore[arg-type]


def _date(header: str) -> datetime | None:
    try:
        return parsedate_to_datetime(header).astimezone(UTC)
    except (TypeError, ValueError):
        return None


def exhausted(headers: Headers) -> float | None:
    """Seconds until the window begins anew, where `RateLimit-Remaining` says that nothing is left of it."""
    remaining, reset = headers.get("ratelimit-remaining", "").strip(), headers.get("ratelimit-reset", "").strip()
    return min(float(reset), LONGEST) if remaining == "0" and reset.isascii() and reset.isdigit() else None


def said(answer: Answer) -> tuple[Reason, ...]:
    """Every error of a body; one of the status alone where the body says nothing that can be read."""
    body = decoded(answer.body)
    errors = [*listed(body, "errors"), *listed(body, "fields")][:_REASONS]
    if errors:
        return tuple(_reason(error, answer.status) for error in errors)
    return (_reason(body, answer.status),)


def _reason(error: Any, status: int) -> Reason:
    return reason_of(error, str(status), f"the platform answers {status}")


def reason_of(error: Any, code: str, title: str) -> Reason:
    """An error of any of the three forms; title: what is said of one that says nothing."""
    one = error if isinstance(error, dict) else {}
    titles = (one.get(name) for name in ("title", "error", "code"))
    details = (one.get(name) for name in ("detail", "message"))
    detail = next((text for text in details if isinstance(text, str)), "")
    words = next((text for text in titles if isinstance(text, str)), title)
    return Reason(code, words[:_DETAIL], pointer=_pointer(one), detail=detail[:_DETAIL])


def _pointer(error: dict[str, Any]) -> str | None:
    """The way to what is wrong, as JSON Pointer."""
    pointer = at(error, "source", "pointer")
    if isinstance(pointer, str):
        return pointer[:_DETAIL]
    field = error.get("field")
    parts = field if isinstance(field, list) else re.split(r"[.\[\]]+", field) if isinstance(field, str) else []
    named = [str(part) for part in parts if part != ""]
    return ("/" + "/".join(named))[:_DETAIL] if named else None


def decoded(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is; an empty one where it is none."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def listed(value: Any, name: str) -> list[Any]:
    """The list of this name in an object; an empty one where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def at(value: Any, *names: str) -> Any:
    """What stands at the end of this way through objects, or None."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
