"""99minds: what we send, held against the table of the vendor's page (99minds-attributes.csv), both ways."""

from __future__ import annotations

import csv
import json
import re
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mapforge.builds import file_stem
from mapforge.cli.show import as_json
from mapforge.compiler.generate import generate
from mapforge.compiler.vendors import compile_vendor
from mapforge.runtime.mappers import Mapper, of_sources
from mapforge.runtime.outcomes import Payload, Result

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "mappings" / "99minds"
SNAPSHOTS = ROOT / "snapshots" / "99minds"
PLATFORMS = ("klaviyo", "omnisend")


class Row(NamedTuple):
    """A row of the table: what the vendor's page says of an attribute."""

    event: str
    attribute: str
    type: str
    rules: str
    status: str


def rows() -> list[Row]:
    with Path(__file__).with_name("99minds-attributes.csv").open(encoding="utf-8", newline="") as file:
        return [Row(**{name: row[name] for name in Row._fields}) for row in csv.DictReader(file)]


TABLE = rows()
EVENTS = sorted({row.event for row in TABLE})
SAMPLES = sorted(path.stem for path in (FOLDER / "samples").glob("*.json"))
MODEL = compile_vendor(FOLDER, "mappings/99minds")
MAPPER: Mapper = of_sources(MODEL, generate(MODEL))
TYPES = {"string": "String", "number": "Decimal", "integer": "Integer", "boolean": "Boolean", "object": "Object"}


def sample(name: str) -> bytes:
    return (FOLDER / "samples" / f"{name}.json").read_bytes()


def properties(body: bytes) -> Any:
    """What the attributes became, numbers exact."""
    said = json.loads(body, parse_float=Decimal)
    return said["data"]["attributes"]["properties"] if "data" in said else said["properties"]


def snapshots(platform: str, event: str) -> dict[str, bytes]:
    folder = SNAPSHOTS / platform / file_stem(event)
    return {path.stem: path.read_bytes() for path in sorted(folder.glob("*.json"))}


# ── the table ─────────────────────────────────────────────────────────────────────────────────────


def shown_rows(shown: dict[str, Any]) -> Iterator[Row]:
    """What `show --format json` says, in the words of the table."""
    for entry in shown["events"]:
        for attribute in entry["attributes"]:
            status = "assumed" if attribute["assumed"] else ""
            type_ = TYPES.get(attribute["sends"], attribute["sends"])
            yield Row(entry["event"], attribute["name"], type_, "; ".join(rules(attribute)), status)


def rules(attribute: dict[str, Any]) -> Iterator[str]:
    if attribute["round"] is not None and attribute["as"] is None:
        yield f"round {attribute['round']}"
    if attribute["absent"] is not None:
        yield f"absent: {attribute['absent']}"
    if attribute["format"] is not None:
        yield "date text"
    if attribute["as"] is not None:
        yield f"{attribute['as']} text"


def test_show_equals_the_table_and_says_nothing_more() -> None:
    shown = as_json(MODEL)
    assert sorted(shown_rows(shown)) == sorted(TABLE)
    assert (shown["vendor"], len(shown["events"]), shown["profiles"]) == ("99minds", 38, [])


def test_the_table_is_whole() -> None:
    assert (len(TABLE), len(set(TABLE)), len(EVENTS)) == (741, 741, 38)


def test_all_that_is_rounded_is_rounded_toward_zero_and_to_cents() -> None:
    attributes = [attribute for entry in as_json(MODEL)["events"] for attribute in entry["attributes"]]
    sent = {(one["round"], one["places"]) for one in attributes if one["sends"] == "number"}
    written = {(one["round"], one["places"]) for one in attributes if one["as"] == "money"}
    assert (sent, written) == ({(None, None), ("down", 2)}, {("down", "currency")})


def test_an_entry_s_assumption_stands_on_each_of_its_attributes() -> None:
    assumed = {row.event for row in TABLE if row.status == "assumed"}
    shown = {entry["event"]: entry for entry in as_json(MODEL)["events"]}
    assert {name for name, entry in shown.items() if entry["assumed"]} == assumed
    assert all(attribute["assumed"] for name in assumed for attribute in shown[name]["attributes"])


