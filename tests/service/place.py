"""A service around a queue in a folder, with the vendor acme and the connection `shop`, asked without a socket."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from opentelemetry.sdk.trace import TracerProvider

from mapforge.delivery.queue import Connection
from mapforge.delivery.store.file import Store
from mapforge.service.logs import logger_of
from mapforge.service.observer import ServiceObserver
from mapforge.service.run import Service
from mapforge.service.settings import Settings
from tests.delivery.house import EVENTS, KEYS, PROFILE, sealed
from tests.language.acme import BOTH, IDENTITY, compiled, mapper_of, vendor_yaml

SECRET = "the-signing-secret-of-shop"
SIGNED = {"Authorization": f"Bearer {SECRET}"}
Ask = Callable[[httpx.AsyncClient], Awaitable[Any]]


class Heard(ServiceObserver):
    """What the service told."""

    def __init__(self) -> None:
        self.ingests: list[tuple[str, int]] = []
        self.refusals: list[tuple[str, int, str]] = []
        self.unwritables: list[str] = []
        self.reloads: list[tuple[tuple[str, ...], bool]] = []

    def ingested(self, vendor: str, status: int, seconds: float) -> None:
        self.ingests.append((vendor, status))

    def refused(self, connection: str, status: int, reason: str) -> None:
        self.refusals.append((connection, status, reason))

    def unwritable(self, error: str) -> None:
        self.unwritables.append(error)

    def reloaded(self, vendors: tuple[str, ...], problem: str | None) -> None:
        self.reloads.append((vendors, problem is not None))


class Place:
    """A service and what it told."""

    def __init__(self, store: Store, service: Service, heard: Heard) -> None:
        self.store = store
        self.service = service
        self.heard = heard

    def ask(self, calls: Ask, *, admin: bool = False) -> Any:
        """Make calls of one of the two applications."""
        return asyncio.run(self._ask(calls, admin))

    async def _ask(self, calls: Ask, admin: bool) -> Any:
        app = self.service.admin() if admin else self.service.webhooks()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
            return await calls(client)

    def post(self, body: bytes, headers: Mapping[str, str] = SIGNED, name: str = "shop", query: str = "") -> Any:
        """The answer to a webhook."""
        return self.ask(lambda client: client.post(f"/v1/ingest/{name}{query}", content=body, headers=headers))

    def get(self, path: str, *, admin: bool = False) -> Any:
        return self.ask(lambda client: client.get(path), admin=admin)

    @property
    def raws(self) -> list[tuple[str, bytes, dict[str, str]]]:
        """What is in the queue: id, body and headers of each event."""
        found = (self.store.event(number) for number in range(1, 100))
        return [(one.event_id, one.raw, one.headers) for one in found if one is not None]


@contextmanager
def place(
    folder: Path, source: str | None = None, provider: TracerProvider | None = None, **settings: Any
) -> Iterator[Place]:
    """A service that delivers nothing; each call has the doors read anew."""
    text = vendor_yaml(platforms=BOTH, identity=IDENTITY, **({} if source is None else {"source": source}))
    mapper = mapper_of(compiled(folder, text, EVENTS, PROFILE))
    wanted = Settings(workers=False, **settings)
    with Store(folder / "queue.db", wanted.of_delivery) as store:
        store.add_connection(Connection(id="shop", merchant="M", vendor="acme", signing=sealed(SECRET))).result()
        heard = Heard()
        silent = logger_of("error", "json", io.StringIO())
        service = Service(store, KEYS, wanted, lambda: {"acme": mapper}, [], silent, [heard], provider)
        asyncio.run(service.reloader.reload())
        yield Place(store, service, heard)


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and detail of problem details."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    said = json.loads(answer.text)
    assert (said["status"], set(said)) == (answer.status_code, {"title", "status", "detail"})
    return answer.status_code, said["detail"]
