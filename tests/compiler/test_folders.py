"""Folders: which files make a vendor, and what is said of those that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapforge.builds import fingerprint
from mapforge.compiler.vendors import compile_folder, compile_vendor
from mapforge.diagnostics import CompileError, Diagnostic, Span
from tests.compiler.acme import VENDOR, Acme, short


def test_a_folder_that_there_is_not_is_said_so(tmp_path: Path) -> None:
    hint = "a vendor is a folder with a vendor.yaml"
    expected = Diagnostic("MF115", "there is no folder mappings/acme", Span("mappings/acme", 1, 1), "", hint)
    assert compile_folder(tmp_path / "acme", "mappings/acme").diagnostics == (expected,)


def test_a_folder_without_vendor_yaml_still_reports_its_event_files(acme: Acme) -> None:
    assert acme.found("CardIssued: {becomes: card}\n", None) == ["MF120 events:1:14", "MF111 vendor:1:1"]


def test_the_vendor_is_called_like_its_folder(acme: Acme) -> None:
    assert acme.found(None, VENDOR.replace("vendor: acme", "vendor: Acme")) == ["MF113 vendor:2:9"]


def test_another_version_of_the_language_has_a_code_of_its_own(acme: Acme) -> None:
    assert acme.found(None, VENDOR.replace("mapforge: 1", "mapforge: 2")) == ["MF112 vendor:1:11"]
    assert acme.found(None, VENDOR.replace("mapforge: 1", 'mapforge: "1"')) == []
    assert acme.found(None, VENDOR.replace("mapforge: 1", "mapforge: [1]")) == ["MF122 vendor:1:11"]


def test_two_files_may_not_have_the_same_entry(acme: Acme) -> None:
    more = "cardissued:\n  trigger: {event: card.sent}\n"
    assert acme.found(None, cards="Card: {}\n", orders=more) == ["MF216 orders:1:1"]


def test_a_file_that_ends_in_yml_is_not_passed_over(acme: Acme) -> None:
    acme.folder.mkdir()
    for name in ("orders.yml", "cards.YAML", "notes.txt", "contract.schema.json"):
        (acme.folder / name).write_text("x: 1\n", encoding="utf-8")
    found = [(each.code, each.message) for each in acme.compiled().diagnostics]
    assert found == [("MF114", "cards.YAML is not read"), ("MF114", "orders.yml is not read")]


def test_a_folder_called_like_a_file_is_no_file(acme: Acme) -> None:
    (acme.folder / "orders.yaml").mkdir(parents=True)
    assert acme.found() == ["MF101 orders:1:1"]


def test_errors_are_raised_with_every_diagnostic(acme: Acme) -> None:
    acme.found("CardIssued: {becomes: card}\n", VENDOR.replace("vendor: acme", "vendor: Acme"))
    with pytest.raises(CompileError) as raised:
        compile_vendor(acme.folder, "acme")
    assert [short(each) for each in raised.value.diagnostics] == ["MF120 events:1:14", "MF113 vendor:2:9"]


def test_the_model_knows_the_files_it_is_made_of(acme: Acme) -> None:
    vendor = acme.vendor(None, orders="OrderPlaced: {}\n")
    assert sorted(vendor.files) == ["events.yaml", "orders.yaml", "vendor.yaml"]
    assert vendor.files == fingerprint(acme.folder)


def test_assumptions_are_notes_with_their_reason(acme: Acme) -> None:
    events = (
        "CardIssued:\n  assumed: The page is empty\n  attributes: {note: text | null}\n\n"
        "CardReloaded:\n  like: CardIssued\n  change: {note: {type: text, assumed: No example}}\n"
    )
    compiled = acme.compiled(events)
    assert [(each.severity, each.message, short(each)) for each in compiled.diagnostics] == [
        ("note", "CardIssued is assumed: The page is empty", "MF601 events:1:1"),
        ("note", "CardReloaded.note is assumed: No example", "MF601 events:7:12"),
    ]
    assert compiled.vendor is not None


def test_what_is_assumed_within_an_object_is_a_note_too(acme: Acme) -> None:
    events = (
        "CardIssued:\n  attributes:\n    card:\n      type: object\n      fields:\n"
        "        points: {type: integer, assumed: No unit}\n    lines:\n      type: list\n"
        "      each: {type: text, assumed: One page only}\n"
    )
    assert [(each.message, short(each)) for each in acme.compiled(events).diagnostics] == [
        ("CardIssued.card.points is assumed: No unit", "MF601 events:6:9"),
        ("CardIssued.lines.each is assumed: One page only", "MF601 events:9:7"),
    ]
