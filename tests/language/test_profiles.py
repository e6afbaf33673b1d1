"""Updates of profiles: what each platform gets, in what order, what null and `omit` do, and what is left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.language import acme
from tests.language.acme import N, raw_event, vendor_yaml
from tests.language.conftest import MappedBy

THREE = "{klaviyo: {}, omnisend: {origin: acme}, shopify: {namespace: acme}}"
BOTH = "{klaviyo: {}, omnisend: {origin: acme}}"
WHO = "{email: email, phone: phone, external_id: uid, klaviyo_id: kid, shopify_id: sid}"
VENDOR = vendor_yaml(identity=WHO, platforms=THREE)
EVENTS = "Order:\n  trigger: {event: order}\n  attributes: {total: decimal | null}\n"
PERSON = {"sid": "7001", "uid": '"u1"'}


def profile_yaml(body: str, trigger: str = "{event: order}") -> str:
    """profile.yaml with one entry; body: the lines of its mapping."""
    lines = "".join(f"  {line}\n" for line in body.strip("\n").splitlines())
    return f"Customer:\n  trigger: {trigger}\n{lines}"


def update(mapped: MappedBy, body: str, *, vendor: str = VENDOR, slow: bool = False, **raw: str | None) -> acme.Mapped:
    return mapped(EVENTS, raw_event(**{**PERSON, **raw}), vendor=vendor, profile=profile_yaml(body), slow=slow)


def bodies(result: acme.Mapped, entry: str = "Customer") -> dict[str, Any]:
    """The body of each platform's payload of an entry."""
    return {platform: result.body(platform, entry) for name, platform in result.entries if name == entry}


def klaviyo(result: acme.Mapped) -> Any:
    return result.body("klaviyo", "Customer")["data"]["attributes"]


@pytest.mark.parametrize("kind", ["standard: {first_name: ", "attributes: {motto: "])
@pytest.mark.parametrize("platforms", ["{klaviyo: {}}", "{omnisend: {origin: acme}}"])
def test_a_text_without_bounds_is_a_fault_of_a_profile_too(mapped: MappedBy, kind: str, platforms: str) -> None:
    rule = f"{kind}{{type: text, template: '{{{{ first }}}}{{{{ first }}}}'}}}}"
    result = update(mapped, rule, vendor=vendor_yaml(identity=WHO, platforms=platforms), first='"' + "x" * 50_001 + '"')
    assert ([fault.code for fault in result.faults], bodies(result)) == (["MF705"], {})


# ── what each platform gets ───────────────────────────────────────────────────────────────────────


def test_each_platform_gets_a_body_of_its_own_kind(mapped: MappedBy) -> None:
    result = update(
        mapped,
        """
standard:
  first_name: {type: text, from: first}
  locale: {type: text, from: lang}
attributes:
  balance: {type: integer, from: points}
""",
        first='"Ada"',
        lang='"fr"',
        points="840",
    )
    assert bodies(result) == {
        "klaviyo": {
            "data": {
                "type": "profile",
                "attributes": {
                    "email": "ada@post.example",
                    "external_id": "u1",
                    "first_name": "Ada",
                    "locale": "fr",
                    "properties": {"balance": N("840")},
                },
            }
        },
        "omnisend": {
            "identifiers": [{"type": "email", "id": "ada@post.example", "sendWelcomeMessage": False}],
            "firstName": "Ada",
            "customProperties": {"locale": "fr", "balance": N("840")},
        },
        "shopify": {
            "metafields": [
                metafield("first_name", "single_line_text_field", "Ada"),
                metafield("locale", "single_line_text_field", "fr"),
                metafield("balance", "number_integer", "840"),
            ]
        },
    }


def metafield(key: str, kind: str, value: str) -> dict[str, Any]:
    owner = "gid://shopify/Customer/7001"
    return {"ownerId": owner, "namespace": "acme", "key": key, "type": kind, "value": value}


def test_a_payload_says_of_what_kind_it_is_and_whom_it_is_about(mapped: MappedBy) -> None:
    result = update(mapped, "attributes: {balance: {type: integer, from: points}}\nbulk: {batch: 500}", points="1")
    made = [payload for payload in result.result.payloads if payload.entry == "Customer"]
    assert [(one.platform, one.kind, one.profile_key, one.unique_id, one.batch) for one in made] == [
        ("klaviyo", "profile", "email:ada@post.example", "evt_1", 500),
        ("omnisend", "contact", "email:ada@post.example", "evt_1", 500),
        ("shopify", "metafields", "shopify_id:gid://shopify/Customer/7001", "evt_1", 500),
    ]


