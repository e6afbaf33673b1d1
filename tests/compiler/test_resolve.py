"""Resolve: inheritance, groups, triggers, identity; what an entry means once it is laid flat."""

from __future__ import annotations

import pytest

from mapforge import model
from mapforge.model import Constant, Identifier, Path, Query, Trigger, Type
from tests.compiler.acme import VENDOR, Acme

PARENT = """\
CardIssued:
  trigger: {event: card.issued}
  describe: A card is issued
  person: buyer
  attributes:
    number: {type: id, from: card.number, sensitive: true, describe: On the card}
    balance: {type: decimal, from: card.balance, round: down, places: 2, absent: 0}
    note: {type: text | null, when: gift, from: card.note}
    level:
      - {type: text, from: card.level, when: gift}
      - {type: text, from: level}

"""
CHILD = "CardReloaded:\n  trigger: {event: card.reloaded}\n  like: CardIssued\n"


def child(acme: Acme, beside: str, vendor: str = VENDOR) -> model.Entry:
    return acme.entry("CardReloaded", PARENT + CHILD + beside, vendor)


def attribute(entry: model.Entry, name: str) -> model.Attribute:
    return next(one for one in entry.attributes if one.name == name)


def names(entry: model.Entry) -> list[str]:
    return [one.name for one in entry.attributes]


def found(acme: Acme, beside: str) -> list[str]:
    """What is said of a child that starts in line 12, with these keys from line 16."""
    return acme.found(PARENT + CHILD + beside)


# ── like ──


def test_like_takes_all_but_trigger_name_describe_and_assumed(acme: Acme) -> None:
    parent = PARENT.replace("  person: buyer\n", "  person: buyer\n  name: Issued\n  assumed: so\n  keep: card\n")
    entry = acme.entry("CardReloaded", parent + CHILD)
    assert (entry.metric, entry.trigger, entry.describe, entry.assumed, entry.like) == (
        "CardReloaded",
        Trigger(("card.reloaded",)),
        None,
        None,
        "CardIssued",
    )
    assert (names(entry), entry.person.text) == (["number", "balance", "note", "level"], "buyer")
    assert entry.keep is not None
    assert entry.keep.query.text == "card"


def test_a_key_beside_like_replaces_the_parents(acme: Acme) -> None:
    assert child(acme, "  person: friend\n").person.text == "friend"


def test_added_attributes_come_last_and_changed_ones_stay_in_their_place(acme: Acme) -> None:
    entry = child(acme, "  add: {clerk: text}\n  change: {balance: integer}\n  drop: [note]\n")
    assert [(one.name, one.origin) for one in entry.attributes] == [
        ("number", "like CardIssued"),
        ("balance", "change"),
        ("level", "like CardIssued"),
        ("clerk", "add"),
    ]


def test_like_looks_up_in_the_same_file_only(acme: Acme) -> None:
    assert acme.found(CHILD + "\n" + PARENT) == ["MF201 events:3:9"]
    compiled = acme.compiled(PARENT, orders=CHILD)
    assert [(each.code, each.label) for each in compiled.diagnostics] == [("MF201", "it stands in acme/events.yaml")]


def test_an_entry_is_not_like_itself(acme: Acme) -> None:
    (diagnostic,) = acme.compiled("CardIssued:\n  like: CardIssued\n").diagnostics
    assert (diagnostic.code, diagnostic.message) == ("MF201", "`CardIssued` cannot be like itself")


def test_a_misspelt_parent_gets_the_nearest_entry_that_can_be_one(acme: Acme) -> None:
    third = "\nCardRefunded:\n  like: CardReload\n"
    (diagnostic,) = acme.compiled(PARENT + CHILD + third).diagnostics
    assert diagnostic.hint == "name an entry above it in the same file"
    (diagnostic,) = acme.compiled(PARENT + CHILD + third.replace("CardReload", "CardIsued")).diagnostics
    assert diagnostic.hint == "did you mean `CardIssued`?"


