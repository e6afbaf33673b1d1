"""The hand-made schemas of request bodies: whole bodies pass, and each limit refuses a body of its own."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parents[2] / "schemas"
PLATFORMS = ("klaviyo", "omnisend")
ABSENT: Any = object()

KLAVIYO: dict[str, Any] = {
    "data": {
        "type": "event",
        "attributes": {
            "properties": {
                "card_number": "6014 7700 1234",
                "balance": 471.05,
                "points": 12,
                "scheduled": False,
                "greeting": None,
                "tier": {"name": "Gold", "perks": ["shipping", {"days": 3}]},
                "Größe (cm)": "",
                "$extra": "<p>kept, not segmentable</p>",
            },
            "time": "2026-03-08T12:00:00Z",
            "value": 25.5,
            "value_currency": "EUR",
            "unique_id": "evt_000001",
            "backfill": False,
            "metric": {"data": {"type": "metric", "attributes": {"name": "GiftcardIssued"}}},
            "profile": {
                "data": {
                    "type": "profile",
                    "id": "01GDDKASAP8TKDDA2GRZDSVP4H",
                    "attributes": {
                        "email": "maria.lopez@acme.dev",
                        "phone_number": "+14155550123",
                        "external_id": "8123",
                        "anonymous_id": "a-1",
                        "_kx": "xK1",
                        "first_name": "María",
                        "last_name": None,
                        "organization": "Acme",
                        "locale": "es-ES",
                        "title": "Buyer",
                        "image": "https://acme.dev/maria.png",
                        "location": {
                            "address1": "Calle Mayor 1",
                            "address2": None,
                            "city": "Madrid",
                            "country": "Spain",
                            "region": "Madrid",
                            "zip": "28013",
                            "timezone": "Europe/Madrid",
                            "ip": "203.0.113.7",
                            "latitude": 40.4168,
                            "longitude": "-3.7038",
                        },
                        "properties": {"tier-name": "Gold", "tier-balance": 0},
                    },
                }
            },
        },
    }
}

OMNISEND: dict[str, Any] = {
    "eventName": "GiftcardIssued",
    "origin": "99minds",
    "eventID": "0b4a2f7e-6b1c-5d3e-8f90-1a2b3c4d5e6f",
    "eventTime": "2026-03-08T12:00:00Z",
    "eventVersion": "",
    "contact": {
        "id": "65f0c2a9e4b0",
        "email": "maria.lopez@acme.dev",
        "phone": "+14155550123",
        "firstName": "María",
        "lastName": "López",
        "gender": "f",
        "birthdate": "1990-02-28",
        "address": "Calle Mayor 1",
        "city": "Madrid",
        "state": "Madrid",
        "postalCode": "28013",
        "country": "Spain",
        "countryCode": "ES",
        "tags": ["vip", "source: shop"],
        "consents": [
            {
                "channel": "email",
                "createdAt": "2026-03-01T08:00:00Z",
                "ip": "203.0.113.7",
                "source": "checkout",
                "userAgent": "Mozilla/5.0",
            }
        ],
        "optIns": [{"channel": "sms", "createdAt": "2026-03-01T08:00:00Z", "source": "checkout"}],
        "optOuts": [{"channel": "sms", "createdAt": "2026-03-02T08:00:00Z", "source": "web", "reason": "too many"}],
        "customProperties": {"tier_name": "Gold"},
    },
    "properties": {
        "card_number": "6014 7700 1234",
        "balance": 471.05,
        "expiration_date": None,
        "tier": {"display-name": "Gold", "perks": ["shipping", {"days": 3}]},
    },
}

WHOLE = {"klaviyo": KLAVIYO, "omnisend": OMNISEND}


class Edit(NamedTuple):
    """One change to a whole body: `at` gets `value`, or goes away; `fails` is where the schema says so, else `at`."""

    name: str
    at: str
    value: Any = ABSENT
    fails: str | None = None


def nested(levels: int, *, leaf: Any = "deep") -> Any:
    """A leaf inside that many objects."""
    return {"in": leaf if levels == 1 else nested(levels - 1, leaf=leaf)}


def nested_lists(levels: int) -> Any:
    """A text inside that many lists."""
    return ["deep" if levels == 1 else nested_lists(levels - 1)]


def inside(levels: int) -> str:
    """The path of what stands inside that many objects of `nested`."""
    return PROPERTIES + "/in" * levels


def uuid_of(version: int) -> str:
    return f"0b4a2f7e-6b1c-{version}d3e-8f90-1a2b3c4d5e6f"


EVENT = "data/attributes"
PROPERTIES = f"{EVENT}/properties"
VALUE = f"{PROPERTIES}/x"
METRIC = f"{EVENT}/metric/data"
METRIC_NAME = f"{METRIC}/attributes/name"
PROFILE = f"{EVENT}/profile/data"
PERSON = f"{PROFILE}/attributes"
CUSTOM = f"{PERSON}/properties"
REQUIRED = ("eventName", "origin", "eventID", "eventTime", "contact", "properties")
CHANNELS = ("consents", "optIns", "optOuts")
WIDTHS = {
    "firstName": 50,
    "lastName": 50,
    "address": 500,
    "city": 100,
    "state": 100,
    "postalCode": 20,
    "country": 100,
    "countryCode": 3,
}
BEYOND_64_BITS = 2**63
RESERVED = (
    *("email", "phone_number", "external_id", "anonymous_id", "_kx", "first_name", "last_name"),
    *("organization", "locale", "title", "image", "location"),
)

KLAVIYO_PASSES = [
    Edit("no properties", PROPERTIES, {}),
    Edit("400 properties", PROPERTIES, {f"p{n}": n for n in range(400)}),
    Edit("depth 10 in objects", PROPERTIES, nested(10)),
    Edit("depth 10 in arrays", VALUE, nested_lists(9)),
    *(Edit(f"{leaf!r} at depth 10", PROPERTIES, nested(10, leaf=leaf)) for leaf in (5, 0.5, True, None)),
    Edit("array of 4000", VALUE, ["x"] * 4000),
    Edit("string of 100 KB", VALUE, "x" * 100_000),
    Edit("largest integer of 64 bits", VALUE, BEYOND_64_BITS - 1),
    Edit("smallest integer of 64 bits", VALUE, -BEYOND_64_BITS),
    Edit("long fraction", VALUE, 12345678901234567.89),
    Edit("fraction beyond 64 bits, read exactly", VALUE, Decimal("12345678901234567899.50")),
    Edit("metric name of 127 characters", METRIC_NAME, "n" * 127),
    Edit("unique_id of 255 characters", f"{EVENT}/unique_id", "u" * 255),
    Edit("first second of 1990", f"{EVENT}/time", "1990-01-01T00:00:00Z"),
    Edit("no value", f"{EVENT}/value"),
    Edit("value of zero", f"{EVENT}/value", 0),
    Edit("no value_currency", f"{EVENT}/value_currency"),
    Edit("no backfill", f"{EVENT}/backfill"),
    Edit("no profile id", f"{PROFILE}/id"),
    Edit("profile id alone", PERSON, {}),
    Edit("email of 99 characters", f"{PERSON}/email", "e" * 90 + "@acme.dev"),
    Edit("phone of 16 characters", f"{PERSON}/phone_number", "+123456789012345"),
    Edit("external_id of 255 characters", f"{PERSON}/external_id", "x" * 255),
    Edit("latitude as text", f"{PERSON}/location/latitude", "40.4168"),
    Edit("longitude as a number", f"{PERSON}/location/longitude", -3.7038),
]

KLAVIYO_FAILS = [
    Edit("no data", "data", fails=""),
    Edit("unknown key at the top", "unique_id", "evt_1", fails=""),
    Edit("unique_id beside attributes", "data/unique_id", "evt_1", fails="data"),
    Edit("no resource type", "data/type", fails="data"),
    Edit("wrong resource type", "data/type", "events"),
    Edit("no attributes", EVENT, fails="data"),
    Edit("unknown key in attributes", f"{EVENT}/uniqueId", "evt_1", fails=EVENT),
    Edit("no properties object", PROPERTIES, fails=EVENT),
    Edit("properties as an array", PROPERTIES, []),
    Edit("401 properties", PROPERTIES, {f"p{n}": n for n in range(401)}),
    Edit("depth 11 in objects", PROPERTIES, nested(11), fails=inside(10)),
    Edit("depth 11 in arrays", VALUE, nested_lists(10), fails=VALUE + "/0" * 9),
    Edit("array of 4001", VALUE, ["x"] * 4001),
    Edit("array of 4001 deep inside", VALUE, [{"y": ["x"] * 4001}], fails=f"{VALUE}/0/y"),
    *(
        Edit(f"string over 100 KB at depth {n}", PROPERTIES, nested(n, leaf="x" * 100_001), fails=inside(n))
        for n in range(1, 11)
    ),
    Edit("integer beyond 64 bits", VALUE, BEYOND_64_BITS),
    Edit("negative integer beyond 64 bits", VALUE, -BEYOND_64_BITS - 1),
    Edit("integer beyond 64 bits in an array", VALUE, [1, BEYOND_64_BITS], fails=f"{VALUE}/1"),
    Edit("no time", f"{EVENT}/time", fails=EVENT),
    Edit("time of null", f"{EVENT}/time", None),
    Edit("time before 1990", f"{EVENT}/time", "1989-12-31T23:59:59Z"),
    Edit("offset instead of Z", f"{EVENT}/time", "2026-03-08T12:00:00+00:00"),
    Edit("time without zone", f"{EVENT}/time", "2026-03-08T12:00:00"),
    Edit("time with a fraction", f"{EVENT}/time", "2026-03-08T12:00:00.5Z"),
    Edit("time with a space", f"{EVENT}/time", "2026-03-08 12:00:00Z"),
    Edit("time in lower case", f"{EVENT}/time", "2026-03-08t12:00:00z"),
    Edit("time of a 13th month", f"{EVENT}/time", "2026-13-08T12:00:00Z"),
    Edit("time of a 24th hour", f"{EVENT}/time", "2026-03-08T24:00:00Z"),
    Edit("time with a newline after it", f"{EVENT}/time", "2026-03-08T12:00:00Z\n"),
    Edit("time as a Unix number", f"{EVENT}/time", 1772971200),
    Edit("value as text", f"{EVENT}/value", "25.50"),
    Edit("value of null", f"{EVENT}/value", None),
    Edit("currency in lower case", f"{EVENT}/value_currency", "eur"),
    Edit("currency of six letters", f"{EVENT}/value_currency", "POINTS"),
    Edit("currency with a newline after it", f"{EVENT}/value_currency", "EUR\n"),
    Edit("currency of null", f"{EVENT}/value_currency", None),
    Edit("no unique_id", f"{EVENT}/unique_id", fails=EVENT),
    Edit("empty unique_id", f"{EVENT}/unique_id", ""),
    Edit("unique_id of 256 characters", f"{EVENT}/unique_id", "u" * 256),
    Edit("unique_id as a number", f"{EVENT}/unique_id", 5),
    Edit("backfill as text", f"{EVENT}/backfill", "true"),
    Edit("no metric", f"{EVENT}/metric", fails=EVENT),
    Edit("empty metric", f"{EVENT}/metric", {}),
    Edit("unknown key beside the metric's data", f"{EVENT}/metric/name", "x", fails=f"{EVENT}/metric"),
    Edit("no metric type", f"{METRIC}/type", fails=METRIC),
    Edit("wrong metric type", f"{METRIC}/type", "event"),
    Edit("no metric attributes", f"{METRIC}/attributes", fails=METRIC),
    Edit("metric id", f"{METRIC}/id", "m1", fails=METRIC),
    Edit("metric service", f"{METRIC}/attributes/service", "api", fails=f"{METRIC}/attributes"),
    Edit("no metric name", METRIC_NAME, fails=f"{METRIC}/attributes"),
    Edit("empty metric name", METRIC_NAME, ""),
    Edit("metric name of 128 characters", METRIC_NAME, "n" * 128),
    Edit("no profile", f"{EVENT}/profile", fails=EVENT),
    Edit("empty profile", f"{EVENT}/profile", {}),
    Edit("unknown key beside the profile's data", f"{EVENT}/profile/email", "a@b.co", fails=f"{EVENT}/profile"),
    Edit("no profile type", f"{PROFILE}/type", fails=PROFILE),
    Edit("wrong profile type", f"{PROFILE}/type", "person"),
    Edit("no identifier", PROFILE, {"type": "profile", "attributes": {"first_name": "Ana"}}),
    Edit("no profile attributes", PROFILE, {"type": "profile", "id": "01G"}),
    Edit("profile meta beside attributes", f"{PROFILE}/meta", {}, fails=PROFILE),
    Edit("profile meta among attributes", f"{PERSON}/meta", {}, fails=PERSON),
    Edit("unknown profile attribute", f"{PERSON}/phone", "+14155550123", fails=PERSON),
    Edit("empty profile id", f"{PROFILE}/id", ""),
    Edit("email of 100 characters", f"{PERSON}/email", "e" * 91 + "@acme.dev"),
    Edit("email without @", f"{PERSON}/email", "acme.dev"),
    Edit("email without a dot", f"{PERSON}/email", "maria@acme"),
    Edit("email with a space", f"{PERSON}/email", "maria lopez@acme.dev"),
    Edit("email with a newline after it", f"{PERSON}/email", "maria@acme.dev\n"),
    Edit("email of null", f"{PERSON}/email", None),
    Edit("phone without plus", f"{PERSON}/phone_number", "14155550123"),
    Edit("phone with spaces", f"{PERSON}/phone_number", "+1 415 555 0123"),
    Edit("phone with a leading zero", f"{PERSON}/phone_number", "+04155550123"),
    Edit("phone of 17 characters", f"{PERSON}/phone_number", "+1234567890123456"),
    Edit("phone in other digits", f"{PERSON}/phone_number", "+1٤١٥٥٥٥٠١٢٣"),
    Edit("phone with a newline after it", f"{PERSON}/phone_number", "+14155550123\n"),
    Edit("external_id of 256 characters", f"{PERSON}/external_id", "x" * 256),
    Edit("empty external_id", f"{PERSON}/external_id", ""),
    Edit("empty anonymous_id", f"{PERSON}/anonymous_id", ""),
    Edit("empty _kx", f"{PERSON}/_kx", ""),
    Edit("first name as a number", f"{PERSON}/first_name", 5),
    Edit("unknown key in the location", f"{PERSON}/location/street", "x", fails=f"{PERSON}/location"),
    Edit("latitude of true", f"{PERSON}/location/latitude", True),
    Edit("custom properties as an array", CUSTOM, []),
    *(Edit(f"{name} under profile properties", f"{CUSTOM}/{name}", "x", fails=CUSTOM) for name in RESERVED),
]

OMNISEND_PASSES = [
    Edit("no properties", "properties", {}),
    Edit("more than v4's 100 properties", "properties", {f"p{n}": n for n in range(401)}),
    Edit("longer than v4's 2048 characters", "properties/x", "x" * 2049),
    Edit("property name of 128 characters", f"properties/{'n' * 128}", 1),
    *(Edit(f"eventID version {n}", "eventID", uuid_of(n)) for n in (4, 5, 6, 7)),
    Edit("eventID in capitals", "eventID", uuid_of(5).upper()),
    Edit("no eventVersion", "eventVersion"),
    Edit("phone of 15 characters", "contact/phone", "+12345678901234"),
    *(Edit(f"{key} alone", "contact", {key: OMNISEND["contact"][key]}) for key in ("id", "email", "phone")),
    *(Edit(f"{key} of {most} characters", f"contact/{key}", "x" * most) for key, most in WIDTHS.items()),
    Edit("the other gender", "contact/gender", "m"),
    Edit("100 tags", "contact/tags", ["t"] * 100),
]

OMNISEND_FAILS = [
    *(Edit(f"no {key}", key, fails="") for key in REQUIRED),
    Edit("unknown key", "idempotencyKey", "x", fails=""),
    Edit("empty eventName", "eventName", ""),
    Edit("empty origin", "origin", ""),
    Edit("eventVersion as a number", "eventVersion", 2),
    *(Edit(f"eventID version {n}", "eventID", uuid_of(n)) for n in (1, 2, 3, 8)),
    Edit("eventID of another variant", "eventID", "0b4a2f7e-6b1c-5d3e-cf90-1a2b3c4d5e6f"),
    Edit("eventID without dashes", "eventID", "0b4a2f7e6b1c5d3e8f901a2b3c4d5e6f"),
    Edit("eventID in braces", "eventID", "{0b4a2f7e-6b1c-5d3e-8f90-1a2b3c4d5e6f}"),
    Edit("eventID with a newline after it", "eventID", uuid_of(5) + "\n"),
    Edit("eventTime with an offset", "eventTime", "2026-03-08T12:00:00+00:00"),
    Edit("eventTime with a space", "eventTime", "2026-03-08 12:00:00+00:00"),
    Edit("eventTime with a fraction", "eventTime", "2026-03-08T12:00:00.000Z"),
    Edit("eventTime of a 32nd day", "eventTime", "2026-03-32T12:00:00Z"),
    Edit("eventTime with a newline after it", "eventTime", "2026-03-08T12:00:00Z\n"),
    Edit("property name with a dash", "properties/tier-name", "Gold", fails="properties"),
    Edit("property name with a dot", "properties/tier.name", "Gold", fails="properties"),
    Edit("property name with an accent", "properties/größe", 1, fails="properties"),
    Edit("property name with a newline after it", "properties/size\n", 1, fails="properties"),
    Edit("property name of 129 characters", f"properties/{'n' * 129}", 1, fails="properties"),
    Edit("empty property name", "properties/", 1, fails="properties"),
    Edit("properties as an array", "properties", []),
    Edit("no identifier", "contact", {"firstName": "Ana"}),
    Edit("identifiers as in the contacts API", "contact/identifiers", [], fails="contact"),
    Edit("empty contact id", "contact/id", ""),
    Edit("email without @", "contact/email", "acme.dev"),
    Edit("email with a newline after it", "contact/email", "maria@acme.dev\n"),
    Edit("phone with 16 characters", "contact/phone", "+123456789012345"),
    Edit("phone without plus", "contact/phone", "14155550123"),
    Edit("phone with a newline after it", "contact/phone", "+14155550123\n"),
    Edit("gender in a word", "contact/gender", "female"),
    Edit("birthdate in another order", "contact/birthdate", "28-02-1990"),
    Edit("birthdate of a 13th month", "contact/birthdate", "1990-13-01"),
    Edit("birthdate with a newline after it", "contact/birthdate", "1990-02-28\n"),
    *(Edit(f"{key} of {most + 1} characters", f"contact/{key}", "x" * (most + 1)) for key, most in WIDTHS.items()),
    Edit("first name of null", "contact/firstName", None),
    Edit("101 tags", "contact/tags", ["t"] * 101),
    Edit("tag as a number", "contact/tags", [1], fails="contact/tags/0"),
    Edit("101 consents", "contact/consents", [{}] * 101),
    Edit("11 optIns", "contact/optIns", [{}] * 11),
    Edit("11 optOuts", "contact/optOuts", [{}] * 11),
    *(Edit(f"unknown key in {key}", f"contact/{key}/0/x", 1, fails=f"contact/{key}/0") for key in CHANNELS),
    *(Edit(f"unknown channel in {key}", f"contact/{key}/0/channel", "push") for key in CHANNELS),
    *(
        Edit(f"createdAt with a space in {key}", f"contact/{key}/0/createdAt", "2026-03-01 08:00:00Z")
        for key in CHANNELS
    ),
    *(Edit(f"source of 101 characters in {key}", f"contact/{key}/0/source", "s" * 101) for key in CHANNELS),
    Edit("reason of 101 characters", "contact/optOuts/0/reason", "r" * 101),
    Edit("reason for an optIn", "contact/optIns/0/reason", "r", fails="contact/optIns/0"),
    Edit("userAgent of 201 characters", "contact/consents/0/userAgent", "u" * 201),
    Edit(
        "customProperties name with a dash", "contact/customProperties/tier-name", 1, fails="contact/customProperties"
    ),
]


def read(platform: str) -> Any:
    return json.loads((SCHEMAS / platform / "event.schema.json").read_text(encoding="utf-8"))


VALIDATORS = {platform: Draft202012Validator(read(platform)) for platform in PLATFORMS}


def steps(at: str) -> list[Any]:
    return [int(step) if step.isdecimal() else step for step in at.split("/")]


def edited(platform: str, edit: Edit) -> Any:
    """The platform's whole body with this one change."""
    body = parent = copy.deepcopy(WHOLE[platform])
    *way, last = steps(edit.at)
    for step in way:
        parent = parent[step]
    if edit.value is ABSENT:
        del parent[last]
    else:
        parent[last] = edit.value
    return body


