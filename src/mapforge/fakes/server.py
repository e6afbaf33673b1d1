"""HTTP on loopback → the look-alikes and back, with the faults that they were told to have on the way."""

from __future__ import annotations

import asyncio
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from mapforge.diagnostics import MapforgeError
from mapforge.fakes import wire
from mapforge.fakes.faults import Control, Fault, Faults, WrongControl
from mapforge.fakes.klaviyo import Klaviyo
from mapforge.fakes.omnisend import Omnisend
from mapforge.fakes.page import page
from mapforge.fakes.settings import Settings
from mapforge.fakes.shopify import Shopify
from mapforge.fakes.state import State

HOST = "127.0.0.1"
PORT = 8790
_TRANSPORT = "transport"
_LISTED = 1000
_NOBODY = "-"


class Addresses(msgspec.Struct, frozen=True):
    """Where the look-alikes are. `url` has the page and the controls; the others stand for the platforms' hosts."""

    url: str
    klaviyo: str
    omnisend: str
    shopify: str


class Fakes:
    """The look-alikes, and what they are told and have received."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self.state = State(settings, clock)
        self.faults = Faults(settings.seed)
        self.platforms = (Klaviyo(self.state), Omnisend(self.state), Shopify(self.state))

    def clear(self) -> None:
        """Forget what came. Faults and the windows of rate limits stay."""
        self.state.received.clear()
        for platform in self.platforms:
            platform.forget()

    @property
    def forgotten(self) -> dict[str, int]:
        """How many is known no longer, for there was too much."""
        keys = sum(platform.forgotten for platform in self.platforms)
        return {**self.state.received.forgotten, "keys": keys}


@contextmanager
def running(
    settings: Settings | None = None, *, port: int = 0, clock: Callable[[], float] = time.time
) -> Iterator[Addresses]:
    """The look-alikes in a thread, on a free port unless told, until the block ends."""
    listener = listen(port)
    server = _server(application(Fakes(settings or Settings(), clock)))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="fake-platforms", daemon=True)
    thread.start()
    try:
        while thread.is_alive() and not server.started:
            time.sleep(0.002)
        yield addresses(listener)
    finally:
        server.should_exit = True
        thread.join()


def serve(listener: socket.socket, settings: Settings) -> None:
    """The look-alikes in this thread, until a signal."""
    with suppress(KeyboardInterrupt):  # uvicorn stops in order, then raises it again
        _server(application(Fakes(settings, time.time))).run(sockets=[listener])


def listen(port: int) -> socket.socket:
    """A socket on loopback, on a free port for 0. Raises MapforgeError where the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise MapforgeError(f"port {port} on {HOST}: {error.strerror}") from None
    return listener


def addresses(listener: socket.socket) -> Addresses:
    """The addresses behind a socket."""
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    return Addresses(url, f"{url}/klaviyo", f"{url}/omnisend", f"{url}/shopify")


def welcome(at: Addresses) -> str:
    """What to do with the addresses."""
    return _WELCOME.format(url=at.url, klaviyo=at.klaviyo, omnisend=at.omnisend, shopify=at.shopify)


_WELCOME = """\
The page of what comes in, and the controls:  {url}

Send to these in place of the platforms' hosts, path and all; a key names its account:
  https://a.klaviyo.com     {klaviyo}     authorization: Klaviyo-API-Key pk_acme
  https://api.omnisend.com  {omnisend}    authorization: Omnisend-API-Key acme
  https://(shop)            {shopify}     x-shopify-access-token: shpat_acme

To see one fail:  curl {url}/_control -d '{{"platform": "klaviyo", "do": "fail", "status": 503, "times": 3}}'
Stop with Ctrl-C."""


def application(fakes: Fakes) -> Starlette:
    """The page, the controls and the platforms as an ASGI application. Faults of the connection need `running`."""
    board = _Board(fakes)
    routes = [
        Route("/", board.page),
        Route("/_received", board.received, methods=["GET", "DELETE"]),
        Route("/_calls", board.calls),
        Route("/_control", board.control, methods=["GET", "POST", "DELETE"]),
        *(Mount(f"/{platform.name}", app=_Counter(fakes, platform)) for platform in fakes.platforms),
    ]
    return Starlette(routes=routes)


