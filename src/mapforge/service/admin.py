"""Operators' calls over HTTP → what they do at the desk; every call with the token, every refusal a problem."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, FastAPI, Path, Query, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from mapforge import __version__
from mapforge.delivery.secrets import Secret
from mapforge.service import bodies, checks, connections, held, letters, syncs
from mapforge.service.desk import Desk, queue
from mapforge.service.problems import answer, answer_to, documented

PREFIX = "/v1/admin"
MOST_BYTES = 64 * 1024
MOST_BYTES_OF_EVENTS = 32 * 1024 * 1024
_NO_TOKEN = "the service has no token for operators, so nobody may ask; set MAPFORGE_ADMIN_TOKEN and start it again"
_WRONG_TOKEN = "operators' calls need the header Authorization: Bearer, with the token of MAPFORGE_ADMIN_TOKEN"

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Connection = Annotated[bodies.Name, Path()]
NewConnection = Annotated[bodies.NewName, Path()]
Number = Annotated[bodies.Number, Path()]
PageQuery = Annotated[bodies.Page, Query()]
SyncQuery = Annotated[bodies.SyncFrom, Query()]
RawQuery = Annotated[bodies.RawWanted, Query()]


class Routes:
    """A function for each call; what it says of itself stands in the OpenAPI document."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def list_connections(self) -> bodies.ConnectionsOut:
        """All connections with their outlets; no secrets."""
        return connections.listed(self._desk)

    def get_connection(self, connection: Connection) -> bodies.ConnectionOut:
        """A connection with its outlets; no secrets."""
        return connections.shown(self._desk, connection)

    def put_connection(
        self, connection: NewConnection, said: bodies.ConnectionIn, response: Response
    ) -> bodies.ChangedOut:
        """Add a connection, or change what is said of it; what is not said stays."""
        changed = connections.put(self._desk, connection, said)
        response.status_code = 201 if changed.added else 200
        return changed

    def switch_connection(self, connection: Connection, said: bodies.SwitchIn) -> bodies.ChangedOut:
        """Switch a connection or its modules on or off."""
        return connections.switch(self._desk, connection, said)

    def switch_outlet(
        self, connection: Connection, platform: bodies.Name, said: bodies.OutletSwitchIn
    ) -> bodies.ChangedOut:
        """Switch one of a connection's platforms on or off."""
        return connections.switch_outlet(self._desk, connection, platform, said)

    async def test_connection(self, connection: Connection) -> bodies.TestedOut:
        """Whether the vendor is mapped to each platform, and whether each platform knows its key."""
        return await checks.tested(self._desk, connection)

    def list_dead_letters(self, page: PageQuery) -> bodies.LettersOut:
        """Open dead letters with their reasons, by their numbers."""
        return letters.listed(self._desk, page)

    def get_dead_letter(self, letter: Number, wanted: RawQuery) -> bodies.WholeLetterOut:
        """An open dead letter; with raw=true the raw event and the platform's own words, which are customer data."""
        return letters.shown(self._desk, letter, wanted.raw)

    def replay_dead_letters(self, said: bodies.ReplayIn) -> bodies.ReplaysOut:
        """Map the events of dead letters anew, and send what platforms missed: for all of them, or for none."""
        return letters.replayed(self._desk, said)

    def drop_dead_letters(self, said: bodies.LettersIn) -> bodies.DroppedOut:
        """Put dead letters away: all of them, or none."""
        return letters.drop(self._desk, said)

    def list_held_payloads(self, page: PageQuery) -> bodies.HeldPageOut:
        """Payloads that may have arrived and wait for a word, by their numbers."""
        return held.listed(self._desk, page)

    def get_held_payload(self, payload: Number, wanted: RawQuery) -> bodies.WholeHeldOut:
        """A held payload; with raw=true its body, which is customer data."""
        return held.shown(self._desk, payload, wanted.raw)

    def send_held_payloads(self, said: bodies.PayloadsIn) -> bodies.SentOut:
        """Send held payloads once more: all of them, or none."""
        return held.send(self._desk, said)

    def drop_held_payloads(self, said: bodies.PayloadsIn) -> bodies.DroppedOut:
        """Never send held payloads: all of them, or none."""
        return held.drop(self._desk, said)

    def take_events(self, connection: Connection, said: bodies.EventsIn) -> bodies.EventsOut:
        """Keep raw events that did not come as webhooks: all of them, or none. Those that are there are known again."""
        return syncs.take(self._desk, connection, said)

    def get_sync(self, connection: Connection, wanted: SyncQuery) -> bodies.FoundSyncOut:
        """How far the latest sync of a source is."""
        return syncs.last(self._desk, connection, wanted)

    def begin_sync(self, connection: Connection, said: bodies.NewSyncIn) -> bodies.SyncOut:
        """Begin a sync of a source."""
        return syncs.begin(self._desk, connection, said)

    def keep_sync(self, connection: Connection, said: bodies.SyncIn) -> bodies.SyncOut:
        """Say how far a sync is."""
        return syncs.keep(self._desk, connection, said)

    def get_queue(self) -> bodies.QueueOut:
        """How much waits, since when, and which outlets send nothing."""
        return queue(self._desk)


