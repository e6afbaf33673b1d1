"""What is asked to see whether a key is good: answered by the look-alikes, noted, and nothing comes of it."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest

from mapforge.delivery.answers import Answer
from mapforge.delivery.exchange import Exchange
from mapforge.delivery.secrets import Secret
from mapforge.delivery.settings import Settings
from mapforge.fakes import REAL
from mapforge.platforms import PLATFORMS
from tests.fakes.doubles import Doubles, doubles

KEYS = {"klaviyo": "pk_acme", "omnisend": "acme", "shopify": "shpat_acme"}
ENDPOINTS = {"klaviyo": "accounts", "omnisend": "brands", "shopify": "graphql"}


def probed(fakes: Doubles, platform: str, key: str) -> tuple[int, dict[str, object]]:
    """Status and body of the answer to a platform's probe."""

    async def ask() -> Answer:
        shop = "acme.myshopify.com" if platform == "shopify" else None
        origin = f"{str(fakes.client.base_url).rstrip('/')}/{platform}"
        async with Exchange(Secret(key), Settings(), origin, shop) as exchange:
            answer = await exchange.probe(PLATFORMS[platform].probe)
            assert isinstance(answer, Answer)
            return answer

    answer = asyncio.run(ask())
    return answer.status, json.loads(answer.body)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_key_is_known_and_nothing_comes_of_it(platform: str) -> None:
    with doubles() as fakes:
        status, body = probed(fakes, platform, KEYS[platform])
        assert (status, PLATFORMS[platform].probe.member in body) == (200, True)
        assert (fakes.calls(), fakes.items()) == ([(200, None)], [])


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_key_that_is_not_the_platforms_is_refused(platform: str) -> None:
    with doubles() as fakes:
        assert probed(fakes, platform, "a/key")[0] == 401


@pytest.mark.parametrize("platform", PLATFORMS)
def test_it_fails_when_it_is_told_to(platform: str) -> None:
    with doubles() as fakes:
        fakes.control(platform=platform, endpoint=ENDPOINTS[platform], do="fail", status=503, times=1)
        assert [probed(fakes, platform, KEYS[platform])[0] for _ in range(2)] == [503, 200]


def test_shopify_lists_what_a_token_may_do() -> None:
    probe = PLATFORMS["shopify"].probe
    with doubles() as fakes:
        _, found = probed(fakes, "shopify", KEYS["shopify"])
    for key in probe.listed:
        found = found[key]  # type: ignore[assignment]
    assert msgspec.convert(found, list[dict[str, str]]) == [{"handle": right} for right in probe.needs]


def test_klaviyo_takes_one_a_second_and_says_so() -> None:
    with doubles(REAL) as fakes:
        assert [probed(fakes, "klaviyo", "pk_acme")[0] for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(
    ("platform", "path", "status"),
    [("klaviyo", "/api/accounts", 405), ("omnisend", "/api/brands/current", 405), ("omnisend", "/api/brands", 404)],
)
def test_nothing_is_written_there(platform: str, path: str, status: int) -> None:
    with doubles() as fakes:
        assert fakes.post(platform, path, {}).status_code == status


def test_omnisends_brand_needs_the_version_too() -> None:
    with doubles() as fakes:
        answer = fakes.client.get("/omnisend/api/brands/current", headers={"authorization": "Omnisend-API-Key acme"})
        assert (answer.status_code, answer.json()["detail"]) == (400, "The header Omnisend-Version is required.")
