"""`mapforge map --workers`: the same bytes, words and rejects as by one process, and nothing lost in silence."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.calls import FAULTY, GOOD, IGNORED, SKIPPED, UNTAKEN, Done, acme, call, raw
from tests.cli.test_map import HEADED
from tests.runtime.workers import begun

MANY = b"".join(
    line + b"\n"
    for number in range(100)
    for line in (raw(number=number), b"", FAULTY, raw("card.sold", number), IGNORED, SKIPPED, UNTAKEN, b"{broken")
)


@pytest.fixture
def files(project: Path) -> list[str]:
    """Several files, of which some cannot be read, with standard input among them."""
    (project / "many.ndjson").write_bytes(MANY)
    (project / "one.json").write_bytes(raw(number=7))
    (project / "broken.json").write_bytes(GOOD)
    (project / "broken.headers.json").write_text("[]")
    (project / "more.jsonl").write_bytes(MANY[:5_000])
    return ["many.ndjson", "gone.json", "-", "one.json", "broken.json", "more.jsonl"]


def told(project: Path, *arguments: str) -> tuple[Done, bytes]:
    """What a call says, and what it keeps in the rejects file."""
    kept = project / "kept.ndjson"
    kept.unlink(missing_ok=True)
    done = call("map", "acme", "--rejects", "kept.ndjson", *arguments, cwd=project, stdin=MANY)
    return done, kept.read_bytes()


@pytest.mark.parametrize(
    "options", [[], ["--bodies"], ["--bulk"], ["--bulk", "--bodies"], ["--to", "omnisend"]], ids=str
)
def test_what_comes_out_does_not_hang_on_the_number_of_workers(
    options: list[str], files: list[str], project: Path
) -> None:
    alone = told(project, *options, *files)
    assert (alone[0].code, alone[0].out.count("\n") > 2, alone[1].count(b"\n") > 500) == (2, True, True)
    for workers in ("2", "3"):
        with begun() as others:
            assert told(project, "--workers", workers, *options, *files) == alone
        assert len(others) == int(workers) - 1


@pytest.mark.parametrize("options", [[], ["--bulk"], ["--bodies"]], ids=str)
@pytest.mark.parametrize("stdin", [b"", GOOD, GOOD + b"\n" + FAULTY, FAULTY], ids=["none", "good", "both", "faulty"])
def test_few_events_come_out_the_same_too(options: list[str], stdin: bytes, project: Path) -> None:
    alone = call("map", "acme", "--to", "klaviyo", *options, cwd=project, stdin=stdin)
    with begun():
        several = call("map", "acme", "--to", "klaviyo", "--workers", "2", *options, cwd=project, stdin=stdin)
    assert several == alone


def test_a_build_is_loaded_by_each_worker(project: Path) -> None:
    alone = call("map", "acme", cwd=project, stdin=MANY)
    assert call("build", cwd=project).code == 0
    with begun():
        assert call("map", "acme", "--workers", "2", cwd=project, stdin=MANY) == alone


def test_each_file_keeps_its_own_headers(tmp_path: Path) -> None:
    root = acme(tmp_path, vendor=HEADED)
    names = []
    for number in range(20):
        names.append(f"sample-{number}.json")
        (root / names[-1]).write_bytes(GOOD)
        (root / f"sample-{number}.headers.json").write_text(f'{{"X-Topic": "card.issued", "X-Id": "h{number}"}}')
    with begun():
        done = call("map", "acme", "--to", "klaviyo", "--workers", "2", *names, cwd=root)
    ids = [line["body"]["data"]["attributes"]["unique_id"] for line in done.lines]
    assert ids == [f"h{number}" for number in range(20)]


def test_a_file_may_have_a_name_that_is_no_text(project: Path) -> None:
    name = os.fsdecode(b"caf\xe9.ndjson")
    (project / name).write_bytes((FAULTY + b"\n") * 3)
    files = [name, os.fsdecode(b"gone\xe9.ndjson")]
    alone = call("map", "acme", *files, cwd=project)
    assert (alone.code, alone.err.count(r"caf\udce9.ndjson:")) == (2, 6)
    with begun():
        assert call("map", "acme", "--workers", "2", *files, cwd=project) == alone


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("0", "mapforge: --workers takes a number from 1 on, not 0"),
        ("-1", "mapforge: --workers takes a number from 1 on, not -1"),
        ("two", "Error: Invalid value for '--workers': 'two' is no whole number"),
    ],
)
def test_a_number_of_workers_that_cannot_be_is_a_wrong_call(given: str, said: str, project: Path) -> None:
    done = call("map", "acme", "--workers", given, cwd=project, stdin=GOOD)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1] == said


class Running:
    """`mapforge map acme --workers 2` in a process of its own, on an input that does not end."""

    def __init__(self, project: Path) -> None:
        self.out = project / "out.ndjson"
        self.err = project / "err.txt"
        command = [sys.executable, "-m", "mapforge", "map", "acme", "--to", "klaviyo", "--bodies", "--workers", "2"]
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(command, cwd=project, stdin=subprocess.PIPE, stdout=out, stderr=err)
        self.given = 0

    def feed(self) -> None:
        """A batch of events, if the process still takes one."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            for _ in range(64):
                self.process.stdin.write(raw(number=self.given) + b"\n")
                self.given += 1
            self.process.stdin.flush()

    def worker(self) -> int:
        """The other process, once it is there."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            self.feed()
            listed = subprocess.run(
                ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, check=True, text=True
            )
            for line in listed.stdout.splitlines():
                pid, parent, command = line.split(None, 2)
                # The other child is the one that multiprocessing keeps for itself.
                if int(parent) == self.process.pid and "spawn_main" in command:
                    return int(pid)
        raise TimeoutError("no worker")

    def ended(self) -> int:
        """The exit code, after input for as long as it takes."""
        until = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < until:
            self.feed()
        return self.process.wait(1)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()


@pytest.fixture
def running(project: Path) -> Iterator[Running]:
    call("build", cwd=project)
    run = Running(project)
    yield run
    run.close()


def test_a_worker_that_dies_is_said_with_the_events_it_took(running: Running) -> None:
    os.kill(running.worker(), signal.SIGKILL)
    assert running.ended() == 1
    said = running.err.read_text()
    written = [json.loads(line) for line in running.out.read_bytes().splitlines()]
    done = len(written)
    assert said.startswith("mapforge: a worker was killed by SIGKILL; ")
    assert f"not mapped: stdin:{done + 1} to stdin:" in said
    assert said.count("\n") == 1
    assert [one["data"]["attributes"]["unique_id"] for one in written] == [f"e{number}" for number in range(done)]


def test_ctrl_c_ends_all_processes_without_a_traceback(running: Running) -> None:
    worker = running.worker()
    running.process.send_signal(signal.SIGINT)
    assert running.ended() != 0
    assert "Traceback" not in running.err.read_text()
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_a_reader_that_goes_away_leaves_no_traceback(project: Path) -> None:
    (project / "many.ndjson").write_bytes((GOOD + b"\n") * 5_000)
    command = f"{sys.executable} -m mapforge map acme --workers 2 many.ndjson | head -n 1"
    done = subprocess.run(["sh", "-c", command], cwd=project, capture_output=True, check=True)
    assert done.stdout.startswith(b'{"vendor":"acme"')
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr
