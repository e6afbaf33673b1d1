"""profile.yaml: what it may say beside what events say, what of it is refused, and what becomes of it in the model."""

from __future__ import annotations

import pytest

from mapforge.documents import StandardDocument
from mapforge.platforms import PLATFORMS
from tests.compiler.acme import VENDOR, Acme

SHOP = VENDOR.replace("klaviyo: {}", "klaviyo: {}\n  shopify: {namespace: acme}")
WHO = "  identity: {email: email, shopify_id: shop}\n"


def profile(body: str, head: str = "  trigger: {event: card.issued}\n") -> str:
    return f"Customer:\n{head}{body}"


def test_the_standard_fields_are_those_that_some_platform_has() -> None:
    known = {name for platform in PLATFORMS.values() for one in platform.endpoints.values() for name in one.fields}
    assert set(StandardDocument.model_fields) == known


def test_an_entry_says_how_long_it_waits_and_how_many_go_together(acme: Acme) -> None:
    for written, milliseconds in (("2s", 2000), ("500ms", 500), ("1m", 60_000), ("0s", 0)):
        text = profile(f"  debounce: {written}\n  bulk: {{batch: 500}}\n  attributes: {{note: text | null}}\n")
        entry = acme.vendor(profile=text).entries[-1]
        assert (entry.kind, entry.metric, entry.debounce, entry.batch) == ("profile", None, milliseconds, 500)


def test_standard_fields_come_first_in_the_order_they_are_written_in(acme: Acme) -> None:
    text = profile("  attributes: {note: text | null}\n  standard: {title: text | null, city: text | null}\n")
    entry = acme.vendor(profile=text).entries[-1]
    assert [(one.name, one.standard, one.origin) for one in entry.attributes] == [
        ("title", True, "standard"),
        ("city", True, "standard"),
        ("note", False, "attributes"),
    ]
    assert [[(sent.name, sent.own) for sent in target.sent] for target in entry.targets] == [
        [("title", True), ("location.city", True), ("note", False)],
        [("title", False), ("city", True), ("note", False)],
    ]


def test_what_is_like_an_update_waits_and_goes_like_it_unless_it_says_so_itself(acme: Acme) -> None:
    first = profile("  debounce: 2s\n  bulk: {batch: 5}\n  standard: {title: text | null}\n  attributes: {a: text}\n")
    second = "Other:\n  trigger: {event: card.sold}\n  like: Customer\n  debounce: 1s\n  drop: [title]\n"
    other = acme.vendor(profile=first + second).entries[-1]
    assert (other.debounce, other.batch, [one.name for one in other.attributes]) == (1000, 5, ["a"])


def test_updates_come_after_events_whatever_the_files_are_called(acme: Acme) -> None:
    sold = "CardSold:\n  trigger: {event: card.sold}\n  attributes: {a: text}\n"
    vendor = acme.vendor(profile=profile("  attributes: {note: text | null}\n"), zebra=sold)
    assert [entry.name for entry in vendor.entries] == ["CardIssued", "CardSold", "Customer"]


def test_a_platform_of_profiles_is_aimed_at_with_updates_alone(acme: Acme) -> None:
    vendor = acme.vendor(vendor=SHOP, profile=profile(WHO + "  attributes: {note: text | null}\n"))
    assert [[target.platform for target in entry.targets] for entry in vendor.entries] == [
        ["klaviyo", "omnisend"],
        ["klaviyo", "shopify", "omnisend"],
    ]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("  name: Customer updated\n", ["MF120 profile:3:3"]),
        ("  value: {from: total}\n", ["MF120 profile:3:3"]),
        ("  standard: {nickname: text}\n", ["MF120 profile:3:14"]),
        ("  standard: {frist_name: text}\n", ["MF120 profile:3:14"]),
        ("  standard: {city: strange}\n", ["MF210 profile:3:20"]),
        ("  standard: {city: text, City: text}\n", ["MF120 profile:3:26"]),
        ("  standard: {city: text}\n  attributes: {City: text}\n", ["MF215 profile:4:16"]),
        ("  debounce: 2\n", ["MF123 profile:3:13"]),
        ("  debounce: soon\n", ["MF123 profile:3:13"]),
        ("  bulk: 500\n", ["MF122 profile:3:9"]),
        ("  bulk: {batch: 0}\n", ["MF123 profile:3:17"]),
        ("  bulk: {}\n", ["MF121 profile:3:3"]),
        ("  attributes: {locale: text}\n", ["MF510 profile:3:16"]),
        ("  attributes: {x: {type: text, name: title}}\n", ["MF510 profile:3:16"]),
        ("  standard: {latitude: boolean}\n", ["MF512 profile:3:14"]),
    ],
)
def test_what_does_not_fit_is_told_at_its_place(acme: Acme, body: str, found: list[str]) -> None:
    assert acme.found(profile=profile(body)) == found


