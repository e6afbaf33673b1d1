"""Costs and the parts of a profile → the tables that people read and the JSON that programs read."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import mean
from typing import Any

import msgspec

from mapforge.cli.bench.cost import Cost
from mapforge.cli.bench.parts import Part
from mapforge.values import quick

_HEADS = ("sample", "entries", "µs", "events/s", "× types", "bytes in", "out", "payloads", "by")
_NUMBERS = range(2, 8)
_LEAST = 0.5  # percent


class Share(msgspec.Struct, frozen=True):
    """A part of a mapping, and its share of an event's time, in percent and in µs."""

    part: Part
    percent: float
    micros: float


def shares(counted: Counter[Part], costs: Sequence[Cost]) -> list[Share]:
    """Of the time of an event, over all samples, the part of each; the most first."""
    whole, micros = counted.total(), mean(cost.micros for cost in costs)
    return [Share(part, 100 * times / whole, micros * times / whole) for part, times in counted.most_common()]


def machine() -> str:
    """What the numbers are of."""
    rules = "rules compiled" if quick.COMPILED else "rules in Python"
    return f"Python {platform.python_version()} on {platform.machine()}, {rules}"


def as_json(vendor: str, rounds: int, costs: Sequence[Cost], found: Sequence[Share] | None) -> dict[str, Any]:
    """The stable form of `bench --format json`. profile: null where none was asked for."""
    return {
        "vendor": vendor,
        "python": machine(),
        "rounds": rounds,
        "samples": [_cost_as_json(cost) for cost in costs],
        "profile": None if found is None else [_share_as_json(share) for share in found],
    }


def _cost_as_json(cost: Cost) -> dict[str, Any]:
    rounded = {
        "micros": round(cost.micros, 3),
        "events_per_second": round(1e6 / cost.micros),
        "times_types": None if cost.times_types is None else round(cost.times_types, 3),
    }
    return {**msgspec.structs.asdict(cost), **rounded}


def _share_as_json(share: Share) -> dict[str, Any]:
    told = msgspec.structs.asdict(share.part)
    return {**told, "percent": round(share.percent, 2), "micros": round(share.micros, 3)}


def as_text(costs: Sequence[Cost], found: Sequence[Share] | None) -> str:
    """The table of the samples, and below it what the time goes to where that was asked for."""
    return costs_as_text(costs) if found is None else f"{costs_as_text(costs)}\n\n{shares_as_text(found)}"


def costs_as_text(costs: Sequence[Cost]) -> str:
    """A line for each sample."""
    rows = [_HEADS, *(_row(cost) for cost in costs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    return "\n".join("  ".join(_padded(row, widths)).rstrip() for row in rows)


def _row(cost: Cost) -> tuple[str, ...]:
    types = "-" if cost.times_types is None else f"{cost.times_types:.2f}"
    speed = f"{1e6 / cost.micros:,.0f}"
    size = (f"{cost.bytes_in:,}", f"{cost.bytes_out:,}", str(cost.payloads))
    return (cost.sample, " + ".join(cost.entries) or "-", f"{cost.micros:.2f}", speed, types, *size, cost.by)


def _padded(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
        yield cell.rjust(width) if column in _NUMBERS else cell.ljust(width)


def shares_as_text(found: Sequence[Share]) -> str:
    """What the time goes to, the most first, and under each what it is made of."""
    lines = ["     %      µs"]
    for work, within in sorted(_by_work(found).items(), key=lambda item: -_percent(item[1])):
        lines.append(_line(within, work))
        lines += _made_of(within)
    return "\n".join(lines)


def _by_work(found: Iterable[Share]) -> Mapping[str, list[Share]]:
    groups: dict[str, list[Share]] = {}
    for share in found:
        groups.setdefault(share.part.work, []).append(share)
    return groups


def _made_of(within: Sequence[Share]) -> Iterator[str]:
    """A line for each part of some size, and one for all the others; none where one line has said it all."""
    shown = [share for share in within if share.percent >= _LEAST]
    if len(within) == 1 or not shown:
        return
    width = max((len(_name(share.part)) for share in shown if share.part.place), default=0)
    for share in shown:
        yield _line([share], f"  {_name(share.part):<{width}}  {share.part.place or ''}".rstrip())
    rest = within[len(shown) :]
    if rest:
        yield _line(rest, f"  {len(rest)} more, each under {_LEAST} %")


def _name(part: Part) -> str:
    return part.name or "tests"


def _line(within: Sequence[Share], words: str) -> str:
    return f"{_percent(within):6.1f} {sum(share.micros for share in within):7.2f}  {words}"


def _percent(within: Iterable[Share]) -> float:
    return sum(share.percent for share in within)
