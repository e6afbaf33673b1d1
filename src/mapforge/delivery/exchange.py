"""A request body → a platform's answer over HTTP; or how that failed, and whether the request may have arrived."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from types import TracebackType
from urllib.parse import urlsplit

import httpx
import msgspec

from mapforge.delivery.answers import Answer
from mapforge.delivery.outcomes import RetryLater
from mapforge.delivery.secrets import Secret
from mapforge.delivery.settings import Settings
from mapforge.platforms.base import Endpoint, Probe, Request

_READ = 256 * 1024
# What became of a job's payloads is told with the payloads: a hundred of at most 100 KB on a page.
_READ_LISTS = 16 * 1024 * 1024
_KEY = re.compile(r"[!-~]{1,4096}")
_SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,99}\.myshopify\.com")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Of these it is known that the platform has not got the whole request.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
_CAUSES: Mapping[type[BaseException], str] = {
    socket.gaierror: "its name cannot be looked up",
    ConnectionRefusedError: "it refuses connections",
    ssl.SSLCertVerificationError: "its certificate is not trusted",
    httpx.ConnectTimeout: "no connection within the time for it",
}


class Exchange:
    """Requests with one key. TLS is verified, redirects are not followed; transport: for tests.

    shop: the domain of a Shopify shop. Raises ValueError for a key that no header holds, for a domain that is not a
    shop's, and for an origin that is neither https nor on loopback.
    """

    def __init__(
        self,
        secret: Secret,
        settings: Settings,
        origin: str | None = None,
        shop: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        unfit = None if origin is None or is_private(origin) else "another origin is https, or on loopback"
        unfit = unfit or unfit_key(secret) or (None if shop is None else unfit_shop(shop))
        if unfit is not None:
            raise ValueError(unfit)
        self._secret = secret
        self._origin = origin
        self._shop = shop
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=httpx.Timeout(settings.answer, connect=settings.connect),
            limits=httpx.Limits(max_connections=settings.in_flight, max_keepalive_connections=settings.in_flight),
            follow_redirects=False,
        )

    async def post(self, request: Request, body: bytes) -> Answer | RetryLater:
        """Send it. RetryLater where no answer came; `ambiguous` where it may have arrived."""
        return await self._exchanged("POST", self._url(request), request, body, _READ)

    async def get(self, request: Request, job: str = "", query: str | None = None) -> Answer | RetryLater:
        """Ask about a job. query: of another page of the answer, in place of the request's own; no more of an address
        that a platform says is used.
        """
        url = self._url(request).replace("{job}", job)
        if query is not None:
            url = f"{url.partition('?')[0]}?{query}"
        return await self._exchanged("GET", url, request, None, _READ_LISTS)

    async def probe(self, probe: Probe) -> Answer | RetryLater:
        """Ask what shows whether the key is good, and changes nothing."""
        url = self._url(probe.request)
        if probe.query is None:
            return await self._exchanged("GET", url, probe.request, None, _READ)
        body = msgspec.json.encode({"query": probe.query})
        return await self._exchanged("POST", url, probe.request, body, _READ)

    async def _exchanged(
        self, method: str, url: str, request: Request, body: bytes | None, most: int
    ) -> Answer | RetryLater:
        try:
            async with self._client.stream(method, url, content=body, headers=self._headers(request)) as response:
                return await _answer(response, most)
        except _NOT_SENT as error:
            return RetryLater(f"the platform cannot be reached: {_cause(error)}")
        except httpx.LocalProtocolError as error:
            # Its text quotes the header, and so the key.
            return RetryLater(f"the key cannot be sent ({type(error).__name__})", refused=True)
        except (httpx.HTTPError, OSError) as error:
            return RetryLater(f"no answer came ({type(error).__name__})", ambiguous=True)

    def _url(self, request: Request) -> str:
        url = request.url.replace("{shop}", self._shop or "")
        if self._origin is None:
            return url
        parts = urlsplit(url)
        return self._origin.rstrip("/") + parts.path + (f"?{parts.query}" if parts.query else "")

    def _headers(self, request: Request) -> Mapping[str, str]:
        return {name: value.replace("{secret}", self._secret.reveal()) for name, value in request.headers.items()}

    async def __aenter__(self) -> Exchange:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._client.aclose()


def is_private(url: str) -> bool:
    """Whether nobody on the way reads what is sent there: by https, or on loopback."""
    parts = urlsplit(url)
    return (parts.scheme == "https" and bool(parts.hostname)) or (parts.scheme == "http" and is_loopback(url))


def is_loopback(url: str) -> bool:
    """Whether it is on this machine."""
    return urlsplit(url).hostname in _LOOPBACK


def unfit_key(key: Secret) -> str | None:
    """Why no request can be sent with a key; None: it can."""
    return None if _KEY.fullmatch(key.reveal()) else "the key is empty, or holds what no header does"


def unfit_shop(shop: str) -> str | None:
    """Why a text is no shop's domain; None: it is one."""
    return None if _SHOP.fullmatch(shop) else "the shop is not a domain such as a-shop.myshopify.com"


def _cause(error: BaseException) -> str:
    """What the system says of it, without its text, which may quote an address."""
    found = (words for one in _causes(error) for kind, words in _CAUSES.items() if isinstance(one, kind))
    return next(found, type(error).__name__)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):  # one for each address of a name
            for one in error.exceptions:
                yield from _causes(one)
        error = error.__cause__ or error.__context__


async def _answer(response: httpx.Response, most: int) -> Answer:
    """The status counts, whether or not the body comes: an answer is an answer."""
    body = b""
    try:
        async for part in response.aiter_bytes():
            body += part[: most - len(body)]
            if len(body) >= most:
                break
    except httpx.HTTPError:
        pass
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


def wrapped(endpoint: Endpoint, body: bytes) -> bytes:
    """A body as it is posted: GraphQL's variables stand beside their mutation."""
    if endpoint.mutation is None:
        return body
    return msgspec.json.encode({"query": endpoint.mutation, "variables": msgspec.Raw(body)})
