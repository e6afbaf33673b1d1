"""The look-alikes: they take what we send, refuse what the platforms refuse, and fail as they are told."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from mapforge.compiler.generate import generate
from mapforge.compiler.vendors import compile_vendor
from mapforge.delivery.exchange import wrapped
from mapforge.fakes import REAL, SMALL
from mapforge.fakes.windows import FixedWindows, Tier
from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import endpoint_of
from mapforge.runtime.mappers import of_sources
from mapforge.runtime.outcomes import Payload
from mapforge.runtime.pack import pack
from tests.fakes.doubles import (
    HEADERS,
    KLAVIYO,
    NOW,
    OMNISEND,
    Doubles,
    doubles,
    klaviyo_event,
    klaviyo_job,
    omnisend_event,
)

MAPPINGS = Path(__file__).parents[2] / "mappings"
VENDORS = sorted(path.parent.name for path in MAPPINGS.glob("*/vendor.yaml"))


@pytest.fixture
def fakes() -> Iterator[Doubles]:
    with doubles() as found:
        yield found


# ── what we send ──────────────────────────────────────────────────────────────────────────────────


def payloads(vendor: str) -> list[Payload]:
    """What the vendor's samples come to."""
    model = compile_vendor(MAPPINGS / vendor)
    mapper = of_sources(model, generate(model))
    found = []
    for path in sorted((MAPPINGS / vendor / "samples").glob("*.json")):
        if not path.name.endswith(".headers.json"):
            beside = path.with_name(f"{path.stem}.headers.json")
            headers = json.loads(beside.read_bytes()) if beside.exists() else {}
            found += mapper.map(path.read_bytes(), headers).payloads
    return found


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_payload_of_every_sample_is_taken(vendor: str) -> None:
    sent = payloads(vendor)
    with doubles(historical_after=1e12) as fakes:
        fakes.time.now = NOW + 10 * 365 * 86_400
        answers = {}
        for one in sent:
            endpoint = endpoint_of(PLATFORMS[one.platform], one.kind)
            path = urlsplit(endpoint.request.url).path
            answer = fakes.post(one.platform, path, wrapped(endpoint, one.body), _headers(one.platform))
            answers[one.platform, one.entry, one.event, one.unique_id] = (answer.status_code, _user_errors(answer))
        assert len(sent) >= 40
        assert {key: said for key, said in answers.items() if said[0] >= 300 or said[1]} == {}


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_bulk_request_of_the_samples_is_taken(vendor: str) -> None:
    sent = list(pack(payloads(vendor)))
    with doubles() as fakes:
        fakes.time.now = NOW + 10 * 365 * 86_400
        for one in sent:
            endpoint = endpoint_of(PLATFORMS[one.platform], one.kind)
            url = endpoint.request.url if endpoint.bulk is None else endpoint.bulk.request.url
            body = wrapped(endpoint, one.body) if endpoint.bulk is None else one.body
            answer = fakes.post(one.platform, urlsplit(url).path, body, _headers(one.platform))
            assert (answer.is_success, _user_errors(answer)) == (True, []), answer.text
        assert fakes.counts().get("refused") is None
        assert len(sent) >= 2


def _headers(platform: str) -> dict[str, str]:
    """The headers that the platform's data has, with a key."""
    endpoint = next(iter(PLATFORMS[platform].endpoints.values()))
    return {name: value.replace("{secret}", _KEYS[platform]) for name, value in endpoint.request.headers.items()}


_KEYS = {"klaviyo": "pk_acme", "omnisend": "acme", "shopify": "shpat_acme"}


def _user_errors(answer: httpx.Response) -> Any:
    data = answer.json().get("data") if answer.content else None
    return data["metafieldsSet"]["userErrors"] if isinstance(data, dict) and "metafieldsSet" in data else []