def test_inheritance_is_one_level_deep(acme: Acme) -> None:
    third = "\nCardRefunded:\n  like: CardReloaded\n"
    (diagnostic,) = acme.compiled(PARENT + CHILD + third).diagnostics
    assert (diagnostic.code, diagnostic.hint) == ("MF202", "start from `CardIssued`, which it is like itself")


@pytest.mark.parametrize("beside", ["use: {store: store}", "attributes: {clerk: text}"])
def test_use_and_attributes_do_not_stand_beside_like(acme: Acme, beside: str) -> None:
    vendor = VENDOR + "groups:\n  store: {store_name: text}\n"
    found = [short for short in acme.found(PARENT + CHILD + f"  {beside}\n", vendor) if short.startswith("MF207")]
    assert found == ["MF207 events:16:3"]


@pytest.mark.parametrize("key", ["add: {clerk: text}", "change: {clerk: text}", "drop: [clerk]"])
def test_add_change_and_drop_need_like(acme: Acme, key: str) -> None:
    assert acme.found(f"CardIssued:\n  {key}\n") == ["MF208 events:2:3"]


def test_add_is_for_new_names_in_any_case(acme: Acme) -> None:
    assert found(acme, "  add: {note: text}\n") == ["MF206 events:16:9"]
    assert found(acme, "  add: {Note: text}\n") == ["MF206 events:16:9"]


def test_change_and_drop_are_for_present_names(acme: Acme) -> None:
    assert found(acme, "  change: {clerk: text}\n") == ["MF204 events:16:12"]
    assert found(acme, "  drop: [Note, note]\n") == ["MF203 events:16:10"]


@pytest.mark.parametrize(
    "same",
    [
        "{note: {type: text | null, from: card.note, when: gift}}",
        "{note: text | null}",
        "{level: text}",
        "{level: [{type: text, when: gift, from: card.level}, {type: text, from: level}]}",
        "{number: {type: id, from: card.number, describe: On the card}}",
    ],
)
def test_something_must_change(acme: Acme, same: str) -> None:
    assert found(acme, f"  change: {same}\n") == ["MF205 events:16:12"]


@pytest.mark.parametrize(
    ("beside", "place", "label"),
    [
        ("change: {note: text}\n  drop: [note]", "MF223 events:17:10", "also under `change`"),
        ("add: {note: text}\n  drop: [note]", "MF223 events:17:10", "also under `add`"),
        ("drop: [note, level, note]", "MF223 events:16:23", "also under `drop`"),
    ],
)
def test_what_is_dropped_is_named_once(acme: Acme, beside: str, place: str, label: str) -> None:
    compiled = acme.compiled(PARENT + CHILD + f"  {beside}\n")
    assert [each.label for each in compiled.diagnostics if each.code == "MF223"] == [label]
    assert found(acme, f"  {beside}\n") == [place]


def test_a_text_in_change_keeps_source_when_sensitive_and_docs_and_nothing_else(acme: Acme) -> None:
    entry = child(acme, "  change: {number: text, balance: integer, note: integer | null, level: id}\n")
    number, balance = attribute(entry, "number"), attribute(entry, "balance")
    note, level = attribute(entry, "note"), attribute(entry, "level")
    assert (number.branches[0].type, number.sensitive, number.describe) == (Type("text", "text"), True, "On the card")
    assert (balance.branches[0].type, balance.branches[0].absent) == (Type("integer", "integer"), None)
    assert isinstance(balance.branches[0].source, model.From)
    assert [query.text for query in balance.branches[0].source.queries] == ["card.balance"]
    assert (note.branches[0].type, note.branches[0].when and note.branches[0].when.text) == (
        Type("integer", "integer", nullable=True),
        "gift",
    )
    assert [(one.type, one.when and one.when.text) for one in level.branches] == [
        (Type("id", "id"), "gift"),
        (Type("id", "id"), None),
    ]


