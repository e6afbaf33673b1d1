"""A recording of py-spy → how often each part was met; py-spy itself is a script here, but for one test of the verb."""

from __future__ import annotations

import inspect
import sys
from collections import Counter
from pathlib import Path

import pytest

from mapforge.cli.bench import work
from mapforge.cli.bench.parts import Part
from mapforge.cli.bench.profile import Frame, Recording, Shared, Thread, Unwatched, counted, find, record
from mapforge.cli.project import WrongCall
from mapforge.runtime import mappers

GENERATED = "<mapforge acme card.issued>"
BALANCE = Part("attributes", "balance", "mappings/acme/events.yaml:5")
DECODING = Part("decoding", "raw")
LOOP, LOADING = Frame("map_in_turns", work.__file__, 1), Frame("load", work.__file__, 2)
ROUND = Frame("_round", "/lib/mapforge/values/money.py", 9)


def line_of(function: object, text: str) -> int:
    """Where a line stands in its file."""
    lines, first = inspect.getsourcelines(function)  # type: ignore[arg-type]
    (at,) = [number for number, line in enumerate(lines, first) if line.strip() == text]
    return at


RETURN = "return result"
RETURNS = Frame("Mapper.map", mappers.__file__, line_of(mappers.Mapper.map, RETURN))
INTERPRETS = Frame("Mapper.interpret", mappers.__file__, 5)


def generated(line: int) -> Frame:
    return Frame("map_event", GENERATED, line)


def test_a_stack_counts_for_the_line_of_the_mapper_or_for_what_is_around_it() -> None:
    stacks = [
        [LOADING, generated(3)],  # before the mapping
        [LOOP, RETURNS, generated(3)],
        [LOOP, RETURNS, generated(3), Frame("make_card_1", GENERATED, 1)],
        [LOOP, RETURNS, generated(3), ROUND],
        [LOOP, RETURNS, generated(1)],
        [LOOP, RETURNS],
        [LOOP, RETURNS, generated(2)],  # a line that says nothing known
        [LOOP, RETURNS, INTERPRETS, ROUND],
    ]
    frames = list(dict.fromkeys(frame for stack in stacks for frame in stack))
    threads = [
        Thread([[frames.index(frame) for frame in stack] for stack in part]) for part in (stacks[:5], stacks[5:])
    ]
    around = Part("around the mapper", RETURN, f"mapforge/runtime/mappers.py:{RETURNS.line}")
    assert counted(Recording(Shared(frames), threads), {GENERATED: {1: DECODING, 3: BALANCE}}) == Counter(
        {BALANCE: 3, DECODING: 1, around: 2, Part("the interpreter"): 1}
    )


def test_the_function_that_is_looked_for_is_the_one_that_maps() -> None:
    assert work.map_in_turns.__name__ == LOOP.name


def py_spy(folder: Path, script: str) -> str:
    """A py-spy that does what a script says."""
    command = folder / "py-spy"
    command.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    command.chmod(0o755)
    return str(command)


@pytest.mark.skipif(sys.platform == "win32", reason="the script is a shell's")
class TestAPySpyThatFails:
    def test_where_it_may_not_watch_the_ways_out_are_said(self, tmp_path: Path) -> None:
        denied = py_spy(tmp_path, "echo 'Permission Denied: Try running again' >&2; exit 1")
        with pytest.raises(Unwatched, match="py-spy may not watch a process here") as raised:
            record(denied, "speedscope", tmp_path / "out.json", ["python"])
        assert raised.value.wrong == (
            "Permission Denied: Try running again",
            'on macOS only root may: sudo env "PATH=$PATH" mapforge bench … --profile',
            "in a container, start it with the capability: --cap-add SYS_PTRACE",
            "on Linux elsewhere, see /proc/sys/kernel/yama/ptrace_scope: 0 and 1 let py-spy watch what it has started",
        )

    def test_what_else_it_says_is_passed_on(self, tmp_path: Path) -> None:
        broken = py_spy(tmp_path, "echo 'no such Python' >&2; exit 1")
        with pytest.raises(Unwatched, match=r"py-spy wrote no .*out\.json") as raised:
            record(broken, "speedscope", tmp_path / "out.json", ["python"])
        assert raised.value.wrong == ("no such Python",)

    def test_a_file_that_it_did_not_write_is_missed(self, tmp_path: Path) -> None:
        with pytest.raises(Unwatched, match=r"py-spy wrote no .*out\.json"):
            record(py_spy(tmp_path, "exit 0"), "speedscope", tmp_path / "out.json", ["python"])

    def test_it_is_told_what_to_write_and_what_to_run(self, tmp_path: Path) -> None:
        asked = tmp_path / "out.json"
        record(py_spy(tmp_path, f"echo \"$@\" > '{asked}'"), "speedscope", asked, ["python", "work.py"])
        assert asked.read_text(encoding="utf-8").split() == [
            *("record", "--rate", "500", "--full-filenames", "--format", "speedscope"),
            *("--output", str(asked), "--", "python", "work.py"),
        ]

    def test_it_is_found_in_the_first_folder_that_has_it(self, tmp_path: Path) -> None:
        command = py_spy(tmp_path, "exit 0")
        assert find(f"{tmp_path / 'nowhere'}:{tmp_path}") == command


def test_without_it_the_extra_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match=r"mapforge bench --profile needs py-spy: install mapforge\[profile\]"):
        find(str(tmp_path))
