"""A house with a desk before it, and operators' calls over HTTP in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from mapforge.delivery.secrets import Keys, Secret
from mapforge.delivery.settings import Settings
from mapforge.service.admin import PREFIX, admin_app
from mapforge.service.desk import Desk
from tests.delivery.house import KEYS, QUICK, House, Respond, house

TOKEN = "token-of-the-test"
HEADERS = {"authorization": f"Bearer {TOKEN}"}
KEY = "pk_live_abcdefgh"
SIGNING = "whsec_qwertz"


class Desks:
    """Calls of an operator. All bodies that came back are kept, to be searched for secrets."""

    def __init__(self, home: House, desk: Desk, token: Secret | None) -> None:
        self.home = home
        self.desk = desk
        self.token = token
        self.app = admin_app(desk, token)
        self.said: list[str] = []

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **params: Any
    ) -> httpx.Response:
        """A call below /v1/admin; body: JSON, or bytes as they are."""
        content = body if isinstance(body, bytes) or body is None else msgspec.json.encode(body)
        told = HEADERS | {"content-type": "application/json"} | (headers or {})

        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as client:
                return await client.request(method, PREFIX + path, content=content, headers=told, params=params or None)

        answer = asyncio.run(call())
        self.said.append(f"{answer.headers!r} {answer.text}")
        return answer

    def ok(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        """The body of an answer that is well."""
        answer = self.call(method, path, body, **params)
        assert answer.is_success, answer.text
        return answer.json()

    def problem(self, method: str, path: str, body: Any = None, **params: Any) -> tuple[int, str]:
        """Status and detail of an answer that is a problem."""
        answer = self.call(method, path, body, **params)
        said = answer.json()
        assert (answer.headers["content-type"], said["status"]) == ("application/problem+json", answer.status_code)
        return answer.status_code, said["detail"]

    def wrong(self, method: str, path: str, body: Any = None, **params: Any) -> list[tuple[str, str]]:
        """Each place and what belongs there, of a call that is not as it must be."""
        answer = self.call(method, path, body, **params)
        assert answer.status_code == 422, answer.text
        return [(one["place"], one["says"]) for one in answer.json()["errors"]]


@contextmanager
def desks(
    folder: Path,
    respond: Respond | None = None,
    *,
    keys: Keys | None = KEYS,
    token: str | None = TOKEN,
    settings: Settings = QUICK,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Iterator[Desks]:
    """A desk in a folder; respond: what platforms answer to what is delivered, transport: to what the desk asks."""
    with house(folder, respond, settings) as home:
        desk = Desk(home.store, home.mappers, keys, transport)
        yield Desks(home, desk, None if token is None else Secret(token))


def shop(*platforms: str, **more: Any) -> dict[str, Any]:
    """What is said of a connection of acme with these platforms."""
    outlets = [{"platform": platform, "key": f"{KEY}_{platform}"} for platform in platforms]
    return {"vendor": "acme", "outlets": outlets, **more}
