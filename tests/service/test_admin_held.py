"""Held payloads over HTTP: listed without customer data, and sent once more or dropped."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import httpx
import pytest

from tests.delivery.house import order, then
from tests.service.desks import Desks, desks


def hold(at: Desks, *numbers: int) -> list[int]:
    """Payloads to Omnisend that may have arrived."""
    at.home.connect("omnisend")
    at.home.platforms.respond = then(*[httpx.ReadTimeout("slow")] * len(numbers))
    at.home.accept_all(order(number, f"p{number}@post.example") for number in numbers)
    at.home.deliver()
    return [one.id for one in at.home.store.held()]


def test_a_held_payload_is_listed_with_why(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        (payload,) = hold(at, 1)
        said = at.ok("GET", "/held")
        (found,) = said["payloads"]
        assert datetime.fromisoformat(found.pop("since")).tzinfo is not None
        assert (found, said["next"]) == (
            {
                "id": payload,
                "event": 1,
                "connection": "shop",
                "entry": "Order",
                "platform": "omnisend",
                "reason": "no answer came (ReadTimeout); it may have arrived, and a repeat may reach the customer",
            },
            None,
        )
        assert "p1@post.example" not in "\n".join(at.said)


def test_one_is_shown_with_what_the_platform_knows_it_by_and_its_body_where_asked_for(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        (payload,) = hold(at, 1)
        body = at.home.platforms.requests[0].body
        shown = at.ok("GET", f"/held/{payload}")
        assert (shown["unique_id"], shown["body"]) == (body["eventID"], None)
        whole = at.ok("GET", f"/held/{payload}", raw=True)
        assert whole == {**shown, "body": at.home.store.payloads_of(1)[0].body.decode()}
        assert "p1@post.example" in whole["body"]
        assert at.problem("GET", f"/held/{payload + 1}") == (
            404,
            f"there is no held payload {payload + 1}: it was decided already, or never was",
        )


def test_a_list_comes_in_pages_and_by_connection(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        ids = hold(at, 1, 2, 3)
        at.home.connect("klaviyo", name="other")
        first = at.ok("GET", "/held", limit=2)
        assert ([one["id"] for one in first["payloads"]], first["next"]) == (ids[:2], ids[1])
        last = at.ok("GET", "/held", limit=2, after=ids[1])
        assert ([one["id"] for one in last["payloads"]], last["next"]) == (ids[2:], None)
        assert at.ok("GET", "/held", connection="other") == {"payloads": [], "next": None}


def test_some_are_sent_once_more_and_others_never(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        first, second, third = hold(at, 1, 2, 3)
        assert at.ok("POST", "/held/send", {"payloads": [first, second]}) == {"sent": 2}
        assert at.ok("POST", "/held/drop", {"payloads": [third]}) == {"dropped": 1}
        at.home.deliver()
        assert (len(at.home.platforms.taken), at.ok("GET", "/held")["payloads"]) == (2, [])
        assert [at.home.states(event) for event in (1, 2, 3)] == [
            [("omnisend", "delivered")],
            [("omnisend", "delivered")],
            [("omnisend", "dropped")],
        ]


@pytest.mark.parametrize("verb", ["send", "drop"])
def test_all_that_are_named_or_none(verb: str, tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        (payload,) = hold(at, 1)
        assert at.problem("POST", f"/held/{verb}", {"payloads": [payload, 7]}) == (
            404,
            "there is no held payload 7: it was decided already, or never was; nothing was done with the others",
        )
        assert [one["id"] for one in at.ok("GET", "/held")["payloads"]] == [payload]