# ── what is refused ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": ""}, 401),
        ({"authorization": "Klaviyo-API-Key acme"}, 401),
        ({"revision": "2019-01-01"}, 410),
        ({"revision": "2026-07-16"}, 400),
        ({"revision": "new"}, 400),
        ({"content-type": "application/json"}, 415),
    ],
    ids=str,
)
def test_klaviyo_refuses_headers(headers: dict[str, str], status: int, fakes: Doubles) -> None:
    answer = fakes.post("klaviyo", "/api/events", klaviyo_event(), {**KLAVIYO, **headers})
    assert (answer.status_code, answer.json()["errors"][0]["status"]) == (status, status)
    assert fakes.items() == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": ""}, 401),
        ({"omnisend-version": ""}, 400),
        ({"omnisend-version": "2026-01-01"}, 410),
        ({"content-type": "text/plain"}, 415),
    ],
    ids=str,
)
def test_omnisend_refuses_headers(headers: dict[str, str], status: int, fakes: Doubles) -> None:
    answer = fakes.post("omnisend", "/api/events", omnisend_event(), {**OMNISEND, **headers})
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert fakes.items() == []


@pytest.mark.parametrize("platform", ["klaviyo", "omnisend"])
def test_paths_and_methods_that_are_not_there(platform: str, fakes: Doubles) -> None:
    assert fakes.post(platform, "/api/nothing", {}).status_code == 404
    answer = fakes.client.get(f"/{platform}/api/events", headers=HEADERS[platform])
    assert answer.status_code == 405


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"properties": None}, "/data/attributes/properties"),
        ({"time": "yesterday"}, "/data/attributes/time"),
        ({"time": "2028-09-21T14:00:00Z"}, "/data/attributes/time"),
        ({"extra": 1}, "/data/attributes/extra"),
        ({"properties": {f"p{number}": 1 for number in range(401)}}, "/data/attributes/properties"),
    ],
    ids=["null", "no time", "two years ahead", "unknown", "too many"],
)
def test_klaviyo_says_where_a_body_is_wrong(attributes: dict[str, Any], pointer: str, fakes: Doubles) -> None:
    answer = fakes.post("klaviyo", "/api/events", klaviyo_event(**attributes))
    assert (answer.status_code, answer.json()["errors"][0]["source"]["pointer"]) == (400, pointer)


@pytest.mark.parametrize(
    ("told", "field"),
    [({"contact": {}}, "contact"), ({"eventTime": "now"}, "eventTime"), ({"properties": {"a-b": 1}}, "properties")],
    ids=["nobody", "no time", "name"],
)
def test_omnisend_says_where_a_body_is_wrong(told: dict[str, Any], field: str, fakes: Doubles) -> None:
    answer = fakes.post("omnisend", "/api/events", omnisend_event(**told))
    assert (answer.status_code, answer.json()["errors"][0]["field"].split(".")[0]) == (400, field)


HOSTILE = {
    "nothing": b"",
    "not utf-8": b'{"data": "\xff"}',
    "not json": b"{",
    "deep": b"[" * 200_000,
    "deep object": b'{"data":' * 100_000,
    "a number": b"1e999999",
    "a list": b"[]",
    "null": b"null",
    "nul": b'{"data": "\x00"}',
    "nothing in it": b'{"data": {"type": "event", "attributes": {}}}',
    "large": b'{"data": "' + b"x" * 6_000_000 + b'"}',
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    ("platform", "path"),
    [
        ("klaviyo", "/api/events"),
        ("klaviyo", "/api/event-bulk-create-jobs"),
        ("klaviyo", "/api/profile-import"),
        ("klaviyo", "/api/profile-bulk-import-jobs"),
        ("omnisend", "/api/events"),
        ("omnisend", "/api/contacts"),
        ("omnisend", "/api/batches"),
        ("shopify", "/admin/api/2026-07/graphql.json"),
    ],
)
def test_a_hostile_body_is_refused_and_no_failure(platform: str, path: str, name: str, fakes: Doubles) -> None:
    answer = fakes.post(platform, path, HOSTILE[name])
    assert 400 <= answer.status_code < 500
    assert fakes.items() == []


def test_a_gzipped_body_is_read_and_a_bomb_is_refused(fakes: Doubles) -> None:
    headers = {**KLAVIYO, "content-encoding": "gzip"}
    good = gzip.compress(json.dumps(klaviyo_event()).encode())
    bomb = gzip.compress(b" " * 50_000_000)
    assert fakes.post("klaviyo", "/api/events", good, headers).status_code == 202
    assert fakes.post("klaviyo", "/api/events", bomb, headers).status_code == 400
    assert fakes.post("klaviyo", "/api/events", b"no gzip", headers).status_code == 400


