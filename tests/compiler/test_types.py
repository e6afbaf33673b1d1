"""Types: what a base and its refinements mean together, and which do not fit."""

from __future__ import annotations

import pytest

from mapforge import model
from mapforge.model import Constant, Type
from tests.compiler.acme import VENDOR, Acme

BERLIN = Constant('"Europe/Berlin"')
ENGLISH = Constant('"en-US"')
EUR = VENDOR.replace("currency: currency", "currency: {constant: EUR}")
MONEY = EUR + "types:\n  money: {base: decimal, round: down, places: 2}\n"


def of(acme: Acme, attribute: str, vendor: str = EUR) -> Type:
    return acme.attribute(f"a: {attribute}", vendor).branches[0].type


@pytest.mark.parametrize("base", ["text", "id", "integer", "decimal", "boolean", "date", "url", "object", "list"])
def test_a_base_type_stands_alone_or_with_null(acme: Acme, base: model.Base) -> None:
    assert of(acme, base) == Type(base, base)
    assert of(acme, f"{base}|null") == Type(base, base, nullable=True)


def test_a_datetime_without_an_offset_is_in_the_zone_of_source(acme: Acme) -> None:
    assert of(acme, "datetime") == Type("datetime", "datetime", zone=BERLIN)
    tokyo = "{type: datetime, zone: {constant: Asia/Tokyo}}"
    assert of(acme, tokyo) == Type("datetime", "datetime", zone=Constant('"Asia/Tokyo"'))


def test_a_named_type_brings_its_refinements_and_the_attribute_adds_its_own(acme: Acme) -> None:
    money = Type("money", "decimal", round="down", places=2)
    assert of(acme, "money", MONEY) == money
    assert of(acme, "{type: money | null, scale: -2, places: 3}", MONEY) == Type(
        "money", "decimal", nullable=True, scale=-2, round="down", places=3
    )


def test_money_text_knows_currency_and_locale(acme: Acme) -> None:
    assert of(acme, "{type: decimal, as: money, round: down, places: currency}") == Type(
        "decimal",
        "decimal",
        round="down",
        places="currency",
        rendering="money",
        currency=Constant('"EUR"'),
        locale=ENGLISH,
    )


def test_a_rendering_sends_a_text(acme: Acme) -> None:
    assert acme.attribute("a: {type: decimal, as: percent}").sends == "string"
    assert acme.attribute("a: {type: boolean, as: text}").sends == "string"


FITS = {
    "scale: -2": {"decimal"},
    "{round: down, places: 2}": {"decimal"},
    "as: text": {"decimal", "integer", "boolean"},
    "as: percent": {"decimal", "integer"},
    "{as: money, round: down, places: 2}": {"decimal"},
    "format: yyyy": {"date", "datetime"},
    "input: yyyy-MM-dd": {"date"},
    "input: epoch_seconds": {"datetime"},
    "zone: {constant: UTC}": {"datetime"},
    "currency: {constant: EUR}": {"decimal"},
}


@pytest.mark.parametrize("refinement", FITS)
@pytest.mark.parametrize("base", ["text", "id", "integer", "decimal", "boolean", "date", "url", "object", "list"])
def test_a_refinement_fits_some_bases_and_no_other(acme: Acme, refinement: str, base: str) -> None:
    found = acme.of_attributes(
        f"a: {{type: {base}, {refinement.strip('{}') if refinement[0] == '{' else refinement}}}", EUR
    )
    assert ({code for code, _, _ in found} == set()) == (base in FITS[refinement])
    assert {code for code, _, _ in found} <= {"MF303"}


def test_a_misfit_says_what_it_goes_with(acme: Acme) -> None:
    (found,) = acme.compiled("A:\n  attributes: {a: {type: integer, as: money}}\n").diagnostics
    assert (found.message, found.label) == ("`as: money` does not fit an integer", "goes with decimal")


