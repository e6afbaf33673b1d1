"""JeriCommerce: any event, under the name it came with, its properties untouched; and the fields of a profile."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mapforge.cli.project import headers_of
from mapforge.compiler.generate import generate
from mapforge.compiler.vendors import compile_vendor
from mapforge.runtime.mappers import Mapper, of_sources
from mapforge.runtime.outcomes import Result
from mapforge.schemas import payload_validator

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "mappings" / "jericommerce"
MODEL = compile_vendor(FOLDER, "mappings/jericommerce")
MAPPER: Mapper = of_sources(MODEL, generate(MODEL))
HEADER = "x-jericommerce-event-type"
SAMPLES = sorted(path for path in (FOLDER / "samples").glob("*.json") if not path.name.endswith(".headers.json"))
NOBODY = {"older-body", "bad-email"}
UPDATES = ["Balance", "Birthdate", "Tier", "Full sync"]

EVENTS = """
Customer created, Customer birthday, Customer scanned, Customer tapped, Wallet pass requested, Wallet pass installed,
Wallet pass uninstalled, Balance changed, Loyalty card opened, Loyalty card clicked, Campaign assigned, Tier upgraded,
Tier downgraded, Reward redeemed (online), Reward redeemed (in-store), Referral completed, Account verified,
Check-in at location
"""
LISTED = " ".join(EVENTS.split()).split(", ")
CURRENT = LISTED[:8]
ALIASES = {
    "Customer scanned on POS": "Customer scanned",
    "Loyalty card installed": "Wallet pass installed",
    "Loyalty card uninstalled": "Wallet pass uninstalled",
}


@dataclass(frozen=True)
class Number:
    """A number by its digits: 1.10 is not 1.1, and 1 is not "1"."""

    digits: str


Json: TypeAlias = "bool | str | Number | list[Json] | dict[str, Json] | None"


def read(text: str | bytes) -> Any:
    return json.loads(text, parse_float=Number, parse_int=Number)


def written(value: Json) -> str:
    match value:
        case Number():
            return value.digits
        case list():
            return f"[{', '.join(map(written, value))}]"
        case dict():
            return f"{{{', '.join(f'{json.dumps(name)}: {written(inner)}' for name, inner in value.items())}}}"
    return json.dumps(value)


def webhook(properties: str = '{"amount": 50}', **other: Any) -> str:
    """A raw event; what is None is not there."""
    body = {
        "email": "nora.lindqvist@kaffa.example",
        "id": "0b9f0c1e-7a55-4b0e-9a53-5f6c1f0f3a11",
        "customerId": "c-1",
        "createdAt": "2026-03-08T12:00:00.250Z",
        **other,
    }
    kept = json.dumps({key: value for key, value in body.items() if value is not None})
    return f'{kept[:-1]}, "properties": {properties}}}'


def mapped(raw: str | bytes, event: str = "Balance changed") -> Result:
    return MAPPER.map(raw, {HEADER: event})


def sent(result: Result) -> Any:
    """The one event, which went to Klaviyo: the attributes of its body."""
    (payload,) = (payload for payload in result.payloads if payload.kind == "event")
    assert payload.platform == "klaviyo"
    body = read(payload.body)
    assert list(body) == ["data"]
    assert sorted(body["data"]) == ["attributes", "type"]
    return body["data"]["attributes"]


def metric(attributes: Any) -> str:
    return str(attributes["metric"]["data"]["attributes"]["name"])


# ── properties ────────────────────────────────────────────────────────────────────────────────────

_NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,12})?", fullmatch=True).filter(
    lambda digits: not (digits.startswith("-") and Decimal(digits) == 0)
)
_SCALARS: st.SearchStrategy[Json] = st.none() | st.booleans() | st.text() | _NUMBERS.map(Number)
_VALUES = _SCALARS
for _ in range(4):
    _VALUES = _SCALARS | st.lists(_VALUES, max_size=4) | st.dictionaries(st.text(), _VALUES, max_size=4)
_OBJECTS = st.dictionaries(st.text(), _VALUES, max_size=8)
_NAMES = st.from_regex(r"[!-~]([ -~]{0,125}[!-~])?", fullmatch=True)


@given(event=_NAMES, properties=_OBJECTS)
def test_an_event_that_nobody_listed_maps_and_its_properties_are_untouched(
    event: str, properties: dict[str, Json]
) -> None:
    assume(event not in LISTED and event not in ALIASES)
    result = mapped(webhook(written(properties)), event)
    attributes = sent(result)
    assert (result.payloads[0].entry, metric(attributes)) == ("*", event)
    assert attributes["properties"] == properties
    assert list(attributes["properties"]) == list(properties)


@given(event=st.sampled_from([*LISTED, *ALIASES]), properties=_OBJECTS)
def test_the_properties_of_a_listed_event_are_untouched(event: str, properties: dict[str, Json]) -> None:
    assert sent(mapped(webhook(written(properties)), event))["properties"] == properties


@pytest.mark.parametrize(
    ("came", "goes"), [("-0", "0"), ("-0.00", "0.00"), ("1.5e3", "1500"), ("2E-2", "0.02"), ("1.10", "1.10")]
)
def test_digits_stay_but_for_an_exponent_and_the_minus_of_zero(came: str, goes: str) -> None:
    assert sent(mapped(webhook(f'{{"amount": [{came}]}}')))["properties"] == {"amount": [Number(goes)]}


def test_no_properties_are_none() -> None:
    assert sent(mapped(webhook("{}")))["properties"] == {}


@pytest.mark.parametrize("properties", ["[]", '"text"', "5", "true"])
def test_properties_that_are_no_object_are_a_fault(properties: str) -> None:
    result = mapped(webhook(properties))
    found = {(fault.entry, fault.attribute, fault.path) for fault in result.faults}
    assert result.payloads == []
    assert found == {
        ("Balance changed", "keep", "properties"),
        ("Balance", "trigger", "properties.balance != `null`"),
    }


def test_what_stands_beside_the_properties_is_not_sent() -> None:
    alone = sent(mapped(webhook()))
    beside = webhook(campaignId="campaign-7", url="https://kaffa.example/rewards", browser={"name": "Firefox"})
    assert sent(mapped(beside)) == alone
    assert alone["properties"] == {"amount": Number("50")}


# ── names ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_mapping_lists_the_18_events() -> None:
    assert [entry.name for entry in MODEL.entries if entry.kind == "event"] == [*LISTED, "*"]


def test_the_names_of_the_draft_are_marked_as_assumed() -> None:
    known = [entry.name for entry in MODEL.entries if entry.kind == "event" and entry.assumed is None]
    assert known == [*CURRENT, "*"]


def test_the_contract_defines_each_raw_name_and_the_body() -> None:
    contract = json.loads((FOLDER / "contract.schema.json").read_bytes())
    assert set(contract["$defs"]) == {*LISTED, *ALIASES, "Full sync", "body", "day"}
    assert {contract["$defs"][name]["$ref"] for name in (*LISTED, *ALIASES, "Full sync")} == {"#/$defs/body"}


@pytest.mark.parametrize("event", [*LISTED, *ALIASES, "Wallet visit", "Wallet Pass Requested", "balance changed", "*"])
def test_the_metric_is_named_as_the_event_came(event: str) -> None:
    result = mapped(webhook(), event)
    assert metric(sent(result)) == event
    assert result.payloads[0].entry == ALIASES.get(event, event if event in LISTED else "*")


@pytest.mark.parametrize("header", [HEADER, HEADER.upper(), HEADER.title(), "X-JeriCommerce-Event-Type"])
def test_the_header_is_read_in_any_case(header: str) -> None:
    assert metric(sent(MAPPER.map(webhook(), {header: "Tier upgraded"}))) == "Tier upgraded"


def test_without_the_header_it_is_a_fault() -> None:
    result = MAPPER.map(webhook(), {"content-type": "application/json"})
    assert (result.payloads, len(result.faults)) == ([], 1)


# ── who, when, which ──────────────────────────────────────────────────────────────────────────────


def test_unique_id_is_the_event_s_and_stands_inside_the_attributes() -> None:
    attributes = sent(mapped(webhook(id="event-uuid", createdAt="2026-03-08T23:30:00.999+02:00")))
    assert (attributes["unique_id"], attributes["time"]) == ("event-uuid", "2026-03-08T21:30:00Z")


def test_the_profile_is_known_by_its_email_alone() -> None:
    profile = sent(mapped(webhook('{"email": "other@kaffa.example", "phone": "+34600000000"}')))["profile"]
    assert profile == {"data": {"type": "profile", "attributes": {"email": "nora.lindqvist@kaffa.example"}}}


@pytest.mark.parametrize("event", ["Balance changed", "Loyalty card installed", "Wallet visit"])
def test_an_older_body_has_no_email_and_is_a_fault(event: str) -> None:
    result = mapped(webhook(email=None), event)
    assert result.payloads == []
    assert [(fault.code, fault.attribute) for fault in result.faults] == [("MF707", "identity")]


def test_no_event_goes_anywhere_but_to_klaviyo() -> None:
    assert MAPPER.head.platforms == ("klaviyo", "omnisend", "shopify")
    events = [entry for entry in MODEL.entries if entry.kind == "event"]
    assert {target.platform for entry in events for target in entry.targets} == {"klaviyo"}
    assert MAPPER.map(webhook(), {HEADER: "Customer scanned"}, to="omnisend").payloads == []


# ── samples ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_s_properties_are_sent_as_they_stand_in_the_file(sample: Path) -> None:
    came, headers = read(sample.read_bytes()), headers_of(sample)
    result = MAPPER.map(sample.read_bytes(), headers)
    events = [payload for payload in result.payloads if payload.kind == "event"]
    assert (events == []) == (sample.stem in NOBODY or "Full sync" in headers.values())
    if events:
        attributes = sent(result)
        plain = came["properties"] | ({"exponent": Number("1500")} if sample.stem == "many-digits" else {})
        assert attributes["properties"] == plain
        assert [metric(attributes)] == list(headers.values())
        payload_validator("klaviyo", "event").validate(json.loads(events[0].body))


VENDORS_EXAMPLE = """
{
  "data": {
    "type": "event",
    "attributes": {
      "time": "2026-03-08T12:00:00Z",
      "properties": { ... },
      "metric": {
        "data": {
          "type": "metric",
          "attributes": { "name": "Balance changed" }
        }
      },
      "profile": {
        "data": {
          "type": "profile",
          "attributes": { "email": "customer@example.com" }
        }
      }
    },
    "unique_id": "event-uuid"
  }
}
"""


def test_the_vendor_s_example_is_what_its_sample_gives_but_for_the_place_of_unique_id() -> None:
    raw = (FOLDER / "samples" / "vendors-example.json").read_bytes()
    said = read(VENDORS_EXAMPLE.replace("{ ... }", written(read(raw)["properties"])))
    said["data"]["attributes"]["unique_id"] = said["data"].pop("unique_id")
    (payload,) = (payload for payload in mapped(raw).payloads if payload.kind == "event")
    assert read(payload.body) == said


# ── the fields of a profile ───────────────────────────────────────────────────────────────────────

# The table of the vendor's page: which raw event updates which field, and what each is called where.
UPDATED_BY = {
    "Balance changed": {"balance"},
    "Customer created": {"birthdate"},
    "Tier upgraded": {"tier-name", "tier-balance", "tier-entered-at", "tier-expires-at"},
    "Tier downgraded": {"tier-name", "tier-balance", "tier-entered-at", "tier-expires-at"},
    "Full sync": {
        *("balance", "birthdate", "tier-name", "tier-balance", "tier-entered-at", "tier-expires-at"),
        "download-wallet-pass-url",
    },
}
AT_KLAVIYO = {"download-wallet-pass-url": "jericommerce_download_wallet_pass_url"}
FIELDS: dict[str, Any] = {
    "balance": Number("840"),
    "birthdate": "1991-05-17",
    "tier-name": "Gold",
    "tier-balance": Number("1240"),
    "tier-entered-at": "2026-01-01",
    "tier-expires-at": "2027-01-01",
    "download-wallet-pass-url": "https://wallet.example/p?t=1",
}
METAFIELD_TYPES = {
    "balance": "number_integer",
    "birthdate": "date",
    "tier-name": "single_line_text_field",
    "tier-balance": "number_integer",
    "tier-entered-at": "date",
    "tier-expires-at": "date",
    "download-wallet-pass-url": "url",
}
DATES = ("birthdate", "tier-entered-at", "tier-expires-at")


def updated(event: str, mapper: Mapper = MAPPER, raw: str | None = None, **other: Any) -> dict[str, Any]:
    """What each platform keeps of an update, by its own names; Shopify's with type and text."""
    given = webhook(written(FIELDS), **{"externalCustomerId": 7001, **other}) if raw is None else raw
    result = mapper.map(given, {HEADER: event})
    kept: dict[str, Any] = {}
    for payload in (payload for payload in result.payloads if payload.kind != "event"):
        assert payload.platform not in kept
        body = read(payload.body)
        match payload.kind:
            case "profile":
                kept["klaviyo"] = body["data"]["attributes"].pop("properties")
                assert body["data"] == {"type": "profile", "attributes": {"email": "nora.lindqvist@kaffa.example"}}
            case "contact":
                kept["omnisend"] = body.pop("customProperties")
                who = {"type": "email", "id": "nora.lindqvist@kaffa.example", "sendWelcomeMessage": False}
                assert body == {"identifiers": [who]}
            case "metafields":
                assert {(one["ownerId"], one["namespace"]) for one in body["metafields"]} == {
                    ("gid://shopify/Customer/7001", "jericommerce")
                }
                kept["shopify"] = {one["key"]: (one["type"], one["value"]) for one in body["metafields"]}
    return kept