def test_a_text_in_change_that_no_longer_answers_a_when_is_told_at_the_when(acme: Acme) -> None:
    assert found(acme, "  change: {note: text}\n") == ["MF305 events:8:37"]


def test_a_mapping_in_change_is_the_attribute_anew(acme: Acme) -> None:
    balance = attribute(child(acme, "  change: {balance: {type: text, from: sum}}\n"), "balance")
    assert (balance.branches[0].type, balance.branches[0].absent) == (Type("text", "text"), None)
    assert isinstance(balance.branches[0].source, model.From)
    assert [query.text for query in balance.branches[0].source.queries] == ["sum"]


def test_sensitive_stays_unless_it_is_said_to_be_false(acme: Acme) -> None:
    anew = "  change: {number: {type: text, from: n%s}}\n"
    assert attribute(child(acme, anew % ""), "number").sensitive
    assert not attribute(child(acme, anew % ", sensitive: false"), "number").sensitive
    alternatives = "  change: {number: [{type: text, from: n, when: gift}, {type: text, from: m}]}\n"
    assert attribute(child(acme, alternatives), "number").sensitive


# ── groups ──

GROUPS = VENDOR + "groups:\n  store: {store_name: {type: text, from: name}, city: text}\n  buyer: {mail: text}\n"


def test_groups_come_in_the_order_of_use_before_the_attributes(acme: Acme) -> None:
    entry = acme.entry("A", "A:\n  attributes: {note: text}\n  use: {buyer: person, store: shop}\n", GROUPS)
    assert [(one.name, one.origin) for one in entry.attributes] == [
        ("mail", "group buyer"),
        ("store_name", "group store"),
        ("city", "group store"),
        ("note", "attributes"),
    ]
    source = entry.attributes[1].branches[0].source
    assert isinstance(source, model.From)
    assert [(query.text, query.node) for query in source.queries] == [("shop.name", Path(("shop", "name")))]


def test_an_attribute_is_unique_over_groups_without_regard_to_case(acme: Acme) -> None:
    assert acme.found("A:\n  use: {store: shop}\n  attributes: {City: text}\n", GROUPS) == ["MF215 events:3:16"]
    both = "groups:\n  a: {x: text}\n  b: {X: text}\n"
    assert acme.found("A:\n  use: {a: a, b: b}\n", VENDOR + both) == ["MF215 events:2:15"]


def test_an_entry_is_unique_without_regard_to_case(acme: Acme) -> None:
    assert acme.found("CardIssued: {}\nCARDISSUED: {}\n") == ["MF216 events:2:1"]


# ── routing ──


def test_without_trigger_the_entrys_name_is_the_raw_events(acme: Acme) -> None:
    entry = acme.entry("card.issued", "card.issued: {}\n", VENDOR)
    assert (entry.trigger, entry.metric) == (Trigger(("card.issued",)), "card.issued")


def test_a_trigger_has_one_name_or_many_and_perhaps_a_condition(acme: Acme) -> None:
    entry = acme.entry("A", "A:\n  trigger: {event: [a, b], when: flag}\n")
    assert entry.trigger.events == ("a", "b")
    assert entry.trigger.when is not None
    assert entry.trigger.when.node == Path(("flag",))


def test_name_is_the_metrics_and_received_the_raw_events(acme: Acme) -> None:
    assert acme.entry("A", "A: {name: Card issued}\n").metric == "Card issued"
    assert acme.entry("A", "A: {name: received}\n").metric is None


def test_the_catch_all_takes_what_no_trigger_lists(acme: Acme) -> None:
    entry = acme.entry("*", '"*": {keep: data}\n')
    assert (entry.trigger, entry.metric) == (Trigger(("*",)), None)
    assert acme.entry("*", '"*": {keep: data, name: Anything}\n').metric == "Anything"
    assert acme.found('"*": {trigger: {event: a}, keep: data}\n') == ["MF221 events:1:7"]


