"""An application and an address → it answers there, within bounds of size and time."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mapforge.diagnostics import MapforgeError

MOST_HEAD = 65_536
HEAD_SECONDS = 20.0
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Bounded(HttpToolsProtocol):
    """uvicorn's parser takes heads without end, for as long as they take; this one has a bound for both."""

    _head = 0
    _reading = True
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._reading and not self.transport.is_closing():
            self._head += len(data)
            self._wait_for_head()
            if self._head > MOST_HEAD:
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    def on_message_begin(self) -> None:
        self._head, self._reading = 0, True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._reading = False
        self._head_is_there()
        super().on_headers_complete()

    def _wait_for_head(self) -> None:
        """The first part of a head starts the time, and no further one starts it anew."""
        if self._patience is None:
            self._patience = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _head_is_there(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class Listener(uvicorn.Server):
    """An application at a socket. `run` until `should_exit`; signals are the caller's."""

    def __init__(self, app: ASGIApp, at: socket.socket, drain: float) -> None:
        super().__init__(
            uvicorn.Config(
                app, http=Bounded, ws="none", lifespan="off", log_config=None, access_log=False, server_header=False,
                proxy_headers=False, timeout_graceful_shutdown=max(1, round(drain)),
            )
        )  # fmt: skip
        self._at = at

    @property
    def url(self) -> str:
        """Where it listens."""
        return url_of(self._at)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none: two listeners stop together."""
        yield

    async def answer(self) -> None:
        """Answer until `should_exit`, then end what is under way."""
        await self.serve([self._at])


def url_of(at: socket.socket) -> str:
    """The address of a socket that listens."""
    host, port = at.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there, at a free port for 0. MapforgeError where it cannot."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        at = socket.socket(family, kind, protocol)
    except OSError as error:
        raise MapforgeError(f"cannot listen at {host}: {error.strerror}") from None
    try:
        at.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        at.bind(address)
        at.listen(2048)
    except OSError as error:
        at.close()
        raise MapforgeError(f"cannot listen at {host} port {port}: {error.strerror}") from None
    return at