# ── what is counted ───────────────────────────────────────────────────────────────────────────────


def test_klaviyo_counts_an_event_once_by_profile_metric_and_id(fakes: Doubles) -> None:
    other = {"data": {"type": "metric", "attributes": {"name": "Refund"}}}
    for body in (
        klaviyo_event(1),
        klaviyo_event(1),
        klaviyo_event(2),
        klaviyo_event(1, "eve@post.example"),
        klaviyo_event(1, metric=other),
    ):
        assert fakes.post("klaviyo", "/api/events", body).status_code == 202
    assert fakes.counts() == {"kept": 4, "duplicate": 1}


def test_klaviyo_drops_nobodys_events_in_silence(fakes: Doubles) -> None:
    assert fakes.post("klaviyo", "/api/events", klaviyo_event(1, "ada@example.com")).status_code == 202
    assert fakes.counts() == {"dropped": 1}


def test_omnisend_counts_a_fresh_event_twice_and_an_old_one_once(fakes: Doubles) -> None:
    for number, time in ((1, "2026-09-21T14:00:00Z"), (2, "2025-01-01T00:00:00Z")):
        for _ in range(2):
            assert fakes.post("omnisend", "/api/events", omnisend_event(number, time)).status_code == 202
    assert fakes.counts() == {"kept": 2, "doubled": 1, "duplicate": 1}


def test_a_welcome_that_a_contact_asks_for_is_counted(fakes: Doubles) -> None:
    def contact(**told: Any) -> dict[str, Any]:
        return {"identifiers": [{"type": "email", "id": "ada@post.example", **told}]}

    assert fakes.post("omnisend", "/api/contacts", contact(sendWelcomeMessage=False)).status_code == 201
    assert fakes.post("omnisend", "/api/contacts", contact(sendWelcomeMessage=True)).status_code == 200
    assert fakes.counts() == {"created": 1, "updated": 1, "mailed": 1}


def test_accounts_know_nothing_of_each_other(fakes: Doubles) -> None:
    for key in ("pk_acme", "pk_acme.2", "pk_other"):
        fakes.post("klaviyo", "/api/events", klaviyo_event(), {**KLAVIYO, "authorization": f"Klaviyo-API-Key {key}"})
    assert fakes.counts(account="acme") == {"kept": 1, "duplicate": 1}
    assert fakes.counts(account="other") == {"kept": 1}


def test_what_was_received_can_be_forgotten(fakes: Doubles) -> None:
    fakes.post("klaviyo", "/api/events", klaviyo_event())
    assert fakes.client.delete("/_received").status_code == 204
    assert (fakes.items(), fakes.counts(), fakes.calls()) == ([], {}, [])
    fakes.post("klaviyo", "/api/events", klaviyo_event())
    assert fakes.counts() == {"kept": 1}


def test_lists_have_an_end_and_counts_have_none() -> None:
    with doubles(keep=3) as fakes:
        for number in range(10):
            fakes.post("klaviyo", "/api/events", klaviyo_event(number))
        assert [item["id"] for item in fakes.items()] == ["e9", "e8", "e7"]
        assert fakes.counts() == {"kept": 10}
        assert fakes.client.get("/_received").json()["forgotten"]["items"] == 7


# ── many at once ──────────────────────────────────────────────────────────────────────────────────


def test_a_job_of_klaviyo_with_one_bad_event_is_refused_whole(fakes: Doubles) -> None:
    bad = klaviyo_event(2, time="yesterday")
    answer = fakes.post("klaviyo", "/api/event-bulk-create-jobs", klaviyo_job(klaviyo_event(1), bad))
    assert (answer.status_code, fakes.items()) == (400, [])
    assert fakes.post("klaviyo", "/api/event-bulk-create-jobs", klaviyo_job(klaviyo_event(1))).status_code == 202
    assert fakes.counts() == {"kept": 1}


