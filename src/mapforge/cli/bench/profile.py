"""A process that maps samples, watched by py-spy → how much of its time each part of a mapping takes."""

from __future__ import annotations

import linecache
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

import mapforge
from mapforge.cli.bench import work
from mapforge.cli.bench.cost import Bench, Sample
from mapforge.cli.bench.floor import code_of
from mapforge.cli.bench.parts import AROUND, INTERPRETER, Part, parts_of
from mapforge.cli.project import WrongCall, shown
from mapforge.compiler.build import build
from mapforge.diagnostics import MapforgeError
from mapforge.runtime import mappers

_RATE = 500
_PACKAGE = Path(mapforge.__file__).parent.parent
_DENIED = ("permission", "not permitted", "root")
_WAY_OUT = """\
on macOS only root may: sudo env "PATH=$PATH" mapforge bench … --profile
in a container, start it with the capability: --cap-add SYS_PTRACE
on Linux elsewhere, see /proc/sys/kernel/yama/ptrace_scope: 0 and 1 let py-spy watch what it has started"""


class Unwatched(MapforgeError):
    """py-spy could not watch the process; `wrong` says what it said, and the ways out."""

    def __init__(self, words: str, wrong: Sequence[str]) -> None:
        super().__init__(words)
        self.wrong = tuple(wrong)


class Frame(msgspec.Struct, frozen=True):
    """A function that was running, and where in it."""

    name: str
    file: str | None
    line: int | None


class Shared(msgspec.Struct):
    """What the stacks of a recording are made of."""

    frames: list[Frame]


class Thread(msgspec.Struct):
    """A thread's stacks, the outermost frame first, each a list of positions among the frames."""

    samples: list[list[int]]


class Recording(msgspec.Struct):
    """What py-spy writes with `--format speedscope`, as far as it is read here."""

    shared: Shared
    profiles: list[Thread]


Known = Mapping[str, Mapping[int, Part]]


def watch(py_spy: str, bench: Bench, samples: Sequence[Sample], seconds: float, flames: Path | None) -> Counter[Part]:
    """How often py-spy met each part of the mapping, in a process that maps the samples equally often.

    py_spy: the command. seconds: how long it looks. flames: where the flame graph of a second look is written, an SVG.
    Raises Unwatched where it may not look, or sees nothing.
    """
    with tempfile.TemporaryDirectory(prefix="mapforge-") as name:
        folder = Path(name)
        build(bench.vendor, folder / "build")
        events = [(sample.raw, sample.headers) for sample in samples]
        told = work.Work(str(folder / "build"), bench.vendor.name, events, bench.to, seconds)
        (folder / "work.json").write_bytes(msgspec.json.encode(told))
        # -P: the folder of the file that is run has a profile.py, which is not Python's.
        command = [sys.executable, "-P", str(work.__file__), str(folder / "work.json")]
        record(py_spy, "speedscope", folder / "recording.json", command)
        recording = msgspec.json.decode((folder / "recording.json").read_bytes(), type=Recording)
        if flames is not None:
            record(py_spy, "flamegraph", flames, command)
    found = counted(recording, _known(bench))
    if not found:
        raise Unwatched("py-spy saw nothing of the mapping", ["give it more --seconds"])
    return found


def find(places: str | None = None) -> str:
    """The command py-spy, of the first of these folders that has it: this Python's, then those of the path.

    Raises WrongCall where it is not installed.
    """
    own = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    found = shutil.which("py-spy", path=own if places is None else places)
    if found is None:
        raise WrongCall("mapforge bench --profile needs py-spy: install mapforge[profile]")
    return found


def record(py_spy: str, form: str, output: Path, command: Sequence[str]) -> None:
    """Run a command until it ends, and write what py-spy sees of it. Raises Unwatched."""
    options = ["--rate", str(_RATE), "--full-filenames", "--format", form, "--output", str(output)]
    done = subprocess.run(
        [py_spy, "record", *options, "--", *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode == 0 and output.is_file():
        return
    said = [line for line in done.stderr.splitlines() if line.strip()]
    if any(word in line.lower() for line in said for word in _DENIED):
        raise Unwatched("py-spy may not watch a process here", [*said, *_WAY_OUT.splitlines()])
    raise Unwatched(f"py-spy wrote no {shown(output)}", said)


def _known(bench: Bench) -> Known:
    """Of each generated module, by what tracebacks call its file, what its lines work at."""
    return {
        code_of(bench.vendor, bench.sources, event).co_filename: parts_of(source)
        for event, source in bench.sources.items()
    }


def counted(recording: Recording, known: Known) -> Counter[Part]:
    """How often each part was met; what ran before and after the mapping does not count."""
    frames = recording.shared.frames
    stacks = ([frames[at] for at in stack] for thread in recording.profiles for stack in thread.samples)
    parts = (_part(stack, known) for stack in stacks)
    return Counter(part for part in parts if part is not None)


def _part(stack: Sequence[Frame], known: Known) -> Part | None:
    """What a stack works at: a line of the generated function, whatever that calls, or else of what is around it."""
    begins = [frame.file == work.__file__ and frame.name == work.map_in_turns.__name__ for frame in stack]
    if True not in begins:
        return None
    around = stack[begins.index(True) :]
    for frame in around:
        part = known.get(frame.file or "", {}).get(frame.line or 0)
        if part is not None:
            return part
        if frame.file == mappers.__file__ and frame.name.endswith(mappers.Mapper.interpret.__name__):
            return Part(INTERPRETER)
    return _runtime([frame for frame in around if frame.file in (work.__file__, mappers.__file__)][-1])


def _runtime(frame: Frame) -> Part:
    """A line of ours that is around every generated mapper."""
    file, line = str(frame.file), frame.line or 0
    text = linecache.getline(file, line).partition("  # ")[0].strip()
    return Part(AROUND, text, f"{Path(file).relative_to(_PACKAGE).as_posix()}:{line}")
