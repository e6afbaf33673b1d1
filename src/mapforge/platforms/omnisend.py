"""Omnisend: POST /events. https://api-docs.omnisend.com/reference/post_events"""

from __future__ import annotations

from mapforge.platforms import base

VERSION = "2026-03-15"

_HEADERS = {
    "authorization": "Omnisend-API-Key {secret}",
    "omnisend-version": VERSION,
    "content-type": "application/json",
    "accept": "application/json",
}

OMNISEND = base.Platform(
    name="omnisend",
    title="Omnisend",
    revision=VERSION,
    event=base.Request(
        url="https://api.omnisend.com/api/events",
        headers=_HEADERS,
        page="https://api-docs.omnisend.com/reference/post_events",
    ),
    envelope={
        "eventName": base.Hole(base.EVENT_NAME),
        "origin": base.Hole("origin"),
        "eventID": base.Hole(base.EVENT_ID),
        "eventTime": base.Hole(base.TIME),
        "contact": base.Hole(base.PROFILE),
        "properties": base.Hole(base.PROPERTIES),
    },
    identifiers={
        "email": base.Identifier("email", most=254, rule="email"),
        # The 15 characters hold the plus sign, so that the longest E.164 numbers do not fit.
        "phone": base.Identifier("phone", most=15, rule="phone"),
    },
    limits=base.Limits(body=5_000_000, property_name=r"[A-Za-z0-9_]{1,128}"),
    event_id="uuid5",
    bulk=base.Bulk(
        request=base.Request(
            url="https://api.omnisend.com/api/batches",
            headers=_HEADERS,
            page="https://api-docs.omnisend.com/reference/post_batches",
        ),
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
    options=("origin",),
)
