"""Klaviyo: POST /api/events and /api/profile-import, and their bulk jobs.

https://developers.klaviyo.com/en/reference/create_event and …/create_or_update_profile
"""

from __future__ import annotations

from mapforge import model
from mapforge.platforms import base

REVISION = "2026-07-15"
_API = "https://a.klaviyo.com/api"
_PAGES = "https://developers.klaviyo.com/en/reference"

_HEADERS = {
    "authorization": "Klaviyo-API-Key {secret}",
    "revision": REVISION,
    "content-type": "application/vnd.api+json",
    "accept": "application/vnd.api+json",
}

_READ = {name: value for name, value in _HEADERS.items() if name != "content-type"}

# Burst and steady windows of an account: https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling
_EVENTS = (base.Rate(350, 1), base.Rate(3500, 60))
_PROFILES = (base.Rate(75, 1), base.Rate(750, 60))
_JOBS = (base.Rate(10, 1), base.Rate(150, 60))
_ACCOUNTS = (base.Rate(1, 1), base.Rate(15, 60))

# unique_id stands inside attributes: beside them it is not part of the resource and nothing would be de-duplicated.
_EVENT = base.Endpoint(
    kind="event",
    request=base.Request(url=f"{_API}/events", headers=_HEADERS, page=f"{_PAGES}/create_event", rates=_EVENTS),
    envelope={
        "data": {
            "type": "event",
            "attributes": {
                "properties": base.Hole(base.PROPERTIES),
                "metric": {"data": {"type": "metric", "attributes": {"name": base.Hole(base.EVENT_NAME)}}},
                "profile": {
                    "data": {
                        "type": "profile",
                        "id": base.Hole(base.PROFILE_ID, optional=True),
                        "attributes": base.Hole(base.PROFILE),
                    }
                },
                "time": base.Hole(base.TIME),
                "value": base.Hole(base.VALUE, optional=True),
                "value_currency": base.Hole(base.VALUE_CURRENCY, optional=True),
                "unique_id": base.Hole(base.EVENT_ID),
            },
        }
    },
    limits=base.Limits(
        body=5_000_000,
        text=100_000,
        properties=400,
        elements=4000,
        depth=10,
        integer_bits=64,
        event_name=127,
        event_id=255,
        earliest="1990-01-01T00:00:00Z",
    ),
    bulk=base.Bulk(
        form="event-bulk",
        request=base.Request(
            url=f"{_API}/event-bulk-create-jobs",
            headers=_HEADERS,
            page=f"{_PAGES}/bulk_create_events",
            rates=_JOBS,
        ),
        envelope={
            "data": {
                "type": "event-bulk-create-job",
                "attributes": {"events-bulk-create": {"data": base.Hole(base.ITEMS)}},
            }
        },
        most=1000,
        most_bytes=5_000_000,
        item=("data",),
        group={
            "type": "event-bulk-create",
            "attributes": {"profile": base.Hole(base.PROFILE), "events": {"data": base.Hole(base.ITEMS)}},
        },
        apart=("metric", "unique_id"),
    ),
    backfill=("data", "attributes", "backfill"),
)

_OWN = ("first_name", "last_name", "organization", "title", "image", "locale")
_LOCATION = ("address1", "address2", "city", "region", "country", "zip", "timezone", "ip")
_COORDINATE: tuple[model.Sends, ...] = ("string", "number", "integer")

# Events have no such request: a job of them that was taken is not heard of again.
_IMPORT = base.Job(
    name=("data", "id"),
    asked=base.Request(
        url=f"{_API}/profile-bulk-import-jobs/{{job}}",
        headers=_READ,
        page=f"{_PAGES}/get_bulk_import_profiles_job",
        rates=_JOBS,
    ),
    status=("data", "attributes", "status"),
    failed=("data", "attributes", "failed_count"),
    open=frozenset(("queued", "processing")),
    done=frozenset(("complete",)),
    items=base.Request(
        url=f"{_API}/profile-bulk-import-jobs/{{job}}/import-errors?page%5Bsize%5D=100",
        headers=_READ,
        page=f"{_PAGES}/get_errors_for_bulk_import_profiles_job",
        rates=_JOBS,
    ),
    form="errors",
)

_PROFILE = base.Endpoint(
    kind="profile",
    request=base.Request(
        url=f"{_API}/profile-import",
        headers=_HEADERS,
        page=f"{_PAGES}/create_or_update_profile",
        rates=_PROFILES,
    ),
    envelope={
        "data": {
            "type": "profile",
            "id": base.Hole(base.PROFILE_ID, optional=True),
            "attributes": {
                "…": base.Hole(base.MEMBERS, spread=True),
                "properties": base.Hole(base.PROPERTIES),
            },
        }
    },
    # The page of this endpoint says 100 KB a profile, that of events 95 KB: what fits one fits the other.
    limits=base.Limits(body=95_000),
    bulk=base.Bulk(
        form="profile-bulk",
        request=base.Request(
            url=f"{_API}/profile-bulk-import-jobs",
            headers=_HEADERS,
            page=f"{_PAGES}/bulk_import_profiles",
            rates=_JOBS,
        ),
        envelope={
            "data": {
                "type": "profile-bulk-import-job",
                "attributes": {"profiles": {"data": base.Hole(base.ITEMS)}},
            }
        },
        most=10_000,
        most_bytes=5_000_000,
        item=("data",),
        once_a_profile=True,
        job=_IMPORT,
    ),
    fields={
        **{name: base.Field(name) for name in _OWN},
        **{name: base.Field(f"location.{name}") for name in _LOCATION},
        "latitude": base.Field("location.latitude", takes=_COORDINATE, null=False),
        "longitude": base.Field("location.longitude", takes=_COORDINATE, null=False),
    },
    reserved=frozenset(("email", "phone_number", "external_id", "anonymous_id", "_kx", "location", *_OWN)),
)

KLAVIYO = base.Platform(
    name="klaviyo",
    title="Klaviyo",
    revision=REVISION,
    identifiers={
        "email": base.Identifier("email", most=99, rule="email"),
        "phone": base.Identifier("phone_number", most=16, rule="phone"),
        "external_id": base.Identifier("external_id", most=255),
        "klaviyo_id": base.Identifier(None, most=255),
    },
    endpoints={"event": _EVENT, "profile": _PROFILE},
    probe=base.Probe(
        request=base.Request(url=f"{_API}/accounts", headers=_HEADERS, page=f"{_PAGES}/get_accounts", rates=_ACCOUNTS),
        right="accounts:read",
        member="data",
        needs=("events:write", "profiles:write"),
    ),
)
