"""Connections over HTTP: added, changed and switched; secrets go in and never come out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mapforge.delivery.secrets import Keys, Secret, fresh_key
from tests.delivery.house import KEYS, order
from tests.service.desks import KEY, SIGNING, desks, shop

KLAVIYO = {"platform": "klaviyo", "enabled": True, "shop": None, "trouble": None}
SHOP: dict[str, Any] = {
    "id": "shop",
    "merchant": "shop",
    "vendor": "acme",
    "enabled": True,
    "events": True,
    "profiles": True,
    "signing": False,
    "outlets": [KLAVIYO],
}
AT = "/connections/shop"


def test_a_connection_is_added_shown_and_listed(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        answer = at.call("PUT", AT, shop("klaviyo"))
        assert (answer.status_code, answer.json()) == (201, {"connection": SHOP, "added": True, "changed": ["klaviyo"]})
        assert at.ok("GET", AT) == SHOP
        assert at.ok("GET", "/connections") == {"connections": [SHOP]}


def test_what_was_added_delivers(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.ok("PUT", AT, shop("klaviyo"))
        at.home.accept(order(1))
        at.home.deliver()
        (sent,) = at.home.platforms.requests
        assert sent.headers["authorization"] == f"Klaviyo-API-Key {KEY}_klaviyo"


def test_said_once_more_nothing_changes_and_no_sender_starts_anew(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        said = shop("klaviyo", merchant="A shop", events=False, signing=SIGNING)
        at.ok("PUT", AT, said)
        before = at.home.store.connection("shop"), at.home.store.outlets()
        answer = at.call("PUT", AT, said)
        assert (answer.status_code, answer.json()["added"], answer.json()["changed"]) == (200, False, [])
        after = at.home.store.connection("shop"), at.home.store.outlets()
        assert [row.signing for row in (before[0], after[0]) if row] == [before[0] and before[0].signing] * 2
        assert [row.key for row in after[1]] == [row.key for row in before[1]]


def test_what_is_not_said_stays(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.ok("PUT", AT, shop("klaviyo", merchant="A shop", profiles=False, signing=SIGNING))
        before = at.home.store.outlets()[0].key
        changed = at.ok("PUT", AT, {"outlets": [{"platform": "klaviyo"}], "events": False})
        assert changed["changed"] == ["events"]
        assert changed["connection"] == SHOP | {
            "merchant": "A shop", "profiles": False, "events": False, "signing": True
        }  # fmt: skip
        assert at.home.store.outlets()[0].key == before


def test_each_change_is_named(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.ok("PUT", AT, shop("klaviyo"))
        said = {
            "merchant": "B",
            "enabled": False,
            "signing": SIGNING,
            "outlets": [
                {"platform": "klaviyo", "key": "pk_other", "enabled": False},
                {"platform": "shopify", "key": "shpat_1", "shop": "a-shop.myshopify.com"},
            ],
        }
        assert at.ok("PUT", AT, said)["changed"] == [
            "merchant", "enabled", "signing", "klaviyo.key", "klaviyo.enabled", "shopify"
        ]  # fmt: skip
        moved = {"outlets": [{"platform": "shopify", "shop": "b-shop.myshopify.com"}]}
        assert at.ok("PUT", AT, moved)["changed"] == ["shopify.shop"]


def test_secrets_are_sealed_and_come_out_nowhere(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.ok("PUT", AT, shop("klaviyo", "omnisend", signing=SIGNING))
        for path in ("/connections", AT, "/dead", "/held", "/queue"):
            at.ok("GET", path)
        broken = shop("klaviyo", signing=SIGNING) | {"merchant": 5, KEY: KEY, "vendor": KEY}
        at.wrong("PUT", AT, broken)
        at.wrong(
            "PUT", AT, {"outlets": [{KEY: KEY, "platform": KEY, "key": f"{KEY} {KEY}"}], "signing": [KEY, SIGNING]}
        )
        at.wrong("PUT", AT, {"outlets": {KEY: {"key": KEY}}})
        at.problem("PUT", AT, f'{{"signing": "{SIGNING}", "outlets": [{{"key": "{KEY}"'.encode())
        at.problem("PUT", AT, shop("klaviyo", vendor="other"))
        assert [word for word in (KEY, SIGNING) if word in "\n".join(at.said)] == []
        raw = b"".join(path.read_bytes() for path in tmp_path.glob("queue.db*"))
        assert [word for word in (KEY, SIGNING) if word.encode() in raw] == []
        keys = [KEYS.open(outlet.key).reveal() for outlet in at.home.store.outlets()]
        assert keys == [f"{KEY}_klaviyo", f"{KEY}_omnisend"]


def test_a_key_that_was_sealed_by_a_lost_one_is_replaced(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.ok("PUT", AT, shop("klaviyo"))
        lost = Keys((fresh_key(),)).seal(Secret(f"{KEY}_klaviyo"))
        at.home.store.add_outlet("shop", "klaviyo", lost).result()
        assert at.ok("PUT", AT, shop("klaviyo"))["changed"] == ["klaviyo.key"]


def test_without_a_key_to_seal_with_no_secret_is_taken_and_the_way_out_is_said(tmp_path: Path) -> None:
    with desks(tmp_path, keys=None) as at:
        status, detail = at.problem("PUT", AT, shop("klaviyo"))
        assert (status, detail.startswith("MAPFORGE_SECRET_KEY is not set; make a key: python -c")) == (409, True)
        assert at.ok("GET", "/connections") == {"connections": []}
        assert at.ok("PUT", AT, shop())["added"]


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({}, [("body.vendor", "a new connection needs its vendor")]),
        ({"vendor": "acmee"}, [("body.vendor", "the build has no mapper of it; run: mapforge build")]),
        (
            {"vendor": "acme", "outlets": [{"platform": "klaviyo"}]},
            [("body.outlets[0].key", "a new outlet needs its key of Klaviyo")],
        ),
        (
            {"vendor": "acme", "outlets": [{"platform": "shopify", "key": "a"}]},
            [("body.outlets[0].shop", "Shopify needs the shop's domain, such as a-shop.myshopify.com")],
        ),
        (
            {"vendor": "acme", "outlets": [{"platform": "klaviyo", "key": "a", "shop": "a.myshopify.com"}]},
            [("body.outlets[0].shop", "Klaviyo has no shops; leave it out")],
        ),
        (
            {"outlets": [{"platform": "omnisend"}, {"platform": "omnisend", "key": "a"}]},
            [
                ("body.vendor", "a new connection needs its vendor"),
                ("body.outlets[1].platform", "omnisend stands there twice"),
                ("body.outlets[0].key", "a new outlet needs its key of Omnisend"),
            ],
        ),
        (
            {"vendor": "acme", "outlets": [{"platform": "klavio", "key": "a\nb"}]},
            [
                ("body.outlets[0].platform", "there is no such platform; there are: klaviyo, omnisend, shopify"),
                ("body.outlets[0].key", "the key is empty, or holds what no header does"),
            ],
        ),
        (
            {"vendor": "acme", "outlets": [{"platform": "shopify", "key": "a", "shop": "evil.example"}]},
            [("body.outlets[0].shop", "the shop is not a domain such as a-shop.myshopify.com")],
        ),
        ({"vendor": "acme", "events": "yes"}, [("body.events", "Input should be a valid boolean")]),
        (
            {"vendor": "acme", "modules": []},
            [("body", "a member that does not exist; the OpenAPI document lists those that do")],
        ),
    ],
)
def test_what_a_connection_cannot_be_is_said_at_once_and_by_place(
    said: dict[str, Any], wrong: list[tuple[str, str]], tmp_path: Path
) -> None:
    with desks(tmp_path) as at:
        assert at.wrong("PUT", AT, said) == wrong
        assert at.ok("GET", "/connections") == {"connections": []}


@pytest.mark.parametrize("name", ["-a", "a b", "a%2Fb", "é", "a" * 101, "%00", "a%0A"])
def test_a_new_connection_has_a_name_that_stands_in_an_address(name: str, tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        answer = at.call("PUT", f"/connections/{name}", shop("klaviyo"))
        assert answer.status_code == (404 if "%2F" in name else 422)
        assert at.ok("GET", "/connections") == {"connections": []}


def test_a_connection_keeps_its_vendor(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.ok("PUT", AT, shop("klaviyo"))
        at.home.mappers.replace({"acme": at.home.mapper, "other": at.home.mapper})
        assert at.problem("PUT", AT, {"vendor": "other"}) == (
            409,
            "it is a connection of acme, whose events wait in it; add one of another name",
        )


def test_a_connection_and_its_modules_are_switched(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.ok("PUT", AT, shop("klaviyo"))
        off = at.ok("PATCH", AT, {"enabled": False, "events": False, "profiles": False})
        assert off["changed"] == ["events", "profiles", "enabled"]
        assert off["connection"] == SHOP | {"enabled": False, "events": False, "profiles": False}
        assert at.ok("PATCH", AT, {"events": True})["connection"] == SHOP | {"enabled": False, "profiles": False}
        assert at.ok("PATCH", AT, {})["changed"] == []


def test_one_platform_is_switched(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.ok("PUT", AT, shop("klaviyo", "omnisend"))
        off = at.ok("PATCH", f"{AT}/outlets/klaviyo", {"enabled": False})
        assert off["changed"] == ["klaviyo.enabled"]
        assert [(one["platform"], one["enabled"]) for one in off["connection"]["outlets"]] == [
            ("klaviyo", False),
            ("omnisend", True),
        ]
        assert at.problem("PATCH", f"{AT}/outlets/shopify", {"enabled": True}) == (
            404,
            "the connection has no such platform; it sends to klaviyo, omnisend. Add it with its key",
        )


def test_a_connection_that_is_not_there_is_said_with_the_nearest_that_is(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        at.ok("PUT", AT, shop("klaviyo"))
        meant = (404, "there is no such connection; did you mean shop?")
        for method, path, body in [
            ("GET", "/connections/shopp", None),
            ("PATCH", "/connections/shopp", {"enabled": True}),
            ("PATCH", "/connections/shopp/outlets/klaviyo", {"enabled": True}),
            ("POST", "/connections/shopp/test", None),
        ]:
            assert at.problem(method, path, body) == meant
        for path in ("/dead", "/held"):
            assert at.problem("GET", path, connection="shopp") == meant
        assert at.problem("GET", "/connections/zzz") == (
            404,
            "there is no such connection; list those that there are, or add it",
        )
