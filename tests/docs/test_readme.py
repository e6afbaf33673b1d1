"""README.md: what it shows is what the repository has, and what it says to type works."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, as_shown, blocks, excerpts, holds, run

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the repository's mappings and snapshots, to write a build into."""
    for name in ("mappings", "snapshots"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found[1]


def test_the_quickstart_is_two_commands_of_one_line_each() -> None:
    quickstart = re.findall(r"^```\w*\n(.*?)^```$", section("Quickstart"), re.MULTILINE | re.DOTALL)
    assert quickstart == ["make demo\n", "make test\n"]


def test_the_quickstart_names_verbs_of_the_task_file() -> None:
    verbs = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"demo", "test"} <= verbs


def test_the_mapping_and_the_payload_are_the_ones_of_the_repository() -> None:
    shown = excerpts(README)
    assert [file for file, _ in shown] == [
        "mappings/99minds/vendor.yaml",
        "mappings/99minds/cards.yaml",
        "snapshots/99minds/klaviyo/GiftcardIssued/giftcard-issued.json",
    ]
    assert [file for file, text in shown if not holds((ROOT / file).read_text(encoding="utf-8"), text)] == []


def test_every_command_it_shows_runs(checkout: Path) -> None:
    (listed,) = [block.text for block in blocks(section("The command")) if block.kind == "sh"]
    done = {command: run(command, checkout) for command in listed.splitlines()}
    assert {command: one.stdout for command, one in done.items() if one.returncode} == {}
    assert (checkout / "build" / "manifest.json").is_file()


def test_the_python_it_shows_prints_what_it_says(checkout: Path) -> None:
    program, printed = (block.text for block in blocks(section("In Python")))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=checkout, capture_output=True, text=True, timeout=60, check=False
    )
    assert (as_shown(done.stdout, printed), done.stderr) == (printed, "")
