"""TRIFFT: what we send, held against the vendor's page: its sample payloads (trifft-document-samples.json) and its
attributes of a profile with their example values (trifft-document-attributes.json).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mapforge.compiler.generate import generate
from mapforge.compiler.vendors import compile_vendor
from mapforge.platforms.klaviyo import KLAVIYO
from mapforge.runtime.mappers import Mapper, of_sources
from mapforge.runtime.outcomes import Payload, Result

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "mappings" / "trifft"
PLATFORMS = ("klaviyo", "omnisend")
UPDATES = [("Profile", platform) for platform in PLATFORMS]
RENAMED = {"$value": "value", "$value_currency": "value_currency"}

DOCUMENT: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("trifft-document-samples.json").read_bytes(), parse_float=Decimal
)
_ATTRIBUTES = json.loads(Path(__file__).with_name("trifft-document-attributes.json").read_bytes(), parse_float=Decimal)
# Points are sent with two places, so the page's 0 is a decimal.
ATTRIBUTES: dict[str, Any] = _ATTRIBUTES | {"trifft_points": Decimal(_ATTRIBUTES["trifft_points"])}
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
SCHEMA: Any = json.loads((FOLDER / "contract.schema.json").read_bytes())
CONTRACT = Draft202012Validator(SCHEMA)


def sample(name: str) -> bytes:
    return (FOLDER / "samples" / f"{name}.json").read_bytes()


def raw(name: str) -> Any:
    return json.loads(sample(name))


def payloads(name: str) -> dict[tuple[str, str], Payload]:
    return {(payload.entry, payload.platform): payload for payload in MAPPER.map(sample(name)).payloads}


def properties(payload: Payload) -> dict[str, Any]:
    """What the attributes became, numbers exact."""
    said: dict[str, Any] = json.loads(payload.body, parse_float=Decimal)
    holder = said["data"]["attributes"] if payload.platform == "klaviyo" else said
    sent: dict[str, Any] = holder["customProperties" if payload.kind == "contact" else "properties"]
    return sent


def both(event: str) -> list[tuple[str, str]]:
    """An event to each platform."""
    return [(event, platform) for platform in PLATFORMS]


def sent(name: str, event: str, platform: str = "klaviyo") -> dict[str, Any]:
    return properties(payloads(name)[event, platform])


def attributes(name: str, event: str) -> dict[str, Any]:
    """Klaviyo's own fields of an event, the profile among them."""
    said: dict[str, Any] = json.loads(payloads(name)[event, "klaviyo"].body, parse_float=Decimal)["data"]["attributes"]
    return said


def person(name: str, event: str) -> Any:
    return attributes(name, event)["profile"]["data"]["attributes"]


def profile(name: str) -> Any:
    """What Klaviyo gets of a profile: who it is, its own fields and, under `properties`, the custom ones."""
    return json.loads(payloads(name)["Profile", "klaviyo"].body, parse_float=Decimal)["data"]["attributes"]


def contact(name: str) -> Any:
    return json.loads(payloads(name)["Profile", "omnisend"].body, parse_float=Decimal)


def changed(name: str, **member: Any) -> Result:
    """What comes of a sample whose member differs so."""
    event = json.loads(sample(name))
    event["member"] |= member
    return MAPPER.map(json.dumps(event).encode())


