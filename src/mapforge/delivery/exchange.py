"""A request body → a platform's answer over HTTP; or how that failed, and whether the request may have arrived."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
_KEY = re.compile(r"[!-~]{1,4096}")
_SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,99}\.myshopify\.com")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Of these it is known that the platform has not got the whole request.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


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
        return await self._sent("POST", request, body)

    async def probe(self, probe: Probe) -> Answer | RetryLater:
        """Ask what shows whether the key is good, and changes nothing."""
        if probe.query is None:
            return await self._sent("GET", probe.request, b"")
        return await self._sent("POST", probe.request, msgspec.json.encode({"query": probe.query}))

    async def _sent(self, method: str, request: Request, body: bytes) -> Answer | RetryLater:
        try:
            async with self._client.stream(
                method, self._url(request), content=body, headers=self._headers(request)
            ) as response:
                return await _answer(response)
        except _NOT_SENT as error:
            return RetryLater(f"the platform cannot be reached ({type(error).__name__})")
        except httpx.LocalProtocolError as error:
            # Its text quotes the header, and so the key.
            return RetryLater(f"the key cannot be sent ({type(error).__name__})", refused=True)
        except (httpx.HTTPError, OSError) as error:
            return RetryLater(f"no answer came ({type(error).__name__})", ambiguous=True)

    def _url(self, request: Request) -> str:
        url = request.url.replace("{shop}", self._shop or "")
        return url if self._origin is None else self._origin.rstrip("/") + urlsplit(url).path

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


async def _answer(response: httpx.Response) -> Answer:
    """The status counts, whether or not the body comes: an answer is an answer."""
    body = b""
    try:
        async for part in response.aiter_bytes():
            body += part[: _READ - len(body)]
            if len(body) >= _READ:
                break
    except httpx.HTTPError:
        pass
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


def wrapped(endpoint: Endpoint, body: bytes) -> bytes:
    """A body as it is posted: GraphQL's variables stand beside their mutation."""
    if endpoint.mutation is None:
        return body
    return msgspec.json.encode({"query": endpoint.mutation, "variables": msgspec.Raw(body)})
