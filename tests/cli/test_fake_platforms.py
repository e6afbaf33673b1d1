"""`mapforge fake-platforms`: it says where it is, answers there, and stops at Ctrl-C."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.cli.calls import call


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_until_it_is_stopped(stop: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mapforge", "fake-platforms", "--port", "0", "--limits", "none"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        first = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", first)
        assert found is not None, first
        answer = httpx.get(found[0], timeout=30)
        assert (answer.status_code, "What the look-alikes received" in answer.text) == (200, True)
        process.send_signal(stop)
        _, said = process.communicate(timeout=30)
        assert "Traceback" not in said
    finally:
        process.kill()
        process.wait()


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = call("fake-platforms", "--port", str(port), cwd=tmp_path)
    assert (done.code, done.out, done.err) == (1, "", f"mapforge: port {port} on 127.0.0.1: Address already in use\n")


@pytest.mark.parametrize("arguments", [["--port", "70000"], ["--limits", "some"], ["--keep", "0"], ["--port", "x"]])
def test_what_cannot_be_is_a_wrong_call(arguments: list[str], tmp_path: Path) -> None:
    done = call("fake-platforms", *arguments, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert arguments[0] in done.err
