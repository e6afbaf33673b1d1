"""The parts of a request's body → its bytes and its JSON, within bounds of size, time and depth."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from starlette.types import Message, Receive

from mapforge.runtime.decode import untyped, utf8
from mapforge.service.problems import Refusal
from mapforge.service.settings import Settings
from mapforge.values.refused import Refused

_LENGTH_DIGITS = 18
_CLOSE = {"Connection": "close"}  # what is left of the body is not read


class Bodies:
    """Bodies of requests, bounded: each of them, and all that are under way together."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held = 0

    async def read(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        """The whole body, which counts as under way until `done`. Refusal: 400, 408, 413, 415, 503."""
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise Refusal(415, "send the body as it is, without Content-Encoding", headers=_CLOSE)
        said = headers.get("content-length", "")
        if said.isdigit() and (len(said) > _LENGTH_DIGITS or int(said) > self._settings.max_body):
            raise self._too_large()
        body = bytearray()
        try:
            if self._taken(await receive(), body):
                await self._rest(receive, body)
        except BaseException:
            self._held -= len(body)
            raise
        return bytes(body)

    def done(self, body: bytes) -> None:
        """This one is not under way any longer."""
        self._held -= len(body)

    async def _rest(self, receive: Receive, body: bytearray) -> None:
        try:
            async with asyncio.timeout(self._settings.body_seconds):
                while self._taken(await receive(), body):
                    pass
        except TimeoutError:
            raise Refusal(408, "the body did not come in time", headers=_CLOSE) from None

    def _taken(self, message: Message, body: bytearray) -> bool:
        """Take a part; whether there is more."""
        if message["type"] != "http.request":
            raise Refusal(400, "the body ended before its end", headers=_CLOSE)
        part: bytes = message.get("body", b"")
        body += part
        self._held += len(part)
        if len(body) > self._settings.max_body:
            raise self._too_large()
        if self._held > self._settings.body_memory:
            raise Refusal(503, "too many bodies are under way", headers={"Retry-After": "1", **_CLOSE})
        return bool(message.get("more_body"))

    def _too_large(self) -> Refusal:
        return Refusal(413, f"a body has at most {self._settings.max_body} bytes", headers=_CLOSE)


@contextmanager
def json_expected() -> Iterator[None]:
    """A body that is no JSON in here is a Refusal 400."""
    try:
        yield
    except Refused as refused:
        raise Refusal(400, f"the body must be {refused.expected}: {refused.got}") from None


def bounded(raw: bytes, most: int) -> None:
    """Refusal 400 for a body that nests deeper than `most`; Refused where that is found to be no JSON."""
    # One with fewer brackets cannot be deeper, wherever they stand.
    if raw.count(b"{") + raw.count(b"[") > most and _deeper(untyped(utf8(raw)), most):
        raise Refusal(400, f"the body nests deeper than {most}")


def _deeper(body: Any, most: int) -> bool:
    level = [body]
    for _ in range(most):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True