def typed(value: Any) -> Any:
    """The value with every scalar's JSON type beside it: 1 is not true, and 5.5 is not "5.5"."""
    if isinstance(value, dict):
        return {key: typed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [typed(inner) for inner in value]
    return ("number" if isinstance(value, Decimal) else type(value).__name__, value)


# ── the page's sample payloads ────────────────────────────────────────────────────────────────────


def test_the_entries_are_the_fifteen_metrics_the_profile_and_the_custom_webhook() -> None:
    assert sorted(entry.name for entry in MODEL.entries) == sorted([*DOCUMENT, "Profile", "*"])
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
    made = {
        (payload.entry, payload.platform): b'"points":12.235,' in payload.body for payload in MAPPER.map(text).payloads
    }
    assert made == dict.fromkeys(both("Wallet credited"), True) | dict.fromkeys(UPDATES, False)


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


@pytest.mark.parametrize(
    ("name", "event"),
    [("member-verified-newcomer", "Member verified"), ("transaction-created-no-items", "Transaction created")],
)
def test_a_member_without_tier_coupons_and_segments_is_sent(name: str, event: str) -> None:
    member = raw(name)["member"]
    assert (member["tier"], member["coupons"], member["segments"]) == (None, [], [])
    assert list(payloads(name)) == [*both(event), *UPDATES]


# ── people ────────────────────────────────────────────────────────────────────────────────────────


def test_a_member_is_known_by_e_mail_and_id() -> None:
    member = raw("member-verified")["member"]
    assert person("member-verified", "Member verified") == {"email": member["email"], "external_id": member["id"]}
    contact = json.loads(payloads("member-verified")["Member verified", "omnisend"].body)["contact"]
    assert contact == {"email": member["email"]}


@pytest.mark.parametrize("name", ["member-verified-no-email", "member-verified-bad-email"])
def test_a_member_without_a_sound_e_mail_is_sent_by_id_and_skipped_for_omnisend(name: str) -> None:
    result = MAPPER.map(sample(name))
    assert list(payloads(name)) == [("Member verified", "klaviyo"), ("Profile", "klaviyo")]
    assert [(note.entry, note.platform, note.reason) for note in result.skipped] == [
        ("Member verified", "omnisend", "nobody to send it to"),
        ("Profile", "omnisend", "nobody to send it to"),
    ]
    assert person(name, "Member verified") == {"external_id": raw(name)["member"]["id"]}
    assert result.faults == []


@pytest.mark.parametrize("name", ["referral-invited", "referral-invited-newcomer"])
def test_one_invitation_makes_two_events_on_two_profiles(name: str) -> None:
    event = raw(name)
    invited, inviter = "Referral code provided", "Referral invited"
    assert list(payloads(name)) == [*both(invited), *both(inviter), *UPDATES]
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
        ("Profile", "klaviyo"),
    ]


# ── routing ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "event"),
    [("segment-added-system", "Added to segment"), ("segment-removed-system", "Removed from segment")],
)
def test_a_system_segment_is_skipped_with_the_reason_and_the_profile_is_updated_all_the_same(
    name: str, event: str
) -> None:
    result = MAPPER.map(sample(name))
    assert [(note.entry, note.reason) for note in result.skipped] == [
        (event, "`!starts_with(segment.slug, 'internal-')` does not hold")
    ]
    assert (list(payloads(name)), result.faults) == (UPDATES, [])
    assert raw(name)["segment"]["slug"] in profile(name)["properties"]["trifft_segments"]


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("segment-added", "Added to segment"),
        ("segment-removed", "Removed from segment"),
        ("segment-added-dynamic", "Added to segment"),
    ],
)
def test_any_other_segment_is_sent(name: str, event: str) -> None:
    assert list(payloads(name)) == [*both(event), *UPDATES]


@pytest.mark.parametrize("name", ["profile-updated", "consent-signed", "consent-revoked"])
def test_a_consent_updates_the_profile_as_any_change_does(name: str) -> None:
    assert list(payloads(name)) == [*both("Profile updated"), *UPDATES]
    assert sent(name, "Profile updated") == raw(name)["member"]["parameters"]


@pytest.mark.parametrize("name", ["custom-webhook", "custom-webhook-hostile-names"])
def test_a_custom_webhook_goes_to_klaviyo_alone_under_its_own_name_as_it_came(name: str) -> None:
    event = json.loads(sample(name), parse_float=Decimal)
    assert list(payloads(name)) == [("*", "klaviyo")]
    assert attributes(name, "*")["metric"]["data"]["attributes"]["name"] == event["event"]["type"]
    assert list(sent(name, "*").items()) == list(event["payload"].items())


# ── the profile ───────────────────────────────────────────────────────────────────────────────────

PAGE = "profile-updated-page-attributes"
OWN = {"Locale": "locale", "External ID": "external_id"}
CUSTOM = [name for name in ATTRIBUTES if name.startswith("trifft_")]
STANDARD = [name for name in SAMPLES if not name.startswith("custom-webhook")]
BY_ID_ALONE = {"member-verified-bad-email", "member-verified-no-email", "referral-invited-no-email"}
TO_KLAVIYO_ALONE = BY_ID_ALONE | {"profile-updated-long-last-name"}
CONTACTS = [name for name in STANDARD if name not in TO_KLAVIYO_ALONE]


