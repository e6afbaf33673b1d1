"""A queue in a folder, mappers of the vendor acme, and platforms that answer as a test says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import msgspec

from mapforge.delivery.clock import Clock
from mapforge.delivery.identity import event_id
from mapforge.delivery.mapping import CurrentMappers
from mapforge.delivery.observer import Observer
from mapforge.delivery.outcomes import Outcome
from mapforge.delivery.queue import Connection, Outlet
from mapforge.delivery.run import Delivery
from mapforge.delivery.secrets import Keys, Secret, fresh_key
from mapforge.delivery.settings import Settings
from mapforge.delivery.store.file import Store
from mapforge.runtime.mappers import Mapper
from tests.language.acme import IDENTITY, compiled, mapper_of, raw_event, vendor_yaml

EVENTS = """
Order: {trigger: {event: order}, attributes: {x: integer, note: {type: text, absent: omit}}}
"""
PROFILE = """
Points:
  trigger: {event: points}
  debounce: 200ms
  attributes:
    points: {type: integer, absent: omit}
    tier: {type: text, absent: omit}
  standard:
    first_name: {type: text, from: name, absent: omit}
    city: {type: text, absent: omit}
    country: {type: text, absent: omit}
"""
SECRET_KEY = fresh_key()
KEYS = Keys((SECRET_KEY,))
QUICK = Settings(
    idle=0.02,
    backoff=0.02,
    backoff_most=0.05,
    breaker_wait=0.05,
    breaker_most=0.1,
    breaker_refused=0.1,
    job_wait=0.02,
    job_wait_most=0.1,
)


class FakeTime:
    """A clock that a test sets: seconds."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def fake_clock() -> tuple[Clock, FakeTime]:
    """A queue's clock and the time that it reads."""
    time = FakeTime()
    return Clock(wall=time, monotonic=time), time


Respond = Callable[["Sent"], httpx.Response]


class Sent(msgspec.Struct, frozen=True):
    """A request as a platform got it."""

    platform: str
    path: str
    headers: Mapping[str, str]
    body: Any
    method: str = "POST"
    query: str = ""

    @property
    def ids(self) -> list[str]:
        """The ids of its events."""
        return list(_ids(self.path, self.body))

    @property
    def bulk(self) -> bool:
        return self.method == "POST" and self.path.endswith(("-jobs", "/batches"))


def _ids(path: str, body: Any) -> Iterator[str]:
    if body is None:
        return
    if path == "/api/event-bulk-create-jobs":
        for one in body["data"]["attributes"]["events-bulk-create"]["data"]:
            yield from (event["attributes"]["unique_id"] for event in one["attributes"]["events"]["data"])
    elif path == "/api/batches":
        yield from (item["eventID"] for item in body["items"])
    elif "eventID" in body:
        yield body["eventID"]
    elif "data" in body and "unique_id" in body.get("data", {}).get("attributes", {}):
        yield body["data"]["attributes"]["unique_id"]


class Platforms(httpx.AsyncBaseTransport):
    """Both platforms: what they got, and what they answer."""

    def __init__(self, respond: Respond | None = None) -> None:
        self.requests: list[Sent] = []
        self.taken: list[str] = []
        self.respond = respond or (lambda sent: httpx.Response(202))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        platform = request.url.host.split(".")[-2].replace("myshopify", "shopify")
        body = json.loads(await request.aread() or b"null")
        url = request.url
        sent = Sent(platform, url.path, dict(request.headers), body, request.method, url.query.decode())
        self.requests.append(sent)
        answer = self.respond(sent)
        if answer.is_success:
            self.taken += sent.ids
        return answer

    def of(self, platform: str) -> list[Sent]:
        return [sent for sent in self.requests if sent.platform == platform]


def then(*answers: httpx.Response | Exception, after: int = 202) -> Respond:
    """These answers, one after the other, and from then on `after`."""
    left = list(answers)

    def respond(sent: Sent) -> httpx.Response:
        answer = left.pop(0) if left else httpx.Response(after)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return respond


