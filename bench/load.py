"""What loading costs: a process that loads a build of all vendors, beside one that only imports msgspec.

    python bench/load.py [--rounds 15] [--json FILE]

Whole processes, that take turns: nothing at all (`pass`), `import msgspec`, `mapforge.load` of every vendor in
mappings/, and the same with one event mapped by each vendor, its code kept from an earlier process and not. Time is
the wall's; a ratio is the median of the rounds' ratios, each of two processes that ran one after the other. Memory is
what a process held at most, by its own account at its end, in further processes that are not timed.

Asserted are the ratio of loading to the import (at most 1.5) and the memory it takes beside it (at most 5 MiB more);
above either the exit status is 1. mapforge's own bytecode is kept, as an installed package's is: the processes' cache
prefix is a folder that goes with the run, so that PYTHONDONTWRITEBYTECODE in the environment does not decide.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from mapforge.builds import KEPT
from mapforge.compiler.build import build
from mapforge.compiler.vendors import compile_vendor

ROOT = Path(__file__).resolve().parents[1]
LEAST_ROUNDS = 15
MOST_RATIO = 1.5
MOST_MIB = 5.0

NOTHING = "pass"
IMPORT = "import msgspec"
LOAD = "mapforge.load"
MAPPED = "mapforge.load, an event of each vendor"
MAPPED_FIRST = "the same, no code kept yet"
SAMPLES = {"99minds": "giftcard-issued", "jericommerce": "tier-upgraded", "trifft": "coupon-assigned"}
# A process's own peak: what wait4 says of a child counts what its parent held before exec.
_PEAK = """
try:
    status = open("/proc/self/status").read()
    print(int(status.split("VmHWM:")[1].split()[0]) / 1024)
except (OSError, IndexError):
    import resource, sys
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10))
"""


def programs(folder: Path) -> dict[str, str]:
    """What each process runs, by its name in the table."""
    loaded = f"import mapforge; mappers = mapforge.load({str(folder)!r})"
    mapped = loaded + "".join(_mapped(vendor, sample) for vendor, sample in SAMPLES.items())
    return {NOTHING: "pass", IMPORT: "import msgspec", LOAD: loaded, MAPPED: mapped, MAPPED_FIRST: mapped}


def _mapped(vendor: str, sample: str) -> str:
    """A line that maps a sample, with the headers it came with."""
    at = ROOT / "mappings" / vendor / "samples" / f"{sample}.json"
    beside = at.with_name(f"{sample}.headers.json")
    headers = json.loads(beside.read_bytes()) if beside.exists() else {}
    return f"\nassert mappers[{vendor!r}].map(open({str(at)!r}, 'rb').read(), {headers!r}).payloads"


def main() -> int:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as work:
        vendors = sorted(path.parent for path in (ROOT / "mappings").glob("*/vendor.yaml"))
        folder = build([compile_vendor(path) for path in vendors], Path(work, "build"))
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(Path(work, "bytecode"))}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        run = Runs(programs(folder), folder / KEPT, environment)
        times = run.times(arguments.rounds)
        peaks = run.peaks()
    return _said(times, peaks, arguments)


class Runs:
    """The processes, each in the same environment."""

    def __init__(self, named: dict[str, str], kept: Path, environment: dict[str, str]) -> None:
        self.named = named
        self.kept = kept
        self.environment = environment

    def times(self, rounds: int) -> dict[str, list[float]]:
        """Each one's rounds, in milliseconds; a round before them fills the caches."""
        took: dict[str, list[float]] = {name: [] for name in self.named}
        for _ in range(rounds + 1):
            for name in self.named:
                took[name].append(self._time(name))
        return {name: all_[1:] for name, all_ in took.items()}

    def _time(self, name: str) -> float:
        if name == MAPPED_FIRST:
            shutil.rmtree(self.kept)
        start = perf_counter()
        self._run(self.named[name])
        return (perf_counter() - start) * 1000

    def peaks(self) -> dict[str, float]:
        """What each held at most, in MiB: the median of five."""
        peaks = {}
        for name, program in self.named.items():
            if name != MAPPED_FIRST:
                peaks[name] = median(float(self._run(program + _PEAK)) for _ in range(5))
        return peaks

    def _run(self, program: str) -> str:
        command = [sys.executable, "-c", program]
        return subprocess.run(command, env=self.environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def _said(times: dict[str, list[float]], peaks: dict[str, float], arguments: argparse.Namespace) -> int:
    width = max(map(len, times))
    print(f"{'process':<{width}}  {'ms':>7}  {'× import':>8}  {'MiB':>6}  {'more':>6}")
    for name, took in times.items():
        memory = f"  {peaks[name]:>6.1f}  {peaks[name] - peaks[IMPORT]:>+6.1f}" if name in peaks else ""
        print(f"{name:<{width}}  {median(took):>7.1f}  {_ratio(times, name):>8.2f}{memory}")
    ratio, more = _ratio(times, LOAD), peaks[LOAD] - peaks[IMPORT]
    print(f"\nload vs import msgspec: {ratio:.2f} times the time (at most {MOST_RATIO:g}),", end=" ")
    print(f"{more:+.1f} MiB (at most {MOST_MIB:+g}); medians of {arguments.rounds} rounds")
    if arguments.json is not None:
        said = {
            "rounds": arguments.rounds,
            "milliseconds": {name: round(median(took), 2) for name, took in times.items()},
            "mebibytes": {name: round(peak, 2) for name, peak in peaks.items()},
            "ratio": {"load": round(ratio, 3), "ceiling": MOST_RATIO},
            "more_mebibytes": {"load": round(more, 2), "ceiling": MOST_MIB},
        }
        arguments.json.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    return 0 if ratio <= MOST_RATIO and more <= MOST_MIB else 1


def _ratio(times: dict[str, list[float]], name: str) -> float:
    return median(took / base for took, base in zip(times[name], times[IMPORT], strict=True))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure what loading a build costs.")
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS, help=f"at least {LEAST_ROUNDS}, the default")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here too")
    arguments = parser.parse_args()
    if arguments.rounds < LEAST_ROUNDS:
        parser.error(f"--rounds is at least {LEAST_ROUNDS}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
