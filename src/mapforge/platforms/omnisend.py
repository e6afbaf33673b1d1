"""Omnisend: POST /events and /contacts, and their batches.

https://api-docs.omnisend.com/reference/post_events and …/post_contacts
"""

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

_READ = {name: value for name, value in _HEADERS.items() if name != "content-type"}
_BATCHES = base.Request(url=f"{_API}/batches", headers=_HEADERS, page=f"{_PAGES}/post_batches")
_NAME = r"[A-Za-z0-9_]{1,128}"


def _text(sent: str, most: int) -> base.Field:
    return base.Field(sent, null=False, most=most, words=f"a text of at most {most} characters")


def _asked(path: str, page: str) -> base.Request:
    return base.Request(url=f"{_API}/batches{path}", headers=_READ, page=f"{_PAGES}/{page}")


def _job(endpoint: str) -> base.Job:
    """A batch. One request tells of many: questions count in the same window as what is sent."""
    return base.Job(
        name=("batchID",),
        asked=_asked("/{job}", "get_batches-batchid"),
        status=("status",),
        failed=("errorsCount",),
        open=frozenset(("pending", "inProgress")),
        done=frozenset(("finished",)),
        items=_asked("/{job}/items", "get_batches-batchid-items"),
        form="items",
        listed=_asked(f"?endpoint={endpoint}&limit=250", "get_batches"),
        jobs=("batches",),
    )


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
    limits=base.Limits(body=5_000_000, property_name=_NAME),
    bulk=base.Bulk(
        form="batch",
        request=_BATCHES,
        envelope={
            "endpoint": "events",
            "method": "POST",
            "origin": base.Hole("origin"),
            "items": base.Hole(base.ITEMS),
        },
        most=100,
        most_bytes=5_000_000,
        shared=("origin",),
        job=_job("events"),
    ),
    id_made_of="uuid5",
    # "not … real-time events that trigger automations": https://api-docs.omnisend.com/reference/events
    repeatable=False,
)

# No channels: they hold subscription statuses, and an update of a profile changes none.
_CONTACT = base.Endpoint(
    kind="contact",
    request=base.Request(url=f"{_API}/contacts", headers=_HEADERS, page=f"{_PAGES}/post_contacts"),
    envelope={
        "identifiers": base.Hole(base.IDENTIFIERS),
        "…": base.Hole(base.MEMBERS, spread=True),
        "customProperties": base.Hole(base.PROPERTIES),
    },
    limits=base.Limits(body=5_000_000, property_name=_NAME),
    bulk=base.Bulk(
        form="batch",
        request=_BATCHES,
        envelope={"endpoint": "contacts", "method": "POST", "items": base.Hole(base.ITEMS)},
        most=100,
        most_bytes=5_000_000,
        once_a_profile=True,
        job=_job("contacts"),
    ),
    fields={
        "first_name": _text("firstName", 50),
        "last_name": _text("lastName", 50),
        "address1": _text("address", 500),
        "city": _text("city", 100),
        "region": _text("state", 100),
        "country": _text("country", 100),
        "country_code": base.Field("countryCode", null=False, legal="[A-Z]{2}", words="two capital letters"),
        "zip": _text("postalCode", 20),
        "birthdate": base.Field("birthdate", null=False, legal=r"\d{4}-\d\d-\d\d", words="a date as YYYY-MM-DD"),
        "gender": base.Field("gender", null=False, legal="[mf]", words="m or f"),
    },
    # Its default is to greet: a contact that a sync makes would be mailed.
    identifier={"type": base.Hole(base.KIND), "id": base.Hole(base.VALUE), "sendWelcomeMessage": False},
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
    endpoints={"event": _EVENT, "profile": _CONTACT},
    probe=base.Probe(
        request=base.Request(url=f"{_API}/brands/current", headers=_HEADERS, page=f"{_PAGES}/get_brands-current"),
        right="brands.read",
        member="brandID",
        needs=("events.write", "contacts.write"),
    ),
    options=("origin",),
    # A sliding window of a brand, over all of its keys and requests.
    rates=(base.Rate(400, 60),),
)
