"""A call of an operator → its answer: from a running service over HTTP, or from the same calls on the queue's file."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from mapforge.cli.project import Project, WrongCall, shown
from mapforge.delivery.exchange import is_loopback, is_private
from mapforge.delivery.queue import QueueUnwritable
from mapforge.delivery.secrets import VARIABLE, Secret, keys_of
from mapforge.delivery.settings import Settings
from mapforge.delivery.store.file import Store
from mapforge.diagnostics import MapforgeError
from mapforge.runtime.mappers import Mapper
from mapforge.service.admin import PREFIX, admin_app
from mapforge.service.desk import Desk

TOKEN = "MAPFORGE_ADMIN_TOKEN"
_SECONDS = 120.0
_PAGE = 500
_WRONG_CALLS = frozenset((400, 401, 404, 413, 422))


class Refused(MapforgeError):
    """A call that was not done; wrong: each thing that is wrong with it. wrong_call: it names what is not there."""

    def __init__(self, detail: str, wrong: tuple[str, ...] = (), wrong_call: bool = False) -> None:
        super().__init__(detail)
        self.wrong = wrong
        self.wrong_call = wrong_call


class Office:
    """Where calls go."""

    def __init__(self, url: str, token: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = url
        self._token = token
        self._transport = transport

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None, **params: Any) -> Any:
        """The answer. Raises Refused with what the service says, or MapforgeError where it cannot be asked."""
        given = {name: value for name, value in params.items() if value is not None}
        answer = asyncio.run(self._asked(method, PREFIX + path, body, given))
        said = _decoded(answer)
        if answer.is_success and isinstance(said, dict):
            return said
        if not isinstance(said, dict) or "detail" not in said:
            raise MapforgeError(f"what answers at {self._url} is no mapforge service ({answer.status_code})")
        wrong = tuple(f"{one['place']}: {one['says']}" for one in said.get("errors", ()))
        raise Refused(str(said["detail"]), wrong, answer.status_code in _WRONG_CALLS)

    async def _asked(
        self, method: str, path: str, body: Mapping[str, Any] | None, params: Mapping[str, Any]
    ) -> httpx.Response:
        headers = {"authorization": f"Bearer {self._token}"}
        try:
            # A proxy from the environment is not for this machine: it would read the token.
            async with httpx.AsyncClient(
                transport=self._transport, timeout=_SECONDS, trust_env=not is_loopback(self._url)
            ) as client:
                return await client.request(method, self._url + path, json=body, params=params, headers=headers)
        except httpx.HTTPError as error:
            raise MapforgeError(
                f"{self._url} cannot be asked ({type(error).__name__}); does the service run?"
            ) from None

    def text(self, path: str) -> str:
        """What is beside the calls, as text; raises MapforgeError where it is not there."""
        answer = asyncio.run(self._asked("GET", path, None, {}))
        if not answer.is_success:
            raise MapforgeError(f"there is no {path} at {self._url} ({answer.status_code}); ask a running service")
        return answer.text

    def rows(self, path: str, member: str, most: int | None = None, **wanted: Any) -> Iterator[dict[str, Any]]:
        """The rows of a list, page by page; most: no more than that."""
        after, left = wanted.pop("after", None), most
        while left is None or left > 0:
            page = self.call("GET", path, after=after, limit=min(_PAGE, left or _PAGE), **wanted)
            yield from page[member]
            after = page["next"]
            left = None if left is None else left - len(page[member])
            if after is None:
                return


def _decoded(answer: httpx.Response) -> Any:
    try:
        return msgspec.json.decode(answer.content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


# ── over HTTP ─────────────────────────────────────────────────────────────────────────────────────


def over_http(url: str, environment: Mapping[str, str] = os.environ) -> Office:
    """A running service, with the token of the environment. Raises WrongCall."""
    token = environment.get(TOKEN, "")
    if not token:
        raise WrongCall(f"{TOKEN} is not set; it holds the token that the service was started with")
    if not (token.isascii() and token.isprintable()):
        raise WrongCall(f"{TOKEN} holds what no header does")
    if not _is_address(url):
        raise WrongCall("the address of the service is https, or http on loopback, such as http://127.0.0.1:8788")
    return Office(url.rstrip("/"), token)


def _is_address(url: str) -> bool:
    try:
        return is_private(url) and not (httpx.URL(url).query or httpx.URL(url).userinfo)
    except (ValueError, httpx.InvalidURL):
        return False


# ── on the file ───────────────────────────────────────────────────────────────────────────────────


@contextlib.contextmanager
def on_file(
    path: Path, project: Callable[[], Project], settings: Settings, *, writes: bool, creates: bool = False
) -> Iterator[Office]:
    """The queue in a file, for as long as the block is; the calls are those of the service, in this process.

    project: asked where a mapper is needed. writes: else the file may be in use. creates: it need not be there.
    Raises WrongCall where there is no file, MapforgeError where another process writes it.
    """
    if not creates and not path.is_file():
        raise WrongCall(f"there is no queue {shown(path)}; name one with --queue, or a running service with --url")
    keys = keys_of() if os.environ.get(VARIABLE) else None
    token = secrets.token_urlsafe()
    with _opened(path, settings, writes) as store:
        app = admin_app(Desk(store, ProjectMappers(project), keys), Secret(token))
        yield Office("http://queue.invalid", token, httpx.ASGITransport(app))


def _opened(path: Path, settings: Settings, writes: bool) -> AbstractContextManager[Store]:
    try:
        return Store(path, settings, read_only=not writes)
    except QueueUnwritable as error:
        raise MapforgeError(f"{error}; where a service runs, ask it with --url") from None


class ProjectMappers:
    """A project's vendors as mappers, each made when it is first asked for."""

    def __init__(self, project: Callable[[], Project]) -> None:
        self._project = project
        self._made: dict[str, Mapper] = {}

    def get(self, vendor: str, /) -> Mapper | None:
        """The vendor's mapper, or None where there is no such vendor. Raises CompileError."""
        project = self._project()
        if vendor not in self._made and vendor in project.names():
            self._made[vendor] = project.mapper(vendor)
        return self._made.get(vendor)
