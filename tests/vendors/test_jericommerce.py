"""JeriCommerce: any event, under the name it came with, its properties untouched, to Klaviyo alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mapforge.cli.project import headers_of
from mapforge.compiler.generate import generate
from mapforge.compiler.vendors import compile_vendor
from mapforge.runtime.mappers import Mapper, of_sources
from mapforge.runtime.outcomes import Result
from mapforge.schemas import payload_schema

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "mappings" / "jericommerce"
MODEL = compile_vendor(FOLDER, "mappings/jericommerce")
MAPPER: Mapper = of_sources(MODEL, generate(MODEL))
HEADER = "x-jericommerce-event-type"
SAMPLES = sorted(path for path in (FOLDER / "samples").glob("*.json") if not path.name.endswith(".headers.json"))
NOBODY = {"older-body", "bad-email"}

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
    """The one event that went to Klaviyo: the attributes of its body."""
    (payload,) = result.payloads
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
    assert (result.payloads, [fault.path for fault in result.faults]) == ([], ["properties"])


def test_what_stands_beside_the_properties_is_not_sent() -> None:
    alone = sent(mapped(webhook()))
    beside = webhook(campaignId="campaign-7", url="https://kaffa.example/rewards", browser={"name": "Firefox"})
    assert sent(mapped(beside)) == alone
    assert alone["properties"] == {"amount": Number("50")}


# ── names ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_mapping_lists_the_18_events() -> None:
    assert [entry.name for entry in MODEL.entries] == [*LISTED, "*"]


def test_the_names_of_the_draft_are_marked_as_assumed() -> None:
    assert [entry.name for entry in MODEL.entries if entry.assumed is None] == [*CURRENT, "*"]


def test_the_contract_defines_each_raw_name_and_the_body() -> None:
    contract = json.loads((FOLDER / "contract.schema.json").read_bytes())
    assert set(contract["$defs"]) == {*LISTED, *ALIASES, "body"}
    assert {contract["$defs"][name]["$ref"] for name in (*LISTED, *ALIASES)} == {"#/$defs/body"}


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
    assert (result.payloads, result.skipped) == ([], [])
    assert [(fault.code, fault.attribute) for fault in result.faults] == [("MF707", "identity")]


def test_nothing_goes_to_omnisend() -> None:
    assert MAPPER.head.platforms == ("klaviyo",)
    with pytest.raises(ValueError, match="no platform 'omnisend'"):
        MAPPER.map(webhook(), {HEADER: "Balance changed"}, to="omnisend")


# ── samples ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_s_properties_are_sent_as_they_stand_in_the_file(sample: Path) -> None:
    came, headers = read(sample.read_bytes()), headers_of(sample)
    result = MAPPER.map(sample.read_bytes(), headers)
    assert (result.payloads == []) == (sample.stem in NOBODY)
    if result.payloads:
        attributes = sent(result)
        plain = came["properties"] | ({"exponent": Number("1500")} if sample.stem == "many-digits" else {})
        assert attributes["properties"] == plain
        assert [metric(attributes)] == list(headers.values())
        Draft202012Validator(payload_schema("klaviyo", "event")).validate(json.loads(result.payloads[0].body))


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
    (payload,) = mapped(raw).payloads
    assert read(payload.body) == said
