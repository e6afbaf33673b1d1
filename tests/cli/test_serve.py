"""`mapforge serve`: from a webhook to what the platforms got, in a process of its own, until it is stopped."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from mapforge.delivery.queue import Connection
from mapforge.delivery.secrets import Keys, Secret, fresh_key
from mapforge.delivery.store.file import Store
from mapforge.fakes.server import running as look_alikes
from mapforge.fakes.settings import LIMITS
from mapforge.fakes.settings import Settings as FakeSettings
from tests.cli.calls import call

VENDOR = """\
mapforge: 1
vendor: acme
source: {event: type, id: id, time: at}
identity: {email: email}
platforms: {klaviyo: {}, omnisend: {origin: acme}}
"""
EVENTS = "Order: {trigger: {event: order}, attributes: {number: integer}}\n"
SECRET = "the-signing-secret"


class Process:
    """A service, and what it wrote to standard error."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            for line in stream:
                self.lines.append(line)

    def said(self, pattern: str, seconds: float = 60) -> re.Match[str]:
        """The first line that this is found in."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for line in list(self.lines):
                if found := re.search(pattern, line):
                    return found
            time.sleep(0.02)
        raise AssertionError(f"no {pattern} in:\n{''.join(self.lines)}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


@contextmanager
def serving(folder: Path, *arguments: str, **environment: str) -> Iterator[Process]:
    command = [sys.executable, "-u", "-m", "mapforge", *arguments]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MAPFORGE_")}
    process = subprocess.Popen(
        command, cwd=folder, env={**plain, **environment}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    served = Process(process)
    try:
        yield served
    finally:
        process.kill()
        process.wait()
        served.reader.join()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    home = tmp_path / "mappings" / "acme"
    home.mkdir(parents=True)
    (home / "vendor.yaml").write_text(VENDOR)
    (home / "events.yaml").write_text(EVENTS)
    return tmp_path


def connected(folder: Path) -> str:
    """A queue with a connection to both platforms; the key that its secrets are sealed with."""
    key = fresh_key()
    keys = Keys((key,))
    with Store(folder / "queue.db") as store:
        shop = Connection(id="shop", merchant="M", vendor="acme", signing=keys.seal(Secret(SECRET)))
        store.add_connection(shop).result()
        for platform, secret in {"klaviyo": "pk_shop", "omnisend": "shop"}.items():
            store.add_outlet("shop", platform, keys.seal(Secret(secret))).result()
    return key


def raw(number: int) -> bytes:
    event = {"type": "order", "id": f"e{number}", "at": "2026-03-01T12:00:00Z", "email": "ada@post.example"}
    return json.dumps({**event, "number": number}).encode()


def post(url: str, body: bytes) -> int:
    headers = {"Authorization": f"Bearer {SECRET}"}
    return httpx.post(f"{url}/v1/ingest/shop", content=body, headers=headers, timeout=30).status_code


def received(url: str, platform: str) -> list[Any]:
    said = httpx.get(f"{url}/_received", params={"platform": platform, "kind": "event"}, timeout=30).json()
    return [item for item in said["items"] if item["outcome"] == "kept"]


def until(condition: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.05)


def environment(key: str, at: Any) -> Mapping[str, str]:
    origins = {f"MAPFORGE_DELIVERY__ORIGINS__{name.upper()}": getattr(at, name) for name in ("klaviyo", "omnisend")}
    return {"MAPFORGE_SECRET_KEY": key, **origins}


PORTS = ("--port", "0", "--admin-port", "0")
LISTENING = r'"at": \["(http://127\.0\.0\.1:\d+)", "(http://127\.0\.0\.1:\d+)"\], "event": "listening"'


def test_a_webhook_is_delivered_and_a_stop_leaves_nothing_undone(project: Path) -> None:
    key = connected(project)
    with look_alikes(FakeSettings(limits=LIMITS["none"])) as at:
        with serving(project, "serve", *PORTS, **environment(key, at)) as process:
            url, admin = process.said(LISTENING).groups()
            assert [post(url, raw(number)) for number in (1, 2, 3, 1)] == [202, 202, 202, 200]
            until(lambda: len(received(at.url, "klaviyo")) == 3 and len(received(at.url, "omnisend")) == 3)
            assert httpx.get(f"{admin}/metrics", timeout=30).status_code == 200
            assert process.stop() == 0
            process.said('"event": "stopped"')
        with Store(project / "queue.db") as store:
            assert store.depths() == []
    assert SECRET not in "".join(process.lines)
    assert "ada@post.example" not in "".join(process.lines)


def test_what_a_killed_service_had_taken_the_next_one_delivers(project: Path) -> None:
    key = connected(project)
    with look_alikes(FakeSettings(limits=LIMITS["none"])) as at:
        with serving(project, "serve", *PORTS, "--no-workers", **environment(key, at)) as process:
            url = process.said(LISTENING)[1]
            assert [post(url, raw(number)) for number in range(20)] == [202] * 20
            process.process.kill()
        with serving(project, "worker", "--admin-port", "0", **environment(key, at)) as process:
            until(lambda: len(received(at.url, "klaviyo")) == 20)
            assert process.stop(signal.SIGINT) == 0


def test_a_mapping_that_is_edited_counts_and_a_broken_one_does_not(project: Path) -> None:
    key = connected(project)
    events = project / "mappings" / "acme" / "events.yaml"
    with look_alikes() as at, serving(project, "serve", *PORTS, **environment(key, at)) as process:
        url = process.said(LISTENING)[1]

        def properties() -> Any:
            said = httpx.post(f"{url}/v1/map/acme?to=klaviyo", content=raw(1), timeout=30).json()
            return said["payloads"][0]["body"]["data"]["attributes"]["properties"]

        assert properties() == {"number": 1}
        time.sleep(0.5)
        events.write_text(EVENTS.replace("number: integer", "amount: {type: integer, from: number}"))
        until(lambda: properties() == {"amount": 1})
        events.write_text(EVENTS.replace("integer", "intejer"))
        process.said("new mappers cannot be used; those before are kept")
        assert properties() == {"amount": 1}
        assert "intejer" in httpx.get(f"{url}/readyz", timeout=30).json()["problems"]["mappers"]


def test_a_first_look_needs_nothing(project: Path) -> None:
    samples = project / "mappings" / "acme" / "samples"
    samples.mkdir()
    (samples / "order.json").write_bytes(raw(1))
    with serving(project, "serve", "--try", *PORTS) as process:
        line = process.said(r"(curl .*) (http://127\.0\.0\.1:\d+/v1/ingest/acme)")
        page = process.said(r"What the platforms got: (http://127\.0\.0\.1:\d+)")[1]
        done = subprocess.run(
            f"{line[1]} {line[2]}", shell=True, cwd=project, capture_output=True, text=True, check=True
        )
        assert json.loads(done.stdout) == {"event": 1, "repeat": False}
        until(lambda: len(received(page, "klaviyo")) == 1 and len(received(page, "omnisend")) == 1)
        assert process.stop() == 0
    assert not (project / "queue.db").exists()


def test_a_build_alone_can_be_served(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    build = tmp_path_factory.mktemp("alone") / "build"
    assert call("build", "-o", str(build), cwd=project).code == 0
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    key = connected(elsewhere)
    with (
        look_alikes() as at,
        serving(elsewhere, "serve", *PORTS, "--build", str(build), **environment(key, at)) as process,
    ):
        url = process.said(LISTENING)[1]
        assert post(url, raw(1)) == 202
        until(lambda: len(received(at.url, "klaviyo")) == 1)


# ── what is wrong ─────────────────────────────────────────────────────────────────────────────────


def test_settings_are_all_said_at_once(project: Path) -> None:
    with serving(project, "serve", MAPFORGE_PORT="x", MAPFORGE_WORKERS="x", MAPFORGE_SECRET_KEY="x") as process:
        assert process.process.wait(60) == 1
        process.said("^mapforge: settings cannot be used$")
        process.said("^  MAPFORGE_PORT: ")
        process.said("^  MAPFORGE_WORKERS: ")


def test_a_key_that_is_not_there_is_said(project: Path) -> None:
    with serving(project, "serve", *PORTS) as process:
        assert process.process.wait(60) == 1
        process.said("MAPFORGE_SECRET_KEY is not set; make a key: python -c")


def test_a_port_that_is_taken_is_said(project: Path) -> None:
    key = connected(project)
    with serving(project, "serve", *PORTS, MAPFORGE_SECRET_KEY=key) as first:
        port = first.said(LISTENING)[1].rpartition(":")[2]
        other = project / "other.db"
        arguments = ("--port", port, "--admin-port", "0", "--queue", str(other))
        with serving(project, "serve", *arguments, MAPFORGE_SECRET_KEY=key) as second:
            assert second.process.wait(60) == 1
            second.said(f"cannot listen at 127.0.0.1 port {port}: Address already in use")


def test_a_first_look_has_a_queue_of_its_own(project: Path) -> None:
    done = call("serve", "--try", "--no-workers", cwd=project)
    assert (done.code, done.err) == (2, "mapforge: --try takes neither --queue nor --no-workers\n")
