"""One mistake, one diagnostic: what only follows from it is not told."""

from __future__ import annotations

import pytest

from tests.compiler.acme import VENDOR, Acme

PARENT = """\
CardIssued:
  trigger: {event: card.issued}
  attributes:
    balance: {type: decimal, from: card.balance}
    note: text | null
"""
CHILD = """
CardReloaded:
  trigger: {event: card.reloaded}
  like: CardIssued
  change: {balance: integer}
  drop: [note]
  add: {clerk: text}
"""
TYPES = "types:\n  money: {base: decimal, round: down, places: 2}\n"


def test_an_unknown_key_counts_as_the_key_it_is_nearest_to(acme: Acme) -> None:
    events = "CardIssued:\n  triger: {event: card.issued, wen: flag}\n  atributes: {note: {typ: text | null}}\n"
    assert acme.found(events) == ["MF120 events:2:3", "MF120 events:2:32", "MF120 events:3:3", "MF120 events:3:22"]


def test_a_misspelt_key_is_read_on_under_the_key_it_means(acme: Acme) -> None:
    events = "CardIssued:\n  trigger: {event: card.issued}\n  atributes: {note: txt}\n"
    assert acme.found(events) == ["MF120 events:3:3", "MF210 events:3:21"]


def test_a_key_near_to_nothing_silences_what_seems_to_be_missing_beside_it(acme: Acme) -> None:
    assert acme.found("CardIssued:\n  attributes: {note: {kind: text}}\n") == ["MF120 events:2:23"]
    assert acme.found("CardIssued:\n  inherits: Card\n  drop: [note]\n") == ["MF120 events:2:3"]
    assert acme.found(None, VENDOR.replace("{email: email}", "{mailbox: email}")) == ["MF120 vendor:11:12"]


def test_a_second_spelling_of_a_key_that_is_there_suggests_nothing_that_is_there(acme: Acme) -> None:
    found = acme.compiled("CardIssued:\n  trigger: {event: card.issued}\n  triger: {event: x}\n").diagnostics
    assert [(each.code, (each.hint or "")[:10]) for each in found] == [("MF120", "known are:")]


def test_a_parent_that_there_is_not_silences_what_is_changed_of_it(acme: Acme) -> None:
    assert acme.found(PARENT + CHILD.replace("like: CardIssued", "like: CardIsued")) == ["MF201 events:9:9"]


def test_a_broken_parent_silences_its_children(acme: Acme) -> None:
    grandchild = "\nCardRefunded:\n  trigger: {event: card.refunded}\n  like: CardReloaded\n  drop: [clark]\n"
    broken = CHILD.replace("like: CardIssued", "like: CardIsued")
    assert acme.found(PARENT + broken + grandchild) == ["MF201 events:9:9"]


@pytest.mark.parametrize(
    ("parent", "place"),
    [
        ("CardIssued: [a]\n", "MF122 events:1:13"),
        ("CardIssued:\n", "MF124 events:1:1"),
        ("CardIssued:\n  attributes: [balance, note]\n", "MF122 events:2:15"),
        ("CardIssued:\n  like: [a]\n", "MF122 events:2:9"),
        ("CardIssued:\n  use: [a]\n", "MF122 events:2:8"),
        ("CardIssued:\n  use: {custom: customer}\n", "MF209 events:2:9"),
    ],
)
def test_a_parent_whose_attributes_are_lost_silences_its_children(acme: Acme, parent: str, place: str) -> None:
    assert acme.found(parent + CHILD) == [place]


def test_what_a_child_says_itself_is_told_all_the_same(acme: Acme) -> None:
    child = CHILD.replace("like: CardIssued", "like: CardIsued").replace("clerk: text", "clerk: txt")
    assert acme.found(PARENT + child) == ["MF201 events:9:9", "MF210 events:12:16"]


def test_a_mistake_in_a_parent_is_told_once_however_many_children_it_has(acme: Acme) -> None:
    parent = PARENT.replace("card.balance", "card..balance")
    others = "".join(f"\nCard{number}: {{like: CardIssued}}\n" for number in range(5))
    assert acme.found(parent + others) == ["MF401 events:4:36"]


def test_a_mistake_in_a_group_is_told_once_however_many_entries_use_it(acme: Acme) -> None:
    vendor = VENDOR + "groups:\n  store: {store_name: {type: integer, from: name, round: down, places: 0}}\n"
    events = "".join(f"Card{number}: {{use: {{store: store}}}}\n" for number in range(5))
    assert acme.found(events, vendor) == ["MF303 vendor:16:58", "MF303 vendor:16:72"]


