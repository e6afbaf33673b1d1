"""Targets: what each platform gets of an entry, and which rules cannot be."""

from __future__ import annotations

import pytest

from mapforge import model
from mapforge.model import Sent
from tests.compiler.acme import VENDOR, Acme

EVENTS = """\
CardIssued:
  trigger: {event: card.issued}
  attributes:
    balance: {type: decimal, from: card.balance}
    count: {type: integer, from: card.count}
    active: {type: boolean, from: card.active}
    expires: {type: date, from: card.expires, absent: Never}
    level: {type: text, from: card.level, map: {G: Gold, S: Silver}}
    version: {type: text, constant: one}

CardReloaded:
  trigger: {event: card.reloaded}
  attributes:
    balance: {type: decimal, as: text, from: card.balance}
"""


def ruled(rules: str) -> str:
    """vendor.yaml with these rules for Omnisend."""
    return VENDOR.replace("{origin: acme}", f"{{origin: acme, {rules}}}")


def found(acme: Acme, rules: str) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in acme.compiled(EVENTS, ruled(rules)).diagnostics]


def target(acme: Acme, rules: str, entry: str = "CardIssued") -> model.Target:
    targets = acme.entry(entry, EVENTS, ruled(rules)).targets
    return next(one for one in targets if one.platform == "omnisend")


def test_every_platform_gets_every_entry_unless_told(acme: Acme) -> None:
    def aimed(rules: str) -> list[list[str]]:
        return [[one.platform for one in entry.targets] for entry in acme.vendor(EVENTS, ruled(rules)).entries]

    assert aimed("") == [["klaviyo", "omnisend"], ["klaviyo", "omnisend"]]
    assert aimed("only: [CardReloaded]") == [["klaviyo"], ["klaviyo", "omnisend"]]
    assert aimed("except: [CardReloaded]") == [["klaviyo", "omnisend"], ["klaviyo"]]


def test_rules_make_what_is_sent(acme: Acme) -> None:
    rules = "omit: [level, version], rename: {balance: amount}, null_if: {expires: Never, count: 0}, as: {active: text}"
    made = target(acme, rules)
    assert made.sent == (
        Sent("balance", "amount"),
        Sent("count", "count", null_if="0"),
        Sent("active", "active", rendering="text"),
        Sent("expires", "expires", null_if='"Never"'),
    )
    assert (made.options, made.omit) == ({"origin": "acme"}, ("level", "version"))


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        ("null_if: {expire: Never}", "did you mean `expires`?"),
        ("as: {blance: text}", "did you mean `balance`?"),
        ("rename: {sum: tier}", "rules go by the mapping's own names"),
        ("omit: [Level]", "did you mean `level`?"),
    ],
)
def test_a_rule_for_an_unknown_attribute_is_refused(acme: Acme, rule: str, hint: str) -> None:
    assert [(each.code, each.hint) for each in acme.compiled(EVENTS, ruled(rule)).diagnostics] == [("MF212", hint)]


@pytest.mark.parametrize("key", ["only", "except"])
def test_a_rule_for_an_unknown_entry_is_refused(acme: Acme, key: str) -> None:
    assert found(acme, f"{key}: [CardIssued, CardReloadd]") == [("MF214", "there is no entry `CardReloadd`")]


@pytest.mark.parametrize(
    "rule", ["{balance: none}", "{count: 0.5}", "{active: maybe}", "{level: Bronze}", "{level: G}", "{version: two}"]
)
def test_a_value_that_cannot_occur_is_refused(acme: Acme, rule: str) -> None:
    expected = [] if rule == "{balance: none}" else [("MF509", "this value cannot occur")]
    # A balance is a text in CardReloaded, and the rule is that one's too.
    assert found(acme, f"null_if: {rule}") == expected


def test_a_value_that_a_map_or_a_constant_sends_may_become_null(acme: Acme) -> None:
    assert found(acme, "null_if: {level: Gold, version: one, expires: Never, active: false}") == []


def test_as_fits_numbers_and_booleans(acme: Acme) -> None:
    assert found(acme, "as: {count: percent, active: text, balance: text}") == []
    assert found(acme, "as: {active: percent}") == [("MF504", "`as: percent` does not fit `active`")]
    assert found(acme, "as: {level: text}") == [("MF504", "`as: text` does not fit `level`")]
    assert found(acme, "as: {balance: money}") == [("MF123", "`balance` cannot be `money`")]