def test_omnisend_differs_in_the_expiration_date_alone() -> None:
    differing = {
        (target.platform, sent.attribute, sent.null_if)
        for entry in MODEL.entries
        for target in entry.targets
        for sent in target.sent
        if (sent.name, sent.null_if, sent.rendering) != (sent.attribute, None, None) or target.omit
    }
    assert differing == {("omnisend", "expiration_date", '"Never"')}


# ── the bodies ────────────────────────────────────────────────────────────────────────────────────

JSON_TYPES: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Decimal": (int, Decimal),
    "Integer": (int,),
    "Boolean": (bool,),
    "Object": (dict,),
}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("event", EVENTS)
def test_every_event_has_a_snapshot_with_exactly_the_table_s_attributes(event: str, platform: str) -> None:
    bodies = snapshots(platform, event)
    assert bodies
    expected = sorted(row.attribute for row in TABLE if row.event == event)
    assert {name: sorted(properties(body)) for name, body in bodies.items()} == dict.fromkeys(bodies, expected)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("event", EVENTS)
def test_every_value_is_of_the_table_s_type_or_null(event: str, platform: str) -> None:
    wanted = {row.attribute: JSON_TYPES[row.type] for row in TABLE if row.event == event}
    wrong = [
        (name, attribute, value)
        for name, body in snapshots(platform, event).items()
        for attribute, value in properties(body).items()
        if value is not None and type(value) not in wanted[attribute]
    ]
    assert wrong == []


@pytest.mark.parametrize("platform", PLATFORMS)
def test_there_is_a_folder_of_snapshots_for_each_event_and_no_other(platform: str) -> None:
    assert sorted(path.name for path in (SNAPSHOTS / platform).iterdir()) == [file_stem(event) for event in EVENTS]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_takes_the_fast_path_unless_a_warning_explains_it(name: str) -> None:
    result = MAPPER.map(sample(name))
    assert result.payloads
    assert result.faults == []
    assert result.slow_path == bool(result.warnings or result.skipped)


def test_only_the_invalid_e_mail_takes_the_slow_path() -> None:
    assert [name for name in SAMPLES if MAPPER.map(sample(name)).slow_path] == ["giftcard-issued-bad-email"]


# ── no expiry ─────────────────────────────────────────────────────────────────────────────────────


def sent(name: str, event: str | None = None) -> dict[str, Any]:
    """The attributes of a sample's one payload, or of the event's, for each platform."""
    payloads = [payload for payload in MAPPER.map(sample(name)).payloads if event in (None, payload.entry)]
    assert [payload.platform for payload in payloads] == list(PLATFORMS)
    return {payload.platform: properties(payload.body) for payload in payloads}


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("giftcard-issued-no-expiry", None),
        ("storecredit-issued-no-expiry", None),
        ("loyaltycard-issued-no-expiry", None),
        ("membership-issued-for-life", None),
        ("coupon-issued-percentage", None),
        ("order-placed-not-scheduled", None),
        ("referral-accepted-percentage", "ReferralAcceptedFriend"),
    ],
)
def test_without_an_expiry_the_date_is_never_for_klaviyo_and_null_for_omnisend(name: str, event: str | None) -> None:
    bodies = sent(name, event)
    assert {platform: bodies[platform]["expiration_date"] for platform in PLATFORMS} == {
        "klaviyo": "Never",
        "omnisend": None,
    }


@pytest.mark.parametrize(
    ("name", "event", "attribute"),
    [
        ("order-placed-not-scheduled", None, "deliver_at"),
        ("order-placed-for-oneself", None, "deliver_at"),
        ("tier-upgraded-not-locked", "TierUpgraded", "tier_locked_until"),
        ("tier-upgraded-not-locked", "TierChanged", "tier_locked_until"),
        ("tier-changed", "TierChanged", "tier_locked_until"),
    ],
)
def test_the_other_dates_stay_never_for_both(name: str, event: str | None, attribute: str) -> None:
    assert [body[attribute] for body in sent(name, event).values()] == ["Never", "Never"]


def test_with_an_expiry_both_get_the_date() -> None:
    bodies = sent("giftcard-issued-next-day")
    assert [body["expiration_date"] for body in bodies.values()] == ["April 1, 2027"] * 2


