"""docs/first-mapping.md, followed from top to bottom in an empty folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Block, as_shown, blocks, commands, run

PAGE = ROOT / "docs" / "first-mapping.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The empty folder."""
    return tmp_path_factory.mktemp("rewards")


@pytest.fixture(scope="module")
def followed(folder: Path) -> str:
    """The page after each file was written and each command run, with what came out of it."""
    page = PAGE.read_text(encoding="utf-8")
    real = page
    for block in blocks(page):
        if block.file is not None:
            _write(folder, block)
        if block.kind == "console":
            real = real.replace(f"```console\n{block.text}```", f"```console\n{_real(block, folder)}```", 1)
    return real


def test_every_command_of_the_page_prints_what_the_page_shows(followed: str, pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("update_snapshots"):
        PAGE.write_text(followed, encoding="utf-8")
    assert followed == PAGE.read_text(encoding="utf-8")


def test_the_page_lists_the_snapshots_that_are_written(followed: str, folder: Path) -> None:
    there = sorted(path.relative_to(folder).as_posix() for path in folder.glob("snapshots/**/*.*"))
    listed = "".join(block.text for block in blocks(followed) if block.text.startswith("snapshots/"))
    assert listed.splitlines() == there


def _real(block: Block, folder: Path) -> str:
    """A console block with what its commands print today."""
    shown = commands(block.text)
    return "".join(f"$ {command}\n{as_shown(run(command, folder).stdout, output)}" for command, output in shown)


def _write(folder: Path, block: Block) -> None:
    assert block.file is not None
    path = folder / block.file
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(_changed(before, block), encoding="utf-8")


def _changed(before: str, block: Block) -> str:
    if block.kind != "diff":
        return f"{before}\n{block.text}" if block.appended else block.text
    old, new = ("".join(f"{line[1:]}\n" for line in block.text.splitlines() if line[0] == sign) for sign in "-+")
    assert before.count(old) == 1, old
    return before.replace(old, new)
