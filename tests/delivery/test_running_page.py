"""docs/running.md against what it describes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from mapforge.delivery.secrets import fresh_key
from mapforge.delivery.settings import Settings
from mapforge.delivery.store.file import Store
from tests.delivery.house import order
from tests.docs.pages import blocks
from tests.language.acme import compiled, mapper_of, vendor_yaml

PAGE = Path(__file__).parents[2] / "docs" / "running.md"


def test_the_page_has_every_setting_with_what_it_is_unless_told() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("\n## Settings\n")[2]
    rows = re.findall(r"^\| `(\w+)` \| ([\w.]*)\s?\|", section.partition("\n## ")[0], re.MULTILINE)
    settings = msgspec.structs.asdict(Settings())
    shown = {name: f"{value:g}" if isinstance(value, float) else str(value or "") for name, value in settings.items()}
    shown |= {
        "keep_done": "604800",
        "keep_dead": "7776000",
        "keep_profiles": "31536000",
        "give_up": "259200",
        "origins": "",
    }
    assert dict(rows) == shown
    times = [settings[name] for name in ("keep_done", "keep_dead", "keep_profiles", "give_up")]
    assert times == [604_800, 7_776_000, 31_536_000, 259_200]


def test_the_program_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAPFORGE_SECRET_KEY", fresh_key())
    monkeypatch.chdir(tmp_path)
    events = "Order: {trigger: {event: order}, attributes: {x: integer}}"
    build = {"99minds": mapper_of(compiled(tmp_path, vendor_yaml(), events))}
    begun: list[Any] = []
    given = {
        "mapforge": SimpleNamespace(load=lambda folder: build),
        "asyncio": SimpleNamespace(run=begun.append),
        "key": "pk_1",
        "raw": order(1),
        "headers": {},
    }
    (program,) = [block.text for block in blocks(PAGE.read_text(encoding="utf-8")) if block.kind == "python"]
    exec(program, given)
    begun[0].close()
    with Store(tmp_path / "queue.db") as store:
        assert [(one.state, one.rows) for one in store.depths()] == [("event waiting", 1)]
        assert [one.platform for one in store.outlets("shop")] == ["klaviyo"]


def test_loading_and_mapping_loads_nothing_of_delivery() -> None:
    names = ["cryptography", "httpx", "mapforge.delivery", "pyrate_limiter", "sqlite3"]
    program = f"import sys, mapforge; mapforge.load; mapforge.pack; print([n for n in {names} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
