"""`mapforge sync`: a file into a queue, what it says on the way, and what it refuses."""

from __future__ import annotations

import http.server
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from mapforge.cli.progress import Progress
from mapforge.cli.syncing import sync_into
from mapforge.delivery.queue import Connection
from mapforge.delivery.store.file import Store
from tests.cli.calls import call, spawn
from tests.cli.test_serve import LISTENING, PORTS, connected, project, raw, serving

__all__ = ["project"]  # a fixture

TOKEN = "a-token-of-sixteen-or-more"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with a queue, and with three members."""
    with Store(tmp_path / "queue.db") as store:
        store.add_connection(Connection(id="shop", merchant="M", vendor="acme")).result()
    (tmp_path / "mappings").mkdir()
    (tmp_path / "members.ndjson").write_bytes(b'{"id": 1}\n{"id": 2}\n{"id": 3}\n')
    return tmp_path


def kept(folder: Path) -> list[tuple[bytes, str | None, bytes]]:
    """Raw event, name and headers of what is in the queue."""
    with closing(sqlite3.connect(folder / "queue.db")) as db:
        return db.execute("SELECT raw, name, headers FROM inbox ORDER BY id").fetchall()


def test_every_line_goes_into_the_queue(shop: Path) -> None:
    done = call("sync", "shop", "members.ndjson", "--event", "Member", cwd=shop)
    assert done == (0, "", "3 lines, 3 accepted\n")
    assert kept(shop) == [(b'{"id": %d}' % number, "Member", b"{}") for number in (1, 2, 3)]


def test_a_second_run_takes_nothing_twice_unless_it_is_told(shop: Path) -> None:
    call("sync", "shop", "members.ndjson", cwd=shop)
    assert call("sync", "shop", "members.ndjson", cwd=shop).err == "3 lines, 0 accepted, 3 taken earlier\n"
    assert call("sync", "shop", "members.ndjson", "--anew", cwd=shop).err == "3 lines, 3 accepted\n"
    assert len(kept(shop)) == 6


def test_headers_beside_the_file_go_with_every_line(shop: Path) -> None:
    (shop / "members.headers.json").write_text('{"x-event": "Member"}')
    call("sync", "shop", "members.ndjson", cwd=shop)
    assert {headers for _, _, headers in kept(shop)} == {b'{"x-event":"Member"}'}


def test_a_line_that_is_no_json_is_said_by_its_number_and_kept(shop: Path) -> None:
    with (shop / "members.ndjson").open("ab") as file:
        file.write(b'{"id": \n')
    done = call("sync", "shop", "members.ndjson", cwd=shop)
    said = "members.ndjson:4: no JSON; it becomes a dead letter\n4 lines, 4 accepted, 1 no JSON\n"
    assert done == (1, "", said)
    assert kept(shop)[3][0] == b'{"id": '


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("shop",), "FILE|URL"),
        (("shop", "members.ndjson", "--queue", "no.db"), "there is no queue no.db; name it with --queue"),
        (("ship", "members.ndjson"), "there is no connection ship in queue.db; did you mean shop?"),
    ],
)
def test_a_wrong_call_is_said(shop: Path, arguments: tuple[str, ...], said: str) -> None:
    done = call("sync", *arguments, cwd=shop)
    assert (done.code, done.out, said in done.err) == (2, "", True)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("no.ndjson", "no.ndjson cannot be read: No such file or directory"),
        ("http://vendor.example/export", "with https, or with http on loopback"),
        ("https://user:pass@vendor.example/", "an address holds no password"),
    ],
)
def test_a_source_that_cannot_be_read_falls_short(shop: Path, where: str, said: str) -> None:
    done = call("sync", "shop", where, cwd=shop)
    assert (done.code, said in done.err, "pass@" in done.err) == (1, True, False)


@pytest.mark.skipif(sqlite3.sqlite_version_info >= (3, 51, 3), reason="this SQLite bears two that write")
def test_beside_a_service_that_writes_it_says_what_to_do(shop: Path) -> None:
    with Store(shop / "queue.db"):
        done = call("sync", "shop", "members.ndjson", cwd=shop)
    assert (done.code, kept(shop)) == (1, [])
    said = "another process writes queue.db; where a service runs, name it with --url"
    assert done.err == f"mapforge: {said}\n"


# ── an address ────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def vendor() -> Iterator[tuple[str, list[str | None]]]:
    """An export on loopback in two pages, and the authorizations that it was asked with."""
    asked: list[str | None] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers.get("authorization"))
            second = self.path.endswith("page=2")
            self.send_response(200)
            if not second:
                self.send_header("link", '</export?page=2>; rel="next"')
            self.end_headers()
            self.wfile.write(b'{"id": 3}\n' if second else b'{"id": 1}\n{"id": 2}\n')

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/export", asked
    finally:
        server.shutdown()
        server.server_close()


def test_an_address_is_read_page_by_page_with_the_secret_of_the_environment(shop: Path) -> None:
    with vendor() as (url, asked):
        done = spawn("sync", "shop", url, cwd=shop, MAPFORGE_SYNC_AUTHORIZATION="Bearer abc")
    assert done == (0, "", "3 lines, 3 accepted\n")
    assert [raw for raw, _, _ in kept(shop)] == [b'{"id": 1}', b'{"id": 2}', b'{"id": 3}']
    assert asked == ["Bearer abc"] * 2


def test_the_bar_gets_all_bytes_of_the_file_also_on_a_run_that_goes_on(shop: Path) -> None:
    file = shop / "members.ndjson"
    file.write_bytes(b"".join(json.dumps({"id": number}).encode() + b"\n" for number in range(2000)))
    for _ in range(2):
        with open(os.devnull, "w") as nowhere:
            progress = Progress(nowhere, file.stat().st_size, bar=False)
            sync_into(shop / "queue.db", "shop", str(file), None, False, progress)
        assert (progress.done, progress.events) == (file.stat().st_size, 2000)


def test_ctrl_c_keeps_what_was_taken(shop: Path) -> None:
    program = (
        "import signal, os, sys\n"
        "from mapforge.cli import syncing\n"
        "step = syncing.Progress.step\n"
        "def stopping(self, *given):\n"
        "    step(self, *given)\n"
        "    os.kill(os.getpid(), signal.SIGINT) if self.events >= 1000 else None\n"
        "syncing.Progress.step = stopping\n"
        "sys.argv = ['mapforge', 'sync', 'shop', 'members.ndjson']\n"
        "from mapforge.cli import main\n"
        "main()\n"
    )
    (shop / "members.ndjson").write_bytes(b"".join(b'{"id": %d}\n' % number for number in range(3000)))
    done = subprocess.run([sys.executable, "-c", program], cwd=shop, capture_output=True, text=True, check=False)
    assert (done.returncode != 0, "Traceback" in done.stderr) == (True, False)
    again = call("sync", "shop", "members.ndjson", cwd=shop)
    assert again.code == 0
    assert len(kept(shop)) == 3000


# ── a running service ─────────────────────────────────────────────────────────────────────────────


def members(folder: Path, number: int) -> None:
    lines = [raw(one) + b"\n" for one in range(number)]
    (folder / "members.ndjson").write_bytes(b"".join(lines))


def test_a_running_service_takes_a_sync_that_is_killed_and_run_again(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MAPFORGE_ADMIN_TOKEN", TOKEN)
    members(project, 2_600)
    key = connected(project)
    with serving(project, "serve", *PORTS, "--no-workers", MAPFORGE_SECRET_KEY=key, MAPFORGE_ADMIN_TOKEN=TOKEN) as one:
        admin = one.said(LISTENING)[2]
        command = [sys.executable, "-m", "mapforge", "sync", "shop", "members.ndjson", "--url", admin]
        with subprocess.Popen(command, cwd=project, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None and not kept(project):
                time.sleep(0.005)
            process.kill()
        done = call("sync", "shop", "members.ndjson", "--url", admin, cwd=project)
        assert done.code == 0
        assert done.err.startswith("2,600 lines, ")
        assert call("sync", "shop", "members.ndjson", "--url", admin, cwd=project).err == (
            "2,600 lines, 0 accepted, 2,600 taken earlier\n"
        )
        assert [body for body, _, _ in kept(project)] == [raw(one) for one in range(2_600)]
        nobody = call("sync", "nobody", "members.ndjson", "--url", admin, cwd=project)
        assert (nobody.code, "there is no such connection" in nobody.err) == (2, True)
    done = call("sync", "shop", "members.ndjson", "--url", admin, cwd=project)
    assert (done.code, "cannot be asked" in done.err) == (1, True)


def test_a_service_and_a_file_are_not_both_meant(shop: Path) -> None:
    done = call("sync", "shop", "members.ndjson", "--url", "http://127.0.0.1:1", "--queue", "queue.db", cwd=shop)
    assert (done.code, done.err) == (
        2, "mapforge: --url asks a running service and --queue reads a file: say one of them\n",
    )  # fmt: skip