def test_the_page_names_thirteen_attributes() -> None:
    assert list(ATTRIBUTES) == [*OWN, *CUSTOM, "Custom Parameters"]
    assert len(ATTRIBUTES) == 13


@pytest.mark.parametrize("name", [*OWN, *CUSTOM])
def test_klaviyo_gets_the_attribute_of_the_page(name: str) -> None:
    # The page's External ID and trifft_id are those of two members, though both are the id of one.
    who = ATTRIBUTES["External ID"] if name == "External ID" else raw(PAGE)["member"]["id"]
    update = changed(PAGE, id=who).payloads[2]
    said = json.loads(update.body, parse_float=Decimal)["data"]["attributes"]
    got = said[OWN[name]] if name in OWN else said["properties"][name]
    assert typed(got) == typed(ATTRIBUTES[name])


def test_the_thirteen_are_the_whole_profile() -> None:
    member = raw(PAGE)["member"]
    assert list(member["parameters"]) == ATTRIBUTES["Custom Parameters"]
    expected = {
        "email": member["email"],
        "external_id": ATTRIBUTES["trifft_id"],
        "locale": ATTRIBUTES["Locale"],
        "first_name": member["parameters"]["first_name"],
        "last_name": member["parameters"]["last_name"],
        "properties": {name: ATTRIBUTES[name] for name in CUSTOM}
        | {"date_of_birth": member["parameters"]["date_of_birth"]},
    }
    assert typed(profile(PAGE)) == typed(expected)
    assert list(profile(PAGE)["properties"]) == [*CUSTOM, "date_of_birth"]


def test_omnisend_gets_the_thirteen_but_the_external_id() -> None:
    member = raw(PAGE)["member"]
    expected = {
        "identifiers": [{"type": "email", "id": member["email"], "sendWelcomeMessage": False}],
        "firstName": member["parameters"]["first_name"],
        "lastName": member["parameters"]["last_name"],
        "customProperties": {"locale": ATTRIBUTES["Locale"]}
        | {name: ATTRIBUTES[name] for name in CUSTOM}
        | {"date_of_birth": member["parameters"]["date_of_birth"]},
    }
    assert typed(contact(PAGE)) == typed(expected)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_coupons_have_the_shape_of_the_page_however_many_there_are(platform: str) -> None:
    name = "profile-updated-many-coupons"
    made = sent(name, "Profile", platform)["trifft_coupons"]
    held = raw(name)["member"]["coupons"]
    assert len(made) == 24
    assert {tuple(coupon) for coupon in made} == {tuple(ATTRIBUTES["trifft_coupons"][0])}
    assert made == [
        {{"image_logo": "img_logo"}.get(key, key): value for key, value in coupon.items()} for coupon in held
    ]


def test_the_number_of_active_coupons_is_the_member_s_and_not_the_length_of_the_list() -> None:
    made = profile("profile-updated-many-coupons")["properties"]
    assert (made["trifft_available_coupons"], len(made["trifft_coupons"])) == (17, 24)


@pytest.mark.parametrize(
    ("hundredths", "digits"),
    [(0, "0.00"), (5, "0.05"), (261779, "2617.79"), (-1223, "-12.23"), (9007199254740993, "90071992547409.93")],
)
def test_the_balance_of_a_profile_is_in_points_to_the_last_digit(hundredths: int, digits: str) -> None:
    updates = [payload for payload in changed(PAGE, points=hundredths).payloads if payload.entry == "Profile"]
    found = [re.findall(rb'"trifft_points":([^,}]+)', payload.body) for payload in updates]
    assert found == [[digits.encode()], [digits.encode()]]


# ── when a profile is updated ─────────────────────────────────────────────────────────────────────


def test_there_is_a_sample_of_every_standard_raw_event() -> None:
    names = {one["$ref"].removeprefix("#/$defs/") for one in SCHEMA["oneOf"]}
    assert {raw(name)["event"]["type"] for name in STANDARD} == names - {"*"}