@pytest.mark.parametrize(
    ("repeats", "status", "counts"), [("refuse", 400, {}), ("discard", 202, {"kept": 1, "duplicate": 1})]
)
def test_a_repeat_within_a_job(repeats: str, status: int, counts: dict[str, int]) -> None:
    with doubles(repeats=repeats) as fakes:
        job = klaviyo_job(klaviyo_event(1), klaviyo_event(1))
        assert fakes.post("klaviyo", "/api/event-bulk-create-jobs", job).status_code == status
        assert fakes.counts() == counts


def test_a_job_of_klaviyo_holds_1000_events(fakes: Doubles) -> None:
    events = [klaviyo_event(number) for number in range(1001)]
    assert fakes.post("klaviyo", "/api/event-bulk-create-jobs", klaviyo_job(*events)).status_code == 400
    assert fakes.post("klaviyo", "/api/event-bulk-create-jobs", klaviyo_job(*events[:1000])).status_code == 202


def test_a_batch_of_omnisend_takes_what_is_good_and_says_what_is_not(fakes: Doubles) -> None:
    batch = {
        "method": "POST",
        "endpoint": "events",
        "origin": "acme",
        "items": [omnisend_event(1), omnisend_event(2, contact={})],
    }
    answer = fakes.post("omnisend", "/api/batches", batch)
    assert (answer.status_code, answer.json()["totalCount"]) == (201, 2)
    assert fakes.counts() == {"kept": 1, "refused": 1}
    at = f"/omnisend/api/batches/{answer.json()['batchID']}"
    assert fakes.client.get(at, headers=OMNISEND).json()["status"] == "pending"
    fakes.time.now += 1
    said = fakes.client.get(at, headers=OMNISEND).json()
    assert (said["status"], said["finishedCount"], said["errorsCount"]) == ("finished", 2, 1)
    told = fakes.client.get(f"{at}/items", headers=OMNISEND).json()
    assert [(one["responseCode"], one["request"]["eventID"][-1]) for one in told["responses"]] == [(202, "1")]
    assert [(one["responseCode"], one["request"]["eventID"][-1]) for one in told["errors"]] == [(400, "2")]
    assert fakes.client.get(at, headers={**OMNISEND, "authorization": "Omnisend-API-Key other"}).status_code == 404


def klaviyo_import(number: int) -> dict[str, object]:
    """A job of so many profiles."""
    profiles = [
        {"type": "profile", "attributes": {"email": f"c{one}@post.example", "properties": {"a/b": one}}}
        for one in range(number)
    ]
    attributes = {"profiles": {"data": profiles}}
    return {"data": {"type": "profile-bulk-import-job", "attributes": attributes}}


def test_profiles_that_a_job_of_klaviyo_is_told_to_reject_are_listed_page_by_page(fakes: Doubles) -> None:
    fakes.control(platform="klaviyo", do="reject", items=0.5, times=1)
    answer = fakes.post("klaviyo", "/api/profile-bulk-import-jobs", klaviyo_import(300)).json()["data"]
    assert (answer["attributes"]["status"], answer["attributes"]["failed_count"]) == ("queued", 0)
    fakes.time.now += 1
    at = f"/klaviyo/api/profile-bulk-import-jobs/{answer['id']}"
    said = fakes.client.get(at, headers=KLAVIYO).json()["data"]["attributes"]
    assert (said["status"], said["failed_count"]) == ("complete", fakes.counts()["refused"])
    errors, query = [], "page[size]=100"
    while query:
        page = fakes.client.get(f"{at}/import-errors?{query}", headers=KLAVIYO).json()
        errors += page["data"]
        query = (page["links"]["next"] or "").partition("?")[2]
    assert len(errors) == said["failed_count"] > 100
    for one in errors:
        told = one["attributes"]
        place = told["original_payload"]["attributes"]["properties"]["a/b"]
        assert told["source"]["pointer"] == f"/data/attributes/profiles/data/{place}/attributes/properties/a~1b"
    assert len({one["attributes"]["source"]["pointer"] for one in errors}) == len(errors)
    for wrong in ("page[size]=101", "page[size]=0", f"page[cursor]={'9' * 5000}", "page[cursor]=-1"):
        assert fakes.client.get(f"{at}/import-errors?{wrong}", headers=KLAVIYO).status_code == 400