# ── money, from digits in to digits out ───────────────────────────────────────────────────────────

MONEY = [
    ("19.999", "19.99"),
    ("1.15", "1.15"),
    ("4.35", "4.35"),
    ("0.30000000000000004", "0.30"),
    ("1.0e2", "100.00"),
    ("-5.678", "-5.67"),
    ("-0.001", "0.00"),
    ("12345678901234567.899", "12345678901234567.89"),
    ("471", "471.00"),
    ("0", "0.00"),
]


def with_member(raw: bytes, name: str, value: str) -> bytes:
    """A raw event with another value wherever this member stands with a scalar."""
    changed, times = re.subn(rb'("%s":\s*)(?:"[^"]*"|[-\d.eE+]+)' % name.encode(), rb"\g<1>" + value.encode(), raw)
    assert times == 1
    return changed


def bodies(raw: bytes) -> dict[str, bytes]:
    result: Result = MAPPER.map(raw)
    assert (result.faults, result.slow_path) == ([], False)
    return {payload.platform: payload.body for payload in result.payloads}


@pytest.mark.parametrize("quote", ["", '"'], ids=["number", "text"])
@pytest.mark.parametrize(("given", "expected"), MONEY)
@pytest.mark.parametrize("name", ["original_value", "amount"])
def test_money_is_exact_and_rounded_toward_zero(name: str, given: str, expected: str, quote: str) -> None:
    raw = with_member(sample("giftcard-issued"), name, f"{quote}{given}{quote}")
    held = {platform: f'"{name}":{expected},'.encode() in body for platform, body in bodies(raw).items()}
    assert held == dict.fromkeys(PLATFORMS, True)


@pytest.mark.parametrize("name", ["original_value", "balance", "amount"])
def test_money_that_is_no_number_is_a_fault_and_no_body(name: str) -> None:
    raw = sample("giftcard-issued")
    block = raw.index(b'"card": {') if name != "amount" else raw.index(b'"transaction": {')
    raw = raw[:block] + re.sub(rb'("%s":\s*)[^,\n]+' % name.encode(), rb'\1"1,000.00"', raw[block:], count=1)
    result = MAPPER.map(raw)
    assert (result.payloads, [fault.attribute for fault in result.faults]) == ([], [name])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("order-confirmed-yen", {"order_total": "¥5,580", "shipping_fee": "¥600", "subtotal": "¥4,980"}),
        ("order-confirmed-dinar", {"order_total": "KWD13.845", "shipping_fee": "KWD1.500", "subtotal": "KWD12.345"}),
        (
            "order-confirmed-odd-amounts",
            {"order_total": "£100.00", "shipping_fee": "-£5.67", "subtotal": "£12,345,678,901,234,567.89"},
        ),
    ],
)
def test_money_text_has_the_currency_s_own_places(name: str, expected: dict[str, str]) -> None:
    for body in sent(name).values():
        # Babel writes a no-break space after a code.
        assert {key: body[key].replace("\xa0", "") for key in expected} == expected


def test_a_percentage_is_written_as_the_number_itself() -> None:
    assert [body["discount"] for body in sent("partner-order-placed").values()] == ["15%", "15%"]
    assert [body["value"] for body in sent("coupon-issued-percentage").values()] == ["15%", "15%"]


@pytest.mark.parametrize("name", ["loyaltycard-issued", "loyaltycard-redeemed", "loyaltycard-reminder"])
def test_loyalty_balances_are_integers(name: str) -> None:
    for platform, body in bodies(sample(name)).items():
        found = re.findall(rb'"(?:balance|loyalty_card_balance)":(-?\d+)[,}]', body)
        assert len(found) == 2, (platform, body)


def test_a_loyalty_balance_with_a_fraction_is_a_fault() -> None:
    raw = re.sub(rb'("card": \{.*?"balance":\s*)[^,\n]+', rb"\g<1>12.5", sample("loyaltycard-issued"), flags=re.DOTALL)
    result = MAPPER.map(raw)
    assert (result.payloads, [fault.attribute for fault in result.faults]) == ([], ["balance"])