def test_events_leave_before_profiles_whatever_their_files_are_called(mapped: MappedBy) -> None:
    result = mapped(
        EVENTS,
        raw_event(**PERSON, points="1"),
        vendor=vendor_yaml(identity=WHO, platforms=BOTH),
        profile=profile_yaml("attributes: {balance: {type: integer, from: points}}"),
    )
    assert result.entries == [
        ("Order", "klaviyo"),
        ("Order", "omnisend"),
        ("Customer", "klaviyo"),
        ("Customer", "omnisend"),
    ]


def test_every_identifier_stands_where_the_platform_has_it(mapped: MappedBy) -> None:
    result = update(
        mapped, "attributes: {bb: {type: integer, from: points}}", points="1", phone='"+14155550156"', kid='"01H"'
    )
    who = bodies(result)
    assert who["klaviyo"]["data"] == {
        "type": "profile",
        "id": "01H",
        "attributes": {
            "email": "ada@post.example",
            "phone_number": "+14155550156",
            "external_id": "u1",
            "properties": {"bb": N("1")},
        },
    }
    assert who["omnisend"]["identifiers"] == [
        {"type": "email", "id": "ada@post.example", "sendWelcomeMessage": False},
        {"type": "phone", "id": "+14155550156", "sendWelcomeMessage": False},
    ]


@pytest.mark.parametrize("given", ["7001", '"7001"', '"gid://shopify/Customer/7001"'])
def test_a_shopify_customer_is_known_by_digits_or_by_a_global_id(mapped: MappedBy, given: str) -> None:
    result = update(mapped, "attributes: {bb: {type: integer, from: points}}", points="1", sid=given)
    assert bodies(result)["shopify"] == {"metafields": [metafield("bb", "number_integer", "1")]}


@pytest.mark.parametrize("given", ['"gid://shopify/Order/7"', '"seven"', '""', '"-7"', '"7 "', '"٧"'])
def test_another_id_identifies_nobody_to_shopify_and_the_others_get_theirs(mapped: MappedBy, given: str) -> None:
    result = update(mapped, "attributes: {bb: {type: integer, from: points}}", points="1", sid=given)
    assert [(note.platform, note.reason) for note in result.warnings] == [
        ("shopify", "shopify_id left out: not the id of a customer")
    ]
    assert [(fault.code, fault.platform) for fault in result.faults] == [("MF707", "shopify")]
    assert [platform for name, platform in result.entries if name == "Customer"] == ["klaviyo", "omnisend"]


# ── own fields ────────────────────────────────────────────────────────────────────────────────────

PLACE = """
standard:
  address1: {type: text | null, from: street}
  city: {type: text | null, from: city}
  country_code: {type: text | null, from: country}
  latitude: {type: decimal | null, from: lat}
  timezone: {type: text, from: zone}
"""


def test_klaviyo_has_the_address_within_a_location_and_omnisend_has_it_flat(mapped: MappedBy) -> None:
    result = update(mapped, PLACE, street='"1 Main St"', city='"Paris"', country='"FR"', lat="48.8570")
    made = bodies(result)
    assert klaviyo(result) == {
        "email": "ada@post.example",
        "external_id": "u1",
        "location": {"address1": "1 Main St", "city": "Paris", "latitude": N("48.8570"), "timezone": "Europe/Berlin"},
        "properties": {"country_code": "FR"},
    }
    assert made["omnisend"] == {
        "identifiers": [{"type": "email", "id": "ada@post.example", "sendWelcomeMessage": False}],
        "address": "1 Main St",
        "city": "Paris",
        "countryCode": "FR",
        "customProperties": {"latitude": N("48.8570"), "timezone": "Europe/Berlin"},
    }


def test_null_clears_a_field_of_klaviyo_s_and_leaves_out_what_cannot_be_cleared(mapped: MappedBy) -> None:
    result = update(mapped, PLACE)
    made = bodies(result)
    assert klaviyo(result) == {
        "email": "ada@post.example",
        "external_id": "u1",
        "location": {"address1": None, "city": None, "timezone": "Europe/Berlin"},
        "properties": {"country_code": None},
    }
    assert made["omnisend"] == {
        "identifiers": [{"type": "email", "id": "ada@post.example", "sendWelcomeMessage": False}],
        "customProperties": {"latitude": None, "timezone": "Europe/Berlin"},
    }
    assert made["shopify"] == {"metafields": [metafield("timezone", "single_line_text_field", "Europe/Berlin")]}