def test_a_job_that_stops_is_cancelled_and_has_half_of_its_profiles(fakes: Doubles) -> None:
    fakes.control(platform="klaviyo", do="stop", times=1)
    answer = fakes.post("klaviyo", "/api/profile-bulk-import-jobs", klaviyo_import(10)).json()["data"]
    fakes.time.now += 1
    said = fakes.client.get(f"/klaviyo/api/profile-bulk-import-jobs/{answer['id']}", headers=KLAVIYO).json()["data"]
    assert (said["attributes"]["status"], said["attributes"]["completed_count"]) == ("cancelled", 5)
    assert fakes.counts() == {"created": 5}
    assert fakes.calls()[-1] == (202, "stop")


def omnisend_batch(*numbers: int) -> dict[str, object]:
    items = [omnisend_event(number) for number in numbers]
    return {"method": "POST", "endpoint": "events", "origin": "acme", "items": items}


def test_batches_of_omnisend_are_listed_by_endpoint_and_status_the_newest_first(fakes: Doubles) -> None:
    names = []
    for number in range(3):
        fakes.time.now += 1
        answer = fakes.post("omnisend", "/api/batches", omnisend_batch(number))
        names.append(answer.json()["batchID"])

    def listed(query: str) -> list[str]:
        said = fakes.client.get(f"/omnisend/api/batches?{query}", headers=OMNISEND).json()
        return [one["batchID"] for one in said["batches"]]

    assert listed("endpoint=events") == names[::-1]
    assert listed("endpoint=events&status=finished&limit=1&offset=1") == names[:1]
    assert listed("endpoint=contacts") == []
    for query in ("", "endpoint=orders", *(f"endpoint=events&{one}" for one in ("limit=251", "limit=0", "offset=x"))):
        assert fakes.client.get(f"/omnisend/api/batches?{query}", headers=OMNISEND).status_code == 400


def test_a_batch_that_stops_says_what_it_did_not_begin(fakes: Doubles) -> None:
    fakes.control(platform="omnisend", do="stop", times=1)
    answer = fakes.post("omnisend", "/api/batches", omnisend_batch(1, 2, 3, 4))
    fakes.time.now += 1
    told = fakes.client.get(f"/omnisend/api/batches/{answer.json()['batchID']}/items", headers=OMNISEND).json()
    assert (told["status"], told["finishedCount"], told["errors"]) == ("stopped", 2, [])
    assert [one["status"] for one in told["responses"]] == ["finished", "finished", "pending", "pending"]
    assert fakes.counts() == {"kept": 2}


def test_an_item_that_a_batch_is_told_to_reject_says_which_property(fakes: Doubles) -> None:
    fakes.control(platform="omnisend", do="reject", times=1)
    answer = fakes.post("omnisend", "/api/batches", omnisend_batch(1))
    fakes.time.now += 1
    told = fakes.client.get(f"/omnisend/api/batches/{answer.json()['batchID']}/items", headers=OMNISEND).json()
    (error,) = told["errors"]
    assert (error["responseCode"], error["response"]["errors"][0]["field"]) == (400, "properties.x")
    assert fakes.counts() == {"refused": 1}


# ── limits ────────────────────────────────────────────────────────────────────────────────────────


def test_klaviyo_keeps_a_burst_and_a_steady_window() -> None:
    with doubles(SMALL) as fakes:
        taken = []
        for second in range(12):
            fakes.time.now = NOW // 15 * 15 + second
            statuses = [fakes.post("klaviyo", "/api/events", klaviyo_event()).status_code for _ in range(36)]
            taken.append(statuses.count(202))
        answer = fakes.post("klaviyo", "/api/events", klaviyo_event())
        assert taken == [35] * 10 + [0, 0]
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "4")
        assert answer.json()["errors"][0]["code"] == "throttled"
        fakes.time.now += 4
        answer = fakes.post("klaviyo", "/api/events", klaviyo_event())
        said = [answer.headers[f"ratelimit-{name}"] for name in ("limit", "remaining", "reset")]
        assert (answer.status_code, said) == (202, ["350", "349", "15"])


