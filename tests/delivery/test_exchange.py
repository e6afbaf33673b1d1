"""One exchange with a platform: where it goes, what it reads, and what it refuses to be made with."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator

import httpx
import pytest

from mapforge.delivery.answers import Answer
from mapforge.delivery.exchange import Exchange, wrapped
from mapforge.delivery.outcomes import RetryLater
from mapforge.delivery.secrets import Secret
from mapforge.delivery.settings import Settings
from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import Request

KLAVIYO = PLATFORMS["klaviyo"].endpoints["event"].request
SHOPIFY = PLATFORMS["shopify"].endpoints["profile"]


def posted(
    transport: httpx.AsyncBaseTransport, request: Request = KLAVIYO, origin: str | None = None, shop: str | None = None
) -> Answer | RetryLater:
    async def post() -> Answer | RetryLater:
        async with Exchange(Secret("pk_1"), Settings(), origin, shop, transport) as exchange:
            return await exchange.post(request, b"{}")

    return asyncio.run(post())


def seen(urls: list[str]) -> httpx.MockTransport:
    def respond(request: httpx.Request) -> httpx.Response:
        urls.append(str(request.url))
        return httpx.Response(202)

    return httpx.MockTransport(respond)


@pytest.mark.parametrize(
    ("origin", "url"),
    [
        (None, "https://a.klaviyo.com/api/events"),
        ("http://127.0.0.1:8801", "http://127.0.0.1:8801/api/events"),
        ("http://localhost:8801/", "http://localhost:8801/api/events"),
        ("https://proxy.example", "https://proxy.example/api/events"),
    ],
)
def test_a_platform_may_have_another_origin(origin: str | None, url: str) -> None:
    urls: list[str] = []
    posted(seen(urls), origin=origin)
    assert urls == [url]


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "ftp://127.0.0.1", "127.0.0.1:80", ""])
def test_an_origin_in_the_clear_is_refused_unless_it_is_loopback(origin: str) -> None:
    with pytest.raises(ValueError, match="another origin is https, or on loopback"):
        Exchange(Secret("pk_1"), Settings(), origin)


@pytest.mark.parametrize("key", ["", "pk 1", "pk_1\n", "pk_1\r\nx-evil: 1", "schlüssel", "\x00"])
def test_a_key_that_no_header_holds_is_refused_and_not_quoted(key: str) -> None:
    with pytest.raises(ValueError, match="the key is empty, or holds what no header does") as refused:
        Exchange(Secret(key), Settings())
    assert not key or key not in str(refused.value)


@pytest.mark.parametrize(
    "shop", ["", "evil.example", "a.myshopify.com.evil.example", "a/b.myshopify.com", "a@b", "A.B"]
)
def test_only_a_shops_domain_is_a_shop(shop: str) -> None:
    with pytest.raises(ValueError, match="not a domain such as"):
        Exchange(Secret("pk_1"), Settings(), shop=shop)


def test_a_shops_requests_go_to_its_domain() -> None:
    urls: list[str] = []
    posted(seen(urls), SHOPIFY.request, shop="a-shop.myshopify.com")
    assert urls == ["https://a-shop.myshopify.com/admin/api/2026-07/graphql.json"]


def test_variables_of_a_mutation_stand_beside_it() -> None:
    body = json.loads(wrapped(SHOPIFY, b'{"metafields":[{"value":"1.10"}]}'))
    assert body["variables"] == {"metafields": [{"value": "1.10"}]}
    assert "metafieldsSet(metafields: $metafields)" in body["query"]
    assert wrapped(PLATFORMS["klaviyo"].endpoints["event"], b"{}") == b"{}"


class Endless(httpx.AsyncByteStream):
    """A body that does not end."""

    def __init__(self) -> None:
        self.parts = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.parts += 1
            yield b"x" * 65_536


def test_an_endless_body_is_read_in_part() -> None:
    stream = Endless()
    answer = posted(httpx.MockTransport(lambda request: httpx.Response(400, stream=stream)))
    assert isinstance(answer, Answer)
    assert (answer.status, len(answer.body), stream.parts) == (400, 262_144, 4)


class Broken(httpx.AsyncByteStream):
    """A body that breaks off."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"half"
        raise httpx.ReadError("reset")


def test_an_answer_whose_body_breaks_off_is_an_answer() -> None:
    answer = posted(httpx.MockTransport(lambda request: httpx.Response(202, stream=Broken())))
    assert answer == Answer(202, {}, b"half")


@pytest.mark.parametrize(
    ("error", "ambiguous"),
    [
        (httpx.ConnectError("no name"), False),
        (httpx.ConnectTimeout("slow"), False),
        (httpx.PoolTimeout("full"), False),
        (httpx.ReadTimeout("slow"), True),
        (httpx.WriteTimeout("slow"), True),
        (httpx.ReadError("reset"), True),
        (httpx.RemoteProtocolError("garbage"), True),
        (OSError("reset"), True),
    ],
)
def test_a_failure_says_whether_the_request_may_have_arrived(error: Exception, ambiguous: bool) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        raise error

    failure = posted(httpx.MockTransport(respond))
    assert isinstance(failure, RetryLater)
    assert (failure.ambiguous, str(error) in failure.reason) == (ambiguous, False)


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "its name cannot be looked up"),
        (ConnectionRefusedError(111, "no"), "it refuses connections"),
        (ExceptionGroup("of each address", [OSError(), ConnectionRefusedError(111, "no")]), "it refuses connections"),
        (ssl.SSLCertVerificationError(1, "self-signed"), "its certificate is not trusted"),
        (None, "ConnectError"),
    ],
)
def test_why_there_is_no_connection_is_said_in_words(cause: Exception | None, words: str) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("All connection attempts failed") from cause

    assert posted(httpx.MockTransport(respond)) == RetryLater(f"the platform cannot be reached: {words}")


def test_nothing_of_an_exchange_shows_the_key() -> None:
    exchange = Exchange(Secret("pk_live"), Settings(), transport=seen([]))
    assert "pk_live" not in f"{exchange!r} {vars(exchange)!r}"
    asyncio.run(exchange.__aexit__(None, None, None))


@pytest.mark.parametrize(
    ("platform", "method", "path", "body"),
    [
        ("klaviyo", "GET", "/api/accounts", None),
        ("omnisend", "GET", "/api/brands/current", None),
        (
            "shopify",
            "POST",
            "/admin/api/2026-07/graphql.json",
            {"query": "{ currentAppInstallation { accessScopes { handle } } }"},
        ),
    ],
)
def test_a_probe_asks_with_the_key_and_changes_nothing(
    platform: str, method: str, path: str, body: dict[str, str] | None
) -> None:
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={})

    async def ask() -> None:
        shop = "a-shop.myshopify.com" if platform == "shopify" else None
        async with Exchange(Secret("pk_1"), Settings(), None, shop, httpx.MockTransport(respond)) as exchange:
            assert await exchange.probe(PLATFORMS[platform].probe) == Answer(200, requests_headers(), b"{}")

    asyncio.run(ask())
    (request,) = requests
    assert (request.method, request.url.path) == (method, path)
    assert (json.loads(request.content) if request.content else None) == body
    assert any("pk_1" in value for value in request.headers.values())


def requests_headers() -> dict[str, str]:
    return {"content-length": "2", "content-type": "application/json"}
