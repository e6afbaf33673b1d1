"""Answers → tables and lines for people. Control characters are escaped, whoever wrote them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mapforge.cli.mapping import pretty as _pretty
from mapforge.diagnostics import escaped

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_WIDE = 10_000


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on standard output, nothing where it is empty."""
    found = list(rows)
    if found:
        console().print(drawn(columns, found))


def drawn(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table, to be printed."""
    from rich.table import Table
    from rich.text import Text

    made = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        made.add_row(*(Text(escaped("" if cell is None else str(cell)), overflow="fold") for cell in row))
    return made


def console() -> Console:
    """Standard output; where that is no terminal, no cell is broken."""
    from rich.console import Console

    return Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else _WIDE)


def lines(said: Iterable[str]) -> None:
    """Lines on standard output."""
    for line in said:
        print(escaped(line))


def as_json(said: Any) -> None:
    """An answer as the service gave it."""
    import msgspec

    sys.stdout.write(_pretty(msgspec.json.encode(said)).decode())


def indented(body: str) -> list[str]:
    """A body, line by line."""
    return _pretty(body.encode()).decode().splitlines()


def time(said: str) -> str:
    """A time to the second."""
    return f"{said[:10]} {said[11:19]}Z"


def why(reason: Mapping[str, Any]) -> Iterator[str]:
    """A reason, with its line of the mapping and what the platform says."""
    where = " to ".join(reason[name] for name in ("entry", "platform") if reason[name])
    place = f" ({reason['place']})" if reason["place"] else ""
    yield f"[{reason['code']}] {f'{where}: ' if where else ''}{reason['reason']}{place}"
    if reason["pointer"]:
        yield f"  at {reason['pointer']}"
    if reason["detail"]:
        yield f"  {reason['detail']}"


def first(reasons: Sequence[Mapping[str, Any]]) -> str:
    """The first of some reasons, and how many more there are."""
    if not reasons:
        return ""
    more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
    return f"{next(why(reasons[0]))}{more}"


def count(number: int, word: str) -> str:
    """`1 letter`, `2 letters`."""
    return f"{number:,} {word if number == 1 else word + 's'}"
