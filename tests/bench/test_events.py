"""The benchmark of mappers: what it writes into its page, and that nobody passes who leaves a check out."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    """bench/run.py, as a module among its own."""
    monkeypatch.syspath_prepend(str(BENCH))
    finders = sys.meta_path[:]
    module = importlib.import_module("run")
    sys.meta_path[:] = finders  # pygal leaves one there that warns at every import to come
    return module


PAGE = """# Performance

<!-- measured: written by bench/run.py; do not edit -->
old
<!-- end of measured -->

## After it
"""
REWRITTEN = """# Performance

<!-- measured: written by bench/run.py; do not edit -->

To Klaviyo.

### Issued

200 bytes to 100:

| implementation | µs an event | × the base | time × orjson | alike | refused |
|---|---|---|---|---|---|
| mapforge | 2.00 | 2 | 1.25 | 3/3 | 5/5 |
| by hand | 4.00 | 1 | 2.5 | 3/3 | 4/5 |

![Time of one event, in µs, on a logarithmic scale](performance.svg)

### Placed

300 bytes to 200:

| implementation | µs an event | × the base | time × orjson | alike | refused |
|---|---|---|---|---|---|
| mapforge | 1234.57 | 0.123 | 12.3 | 1/1 | - |

### mapforge alone

A second platform from the same raw event takes 0.30 of the first's time.
Of 2 entries and platforms, the time against the decoding and encoding of their own types alone is \
1.5 in the middle. The worst: b 2.0; a 1.0.

### Claims, of Issued

| claim | bound | measured | holds |
|---|---|---|---|
| a second platform | at most 0.4 | 0.30 | yes |

<!-- end of measured -->

## After it
"""


def test_the_page_gets_a_table_an_event_and_the_plot_of_the_first(run: Any, tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(PAGE, encoding="utf-8")
    issued = run.Table(
        "Issued",
        "200 bytes to 100",
        [run.Row("mapforge", 2.0, 2.0, 1.25, "3/3", "5/5"), run.Row("by hand", 4.0, 1.0, 2.5, "3/3", "4/5")],
    )
    placed = run.Table("Placed", "300 bytes to 200", [run.Row("mapforge", 1234.567, 0.1234, 12.34, "1/1", "-")])
    found = run.Measured({}, 0.3, {"a": 1.0, "b": 2.0})
    claim = run.Claim("a second platform", lambda measured: measured.second_platform, 0.4, at_least=False)
    run.rewrite(page, "To Klaviyo.", [issued, placed], found, [claim.judged(found)])
    assert page.read_text(encoding="utf-8") == REWRITTEN
    assert "Issued to Klaviyo, µs an event" in (tmp_path / "performance.svg").read_text(encoding="utf-8")


ISSUED, PLACED = "GiftcardIssued", "OrderPlaced"
CREATED, ANY = "TRIFFT Transaction created, event and profile", "JeriCommerce, any event"


@pytest.mark.parametrize("title", [ISSUED, PLACED, CREATED, ANY])
def test_the_python_by_hand_maps_all_samples_and_takes_nothing_broken(run: Any, title: str) -> None:
    event = next(event for event in run.EVENTS if event.title == title)
    named = run.implementations(event, None)
    found = run.check(event, {name: named[name] for name in (run.OURS, run.BASE)})
    samples, broken = len(event.all_samples()), len(list(run.broken(event.timed(), event.broken)))
    assert found[run.BASE] == (f"{samples}/{samples}", f"{broken}/{broken}")


def test_a_peer_that_leaves_a_check_out_ends_the_run(run: Any) -> None:
    event = next(event for event in run.EVENTS if event.title == ANY)
    ours = run.implementations(event, None)[run.OURS]

    def careless(raw: bytes, headers: dict[str, str]) -> Any:
        return ours.map(raw.replace(b"\xff", b""), headers)

    with pytest.raises(SystemExit) as stopped:
        run.check(event, {run.OURS: ours, run.BASE: run.InPython(careless)})
    assert stopped.value.code == (
        "JeriCommerce, any event, by hand, msgspec, dicts (the base): does not map alike [],"
        " and takes ['bytes that are not UTF-8, in a value that nothing reads']"
    )
