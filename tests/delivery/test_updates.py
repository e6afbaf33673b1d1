"""Updates of a profile: merged key by key, sent once, and only what the platform does not have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapforge.delivery.settings import Settings
from mapforge.delivery.updates import changed, merged
from tests.delivery.house import House, Sent, fake_clock, house, order, points, sealed, then

WORDS = st.sampled_from(["a", "b", "c"])
PROPERTIES = st.dictionaries(
    WORDS, st.one_of(st.integers(0, 3), st.none(), st.just({"deep": 1}), st.just({"other": 2}))
)


def klaviyo(properties: dict[str, Any], **attributes: Any) -> bytes:
    said = {"type": "profile", "attributes": {"email": "ada@post.example", **attributes, "properties": properties}}
    return json.dumps({"data": said}).encode()


def metafields(*rows: tuple[str, str]) -> bytes:
    owner = {"ownerId": "gid://shopify/Customer/1", "namespace": "acme"}
    return json.dumps(
        {"metafields": [{**owner, "key": key, "type": "text", "value": value} for key, value in rows]}
    ).encode()


# ── bodies ────────────────────────────────────────────────────────────────────────────────────────


@given(st.lists(PROPERTIES, min_size=1, max_size=5))
def test_later_properties_win_key_by_key_and_whole(updates: list[dict[str, Any]]) -> None:
    expected: dict[str, Any] = {}
    for properties in updates:
        expected |= properties
    body = merged("klaviyo", "profile", [klaviyo(properties) for properties in updates])
    assert json.loads(body) == json.loads(klaviyo(expected))


@given(PROPERTIES, PROPERTIES)
def test_what_changed_put_onto_what_was_there_is_what_is_there(last: dict[str, Any], now: dict[str, Any]) -> None:
    before, after = klaviyo(last), klaviyo(now)
    part = changed("klaviyo", "profile", before, after)
    whole = merged("klaviyo", "profile", [before, after])
    if part is None:
        assert json.loads(whole) == json.loads(before)
    else:
        assert json.loads(merged("klaviyo", "profile", [before, part])) == json.loads(whole)
        sent = json.loads(part)["data"]["attributes"]
        assert sent["email"] == "ada@post.example"
        assert {key for key, value in sent.get("properties", {}).items() if last.get(key, ...) == value} == set()


def test_own_fields_are_merged_one_by_one_and_a_null_is_a_value() -> None:
    first = klaviyo({}, first_name="Ada", location={"city": "Wien", "zip": "1010"})
    later = klaviyo({}, first_name=None, location={"city": "Graz"})
    attributes = json.loads(merged("klaviyo", "profile", [first, later]))["data"]["attributes"]
    assert (attributes["first_name"], attributes["location"]) == (None, {"city": "Graz", "zip": "1010"})


def test_a_contact_of_omnisend_is_merged_by_its_fields_and_custom_properties() -> None:
    who = [{"type": "email", "id": "ada@post.example", "sendWelcomeMessage": False}]
    first = {"identifiers": who, "firstName": "Ada", "customProperties": {"points": 1, "tier": "gold"}}
    later = {"identifiers": who, "city": "Wien", "customProperties": {"points": 2}}
    bodies = [json.dumps(one).encode() for one in (first, later)]
    assert json.loads(merged("omnisend", "contact", bodies)) == {
        "identifiers": who,
        "firstName": "Ada",
        "customProperties": {"points": 2, "tier": "gold"},
        "city": "Wien",
    }
    part = changed("omnisend", "contact", *bodies)
    assert part is not None
    assert json.loads(part) == {"identifiers": who, "city": "Wien", "customProperties": {"points": 2}}


def test_metafields_are_merged_by_namespace_and_key() -> None:
    first, later = metafields(("points", "1"), ("tier", "gold")), metafields(("points", "2"))
    assert json.loads(merged("shopify", "metafields", [first, later])) == json.loads(
        metafields(("points", "2"), ("tier", "gold"))
    )
    assert changed("shopify", "metafields", first, metafields(("tier", "gold"))) is None
    part = changed("shopify", "metafields", first, metafields(("points", "2"), ("tier", "gold")))
    assert part is not None
    assert json.loads(part) == json.loads(later)


def test_another_identifier_is_a_change() -> None:
    assert changed("klaviyo", "profile", klaviyo({}), klaviyo({}, phone_number="+431234567")) is not None
    assert changed("klaviyo", "profile", klaviyo({"a": 1}), klaviyo({})) is None


def test_digits_of_a_number_are_kept() -> None:
    body = klaviyo({}).replace(b'"properties": {}', b'"properties": {"x": 1.10, "y": 12345678901234567890.5}')
    assert b'"x":1.10,"y":12345678901234567890.5' in merged("klaviyo", "profile", [body])


# ── the queue ─────────────────────────────────────────────────────────────────────────────────────


def properties(home: House, platform: str = "klaviyo") -> list[Any]:
    """The custom properties of each update that a platform got."""
    said = [sent.body for sent in home.platforms.of(platform)]
    return [body["data"]["attributes"]["properties"] if "data" in body else body["customProperties"] for body in said]


def test_updates_within_the_debounce_are_one_request_and_later_values_win(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo", "omnisend")
        updates = [points(1, points="1", tier='"gold"'), points(2, points="2"), points(3, name='"Ada"')]
        events = home.accept_all(updates)
        home.deliver()
        assert properties(home) == properties(home, "omnisend") == [{"points": 2, "tier": "gold"}]
        assert home.platforms.of("klaviyo")[0].body["data"]["attributes"]["first_name"] == "Ada"
        assert [home.states(event)[0][1] for event in events] == ["merged", "merged", "delivered"]


def test_an_update_waits_for_its_debounce_and_an_event_does_not(tmp_path: Path) -> None:
    clock, time = fake_clock()
    with house(tmp_path, clock=clock) as home:
        home.connect("klaviyo")
        home.accept_all([points(1, points="1"), order(1)])
        home.deliver(lambda: home.platforms.taken == ["evt_1"])
        assert [sent.path for sent in home.platforms.requests] == ["/api/events"]
        time.now += 0.3
        home.deliver()
        assert properties(home)[1:] == [{"points": 1}]


def test_updates_of_different_profiles_are_different_requests(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo")
        home.accept_all([points(1, points="1"), points(2, "bo@post.example", points="2")])
        home.deliver()
        assert sorted(one["points"] for one in properties(home)) == [1, 2]


def test_only_what_changed_since_the_last_delivered_update_is_sent(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo")
        for number, keys in enumerate([{"points": "1", "tier": '"gold"'}, {"points": "2", "tier": '"gold"'}]):
            home.accept(points(number, **keys))
            home.deliver()
        assert properties(home) == [{"points": 1, "tier": "gold"}, {"points": 2}]


def test_an_update_that_changes_nothing_is_not_sent(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.connect("klaviyo")
        events = []
        for number in range(2):
            events.append(home.accept(points(number, points="1")))
            home.deliver()
        assert [home.states(event) for event in events] == [[("klaviyo", "delivered")], [("klaviyo", "unchanged")]]
        assert len(home.platforms.requests) == 1


def test_what_was_not_delivered_is_still_a_change(tmp_path: Path) -> None:
    with house(tmp_path, lambda sent: httpx.Response(400)) as home:
        home.connect("klaviyo")
        home.accept(points(1, points="1"))
        home.deliver()
        home.platforms.respond = lambda sent: httpx.Response(202)
        home.accept(points(2, points="1"))
        home.deliver()
        assert properties(home) == [{"points": 1}, {"points": 1}]


def test_a_rejected_update_is_a_dead_letter_of_each_event_in_it(tmp_path: Path) -> None:
    with house(tmp_path, lambda sent: httpx.Response(400)) as home:
        home.connect("klaviyo")
        events = home.accept_all([points(1, points="1"), points(2, points="2")])
        home.deliver()
        assert [letter.inbox for letter in home.store.dead_letters()] == events
        assert [home.states(event) for event in events] == [[("klaviyo", "rejected")]] * 2


def test_an_update_that_comes_while_one_is_retried_goes_with_it(tmp_path: Path) -> None:
    clock, time = fake_clock()
    with house(tmp_path, then(httpx.Response(503)), Settings(idle=0.02, backoff=100.0), clock) as home:
        home.connect("klaviyo")
        home.accept(points(1, points="1", tier='"gold"'))
        home.deliver(home.mapped)
        time.now += 1
        home.deliver(lambda: bool(home.watch.outcomes))
        home.accept(points(2, points="2"))
        home.deliver(home.mapped)
        time.now += 101
        home.deliver()
        assert properties(home)[1:] == [{"points": 2, "tier": "gold"}]


def test_metafields_go_to_their_shop_as_the_variables_of_a_mutation(tmp_path: Path) -> None:
    wrong = {"field": ["metafields", "0", "value"], "message": "no", "code": "INVALID_VALUE"}

    def respond(sent: Sent) -> httpx.Response:
        value = sent.body["variables"]["metafields"][0]["value"]
        data = {"metafieldsSet": {"userErrors": [wrong] if value == "-1" else []}}
        return httpx.Response(200, json={"data": data})

    shopify, who = "{klaviyo: {}, shopify: {namespace: acme}}", "{email: email, shopify_id: sid}"
    with house(tmp_path, respond, platforms=shopify, identity=who) as home:
        home.connect()
        home.store.add_outlet("shop", "shopify", sealed("shpat_1"), "a-shop.myshopify.com").result()
        for number, value in enumerate(["1", "1", "-1"]):
            home.accept(points(number, points=value, sid="7001"))
            home.deliver()
        sent = home.platforms.of("shopify")
        assert [one.body["variables"]["metafields"][0]["value"] for one in sent] == ["1", "-1"]
        assert sent[0].headers["x-shopify-access-token"] == "shpat_1"
        assert [code for code, _ in home.letters] == ["200"]


def test_a_backlog_of_updates_goes_as_one_import(tmp_path: Path) -> None:
    clock, time = fake_clock()
    with house(tmp_path, settings=Settings(idle=0.02, bulk_from=100), clock=clock) as home:
        home.connect("klaviyo")
        home.accept_all(points(number, f"c{number}@post.example", points=str(number)) for number in range(1200))
        home.deliver(home.mapped, seconds=20)
        time.now += 1
        home.deliver(seconds=20)
        bulk = [
            len(sent.body["data"]["attributes"]["profiles"]["data"]) for sent in home.platforms.requests if sent.bulk
        ]
        assert (bulk, len(home.platforms.requests)) == ([1200], 1)


@pytest.mark.parametrize("platform", ["klaviyo", "omnisend"])
def test_an_update_that_may_have_arrived_is_sent_again(tmp_path: Path, platform: str) -> None:
    failing = [httpx.ReadTimeout("no answer")]

    def respond(sent: object) -> httpx.Response:
        if failing:
            raise failing.pop()
        return httpx.Response(202)

    with house(tmp_path, respond) as home:
        home.connect(platform)
        home.accept(points(1, points="1"))
        home.deliver()
        assert properties(home, platform) == [{"points": 1}, {"points": 1}]
        assert home.watch.ambiguities == [(platform, 1, False)]
