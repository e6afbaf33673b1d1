"""Raw events that do not come as webhooks, and how far a sync is, over operators' calls."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from tests.delivery.house import order
from tests.service.desks import Desks, desks, shop

AT = "/connections/shop"
SOURCE = {"source": "/srv/members.ndjson", "event": "order"}


def events(*raws: bytes, **more: Any) -> dict[str, Any]:
    said = [{"id": f"sync/1/{at}", "raw": base64.b64encode(raw).decode()} for at, raw in enumerate(raws)]
    return {"events": said, **more}


def begun(at: Desks) -> dict[str, Any]:
    at.ok("PUT", AT, shop("klaviyo"))
    said: dict[str, Any] = at.ok("POST", f"{AT}/sync", {**SOURCE, "page": SOURCE["source"]})
    return said


def test_events_are_kept_once_with_their_name_and_headers(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.ok("PUT", AT, shop("klaviyo"))
        said = events(order(1), b"no json", event="order", headers={"x-a": "b"})
        assert at.ok("POST", f"{AT}/events", said) == {
            "events": [{"event": 1, "repeat": False}, {"event": 2, "repeat": False}]
        }
        assert at.ok("POST", f"{AT}/events", said)["events"][1] == {"event": 2, "repeat": True}
        found = at.home.store.event(2)
        assert found is not None
        assert (found.raw, found.name, found.headers, found.event_id) == (b"no json", "order", {"x-a": "b"}, "sync/1/1")


def test_what_is_no_base64_is_said_by_its_place_and_nothing_is_kept(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.ok("PUT", AT, shop("klaviyo"))
        said = events(order(1))
        said["events"].append({"id": "2", "raw": "***"})
        answer = at.call("POST", f"{AT}/events", said)
        assert (answer.status_code, answer.json()["errors"]) == (
            422, [{"place": "body.events[1].raw", "says": "Base64"}],
        )  # fmt: skip
        assert at.home.store.event(1) is None


def test_an_unknown_connection_takes_nothing(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        for method, path, body in (
            ("POST", "/connections/nobody/events", events(order(1))),
            ("POST", "/connections/nobody/sync", {**SOURCE, "page": "p"}),
        ):
            assert at.call(method, path, body).status_code == 404


def test_how_far_a_sync_is_stays(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        state = begun(at)
        kept = {name: state[name] for name in ("id", "source", "event", "page", "before")}
        at.ok("PATCH", f"{AT}/sync", {**kept, "lines": 500, "digest": "d", "ended": False})
        found = at.ok("GET", f"{AT}/sync?source=/srv/members.ndjson&event=order")["sync"]
        assert (found["id"], found["lines"], found["digest"], found["ended"]) == (state["id"], 500, "d", False)
        assert at.ok("GET", f"{AT}/sync?source=/srv/members.ndjson") == {"sync": None}


def test_a_sync_that_another_has_overtaken_is_refused(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        first = begun(at)
        begun(at)
        kept = {name: first[name] for name in ("id", "source", "event", "page", "before")}
        answer = at.call("PATCH", f"{AT}/sync", {**kept, "lines": 1, "digest": "d", "ended": True})
        assert answer.status_code == 409
        assert "another sync of this source has begun since" in answer.json()["detail"]
