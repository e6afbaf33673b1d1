"""Bulk requests: what is in them, in what order, and what never stands in one together."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapforge import BulkRequest, Payload, compile_vendor, pack
from mapforge.compiler.generate import generate
from mapforge.runtime.mappers import of_sources

ROOT = Path(__file__).parents[2]
VENDOR = compile_vendor(ROOT / "mappings" / "99minds", "mappings/99minds")
MAPPER = of_sources(VENDOR, generate(VENDOR))
MOST_BYTES = 5_000_000
MOST_OF_A_BATCH = 100
SAMPLE = json.loads(
    (ROOT / "mappings/99minds/samples/giftcard-issued.json").read_bytes(), parse_float=lambda digits: digits
)


def payloads(number: int, platform: str, **changed: Any) -> list[Payload]:
    """Payloads of as many raw events, each with an id of its own and one of three customers."""
    found: list[Payload] = []
    for at in range(number):
        raw = {**SAMPLE, "id": f"evt_{at}", "customer": {**SAMPLE["customer"], "id": at % 3}, **changed}
        found += MAPPER.map(json.dumps(raw), to=platform).payloads
    return found


def exactly(body: bytes) -> Any:
    return json.loads(body, parse_float=Decimal)


def events(request: BulkRequest) -> list[tuple[Any, Any]]:
    """Profile and event of a Klaviyo job, in the order of the job."""
    entries = exactly(request.body)["data"]["attributes"]["events-bulk-create"]["data"]
    return [
        (entry["attributes"]["profile"], event["attributes"])
        for entry in entries
        for event in entry["attributes"]["events"]["data"]
    ]


def alone(payload: Payload) -> tuple[Any, Any]:
    """Profile and event of a Klaviyo payload."""
    attributes = exactly(payload.body)["data"]["attributes"]
    return attributes.pop("profile"), attributes


def whole(requests: Iterable[BulkRequest]) -> list[Payload]:
    return [payload for request in requests for payload in request.payloads]


def test_a_klaviyo_job_holds_each_profile_once_with_its_events_in_order() -> None:
    given_ = payloads(5, "klaviyo")
    (request,) = pack(given_)
    assert exactly(request.body)["data"]["type"] == "event-bulk-create-job"
    sent = events(request)
    assert len(exactly(request.body)["data"]["attributes"]["events-bulk-create"]["data"]) == 3
    assert sorted(map(repr, sent)) == sorted(repr(alone(payload)) for payload in given_)
    for profile, _ in sent:
        mine = [event for other, event in sent if other == profile]
        assert mine == [event for other, event in map(alone, given_) if other == profile]


def test_a_klaviyo_job_holds_at_most_a_thousand_events() -> None:
    given_ = payloads(1001, "klaviyo")
    requests = pack(given_)
    assert [len(request.payloads) for request in requests] == [1000, 1]
    assert whole(requests) == given_


def test_a_repeat_never_stands_in_a_klaviyo_job_with_its_first() -> None:
    first, second, third = payloads(3, "klaviyo")
    requests = pack([first, second, first, third])
    assert [list(request.payloads) for request in requests] == [[first, second], [first, third]]


def test_a_klaviyo_job_has_at_most_five_megabytes() -> None:
    note = {**SAMPLE["transaction"], "note": "x" * 90_000}
    requests = pack(payloads(60, "klaviyo", transaction=note))
    assert len(requests) == 2
    assert all(len(request.body) <= MOST_BYTES for request in requests)
    assert len(requests[0].body) > MOST_BYTES - 100_000


def test_an_omnisend_batch_holds_a_hundred_bodies_as_they_are() -> None:
    given_ = payloads(101, "omnisend")
    requests = pack(given_)
    assert [len(request.payloads) for request in requests] == [MOST_OF_A_BATCH, 1]
    assert exactly(requests[1].body) == {
        "endpoint": "events",
        "method": "POST",
        "origin": "99minds",
        "items": [exactly(given_[100].body)],
    }


def test_platforms_are_packed_apart() -> None:
    both = [payload for pair in zip(payloads(2, "klaviyo"), payloads(2, "omnisend"), strict=True) for payload in pair]
    assert [(request.platform, request.kind, len(request.payloads)) for request in pack(both)] == [
        ("klaviyo", "event", 2),
        ("omnisend", "event", 2),
    ]


def test_nothing_makes_no_request() -> None:
    assert pack([]) == []


def test_a_request_shows_no_customer_data() -> None:
    (request,) = pack(payloads(1, "klaviyo"))
    assert repr(request) == f"BulkRequest(1 of kind event to klaviyo, {len(request.body)} bytes)"


POOL = payloads(4, "klaviyo") + payloads(3, "omnisend")


@given(st.lists(st.sampled_from(POOL), max_size=30))
def test_no_payload_is_lost_and_each_platform_keeps_its_order(chosen: list[Payload]) -> None:
    requests = pack(chosen)
    for platform in ("klaviyo", "omnisend"):
        mine = [request for request in requests if request.platform == platform]
        assert whole(mine) == [payload for payload in chosen if payload.platform == platform]
    for request in requests:
        if request.platform == "klaviyo":
            keys = [(repr(profile), event["unique_id"]) for profile, event in events(request)]
            assert len(set(keys)) == len(keys) == len(request.payloads)


@pytest.mark.parametrize("digits", ["19.99", "12345678901234567.89", "0.10"])
def test_digits_stay_as_they_are(digits: str) -> None:
    raw = json.dumps({**SAMPLE, "card": {**SAMPLE["card"], "balance": digits}})
    (request,) = pack(MAPPER.map(raw, to="klaviyo").payloads)
    assert f'"balance":{digits},'.encode() in request.body


# ── profiles ──────────────────────────────────────────────────────────────────────────────────────

_SYNC = compile_vendor(ROOT / "mappings" / "jericommerce", "mappings/jericommerce")
_SYNCER = of_sources(_SYNC, generate(_SYNC))
FIELDS = {"balance": 1, "birthdate": None, "tier-name": "Gold", "tier-balance": 5}


def updates(people: Iterable[int], platform: str, entry: str = "Full sync") -> list[Payload]:
    """An update of the profile of each of these people, in their order."""
    found: list[Payload] = []
    for at, person in enumerate(people):
        raw = {"email": f"p{person}@post.example", "externalCustomerId": person, "id": f"s{at}"}
        raw |= {"customerId": "c", "createdAt": "2026-03-08T12:00:00Z", "properties": FIELDS}
        found += _SYNCER.map(json.dumps(raw), to=platform, event=entry).payloads
    return found


def without_batch(payloads: Iterable[Payload]) -> list[Payload]:
    return [msgspec.structs.replace(payload, batch=None) for payload in payloads]


def test_a_klaviyo_job_holds_each_profile_as_it_is_sent_alone() -> None:
    given_ = updates(range(3), "klaviyo")
    (request,) = pack(given_)
    assert (request.platform, request.kind) == ("klaviyo", "profile")
    assert exactly(request.body) == {
        "data": {
            "type": "profile-bulk-import-job",
            "attributes": {"profiles": {"data": [exactly(payload.body)["data"] for payload in given_]}},
        }
    }


@pytest.mark.parametrize(("platform", "most"), [("klaviyo", 10_000), ("omnisend", 100)])
def test_a_request_holds_as_many_profiles_as_the_platform_takes(platform: str, most: int) -> None:
    (given_,) = without_batch(updates([0], platform))
    bodies = (given_.body.replace(b"p0@", f"p{at}@".encode()) for at in range(most + 1))
    many = [msgspec.structs.replace(given_, body=body) for body in bodies]
    assert [len(request.payloads) for request in pack(many)] == [most, 1]


@pytest.mark.parametrize(("platform", "most"), [("klaviyo", 500), ("omnisend", 100)])
def test_a_request_holds_no_more_than_the_mapping_s_own_batch(platform: str, most: int) -> None:
    requests = pack(updates(range(501), platform))
    assert [len(request.payloads) for request in requests] == [most] * (501 // most) + [1]


@pytest.mark.parametrize("platform", ["klaviyo", "omnisend"])
def test_two_updates_of_a_profile_never_stand_in_one_request_and_keep_their_order(platform: str) -> None:
    given_ = updates([1, 2, 1, 3], platform)
    requests = pack(given_)
    assert [list(request.payloads) for request in requests] == [given_[:2], given_[2:]]


def test_two_updates_that_share_any_identifier_are_of_one_profile() -> None:
    trifft = compile_vendor(ROOT / "mappings" / "trifft", "mappings/trifft")
    mapper = of_sources(trifft, generate(trifft))
    raw = json.loads((ROOT / "mappings/trifft/samples/member-verified.json").read_bytes())
    made = []
    for email in ("jane.doe@mail.example", None, "JANE.doe@mail.example"):
        found = mapper.map(json.dumps({**raw, "member": {**raw["member"], "email": email}}), to="klaviyo").payloads
        made += [payload for payload in found if payload.kind == "profile"]
    assert [list(request.payloads) for request in pack(made)] == [[payload] for payload in made]


def test_an_omnisend_batch_of_contacts_names_its_endpoint_and_no_origin() -> None:
    given_ = updates(range(2), "omnisend")
    (request,) = pack(given_)
    assert exactly(request.body) == {
        "endpoint": "contacts",
        "method": "POST",
        "items": [exactly(payload.body) for payload in given_],
    }


def test_a_platform_without_a_bulk_request_gets_each_payload_alone() -> None:
    given_ = updates(range(3), "shopify")
    requests = pack(given_)
    assert [(request.kind, request.body, request.payloads) for request in requests] == [
        ("metafields", payload.body, (payload,)) for payload in given_
    ]


def test_events_and_profiles_of_a_platform_are_packed_apart() -> None:
    mixed = payloads(1, "klaviyo") + updates(range(1), "klaviyo")
    assert [request.kind for request in pack(mixed)] == ["event", "profile"]


PEOPLE = {platform: updates([1, 2, 3, 1, 2], platform) for platform in ("klaviyo", "omnisend", "shopify")}


@given(st.lists(st.sampled_from([one for made in PEOPLE.values() for one in made]), max_size=40))
def test_no_update_is_lost_doubled_or_passed_by_another_of_its_profile(chosen: list[Payload]) -> None:
    requests = pack(chosen)
    for platform in PEOPLE:
        mine = [request for request in requests if request.platform == platform]
        assert whole(mine) == [payload for payload in chosen if payload.platform == platform]
    for request in requests:
        keys = [payload.profile_key for payload in request.payloads]
        assert len(set(keys)) == len(keys)
