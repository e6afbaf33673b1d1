"""A request → what Klaviyo answers: its headers and bodies checked, its windows kept, repeats dropped.

https://developers.klaviyo.com/en/reference/api_overview; each limit's page stands with it in `platforms.klaviyo`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from mapforge.fakes import wire
from mapforge.fakes.klaviyo_errors import CONTENT_TYPE, Error, errors_of, escaped, refused
from mapforge.fakes.people import Identifier, People
from mapforge.fakes.problems import Problem, problems
from mapforge.fakes.received import Outcome
from mapforge.fakes.remembered import Remembered
from mapforge.fakes.state import State, iso, seconds_of
from mapforge.fakes.windows import FixedWindows, Standing, Tier
from mapforge.platforms.base import over_limit
from mapforge.platforms.klaviyo import KLAVIYO

NAME = KLAVIYO.name
# Newest first. The oldest is the last whose two years are not over on the day of the facts, 2026-11-20.
REVISIONS = tuple("2026-10-15 2026-07-15 2026-04-15 2026-01-15 2025-10-15 2025-07-15 2025-04-15 2025-01-15".split())
XS, M, L, XL = Tier(1, 15), Tier(10, 150), Tier(75, 750), Tier(350, 3500)
TIERS: Mapping[tuple[str, str], Tier] = {
    ("POST", "events"): XL,
    ("POST", "event-bulk-create-jobs"): M,
    ("POST", "profile-import"): L,
    ("POST", "profile-bulk-import-jobs"): M,
    ("GET", "profile-bulk-import-jobs"): M,
    ("GET", "accounts"): XS,
}
SUREST = ("external_id", "email", "phone_number", "anonymous_id", "_kx")
SHOWN = "email phone_number external_id first_name last_name organization locale title image".split()
NEVER_STORED = ("example.com", "test.com")
A_YEAR = 365 * 86_400
MOST_BYTES = 5_000_000
MOST_EVENTS = 1000
PROFILE_IN_EVENT = 95_000
PROFILE = 100_000

_KEY = re.compile(r"Klaviyo-API-Key pk_([A-Za-z0-9._-]+)|Bearer ([A-Za-z0-9._-]+)", re.ASCII)
_PATH = re.compile(r"/api/([a-z-]+)(?:/([A-Z0-9]+)(/import-errors)?)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(\.[a-z]+)?", re.ASCII)
_OPT_OUT = "x-klaviyo-revision-fall-forward-opt-out"


class _Job(msgspec.Struct, frozen=True):
    account: str
    total: int
    made: float
    stopped: bool = False
    errors: tuple[dict[str, Any], ...] = ()


class _Refused(Exception):
    """Ends a call with errors."""

    def __init__(self, *errors: Error) -> None:
        super().__init__()
        self.errors = errors


class Klaviyo:
    """Klaviyo's double."""

    name = NAME

    def __init__(self, state: State) -> None:
        self._state = state
        self._windows = FixedWindows(state.settings.limits)
        self._people = People(state.settings.remember, state.letters)
        self._seen: Remembered[tuple[str, str, str, str], bool] = Remembered(state.settings.remember)
        self._jobs: Remembered[str, _Job] = Remembered(state.settings.remember)

    def account(self, request: wire.Request) -> str | None:
        """See LookAlike."""
        key = _KEY.fullmatch(request.headers.get("authorization", ""))
        return wire.account_of(key[1] or key[2]) if key else None

    def endpoint(self, request: wire.Request) -> str:
        """See LookAlike."""
        path = _PATH.fullmatch(request.path)
        return path[1] if path else ""

    def answer(self, request: wire.Request, number: int) -> wire.Answer:
        """See LookAlike."""
        account = self.account(request)
        if account is None:
            return self._refused(_NO_KEY)
        endpoint = self.endpoint(request)
        if not any(name == endpoint for _, name in TIERS):
            return self._refused(_error(404, "not_found", "Not found.", "The path does not exist."))
        tier = TIERS.get((request.method, endpoint))
        if tier is None:
            detail = f'Method "{request.method}" not allowed.'
            return self._refused(_error(405, "method_not_allowed", detail, detail))
        if not self._state.settings.limits.share:
            return self._within(request, account, endpoint, number)
        standing = self._windows.call((account, request.method, endpoint), tier, self._state.clock())
        if not standing.taken:
            return self._throttled(standing.retry_after)
        answer = self._within(request, account, endpoint, number)
        return msgspec.structs.replace(answer, headers={**answer.headers, **_standing(standing)})

    def failure(self, status: int, seconds: int) -> wire.Answer:
        """See LookAlike."""
        if status == 429:
            return self._throttled(seconds)
        answer = self._refused(_error(status, "error", "A server error occurred.", "A server error occurred."))
        headers = {**answer.headers, "retry-after": str(seconds)} if status == 503 else answer.headers
        return msgspec.structs.replace(answer, headers=headers)

    def forget(self) -> None:
        """See LookAlike."""
        self._people.clear()
        self._seen.clear()
        self._jobs.clear()

    @property
    def forgotten(self) -> int:
        """How many keys, profiles and jobs it knows no longer: a repeat of them counts as new."""
        return self._people.forgotten + self._seen.forgotten + self._jobs.forgotten

    def _within(self, request: wire.Request, account: str, endpoint: str, number: int) -> wire.Answer:
        """The answer to a call that the windows take."""
        try:
            self._check_revision(request.headers)
            if request.method == "GET":
                return self._account(account) if endpoint == "accounts" else self._job(request, account)
            body = self._body(request)
            if endpoint == "profile-bulk-import-jobs":
                return self._profiles(body, account, number, request)
            return {
                "events": self._event,
                "event-bulk-create-jobs": self._events,
                "profile-import": self._profile,
            }[endpoint](body, account, number)
        except _Refused as end:
            return self._refused(*end.errors)

    # ── headers and body ──────────────────────────────────────────────────────────────────────────

    def _check_revision(self, headers: Mapping[str, str]) -> None:
        revision = headers.get("revision")
        if revision is None:
            raise _Refused(_invalid("The revision header is required.", "/data/"))
        if not _DATE.fullmatch(revision):
            raise _Refused(_invalid("The revision is not a date as YYYY-MM-DD.", "/data/"))
        falls = self._state.settings.fall_forward and headers.get(_OPT_OUT) != "1"
        if revision in REVISIONS or (falls and revision < REVISIONS[0]):
            return
        if revision < REVISIONS[-1]:
            raise _Refused(_error(410, "gone", "Gone.", f"The revision {revision} is retired."))
        raise _Refused(_invalid(f"There is no revision {revision}.", "/data/"))

    def _body(self, request: wire.Request) -> Any:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != CONTENT_TYPE:
            raise _Refused(_NO_JSON_API)
        try:
            body = wire.unpacked(request.body, request.headers.get("content-encoding", ""))
            if len(body) > MOST_BYTES:
                raise _Refused(_invalid("The payload exceeds the maximum of 5MB.", "/data"))
            return wire.decode(body)
        except wire.Unreadable as error:
            raise _Refused(_invalid(f"JSON parse error: {error}.", "/data")) from None

    # ── what it takes ─────────────────────────────────────────────────────────────────────────────

    def _event(self, body: Any, account: str, number: int) -> wire.Answer:
        self._raise(body, problems(NAME, "event", body))
        told = body["data"]["attributes"]
        self._raise(body, list(self._beyond(told, told["profile"]["data"], ("data", "attributes"))))
        profile = told["profile"]["data"]
        self._take(told, account, number, self._person(account, profile), _is_kept(profile), body)
        return wire.Answer(202)

    def _events(self, body: Any, account: str, number: int) -> wire.Answer:
        self._raise(body, problems(NAME, "event-bulk", body))
        entries = body["data"]["attributes"]["events-bulk-create"]["data"]
        self._raise(body, list(self._beyond_in_bulk(entries, account)))
        for entry in entries:
            profile = entry["attributes"]["profile"]["data"]
            person, stored = self._person(account, profile), _is_kept(profile)
            for event in entry["attributes"]["events"]["data"]:
                alone = {**event, "attributes": {**event["attributes"], "profile": {"data": profile}}}
                self._take(event["attributes"], account, number, person, stored, {"data": alone})
        return wire.Answer(202)

    def _take(self, told: Any, account: str, number: int, person: str, stored: bool, body: Any) -> None:
        metric = told["metric"]["data"]["attributes"]["name"]
        key = (account, person, metric, told["unique_id"])
        outcome: Outcome = "duplicate" if self._seen.get(key) else "kept" if stored else "dropped"
        if stored:
            self._seen.put(key, True)
        self._note(number, account, "event", outcome, metric, told["unique_id"], person, body)

    def _profile(self, body: Any, account: str, number: int) -> wire.Answer:
        self._raise(body, problems(NAME, "profile", body))
        self._raise(body, list(_profile_beyond(body["data"], PROFILE, ("data",))))
        person, new = self._put(body["data"], account, number)
        return wire.Answer(201 if new else 200, msgspec.json.encode({"data": self._resource(person)}), _headers())

    def _profiles(self, body: Any, account: str, number: int, request: wire.Request) -> wire.Answer:
        self._raise(body, problems(NAME, "profile-bulk", body))
        profiles = body["data"]["attributes"]["profiles"]["data"]
        path = ("data", "attributes", "profiles", "data")
        found = (one for at, each in enumerate(profiles) for one in _profile_beyond(each, PROFILE, (*path, at)))
        self._raise(body, list(found))
        errors = []
        for at, one in enumerate(profiles[: len(profiles) // 2] if request.stops else profiles):
            if self._state.hits(request.rejects):
                errors.append(self._import_error(one, at))
                self._note(number, account, "profile", "refused", "profile", "", "", {"data": one})
            else:
                self._put(one, account, number)
        made = self._state.letters()
        job = _Job(account, len(profiles), self._state.clock(), request.stops, tuple(errors))
        self._jobs.put(made, job)
        return wire.Answer(202, msgspec.json.encode({"data": self._job_resource(made)}), _headers())

    def _import_error(self, profile: Any, at: int) -> dict[str, Any]:
        """What Klaviyo says of a profile that it took with a job and could not import."""
        name = next(iter(profile["attributes"].get("properties", {})), None)
        within = "attributes" if name is None else f"attributes/properties/{escaped(name)}"
        told = {
            "code": "invalid",
            "title": "Invalid input.",
            "detail": "The value is not valid for this profile.",
            "source": {"pointer": f"/data/attributes/profiles/data/{at}/{within}"},
            "original_payload": profile,
        }
        return {"type": "import-error", "id": self._state.uuid(), "attributes": told}

    def _put(self, profile: Any, account: str, number: int) -> tuple[str, bool]:
        person, new = self._people.put(account, _identifiers(profile), self._told(profile))
        outcome: Outcome = "created" if new else "updated"
        self._note(number, account, "profile", outcome, "profile", "", person, {"data": profile})
        return person, new

    def _person(self, account: str, profile: Any) -> str:
        return self._people.put(account, _identifiers(profile), self._told(profile))[0]

    def _told(self, profile: Any) -> dict[str, Any]:
        return {**profile["attributes"], "updated": iso(self._state.clock())}

    def _note(
        self, call: int, account: str, kind: str, outcome: Outcome, name: str, key: str, person: str, body: Any
    ) -> None:
        self._state.received.item(
            call=call, at=self._state.clock(), platform=NAME, account=account, kind=kind,
            outcome=outcome, name=name, id=key, person=person, body=body,
        )  # fmt: skip

    # ── limits in prose ───────────────────────────────────────────────────────────────────────────

    def _beyond(self, told: Any, profile: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
        limit = over_limit(KLAVIYO.endpoints["event"].limits, told["properties"])
        if limit is not None:
            yield Problem((*path, "properties"), "limit", limit)
        time = seconds_of(told["time"])
        if time is None:
            yield Problem((*path, "time"), "pattern")
        elif time > self._state.clock() + A_YEAR:
            yield Problem((*path, "time"), "limit", "a time more than a year ahead")
        yield from _profile_beyond(profile, PROFILE_IN_EVENT, (*path, "profile", "data"))

    def _beyond_in_bulk(self, entries: Sequence[Any], account: str) -> Iterator[Problem]:
        top = ("data", "attributes", "events-bulk-create", "data")
        total = sum(len(entry["attributes"]["events"]["data"]) for entry in entries)
        if total > MOST_EVENTS:
            yield Problem(top, "limit", f"{total} events, at most {MOST_EVENTS}")
        seen: set[tuple[str, str, str]] = set()
        for at, entry in enumerate(entries):
            profile = entry["attributes"]["profile"]["data"]
            path = (*top, at, "attributes")
            yield from _profile_beyond(profile, PROFILE_IN_EVENT, (*path, "profile", "data"))
            who = self._people.find(account, _identifiers(profile)) or str(_identifiers(profile)[0])
            for number, event in enumerate(entry["attributes"]["events"]["data"]):
                told, place = event["attributes"], (*path, "events", "data", number, "attributes")
                yield from self._beyond(told, {}, place)
                key = (who, told["metric"]["data"]["attributes"]["name"], told["unique_id"])
                if key in seen and self._state.settings.repeats == "refuse":
                    yield Problem((*place, "unique_id"), "limit", "the same profile, metric and unique_id twice")
                seen.add(key)

    def _raise(self, body: Any, found: Sequence[Problem]) -> None:
        if found:
            raise _Refused(*errors_of(body, found))

    # ── answers ───────────────────────────────────────────────────────────────────────────────────

    def _refused(self, *errors: Error) -> wire.Answer:
        return refused(errors, self._state.uuid)

    def _throttled(self, seconds: int) -> wire.Answer:
        detail = f"Request was throttled. Expected available in {seconds} second{'' if seconds == 1 else 's'}."
        answer = self._refused(_error(429, "throttled", "Request was throttled.", detail))
        return msgspec.structs.replace(answer, headers={**answer.headers, "retry-after": str(seconds)})

    def _resource(self, person: str) -> dict[str, Any]:
        told = self._people.told(person)
        own = {name: told.pop(name, None) for name in SHOWN}
        attributes = {**own, **told, "location": told.get("location", {}), "properties": told.get("properties", {})}
        links = {"self": f"https://a.klaviyo.com/api/profiles/{person}/"}
        return {"type": "profile", "id": person, "attributes": attributes, "links": links}

    def _account(self, account: str) -> wire.Answer:
        """Its own name is the account's public key; an account has no more here."""
        attributes = {
            "test_account": True,
            "contact_information": {"organization_name": account, "website_url": None},
            "timezone": "UTC",
            "preferred_currency": "USD",
            "public_api_key": account,
            "locale": "en-US",
        }
        links = {"self": f"https://a.klaviyo.com/api/accounts/{account}/"}
        one = {"type": "account", "id": account, "attributes": attributes, "links": links}
        return wire.Answer(200, msgspec.json.encode({"data": [one]}), _headers())

    def _job(self, request: wire.Request, account: str) -> wire.Answer:
        path = _PATH.fullmatch(request.path)
        name = path[2] if path else None
        job = self._jobs.get(name or "")
        if job is None or job.account != account:
            raise _Refused(_error(404, "not_found", "Not found.", "A job with this id does not exist."))
        if path is not None and path[3] is not None:
            return self._job_errors(job, request)
        return wire.Answer(200, msgspec.json.encode({"data": self._job_resource(str(name))}), _headers())

    def _job_errors(self, job: _Job, request: wire.Request) -> wire.Answer:
        """A page of errors; the next one's cursor is the number of its first."""
        size = wire.number(request.query.get("page[size]", "20"))
        first = wire.number(request.query.get("page[cursor]", "0"))
        if size is None or first is None or not 1 <= size <= 100:
            raise _Refused(_invalid("page[size] is from 1 to 100.", "/data/"))
        here = f"https://a.klaviyo.com{request.path}/"
        end = first + size
        after = f"{here}?page%5Bsize%5D={size}&page%5Bcursor%5D={end}" if end < len(job.errors) else None
        body = {"data": job.errors[first:end], "links": {"self": here, "next": after, "prev": None}}
        return wire.Answer(200, msgspec.json.encode(body), _headers())

    def _job_resource(self, name: str) -> dict[str, Any]:
        job = self._jobs.get(name)
        assert job is not None
        length = self._state.settings.job_seconds
        share = 1.0 if not length else min(1.0, (self._state.clock() - job.made) / length)
        started, done = share >= 0.2, share >= 1.0
        ended = "cancelled" if job.stopped else "complete"
        attributes = {
            "status": ended if done else "processing" if started else "queued",
            "created_at": iso(job.made),
            "total_count": job.total,
            "completed_count": int(job.total * share * (0.5 if job.stopped else 1)) if started else 0,
            "failed_count": len(job.errors) if done else 0,
            "started_at": iso(job.made + length * 0.2) if started else None,
            "completed_at": iso(job.made + length) if done else None,
            "expires_at": iso(job.made + 7 * 86_400),
        }
        links = {"self": f"https://a.klaviyo.com/api/profile-bulk-import-jobs/{name}/"}
        return {"type": "profile-bulk-import-job", "id": name, "attributes": attributes, "links": links}


def _identifiers(profile: Any) -> list[Identifier]:
    """Of a profile, the surest first. An address is the same in any case."""
    own = [("id", profile["id"])] if "id" in profile else []
    told = profile["attributes"]
    named = [(name, told[name]) for name in SUREST if name in told]
    return own + [(name, value.lower() if name == "email" else value) for name, value in named]


def _is_kept(profile: Any) -> bool:
    """Whether Klaviyo stores events of the profile: not of addresses that are nobody's."""
    domain = profile["attributes"].get("email", "").rpartition("@")[2].lower()
    return domain not in NEVER_STORED


def _profile_beyond(profile: Any, most: int, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if len(msgspec.json.encode(profile)) > most:
        yield Problem(path, "limit", f"a profile over {most // 1000} KB")


def _error(status: int, code: str, title: str, detail: str) -> Error:
    return Error(status, code, title, detail, "/data/")


def _invalid(detail: str, pointer: str) -> Error:
    return Error(400, "invalid", "Invalid input.", detail, pointer)


_NO_KEY = _error(
    401, "not_authenticated", "Authentication credentials were not provided.", "Missing or invalid private key."
)
_NO_JSON_API = _error(
    415, "unsupported_media_type", "Unsupported media type.", f"The content type must be {CONTENT_TYPE}."
)


def _headers() -> dict[str, str]:
    return {"content-type": CONTENT_TYPE}


def _standing(standing: Standing) -> dict[str, str]:
    return {
        "ratelimit-limit": str(standing.limit),
        "ratelimit-remaining": str(standing.remaining),
        "ratelimit-reset": str(standing.reset),
    }
