"""The benchmarks of the service, for a moment: everything that they deliver arrives once, within the limits."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench"


def run(name: str, *arguments: str) -> str:
    command = [sys.executable, str(BENCH / name), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout


def test_a_small_backlog_of_each_way_arrives_once_and_no_request_is_refused() -> None:
    said = run("steady.py", "--requests", "3")
    found = dict(re.findall(r"^([a-z-]+): ([\d,]+) payloads in", said, re.MULTILINE))
    assert found == {
        "klaviyo-events": "3",
        "klaviyo-events-bulk": "3,000",
        "klaviyo-profiles": "3",
        "klaviyo-profiles-bulk": "1,500",
        "omnisend-events": "3",
        "omnisend-events-bulk": "300",
    }


def test_while_one_merchants_platform_hangs_every_event_of_another_arrives_once() -> None:
    said = run("isolation.py", "--seconds", "3", "--rounds", "1", "--most", "1000")
    assert re.findall(r"^round 1, (\w+)", said, re.MULTILINE) == ["quiet", "hanging"]
    assert "p99, medians of 1" in said
