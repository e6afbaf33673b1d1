"""The schemas of profiles, contacts, metafields and bulk requests: each fault is refused at its place."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mapforge.platforms import PLATFORMS
from mapforge.schemas import payload_schema, payload_validator

ROOT = Path(__file__).parents[2]
ABSENT = object()

PROFILE: dict[str, Any] = {
    "type": "profile",
    "id": "01G",
    "attributes": {
        "email": "maria@acme.dev",
        "phone_number": "+14155550123",
        "external_id": "8123",
        "_kx": "kx",
        "first_name": "Maria",
        "last_name": None,
        "organization": "Acme",
        "locale": "en-US",
        "title": "Dr",
        "image": "https://acme.dev/m.png",
        "location": {"address1": "1 Main St", "city": None, "zip": "10017", "latitude": 48.85, "timezone": "UTC"},
        "properties": {"tier-name": "Gold", "points": 5, "none": None},
    },
}
EVENT: dict[str, Any] = {
    "type": "event",
    "attributes": {
        "properties": {"points": 5},
        "time": "2026-03-08T12:00:00Z",
        "value": 5,
        "value_currency": "EUR",
        "unique_id": "evt_1",
        "backfill": True,
        "metric": {"data": {"type": "metric", "attributes": {"name": "Points"}}},
    },
}
ENTRY: dict[str, Any] = {
    "type": "event-bulk-create",
    "attributes": {"profile": {"data": PROFILE}, "events": {"data": [EVENT]}},
}
IDENTIFIER: dict[str, Any] = {
    "type": "email",
    "id": "maria@acme.dev",
    "sendWelcomeMessage": False,
    "channels": {"email": {"status": "subscribed", "statusChangedAt": "2026-03-08T12:00:00Z"}},
    "consent": {"createdAt": "2026-03-08T12:00:00Z", "ip": "::1", "source": "form", "userAgent": "x"},
    "source": "api",
}
CONTACT: dict[str, Any] = {
    "identifiers": [IDENTIFIER, {"type": "phone", "id": "+14155550123", "sendWelcomeMessage": False}],
    "firstName": "Maria",
    "lastName": "Lopez",
    "gender": "f",
    "birthdate": "1990-02-28",
    "address": "1 Main St",
    "city": "Paris",
    "state": "IDF",
    "postalCode": "75002",
    "country": "France",
    "countryCode": "FR",
    "tags": ["vip"],
    "customProperties": {"tier_name": "Gold", "none": None},
    "createdAt": "2026-03-08T12:00:00Z",
}
OMNISEND_EVENT: dict[str, Any] = {
    "eventName": "Points",
    "origin": "acme",
    "eventID": "0b4a2f7e-6b1c-5d3e-8f90-1a2b3c4d5e6f",
    "eventTime": "2026-03-08T12:00:00Z",
    "contact": {"email": "maria@acme.dev"},
    "properties": {},
}
METAFIELD = {
    "ownerId": "gid://shopify/Customer/7001",
    "namespace": "acme",
    "key": "tier-name",
    "type": "single_line_text_field",
    "value": "Gold",
}
WHOLE: dict[tuple[str, str], dict[str, Any]] = {
    ("klaviyo", "profile"): {"data": PROFILE},
    ("klaviyo", "profile-bulk"): {
        "data": {"type": "profile-bulk-import-job", "attributes": {"profiles": {"data": [PROFILE]}}}
    },
    ("klaviyo", "event-bulk"): {
        "data": {"type": "event-bulk-create-job", "attributes": {"events-bulk-create": {"data": [ENTRY]}}}
    },
    ("omnisend", "contact"): CONTACT,
    ("omnisend", "batch"): {"endpoint": "contacts", "method": "POST", "items": [CONTACT]},
    ("shopify", "metafields"): {"metafields": [METAFIELD]},
}
PAGES = {
    ("klaviyo", "profile"): ("create_or_update_profile", "2026-07-15"),
    ("klaviyo", "profile-bulk"): ("bulk_import_profiles", "2026-07-15"),
    ("klaviyo", "event-bulk"): ("bulk_create_events", "2026-07-15"),
    ("omnisend", "contact"): ("post_contacts", "2026-03-15"),
    ("omnisend", "batch"): ("post_batches", "2026-03-15"),
    ("shopify", "metafields"): ("metafieldsSet", "2026-07"),
}


class Edit(NamedTuple):
    """A change at a place; `fails` where another place is refused than the one that is changed."""

    form: tuple[str, str]
    at: str
    value: Any
    fails: str | None = None


P, B, C, M = ("klaviyo", "profile"), ("klaviyo", "event-bulk"), ("omnisend", "contact"), ("shopify", "metafields")
PB, OB = ("klaviyo", "profile-bulk"), ("omnisend", "batch")
PERSON, PROFILES = "data/attributes", "data/attributes/profiles/data"
BULK = "data/attributes/events-bulk-create/data"
FIRST = f"{BULK}/0/attributes"


def metafield(kind: str, value: Any) -> dict[str, Any]:
    return {**METAFIELD, "type": kind, "value": value}


PASSES = [
    *(
        Edit(P, "data", {"type": "profile", "attributes": {name: PROFILE["attributes"][name]}})
        for name in ("email", "phone_number", "external_id", "_kx")
    ),
    Edit(P, "data", {"type": "profile", "id": "01G", "attributes": {}}),
    Edit(P, f"{PERSON}/properties", {f"p{n}": n for n in range(500)}),
    Edit(PB, PROFILES, [PROFILE] * 10_000),
    Edit(B, f"{FIRST}/events/data", [EVENT] * 1000),
    Edit(C, "identifiers", [{"type": "email", "id": "a@b.co", "sendWelcomeMessage": False}]),
    Edit(C, "firstName", "x" * 50),
    Edit(C, "customProperties", {}),
    Edit(OB, "items", [CONTACT] * 100),
    Edit(OB, "", {"endpoint": "events", "method": "POST", "origin": "acme", "items": [OMNISEND_EVENT]}),
    Edit(M, "metafields", [METAFIELD] * 25),
    *(
        Edit(M, "metafields/0", metafield(kind, value))
        for kind, value in (
            ("number_integer", "-9007199254740991"),
            ("number_decimal", "-9999999999999.999999999"),
            ("boolean", "true"),
            ("date", "2026-02-28"),
            ("date_time", "2026-02-28T23:59:59Z"),
            ("url", "https://a.example/x"),
            ("json", '{"a": 1}\n'),
            ("single_line_text_field", "x" * 16_384),
        )
    ),
]
FAILS = [
    Edit(P, "data/type", "person"),
    Edit(P, "data/meta", {}, fails="data"),
    Edit(P, "data", {"type": "profile", "attributes": {"first_name": "A"}}),
    Edit(P, f"{PERSON}/anonymous_id", "a", fails=PERSON),
    Edit(P, f"{PERSON}/email", None),
    Edit(P, f"{PERSON}/email", "maria"),
    Edit(P, f"{PERSON}/email", "e" * 91 + "@acme.dev"),
    Edit(P, f"{PERSON}/phone_number", "0415"),
    Edit(P, f"{PERSON}/external_id", "x" * 256),
    Edit(P, f"{PERSON}/first_name", 5),
    Edit(P, f"{PERSON}/location/street", "x", fails=f"{PERSON}/location"),
    Edit(P, f"{PERSON}/properties", None),
    *(
        Edit(P, f"{PERSON}/properties/{name}", "x", fails=f"{PERSON}/properties")
        for name in ("email", "title", "location", "_kx")
    ),
    Edit(PB, PROFILES, []),
    Edit(PB, PROFILES, [PROFILE] * 10_001),
    Edit(PB, f"{PROFILES}/0/attributes/points", 5, fails=f"{PROFILES}/0/attributes"),
    Edit(PB, "data/relationships", {}, fails="data"),
    Edit(B, BULK, []),
    Edit(B, f"{FIRST}/events/data", []),
    Edit(B, f"{FIRST}/events/data", [EVENT] * 1001),
    Edit(B, f"{FIRST}/events/data/0/attributes/profile", {}, fails=f"{FIRST}/events/data/0/attributes"),
    Edit(B, f"{FIRST}/events/data/0/attributes/time", "2026-03-08"),
    Edit(B, f"{FIRST}/events/data/0/unique_id", "evt_1", fails=f"{FIRST}/events/data/0"),
    Edit(C, "identifiers", []),
    Edit(C, "identifiers", ABSENT, fails=""),
    Edit(C, "identifiers/0/sendWelcomeMessage", True),
    Edit(C, "identifiers/0/sendWelcomeMessage", ABSENT, fails="identifiers/0"),
    Edit(C, "identifiers/0/id", "maria"),
    Edit(C, "identifiers/1/id", "+123456789012345"),
    Edit(C, "identifiers/0/type", "push"),
    Edit(C, "identifiers/0/channels/email", {"status": "subscribed"}),
    Edit(C, "identifiers/0/channels/email/statusDate", "2026-03-08T12:00:00Z", fails="identifiers/0/channels/email"),
    Edit(C, "identifiers/0/channels/email/statusChangedAt", "2026-03-08 12:00:00"),
    Edit(C, "identifiers/0/channels/push", {}, fails="identifiers/0/channels"),
    Edit(C, "email", "maria@acme.dev", fails=""),
    Edit(C, "firstName", None),
    Edit(C, "firstName", "x" * 51),
    Edit(C, "address", "x" * 501),
    Edit(C, "city", "x" * 101),
    Edit(C, "postalCode", "x" * 21),
    Edit(C, "countryCode", "FRA"),
    Edit(C, "gender", "female"),
    Edit(C, "birthdate", "28.2.1990"),
    Edit(C, "customProperties/tier-name", "x", fails="customProperties"),
    Edit(C, "tags", ["t"] * 101),
    Edit(OB, "items", []),
    Edit(OB, "items", [CONTACT] * 101),
    Edit(OB, "items/0/email", "x", fails="items/0"),
    Edit(OB, "endpoint", "products"),
    Edit(OB, "method", "PUT"),
    Edit(M, "metafields", []),
    Edit(M, "metafields", [METAFIELD] * 26),
    Edit(M, "query", "mutation", fails=""),
    Edit(M, "metafields/0/ownerId", "7001"),
    Edit(M, "metafields/0/ownerId", "gid://shopify/Order/1"),
    Edit(M, "metafields/0/namespace", "ab"),
    Edit(M, "metafields/0/key", "a"),
    Edit(M, "metafields/0/key", "tier name"),
    Edit(M, "metafields/0/type", "text"),
    Edit(M, "metafields/0/value", 5),
    Edit(M, "metafields/0/value", ""),
    Edit(M, "metafields/0/value", "x" * 16_385),
    Edit(M, "metafields/0/value", "a\nb"),
    Edit(M, "metafields/0/compareDigest", "x", fails="metafields/0"),
    *(
        Edit(M, "metafields/0", metafield(kind, value), fails="metafields/0/value")
        for kind, value in (
            ("number_integer", "5.0"),
            ("number_integer", "05"),
            ("number_integer", "12345678901234567"),
            ("number_decimal", "1e3"),
            ("number_decimal", "12345678901234"),
            ("number_decimal", "0.1234567890"),
            ("boolean", "yes"),
            ("date", "-"),
            ("date", "2026-13-01"),
            ("date_time", "2026-02-28 10:00:00"),
            ("url", "ftp://a"),
            ("url", "https://a b"),
        )
    ),
]


def steps(at: str) -> list[Any]:
    return [int(step) if step.isdecimal() else step for step in at.split("/") if step]


def edited(edit: Edit) -> Any:
    """The whole body of the form with this one change."""
    if not edit.at:
        return edit.value
    body = parent = copy.deepcopy(WHOLE[edit.form])
    *way, last = steps(edit.at)
    for step in way:
        parent = parent[step]
    if edit.value is ABSENT:
        del parent[last]
    else:
        parent[last] = edit.value
    return body


def failing(form: tuple[str, str], body: Any) -> set[str]:
    return {"/".join(map(str, error.absolute_path)) for error in payload_validator(*form).iter_errors(body)}


def named(edits: list[Edit]) -> list[Any]:
    return [pytest.param(edit, id=f"{edit.form[1]} {number} {edit.at}"[:80]) for number, edit in enumerate(edits)]


@pytest.mark.parametrize("form", WHOLE, ids="/".join)
def test_a_whole_body_passes(form: tuple[str, str]) -> None:
    assert failing(form, WHOLE[form]) == set()


@pytest.mark.parametrize("edit", named(PASSES))
def test_a_body_at_the_limit_passes(edit: Edit) -> None:
    assert failing(edit.form, edited(edit)) == set()


@pytest.mark.parametrize("edit", named(FAILS))
def test_a_body_beyond_a_limit_is_refused_at_the_place_that_breaks_it(edit: Edit) -> None:
    assert failing(edit.form, edited(edit)) == {edit.at if edit.fails is None else edit.fails}


def test_an_events_batch_names_its_origin_and_holds_no_contacts() -> None:
    batch = {"endpoint": "events", "method": "POST", "items": [OMNISEND_EVENT]}
    assert failing(OB, batch) == {""}
    assert failing(OB, {**batch, "origin": "acme", "items": [CONTACT]}) == {"items/0"}


@pytest.mark.parametrize("form", WHOLE, ids="/".join)
def test_the_schema_names_its_page_and_revision(form: tuple[str, str]) -> None:
    schema, (page, revision) = payload_schema(*form), PAGES[form]
    assert revision in schema["title"]
    assert revision in schema["description"]
    assert page in schema["description"]


def test_there_is_a_schema_for_each_kind_of_payload_and_each_form_of_bulk_request_and_no_other() -> None:
    wanted = {
        f"{platform.name}/{form}.schema.json"
        for platform in PLATFORMS.values()
        for endpoint in platform.endpoints.values()
        for form in (endpoint.kind, *([endpoint.bulk.form] if endpoint.bulk else []))
    }
    there = {f"{path.parent.name}/{path.name}" for path in (ROOT / "schemas").glob("*/*.json")}
    assert {name for name in there if not name.startswith("mapping/")} == wanted


def test_every_object_of_these_schemas_is_closed() -> None:
    opened = [
        (form, node)
        for form in WHOLE
        for node in nodes(payload_schema(*form))
        if node.get("type") == "object" and "additionalProperties" not in node
    ]
    assert opened == []


def nodes(schema: Any) -> list[dict[str, Any]]:
    children = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    return [*([schema] if isinstance(schema, dict) else []), *(node for child in children for node in nodes(child))]


def test_the_schemas_are_json_without_a_key_twice() -> None:
    objects: list[list[str]] = []

    def seen(pairs: list[tuple[str, Any]]) -> None:
        objects.append([name for name, _ in pairs])

    for platform, kind in WHOLE:
        path = ROOT / "schemas" / platform / f"{kind}.schema.json"
        json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=seen)
    assert [names for names in objects if len(set(names)) < len(names)] == []
    assert len(objects) > 100