def test_omit_leaves_a_missing_value_out_everywhere(mapped: MappedBy) -> None:
    result = update(
        mapped,
        """
standard:
  first_name: {type: text, from: first, absent: omit}
attributes:
  balance: {type: integer, from: points, absent: omit}
  level: {type: text, constant: basic}
""",
    )
    made = bodies(result)
    assert klaviyo(result) == {
        "email": "ada@post.example",
        "external_id": "u1",
        "properties": {"level": "basic"},
    }
    assert made["omnisend"]["customProperties"] == {"level": "basic"}
    assert "firstName" not in made["omnisend"]
    assert made["shopify"] == {"metafields": [metafield("level", "single_line_text_field", "basic")]}


def test_a_renamed_standard_field_is_a_property_under_that_name(mapped: MappedBy) -> None:
    vendor = vendor_yaml(identity=WHO, platforms="{klaviyo: {rename: {first_name: forename}}}")
    result = update(mapped, "standard: {first_name: {type: text, from: first}}", first='"Ada"', vendor=vendor)
    assert klaviyo(result)["properties"] == {"forename": "Ada"}
    assert "first_name" not in klaviyo(result)


def test_rules_of_a_platform_hold_for_its_own_fields_too(mapped: MappedBy) -> None:
    vendor = vendor_yaml(identity=WHO, platforms="{klaviyo: {null_if: {title: none}, omit: [locale]}}")
    body = "standard:\n  title: {type: text, from: job}\n  locale: {type: text, constant: fr}"
    result = update(mapped, body, job='"none"', vendor=vendor)
    assert klaviyo(result) == {"email": "ada@post.example", "external_id": "u1", "title": None, "properties": {}}


@pytest.mark.parametrize(
    ("field", "bad", "expected"),
    [
        ("last_name", json.dumps("x" * 51), "a text of at most 50 characters"),
        ("address1", json.dumps("x" * 501), "a text of at most 500 characters"),
        ("zip", json.dumps("1" * 21), "a text of at most 20 characters"),
        ("country_code", '"FRA"', "two capital letters"),
        ("birthdate", '"1990-1-1"', "a date as YYYY-MM-DD"),
        ("gender", '"female"', "m or f"),
    ],
)
def test_what_an_own_field_does_not_take_is_a_fault_for_that_platform_alone(
    mapped: MappedBy, field: str, bad: str, expected: str
) -> None:
    vendor = vendor_yaml(identity=WHO, platforms=BOTH)
    result = update(mapped, f"standard: {{{field}: {{type: text, from: value}}}}", value=bad, vendor=vendor)
    assert [(fault.code, fault.platform, fault.attribute, fault.expected, fault.place) for fault in result.faults] == [
        ("MF708", "omnisend", field, expected, "acme/profile.yaml:3")
    ]
    assert result.entries == [("Order", "klaviyo"), ("Customer", "klaviyo")]


@pytest.mark.parametrize("text", ["", "x" * 50, "a\nb"])
def test_any_text_within_the_length_is_taken(mapped: MappedBy, text: str) -> None:
    result = update(mapped, "standard: {last_name: {type: text, from: value}}", value=json.dumps(text))
    assert result.body("omnisend", "Customer")["lastName"] == text


# ── kept keys ─────────────────────────────────────────────────────────────────────────────────────


def test_kept_keys_are_custom_properties_but_those_that_a_standard_field_has_taken(mapped: MappedBy) -> None:
    vendor = vendor_yaml(identity=WHO, platforms=BOTH)
    body = "standard: {first_name: {type: text, from: data.first_name}}\nkeep: data"
    result = update(mapped, body, data='{"first_name":"Ada","size":"M","rate":1.50}', vendor=vendor)
    made = bodies(result)
    assert klaviyo(result) == {
        "email": "ada@post.example",
        "external_id": "u1",
        "first_name": "Ada",
        "properties": {"size": "M", "rate": N("1.50")},
    }
    assert made["omnisend"]["customProperties"] == {"size": "M", "rate": N("1.50")}
    assert made["omnisend"]["firstName"] == "Ada"


def test_a_kept_key_that_is_called_like_a_field_of_klaviyo_s_is_left_out_there_with_a_warning(
    mapped: MappedBy,
) -> None:
    vendor = vendor_yaml(identity=WHO, platforms=BOTH)
    result = update(mapped, "keep: data", data='{"title":"Dr","email":"x","size":"M"}', vendor=vendor)
    said = "the kept key {} left out: Klaviyo has a field of its own of this name"
    assert [(note.platform, note.reason, note.code, note.place) for note in result.warnings] == [
        ("klaviyo", said.format(name), "MF712", "acme/profile.yaml:3") for name in ("title", "email")
    ]
    assert klaviyo(result)["properties"] == {"size": "M"}
    assert result.body("omnisend", "Customer")["customProperties"] == {"title": "Dr", "email": "x", "size": "M"}