def test_nothing_is_matched_by_pattern(acme: Acme) -> None:
    assert acme.found('A: {trigger: {event: [a, "*"]}}\n') == ["MF217 events:1:26"]
    assert acme.found('"*": {keep: data}\n', VENDOR + 'ignore: ["*"]\n') == ["MF217 vendor:15:10"]


def test_what_is_ignored_is_not_sent(acme: Acme) -> None:
    vendor = VENDOR + "ignore: [card.viewed, card.issued]\n"
    assert acme.found("A: {trigger: {event: card.issued}}\n", vendor) == ["MF218 vendor:15:23"]
    assert acme.vendor("A: {trigger: {event: a}}\n", vendor).ignore == ("card.viewed", "card.issued")


# ── person and identity ──


def identifiers(entry: model.Entry) -> list[tuple[str, str]]:
    return [(one.name, one.query.text) for one in entry.identity.identifiers]


def test_identity_is_relative_to_the_person(acme: Acme) -> None:
    vendor = VENDOR.replace("{email: email}", "{phone: phone, email: mail}")
    assert identifiers(acme.entry("A", "A: {}\n", vendor)) == [("email", "customer.mail"), ("phone", "customer.phone")]
    assert identifiers(acme.entry("A", "A: {person: friend}\n", vendor)) == [
        ("email", "friend.mail"),
        ("phone", "friend.phone"),
    ]
    assert identifiers(acme.entry("A", "A: {}\n", vendor.replace("person: customer\n", ""))) == [
        ("email", "mail"),
        ("phone", "phone"),
    ]


def test_an_entrys_own_identity_replaces_the_vendors_whole(acme: Acme) -> None:
    vendor = VENDOR.replace("{email: email}", "{email: email, phone: phone, none: skip}")
    entry = acme.entry("A", "A: {identity: {email: mail}}\n", vendor)
    assert (identifiers(entry), entry.identity.none) == ([("email", "customer.mail")], "error")


def test_an_identity_names_somebody(acme: Acme) -> None:
    assert acme.found("A: {identity: {none: skip}}\n") == ["MF222 events:1:5"]


def test_an_identifiers_path_has_its_place(acme: Acme) -> None:
    entry = acme.entry("A", "A: {identity: {email: a.b}}\n")
    (one,) = entry.identity.identifiers
    assert one == Identifier("email", Query("customer.a.b", Path(("customer", "a", "b")), one.query.span))
    assert (one.query.span.line, one.query.span.column) == (1, 23)


# ── source ──


def test_the_raw_event_says_what_it_is(acme: Acme) -> None:
    vendor = VENDOR.replace("event: type", "event: {header: X-Topic}").replace(
        "time: at", "time: {from: created_at, input: epoch_seconds}"
    )
    source = acme.vendor(None, vendor).source
    assert source.event == model.Header("x-topic")
    assert isinstance(source.time, model.SettingQuery)
    assert source.time.query.text == "created_at"
    zone = Constant('"Europe/Berlin"')
    assert source.time_type == Type("datetime", "datetime", input="epoch_seconds", zone=zone)


def test_a_value_is_a_decimal_with_its_currency(acme: Acme) -> None:
    entry = acme.entry("A", "A: {value: {from: order.total, round: down, places: 2, currency: {constant: EUR}}}\n")
    assert entry.value is not None
    assert entry.value.amount.type == Type("decimal", "decimal", round="down", places=2)
    assert entry.value.currency == Constant('"EUR"')
    assert acme.found("A: {value: {from: order.total, round: down}}\n") == ["MF304 events:1:39"]


def test_unused_types_and_groups_are_warned_of(acme: Acme) -> None:
    compiled = acme.compiled(None, VENDOR + "types:\n  points: {base: integer}\ngroups:\n  store: {name: text}\n")
    assert [(each.code, each.severity) for each in compiled.diagnostics] == [("MF220", "warning"), ("MF219", "warning")]
    assert compiled.vendor is not None
