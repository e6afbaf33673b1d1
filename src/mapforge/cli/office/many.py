"""A call for many letters or payloads → which they are, and some at a time; after a yes where that is due."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

import typer

from mapforge.cli import ShowForm as Form
from mapforge.cli.office import tables
from mapforge.cli.project import WrongCall

AT_ONCE = 100

ConnectionOption = Annotated[str | None, typer.Option(metavar="CONNECTION", help="Those of a connection.")]
AllOption = Annotated[bool, typer.Option("--all", help="All of them.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask, where it is several.")]
AfterOption = Annotated[int, typer.Option(metavar="NUMBER", min=0, help="Those with a higher number.")]
LimitOption = Annotated[int, typer.Option(metavar="NUMBER", min=1, help="At most so many.")]


def refuse_unclear(what: str, numbers: Sequence[int] | None, connection: str | None, all_: bool) -> None:
    """WrongCall where it is not said, or said twice, which are meant."""
    if sum((bool(numbers), connection is not None, all_)) != 1:
        raise WrongCall(f"say which {what}: their numbers, or --connection, or --all")


def in_chunks(numbers: Sequence[int]) -> Iterator[list[int]]:
    """So many as one call takes."""
    distinct = list(dict.fromkeys(numbers))
    return (distinct[at : at + AT_ONCE] for at in range(0, len(distinct), AT_ONCE))


def confirm(what: str, count: int, yes: bool) -> None:
    """Ask before something is done to several. WrongCall where nobody can be asked, or says no."""
    if yes or count < 2:
        return
    if not sys.stdin.isatty():
        raise WrongCall(f"this would {what}: say --yes")
    print(f"{what}? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise WrongCall("nothing was done")


def listed(
    member: str,
    found: Sequence[dict[str, Any]],
    limit: int,
    form: Form,
    columns: Sequence[str],
    row: Callable[[dict[str, Any]], Sequence[object]],
) -> None:
    """A list of at most `limit` rows, of which one more was asked for, and what comes after it."""
    rows = found[:limit]
    then = rows[-1]["id"] if len(found) > limit else None
    if form is Form.JSON:
        tables.as_json({member: rows, "next": then})
        return
    tables.table(columns, map(row, rows))
    if not rows:
        print(f"no {member}", file=sys.stderr)
    if then is not None:
        print(f"there are more: --after {then}", file=sys.stderr)