def failing_paths(platform: str, body: Any) -> set[str]:
    return {"/".join(map(str, error.absolute_path)) for error in VALIDATORS[platform].iter_errors(body)}


def places(value: Any, at: str = "") -> list[tuple[str, Any]]:
    """Every value of a body under its path, but for what stands in free properties."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    closed = [(f"{at}/{key}".lstrip("/"), child) for key, child in pairs if not at.lower().endswith("properties")]
    return [found for place, child in closed for found in [(place, child), *places(child, place)]]


def wrong_types(platform: str) -> list[Edit]:
    """A list where none belongs, and a text where one does."""
    found = places(WHOLE[platform])
    return [Edit(f"wrong type at {at}", at, "x" if isinstance(value, list) else [5]) for at, value in found]


def table(**edits: list[Edit]) -> list[Any]:
    """Every edit of every platform, for parametrize, under its name."""
    return [
        pytest.param(platform, edit, id=f"{platform}: {edit.name}") for platform in edits for edit in edits[platform]
    ]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_schema_is_valid_against_the_metaschema(platform: str) -> None:
    Draft202012Validator.check_schema(read(platform))


@pytest.mark.parametrize(
    ("platform", "revision", "page"),
    [
        ("klaviyo", "2026-07-15", "https://developers.klaviyo.com/en/reference/create_event"),
        ("omnisend", "2026-03-15", "https://api-docs.omnisend.com/reference/post_events"),
    ],
    ids=PLATFORMS,
)
def test_the_schema_names_its_page_and_revision(platform: str, revision: str, page: str) -> None:
    schema = read(platform)
    assert revision in schema["title"]
    assert revision in schema["description"]
    assert page in schema["description"]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_whole_body_passes(platform: str) -> None:
    assert failing_paths(platform, WHOLE[platform]) == set()


@pytest.mark.parametrize(("platform", "edit"), table(klaviyo=KLAVIYO_PASSES, omnisend=OMNISEND_PASSES))
def test_a_body_at_the_limit_passes(platform: str, edit: Edit) -> None:
    assert failing_paths(platform, edited(platform, edit)) == set()


@pytest.mark.parametrize(("platform", "edit"), table(klaviyo=KLAVIYO_FAILS, omnisend=OMNISEND_FAILS))
def test_a_body_beyond_a_limit_is_refused_at_the_place_that_breaks_it(platform: str, edit: Edit) -> None:
    expected = edit.at if edit.fails is None else edit.fails
    assert failing_paths(platform, edited(platform, edit)) == {expected}


@pytest.mark.parametrize(("platform", "edit"), table(klaviyo=wrong_types("klaviyo"), omnisend=wrong_types("omnisend")))
def test_a_wrong_type_is_refused_wherever_it_stands(platform: str, edit: Edit) -> None:
    assert failing_paths(platform, edited(platform, edit)) == {edit.at}


@pytest.mark.parametrize("identifier", ["email", "phone_number", "external_id", "anonymous_id", "_kx"])
def test_any_one_identifier_is_enough_for_klaviyo(identifier: str) -> None:
    whole = KLAVIYO["data"]["attributes"]["profile"]["data"]["attributes"]
    alone = {"type": "profile", "attributes": {identifier: whole[identifier]}}
    assert failing_paths("klaviyo", edited("klaviyo", Edit(identifier, PROFILE, alone))) == set()


def test_no_object_of_a_schema_is_open_by_oversight() -> None:
    open_objects = {
        (platform, place) for platform in PLATFORMS for place, node in nodes(read(platform)) if is_open_object(node)
    }
    assert open_objects == {
        ("klaviyo", "/$defs/customProperties"),
        ("omnisend", "/properties/properties"),
        ("omnisend", "/$defs/contact/properties/customProperties"),
    }


def nodes(schema: Any, place: str = "") -> list[tuple[str, Any]]:
    """Every object of a schema document, with its place in it."""
    children = schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
    found = [node for key, child in children for node in nodes(child, f"{place}/{key}")]
    return [(place, schema), *found] if isinstance(schema, dict) else found


def is_open_object(node: Any) -> bool:
    return node.get("type") == "object" and "additionalProperties" not in node
