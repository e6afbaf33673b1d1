"""The two applications: probes, numbers, dry runs, OpenAPI, and a page that loads nothing from elsewhere."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.delivery.house import order
from tests.service.place import Place, place, problem


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as found:
        yield found


def dry(shop: Place, body: bytes, path: str = "/v1/map/acme") -> Any:
    return shop.ask(lambda client: client.post(path, content=body))


# ── probes ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("admin", [False, True])
def test_it_lives_and_is_ready(shop: Place, admin: bool) -> None:
    live, ready = shop.get("/healthz", admin=admin), shop.get("/readyz", admin=admin)
    assert (live.status_code, live.json()) == (200, {"live": True})
    none = dict.fromkeys(("queue", "worker", "mappers", "vendors", "stopping"))
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "problems": none})


def test_it_is_not_ready_while_the_queue_is_locked_and_says_so(tmp_path: Path) -> None:
    with place(tmp_path, delivery={"busy": "0.05"}) as shop:
        other = sqlite3.connect(tmp_path / "queue.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        answer = shop.get("/readyz")
        other.close()
        assert (answer.status_code, answer.json()["problems"]["queue"]) == (
            503, "the queue cannot be written: database is locked",
        )  # fmt: skip
        assert shop.get("/readyz").status_code == 200


def test_it_is_not_ready_while_it_stops(shop: Place) -> None:
    shop.service.state.stopping = True
    answer = shop.get("/readyz")
    assert (answer.status_code, answer.json()["problems"]["stopping"]) == (503, "the service stops")
    assert shop.get("/healthz").status_code == 200


# ── numbers ───────────────────────────────────────────────────────────────────────────────────────


def test_numbers_for_prometheus(shop: Place) -> None:
    shop.post(order(1))
    shop.post(order(1), {})
    answer = shop.get("/metrics", admin=True)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    assert 'mapforge_ingest_seconds_count{status="202",vendor="acme"} 1.0' in lines
    assert 'mapforge_ingest_seconds_count{status="401",vendor="acme"} 1.0' in lines
    assert 'mapforge_queue_rows{state="event waiting"} 1.0' in lines
    assert 'mapforge_reloads_total{outcome="loaded"} 1.0' in lines
    assert "post.example" not in answer.text


def test_numbers_are_not_for_vendors(shop: Place) -> None:
    assert shop.get("/metrics").status_code == 404


# ── dry runs ──────────────────────────────────────────────────────────────────────────────────────


def test_a_dry_run_maps_and_keeps_nothing(shop: Place) -> None:
    answer = dry(shop, order(7))
    said = answer.json()
    assert answer.status_code == 200
    assert [(one["entry"], one["platform"], one["unique_id"]) for one in said["payloads"]] == [
        ("Order", "klaviyo", "evt_7"), ("Order", "omnisend", "d09a1d84-d204-538e-85a8-4de76f9d8e02"),
    ]  # fmt: skip
    assert said["payloads"][0]["body"]["data"]["attributes"]["properties"] == {"x": 7}
    assert (said["skipped"], said["warnings"], said["faults"], shop.raws) == ([], [], [], [])


def test_a_dry_run_of_one_platform(shop: Place) -> None:
    said = dry(shop, order(7), "/v1/map/acme?to=omnisend").json()
    assert [one["platform"] for one in said["payloads"]] == ["omnisend"]


def test_a_dry_run_says_every_fault(shop: Place) -> None:
    said = dry(shop, order(7, x='"many"')).json()
    assert [(one["code"], one["platform"], one["attribute"]) for one in said["faults"]] == [("MF705", None, "x")]
    assert said["payloads"] == []


def test_dry_runs_can_be_off(tmp_path: Path) -> None:
    with place(tmp_path, dry_run=False) as shop:
        assert problem(dry(shop, order(1)))[0] == 404
        assert "/v1/map/{vendor}" not in shop.get("/openapi.json").json()["paths"]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/v1/map/nobody", b"{}", (404, "there is no such vendor in the build")),
        ("/v1/map/acme?to=shopify", b"{}", (400, "to: takes klaviyo, omnisend")),
        ("/v1/map/acme", b"{", (400, "the body must be JSON: Input data was truncated")),
    ],
)
def test_a_dry_run_that_cannot_be(shop: Place, path: str, body: bytes, said: tuple[int, str]) -> None:
    assert problem(dry(shop, body, path)) == said


# ── OpenAPI ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("admin", [False, True])
def test_the_page_loads_nothing_from_elsewhere(shop: Place, admin: bool) -> None:
    page = shop.get("/docs", admin=admin).text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(loaded) >= 3
    assert "http" not in "".join(loaded)
    for path in loaded:
        assert shop.get(path, admin=admin).status_code == 200, path
    assert re.findall(r"url: '([^']+)'", page) == ["/openapi.json"]


def test_openapi_says_what_there_is(shop: Place) -> None:
    said = shop.get("/openapi.json").json()
    answers = {
        f"{method} {path}": sorted(operation["responses"])
        for path, item in said["paths"].items()
        for method, operation in item.items()
    }
    bodies = ["400", "408", "413", "415"]
    assert answers == {
        "post /v1/ingest/{connection}": sorted(["200", "202", "401", "404", "503", *bodies]),
        "post /v1/map/{vendor}": sorted(["200", "404", "503", *bodies]),
        "get /healthz": ["200"],
        "get /readyz": ["200", "503"],
    }
    jsonschema.validate(json.loads(shop.get("/readyz").text), _schema(said, "/readyz", "get"))
    jsonschema.validate(json.loads(shop.post(order(1)).text), _schema(said, "/v1/ingest/{connection}", "post"))


def _schema(said: Any, path: str, method: str) -> Any:
    return said["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]


def test_what_is_not_there_is_said(shop: Place) -> None:
    assert problem(shop.get("/nothing")) == (404, "there is nothing at /nothing; GET /docs lists what is")
    assert problem(shop.ask(lambda client: client.put("/healthz"))) == (405, "takes GET, HEAD, not PUT")
    assert problem(shop.get("/nothing", admin=True)) == (404, "there is no GET of this path")


def test_operators_need_the_token(tmp_path: Path) -> None:
    token = "a-token-of-sixteen-or-more"
    with place(tmp_path, admin_token=token) as shop:
        path = "/v1/admin/connections"
        assert problem(shop.get(path, admin=True))[0] == 401
        answer = shop.ask(lambda client: client.get(path, headers={"Authorization": f"Bearer {token}"}), admin=True)
        assert [one["id"] for one in answer.json()["connections"]] == ["shop"]
        assert path in shop.get("/openapi.json", admin=True).json()["paths"]


def test_a_webhook_is_posted(shop: Place) -> None:
    assert problem(shop.get("/v1/ingest/shop")) == (405, "takes POST, not GET")
    assert problem(shop.get("/v1/ingest/"))[0] == 404
