"""A test of a connection over HTTP: what is well and what is wrong with it, in words and without its keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from mapforge.delivery.secrets import Keys, Secret, fresh_key
from mapforge.fakes import NONE, Settings, running
from tests.delivery.house import QUICK
from tests.service.desks import KEY, Desks, desks, shop

AT = "/connections/shop"
Answers = Callable[[httpx.Request], httpx.Response]
MAPPED = [(platform, "mapper", "well", "acme is mapped to it") for platform in ("klaviyo", "omnisend")]


def asked(at: Desks) -> tuple[bool, list[tuple[str | None, str, str, str]]]:
    """Whether all is well, and each check but that of the signing secret, which most here have none of."""
    said = at.ok("POST", f"{AT}/test")
    checks = [one for one in said["checks"] if one["of"] != "signing"]
    return said["well"], [(one["platform"], one["of"], one["state"], one["says"]) for one in checks]


@pytest.mark.parametrize(
    ("more", "state", "says"),
    [
        ({}, "unproven", "it has no signing secret, so no webhook is taken; add one with --signing"),
        ({"signing": "the-signing-secret"}, "well", "webhooks are held against its secret"),
    ],
)
def test_whether_webhooks_can_be_taken(more: dict[str, str], state: str, says: str, tmp_path: Path) -> None:
    with desks(tmp_path, transport=httpx.MockTransport(answers(200, json={"data": []}))) as at:
        at.ok("PUT", AT, shop("klaviyo", **more))
        (found,) = [one for one in at.ok("POST", f"{AT}/test")["checks"] if one["of"] == "signing"]
        assert found == {"platform": None, "of": "signing", "state": state, "says": says}


def key_of(folder: Path, respond: Answers, platform: str = "klaviyo", **outlet: Any) -> tuple[str, str]:
    """State and words of the check of a key, where the platform answers so."""
    with desks(folder, transport=httpx.MockTransport(respond)) as at:
        at.ok("PUT", AT, {"vendor": "acme", "outlets": [{"platform": platform, "key": KEY, **outlet}]})
        (found,) = [one for one in asked(at)[1] if one[1] == "key"]
        assert KEY not in "\n".join(at.said)
        return found[2:]


def answers(status: int, **more: Any) -> Answers:
    return lambda request: httpx.Response(status, **more)


def test_with_the_look_alikes_all_is_well(tmp_path: Path) -> None:
    with running(Settings(limits=NONE)) as fakes:
        origins = {"klaviyo": fakes.klaviyo, "omnisend": fakes.omnisend}
        with desks(tmp_path, settings=msgspec.structs.replace(QUICK, origins=origins)) as at:
            at.ok("PUT", AT, shop("klaviyo", "omnisend"))
            assert asked(at) == (
                True,
                [
                    *MAPPED,
                    ("klaviyo", "key", "well", "Klaviyo knows the key"),
                    ("omnisend", "key", "well", "Omnisend knows the key"),
                ],
            )


def test_a_key_of_another_form_is_refused_by_the_look_alikes(tmp_path: Path) -> None:
    with running(Settings(limits=NONE)) as fakes:
        settings = msgspec.structs.replace(QUICK, origins={"klaviyo": fakes.klaviyo})
        with desks(tmp_path, settings=settings) as at:
            at.ok("PUT", AT, {"vendor": "acme", "outlets": [{"platform": "klaviyo", "key": "no/key"}]})
            assert asked(at) == (
                False,
                [MAPPED[0], ("klaviyo", "key", "wrong", "Klaviyo refuses the key (401); add the right one")],
            )


@pytest.mark.parametrize(
    ("respond", "state", "says"),
    [
        (answers(200, json={"data": []}), "well", "Klaviyo knows the key"),
        (answers(401), "wrong", "Klaviyo refuses the key (401); add the right one"),
        (
            answers(403),
            "unproven",
            "Klaviyo knows the key, which has no accounts:read to ask more; to send, it needs events:write and"
            " profiles:write",
        ),
        (
            answers(429, headers={"retry-after": "7"}),
            "unproven",
            "Klaviyo has had too many requests; ask again in 7 s",
        ),
        (answers(429), "unproven", "Klaviyo has had too many requests; ask again in 60 s"),
        (answers(500), "wrong", "Klaviyo answers 500"),
        (answers(302, headers={"location": "http://169.254.169.254/"}), "wrong", "Klaviyo answers 302"),
        (answers(200, text="<html>"), "wrong", "what answers there is not Klaviyo"),
        (answers(200, content=b"[" * 100_000), "wrong", "what answers there is not Klaviyo"),
        (answers(200, content=b'{"data": "\xff"}'), "wrong", "what answers there is not Klaviyo"),
        (answers(200, json={"brandID": "1"}), "wrong", "what answers there is not Klaviyo"),
    ],
)
def test_every_answer_to_the_question_has_its_words(respond: Answers, state: str, says: str, tmp_path: Path) -> None:
    assert key_of(tmp_path, respond) == (state, says)


def test_a_platform_that_cannot_be_reached_is_wrong(tmp_path: Path) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no name")

    assert key_of(tmp_path, respond) == ("wrong", "the platform cannot be reached: ConnectError")


def rights(*handles: str) -> Answers:
    scopes = [{"handle": handle} for handle in handles]
    return answers(200, json={"data": {"currentAppInstallation": {"accessScopes": scopes}}})


@pytest.mark.parametrize(
    ("respond", "state", "says"),
    [
        (rights("read_customers", "write_customers"), "well", "Shopify knows the key, and it may send"),
        (
            rights("read_customers"),
            "wrong",
            "Shopify knows the key, which has no right to write_customers",
        ),
        (answers(200, json={"data": None}), "unproven", "Shopify knows the key, and does not say what it may do"),
        (
            answers(200, json={"data": None, "errors": [{"extensions": {"code": "THROTTLED"}}]}),
            "unproven",
            "Shopify has had too many requests; ask again in a minute",
        ),
        (answers(401), "wrong", "Shopify refuses the key (401); add the right one"),
        (answers(403), "wrong", "Shopify refuses the key (403); add the right one"),
        (answers(404), "wrong", "Shopify knows no such shop"),
    ],
)
def test_shopify_says_what_a_token_may_do(respond: Answers, state: str, says: str, tmp_path: Path) -> None:
    assert key_of(tmp_path, respond, "shopify", shop="a-shop.myshopify.com") == (state, says)


def test_a_platform_that_the_vendor_is_not_mapped_to_is_wrong(tmp_path: Path) -> None:
    with desks(tmp_path, transport=httpx.MockTransport(rights("write_customers"))) as at:
        outlet = {"platform": "shopify", "key": KEY, "shop": "a-shop.myshopify.com"}
        at.ok("PUT", AT, {"vendor": "acme", "outlets": [outlet]})
        well, (mapper, _) = asked(at)
        assert (well, mapper) == (
            False,
            ("shopify", "mapper", "wrong", "acme is mapped to klaviyo, omnisend, and not to it"),
        )


def test_a_connection_that_nothing_is_mapped_for_or_that_sends_nowhere_is_wrong(tmp_path: Path) -> None:
    with desks(tmp_path, transport=httpx.MockTransport(answers(200, json={"data": []}))) as at:
        at.ok("PUT", AT, shop())
        assert asked(at) == (
            False,
            [(None, "mapper", "wrong", "it sends to no platform; add one with its key")],
        )
        at.ok("PUT", AT, shop("klaviyo"))
        at.home.mappers.replace({})
        says = "the build has no mapper of acme, so every event is a dead letter; run: mapforge build"
        assert asked(at)[1][0] == (None, "mapper", "wrong", says)


@pytest.mark.parametrize("keys", [None, Keys((fresh_key(),))], ids=["no key to open with", "another one"])
def test_a_key_that_cannot_be_opened_says_so(keys: Keys | None, tmp_path: Path) -> None:
    with desks(tmp_path, keys=keys) as at:
        at.home.connect("klaviyo")
        (_, (_, _, state, says)) = asked(at)[1]
        assert (state, "MAPFORGE_SECRET_KEY" in says, says.endswith("; add the key again")) == ("wrong", True, True)


def test_no_key_can_make_the_desk_ask_elsewhere(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.home.connect()
        sealed = at.desk.keys.seal(Secret("a\r\nhost: evil.example")) if at.desk.keys else b""
        at.home.store.add_outlet("shop", "shopify", sealed, "evil.example/").result()
        (_, (_, _, state, says)) = asked(at)[1]
        assert (state, says) == ("wrong", "the key is empty, or holds what no header does; add the key again")