class Watch(Observer):
    """All that an observer is told, in its order."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.breakers: list[str | None] = []
        self.ambiguities: list[tuple[str, int, bool]] = []
        self.unwritables: list[str] = []
        self.passings: list[str] = []
        self.waits: list[float] = []
        self.codes: list[str] = []
        self.unknowns: list[tuple[str, int, str]] = []

    def mapped(self, vendor: str, seconds: float, payloads: int, codes: tuple[str, ...], event: int) -> None:
        self.codes += codes

    def finished(self, outlet: Outlet, kind: str, outcome: Outcome, age: float, event: int) -> None:
        self.outcomes.append(outcome)

    def waited(self, outlet: Outlet, seconds: float) -> None:
        self.waits.append(seconds)

    def breaker(self, outlet: Outlet, reason: str | None) -> None:
        self.breakers.append(reason)

    def passed(self, outlet: Outlet, entry: str) -> None:
        self.passings.append(entry)

    def ambiguous(self, outlet: Outlet, kind: str, payloads: int, held: bool) -> None:
        self.ambiguities.append((outlet.platform, payloads, held))

    def unknown(self, outlet: Outlet, kind: str, payloads: int, reason: str) -> None:
        self.unknowns.append((kind, payloads, reason))

    def unwritable(self, error: str) -> None:
        self.unwritables.append(error)


class House:
    """A queue with the connection `shop`, whose worker runs while a test waits for something."""

    def __init__(self, store: Store, mapper: Mapper, respond: Respond | None = None) -> None:
        self.store = store
        self.mapper = mapper
        self.mappers = CurrentMappers({"acme": mapper})
        self.platforms = Platforms(respond)
        self.over_http = False
        self.watch = Watch()
        self.waits: list[str] = []

    def connect(
        self, *platforms: str, name: str = "shop", events: bool = True, profiles: bool = True, enabled: bool = True
    ) -> list[Outlet]:
        """A connection with an outlet for each of these platforms."""
        connection = Connection(id=name, merchant="M", vendor="acme", events=events, profiles=profiles, enabled=enabled)
        self.store.add_connection(connection).result()
        return [self.store.add_outlet(name, one, sealed(f"{name}-{one}")).result() for one in platforms]

    def connect_with(self, keys: Mapping[str, str]) -> None:
        """The connection `shop` with an outlet for each of these platforms, and its key."""
        self.connect()
        for platform, key in keys.items():
            self.store.add_outlet("shop", platform, sealed(key)).result()

    def accept(self, raw: bytes, name: str = "shop") -> int:
        return self.store.accept(name, event_id(self.mapper, raw, {}), raw, {}).result().inbox

    def accept_all(self, raws: Iterable[bytes], name: str = "shop") -> list[int]:
        futures = [self.store.accept(name, event_id(self.mapper, raw, {}), raw, {}) for raw in raws]
        return [future.result().inbox for future in futures]

    def deliver(self, until: Callable[[], bool] | None = None, seconds: float = 30.0) -> None:
        """Run the worker until so; until nothing waits, unless told."""
        asyncio.run(self._deliver(until or self.idle, seconds))

    async def _deliver(self, until: Callable[[], bool], seconds: float) -> None:
        transport = None if self.over_http else self.platforms
        delivery = Delivery(self.store, self.mappers, KEYS, self.watch, transport)
        running = asyncio.create_task(delivery.run())
        try:
            async with asyncio.timeout(seconds):
                while not until() and not running.done():
                    await asyncio.sleep(0.01)
                    self.waits = [wait.reason for wait in delivery.waits()]
        finally:
            delivery.stop()
            await running

    def idle(self) -> bool:
        """Whether nothing waits to be mapped or sent."""
        ends = ("dead", "payload held")
        return all(one.state in ends for one in self.store.depths())

    def mapped(self) -> bool:
        """Whether nothing waits to be mapped."""
        return not any(one.state.startswith("event") for one in self.store.depths())

    def states(self, event: int) -> list[tuple[str, str]]:
        """Platform and state of each payload of an event."""
        return [(one.platform, one.state) for one in self.store.payloads_of(event)]

    @property
    def letters(self) -> list[tuple[str, str]]:
        """Code and place of each reason of each open dead letter."""
        return [(reason.code, reason.place) for one in self.store.dead_letters() for reason in one.reasons]


def since(condition: Callable[[], bool], seconds: float) -> Callable[[], bool]:
    """Whether so much time has passed since this was first so."""
    first: list[float] = []

    def passed() -> bool:
        if not first and condition():
            first.append(monotonic())
        return bool(first) and monotonic() - first[0] >= seconds

    return passed


def sealed(key: str) -> bytes:
    return KEYS.seal(Secret(key))


@contextmanager
def house(
    folder: Path,
    respond: Respond | None = None,
    settings: Settings = QUICK,
    clock: Clock | None = None,
    platforms: str = "{klaviyo: {}, omnisend: {origin: acme}}",
    identity: str = IDENTITY,
    profile: str = PROFILE,
) -> Iterator[House]:
    """A house in a folder; used again in the same folder, it goes on where the former one ended."""
    mapper = mapper_of(compiled(folder, vendor_yaml(platforms=platforms, identity=identity), EVENTS, profile))
    with Store(folder / "queue.db", settings, clock) as store:
        yield House(store, mapper, respond)


def order(number: int, email: str = "ada@post.example", **keys: str | None) -> bytes:
    """A raw event of the entry Order."""
    return raw_event(**{"id": f'"evt_{number}"', "x": str(number), "email": f'"{email}"', **keys})


def points(number: int, email: str = "ada@post.example", **keys: str | None) -> bytes:
    """A raw event of the entry Points: an update of a profile."""
    return raw_event(**{"type": '"points"', "id": f'"upd_{number}"', "email": f'"{email}"', **keys})
