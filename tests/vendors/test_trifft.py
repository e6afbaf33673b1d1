"""TRIFFT: what we send, held against the sample payloads of the vendor's page (trifft-document-samples.json)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mapforge.compiler.generate import generate
from mapforge.compiler.vendors import compile_vendor
from mapforge.runtime.mappers import Mapper, of_sources
from mapforge.runtime.outcomes import Payload

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "mappings" / "trifft"
PLATFORMS = ("klaviyo", "omnisend")
RENAMED = {"$value": "value", "$value_currency": "value_currency"}

DOCUMENT: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("trifft-document-samples.json").read_bytes(), parse_float=Decimal
)
SAMPLE_OF = {
    "Member verified": "member-verified",
    "Coupon assigned": "coupon-assigned",
    "Coupon activated": "coupon-activated",
    "Coupon redeemed": "coupon-redeemed",
    "Transaction created": "transaction-created",
    "Wallet credited": "wallet-credited",
    "Wallet debited": "wallet-debited",
    "Profile updated": "profile-updated",
    "App opened": "app-opened",
    "Favorite venue changed": "favorite-venue-changed",
    "Added to segment": "segment-added",
    "Removed from segment": "segment-removed",
    "Language changed": "language-changed",
    "Referral code provided": "referral-invited",
    "Referral invited": "referral-invited",
}
SAMPLES = sorted(path.stem for path in (FOLDER / "samples").glob("*.json"))
MODEL = compile_vendor(FOLDER, "mappings/trifft")
MAPPER: Mapper = of_sources(MODEL, generate(MODEL))
CONTRACT = Draft202012Validator(json.loads((FOLDER / "contract.schema.json").read_bytes()))


def sample(name: str) -> bytes:
    return (FOLDER / "samples" / f"{name}.json").read_bytes()


def raw(name: str) -> Any:
    return json.loads(sample(name))


def payloads(name: str) -> dict[tuple[str, str], Payload]:
    return {(payload.entry, payload.platform): payload for payload in MAPPER.map(sample(name)).payloads}


def properties(payload: Payload) -> dict[str, Any]:
    """What the attributes became, numbers exact."""
    said: dict[str, Any] = json.loads(payload.body, parse_float=Decimal)
    sent: dict[str, Any] = (
        said["data"]["attributes"]["properties"] if payload.platform == "klaviyo" else said["properties"]
    )
    return sent


def sent(name: str, event: str, platform: str = "klaviyo") -> dict[str, Any]:
    return properties(payloads(name)[event, platform])


def attributes(name: str, event: str) -> dict[str, Any]:
    """Klaviyo's own fields of an event, the profile among them."""
    said: dict[str, Any] = json.loads(payloads(name)[event, "klaviyo"].body, parse_float=Decimal)["data"]["attributes"]
    return said


def person(name: str, event: str) -> Any:
    return attributes(name, event)["profile"]["data"]["attributes"]