def test_a_broken_attribute_keeps_its_name_and_says_no_more(acme: Acme) -> None:
    parent = PARENT.replace("type: decimal, ", "")
    platforms = VENDOR.replace("klaviyo: {}", "klaviyo: {as: {balance: percent}, null_if: {balance: none}}")
    assert acme.found(parent + CHILD.replace("integer", "text | null"), platforms) == ["MF121 events:4:5"]


@pytest.mark.parametrize(
    "attribute",
    [
        "balance: {type: money, as: percent, zone: {constant: Mars}}",
        "balance: {type: money, absent: none}",
        "balance: {type: money, constant: none}",
        "balance: {type: money, map: {A: none}}",
        "balance: {type: money, fields: {a: text}}",
        "balance: {type: money, each: text}",
        "balance: [{type: money, when: flag}, {type: decimal}]",
    ],
)
def test_a_broken_type_silences_its_users(acme: Acme, attribute: str) -> None:
    vendor = VENDOR.replace("klaviyo: {}", "klaviyo: {as: {balance: percent}, null_if: {balance: none}}")
    broken = vendor + "types:\n  money: {base: decimel}\n"
    assert acme.found(f"CardIssued:\n  attributes:\n    {attribute}\n", broken) == ["MF123 vendor:16:17"]


def test_an_unknown_type_silences_what_is_said_of_it(acme: Acme) -> None:
    events = "CardIssued:\n  attributes:\n    balance: {type: mony, as: money, absent: none}\n"
    assert acme.found(events) == ["MF210 events:3:21"]


def test_types_that_cannot_be_read_silence_every_use_of_them(acme: Acme) -> None:
    events = "CardIssued:\n  attributes: {balance: money, points: points}\n"
    assert acme.found(events, VENDOR + "types: [money]\n") == ["MF122 vendor:15:8"]


def test_groups_that_cannot_be_read_silence_every_use_of_them(acme: Acme) -> None:
    events = "CardIssued:\n  use: {store: store}\n" + CHILD
    assert acme.found(events, VENDOR + "groups: [store]\n") == ["MF122 vendor:15:9"]


def test_a_type_that_nothing_resembles_is_told_once_and_a_misspelt_one_wherever_it_stands(acme: Acme) -> None:
    events = "CardIssued:\n  attributes: {a: qty, b: qty, c: monye, d: monye}\n"
    assert acme.found(events, VENDOR + TYPES) == ["MF210 events:2:19", "MF210 events:2:35", "MF210 events:2:45"]


def test_a_group_that_nothing_resembles_is_told_once_and_a_misspelt_one_wherever_it_stands(acme: Acme) -> None:
    vendor = VENDOR + "groups:\n  store: {store_name: {type: text, from: name}}\n"
    events = "A: {use: {wallet: a}}\nB: {use: {wallet: a}}\nC: {use: {stor: a}}\nD: {use: {stor: a}}\n"
    assert acme.found(events, vendor) == ["MF209 events:1:11", "MF209 events:3:11", "MF209 events:4:11"]


def test_a_setting_that_many_attributes_lack_is_told_once_where_the_type_asks_for_it(acme: Acme) -> None:
    vendor = VENDOR.replace("  zone: {constant: Europe/Berlin}\n", "") + (
        "types:\n  day: {base: datetime, format: MMMM d}\n  moment: {base: datetime, format: H:mm}\n"
    )
    events = "CardIssued:\n  attributes: {a: day, b: day, c: {type: day, zone: zone}, d: moment}\n"
    assert acme.found(events, vendor) == ["MF311 vendor:15:33", "MF311 vendor:16:36"]


def test_a_setting_that_is_broken_is_not_missing_too(acme: Acme) -> None:
    vendor = VENDOR.replace("{constant: Europe/Berlin}", "store..zone")
    events = "CardIssued:\n  attributes: {a: {type: datetime, format: MMMM d}}\n"
    assert acme.found(events, vendor) == ["MF401 vendor:7:9"]


def test_a_refinement_that_does_not_fit_asks_for_nothing(acme: Acme) -> None:
    events = "CardIssued:\n  attributes: {a: {type: integer, as: money}, b: {type: text, input: epoch_seconds}}\n"
    assert acme.found(events) == ["MF303 events:2:39", "MF303 events:2:70"]


