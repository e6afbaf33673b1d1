"""`mapforge check`: everything that is wrong, in each form, and what fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.calls import EVENTS, VENDOR, acme, call, tree

BROKEN = EVENTS.replace("type: money", "type: mony").replace("type: integer", "type: integr")
ASSUMED = EVENTS.replace("  attributes:\n", "  assumed: the page is empty\n  attributes:\n", 1)
UNUSED = VENDOR.replace("types:\n", "types:\n  points: {base: integer}\n")


def test_a_mapping_without_a_flaw_says_so_and_exits_0(project: Path) -> None:
    assert call("check", cwd=project) == (0, "", "nothing to report in acme\n")


def test_every_error_is_a_screen_on_standard_error(tmp_path: Path) -> None:
    done = call("check", "acme", cwd=acme(tmp_path, events=BROKEN))
    assert (done.code, done.out) == (1, "")
    assert "error[" in done.err
    assert "--> mappings/acme/events.yaml:5:21" in done.err
    assert "5 |     balance: {type: mony, from: card.balance}\n" in done.err
    assert "did you mean `money`?" in done.err
    assert done.err.endswith("2 errors\n")


def test_check_writes_nothing(tmp_path: Path) -> None:
    root = acme(tmp_path, events=BROKEN)
    before = tree(root)
    call("check", cwd=root)
    assert tree(root) == before


def test_several_vendors_are_checked_in_one_run(project: Path) -> None:
    other = project / "mappings" / "beta"
    other.mkdir()
    (other / "vendor.yaml").write_text("mapforge: 2\n")
    done = call("check", "--format", "short", cwd=project)
    assert done.code == 1
    assert done.err.startswith("mappings/beta/vendor.yaml:1:11: error[MF112]")
    assert call("check", "acme", cwd=project).code == 0
    assert call("check", "acme", "beta", "acme", "--format", "short", cwd=project) == done


def test_json_goes_to_standard_output_with_stable_keys(tmp_path: Path) -> None:
    done = call("check", "--format", "json", cwd=acme(tmp_path, events=BROKEN))
    assert (done.code, done.err) == (1, "")
    said = json.loads(done.out)
    assert list(said) == ["diagnostics", "errors", "warnings", "notes"]
    assert (said["errors"], said["warnings"], said["notes"]) == (2, 0, 0)
    (first, second) = said["diagnostics"]
    assert list(first) == ["code", "severity", "message", "file", "line", "column", "length", "label", "hint"]
    assert (first["file"], first["line"], first["column"], first["length"]) == ("mappings/acme/events.yaml", 5, 21, 4)
    assert (second["line"], second["hint"]) == (6, "did you mean `integer`?")


def test_json_of_a_flawless_mapping_is_an_empty_list(project: Path) -> None:
    done = call("check", "--format", "json", cwd=project)
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == {"diagnostics": [], "errors": 0, "warnings": 0, "notes": 0}


def test_github_takes_a_line_for_each_as_a_command(tmp_path: Path) -> None:
    done = call("check", "--format", "github", cwd=acme(tmp_path, events=BROKEN))
    assert (done.code, done.err) == (1, "")
    starts = [line.partition(",endColumn")[0] for line in done.out.splitlines()]
    assert starts == [
        f"::error file=mappings/acme/events.yaml,line={line},col={col}" for line, col in ((5, 21), (6, 20))
    ]


def test_sarif_holds_rules_and_places(tmp_path: Path) -> None:
    done = call("check", "--format", "sarif", cwd=acme(tmp_path, events=BROKEN))
    assert (done.code, done.err) == (1, "")
    said: dict[str, Any] = json.loads(done.out)
    (run,) = said["runs"]
    assert said["version"] == "2.1.0"
    assert {result["ruleId"] for result in run["results"]} == {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    where = run["results"][0]["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == "mappings/acme/events.yaml"
    assert where["region"] == {"startLine": 5, "startColumn": 21, "endColumn": 25}


def test_a_note_does_not_fail_even_when_strict(tmp_path: Path) -> None:
    done = call("check", "--strict", "--format", "json", cwd=acme(tmp_path, events=ASSUMED))
    said = json.loads(done.out)
    assert [one["severity"] for one in said["diagnostics"]] == ["note"]
    assert done.code == 0


def test_a_warning_fails_when_strict(tmp_path: Path) -> None:
    root = acme(tmp_path, vendor=UNUSED)
    done = call("check", "--format", "json", cwd=root)
    assert (done.code, json.loads(done.out)["warnings"]) == (0, 1)
    assert call("check", "--format", "json", "--strict", cwd=root) == (1, done.out, done.err)