def typed(value: Any) -> Any:
    """The value with every scalar's JSON type beside it: 1 is not true, and 5.5 is not "5.5"."""
    if isinstance(value, dict):
        return {key: typed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [typed(inner) for inner in value]
    return ("number" if isinstance(value, Decimal) else type(value).__name__, value)


# ── the page's sample payloads ────────────────────────────────────────────────────────────────────


def test_the_entries_are_the_fifteen_metrics_and_the_custom_webhook() -> None:
    assert sorted(entry.name for entry in MODEL.entries) == sorted([*DOCUMENT, "*"])
    assert len(DOCUMENT) == len(SAMPLE_OF) == 15


@pytest.mark.parametrize("event", DOCUMENT)
def test_klaviyo_gets_the_properties_of_the_page(event: str) -> None:
    assert typed(sent(SAMPLE_OF[event], event)) == typed(DOCUMENT[event])


@pytest.mark.parametrize("event", DOCUMENT)
def test_omnisend_gets_the_same_under_legal_names(event: str) -> None:
    expected = {RENAMED.get(name, name): value for name, value in DOCUMENT[event].items()}
    assert typed(sent(SAMPLE_OF[event], event, "omnisend")) == typed(expected)


@pytest.mark.parametrize("event", DOCUMENT)
def test_the_metric_has_the_name_of_the_page(event: str) -> None:
    assert attributes(SAMPLE_OF[event], event)["metric"]["data"]["attributes"]["name"] == event
    assert json.loads(payloads(SAMPLE_OF[event])[event, "omnisend"].body)["eventName"] == event


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def test_trailing_blanks_are_kept() -> None:
    assert {text for properties in DOCUMENT.values() for text in texts(properties) if text.endswith(" ")} == {
        "Welcome! ",
        "Welcome to Club Frog! ",
        "Toulouse 14 rue de l'Industrie ",
        "TOULOUSE ",
        "The Frog & Underground 176 rue Montmartre ",
        "jane.doe@mail.example ",
        "sam.roe@mail.example ",
    }


# ── value ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("Transaction created", {"value": Decimal("5.5"), "value_currency": "EUR"}),
        ("Wallet credited", {"value": Decimal("12.23")}),
    ],
)
def test_klaviyo_s_own_value_is_that_of_the_properties(event: str, expected: dict[str, Any]) -> None:
    said = attributes(SAMPLE_OF[event], event)
    assert {name: said[name] for name in ("value", "value_currency") if name in said} == expected
    assert {f"${name}": value for name, value in expected.items()}.items() <= said["properties"].items()


def test_no_other_event_has_a_value() -> None:
    valued = {entry.name for entry in MODEL.entries if entry.value is not None}
    shown = {entry.name for entry in MODEL.entries if any(one.name == "$value" for one in entry.attributes)}
    assert valued == shown == {"Transaction created", "Wallet credited"}


# ── points and money ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "event", "digits"),
    [
        ("wallet-credited", "Wallet credited", "12.23"),
        ("wallet-debited", "Wallet debited", "12.23"),
        ("wallet-credited-by-hand", "Wallet credited", "0.05"),
        ("wallet-debited-for-transaction", "Wallet debited", "2605.00"),
        ("wallet-credited-many-digits", "Wallet credited", "9007199254740993.01"),
    ],
)
def test_a_change_is_in_points_to_the_last_digit_and_the_balance_stays_in_hundredths(
    name: str, event: str, digits: str
) -> None:
    balance = raw(name)["wallet"]["points"]
    for platform in PLATFORMS:
        body = payloads(name)[event, platform].body
        assert re.findall(rb'"points":([^,}]+)', body) == [digits.encode(), str(balance).encode()]
        assert set(re.findall(rb'"\$?value":([^,}]+)', body)) <= {digits.encode()}


def test_the_change_is_the_difference_of_the_balances_of_the_page() -> None:
    before, after = (DOCUMENT[event]["wallet"]["points"] for event in ("Wallet credited", "Wallet debited"))
    assert before - after == raw("wallet-debited")["change"]["points"] == 100 * DOCUMENT["Wallet debited"]["points"]


def test_a_part_of_a_hundredth_is_exact_too() -> None:
    event = raw("wallet-credited") | {"change": {"points": 1, "note": None}}
    text = json.dumps(event).replace('"points": 1,', '"points": 1223.5,').encode()
    assert [b'"points":12.235,' in payload.body for payload in MAPPER.map(text).payloads] == [True, True]


@pytest.mark.parametrize(
    ("name", "total", "prices"),
    [
        ("transaction-created", "5.50", ["5.50"]),
        ("transaction-created-yen", "1730", ["650", "430"]),
        ("transaction-created-dinar", "12.345", ["4.115"]),
        ("transaction-created-refund", "-5.50", ["-11.00"]),
        ("transaction-created-no-items", "20.00", []),
    ],
)
def test_money_has_the_minor_digits_of_its_currency(name: str, total: str, prices: list[str]) -> None:
    for platform in PLATFORMS:
        body = payloads(name)["Transaction created", platform].body.decode()
        assert set(re.findall(r'"\$?value":([^,}]+)', body)) == {total}
        assert re.findall(r'"price":([^,}]+)', body) == prices


