"""A request → what Omnisend answers: its headers and bodies checked, its window kept, historical repeats dropped.

https://api-docs.omnisend.com/reference/overview, version 2026-03-15
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from mapforge.fakes import wire
from mapforge.fakes.people import Identifier, People
from mapforge.fakes.problems import Problem, problems
from mapforge.fakes.received import Outcome
from mapforge.fakes.remembered import Remembered
from mapforge.fakes.state import State, iso, seconds_of
from mapforge.fakes.windows import SlidingWindow
from mapforge.platforms.base import over_limit
from mapforge.platforms.omnisend import OMNISEND

NAME = OMNISEND.name
VERSIONS = ("2026-03-15", "2026-preview")
A_MINUTE = 400
ENDPOINTS = ("events", "contacts", "batches")
BRAND = "/api/brands/current"
MOST_BYTES = 5_000_000

_KEY = re.compile(r"Omnisend-API-Key ([A-Za-z0-9._-]+)|Bearer ([A-Za-z0-9._-]+)", re.ASCII)
_PATH = re.compile(r"/api/([a-z]+)(?:/([0-9a-f]+)(/items)?)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_PROBLEMS = "https://problems.omnisend.com/"
_TITLES = {
    400: ("bad-request", "Bad Request"),
    401: ("unauthorized", "Unauthorized"),
    404: ("not-found", "Not Found"),
    405: ("method-not-allowed", "Method Not Allowed"),
    410: ("version-retired", "Gone"),
    415: ("unsupported-media-type", "Unsupported Media Type"),
    429: ("rate-limit-exceeded", "Rate Limit Exceeded"),
}


class _Batch(msgspec.Struct, frozen=True):
    account: str
    endpoint: str
    made: float
    items: tuple[dict[str, Any], ...]
    stopped: bool = False


class _Refused(Exception):
    """Ends a call with a problem, and the fields that it is about."""

    def __init__(self, status: int, detail: str, found: Sequence[Problem] = ()) -> None:
        super().__init__()
        self.status = status
        self.detail = detail
        self.found = found


class Omnisend:
    """Omnisend's double. An account is a brand."""

    name = NAME

    def __init__(self, state: State) -> None:
        self._state = state
        self._window = SlidingWindow(state.settings.limits)
        self._contacts = People(state.settings.remember, state.hexadecimal)
        self._seen: Remembered[tuple[str, str, str], bool] = Remembered(state.settings.remember)
        self._batches: Remembered[str, _Batch] = Remembered(max(1, state.settings.remember // 100))

    def account(self, request: wire.Request) -> str | None:
        """See LookAlike."""
        key = _KEY.fullmatch(request.headers.get("authorization", ""))
        return wire.account_of(key[1] or key[2]) if key else None

    def endpoint(self, request: wire.Request) -> str:
        """See LookAlike."""
        path = _PATH.fullmatch(request.path)
        return "brands" if request.path == BRAND else path[1] if path else ""

    def answer(self, request: wire.Request, number: int) -> wire.Answer:
        """See LookAlike."""
        account = self.account(request)
        if account is None:
            return self._problem(401, "Authentication is missing or invalid.")
        if self._state.settings.limits.share:
            wait = self._window.call(account, A_MINUTE, self._state.clock())
            if wait:
                return self.failure(429, wait)
        try:
            return self._within(request, account, number)
        except _Refused as end:
            return self._problem(end.status, end.detail, end.found)

    def failure(self, status: int, seconds: int) -> wire.Answer:
        """See LookAlike."""
        if status == 429:
            return self._problem(429, "Too many requests.", more={"retryAfter": seconds})
        return self._problem(status, "Unexpected error occurred.")

    def forget(self) -> None:
        """See LookAlike."""
        self._contacts.clear()
        self._seen.clear()
        self._batches.clear()

    @property
    def forgotten(self) -> int:
        """How many keys, contacts and batches it knows no longer."""
        return self._contacts.forgotten + self._seen.forgotten + self._batches.forgotten

    def _within(self, request: wire.Request, account: str, number: int) -> wire.Answer:
        if request.path == BRAND:
            return self._brand(request, account)
        endpoint, path = self.endpoint(request), _PATH.fullmatch(request.path)
        if path is None or endpoint not in ENDPOINTS or (path[2] and endpoint != "batches"):
            raise _Refused(404, "The path does not exist.")
        _check_version(request.headers)
        if request.method == "GET" and endpoint == "batches":
            return self._batch_answer(path, account) if path[2] else self._batches_answer(request.query, account)
        if request.method != "POST" or path[2]:
            raise _Refused(405, f"{request.method} is not allowed here.")
        body = _body(request)
        if endpoint == "batches":
            return self._batch(body, account, number, request)
        return {"events": self._event, "contacts": self._contact}[endpoint](body, account, number)

    def _brand(self, request: wire.Request, account: str) -> wire.Answer:
        _check_version(request.headers)
        if request.method != "GET":
            raise _Refused(405, f"{request.method} is not allowed here.")
        brand = {"brandID": account, "website": None, "platform": "api", "currency": "USD"}
        return wire.Answer(200, msgspec.json.encode(brand), _JSON)

    # ── what it takes ─────────────────────────────────────────────────────────────────────────────

    def _event(self, body: Any, account: str, number: int) -> wire.Answer:
        _raise(_event_problems(body))
        contact = body["contact"]
        identifiers = [(name, contact[name]) for name in ("id", "email", "phone") if name in contact]
        person, _ = self._contacts.put(account, identifiers, {k: v for k, v in contact.items() if k != "id"})
        outcome = self._repeat(account, body["eventID"], body["eventTime"])
        self._note(number, account, "event", outcome, body["eventName"], body["eventID"], person, body)
        return wire.Answer(202)

    def _repeat(self, account: str, event: str, time: str) -> Outcome:
        """What a repeat of an event is: one that is old is processed once, one that is not starts flows again."""
        key = (account, event, time)
        again = self._seen.get(key) is not None
        self._seen.put(key, True)
        age = self._state.clock() - (seconds_of(time) or 0.0)
        historical = age > self._state.settings.historical_after
        return "kept" if not again else "duplicate" if historical else "doubled"

    def _contact(self, body: Any, account: str, number: int) -> wire.Answer:
        _raise(_contact_problems(body))
        identifiers: list[Identifier] = [(one["type"], one["id"]) for one in body["identifiers"]]
        identifiers.sort(key=lambda one: one[0] != "email")
        person, new = self._contacts.put(account, identifiers, body)
        for one in body["identifiers"]:
            if one.get("sendWelcomeMessage", True):
                self._state.received.mail(NAME, account, "contact")
        self._note(number, account, "contact", "created" if new else "updated", "contact", "", person, body)
        return wire.Answer(201 if new else 200, self._contact_body(person), _JSON)

    def _contact_body(self, person: str) -> bytes:
        told = self._contacts.told(person)
        identifiers = told.get("identifiers", [])
        shown = [{key: one[key] for key in ("type", "id", "channels") if key in one} for one in identifiers]
        derived = {
            "id": person,
            "identifiers": shown,
            "email": next((one["id"] for one in shown if one["type"] == "email"), None),
            "phone": [one["id"] for one in shown if one["type"] == "phone"],
            "updatedAt": iso(self._state.clock(), "Z"),
        }
        return msgspec.json.encode({**told, **derived})

    def _batch(self, body: Any, account: str, number: int, request: wire.Request) -> wire.Answer:
        # Its items are judged one by one, later: only what is wrong with the batch itself refuses it.
        found = problems(NAME, "batch", body, most=_OF_ITEMS)
        _raise([one for one in found if one.path[:1] != ("items",) or len(one.path) == 1])
        begun = len(body["items"]) // 2 if request.stops else len(body["items"])
        items = tuple(
            self._batched(item, body["endpoint"], account, number, request.rejects) if at < begun else {"request": item}
            for at, item in enumerate(body["items"])
        )
        name = self._state.hexadecimal()
        self._batches.put(name, _Batch(account, body["endpoint"], self._state.clock(), items, request.stops))
        answer = {"batchID": name, "totalCount": len(items)}
        return wire.Answer(201, msgspec.json.encode(answer), _JSON)

    def _batched(self, item: Any, endpoint: str, account: str, number: int, rejects: float) -> dict[str, Any]:
        try:
            if self._state.hits(rejects):
                _raise([_rejected(item)])
            answer = (self._event if endpoint == "events" else self._contact)(item, account, number)
            return {"request": item, "responseCode": answer.status}
        except _Refused as end:
            self._note(number, account, endpoint.removesuffix("s"), "refused", end.detail, "", "", item)
            answer = self._problem(end.status, end.detail, end.found)
            return {"request": item, "responseCode": end.status, "response": msgspec.json.decode(answer.body)}

    def _note(
        self, call: int, account: str, kind: str, outcome: Outcome, name: str, key: str, person: str, body: Any
    ) -> None:
        self._state.received.item(
            call=call, at=self._state.clock(), platform=NAME, account=account, kind=kind,
            outcome=outcome, name=name, id=key, person=person, body=body,
        )  # fmt: skip

    # ── answers ───────────────────────────────────────────────────────────────────────────────────

    def _batch_answer(self, path: re.Match[str], account: str) -> wire.Answer:
        batch = self._batches.get(path[2])
        if batch is None or batch.account != account:
            raise _Refused(404, "There is no such batch.")
        body = self._batch_told(path[2], batch)
        if path[3]:
            items = [_item(item) for item in batch.items] if body["status"] in ("finished", "stopped") else []
            body |= {
                "errors": [one for one in items if one.get("responseCode", 0) >= 400],
                "responses": [one for one in items if one.get("responseCode", 0) < 400],
            }
        return wire.Answer(200, msgspec.json.encode(body), _JSON)

    def _batches_answer(self, query: Mapping[str, str], account: str) -> wire.Answer:
        """Batches of one endpoint, the newest first."""
        limit, offset = wire.number(query.get("limit", "100")), wire.number(query.get("offset", "0"))
        if query.get("endpoint") not in ("products", "contacts", "events"):
            raise _Refused(400, "The query names no endpoint.")
        if limit is None or offset is None or not 1 <= limit <= 250:
            raise _Refused(400, "limit is from 1 to 250, and offset a number.")
        mine = [
            self._batch_told(name, batch)
            for name, batch in self._batches.newest()
            if batch.account == account and batch.endpoint == query["endpoint"]
        ]
        found = [one for one in mine if query.get("status") in (None, one["status"])]
        page = found[offset : offset + limit]
        body = {"batches": page, "paging": {"limit": limit, "offset": offset}}
        return wire.Answer(200, msgspec.json.encode(body), _JSON)

    def _batch_told(self, name: str, batch: _Batch) -> dict[str, Any]:
        length, age = self._state.settings.job_seconds, self._state.clock() - batch.made
        share = min(1.0, age / length) if length else 1.0
        ended = "stopped" if batch.stopped else "finished"
        codes = [item["responseCode"] for item in batch.items if "responseCode" in item] if share >= 1.0 else []
        return {
            "batchID": name,
            "endpoint": batch.endpoint,
            "method": "POST",
            "status": ended if share >= 1.0 else "inProgress" if share >= 0.2 else "pending",
            "totalCount": len(batch.items),
            "finishedCount": len(codes),
            "errorsCount": sum(code >= 400 for code in codes),
            "createdAt": iso(batch.made, "Z"),
        }

    def _problem(
        self, status: int, detail: str, found: Sequence[Problem] = (), more: Mapping[str, Any] | None = None
    ) -> wire.Answer:
        kind, title = _TITLES.get(status, ("internal-error", "Internal Server Error"))
        kind, title = ("validation-failed", "Validation Failed") if found else (kind, title)
        instance = f"urn:omnisend:request:{self._state.uuid()}"
        body = {"type": _PROBLEMS + kind, "title": title, "status": status, "detail": detail, "instance": instance}
        fields = {"errors": [_field(one) for one in found]} if found else {}
        words = "; ".join([detail, *(f"{_message(one)} ({_dotted(one)})" for one in found[:3])])
        headers = {"content-type": "application/problem+json"}
        return wire.Answer(status, msgspec.json.encode({**body, **fields, **(more or {})}), headers, words)


_JSON = {"content-type": "application/json"}
_OF_ITEMS = 100_000


def _item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {**item, "status": "finished" if "responseCode" in item else "pending"}


def _rejected(item: Any) -> Problem:
    """What is wrong with an item that is to fail: its first property, where it has one."""
    holder = "properties" if isinstance(item, dict) and "properties" in item else "customProperties"
    name = next(iter(item.get(holder, {})), None) if isinstance(item, dict) else None
    return Problem((holder,) if name is None else (holder, name), "type", "another type")


def _check_version(headers: Mapping[str, str]) -> None:
    """A date stands for the nearest release before it; there is none before the first."""
    version = headers.get("omnisend-version")
    if version is None:
        raise _Refused(400, "The header Omnisend-Version is required.")
    if version in VERSIONS:
        return
    if not _DATE.fullmatch(version):
        raise _Refused(400, "Omnisend-Version is not a date as YYYY-MM-DD.")
    if version < VERSIONS[0]:
        raise _Refused(410, f"The API version {version} has been retired.")


def _body(request: wire.Request) -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise _Refused(415, "The content type must be application/json.")
    try:
        body = wire.unpacked(request.body, request.headers.get("content-encoding", ""))
        if len(body) > MOST_BYTES:
            raise _Refused(400, "The body is over 5 MB.")
        return wire.decode(body)
    except wire.Unreadable as error:
        raise _Refused(400, f"The body cannot be read: {error}.") from None


def _event_problems(body: Any) -> list[Problem]:
    found = problems(NAME, "event", body)
    if found:
        return found
    if seconds_of(body["eventTime"]) is None:
        return [Problem(("eventTime",), "pattern")]
    limit = over_limit(OMNISEND.endpoints["event"].limits, body["properties"])
    return [Problem(("properties",), "limit", limit)] if limit else []


def _contact_problems(body: Any) -> list[Problem]:
    """All but that a welcome is asked for, or not declined: it is legal, and counted."""
    return [one for one in problems(NAME, "contact", body) if one.path[-1:] != ("sendWelcomeMessage",)
            or one.rule not in ("const", "required") or not _is_welcome(body, one)]  # fmt: skip


def _is_welcome(body: Any, problem: Problem) -> bool:
    entry = body["identifiers"][problem.path[1]]
    return isinstance(entry.get("sendWelcomeMessage", True), bool)


def _raise(found: Sequence[Problem]) -> None:
    if found:
        raise _Refused(400, "The request contains invalid or missing fields.", found)


def _field(problem: Problem) -> dict[str, str]:
    code = {"required": "required", "additionalProperties": "unknown_field", "type": "invalid_type"}
    return {
        "field": _dotted(problem),
        "code": code.get(problem.rule, "invalid_format" if problem.rule == "pattern" else "invalid_value"),
        "message": _message(problem),
    }


def _dotted(problem: Problem) -> str:
    return ".".join(str(step) for step in problem.path)


def _message(problem: Problem) -> str:
    words = {
        "required": "Is required",
        "additionalProperties": "Is not a field of this request",
        "type": f"Must be of type {problem.about}",
        "anyOf": "One of id, email and phone is required",
        "pattern": "Has an invalid format",
        "propertyNames": "Has a name that is not 1 to 128 letters, digits and underscores",
        "limit": f"Exceeds a limit: {problem.about}",
    }
    if problem.rule.startswith(("max", "min")):
        return f"Breaks a limit: {problem.rule} {problem.about}"
    return words.get(problem.rule, "Is not valid")
