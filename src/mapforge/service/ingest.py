"""A vendor's webhook → a row on disk, and only then 202: bounded, signed, and JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs
from weakref import WeakKeyDictionary

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mapforge.delivery.identity import Identity
from mapforge.delivery.mapping import VendorMappers
from mapforge.delivery.queue import Accepted, Incoming, QueueUnwritable
from mapforge.delivery.secrets import Keys, SecretError
from mapforge.delivery.store.file import Store
from mapforge.runtime.mappers import Mapper
from mapforge.service.doors import Door, Doors
from mapforge.service.groups import Groups
from mapforge.service.intake import Bodies, bounded, json_expected
from mapforge.service.observer import ServiceObserver
from mapforge.service.problems import Refusal
from mapforge.service.settings import Settings
from mapforge.service.signatures import Unsigned, headers_of, verify
from mapforge.service.traces import NoTraces

UNSIGNED = "the webhook's signature is missing or does not fit"
_ASK = {"WWW-Authenticate": "Bearer"}
# Headers that may hold a secret, and are kept nowhere; the vendor's own signature header besides.
_UNKEPT = frozenset(("authorization", "cookie", "proxy-authorization", "x-api-key", "x-forwarded-authorization"))


class Ingest:
    """Takes webhooks into the queue: an ASGI application behind a route. arrived: called when an event is on disk."""

    def __init__(
        self,
        store: Store,
        mappers: VendorMappers,
        keys: Keys,
        settings: Settings,
        observer: ServiceObserver,
        arrived: Callable[[], None],
        traces: NoTraces,
    ) -> None:
        self._mappers = mappers
        self._settings = settings
        self._observer = observer
        self._arrived = arrived
        self._traces = traces
        self._doors = Doors(store, keys)
        self._groups = Groups(store)
        self._bodies = Bodies(settings)
        self._identities: WeakKeyDictionary[Mapper, Identity] = WeakKeyDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """202 once the event is on disk, 200 for a repeat, else a problem."""
        began = time.perf_counter()
        name, vendor = scope["path_params"]["connection"], ""
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        with self._traces.webhook(name, headers) as webhook:
            headers.update(webhook.context)
            try:
                door = self._door(name)
                vendor = door.connection.vendor
                answer = _answer(await self._accepted(door, headers, scope, receive))
            except Refusal as refusal:
                answer = refusal.answer()
                self._observer.refused(name if vendor else "", refusal.status, refusal.logged)
            webhook.answered(vendor, answer.status_code)
        await answer(scope, receive, send)
        self._observer.ingested(vendor, answer.status_code, time.perf_counter() - began)

    def _door(self, name: str) -> Door:
        """The connection of this name. Refusal 404, 503."""
        try:
            door = self._doors.find(name)
        except (QueueUnwritable, SecretError) as error:
            raise self._later("the connection cannot be read", str(error)) from None
        if door is None:
            raise Refusal(404, "there is no such connection")
        return door

    async def _accepted(self, door: Door, headers: Mapping[str, str], scope: Scope, receive: Receive) -> Accepted:
        mapper = self._mappers.get(door.connection.vendor)
        if mapper is None:
            raise self._later(f"the build has no mapper of {door.connection.vendor}")
        raw = await self._bodies.read(headers, receive)
        try:
            return await self._kept(door, mapper, headers, raw, _event(scope))
        finally:
            self._bodies.done(raw)

    async def _kept(
        self, door: Door, mapper: Mapper, headers: Mapping[str, str], raw: bytes, event: str | None
    ) -> Accepted:
        self._verify(door, mapper, headers, raw)
        kept = _without_secrets(headers, mapper)
        with json_expected():
            bounded(raw, self._settings.max_depth)
            known = self._identity(mapper).of(raw, kept, event)
        home = door.connection.id
        return await self._on_disk(Incoming(connection=home, event_id=known, raw=raw, headers=kept, name=event))

    def _identity(self, mapper: Mapper) -> Identity:
        """Made once for each mapper, for as long as it is in use."""
        found = self._identities.get(mapper)
        if found is None:
            found = self._identities[mapper] = Identity(mapper)
        return found

    async def _on_disk(self, incoming: Incoming) -> Accepted:
        try:
            accepted = await self._groups.keep(incoming)
        except QueueUnwritable as error:
            self._observer.unwritable(str(error))
            raise self._later("the queue cannot be written; nothing of this was kept", str(error)) from None
        if accepted is None:
            raise Refusal(404, "there is no such connection")
        self._arrived()
        return accepted

    def _verify(self, door: Door, mapper: Mapper, headers: Mapping[str, str], raw: bytes) -> None:
        if not door.secrets:
            raise Refusal(401, UNSIGNED, headers=_ASK, logged="the connection has no signing secret; add one")
        try:
            verify(mapper.signature, door.secrets, headers, raw, time.time())
        except Unsigned as unsigned:
            raise Refusal(401, UNSIGNED, headers=_ASK, logged=str(unsigned)) from None

    def _later(self, detail: str, logged: str | None = None) -> Refusal:
        return Refusal(503, detail, headers={"Retry-After": str(self._settings.retry_after)}, logged=logged)


def _without_secrets(headers: Mapping[str, str], mapper: Mapper) -> dict[str, str]:
    """The headers that go into the queue: a mapping may read any but those that hold a secret."""
    signed = headers_of(mapper.signature)
    return {name: value for name, value in headers.items() if name not in _UNKEPT and name not in signed}


def _event(scope: Scope) -> str | None:
    """The raw event's name, where the address says it."""
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get("event", [None])[0] if query else None


def _answer(accepted: Accepted) -> Response:
    said = msgspec.json.encode({"event": accepted.inbox, "repeat": accepted.repeat})
    return Response(said, 200 if accepted.repeat else 202, media_type="application/json")