def test_an_event_has_none_of_what_updates_alone_have(acme: Acme) -> None:
    for key in ("standard: {city: text}", "debounce: 2s", "bulk: {batch: 5}"):
        assert acme.found(f"CardIssued:\n  {key}\n") == ["MF120 events:2:3"]


def test_a_key_near_one_that_is_known_counts_as_it(acme: Acme) -> None:
    (found,) = acme.compiled(profile=profile("  standart: {city: text}\n")).diagnostics
    assert (found.code, found.hint) == ("MF120", "did you mean `standard`?")


@pytest.mark.parametrize(
    ("platforms", "found"),
    [
        ("shopify: {}", ["MF501 vendor:14:3"]),
        ("shopify: {namespace: ab}", ["MF514 vendor:14:24"]),
        ("shopify: {namespace: a b c}", ["MF514 vendor:14:24"]),
        ("shopify: {namespace: acme, origin: x}", ["MF502 vendor:14:38"]),
        ("shopify: {namespace: acme, only: [CardIssued]}", ["MF513 vendor:14:37"]),
        ("klaviyo: {namespace: acme}", ["MF502 vendor:14:24"]),
    ],
)
def test_options_of_platforms_are_held(acme: Acme, platforms: str, found: list[str]) -> None:
    vendor = VENDOR.partition("platforms:")[0] + f"platforms:\n  omnisend: {{origin: acme}}\n  {platforms}\n"
    assert acme.found(vendor=vendor) == found


def test_a_metafield_has_the_type_that_its_attribute_sends(acme: Acme) -> None:
    attributes = """  attributes:
    day: date
    written: {type: date, format: d.M.yyyy}
    either:
      - {when: "a == 'x'", type: url, from: link}
      - {type: text, from: note}
    count: integer
    bag: object
"""
    entry = acme.vendor(vendor=SHOP, profile=profile(WHO + attributes)).entries[-1]
    (target,) = (target for target in entry.targets if target.platform == "shopify")
    assert {sent.name: sent.metafield for sent in target.sent} == {
        "day": "date",
        "written": "single_line_text_field",
        "either": "single_line_text_field",
        "count": "number_integer",
        "bag": "json",
    }


def test_26_metafields_are_one_too_many(acme: Acme) -> None:
    lines = "\n".join(f"    f{number:02}: integer" for number in range(26))
    assert acme.found(vendor=SHOP, profile=profile(f"{WHO}  attributes:\n{lines}\n")) == ["MF506 profile:1:1"]
    fewer = "\n".join(lines.splitlines()[1:])
    assert acme.found(vendor=SHOP, profile=profile(f"{WHO}  attributes:\n{fewer}\n")) == []


def test_what_a_platform_cannot_clear_is_a_note(acme: Acme) -> None:
    text = profile(WHO + "  standard: {first_name: text | null, locale: text}\n  attributes: {note: text | null}\n")
    notes = [(one.code, one.message) for one in acme.compiled(vendor=SHOP, profile=text).diagnostics]
    assert notes == [
        ("MF602", "Omnisend cannot clear first_name"),
        ("MF602", "Shopify cannot clear first_name, note"),
    ]
