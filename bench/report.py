"""What a run found → the table on the screen, and the tables and the plot of docs/performance.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pygal
from claims import Claim, Measured

BEGIN = "<!-- measured: written by bench/run.py; do not edit -->"
END = "<!-- end of measured -->"
PLOT = "performance.svg"
HEADS = ("implementation", "µs an event", "× the base", "time × orjson", "alike", "refused")


class Row(NamedTuple):
    """An implementation: µs, speed against the base, time against orjson, samples alike, broken refused."""

    name: str
    micros: float
    speed: float
    time: float
    alike: str
    refused: str

    def cells(self) -> tuple[str, ...]:
        """As they are written."""
        return self.name, f"{self.micros:.2f}", f"{self.speed:.3g}", f"{self.time:.3g}", self.alike, self.refused


@dataclass(frozen=True)
class Table:
    """An event and what it took. size: of what goes in and of what comes out."""

    title: str
    size: str
    rows: Sequence[Row]

    def text(self) -> str:
        """For a terminal."""
        cells = [HEADS, *(row.cells() for row in self.rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(HEADS))]
        return "\n".join([f"{self.title}, {self.size}", "", *("  ".join(_padded(row, widths)) for row in cells)])

    def markdown(self) -> list[str]:
        """For a page, in lines."""
        cells = ["| " + " | ".join(HEADS) + " |", "|---|---|---|---|---|---|"]
        cells += [f"| {' | '.join(row.cells())} |" for row in self.rows]
        return _section(self.title, [f"{self.size}:", "", *cells])


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    name, *numbers = row
    return [name.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True))]


def rewrite(page: Path, head: str, tables: Sequence[Table], found: Measured, judged: Sequence[Claim.Judged]) -> None:
    """Fresh tables between the markers of a page, and beside it the plot of the first."""
    first, *others = tables
    lines = [head, "", *first.markdown(), f"![Time of one event, in µs, on a logarithmic scale]({PLOT})", ""]
    for table in others:
        lines += table.markdown()
    lines += [*_section("mapforge alone", _alone(found)), *_section(f"Claims, of {first.title}", _claims(judged))]
    plot(first, page.parent / PLOT)
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n{END}{after}", encoding="utf-8")


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"### {title}", "", *lines, ""]


def _alone(found: Measured) -> list[str]:
    lines = [f"A second platform from the same raw event takes {found.second_platform:.2f} of the first's time."]
    if found.entries:
        worst = sorted(found.entries, key=lambda name: -found.entries[name])[:5]
        said = "; ".join(f"{name} {found.entries[name]:.1f}" for name in worst)
        lines.append(
            f"Of {len(found.entries)} entries and platforms, the time against the decoding and encoding of their own"
            f" types alone is {median(found.entries.values()):.1f} in the middle. The worst: {said}."
        )
    return lines


def _claims(judged: Sequence[Claim.Judged]) -> list[str]:
    lines = ["| claim | bound | measured | holds |", "|---|---|---|---|"]
    for one in judged:
        bound = f"{'at least' if one.claim.at_least else 'at most'} {one.claim.bound:g}"
        lines.append(f"| {one.claim.words} | {bound} | {one.measured:.2f} | {'yes' if one.holds else 'no'} |")
    return lines


def plot(table: Table, path: Path) -> None:
    """One bar an implementation, its time on a logarithmic scale, as SVG."""
    chart = pygal.HorizontalBar(
        logarithmic=True,
        zero=1,
        show_legend=False,
        print_values=True,
        width=800,
        height=520,
        js=[],
        disable_xml_declaration=True,
    )
    chart.title = f"{table.title} to Klaviyo, µs an event"
    chart.y_labels = [1, 10, 100, 1000, 10_000]
    chart.x_labels = [row.name for row in reversed(table.rows)]
    chart.add("µs", [round(row.micros, 1) for row in reversed(table.rows)])
    path.write_text(chart.render(is_unicode=True), encoding="utf-8")
