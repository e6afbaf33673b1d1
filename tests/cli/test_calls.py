"""What all verbs share: help, wrong calls, and the project they work in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.calls import GOOD, Done, acme, call, spawn

VERBS = ["check", "build", "show", "map", "explain", "test", "bench", "schema", "new", "fake-platforms", "sync"]


def test_no_arguments_print_the_help_and_exit_2(tmp_path: Path) -> None:
    done = call(cwd=tmp_path)
    assert done.code == 2
    assert [verb for verb in VERBS if f"\n  {verb} " not in done.out + done.err] == []


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_every_verb_shows_an_example_of_acme(verb: str, tmp_path: Path) -> None:
    done = call(verb, "--help", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    example = done.out.partition("Example")[2]
    assert f"mapforge {verb}" in example
    assert "acme" in example


def test_the_help_lists_every_verb_and_is_no_error(tmp_path: Path) -> None:
    done = call("--help", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert [verb for verb in VERBS if f"\n  {verb} " not in done.out] == []


def test_the_version_is_said(tmp_path: Path) -> None:
    done = call("--version", cwd=tmp_path)
    assert (done.code, done.out.split()[0]) == (0, "mapforge")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("chek",), "Did you mean 'check'"),
        (("check", "acmee"), "there is no vendor acmee in mappings; did you mean acme?"),
        (("check", "acme", "zzz"), "there is no vendor zzz in mappings; there are: acme"),
        (("check", ".."), "there is no vendor .. in mappings"),
        (("check", "mappings/acme"), "there is no vendor mappings/acme in mappings"),
        (("check", "--format", "xml"), "xml"),
        (("build", "acmee"), "there is no vendor acmee in mappings; did you mean acme?"),
        (("show", "acmee"), "there is no vendor acmee in mappings; did you mean acme?"),
        (("show", "acme", "cardissued"), "there is no entry cardissued of acme; did you mean CardIssued?"),
        (("map",), "VENDOR"),
        (("map", "acmee"), "there is no vendor acmee in mappings; did you mean acme?"),
        (
            ("map", "acme", "--to", "klavio"),
            "there is no platform klavio that acme is mapped to; did you mean klaviyo?",
        ),
        (("map", "acme", "--header", "X-Shop"), "--header takes K=V, not X-Shop"),
        (("map", "acme", "--header", "=5"), "--header takes K=V, not =5"),
        (("map", "acme", "--too", "klaviyo"), "--too"),
        (("explain", "MF2033"), "there is no code MF2033; did you mean MF203?"),
        (("test", "acmee"), "there is no vendor acmee in mappings; did you mean acme?"),
        (("bench",), "VENDOR"),
        (("bench", "acmee"), "there is no vendor acmee in mappings; did you mean acme?"),
        (
            ("bench", "acme", "CardIsued"),
            "there is no entry, raw event or sample CardIsued of acme; did you mean CardIssued?",
        ),
        (
            ("bench", "acme", "--to", "klavio"),
            "there is no platform klavio that acme is mapped to; did you mean klaviyo?",
        ),
        (("bench", "acme", "--rounds", "0"), "--rounds"),
        (("bench", "acme", "--output", "flames.svg"), "--output is for the flame graph of --profile"),
        (
            ("bench", "acme", "--profile", "--output", "no/flames.svg"),
            "--output no/flames.svg: there is no folder no",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_call_says_what_is_meant_and_exits_2(arguments: tuple[str, ...], words: str, project: Path) -> None:
    done = call(*arguments, cwd=project)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


@pytest.mark.parametrize(
    "verb", [["check"], ["build"], ["show", "acme"], ["map", "acme"], ["test"], ["bench", "acme"], ["schema"]]
)
def test_outside_of_a_project_every_verb_says_where_it_looked(verb: list[str], tmp_path: Path) -> None:
    assert call(*verb, cwd=tmp_path) == Done(
        2, "", f"mapforge: there is no mappings/ in {tmp_path} or above; name it with --root or --mappings\n"
    )


def test_a_project_without_vendors_is_a_wrong_call(tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    assert call("check", cwd=tmp_path) == Done(2, "", "mapforge: there is no vendor in mappings\n")


@pytest.mark.parametrize("option", ["--root", "--mappings"])
def test_a_folder_that_is_not_there_is_a_wrong_call(option: str, project: Path) -> None:
    done = call("check", option, "nowhere", cwd=project)
    assert (done.code, done.out) == (2, "")
    assert "there is no folder nowhere" in done.err


def test_a_sub_folder_finds_the_project_and_shows_the_same_places(project: Path) -> None:
    deep = project / "docs" / "deep"
    deep.mkdir(parents=True)
    (project / "mappings/acme/events.yaml").write_text("CardIssued: {trigger: {event: a}, atributes: {}}\n")
    above = call("check", "--format", "short", cwd=project)
    assert above.code == 1
    assert above.err.startswith("mappings/acme/events.yaml:1:")
    assert call("check", "--format", "short", cwd=deep) == above
    assert call("check", "--format", "pretty", cwd=deep) == call("check", "--format", "pretty", cwd=project)


def test_a_build_is_the_same_from_wherever_it_is_made(project: Path, tmp_path: Path) -> None:
    (project / "docs").mkdir()
    assert call("build", cwd=project).code == 0
    assert call("build", "-o", tmp_path / "other", cwd=project / "docs").code == 0
    named = sorted(path.name for path in (project / "build/acme").iterdir())
    assert named == sorted(path.name for path in (tmp_path / "other/acme").iterdir())


def test_root_mappings_and_build_stand_after_the_verb(project: Path, tmp_path: Path) -> None:
    moved = tmp_path / "vendors"
    shutil.copytree(project / "mappings", moved)
    built = tmp_path / "out"
    assert call("show", "acme", "--root", project, cwd=tmp_path).code == 0
    assert call("check", "--mappings", moved, cwd=tmp_path).code == 0
    assert call("build", "--mappings", moved, "--build", built, cwd=tmp_path).code == 0
    done = call("map", "acme", "--to", "klaviyo", "--mappings", moved, "--build", built, cwd=tmp_path, stdin=GOOD)
    assert (done.code, done.err) == (0, "")
    assert (built / "manifest.json").is_file()
    assert not (project / "build").exists()


def test_python_m_mapforge_is_the_command(project: Path) -> None:
    assert spawn("show", "acme", cwd=project) == call("show", "acme", cwd=project)


def test_a_file_name_that_is_no_utf_8_is_shown_escaped_and_not_a_crash(project: Path) -> None:
    done = spawn("map", "acme", "no-\udcff.json", cwd=project)
    assert done.code == 2
    assert "Traceback" not in done.err
    assert "no-\\udcff.json: No such file or directory" in done.err


def test_an_output_that_cannot_spell_a_name_writes_its_escape(tmp_path: Path) -> None:
    events = "Käufe: {trigger: {event: a}}\n"
    done = spawn("check", cwd=acme(tmp_path, events=events), PYTHONIOENCODING="ascii")
    assert (done.code, "Traceback" in done.err) == (1, False)
    assert "K\\xe4ufe" in done.err