@pytest.mark.parametrize("name", STANDARD)
def test_every_standard_event_is_followed_by_one_update_of_the_member_s_profile(name: str) -> None:
    made = [(payload.entry, payload.platform) for payload in MAPPER.map(sample(name)).payloads]
    updates = UPDATES[:1] if name in TO_KLAVIYO_ALONE else UPDATES
    assert [key for key in made if key[0] == "Profile"] == made[-len(updates) :] == updates
    member, said = raw(name)["member"], profile(name)
    who = {"external_id": member["id"]} | ({} if name in BY_ID_ALONE else {"email": member["email"]})
    assert {key: said[key] for key in ("email", "external_id") if key in said} == who
    assert said["properties"]["trifft_id"] == member["id"]


@pytest.mark.parametrize("name", ["custom-webhook", "custom-webhook-hostile-names"])
def test_a_custom_webhook_updates_no_profile(name: str) -> None:
    assert [payload.kind for payload in MAPPER.map(sample(name)).payloads] == ["event"]


@pytest.mark.parametrize("name", ["referral-invited", "referral-invited-newcomer", "referral-invited-no-email"])
def test_an_invitation_updates_the_profile_of_the_one_who_invites_alone(name: str) -> None:
    updates = [payload for payload in payloads(name).values() if payload.entry == "Profile"]
    assert [raw(name)["invitee"]["email"].encode() in payload.body for payload in updates] == [False] * len(updates)
    assert profile(name)["external_id"] == raw(name)["member"]["id"]


# ── own fields and custom parameters ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["profile-updated", "consent-signed", "consent-revoked", "language-changed"])
def test_names_are_own_fields_and_all_other_parameters_are_custom(name: str) -> None:
    member = raw(name)["member"]
    custom = {key: value for key, value in member["parameters"].items() if key not in ("first_name", "last_name")}
    for made, first, last in ((profile(name), "first_name", "last_name"), (contact(name), "firstName", "lastName")):
        assert (made[first], made[last]) == (member["parameters"]["first_name"], member["parameters"]["last_name"])
    for platform, own in (("klaviyo", {}), ("omnisend", {"locale": member["language"]})):
        made = sent(name, "Profile", platform)
        assert {key: value for key, value in made.items() if key not in CUSTOM} == own | custom


def test_a_parameter_of_the_name_language_is_not_the_locale() -> None:
    made = changed("profile-updated", language="fr", parameters={"language": "de"}).payloads
    klaviyo = json.loads(made[2].body)["data"]["attributes"]
    assert (klaviyo["locale"], klaviyo["properties"]["language"]) == ("fr", "de")
    omnisend = json.loads(made[3].body)["customProperties"]
    assert (omnisend["locale"], omnisend["language"]) == ("fr", "de")


def test_null_clears_what_a_member_does_not_have_at_klaviyo() -> None:
    member = raw("member-verified-newcomer")["member"]
    assert typed(profile("member-verified-newcomer")) == typed(
        {
            "email": member["email"],
            "external_id": member["id"],
            "locale": "en",
            "first_name": None,
            "last_name": None,
            "properties": {
                "trifft_available_coupons": 0,
                "trifft_coupons": [],
                "trifft_fav_location_id": None,
                "trifft_fav_location_name": None,
                "trifft_id": member["id"],
                "trifft_points": Decimal(0),
                "trifft_primary_card_id": None,
                "trifft_segments": [],
                "trifft_support_id": member["support_id"],
                "trifft_tier": None,
            },
        }
    )


def test_omnisend_gets_no_null_for_its_own_fields_and_the_same_properties() -> None:
    made = contact("member-verified-newcomer")
    assert list(made) == ["identifiers", "customProperties"]
    expected = {"locale": "en"} | profile("member-verified-newcomer")["properties"]
    assert typed(made["customProperties"]) == typed(expected)


def test_parameters_with_names_of_klaviyo_s_own_are_left_out_there_with_a_warning() -> None:
    name = "profile-updated-hostile-names"
    parameters = json.loads(sample(name), parse_float=Decimal)["member"]["parameters"]
    reserved = KLAVIYO.endpoints["profile"].reserved - {"first_name", "last_name", "locale"}
    left_out = [key for key in parameters if key in reserved]
    assert sorted(left_out) == sorted(reserved)
    assert [(note.code, note.entry, note.platform, note.reason) for note in MAPPER.map(sample(name)).warnings] == [
        ("MF712", "Profile", "klaviyo", f"the kept key {key} left out: Klaviyo has a field of its own of this name")
        for key in left_out
    ]
    named = {"locale", *CUSTOM}
    kept = {key: value for key, value in parameters.items() if key not in named}
    for platform, missing in (("klaviyo", set(left_out)), ("omnisend", set())):
        made = {key: value for key, value in sent(name, "Profile", platform).items() if key not in named}
        assert typed(made) == typed({key: value for key, value in kept.items() if key not in missing})


