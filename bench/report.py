"""What a run found → the table on the screen, and the table and the plot of docs/performance.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import pygal
from claims import Claim, Measured

BEGIN = "<!-- measured: written by bench/run.py; do not edit -->"
END = "<!-- end of measured -->"
PLOT = "performance.svg"
Row = tuple[str, float, float, float, str, str]
HEADS = ("implementation", "µs an event", "× the base", "time × orjson", "alike", "refused")


def table(rows: Sequence[Row]) -> str:
    """The rows for a terminal."""
    cells = [HEADS, *map(_cells, rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADS))]
    return "\n".join("  ".join(_padded(row, widths)) for row in cells)


def _cells(row: Row) -> tuple[str, ...]:
    name, micros, speed, time, *counts = row
    return name, f"{micros:.2f}", f"{speed:.3g}", f"{time:.3g}", *counts


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    name, *numbers = row
    return [name.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True))]


def page(
    text: str,
    head: str,
    rows: Sequence[Row],
    others: Mapping[str, tuple[float, float]],
    measured: Measured,
    judged: Sequence[Claim.Judged],
) -> str:
    """docs/performance.md with fresh tables between its markers; the plot is written beside it."""
    lines = [head + ".", "", "| " + " | ".join(HEADS) + " |", "|---|---|---|---|---|---|"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in rows]
    lines += ["", f"![Time of one event, in µs, on a logarithmic scale]({PLOT})", ""]
    lines += [*_others(others, measured), "", *_claims(judged)]
    plot(rows, Path(__file__).parents[1] / "docs" / PLOT)
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{after}"


def _others(others: Mapping[str, tuple[float, float]], measured: Measured) -> list[str]:
    lines = ["| mapforge alone | µs | time × orjson |", "|---|---|---|"]
    lines += [f"| {title} | {micros:.2f} | {time:.2f} |" for title, (micros, time) in others.items()]
    lines += [
        "",
        f"A second platform from the same raw event takes {measured.second_platform:.2f} of the first's time.",
    ]
    if measured.entries:
        worst = sorted(measured.entries, key=lambda name: -measured.entries[name])[:5]
        said = "; ".join(f"{name} {measured.entries[name]:.1f}" for name in worst)
        lines.append(
            f"Of {len(measured.entries)} entries and platforms, the time against the decoding and encoding of their own"
            f" types alone is {median(measured.entries.values()):.1f} in the middle. The worst: {said}."
        )
    return lines


def _claims(judged: Sequence[Claim.Judged]) -> list[str]:
    lines = ["| claim | bound | measured | holds |", "|---|---|---|---|"]
    for one in judged:
        bound = f"{'at least' if one.claim.at_least else 'at most'} {one.claim.bound:g}"
        lines.append(f"| {one.claim.words} | {bound} | {one.measured:.2f} | {'yes' if one.holds else 'no'} |")
    return lines


def plot(rows: Sequence[Row], path: Path) -> None:
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
    chart.title = "GiftcardIssued to Klaviyo, µs an event"
    chart.y_labels = [1, 10, 100, 1000, 10_000]
    chart.x_labels = [name for name, *_ in reversed(rows)]
    chart.add("µs", [round(micros, 1) for _, micros, *_ in reversed(rows)])
    path.write_text(chart.render(is_unicode=True), encoding="utf-8")
