"""The look-alikes on loopback, what is sent to them, and what they say that they have received."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from mapforge.fakes import NONE, Limits, Settings, running

KLAVIYO = {
    "authorization": "Klaviyo-API-Key pk_acme",
    "revision": "2026-07-15",
    "content-type": "application/vnd.api+json",
}
OMNISEND = {
    "authorization": "Omnisend-API-Key acme",
    "omnisend-version": "2026-03-15",
    "content-type": "application/json",
}
SHOPIFY = {"x-shopify-access-token": "shpat_acme", "content-type": "application/json"}
HEADERS: Mapping[str, Mapping[str, str]] = {"klaviyo": KLAVIYO, "omnisend": OMNISEND, "shopify": SHOPIFY}
NOW = 1_790_000_000.0  # 2026-09-21T14:13:20Z


class Time:
    """A clock that a test sets, in Unix seconds."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Doubles:
    """Calls to the look-alikes."""

    def __init__(self, client: httpx.Client, time: Time) -> None:
        self.client = client
        self.time = time

    def post(self, platform: str, path: str, body: Any, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """A call with a key; body: JSON, or bytes as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        told = HEADERS[platform] if headers is None else headers
        return self.client.post(f"/{platform}{path}", content=content, headers=told)

    def control(self, **told: Any) -> httpx.Response:
        return self.client.post("/_control", json=told)

    def counts(self, **wanted: str) -> dict[str, int]:
        """How many of each outcome."""
        said = self.client.get("/_received", params=wanted).json()["counts"]
        return {row["outcome"]: sum(one["count"] for one in said if one["outcome"] == row["outcome"]) for row in said}

    def items(self) -> list[dict[str, Any]]:
        """What came, newest first."""
        said: list[dict[str, Any]] = self.client.get("/_received").json()["items"]
        return said

    def calls(self) -> list[tuple[int | None, str | None]]:
        """Status and fault of each call, newest first."""
        return [(one["status"], one["fault"]) for one in self.client.get("/_calls").json()["calls"]]


@contextmanager
def doubles(limits: Limits = NONE, **settings: Any) -> Iterator[Doubles]:
    """Look-alikes without limits, unless told, at a time that stands still."""
    time = Time()
    with (
        running(Settings(limits=limits, **settings), clock=time) as at,
        httpx.Client(base_url=at.url, timeout=30) as client,
    ):
        yield Doubles(client, time)


def klaviyo_event(number: int = 1, email: str = "ada@post.example", **attributes: Any) -> dict[str, Any]:
    """Klaviyo's body of an event."""
    told = {
        "properties": {"x": number},
        "time": "2026-09-21T14:00:00Z",
        "unique_id": f"e{number}",
        "metric": {"data": {"type": "metric", "attributes": {"name": "Order"}}},
        "profile": {"data": {"type": "profile", "attributes": {"email": email}}},
        **attributes,
    }
    return {"data": {"type": "event", "attributes": told}}


def klaviyo_job(*events: dict[str, Any]) -> dict[str, Any]:
    """Klaviyo's body of many events of one profile."""
    entries = []
    for event in events:
        told = dict(event["data"]["attributes"])
        profile = told.pop("profile")
        one = {"type": "event", "attributes": told}
        entries.append(
            {
                "type": "event-bulk-create",
                "attributes": {"profile": profile, "events": {"data": [one]}},
            }
        )
    return {"data": {"type": "event-bulk-create-job", "attributes": {"events-bulk-create": {"data": entries}}}}


def omnisend_event(number: int = 1, time: str = "2026-09-21T14:00:00Z", **told: Any) -> dict[str, Any]:
    """Omnisend's body of an event."""
    return {
        "eventID": f"00000000-0000-4000-8000-{number:012d}",
        "eventName": "Order",
        "eventVersion": "",
        "origin": "acme",
        "eventTime": time,
        "contact": {"email": "ada@post.example"},
        "properties": {"x": number},
        **told,
    }