@pytest.mark.parametrize(
    ("refinement", "code", "message"),
    [
        ("round: down", "MF304", "`round` needs `places`"),
        ("places: 2", "MF304", "`places` needs `round`"),
        ("places: currency", "MF304", "`places` needs `round`"),
        ("as: money", "MF319", "`as: money` needs `round` and `places`"),
    ],
)
def test_round_and_places_go_together(acme: Acme, refinement: str, code: str, message: str) -> None:
    found = acme.of_attributes(f"a: {{type: decimal, {refinement}}}", EUR)
    assert [(each[0], each[1]) for each in found] == [(code, message)]


NO_SETTINGS = (
    VENDOR.replace("  zone: {constant: Europe/Berlin}\n", "")
    .replace("  locale: {constant: en-US}\n", "")
    .replace("  currency: currency\n", "")
)


@pytest.mark.parametrize(
    ("attribute", "messages"),
    [
        ("{type: datetime}", []),
        ("{type: date}", []),
        ("{type: decimal, round: down, places: 2}", []),
        ("{type: decimal, as: text}", []),
        ("{type: date, format: yyyy}", ["`format` needs a locale"]),
        ("{type: datetime, format: yyyy}", ["`format` needs a locale", "a `format` on a datetime needs a `zone`"]),
        ("{type: datetime, format: yyyy, zone: zone}", ["`format` needs a locale"]),
        ("{type: decimal, as: percent}", ["`as` needs a locale"]),
        ("{type: decimal, scale: minor}", ["`scale` needs a currency"]),
        ("{type: decimal, scale: minor, currency: code}", []),
        ("{type: decimal, round: up, places: currency}", ["`places` needs a currency"]),
        ("{type: decimal, as: money, round: up, places: 2}", ["`as` needs a currency", "`as` needs a locale"]),
    ],
)
def test_zone_locale_and_currency_are_asked_for_where_they_are_needed(
    acme: Acme, attribute: str, messages: list[str]
) -> None:
    assert sorted(message for _, message, _ in acme.of_attributes(f"a: {attribute}", NO_SETTINGS)) == sorted(messages)


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("zone: {constant: +01:00}", "MF315"),
        ("zone: {constant: europe/berlin}", "MF315"),
        ("locale: {constant: xx-YY}", "MF313"),
        ("currency: {constant: eur}", "MF314"),
        ("currency: {constant: XAU}", "MF314"),
    ],
)
def test_a_constant_setting_is_checked_at_once(acme: Acme, setting: str, code: str) -> None:
    key = setting.partition(":")[0]
    vendor = "\n".join(f"  {setting}" if line.strip().startswith(f"{key}:") else line for line in VENDOR.split("\n"))
    assert [found.partition(" ")[0] for found in acme.found(None, vendor)] == [code]


@pytest.mark.parametrize(
    ("attribute", "fault"),
    [
        ("{type: date, format: HH}", "the field `HH` is of a time, and a date has none"),
        ("{type: datetime, format: jjjj}", "the pattern has the unknown field `jjjj`"),
        ('{type: datetime, format: "yyyy \'o"}', None),
        ("{type: date, input: MM-dd}", "the pattern does not say the year"),
        ("{type: datetime, input: yyyy-yyyy}", "the pattern says a part of the date twice"),
    ],
)
def test_a_date_pattern_is_read_at_once(acme: Acme, attribute: str, fault: str | None) -> None:
    (found,) = acme.compiled(f"A:\n  attributes: {{a: {attribute}}}\n").diagnostics
    assert (found.code, found.label) == ("MF312", fault or found.label)


@pytest.mark.parametrize("base", ["text", "decimal", "list"])
def test_a_base_type_is_not_defined_anew(acme: Acme, base: str) -> None:
    assert acme.found(None, VENDOR + f"types:\n  {base}: {{base: id}}\n") == ["MF211 vendor:16:3"]


def test_an_unknown_type_gets_the_nearest_base_or_named_type(acme: Acme) -> None:
    events = "A:\n  attributes: {a: mony, b: integr, c: quantity}\n"
    hints = [each.hint for each in acme.compiled(events, MONEY).diagnostics if each.code == "MF210"]
    assert hints[:2] == ["did you mean `money`?", "did you mean `integer`?"]
    assert hints[2] == "base types: text, id, integer, decimal, boolean, date, datetime, url, object, list"