def test_as_leaves_alone_what_it_does_not_fit_where_it_fits_another(acme: Acme) -> None:
    assert target(acme, "as: {balance: percent}").sent[0].rendering == "percent"
    assert target(acme, "as: {balance: percent}", "CardReloaded").sent == (Sent("balance", "balance"),)


def test_a_rename_onto_another_is_refused(acme: Acme) -> None:
    assert found(acme, "rename: {count: balance}") == [("MF503", "two attributes sent as `balance`")]
    assert found(acme, "rename: {count: balance, balance: count}") == []
    assert found(acme, "rename: {count: balance}, omit: [balance]") == []


def test_two_attributes_of_one_name_are_refused(acme: Acme) -> None:
    events = "A:\n  attributes:\n    a: {type: text, name: b}\n    b: text\n"
    assert acme.found(events) == ["MF503 events:3:5"]


@pytest.mark.parametrize(
    ("name", "fits"), [("a_B9", True), ("a" * 128, True), ("a" * 129, False), ("a b", False), ("$a", False)]
)
def test_omnisend_takes_names_of_letters_digits_and_underscore(acme: Acme, name: str, fits: bool) -> None:
    events = f"A:\n  attributes:\n    {name}: text\n"
    assert acme.found(events) == ([] if fits else ["MF505 events:3:5"])
    renamed = VENDOR.replace("{origin: acme}", f'{{origin: acme, rename: {{"{name}": a}}}}')
    assert acme.found(events, renamed) == []


def test_a_name_that_omnisend_does_not_take_is_told_where_it_is_written(acme: Acme) -> None:
    assert acme.found(EVENTS, ruled("rename: {count: a-b}")) == ["MF505 vendor:14:44"]


@pytest.mark.parametrize(("count", "codes"), [(400, []), (401, ["MF506 events:1:1"])])
def test_klaviyo_takes_400_properties(acme: Acme, count: int, codes: list[str]) -> None:
    assert acme.found("A:\n  attributes:\n" + "".join(f"    a{number}: text\n" for number in range(count))) == codes


@pytest.mark.parametrize(("length", "codes"), [(127, []), (128, ["MF507 events:1:1"])])
def test_klaviyos_metrics_have_names_under_128_characters(acme: Acme, length: int, codes: list[str]) -> None:
    assert acme.found(f"A: {{name: {'n' * length}}}\n") == codes
    assert acme.found(f"{'n' * length}: {{}}\n") == codes


@pytest.mark.parametrize(
    ("identity", "refused"),
    [
        ("{email: a}", []),
        ("{phone: a, external_id: b}", []),
        ("{external_id: b}", ["Omnisend"]),
        ("{klaviyo_id: b}", ["Omnisend"]),
        ("{shopify_id: b}", ["Klaviyo", "Omnisend"]),
    ],
)
def test_an_identity_must_be_possible_on_every_platform(acme: Acme, identity: str, refused: list[str]) -> None:
    diagnostics = acme.compiled(f"A: {{identity: {identity}}}\n").diagnostics
    assert [(each.code, each.message) for each in diagnostics] == [
        ("MF508", f"`identity` identifies nobody to {title}") for title in refused
    ]


def test_an_identity_need_not_be_possible_where_the_entry_is_not_sent(acme: Acme) -> None:
    assert acme.found("A: {identity: {external_id: b}}\n", ruled("except: [A]")) == []


def test_omnisend_needs_an_origin_and_klaviyo_has_none(acme: Acme) -> None:
    assert acme.found(None, VENDOR.replace("{origin: acme}", "{}")) == ["MF501 vendor:14:3"]
    assert acme.found(None, VENDOR.replace("klaviyo: {}", "klaviyo: {origin: a}")) == ["MF502 vendor:13:21"]


def test_an_origin_that_is_misspelt_or_broken_is_not_missing_too(acme: Acme) -> None:
    assert acme.found(None, VENDOR.replace("{origin: acme}", "{orign: acme}")) == ["MF120 vendor:14:14"]
    assert acme.found(None, VENDOR.replace("{origin: acme}", "{from: acme}")) == ["MF120 vendor:14:14"]
    assert acme.found(None, VENDOR.replace("{origin: acme}", "{origin: [acme]}")) == ["MF122 vendor:14:22"]