@pytest.mark.parametrize("burst", [1, 10, 350])
def test_the_real_windows_of_klaviyo(burst: int) -> None:
    windows, steady = FixedWindows(REAL), burst * 10
    taken = [windows.call("k", Tier(burst, steady), 600.0 + tick / 1000).taken for tick in range(0, 60_000, 2)]
    assert [sum(taken[at : at + 500]) for at in range(0, 30_000, 500)] == [burst] * 10 + [0] * 50
    assert windows.call("other", Tier(burst, steady), 601.0).taken
    assert windows.call("k", Tier(burst, steady), 660.0).taken


def test_omnisend_keeps_a_window_that_slides_over_all_of_a_brand() -> None:
    with doubles(SMALL) as fakes:
        statuses = [fakes.post("omnisend", "/api/events", omnisend_event(number)).status_code for number in range(41)]
        assert statuses == [202] * 40 + [429]
        fakes.time.now += 5
        key = {**OMNISEND, "authorization": "Omnisend-API-Key acme.other"}
        answer = fakes.post("omnisend", "/api/contacts", {}, key)
        assert (answer.status_code, answer.json()["retryAfter"]) == (429, 10)
        fakes.time.now += 10
        assert fakes.post("omnisend", "/api/events", omnisend_event()).status_code == 202


# ── faults ────────────────────────────────────────────────────────────────────────────────────────