def test_a_parameter_cannot_take_the_place_of_an_attribute() -> None:
    name = "profile-updated-hostile-names"
    member = raw(name)["member"]
    assert (member["parameters"]["trifft_points"], member["parameters"]["locale"]) == (99, "xx-XX")
    for platform in PLATFORMS:
        made = sent(name, "Profile", platform)
        assert (made["trifft_points"], made["trifft_tier"]) == (Decimal("2617.79"), "Silver")
    assert (profile(name)["locale"], sent(name, "Profile", "omnisend")["locale"]) == ("fr", "fr")
    assert (profile(name)["email"], profile(name)["external_id"]) == (member["email"], member["id"])


@pytest.mark.parametrize("field", ["first_name", "last_name"])
@pytest.mark.parametrize(("length", "taken"), [(50, True), (51, False)])
def test_a_name_that_is_too_long_is_a_fault_for_omnisend_alone(field: str, length: int, taken: bool) -> None:
    result = changed("profile-updated", parameters={field: "é" * length})
    to_omnisend = [payload.entry for payload in result.payloads if payload.platform == "omnisend"]
    assert to_omnisend == (["Profile updated", "Profile"] if taken else [])
    assert [payload.entry for payload in result.payloads if payload.platform == "klaviyo"] == [
        "Profile updated",
        "Profile",
    ]
    expected = f"{field}: expected a text of at most 50 characters, got another text"
    assert [(fault.code, fault.entry, fault.platform, fault.reason) for fault in result.faults] == (
        [] if taken else [("MF708", "Profile", "omnisend", expected)]
    )


@pytest.mark.parametrize("field", ["first_name", "last_name"])
def test_a_name_that_is_no_text_is_a_fault_and_the_contract_does_not_allow_it(field: str) -> None:
    result = changed("profile-updated", parameters={field: 5})
    assert (result.payloads, [(fault.entry, fault.attribute) for fault in result.faults]) == ([], [("Profile", field)])
    event = raw("profile-updated")
    event["member"]["parameters"][field] = 5
    assert not CONTRACT.is_valid(event)


def test_a_profile_of_more_than_95_kb_is_a_fault_for_klaviyo_alone() -> None:
    coupons = raw("profile-updated-many-coupons")["member"]["coupons"] * 25
    result = changed("profile-updated-many-coupons", coupons=coupons)
    assert [(payload.entry, payload.platform) for payload in result.payloads] == [
        ("Profile updated", "omnisend"),
        ("Profile", "omnisend"),
    ]
    assert [(fault.code, fault.entry, fault.platform) for fault in result.faults] == [("MF708", "Profile", "klaviyo")]


# ── contacts of Omnisend ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", CONTACTS)
def test_a_contact_is_known_by_e_mail_is_not_greeted_and_changes_no_subscription(name: str) -> None:
    made = contact(name)
    email = raw(name)["member"]["email"]
    assert made["identifiers"] == [{"type": "email", "id": email, "sendWelcomeMessage": False}]
    assert made.keys() <= {"identifiers", "firstName", "lastName", "customProperties"}


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
    sent_to = [(payload.entry, payload.platform) for payload in result.payloads]
    assert sent_to == [("Profile updated", "klaviyo"), ("Profile", "klaviyo")]
    assert [properties(payload)[slug] for payload in result.payloads] == ["x", "x"]
    assert [(fault.entry, fault.platform) for fault in result.faults] == [
        ("Profile updated", "omnisend"),
        ("Profile", "omnisend"),
    ]
    assert not CONTRACT.is_valid(event)


# ── time and the contract ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", SAMPLES)
def test_the_time_is_that_of_the_raw_event(name: str) -> None:
    expected = datetime.fromtimestamp(raw(name)["event"]["created_at"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for (_, platform), payload in payloads(name).items():
        assert payload.time == expected
        if payload.kind == "event":
            said = json.loads(payload.body)
            assert (said["data"]["attributes"]["time"] if platform == "klaviyo" else said["eventTime"]) == expected
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