def plain(value: Any) -> str:
    return value.digits if isinstance(value, Number) else str(value)


@pytest.mark.parametrize("event", UPDATED_BY)
def test_a_raw_event_updates_the_fields_of_the_vendor_s_table_on_each_platform(event: str) -> None:
    fields = {name: value for name, value in FIELDS.items() if name in UPDATED_BY[event]}
    assert updated(event) == {
        "klaviyo": {AT_KLAVIYO.get(name, name): value for name, value in fields.items()},
        "omnisend": {name.replace("-", "_"): value for name, value in fields.items()},
        "shopify": {name: (METAFIELD_TYPES[name], plain(value)) for name, value in fields.items()},
    }


def test_every_other_event_updates_nothing() -> None:
    triggered = {event for entry in MODEL.entries if entry.kind == "profile" for event in entry.trigger.events}
    assert triggered == set(UPDATED_BY)
    for event in [*LISTED, *ALIASES, "Wallet visit"]:
        assert (updated(event) == {}) == (event not in UPDATED_BY)


def test_a_missing_date_is_a_dash_for_klaviyo_null_for_omnisend_and_nothing_for_shopify() -> None:
    raw = webhook(written({**FIELDS, **dict.fromkeys(DATES)}), externalCustomerId=7001)
    kept = updated("Full sync", raw=raw)
    assert {name: kept["klaviyo"][name] for name in DATES} == dict.fromkeys(DATES, "-")
    assert {name: kept["omnisend"][name.replace("-", "_")] for name in DATES} == dict.fromkeys(DATES)
    assert kept["shopify"].keys() == METAFIELD_TYPES.keys() - set(DATES)


