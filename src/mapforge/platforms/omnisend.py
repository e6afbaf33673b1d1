"""Omnisend: POST /events. https://api-docs.omnisend.com/reference/post_events"""

from __future__ import annotations

from mapforge.platforms import base

VERSION = "2026-03-15"
_API = "https://api.omnisend.com/api"
_PAGES = "https://api-docs.omnisend.com/reference"

_HEADERS = {
    "authorization": "Omnisend-API-Key {secret}",
    "omnisend-version": VERSION,
    "content-type": "application/json",
    "accept": "application/json",
}

_EVENT = base.Endpoint(
    kind="event",
    request=base.Request(url=f"{_API}/events", headers=_HEADERS, page=f"{_PAGES}/post_events"),
    envelope={
        "eventName": base.Hole(base.EVENT_NAME),
        "origin": base.Hole("origin"),
        "eventID": base.Hole(base.EVENT_ID),
        "eventTime": base.Hole(base.TIME),
        "contact": base.Hole(base.PROFILE),
        "properties": base.Hole(base.PROPERTIES),
    },
    limits=base.Limits(body=5_000_000, property_name=r"[A-Za-z0-9_]{1,128}"),
    bulk=base.Bulk(
        request=base.Request(url=f"{_API}/batches", headers=_HEADERS, page=f"{_PAGES}/post_batches"),
        envelope={
            "endpoint": "events",
            "method": "POST",
            "origin": base.Hole("origin"),
            "items": base.Hole(base.ITEMS),
        },
        most=100,
        most_bytes=5_000_000,
        shared=("origin",),
    ),
    id_made_of="uuid5",
)

OMNISEND = base.Platform(
    name="omnisend",
    title="Omnisend",
    revision=VERSION,
    identifiers={
        "email": base.Identifier("email", most=254, rule="email"),
        # The 15 characters hold the plus sign, so that the longest E.164 numbers do not fit.
        "phone": base.Identifier("phone", most=15, rule="phone"),
    },
    endpoints={"event": _EVENT},
    options=("origin",),
)
