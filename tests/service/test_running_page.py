"""docs/running.md against the service that it describes."""

from __future__ import annotations

import re
from pathlib import Path

from mapforge.service.metrics import Metrics
from mapforge.service.settings import PREFIX, Settings, unknown_variables

PAGE = Path(__file__).parents[2] / "docs" / "running.md"


def section(title: str) -> str:
    """A section of the page, to the next title."""
    found: str = re.split(r"\n##+ ", PAGE.read_text(encoding="utf-8").partition(f"# {title}\n")[2])[0]
    return found


def test_each_variable_is_there_with_what_it_is_unless_told() -> None:
    rows = re.findall(r"^\| (`MAPFORGE.*?`) \| (.*?) ?\|", section("Its settings"), re.MULTILINE)
    names = [name for cell, _ in rows for name in re.findall(r"`(\w+)`", cell)]
    said = dict(zip(names, [one for cell, values in rows for one in _values(cell, values)], strict=True))
    assert unknown_variables(dict.fromkeys(names, "")) == []
    fields = Settings.model_fields
    shown = {name: _shown(field.default) for name, field in fields.items() if name not in ("delivery", "queue")}
    assert {name.removeprefix(PREFIX).lower(): value for name, value in said.items()} == {
        **shown, "secret_key": "", "queue": "`queue.db` in the project", "delivery__name": "",
    }  # fmt: skip


def _values(cell: str, values: str) -> list[str]:
    """A value for each variable of the cell; none for those that the list does not reach."""
    count = cell.count("MAPFORGE")
    found = values.split(", ") if count > 1 else [values]
    return [*found, *[""] * (count - len(found))]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def test_each_metric_is_there() -> None:
    said = set(re.findall(r"`(mapforge_\w+)`", section("Probes and numbers")))
    queue = {"mapforge_queue_rows", "mapforge_queue_oldest_seconds"}
    assert said == {one.name for one in Metrics().registry.collect()} - {"mapforge_info"} | queue