def test_a_key_without_a_value_is_not_missing_too(acme: Acme) -> None:
    assert acme.found("CardIssued:\n  attributes:\n    a: {type: , from: b}\n") == ["MF124 events:3:9"]
    assert acme.found(None, VENDOR.replace("vendor: acme", "vendor:")) == ["MF124 vendor:2:1"]
    assert acme.found("CardIssued:\n  trigger:\n  attributes:\n") == ["MF124 events:2:3", "MF124 events:3:3"]


def test_a_list_element_without_a_value_leaves_the_others_in_their_places(acme: Acme) -> None:
    vendor = VENDOR + "ignore:\n  -\n  - card.issued\n  - [a]\n"
    assert acme.found(None, vendor) == ["MF124 vendor:16:4", "MF122 vendor:18:5"]


def test_an_alias_is_no_wrong_shape_too(acme: Acme) -> None:
    events = "CardIssued:\n  attributes: &all {note: text}\n\nCardReloaded:\n  attributes: *all\n\nCardRefunded: *all\n"
    assert acme.found(events) == ["MF104 events:2:15", "MF104 events:5:15", "MF104 events:7:15"]


def test_what_a_merge_key_would_bring_is_not_missing_too(acme: Acme) -> None:
    assert acme.found("CardIssued:\n  attributes:\n    a: {<<: {type: text}, from: b}\n") == ["MF106 events:3:9"]


def test_a_name_that_cannot_be_a_key_may_still_be_meant_elsewhere(acme: Acme) -> None:
    events = (
        "Card/Issued:\n  attributes: {'price €': decimal, note: text | null}\n\n"
        "CardReloaded:\n  like: Card/Issued\n  drop: ['price €']\n"
    )
    vendor = VENDOR.replace("klaviyo: {}", "klaviyo: {only: [Card/Issued], omit: ['price €']}")
    assert acme.found(events, vendor) == ["MF130 events:1:1", "MF130 events:2:16"]


def test_a_vendor_yaml_that_cannot_be_read_leaves_the_event_files_to_report(acme: Acme) -> None:
    events = "CardIssued:\n  triger: {event: card.issued}\n  attributes: {note: {from: note}}\n"
    assert acme.found(events, "mapforge: 1\nvendor: {\n") == [
        "MF120 events:2:3",
        "MF121 events:3:16",
        "MF102 vendor:2:9",
    ]


def test_an_event_file_that_cannot_be_read_silences_names_it_may_hold(acme: Acme) -> None:
    vendor = VENDOR.replace("klaviyo: {}", "klaviyo: {only: [OrderPlaced], omit: [total]}") + (
        "types:\n  money: {base: decimal}\ngroups:\n  store: {store_name: text}\n"
    )
    assert acme.found(None, vendor, orders="OrderPlaced: {\n") == ["MF102 orders:1:14"]


def test_warnings_come_where_there_is_no_error(acme: Acme) -> None:
    vendor = VENDOR + "groups:\n  store: {store_name: text}\n"
    assert acme.found(None, vendor) == ["MF219 vendor:16:3"]
    assert acme.found("CardIssued:\n  use: {stor: store}\n", vendor) == ["MF209 events:2:9"]


def test_what_only_an_unused_group_uses_is_used(acme: Acme) -> None:
    vendor = VENDOR + "types:\n  points: {base: integer}\ngroups:\n  store: {points: points}\n"
    assert acme.found(None, vendor) == ["MF219 vendor:18:3"]


def test_one_identity_of_many_entries_is_one_mistake(acme: Acme) -> None:
    events = "".join(f"Card{number}: {{name: Card}}\n" for number in range(5))
    assert acme.found(events, VENDOR.replace("{email: email}", "{external_id: id}")) == ["MF508 vendor:11:1"]


def test_one_unsendable_name_of_many_entries_is_one_mistake(acme: Acme) -> None:
    vendor = VENDOR + "groups:\n  store: {store-name: text}\n"
    events = "".join(f"Card{number}: {{use: {{store: store}}}}\n" for number in range(5))
    assert acme.found(events, vendor) == ["MF505 vendor:16:11"]


def test_another_version_is_all_that_is_said(acme: Acme) -> None:
    vendor = VENDOR.replace("mapforge: 1", "mapforge: 2") + "profiles: {}\n"
    assert acme.found("CardIssued: {becomes: card}\n", vendor) == ["MF112 vendor:1:11"]
