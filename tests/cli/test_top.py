"""`mapforge top`: rates between two looks, what waits, and which outlets rest, of a running service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mapforge.cli.office.tables import console
from mapforge.cli.office.top import Look, Rate, numbers_of, rates, view
from mapforge.fakes.server import running as look_alikes
from tests.cli.calls import call
from tests.cli.test_serve import LISTENING, PORTS, connected, environment, post, project, raw, received, serving, until

__all__ = ["project"]  # a fixture

TOKEN = "a-token-of-sixteen-or-more"
TEXT = """\
# TYPE mapforge_ingest_seconds histogram
mapforge_ingest_seconds_bucket{le="+Inf",status="202",vendor="acme"} 30.0
mapforge_ingest_seconds_count{status="202",vendor="acme"} 30.0
# TYPE mapforge_outcomes_total counter
mapforge_outcomes_total{kind="event",outcome="delivered",platform="klaviyo"} 12.0
# TYPE mapforge_breaker_open gauge
mapforge_breaker_open{connection="shop",platform="klaviyo"} 1.0
"""
INGEST = ("mapforge_ingest_seconds_count", ("202", "acme"))


def a_look(at: float, webhooks: float, **more: Any) -> Look:
    return Look(at, {INGEST: webhooks}, more.get("depths", []), more.get("waits", []), more.get("connections", []))


def test_what_is_shown_of_the_numbers() -> None:
    delivered = ("mapforge_outcomes_total", ("delivered", "klaviyo", "event"))
    assert numbers_of(TEXT) == {INGEST: 30.0, delivered: 12.0}


@pytest.mark.parametrize(("before", "after", "a_second"), [(10.0, 30.0, 5.0), (30.0, 30.0, 0.0), (30.0, 8.0, 2.0)])
def test_a_rate_is_what_came_between_two_looks(before: float, after: float, a_second: float) -> None:
    assert rates(a_look(100.0, before), a_look(104.0, after)) == [Rate("webhooks", ("202", "acme"), a_second, after)]


def test_the_picture(capsys: pytest.CaptureFixture[str]) -> None:
    outlet = {"platform": "klaviyo", "enabled": True, "trouble": "the platform refuses the key (401)"}
    others = [
        {"platform": "omnisend", "enabled": False, "trouble": None},
        {**outlet, "platform": "x\x1b[31m", "trouble": None},
    ]
    homes = [
        {"id": "shop", "vendor": "acme", "enabled": True, "outlets": [outlet, *others]},
        {"id": "shut", "vendor": "acme", "enabled": False, "outlets": [outlet]},
    ]
    depths = [{"state": "payload waiting", "rows": 1234, "oldest": 61.2}]
    waits: list[Any] = [
        {"connection": "shop", "platform": "klaviyo", "reason": "the platform asked to wait", "seconds": 12.3}
    ]
    waits.append({"connection": None, "platform": None, "reason": "the queue cannot be written", "seconds": 1.0})
    console().print(*view(a_look(0, 0), a_look(2, 5, depths=depths, waits=waits, connections=homes)), sep="\n")
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "A SECOND  TOTAL  WHAT",
        "2.5       5      webhooks  202 acme",
        "",
        "ROWS   OLDEST  QUEUE",
        "1,234  61 s    payload waiting",
        "",
        "all of it waits: the queue cannot be written",
        "CONNECTION  VENDOR  PLATFORM   STATE",
        "shop        acme    klaviyo    the platform asked to wait, 12 s",
        "shop        acme    omnisend   off",
        "shop        acme    x\\x1b[31m  sends",
        "shut        acme    klaviyo    off",
    ]


def test_a_running_service(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = connected(project)
    told = {"MAPFORGE_ADMIN_TOKEN": TOKEN}
    with look_alikes() as at, serving(project, "serve", *PORTS, **environment(key, at), **told) as process:
        url, admin = process.said(LISTENING).groups()
        monkeypatch.setenv("MAPFORGE_ADMIN_TOKEN", TOKEN)
        assert post(url, raw(1)) == 202
        until(lambda: len(received(at.url, "klaviyo")) == 1 and len(received(at.url, "omnisend")) == 1)
        done = call("top", "--url", admin, "--every", "0.1", "--format", "json", cwd=project)
        said = json.loads(done.out)
        assert (done.code, set(said)) == (0, {"rates", "depths", "waits", "connections"})
        assert {"what": "webhooks", "labels": ["202", "acme"], "a_second": 0.0, "total": 1.0} in said["rates"]
        assert call("top", "--url", admin, "--every", "0.1", cwd=project).out.startswith("A SECOND  TOTAL  WHAT")


def test_a_file_has_no_rates(project: Path) -> None:
    connected(project)
    done = call("top", cwd=project)
    assert (done.code, done.out) == (1, "")
    assert done.err == "mapforge: there is no /metrics at http://queue.invalid (404); ask a running service\n"