# ── days, people, fan-out, ids ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "day"),
    [("giftcard-issued-next-day", "April 1, 2027"), ("giftcard-issued-previous-day", "November 30, 2027")],
)
def test_the_day_of_an_instant_is_that_of_the_store(name: str, day: str) -> None:
    (instant,) = re.findall(rb'"expires_at": "([^"T]+)', sample(name))
    assert instant.decode() in ("2027-03-31", "2027-12-01")
    assert [body["expiration_date"] for body in sent(name).values()] == [day, day]


def test_an_event_with_an_invalid_e_mail_goes_on_by_phone() -> None:
    raw = sample("giftcard-issued-bad-email")
    result = MAPPER.map(raw)
    phone = json.loads(raw)["customer"]["phone"]
    klaviyo, omnisend = (json.loads(payload.body) for payload in result.payloads)
    person = klaviyo["data"]["attributes"]["profile"]["data"]["attributes"]
    assert (person["phone_number"], "email" in person) == (phone, False)
    assert omnisend["contact"] == {"phone": phone}
    assert [(note.platform, note.reason) for note in result.warnings] == [
        (platform, "email left out: not an e-mail address") for platform in PLATFORMS
    ]


def made(name: str) -> list[tuple[str, str]]:
    """Entry and platform of each payload of a sample."""
    return [(payload.entry, payload.platform) for payload in MAPPER.map(sample(name)).payloads]


def for_both(*entries: str) -> list[tuple[str, str]]:
    return [(entry, platform) for entry in entries for platform in PLATFORMS]


@pytest.mark.parametrize("name", ["referral-accepted", "referral-accepted-percentage"])
def test_an_accepted_referral_is_an_event_on_each_of_two_profiles(name: str) -> None:
    assert sorted(made(name)) == sorted(for_both("ReferralAcceptedAdvocate", "ReferralAcceptedFriend"))
    raw = json.loads(sample(name))
    people = {payload.entry: payload.body.decode() for payload in MAPPER.map(sample(name), to="klaviyo").payloads}
    for entry, person in (("ReferralAcceptedAdvocate", "advocate"), ("ReferralAcceptedFriend", "friend")):
        profile = json.loads(people[entry])["data"]["attributes"]["profile"]["data"]["attributes"]
        assert profile["email"] == raw[person]["email"]


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("tier-upgraded", ["TierUpgraded", "TierChanged"]),
        ("tier-upgraded-not-locked", ["TierUpgraded", "TierChanged"]),
        ("tier-downgraded", ["TierDowngraded", "TierChanged"]),
        ("tier-changed", ["TierChanged"]),
    ],
)
def test_a_change_of_tier_is_what_the_raw_event_says(name: str, entries: list[str]) -> None:
    assert sorted(made(name)) == sorted(for_both(*entries))


def payloads() -> list[Payload]:
    return [payload for name in SAMPLES for payload in MAPPER.map(sample(name)).payloads]


def test_the_unique_id_stands_inside_the_attributes_and_nowhere_else() -> None:
    ids = {name: json.loads(sample(name))["id"] for name in SAMPLES}
    for name, raw_id in ids.items():
        for payload in MAPPER.map(sample(name), to="klaviyo").payloads:
            body = json.loads(payload.body)
            assert (body["data"]["attributes"]["unique_id"], payload.unique_id) == (raw_id, raw_id)
            assert payload.body.count(b'"unique_id"') == 1


def test_the_event_id_is_made_of_vendor_entry_and_raw_id() -> None:
    for name in SAMPLES:
        raw_id = json.loads(sample(name))["id"]
        for payload in MAPPER.map(sample(name), to="omnisend").payloads:
            wanted = str(uuid.uuid5(uuid.NAMESPACE_URL, f"mapforge:99minds:{payload.entry}:{raw_id}"))
            assert (json.loads(payload.body)["eventID"], payload.unique_id) == (wanted, wanted)


def test_no_two_bodies_for_one_platform_share_an_id() -> None:
    omnisend = [payload.unique_id for payload in payloads() if payload.platform == "omnisend"]
    assert len(set(omnisend)) == len(omnisend)
    klaviyo = [(payload.unique_id, payload.entry) for payload in payloads() if payload.platform == "klaviyo"]
    assert len(set(klaviyo)) == len(klaviyo)
