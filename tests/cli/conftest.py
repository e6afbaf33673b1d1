"""The project of acme that every test of a verb starts with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import calls
from tests.cli.office import Operator


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the vendor acme, in a folder of its own."""
    root = tmp_path / "project"
    root.mkdir()
    return calls.acme(root)


@pytest.fixture
def operator(project: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """An operator in the project, who has the keys."""
    return Operator(project, monkeypatch)