def test_the_same_keys_of_an_event_are_properties_like_any_other(mapped: MappedBy) -> None:
    result = mapped("Order:\n  trigger: {event: order}\n  keep: data\n", raw_event(data='{"title":"Dr"}'))
    assert result.properties() == {"title": "Dr"}


# ── metafields ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("attribute", "value", "kind", "text"),
    [
        ("{type: integer, from: v}", "-5", "number_integer", "-5"),
        ("{type: integer, from: v}", "9007199254740991", "number_integer", "9007199254740991"),
        ("{type: decimal, from: v}", "12.50", "number_decimal", "12.50"),
        ("{type: decimal, from: v}", "1e2", "number_decimal", "100"),
        ("{type: boolean, from: v}", "true", "boolean", "true"),
        ("{type: date, from: v}", '"2026-03-08"', "date", "2026-03-08"),
        ("{type: datetime, from: v}", '"2026-03-08T12:00:00.5+01:00"', "date_time", "2026-03-08T11:00:00Z"),
        ("{type: date, format: d.M.y, from: v}", '"2026-03-08"', "single_line_text_field", "8.3.2026"),
        ("{type: url, from: v}", '"https://a.example/x"', "url", "https://a.example/x"),
        ("{type: id, from: v}", "17", "single_line_text_field", "17"),
        ("{type: integer, as: text, from: v}", "17", "single_line_text_field", "17"),
        ("{type: list, from: v}", '[1.50,"é"]', "json", '[1.50,"é"]'),
        ("{type: object, from: v}", '{"a":null}', "json", '{"a":null}'),
    ],
)
def test_a_metafield_is_the_text_of_its_type(
    mapped: MappedBy, attribute: str, value: str, kind: str, text: str
) -> None:
    result = update(mapped, f"attributes: {{balance: {attribute}}}", v=value)
    assert result.body("shopify", "Customer") == {"metafields": [metafield("balance", kind, text)]}


@pytest.mark.parametrize(
    ("attribute", "value", "expected"),
    [
        ("{type: integer, from: v}", "9007199254740992", "an integer within ±9,007,199,254,740,991"),
        ("{type: decimal, from: v}", "12345678901234", "at most 13 digits and 9 decimal places"),
        ("{type: decimal, from: v}", "0.0000000001", "at most 13 digits and 9 decimal places"),
        ("{type: text, from: v}", '"a\\nb"', "a text of one line"),
        ('{type: date, absent: "-", from: v}', "null", "a date as YYYY-MM-DD"),
        ("{type: url, from: v}", f'"https://{"a" * 2050}"', "a URL of at most 2,048 characters"),
        ("{type: text, from: v}", f'"{"é" * 8193}"', "a text of at most 16,384 bytes"),
    ],
)
def test_what_a_metafield_does_not_take_is_a_fault_for_shopify_alone(
    mapped: MappedBy, attribute: str, value: str, expected: str
) -> None:
    result = update(mapped, f"attributes: {{balance: {attribute}}}", v=value)
    assert [(fault.code, fault.platform, fault.attribute, fault.expected, fault.place) for fault in result.faults] == [
        ("MF708", "shopify", "balance", f"a metafield of {expected}", "acme/profile.yaml:3")
    ]
    assert [platform for name, platform in result.entries if name == "Customer"] == ["klaviyo", "omnisend"]


def test_where_no_metafield_is_left_the_update_is_skipped_with_the_reason(mapped: MappedBy) -> None:
    body = "attributes:\n  balance: {type: integer | null, from: v}\n  level: {type: text, constant: ''}"
    result = update(mapped, body)
    assert [(note.entry, note.platform, note.reason, note.code) for note in result.skipped] == [
        ("Customer", "shopify", "nothing that Shopify can keep", "MF709")
    ]
    assert [platform for name, platform in result.entries if name == "Customer"] == ["klaviyo", "omnisend"]


def test_a_platform_s_as_makes_a_text_of_a_metafield(mapped: MappedBy) -> None:
    vendor = vendor_yaml(identity=WHO, platforms="{shopify: {namespace: acme, as: {balance: text}}}")
    result = update(mapped, "attributes: {balance: {type: integer, from: v}}", v="5", vendor=vendor)
    assert result.body("shopify", "Customer") == {"metafields": [metafield("balance", "single_line_text_field", "5")]}


