"""`mapforge explain`: an error's page."""

from __future__ import annotations

from pathlib import Path

from mapforge.codes import CODES, page
from tests.cli.calls import call


def test_a_page_goes_to_standard_output_in_any_case_and_without_a_project(tmp_path: Path) -> None:
    code = next(iter(CODES))
    assert call("explain", code, cwd=tmp_path) == (0, page(code) + "\n", "")
    assert call("explain", code.lower(), cwd=tmp_path) == (0, page(code) + "\n", "")


def test_an_unknown_code_is_a_wrong_call(tmp_path: Path) -> None:
    done = call("explain", "XYZ", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("mapforge: there is no code XYZ")