# ── what may be missing ───────────────────────────────────────────────────────────────────────────


def test_a_purchase_without_items_and_venue_has_an_empty_list_and_nulls() -> None:
    for platform in PLATFORMS:
        said = sent("transaction-created-no-items", "Transaction created", platform)
        assert said["items"] == []
        assert [said[name] for name in ("venue", "venue_id", "venue_name")] == [None, None, None]


@pytest.mark.parametrize(
    ("name", "event", "there"),
    [
        ("wallet-credited", "Wallet credited", True),
        ("wallet-credited-by-hand", "Wallet credited", False),
        ("wallet-debited", "Wallet debited", False),
        ("wallet-debited-for-transaction", "Wallet debited", True),
    ],
)
def test_the_transaction_of_a_change_is_left_out_where_there_is_none(name: str, event: str, there: bool) -> None:
    assert ["transaction_id" in sent(name, event, platform) for platform in PLATFORMS] == [there, there]


def test_a_venue_without_an_address_has_null_there() -> None:
    said = sent("favorite-venue-changed-no-address", "Favorite venue changed")
    assert (said["venue"]["address"], said["venue"]["logo"]) == (None, None)


@pytest.mark.parametrize("name", ["member-verified-newcomer", "transaction-created-no-items"])
def test_a_member_without_tier_coupons_and_segments_is_sent(name: str) -> None:
    member = raw(name)["member"]
    assert (member["tier"], member["coupons"], member["segments"]) == (None, [], [])
    assert [platform for _, platform in payloads(name)] == list(PLATFORMS)


# ── people ────────────────────────────────────────────────────────────────────────────────────────


def test_a_member_is_known_by_e_mail_and_id() -> None:
    member = raw("member-verified")["member"]
    assert person("member-verified", "Member verified") == {"email": member["email"], "external_id": member["id"]}
    contact = json.loads(payloads("member-verified")["Member verified", "omnisend"].body)["contact"]
    assert contact == {"email": member["email"]}


@pytest.mark.parametrize("name", ["member-verified-no-email", "member-verified-bad-email"])
def test_a_member_without_a_sound_e_mail_is_sent_by_id_and_skipped_for_omnisend(name: str) -> None:
    result = MAPPER.map(sample(name))
    assert [payload.platform for payload in result.payloads] == ["klaviyo"]
    assert [(note.platform, note.reason) for note in result.skipped] == [("omnisend", "nobody to send it to")]
    assert person(name, "Member verified") == {"external_id": raw(name)["member"]["id"]}
    assert result.faults == []


@pytest.mark.parametrize("name", ["referral-invited", "referral-invited-newcomer"])
def test_one_invitation_makes_two_events_on_two_profiles(name: str) -> None:
    event = raw(name)
    invited, inviter = "Referral code provided", "Referral invited"
    assert list(payloads(name)) == [(entry, platform) for entry in (invited, inviter) for platform in PLATFORMS]
    for entry, who in ((invited, event["invitee"]), (inviter, event["member"])):
        assert person(name, entry)["email"] == who["email"]
        assert person(name, entry).get("external_id") == who.get("id")


def test_the_two_events_of_an_invitation_share_no_name() -> None:
    invited, inviter = (
        set(sent("referral-invited", event)) for event in ("Referral code provided", "Referral invited")
    )
    assert invited & inviter == set()


def test_an_inviter_without_e_mail_does_not_hold_back_the_invited() -> None:
    made = list(payloads("referral-invited-no-email"))
    assert made == [
        ("Referral code provided", "klaviyo"),
        ("Referral code provided", "omnisend"),
        ("Referral invited", "klaviyo"),
    ]


# ── routing ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "event"),
    [("segment-added-system", "Added to segment"), ("segment-removed-system", "Removed from segment")],
)
def test_a_system_segment_is_skipped_with_the_reason(name: str, event: str) -> None:
    result = MAPPER.map(sample(name))
    assert [(note.entry, note.reason) for note in result.skipped] == [
        (event, "`!starts_with(segment.slug, 'internal-')` does not hold")
    ]
    assert (result.payloads, result.faults) == ([], [])