class _Call(msgspec.Struct, frozen=True):
    """A route: its method, its path, the function, and how it can be refused beside 401 and 503."""

    method: str
    path: str
    function: Callable[..., Any]
    refused: tuple[int, ...]


_PLAIN: tuple[int, ...] = ()
_NAMED = (404, 422)
_SAID = (400, 413, 422)
_SAID_OF = (400, 404, 413, 422)


def _calls(of: Routes) -> tuple[_Call, ...]:
    return (
        _Call("GET", "/connections", of.list_connections, _PLAIN),
        _Call("GET", "/connections/{connection}", of.get_connection, _NAMED),
        _Call("PUT", "/connections/{connection}", of.put_connection, (*_SAID, 409)),
        _Call("PATCH", "/connections/{connection}", of.switch_connection, _SAID_OF),
        _Call("PATCH", "/connections/{connection}/outlets/{platform}", of.switch_outlet, _SAID_OF),
        _Call("POST", "/connections/{connection}/test", of.test_connection, _NAMED),
        _Call("POST", "/connections/{connection}/events", of.take_events, _SAID_OF),
        _Call("GET", "/connections/{connection}/sync", of.get_sync, _NAMED),
        _Call("POST", "/connections/{connection}/sync", of.begin_sync, _SAID_OF),
        _Call("PATCH", "/connections/{connection}/sync", of.keep_sync, (*_SAID_OF, 409)),
        _Call("GET", "/dead", of.list_dead_letters, _NAMED),
        _Call("POST", "/dead/replay", of.replay_dead_letters, (*_SAID_OF, 409)),
        _Call("POST", "/dead/drop", of.drop_dead_letters, _SAID_OF),
        _Call("GET", "/dead/{letter}", of.get_dead_letter, _NAMED),
        _Call("GET", "/held", of.list_held_payloads, _NAMED),
        _Call("POST", "/held/send", of.send_held_payloads, _SAID_OF),
        _Call("POST", "/held/drop", of.drop_held_payloads, _SAID_OF),
        _Call("GET", "/held/{payload}", of.get_held_payload, _NAMED),
        _Call("GET", "/queue", of.get_queue, _PLAIN),
    )


def admin_router(desk: Desk, token: Secret | None) -> APIRouter:
    """The calls below `/v1/admin`, for an application to include. token None: every call is refused."""
    scheme = HTTPBearer(auto_error=False, description="The token of MAPFORGE_ADMIN_TOKEN.")
    router = APIRouter(prefix=PREFIX, route_class=_guarded(token), dependencies=[Security(scheme)], tags=["operators"])
    for one in _calls(Routes(desk)):
        responses = documented((401, *one.refused, 503))
        if one.method == "PUT":
            responses[201] = {"model": bodies.ChangedOut, "description": "Added."}
        router.add_api_route(
            one.path,
            one.function,
            methods=[one.method],
            operation_id=one.function.__name__,
            responses=responses,
        )
    return router


def admin_app(desk: Desk, token: Secret | None) -> FastAPI:
    """The calls alone, as an application; its OpenAPI document is at /openapi.json."""
    app = FastAPI(
        title="mapforge for operators", version=__version__, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.include_router(admin_router(desk, token))
    app.add_exception_handler(HTTPException, _no_route)
    return app


async def _no_route(request: Request, error: Exception) -> Response:
    """A path or a method that there is not."""
    assert isinstance(error, HTTPException)
    return answer(error.status_code, f"there is no {request.method} of this path", headers=error.headers)


# ── who may ask, and how much may be said ─────────────────────────────────────────────────────────


def _guarded(token: Secret | None) -> type[APIRoute]:
    """Routes that look at the token before anything else is read, and answer with problems."""

    class Guarded(APIRoute):
        def get_route_handler(self) -> Handler:
            inner = super().get_route_handler()
            most = MOST_BYTES_OF_EVENTS if self.path.endswith("/events") else MOST_BYTES

            async def handle(request: Request) -> Response:
                try:
                    _admit(request, token)
                    response = await inner(Request(request.scope, _bounded(request.receive, most)))
                except Exception as error:
                    said = answer_to(error)
                    if said is None:
                        raise
                    response = said
                response.headers["cache-control"] = "no-store"
                return response

            return handle

    return Guarded


def _admit(request: Request, token: Secret | None) -> None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if token is None:
        raise HTTPException(401, _NO_TOKEN, {"www-authenticate": "Bearer"})
    same = hmac.compare_digest(given.strip().encode(), token.reveal().encode())
    if scheme.lower() != "bearer" or not same:
        raise HTTPException(401, _WRONG_TOKEN, {"www-authenticate": "Bearer"})


def _bounded(receive: Receive, most: int) -> Receive:
    """No more than so many bytes of a body are read."""
    size = 0

    async def bounded() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise HTTPException(413, f"the body is over {most:,} bytes; say it in several calls")
        return message

    return bounded