def test_a_failure_takes_nothing_and_ends_after_so_many_times(fakes: Doubles) -> None:
    fakes.control(platform="klaviyo", do="fail", status=503, times=2, seconds=7)
    answers = [fakes.post("klaviyo", "/api/events", klaviyo_event()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 202]
    assert answers[0].headers["retry-after"] == "7"
    assert fakes.counts() == {"kept": 1}
    assert fakes.calls() == [(202, None), (503, "fail before"), (503, "fail before")]


@pytest.mark.parametrize(("when", "counts"), [("before", {}), ("after", {"kept": 1})])
def test_a_connection_that_is_dropped_gives_no_answer(when: str, counts: dict[str, int], fakes: Doubles) -> None:
    fakes.control(platform="omnisend", do="drop", when=when, times=1)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        fakes.post("omnisend", "/api/events", omnisend_event())
    assert fakes.counts() == counts
    assert fakes.calls() == [(None, f"drop {when}")]
    assert fakes.post("omnisend", "/api/events", omnisend_event(2)).status_code == 202


def test_a_hang_gives_no_answer_in_its_time(fakes: Doubles) -> None:
    fakes.control(platform="klaviyo", do="hang", seconds=60, times=1)
    with pytest.raises(httpx.ReadTimeout):
        fakes.client.post("/klaviyo/api/events", json={}, headers=KLAVIYO, timeout=0.2)
    assert fakes.post("klaviyo", "/api/events", klaviyo_event()).status_code == 202
    assert fakes.counts() == {"kept": 1}


def test_garbage_is_no_answer_that_can_be_read(fakes: Doubles) -> None:
    profile = {"data": {"type": "profile", "attributes": {"email": "ada@post.example"}}}
    for garbage in ("not-json", "content-type"):
        fakes.control(platform="klaviyo", do="garbage", garbage=garbage, times=1)
        answer = fakes.post("klaviyo", "/api/profile-import", profile)
        with pytest.raises(ValueError, match=r"Expecting|Invalid"):
            answer.json()
    fakes.control(platform="klaviyo", do="garbage", garbage="half-a-body", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        fakes.post("klaviyo", "/api/profile-import", profile)
    assert fakes.counts() == {"created": 1, "updated": 2}


def test_a_fault_is_for_one_endpoint_or_account_and_normal_takes_it_away(fakes: Doubles) -> None:
    fakes.control(platform="klaviyo", do="fail", endpoint="events")
    fakes.control(platform="omnisend", do="fail", account="other")
    profile = {"data": {"type": "profile", "attributes": {"email": "ada@post.example"}}}
    assert fakes.post("klaviyo", "/api/profile-import", profile).status_code == 201
    assert fakes.post("klaviyo", "/api/events", klaviyo_event()).status_code == 500
    assert fakes.post("omnisend", "/api/events", omnisend_event()).status_code == 202
    fakes.control(platform="klaviyo", do="normal")
    assert fakes.post("klaviyo", "/api/events", klaviyo_event()).status_code == 202
    assert [fault["platform"] for fault in fakes.client.get("/_control").json()["faults"]] == ["omnisend"]
    assert fakes.client.delete("/_control").json() == {"faults": []}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"platform": "klaviyo"}, "do"),
        ({"platform": "post", "do": "fail"}, "post"),
        ({"platform": "klaviyo", "do": "fail", "status": 200}, "status is from 400 to 599"),
        ({"platform": "klaviyo", "do": "drop", "status": 500}, "status goes with fail, not with drop"),
        ({"platform": "klaviyo", "do": "fail", "times": 0}, "times is at least 1"),
        ({"platform": "klaviyo", "do": "fail", "share": 2}, "share is from 0 to 1"),
        ({"platform": "klaviyo", "do": "reject", "items": -1}, "items is from 0 to 1"),
        ({"platform": "klaviyo", "do": "stop", "items": 0.5}, "items goes with reject, not with stop"),
        ({"platform": "klaviyo", "do": "stop", "when": "before"}, "when goes with fail or hang or drop"),
        ({"platform": "klaviyo", "do": "fail", "tims": 1}, "tims"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_control_that_says_something_impossible_is_refused(told: dict[str, Any], said: str, fakes: Doubles) -> None:
    answer = fakes.control(**told)
    assert (answer.status_code, said in answer.json()["error"]) == (400, True)
    assert fakes.client.get("/_control").json() == {"faults": []}


# ── the page ──────────────────────────────────────────────────────────────────────────────────────


def test_the_page_shows_what_came_and_executes_none_of_it(fakes: Doubles) -> None:
    evil = "<script>alert(1)</script>"
    metric = {"data": {"type": "metric", "attributes": {"name": evil}}}
    fakes.post("klaviyo", "/api/events", klaviyo_event(1, metric=metric))
    fakes.post("klaviyo", "/api/events", klaviyo_event(properties={evil: [None] * 11}, extra=evil))
    fakes.control(platform="omnisend", do="fail", endpoint=evil)
    answer = fakes.client.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert evil not in answer.text
    assert answer.text.count("&lt;script&gt;") >= 3
    assert "http" not in answer.text.replace("http-equiv", "").lower().split("<h2>refused")[0].split("<h2>faults")[0]


# ── Shopify ───────────────────────────────────────────────────────────────────────────────────────

MUTATION = (
    "mutation set($metafields: [MetafieldsSetInput!]!)"
    " { metafieldsSet(metafields: $metafields) { userErrors { field } } }"
)


def metafields(*told: dict[str, Any], query: str = MUTATION) -> dict[str, Any]:
    whole = {
        "ownerId": "gid://shopify/Customer/1",
        "namespace": "acme",
        "key": "tier",
        "type": "single_line_text_field",
    }
    return {"query": query, "variables": {"metafields": [{**whole, "value": "Gold", **one} for one in told]}}


def test_shopify_saves_all_of_a_call_or_none(fakes: Doubles) -> None:
    path = "/admin/api/2026-07/graphql.json"
    assert _user_errors(fakes.post("shopify", path, metafields({}, {"key": "level"}))) == []
    bad = _user_errors(fakes.post("shopify", path, metafields({}, {"type": "number_integer", "value": "1.5"})))
    assert [error["elementIndex"] for error in bad] == [1]
    many = _user_errors(fakes.post("shopify", path, metafields(*[{"key": f"k{number:02}"} for number in range(26)])))
    assert [error["code"] for error in many] == ["LESS_THAN_OR_EQUAL_TO"]
    assert fakes.counts() == {"created": 2}
    other = fakes.post("shopify", path, metafields({}, query="{ shop { name } }")).json()
    assert other["errors"][0]["extensions"]["code"] == "undefinedField"
