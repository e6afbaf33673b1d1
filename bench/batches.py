"""Many events: `mapforge map` on NDJSON by one process and by several, and what it holds of memory meanwhile.

    python bench/batches.py [--events 300000] [--workers 2] [--rounds 15] [--most 1000000]

Whole processes that take turns map the same events of 99minds (one sample, each with an id of its own) to both
platforms, out to /dev/null. The output by several workers is first held against the one by one. Said are the median of
the rounds, the events a second, and the median of the rounds' ratios; further the peak memory of the calling process
and of the largest other one, for a thousand events and for a million. More than 80 MiB between those makes the exit
status 1; the speed is said alone, for several workers need as many cores to themselves.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import msgspec

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "mappings" / "99minds" / "samples" / "giftcard-issued.json"
FEW = 1_000
MOST_MIB = 80.0
LEAST_RATIO = 1.7


def main() -> int:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as work:
        build = Path(work, "build")
        _mapforge("build", "99minds", "-o", str(build))
        call = ("map", "99minds", "--build", str(build), "--workers")
        several = str(arguments.workers)
        few, many = _written(Path(work, "few"), FEW), _written(Path(work, "many"), arguments.events)
        if _digest(*call, "1", many) != _digest(*call, several, many):
            sys.exit("several workers write other bytes than one")
        took = _times([(*call, "1", many), (*call, several, many)], arguments.rounds)
        for workers, times in zip(("1", several), took, strict=True):
            seconds = median(times)
            print(f"--workers {workers}: {arguments.events:,} events in {seconds:.2f} s,", end=" ")
            print(f"{arguments.events / seconds:,.0f} a second")
        ratio = median(one / other for one, other in zip(*took, strict=True))
        verdict = "holds" if ratio >= LEAST_RATIO else "not reached"
        print(f"{several} workers beside one: {ratio:.2f} (at least {LEAST_RATIO:g}: {verdict})")
        most = _written(Path(work, "most"), arguments.most)
        return max(_memory((*call, workers), few, most, arguments.most) for workers in ("1", several))


def _times(calls: list[tuple[str, ...]], rounds: int) -> list[list[float]]:
    """Each call's rounds, in seconds."""
    took: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, times in zip(calls, took, strict=True):
            start = perf_counter()
            _mapforge(*call)
            times.append(perf_counter() - start)
    return took


def _memory(call: tuple[str, ...], few: str, most: str, events: int) -> int:
    """Say what few and most events hold; 1 where that is too far apart."""
    peaks = [_peak(*call, file) for file in (few, most)]
    for count, (own, other) in zip((FEW, events), peaks, strict=True):
        print(f"--workers {call[-1]}: {count:>9,} events hold {own:.1f} MiB, the largest other process {other:.1f}")
    more = max(peaks[1]) - max(peaks[0])
    holds = more <= MOST_MIB
    print(f"--workers {call[-1]}: {more:+.1f} MiB (at most {MOST_MIB:+g}: {'holds' if holds else 'does not hold'})")
    return int(not holds)


def _written(path: Path, events: int) -> str:
    """A file of so many events, each with an id of its own."""
    raw = msgspec.json.format(SAMPLE.read_bytes(), indent=-1)
    before, after = raw.split(b"evt_4TM70BK535TKNHBSWW7C0R18")
    path = path.with_suffix(".ndjson")
    with path.open("wb") as file:
        for number in range(events):
            file.write(b"%bevt_%d%b\n" % (before, number, after))
    return str(path)


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "mapforge", *arguments, "--root", str(ROOT)]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


def _mapforge(*arguments: str) -> None:
    quiet = subprocess.DEVNULL
    subprocess.run(_command(*arguments), env=_environment(), check=True, stdout=quiet, stderr=quiet)


def _digest(*arguments: str) -> str:
    done = subprocess.run(_command(*arguments), env=_environment(), check=True, capture_output=True)
    return hashlib.sha256(done.stdout).hexdigest()


def _peak(*arguments: str) -> tuple[float, float]:
    """What the process held at most, and the one of its children that held most, in MiB. Linux only."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(_command(*arguments), env=_environment(), stdout=quiet, stderr=quiet)
    own = other = 0.0
    while process.poll() is None:
        own = max(own, *_held(process.pid), 0.0)
        other = max(other, *(held for child in _children(process.pid) for held in _held(child)), 0.0)
        sleep(0.02)
    return own, other


def _held(pid: int) -> Iterator[float]:
    """The most that a process has held, if it is there."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            yield int(line.split()[1]) / 1024


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure mapforge map on many events.")
    parser.add_argument("--events", type=int, default=300_000, help="that are timed, 300000 unless told")
    parser.add_argument("--workers", type=int, default=2, help="beside one, 2 unless told")
    parser.add_argument("--rounds", type=int, default=15, help="15 unless told")
    parser.add_argument("--most", type=int, default=1_000_000, help="for the memory, 1000000 unless told")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
