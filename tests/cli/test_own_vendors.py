"""The vendors of this repository, by the command that an engineer would run."""

from __future__ import annotations

from pathlib import Path

from mapforge.schemas import folder
from tests.cli.calls import spawn

ROOT = Path(__file__).parents[2]


def test_their_mappings_have_no_error() -> None:
    done = spawn("check", cwd=ROOT)
    assert done.code == 0, done.err


def test_their_samples_hold_against_snapshots_contracts_and_platforms() -> None:
    done = spawn("test", cwd=ROOT)
    assert done.code == 0, done.out + done.err


def test_their_schemas_for_editors_are_fresh() -> None:
    assert folder() == ROOT / "schemas"
    assert spawn("schema", "--check", cwd=ROOT) == (0, "", "fresh\n")
