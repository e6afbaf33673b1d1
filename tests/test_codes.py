"""Codes: each has a page, a bad example that gives it and nothing else, a good one, and a golden screen."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Mapping, Sequence

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex

from mapforge.codes import BASE, CODES, Code, page, reference
from mapforge.compiler.generate import generate
from mapforge.compiler.vendors import Compiled, compile_folder
from mapforge.diagnostics import render
from mapforge.runtime.mappers import of_sources
from mapforge.runtime.outcomes import Fault, Note

ROOT = pathlib.Path(__file__).parent.parent
SOURCES = ROOT / "src" / "mapforge"
GOLDEN = ROOT / "tests" / "golden"

COMPILED = [pytest.param(one, id=one.code) for one in CODES.values() if not one.raw]
MAPPED = [pytest.param(one, id=one.code) for one in CODES.values() if one.raw]


class Screens(SingleFileSnapshotExtension):
    """tests/golden/<CODE>.txt, a file for each code."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        # The file's stem: any other name makes --snapshot-update delete files that are in use.
        return str(index)

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(GOLDEN)

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:
        at = pathlib.Path(snapshot_location)
        return at.parent == GOLDEN and test_location.snapshot_name.endswith(f"[{at.stem}]")


@pytest.fixture
def screen(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Screens)


def laid(files: Mapping[str, str | None], root: pathlib.Path) -> pathlib.Path:
    """The folder of acme with these files over the base; no folder where no file is left."""
    folder = root / "acme"
    for name, text in {**BASE, **files}.items():
        if text is not None:
            folder.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def compiled(files: Mapping[str, str | None], root: pathlib.Path) -> Compiled:
    return compile_folder(laid(files, root), "acme")


def emitted() -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py") if path.name != "codes.py")
    return {code for text in texts for code in re.findall(r"\bMF\d{3}\b", text)}


def test_every_code_in_the_sources_has_an_entry_and_every_entry_is_in_the_sources() -> None:
    assert sorted(emitted()) == sorted(CODES)


def test_no_code_has_two_entries_and_they_stand_in_order() -> None:
    source = (SOURCES / "codes.py").read_text(encoding="utf-8")
    assert re.findall(r'^        "(MF\d{3})",$', source, re.MULTILINE) == sorted(CODES)


@pytest.mark.parametrize("one", [*COMPILED, *MAPPED])
def test_a_page_has_a_title_of_a_line_and_a_reason_of_two_to_five_sentences(one: Code) -> None:
    assert one.title == one.title.strip().rstrip(".")
    assert 2 <= len(re.findall(r"[.?](?: |$)", one.why)) <= 5
    assert page(one.code).startswith(f"{one.code} ({one.severity}): {one.title}\n\n")


@pytest.mark.parametrize("one", COMPILED)
def test_the_bad_example_gives_this_code_once_and_no_other(one: Code, tmp_path: pathlib.Path) -> None:
    found = compiled(one.bad, tmp_path).diagnostics
    assert [(each.code, each.severity) for each in found] == [(one.code, one.severity)]


@pytest.mark.parametrize("one", COMPILED)
def test_the_good_example_compiles_without_a_word(one: Code, tmp_path: pathlib.Path) -> None:
    found = compiled(one.good, tmp_path)
    assert (found.diagnostics, found.vendor is not None) == ((), True)


# A snapshot that is called like its code, not like the test, is to be written all the same.
@pytest.mark.filterwarnings(r"ignore:\s*Can not relate snapshot name:UserWarning")
@pytest.mark.parametrize("one", COMPILED)
def test_the_screen_of_the_bad_example_is_the_golden_one(
    one: Code, tmp_path: pathlib.Path, screen: SnapshotAssertion
) -> None:
    found = compiled(one.bad, tmp_path).diagnostics

    def read_line(file: str, line: int) -> str | None:
        path = tmp_path / file
        return path.read_text(encoding="utf-8").split("\n")[line - 1] if path.is_file() else None

    assert render(found, "pretty", read_line) + "\n" == screen(name=one.code)


@pytest.mark.parametrize("one", MAPPED)
def test_the_raw_example_gives_this_code_and_no_other(one: Code, tmp_path: pathlib.Path) -> None:
    vendor = compiled(one.bad, tmp_path).vendor
    assert vendor is not None
    result = of_sources(vendor, generate(vendor)).map(one.raw)
    kinds: Mapping[str, Sequence[Fault | Note]] = {
        "fault": result.faults,
        "skipped": result.skipped,
        "warning": result.warnings,
    }
    assert {(kind, each.code) for kind, notes in kinds.items() for each in notes} == {(one.severity, one.code)}


@pytest.mark.parametrize("one", MAPPED)
def test_the_mended_raw_example_goes_through(one: Code, tmp_path: pathlib.Path) -> None:
    vendor = compiled(one.bad, tmp_path).vendor
    assert vendor is not None
    result = of_sources(vendor, generate(vendor)).map(one.mended)
    assert [payload.platform for payload in result.payloads] == ["klaviyo", "omnisend"]
    assert (result.faults, result.skipped, result.warnings) == ([], [], [])


def test_a_page_is_made_for_a_screen() -> None:
    assert page("MF203") == (
        """\
MF203 (error): `drop` names an attribute that the parent does not have

`drop` leaves out what the parent has. A name that it does not have is misspelt, or the
parent has changed since; in both cases something is sent that should not be. Correct
the name, or remove it.

Wrong:

    # events.yaml
    CardIssued:
      trigger: {event: card.issued}
      attributes:
        balance: {type: decimal, from: card.balance}
        note: text | null

    CardReloaded:
      trigger: {event: card.reloaded}
      like: CardIssued
      drop: [notes]

Right:

    # events.yaml
    CardIssued:
      trigger: {event: card.issued}
      attributes:
        balance: {type: decimal, from: card.balance}
        note: text | null

    CardReloaded:
      trigger: {event: card.reloaded}
      like: CardIssued
      drop: [note]"""
    )


def test_pages_hold_no_control_characters_and_no_endless_lines() -> None:
    for code in CODES:
        lines = page(code).split("\n")
        assert all(line.isprintable() for line in lines)
        assert max(map(len, lines)) <= 200


def test_the_golden_files_are_those_of_the_codes() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.txt")) == [one.id for one in COMPILED]


def test_docs_errors_is_fresh() -> None:
    written = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert written == reference(), (
        "run: python -c 'from mapforge.codes import reference; print(reference(), end=\"\")' > docs/errors.md"
    )
