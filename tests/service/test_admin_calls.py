"""What all operators' calls share: the token, how much may be said, and what is answered where the queue fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from mapforge.delivery.run import Wait
from mapforge.delivery.secrets import Secret
from mapforge.delivery.store.file import Store
from mapforge.service.admin import MOST_BYTES, PREFIX, admin_app, admin_router
from mapforge.service.desk import Desk
from tests.delivery.house import KEYS
from tests.service.desks import TOKEN, Desks, desks, shop

CALLS = [
    ("GET", "/connections"),
    ("GET", "/connections/shop"),
    ("PUT", "/connections/shop"),
    ("PATCH", "/connections/shop"),
    ("PATCH", "/connections/shop/outlets/klaviyo"),
    ("POST", "/connections/shop/test"),
    ("POST", "/connections/shop/events"),
    ("GET", "/connections/shop/sync"),
    ("POST", "/connections/shop/sync"),
    ("PATCH", "/connections/shop/sync"),
    ("GET", "/dead"),
    ("GET", "/dead/1"),
    ("POST", "/dead/replay"),
    ("POST", "/dead/drop"),
    ("GET", "/held"),
    ("GET", "/held/1"),
    ("POST", "/held/send"),
    ("POST", "/held/drop"),
    ("GET", "/queue"),
]


def test_these_are_all_calls(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        paths = at.app.openapi()["paths"]
        values = {"connection": "shop", "platform": "klaviyo", "letter": "1", "payload": "1"}
        assert {(method.upper(), path.format(**values)) for path, calls in paths.items() for method in calls} == {
            (method, PREFIX + path) for method, path in CALLS
        }


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("given", ["", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer ", f"Basic {TOKEN}", TOKEN])
def test_without_the_token_nothing_is_done_or_read(method: str, path: str, given: str, tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        answer = at.call(method, path, b"{not json", {"authorization": given})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.headers["content-type"] == "application/problem+json"
        assert "with the token of MAPFORGE_ADMIN_TOKEN" in answer.json()["detail"]


def test_the_scheme_is_read_in_any_case(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        assert at.call("GET", "/queue", headers={"authorization": f"bearer  {TOKEN}"}).status_code == 200


def test_where_no_token_is_set_nobody_may_ask(tmp_path: Path) -> None:
    with desks(tmp_path, token=None) as at:
        status, detail = at.problem("GET", "/queue")
        assert (status, "set MAPFORGE_ADMIN_TOKEN" in detail) == (401, True)


def test_no_answer_is_kept_on_the_way(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        assert {at.call("GET", path).headers["cache-control"] for path in ("/queue", "/dead/7")} == {"no-store"}


def test_a_body_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    async def endless(parts: list[int]) -> AsyncIterator[bytes]:
        while True:
            parts.append(1)
            yield b"[" * 1024

    async def post(at: Desks, parts: list[int]) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(at.app), base_url="http://desk.test") as client:
            headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
            return await client.post(f"{PREFIX}/dead/drop", content=endless(parts), headers=headers)

    with desks(tmp_path) as at:
        parts: list[int] = []
        assert (asyncio.run(post(at, parts)).status_code, len(parts)) == (413, MOST_BYTES // 1024 + 1)
        status, detail = at.problem("POST", "/dead/drop", b" " * (MOST_BYTES + 1))
        assert (status, detail) == (413, "the body is over 65,536 bytes; say it in several calls")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"\xff", 400),
        (b"[" * 60_000, 400),
        (b'{"letters": [' + b"9" * 5000 + b"]}", 400),
        (b'{"letters": [1e400]}', 422),
        (b'{"letters": [NaN]}', 422),
        (b'{"letters": [9223372036854775808]}', 422),
        (b'{"letters": [0]}', 422),
        (b'{"letters": [1.0]}', 422),
        (b'{"letters": [true]}', 422),
        (b'{"letters": ["1"]}', 422),
        (b'{"letters": []}', 422),
        (b'{"letters": [' + b"1," * 100 + b"1]}", 422),
        (b'{"\\ud800": 1, "letters": [1]}', 422),
        (b'{"letters": "\\ud800"}', 422),
        (b'"\\u0000"', 422),
        (b"null", 422),
        (b'{"letters": [9223372036854775807]}', 404),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else str(value),
)
def test_a_hostile_body_is_a_problem(body: bytes, status: int, tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        for path in ("/dead/drop", "/dead/replay"):
            assert at.problem("POST", path, body)[0] == status


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/dead/0", 422),
        ("/dead/-1", 422),
        ("/dead/9223372036854775808", 422),
        (f"/dead/{'9' * 5000}", 422),
        ("/dead/x", 422),
        ("/dead/9223372036854775807", 404),
        ("/held/9223372036854775807", 404),
        ("/dead?after=9223372036854775807", 200),
        ("/dead?after=9223372036854775808", 422),
        ("/dead?after=-1", 422),
        ("/dead?limit=0", 422),
        ("/dead?limit=501", 422),
        ("/dead?conection=shop", 422),
        ("/dead?connection=%00", 404),
        ("/dead?connection=%ff%fe", 404),
        ("/dead/1?raw=perhaps", 422),
        ("/connections/%00", 404),
        ("/connections/%ff", 404),
        ("/connections/%ED%A0%80", 404),
        ("/connections/" + "a" * 201, 422),
        ("/connections/", 404),
        ("/nothing", 404),
    ],
)
def test_a_hostile_address_is_a_problem(path: str, status: int, tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        answer = at.call("GET", path)
        kind = "application/json" if status == 200 else "application/problem+json"
        assert (answer.status_code, answer.headers["content-type"]) == (status, kind)


def test_a_method_that_there_is_not_is_a_problem(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        assert at.problem("DELETE", "/dead") == (405, "there is no DELETE of this path")


def test_a_queue_that_cannot_be_written_is_said_with_when_to_come_again(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.ok("PUT", "/connections/shop", shop("klaviyo"))
        with Store(at.home.store.path, read_only=True) as beside:
            other = Desks(at.home, Desk(beside, at.home.mappers, KEYS), Secret(TOKEN))
            assert other.ok("GET", "/connections")["connections"][0]["id"] == "shop"
            answer = other.call("PATCH", "/connections/shop", {"enabled": False})
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert answer.json()["detail"] == "the queue was opened to be read; try again later"


def test_what_waits_is_counted_with_its_age(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.home.connect("klaviyo")
        at.home.accept_all([b"{}", b"[]"])
        at.home.store.trouble(at.home.store.outlets()[0].id, "the platform refuses the key (401)").result()
        at.desk.waits = lambda: [
            Wait(at.home.store.outlets()[0], "it rests", 5.0), Wait(None, "the queue cannot be written", 1.0),
        ]  # fmt: skip
        said = at.ok("GET", "/queue")
        (depth,) = said["depths"]
        assert said["waits"] == [
            {"connection": "shop", "platform": "klaviyo", "reason": "it rests", "seconds": 5.0},
            {"connection": None, "platform": None, "reason": "the queue cannot be written", "seconds": 1.0},
        ]
        assert (depth["state"], depth["rows"], 0 <= depth["oldest"] < 60) == ("event waiting", 2, True)
        assert said["troubles"] == [
            {"connection": "shop", "platform": "klaviyo", "reason": "the platform refuses the key (401)"}
        ]


def test_the_document_is_openapi_and_names_every_answer_of_a_problem(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        paths = at.app.openapi()["paths"]
        for calls in paths.values():
            for call in calls.values():
                assert {"401", "503"} <= call["responses"].keys()
                problems = [one for status, one in call["responses"].items() if status >= "4"]
                assert all([*one["content"]] == ["application/problem+json"] for one in problems)
                assert call["security"] == [{"HTTPBearer": []}]


def test_another_application_includes_the_calls_with_all_that_guards_them(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.app = FastAPI()
        at.app.include_router(admin_router(at.desk, Secret(TOKEN)))
        assert at.ok("GET", "/queue") == {"depths": [], "troubles": [], "waits": []}
        assert at.call("GET", "/queue", headers={"authorization": "Bearer x"}).status_code == 401
        assert at.problem("GET", "/dead/7")[0] == 404
        assert at.problem("POST", "/dead/drop", b" " * (MOST_BYTES + 1))[0] == 413
        assert at.wrong("POST", "/dead/drop", {"letters": []})[0][0] == "body.letters"
        assert at.app.openapi()["paths"].keys() == admin_app(at.desk, None).openapi()["paths"].keys()