# ── the page and the controls ─────────────────────────────────────────────────────────────────────


class _Board:
    """What people and tests ask and tell."""

    def __init__(self, fakes: Fakes) -> None:
        self.fakes = fakes

    async def page(self, request: Request) -> Response:
        fakes = self.fakes
        return HTMLResponse(page(fakes.state.received, fakes.faults.held, fakes.forgotten))

    async def received(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.fakes.clear()
            return Response(status_code=204)
        wanted = {name: request.query_params.get(name) for name in ("platform", "account", "kind", "outcome")}
        received = self.fakes.state.received
        items = list(islice(received.items(**wanted), _limit(request)))
        return _json({"counts": received.counts(**wanted), "items": items, "forgotten": self.fakes.forgotten})

    async def calls(self, request: Request) -> Response:
        wanted = {name: request.query_params.get(name) for name in ("platform", "account", "endpoint")}
        received = self.fakes.state.received
        calls = list(islice(received.calls(**wanted), _limit(request)))
        return _json({"counts": received.answers(**wanted), "calls": calls, "forgotten": self.fakes.forgotten})

    async def control(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.fakes.faults.held.clear()
        if request.method == "POST":
            try:
                self.fakes.faults.set(msgspec.json.decode(await request.body(), type=Control))
            except (msgspec.DecodeError, WrongControl) as error:
                return _json({"error": str(error)}, 400)
        return _json({"faults": [{**_told(fault), "met": fault.met} for fault in self.fakes.faults.held]})


def _told(fault: Fault) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(fault.control).items() if value is not None}


def _limit(request: Request) -> int:
    given = request.query_params.get("limit", "")
    return int(given) if given.isascii() and given.isdigit() else _LISTED


def _json(content: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")


# ── the platforms ─────────────────────────────────────────────────────────────────────────────────


class _Counter:
    """Where calls to one platform come in: an ASGI application."""

    def __init__(self, fakes: Fakes, platform: Klaviyo | Omnisend | Shopify) -> None:
        self.fakes = fakes
        self.platform = platform

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = _Visit(self, _request(scope, self.platform.name), scope, receive, send)
        if call.fault is None:
            await call.plain()
        else:
            await call.misbehave(call.fault)


class _Visit:
    """One call, from its head to its answer or its end without one."""

    def __init__(self, counter: _Counter, head: wire.Request, scope: Scope, receive: Receive, send: Send) -> None:
        self.platform = counter.platform
        self.state = counter.fakes.state
        self.head = head
        self.scope, self.receive, self.send = scope, receive, send
        self.number = self.state.received.next_call()
        self.at = self.state.clock()
        self.account = self.platform.account(head) or _NOBODY
        self.endpoint = self.platform.endpoint(head)
        self.fault = counter.fakes.faults.meet(self.platform.name, self.endpoint, self.account)

    async def plain(self) -> None:
        """Take the call and answer it."""
        answer = await self.taken()
        if answer is not None:
            await self.answer(answer)

    async def misbehave(self, fault: Fault) -> None:
        """Take the call or not, and do what the fault says."""
        if fault.when == "before":
            answer = await self.untaken(fault)
        else:
            answer = await self.taken(fault)
        if answer is None:
            return
        if fault.control.do == "drop":
            await self.drop()
        elif fault.control.do == "hang":
            await self.wait(fault.seconds)
            await self.drop()
        elif fault.control.do == "garbage":
            await self.garble(answer, fault.garbage)
        elif not (fault.control.do == "slow" and await self.wait(fault.seconds)):
            await self.answer(self.failure(fault) if fault.control.do == "fail" else answer)

    async def taken(self, fault: Fault | None = None) -> wire.Answer | None:
        """The platform's answer, and the call noted; None where the caller went away first."""
        body = await self.body()
        if body is None:
            return None
        spoilt = {} if fault is None else {"rejects": fault.rejects, "stops": fault.control.do == "stop"}
        request = msgspec.structs.replace(self.head, body=body, **spoilt)
        answer = self.platform.answer(request, self.number)
        self.note(body, answer, fault)
        return answer

    async def untaken(self, fault: Fault) -> wire.Answer | None:
        """The platform's answer to a call that it does not take, noted so. A drop does not even read it."""
        body = b"" if fault.control.do == "drop" else await self.body()
        if body is None:
            return None
        answer = self.failure(fault)
        self.note(body, answer, fault)
        return answer

    def failure(self, fault: Fault) -> wire.Answer:
        """What the platform says when it fails."""
        return self.platform.failure(fault.control.status or 500, math.ceil(fault.seconds))

    def note(self, body: bytes, answer: wire.Answer, fault: Fault | None) -> None:
        """In the list of calls: the status that goes out, or none."""
        status: int | None = answer.status
        if fault is not None and fault.control.do == "fail":
            status = fault.control.status or 500
        if fault is not None and fault.control.do in ("drop", "hang"):
            status = None
        self.state.received.call(
            body, number=self.number, at=self.at, platform=self.platform.name, account=self.account,
            endpoint=self.endpoint, method=self.head.method, status=status, said=answer.said,
            fault=fault.word if fault else None,
        )  # fmt: skip

    async def body(self) -> bytes | None:
        """The whole body, cut a byte beyond the most; None where the caller went away before its end."""
        parts, size = [], 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                return None
            if size <= wire.MOST_BYTES:
                parts.append(message.get("body", b""))
                size += len(parts[-1])
            if not message.get("more_body"):
                return b"".join(parts)[: wire.MOST_BYTES + 1]

    async def answer(self, answer: wire.Answer) -> None:
        """Send it."""
        await Response(answer.body, answer.status, dict(answer.headers))(self.scope, self.receive, self.send)

    async def garble(self, answer: wire.Answer, garbage: str) -> None:
        """Send something else in its place."""
        if garbage == "half-a-body":
            await self.half(answer)
        elif garbage == "content-type":
            page = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
            await self.answer(wire.Answer(answer.status, page, {"content-type": "text/html"}))
        else:
            await self.answer(msgspec.structs.replace(answer, body=b'{"data": \x00not json'))

    async def half(self, answer: wire.Answer) -> None:
        """Promise a body, send half of it and close."""
        body = answer.body or b'{"data": {"type": "event"}}'
        headers = {**answer.headers, "content-length": str(len(body))}
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await self.send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        self.scope["state"][_TRANSPORT].close()
        await self.gone()

    async def wait(self, seconds: float) -> bool:
        """Whether the caller went away within that time."""
        try:
            await asyncio.wait_for(self.gone(), seconds)
        except TimeoutError:
            return False
        return True

    async def drop(self) -> None:
        """End the connection without a word."""
        self.scope["state"][_TRANSPORT].abort()
        await self.gone()

    async def gone(self) -> None:
        """Until the connection is over: uvicorn writes no answer of its own then."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


def _request(scope: Scope, name: str) -> wire.Request:
    path = scope["path"].removeprefix(f"/{name}").rstrip("/")
    headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
    query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    return wire.Request(scope["method"], path, headers, query)


# ── the server ────────────────────────────────────────────────────────────────────────────────────


class _Protocol(H11Protocol):
    """Gives the application its connection, to end it; a stop does not wait for calls that hang."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, _TRANSPORT: transport}

    def shutdown(self) -> None:
        self.transport.abort()


def _server(app: Starlette) -> uvicorn.Server:
    config = uvicorn.Config(
        app, loop="asyncio", http=_Protocol, ws="none", lifespan="off", log_config=None, access_log=False,
        server_header=False, proxy_headers=False,
    )  # fmt: skip
    return uvicorn.Server(config)
