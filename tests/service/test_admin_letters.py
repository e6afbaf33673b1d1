"""Dead letters over HTTP: listed without customer data, shown with it where it is asked for, replayed and dropped."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.delivery.house import Sent, order
from tests.delivery.test_replay import fixed
from tests.service.desks import Desks, desks

SAYS = {"errors": [{"field": "contact.email", "message": "ada@post.example is no address", "code": "invalid"}]}


def rejected(sent: Sent) -> httpx.Response:
    """Omnisend wants nothing."""
    return httpx.Response(400, json=SAYS) if sent.platform == "omnisend" else httpx.Response(202)


def a_faulty_event(at: Desks, number: int = 1) -> int:
    """An event whose mapping failed; the number of its letter."""
    at.home.connect("klaviyo", "omnisend")
    event = at.home.accept(order(number, x='"many"'))
    at.home.deliver()
    return next(one.id for one in at.home.store.dead_letters() if one.inbox == event)


def a_rejected_payload(at: Desks, number: int = 1) -> int:
    """An event that Klaviyo has and Omnisend rejected; the number of its letter."""
    at.home.platforms.respond = rejected
    at.home.connect("klaviyo", "omnisend")
    event = at.home.accept(order(number))
    at.home.deliver()
    at.home.platforms.respond = lambda sent: httpx.Response(202)
    return next(one.id for one in at.home.store.dead_letters() if one.inbox == event)


def reason(**more: Any) -> dict[str, Any]:
    return {"entry": "Order", "platform": None, "attribute": None, "pointer": None, "detail": None, **more}


def test_a_fault_is_listed_with_its_line(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        letter = a_faulty_event(at)
        (found,) = at.ok("GET", "/dead")["letters"]
        age = datetime.now(UTC) - datetime.fromisoformat(found.pop("at"))
        assert timedelta(0) <= age < timedelta(minutes=1)
        (why, *_) = found.pop("reasons")
        assert found == {"id": letter, "event": 1, "payload": None, "connection": "shop", "name": None}
        assert (why["code"], why["attribute"], why["place"]) == ("MF705", "x", "acme/events.yaml:2")


def test_a_rejection_is_listed_with_its_line_and_without_what_the_platform_quotes(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        letter = a_rejected_payload(at)
        (found,) = at.ok("GET", "/dead")["letters"]
        assert found["reasons"] == [
            reason(
                code="400", reason="invalid", place="acme/vendor.yaml:4", platform="omnisend", pointer="/contact/email"
            )
        ]
        assert (found["payload"], found["name"]) == (2, "order")
        shown = at.ok("GET", f"/dead/{letter}")
        assert shown == {**found, "raw": None, "raw_base64": None}
        assert "ada@post.example" not in "\n".join(at.said)


def test_the_raw_event_and_the_platforms_words_come_where_they_are_asked_for(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        shown = at.ok("GET", f"/dead/{a_rejected_payload(at)}", raw=True)
        assert shown["raw"] == order(1).decode()
        assert shown["reasons"][0]["detail"] == "ada@post.example is no address"


def test_a_raw_event_that_is_no_text_comes_in_base64(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.home.connect("klaviyo")
        at.home.accept(b"\xff\xfe")
        at.home.deliver()
        shown = at.ok("GET", "/dead/1", raw=True)
        assert (shown["raw"], shown["raw_base64"]) == (None, "//4=")


def test_a_list_comes_in_pages(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.home.connect("klaviyo")
        at.home.connect("klaviyo", name="other")
        for number in range(5):
            at.home.accept(order(number, x='"many"'), name="other" if number == 2 else "shop")
        at.home.deliver()
        ids = [letter["id"] for letter in at.ok("GET", "/dead")["letters"]]
        first = at.ok("GET", "/dead", limit=2)
        assert ([one["id"] for one in first["letters"]], first["next"]) == (ids[:2], ids[1])
        last = at.ok("GET", "/dead", limit=3, after=ids[1])
        assert ([one["id"] for one in last["letters"]], last["next"]) == (ids[2:], None)
        (other,) = at.ok("GET", "/dead", connection="other")["letters"]
        assert other["connection"] == "other"


def test_a_dry_run_shows_the_difference_and_writes_nothing(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        letter = a_rejected_payload(at)
        at.home.mappers.replace({"acme": fixed(tmp_path, "integer")})
        before = at.home.states(1), at.home.letters
        (one,) = at.ok("POST", "/dead/replay", {"letters": [letter], "dry_run": True})["replays"]
        assert (at.home.states(1), at.home.letters) == before
        assert {key: one[key] for key in ("event", "connection", "letters", "left", "reasons", "skipped")} == {
            "event": 1, "connection": "shop", "letters": [letter], "left": [], "reasons": [], "skipped": []
        }  # fmt: skip
        klaviyo, omnisend = one["changes"]
        assert (klaviyo["platform"], klaviyo["kept_back"]) == ("klaviyo", "it is delivered already")
        assert (omnisend["platform"], omnisend["kept_back"]) == ("omnisend", None)
        assert '+    "y": "new"' in omnisend["difference"].splitlines()


def test_a_replay_sends_what_a_platform_missed_and_shows_no_customer_data(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        letter = a_rejected_payload(at)
        said = at.ok("POST", "/dead/replay", {"letters": [letter]})
        assert [change["difference"] for change in said["replays"][0]["changes"]] == [None, None]
        assert "ada@post.example" not in "\n".join(at.said)
        at.home.deliver()
        assert at.home.states(1) == [("klaviyo", "delivered"), ("omnisend", "replayed"), ("omnisend", "delivered")]
        assert at.ok("GET", "/dead")["letters"] == []
        assert at.problem("POST", "/dead/replay", {"letters": [letter]}) == (
            404,
            f"there is no open dead letter {letter}: it was decided already, or never was",
        )


def test_letters_of_one_event_are_one_replay(tmp_path: Path) -> None:
    with desks(tmp_path, lambda sent: httpx.Response(400)) as at:
        at.home.connect("klaviyo", "omnisend")
        at.home.accept(order(1))
        at.home.deliver()
        ids = [letter["id"] for letter in at.ok("GET", "/dead")["letters"]]
        (one,) = at.ok("POST", "/dead/replay", {"letters": [*ids, ids[0]]})["replays"]
        assert (len(ids), one["letters"]) == (2, ids)
        assert [state for _, state in at.home.states(1)] == ["replayed", "replayed", "waiting", "waiting"]


def test_what_is_still_faulty_says_so(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        letter = a_faulty_event(at)
        (one,) = at.ok("POST", "/dead/replay", {"letters": [letter]})["replays"]
        assert (one["changes"], {why["code"] for why in one["reasons"]}) == ([], {"MF705"})
        assert [found["id"] for found in at.ok("GET", "/dead")["letters"]] == [letter + 1]


def test_a_backfill_says_that_the_event_is_old_and_keeps_back_what_cannot(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        letter = a_faulty_event(at)
        at.home.mappers.replace({"acme": fixed(tmp_path)})
        (one,) = at.ok("POST", "/dead/replay", {"letters": [letter], "backfill": True})["replays"]
        assert [(change["platform"], change["kept_back"]) for change in one["changes"]] == [
            ("klaviyo", None),
            ("omnisend", "Omnisend has no word for an old event, and what it starts may mail a customer"),
        ]
        assert [why["code"] for why in one["reasons"]] == ["kept-back"]
        at.home.deliver()
        (sent,) = at.home.platforms.requests
        assert sent.body["data"]["attributes"]["backfill"] is True


def test_what_an_event_is_skipped_for_now_is_said(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.home.connect("klaviyo")
        at.home.accept(order(1, type='"viewed"'))
        at.home.deliver()
        at.home.mappers.replace({"acme": fixed(tmp_path, more="ignore: [viewed]\n")})
        (one,) = at.ok("POST", "/dead/replay", {"letters": [1]})["replays"]
        assert ([why["code"] for why in one["skipped"]], one["changes"], one["reasons"]) == (["MF709"], [], [])


def test_a_payload_too_large_to_compare_is_not_compared(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.home.connect("klaviyo")
        at.home.accept(order(1, x='"many"', note=json.dumps("n" * 60_000), other=json.dumps("o" * 60_000)))
        at.home.deliver()
        events = "Order: {trigger: {event: order}, attributes: {note: text, other: text}}\n"
        at.home.mappers.replace({"acme": mapper_with(tmp_path, events)})
        (one,) = at.ok("POST", "/dead/replay", {"letters": [1], "dry_run": True})["replays"]
        assert [change["difference"] for change in one["changes"]] == ["the payload is too large to be compared"]


def mapper_with(folder: Path, events: str) -> Any:
    from tests.language.acme import compiled, mapper_of, vendor_yaml

    home = folder / "large"
    home.mkdir()
    return mapper_of(compiled(home, vendor_yaml(), events))


def test_letters_are_dropped(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        first, second = a_faulty_event(at, 1), a_faulty_event(at, 2)
        assert at.ok("POST", "/dead/drop", {"letters": [first, first]}) == {"dropped": 1}
        assert [letter["id"] for letter in at.ok("GET", "/dead")["letters"]] == [second]
        assert at.home.store.event(1) is not None


@pytest.mark.parametrize("verb", ["drop", "replay"])
def test_all_letters_that_are_named_or_none(verb: str, tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        letter = a_faulty_event(at)
        assert at.problem("POST", f"/dead/{verb}", {"letters": [letter, 8, 9]}) == (
            404,
            "there is no open dead letter 8, 9: it was decided already, or never was; nothing was done with the others",
        )
        assert [one["id"] for one in at.ok("GET", "/dead")["letters"]] == [letter]


def test_without_a_mapper_the_letter_says_how_to_get_one(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        letter = a_faulty_event(at)
        at.home.mappers.replace({})
        (one,) = at.ok("POST", "/dead/replay", {"letters": [letter], "dry_run": True})["replays"]
        assert [why["reason"] for why in one["reasons"]] == ["the build has no mapper of acme; run: mapforge build"]


def test_what_is_switched_off_keeps_its_letter_and_says_so(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        letter = a_rejected_payload(at)
        at.ok("PATCH", "/connections/shop/outlets/omnisend", {"enabled": False})
        (one,) = at.ok("POST", "/dead/replay", {"letters": [letter]})["replays"]
        assert (one["letters"], one["left"]) == ([], [letter])
        assert [(change["platform"], change["kept_back"]) for change in one["changes"]] == [
            ("klaviyo", "it is delivered already"),
            ("omnisend", "its outlet or its module is off; switch it on, and replay once more"),
        ]
        assert [found["id"] for found in at.ok("GET", "/dead")["letters"]] == [letter]