def test_no_tier_clears_its_name_where_it_can_be_cleared() -> None:
    kept = updated("Full sync", raw=webhook(written({**FIELDS, "tier-name": None}), externalCustomerId=7001))
    assert (kept["klaviyo"]["tier-name"], kept["omnisend"]["tier_name"]) == (None, None)
    assert "tier-name" not in kept["shopify"]


@pytest.mark.parametrize(
    ("event", "entry"), [("Balance changed", "Balance"), ("Customer created", "Birthdate"), ("Tier upgraded", "Tier")]
)
def test_a_webhook_without_its_field_updates_nothing_and_says_so(event: str, entry: str) -> None:
    result = mapped(webhook(), event)
    assert metric(sent(result)) == event
    assert [payload.kind for payload in result.payloads] == ["event"]
    assert [(note.entry, note.platform) for note in result.skipped] == [(entry, None)]


def test_a_customer_whom_shopify_does_not_know_is_updated_on_the_other_platforms() -> None:
    result = mapped(webhook(written(FIELDS)))
    assert [(one.platform, one.kind) for one in result.payloads] == [
        ("klaviyo", "event"),
        ("klaviyo", "profile"),
        ("omnisend", "contact"),
    ]
    assert [(note.entry, note.platform, note.reason) for note in result.skipped] == [
        ("Balance", "shopify", "nobody to send it to")
    ]