@pytest.mark.parametrize("name", ["segment-added", "segment-removed", "segment-added-dynamic"])
def test_any_other_segment_is_sent(name: str) -> None:
    assert [platform for _, platform in payloads(name)] == list(PLATFORMS)


@pytest.mark.parametrize("name", ["profile-updated", "consent-signed", "consent-revoked"])
def test_a_consent_updates_the_profile_as_any_change_does(name: str) -> None:
    assert list(payloads(name)) == [("Profile updated", platform) for platform in PLATFORMS]
    assert sent(name, "Profile updated") == raw(name)["member"]["parameters"]


@pytest.mark.parametrize("name", ["custom-webhook", "custom-webhook-hostile-names"])
def test_a_custom_webhook_goes_to_klaviyo_alone_under_its_own_name_as_it_came(name: str) -> None:
    event = json.loads(sample(name), parse_float=Decimal)
    assert list(payloads(name)) == [("*", "klaviyo")]
    assert attributes(name, "*")["metric"]["data"]["attributes"]["name"] == event["event"]["type"]
    assert list(sent(name, "*").items()) == list(event["payload"].items())


# ── names ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", SAMPLES)
def test_omnisend_gets_legal_names_only(name: str) -> None:
    for (_, platform), payload in payloads(name).items():
        if platform == "omnisend":
            assert [key for key in properties(payload) if not re.fullmatch("[A-Za-z0-9_]{1,128}", key)] == []


def test_custom_parameters_of_any_legal_name_are_sent_to_both_as_they_came() -> None:
    name = "profile-updated-hostile-names"
    event = json.loads(sample(name), parse_float=Decimal)
    for platform in PLATFORMS:
        said = sent(name, "Profile updated", platform)
        assert list(said.items()) == list(event["member"]["parameters"].items())
    assert person(name, "Profile updated")["email"] == event["member"]["email"]


@pytest.mark.parametrize("slug", ["tier-name", "$value", "a.b", "", "größe", 'x","y', "a" * 129])
def test_a_custom_parameter_that_omnisend_cannot_take_is_a_fault_there_alone(slug: str) -> None:
    event = raw("profile-updated")
    event["member"]["parameters"][slug] = "x"
    result = MAPPER.map(json.dumps(event).encode())
    assert [payload.platform for payload in result.payloads] == ["klaviyo"]
    assert properties(result.payloads[0])[slug] == "x"
    assert [fault.platform for fault in result.faults] == ["omnisend"]
    assert not CONTRACT.is_valid(event)


# ── time and the contract ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", SAMPLES)
def test_the_time_is_that_of_the_raw_event(name: str) -> None:
    for (_, platform), payload in payloads(name).items():
        said = json.loads(payload.body)
        time = said["data"]["attributes"]["time"] if platform == "klaviyo" else said["eventTime"]
        assert re.fullmatch(r"2025-05-\d\dT\d\d:\d\d:\d\dZ", time)
    assert attributes("app-opened", "App opened")["time"] == "2025-05-12T18:37:28Z"


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_one_raw_event_of_the_contract(name: str) -> None:
    event = raw(name)
    assert [error.message for error in CONTRACT.iter_errors(event)] == []


@pytest.mark.parametrize("created_at", ["1747075048", "2025-05-12T18:37:28Z", 1747075048.5, None])
def test_a_time_that_is_no_number_of_seconds_is_a_fault(created_at: object) -> None:
    event = raw("language-changed")
    event["event"]["created_at"] = created_at
    result = MAPPER.map(json.dumps(event).encode())
    assert (result.payloads, {fault.attribute for fault in result.faults}) == ([], {"time"})
    assert not CONTRACT.is_valid(event)


def test_no_two_bodies_for_one_platform_share_name_and_id() -> None:
    keys = [
        (payload.platform, payload.entry, payload.unique_id) for name in SAMPLES for payload in payloads(name).values()
    ]
    assert len(set(keys)) == len(keys)
