"""What operators' verbs share: help with an example, and what is printed for people."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from mapforge.cli.office import tables
from tests.cli.calls import Done, call, raw
from tests.cli.office import Operator

GROUPS = {
    "connections": ["add", "list", "show", "test", "enable", "disable"],
    "dead": ["list", "show", "replay", "drop"],
    "held": ["list", "show", "send", "drop"],
}


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_alone_prints_its_help_and_exits_2(group: str, tmp_path: Path) -> None:
    done = call(group, cwd=tmp_path)
    assert done.code == 2
    assert [verb for verb in GROUPS[group] if f"\n  {verb} " not in done.out + done.err] == []
    assert "acme" in (done.out + done.err).partition("Example")[2]


@pytest.mark.parametrize("verb", [f"{group} {verb}" for group, verbs in GROUPS.items() for verb in verbs])
def test_the_help_of_every_verb_shows_an_example_of_acme(verb: str, tmp_path: Path) -> None:
    done = call(*verb.split(), "--help", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    example = " ".join(done.out.partition("Example")[2].split())
    assert f"mapforge {verb}" in example
    assert "acme" in example


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["conections"], "Did you mean 'connections'"),
        (["dead", "lst"], "Did you mean 'list'"),
        (["held", "list", "--format", "xml"], "xml"),
    ],
)
def test_a_word_that_is_nearly_right_is_said(arguments: list[str], words: str, tmp_path: Path) -> None:
    done = call(*arguments, cwd=tmp_path)
    assert (done.code, done.out, words in done.err) == (2, "", True), done.err


def test_outside_of_a_project_a_queue_that_is_named_is_read(operator: Operator, tmp_path: Path) -> None:
    operator.connected("klaviyo")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert "shop" in call("connections", "list", "--queue", operator.queue, cwd=elsewhere).out
    done = call("connections", "list", cwd=elsewhere)
    assert done == Done(
        2, "", f"mapforge: there is no mappings/ in {elsewhere} or above; name it with --root or --mappings\n"
    )


def test_a_mapper_is_asked_for_in_the_project_and_where_there_is_none_that_is_said(
    operator: Operator, tmp_path: Path
) -> None:
    operator.connected("klaviyo")
    operator.delivered(raw("card.lost"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = call("dead", "replay", "1", "--queue", operator.queue, cwd=elsewhere)
    assert (done.code, "there is no mappings/ in" in done.err) == (2, True), done.err
    done = call("dead", "replay", "1", "--queue", operator.queue, "--root", operator.project, cwd=elsewhere)
    assert (done.code, "dead[MF7" in done.out) == (1, True), done


@pytest.mark.parametrize("missing", ["fastapi", "httpx", "cryptography"])
def test_without_the_extra_it_is_said_which_to_install(missing: str, project: Path) -> None:
    program = f"import sys; sys.modules[{missing!r}] = None; from mapforge.cli import main; main()"
    command = [sys.executable, "-c", program, "connections", "list"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"mapforge: this needs {missing}: install mapforge[service]\n"


def test_several_are_asked_for_at_a_terminal(operator: Operator) -> None:
    operator.connected("klaviyo")
    operator.delivered(*(raw("card.lost", number) for number in range(2)))
    answers = {"n\n": (2, "nothing was done"), "y\n": (0, "dropped: 2 letters")}
    for answer, (code, words) in answers.items():
        ours, theirs = pty.openpty()
        os.write(ours, answer.encode())
        done = subprocess.run(
            [sys.executable, "-m", "mapforge", "dead", "drop", "--all"],
            cwd=operator.project, stdin=theirs, capture_output=True, text=True, check=False,
        )  # fmt: skip
        os.close(theirs)
        os.close(ours)
        assert (done.returncode, "drop 2 dead letters? [y/N] " in done.stderr) == (code, True), done
        assert words in done.stderr


def test_a_table_escapes_what_a_terminal_would_obey(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    tables.table(("A", "B"), [("[red]x[/red]", "\x1b[31mb\nc"), (None, 7)])
    assert [line.rstrip() for line in out.getvalue().splitlines()] == [
        "A             B",
        "[red]x[/red]  \\x1b[31mb\\x0ac",
        "              7",
    ]