# ── routing, skips and limits ─────────────────────────────────────────────────────────────────────


def test_an_event_that_is_skipped_says_so_though_a_profile_is_updated(mapped: MappedBy) -> None:
    events = 'Order:\n  trigger: {event: order, when: "paid"}\n  attributes: {total: decimal | null}\n'
    profile = profile_yaml("attributes: {balance: {type: integer, from: points}}")
    result = mapped(events, raw_event(points="1", paid="false"), profile=profile)
    assert [(note.entry, note.reason) for note in result.skipped] == [("Order", "`paid` does not hold")]
    assert result.entries == [("Customer", "klaviyo")]


def test_an_update_that_is_skipped_says_so_though_an_event_is_sent(mapped: MappedBy) -> None:
    profile = profile_yaml("attributes: {balance: {type: integer, from: points}}", '{event: order, when: "paid"}')
    result = mapped(EVENTS, raw_event(points="1", paid="false"), profile=profile)
    assert [(note.entry, note.reason) for note in result.skipped] == [("Customer", "`paid` does not hold")]
    assert result.entries == [("Order", "klaviyo")]


def test_two_updates_of_which_one_holds_are_no_skip(mapped: MappedBy) -> None:
    one = profile_yaml("attributes: {balance: {type: integer, from: points}}", '{event: order, when: "paid"}')
    profile = one + one.replace("Customer", "Debtor").replace('"paid"', '"!paid"')
    result = mapped(EVENTS, raw_event(points="1", paid="true"), profile=profile)
    assert result.entries == [("Order", "klaviyo"), ("Customer", "klaviyo")]


def test_a_raw_event_that_only_a_profile_lists_is_no_catch_all(mapped: MappedBy) -> None:
    events = EVENTS + '"*":\n  keep: data\n'
    profile = profile_yaml("attributes: {balance: {type: integer, from: points}}", "{event: sync}")
    result = mapped(events, raw_event(points="1", type='"sync"'), profile=profile)
    assert result.entries == [("Customer", "klaviyo")]


def test_a_platform_without_events_gets_none_and_says_nothing(mapped: MappedBy) -> None:
    result = update(mapped, "attributes: {bb: {type: integer, from: points}}", points="1")
    assert ("Order", "shopify") not in result.entries
    assert result.skipped == []


def test_with_nothing_but_events_a_platform_of_profiles_is_told_so(mapped: MappedBy) -> None:
    result = mapped(EVENTS, raw_event(), vendor=VENDOR, to="shopify")
    assert [note.reason for note in result.skipped] == ["none of the platforms gets this entry"]


def test_a_fault_in_an_update_holds_back_the_event_for_that_platform(mapped: MappedBy) -> None:
    result = update(mapped, "attributes: {balance: {type: integer, from: points}}", points='"840"')
    assert [(fault.entry, fault.platform, fault.attribute) for fault in result.faults] == [
        ("Customer", None, "balance")
    ]
    assert result.entries == []


def test_a_profile_over_95_kilobytes_is_a_fault_for_klaviyo_alone(mapped: MappedBy) -> None:
    vendor = vendor_yaml(identity=WHO, platforms=BOTH)
    result = update(mapped, "attributes: {note: {type: text, from: v}}", v=json.dumps("x" * 95_000), vendor=vendor)
    assert [(fault.code, fault.platform, fault.expected) for fault in result.faults] == [
        ("MF708", "klaviyo", "a body of at most 95,000 bytes")
    ]
    assert result.entries == [("Order", "omnisend"), ("Customer", "omnisend")]


def test_like_takes_standard_fields_and_its_own_replace_them(mapped: MappedBy) -> None:
    first = profile_yaml(
        "standard: {first_name: {type: text, from: first}}\ndebounce: 2s\nattributes: {a: {type: integer, from: n}}"
    )
    second = """
Renamed:
  trigger: {event: order}
  like: Customer
  standard: {title: {type: text, from: first}}
  change: {a: decimal}
"""
    vendor = vendor_yaml(identity=WHO)
    result = mapped(EVENTS, raw_event(uid='"u"', first='"Ada"', n="1"), vendor=vendor, profile=first + second)
    assert result.body("klaviyo", "Renamed")["data"]["attributes"] == {
        "email": "ada@post.example",
        "external_id": "u",
        "title": "Ada",
        "properties": {"a": N("1")},
    }
