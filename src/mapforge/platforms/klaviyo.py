"""Klaviyo: POST /api/events. https://developers.klaviyo.com/en/reference/create_event"""

from __future__ import annotations

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

# unique_id stands inside attributes: beside them it is not part of the resource and nothing would be de-duplicated.
_EVENT = base.Endpoint(
    kind="event",
    request=base.Request(url=f"{_API}/events", headers=_HEADERS, page=f"{_PAGES}/create_event"),
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
        request=base.Request(
            url=f"{_API}/event-bulk-create-jobs", headers=_HEADERS, page=f"{_PAGES}/bulk_create_events"
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
    endpoints={"event": _EVENT},
)