def test_updates_wait_two_seconds_and_a_full_sync_goes_in_batches_of_500() -> None:
    said = {entry.name: (entry.debounce, entry.batch) for entry in MODEL.entries if entry.kind == "profile"}
    assert said == {"Balance": (2000, None), "Birthdate": (2000, None), "Tier": (2000, None), "Full sync": (None, 500)}
    assert list(said) == UPDATES


def test_only_the_one_time_url_is_sensitive() -> None:
    marked = {one.name for entry in MODEL.entries for one in entry.attributes if one.sensitive}
    assert marked == {"download-wallet-pass-url"}


# ── the lines for the other readings ──────────────────────────────────────────────────────────────


def other_reading(tmp_path: Path, begins: str) -> Mapper:
    """The mapping with the line of vendor.yaml that is commented out in place of the one that counts."""
    home = tmp_path / "jericommerce"
    shutil.copytree(FOLDER, home)
    lines = (home / "vendor.yaml").read_text(encoding="utf-8").splitlines()
    (at,) = (number for number, line in enumerate(lines) if line.strip().startswith(f"# {begins}"))
    lines[at] = lines[at].replace("# ", "", 1)
    key = begins.partition(":")[0]
    counts = [n for n, line in enumerate(lines[:at]) if line.strip().startswith(f"{key}:") and n > at - 4]
    for number in counts:
        lines[number] = ""
    (home / "vendor.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    model = compile_vendor(home)
    return of_sources(model, generate(model))


def test_the_fields_of_a_tier_may_bear_the_vendor_s_name(tmp_path: Path) -> None:
    kept = updated("Full sync", other_reading(tmp_path, "rename: {tier-name: jericommerce_tier_name"))
    assert set(kept["klaviyo"]) == {
        *("balance", "birthdate", "jericommerce_tier_name", "jericommerce_tier_balance"),
        *("jericommerce_tier_entered_at", "jericommerce_tier_expires_at", "jericommerce_download_wallet_pass_url"),
    }


def test_balances_may_be_integers_as_text(tmp_path: Path) -> None:
    kept = updated("Full sync", other_reading(tmp_path, "as: {balance: text"))
    assert (kept["klaviyo"]["balance"], kept["klaviyo"]["tier-balance"]) == ("840", "1240")
    assert kept["omnisend"]["balance"] == Number("840")


def test_a_missing_date_may_be_null(tmp_path: Path) -> None:
    mapper = other_reading(tmp_path, "null_if: {birthdate")
    raw = webhook(written({**FIELDS, **dict.fromkeys(DATES)}))
    assert {name: updated("Full sync", mapper, raw)["klaviyo"][name] for name in DATES} == dict.fromkeys(DATES)
