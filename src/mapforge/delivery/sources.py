"""A file of NDJSON, or an address that answers with it → lines, page by page; each line is a raw event.

An address is one that an operator names, https or on loopback. Redirects are not followed, and the next page, as a
`Link` header names it, is of the same origin: https://datatracker.ietf.org/doc/html/rfc8288
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx
import msgspec

from mapforge.delivery.exchange import is_private
from mapforge.delivery.secrets import Secret
from mapforge.diagnostics import MapforgeError

AUTHORIZATION = "MAPFORGE_SYNC_AUTHORIZATION"
"""The variable of the environment that holds what an address wants in the header of that name."""
LONGEST = 16 * 1024 * 1024
_LARGEST_LIST = 256 * 1024 * 1024
_TIMES = httpx.Timeout(60.0, connect=10.0)
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


class SourceError(MapforgeError):
    """A source that cannot be read, or not to its end. What was taken of it stays taken."""


class Page(msgspec.Struct, frozen=True):
    """A page while it is read: its lines without their ends, and the next page, if there is one."""

    lines: Iterator[bytes]
    after: str | None = None


class Source(Protocol):
    """Where raw events come from."""

    @property
    def name(self) -> str:
        """What it is known by, and its first page."""

    @property
    def shown(self) -> str:
        """Its name without what may be a secret."""

    def opened(self, page: str) -> AbstractContextManager[Page]:
        """A page of it. Raises SourceError, here and while it is read."""


def source_of(where: str, authorization: Secret | None = None, transport: httpx.BaseTransport | None = None) -> Source:
    """A file, or an address with `://` in it. Raises SourceError for an address that is not allowed."""
    return Address(where, authorization, transport) if "://" in where else File(Path(where))


class File:
    """A file of NDJSON: one page."""

    def __init__(self, path: Path) -> None:
        self.name = str(path.absolute())
        self.shown = str(path)

    @contextmanager
    def opened(self, page: str) -> Iterator[Page]:
        """See Source."""
        try:
            with Path(page).open("rb") as stream:
                yield Page(_lines(stream))
        except OSError as error:
            raise SourceError(f"{self.shown} cannot be read: {error.strerror}") from None


class Address:
    """An address: each page is NDJSON, or a list of raw events. authorization: of the header of that name."""

    def __init__(
        self, url: str, authorization: Secret | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        parts = _split(url)
        if not is_private(url):
            raise SourceError("a source is a file, or an address with https, or with http on loopback")
        if parts.username is not None or parts.password is not None:
            raise SourceError(f"an address holds no password; give it as {AUTHORIZATION}")
        self.name = url
        self.shown = f"{parts.scheme}://{parts.netloc}{parts.path}"
        self._origin = (parts.scheme, parts.netloc)
        self._headers = {} if authorization is None else {"authorization": authorization.reveal()}
        self._transport = transport

    @contextmanager
    def opened(self, page: str) -> Iterator[Page]:
        """See Source."""
        try:
            with (
                httpx.Client(transport=self._transport, timeout=_TIMES, follow_redirects=False) as client,
                client.stream("GET", page, headers=self._headers) as response,
            ):
                if response.status_code != 200:
                    raise SourceError(f"{self.shown} answers {response.status_code}")
                yield Page(_told(io.BufferedReader(_Body(response))), self._after(page, response))
        except httpx.HTTPError as error:
            raise SourceError(f"{self.shown} cannot be read: {type(error).__name__}") from None

    def _after(self, page: str, response: httpx.Response) -> str | None:
        url = response.links.get("next", {}).get("url")
        if url is None:
            return None
        after = urljoin(page, url)
        parts = _split(after)
        if (parts.scheme, parts.netloc) != self._origin:
            raise SourceError(f"{self.shown} names a next page that is not its own")
        return after

    def __repr__(self) -> str:
        return f"Address({self.shown})"


class _Body(io.RawIOBase):
    """A response's body as a file, as far as it has come."""

    def __init__(self, response: httpx.Response) -> None:
        self._parts = response.iter_bytes()
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._left = part
        taken, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


def _told(stream: io.BufferedReader) -> Iterator[bytes]:
    """The elements of a list, or lines."""
    if not stream.peek(1).lstrip().startswith(b"["):
        yield from _lines(stream)
        return
    whole = stream.read(_LARGEST_LIST + 1)
    if len(whole) > _LARGEST_LIST:
        raise SourceError(f"a list of over {_LARGEST_LIST // 2**20} MiB; send NDJSON or pages")
    try:
        yield from map(bytes, _elements(whole))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise SourceError(f"the list is no JSON: {error}") from None


def _lines(stream: BinaryIO | io.BufferedReader) -> Iterator[bytes]:
    """Lines without their ends."""
    number = 0
    while line := stream.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            raise SourceError(f"line {number} is over {LONGEST // 2**20} MiB")
        yield line.removesuffix(b"\n").removesuffix(b"\r")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise SourceError("the address is none") from None
