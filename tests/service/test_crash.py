"""The service, killed under load at random moments: what it acknowledged arrives, and none of it twice."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SWEEP = Path(__file__).parents[2] / "bench" / "crash.py"


def test_killed_four_times_while_it_delivers_it_loses_and_doubles_nothing() -> None:
    command = [sys.executable, str(SWEEP), "--kills", "4"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    said = re.search(r"4 kills, (\d+) events acknowledged", done.stdout)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert said is not None
    assert int(said[1]) > 0
    assert "klaviyo: 0 lost" in done.stdout
    assert "omnisend: 0 lost, 0 doubled" in done.stdout
