"""`mapforge held`: payloads that may have arrived, and what is to become of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from mapforge.cli import ShowForm as Form
from mapforge.cli.office import many, tables
from mapforge.cli.office.desk import FormOption, Opening, at_desk, group
from mapforge.cli.office.many import AllOption, ConnectionOption, YesOption

app = group("Payloads that may have arrived, and wait for your word.", "mapforge held list --connection acme-shop")

Payloads = Annotated[list[int] | None, typer.Argument(metavar="PAYLOAD", help="Numbers of held payloads.")]


@app.command("list", epilog="Example: mapforge held list --connection acme-shop")
@at_desk
def list_(
    opening: Opening,
    connection: ConnectionOption = None,
    after: many.AfterOption = 0,
    limit: many.LimitOption = 100,
    form: FormOption = Form.TEXT,
) -> None:
    """Held payloads, the oldest first. No customer data."""
    with opening(writes=False) as office:
        found = list(office.rows("/held", "payloads", limit + 1, connection=connection, after=after))
    columns = ("PAYLOAD", "CONNECTION", "ENTRY", "PLATFORM", "SINCE", "WHY")
    many.listed("payloads", found, limit, form, columns, _row)


def _row(one: dict[str, Any]) -> tuple[object, ...]:
    return one["id"], one["connection"], one["entry"], one["platform"], tables.time(one["since"]), one["reason"]


@app.command(epilog="Example, to look for one of acme's at its platform: mapforge held show 7 --raw")
@at_desk
def show(
    opening: Opening,
    payload: Annotated[int, typer.Argument(metavar="PAYLOAD", help="Its number.")],
    raw: Annotated[bool, typer.Option("--raw", help="With its body: customer data.")] = False,
    form: FormOption = Form.TEXT,
) -> None:
    """A held payload, with what the platform knows it by."""
    with opening(writes=False) as office:
        said = office.call("GET", f"/held/{payload}", raw=raw)
    if form is Form.JSON:
        tables.as_json(said)
    else:
        tables.lines(_lines(said))


def _lines(one: dict[str, Any]) -> Iterator[str]:
    yield f"payload {one['id']}: {one['entry']} to {one['platform']}, of event {one['event']} of {one['connection']}"
    yield f"held since {tables.time(one['since'])}: {one['reason']}"
    yield f"its id at {one['platform']}: {one['unique_id']}"
    if one["body"] is not None:
        yield from ("body:", *tables.indented(one["body"]))


@app.command(epilog="Example, for what did not reach acme's customer: mapforge held send 7")
@at_desk
def send(
    opening: Opening, payloads: Payloads = None, connection: ConnectionOption = None, all_: AllOption = False,
    yes: YesOption = False,
) -> None:  # fmt: skip
    """Send held payloads once more. One that had arrived reaches the customer twice."""
    _decide(opening, payloads, connection, all_, yes, "send")


@app.command(epilog="Example, for what did reach acme's customer: mapforge held drop 7")
@at_desk
def drop(
    opening: Opening, payloads: Payloads = None, connection: ConnectionOption = None, all_: AllOption = False,
    yes: YesOption = False,
) -> None:  # fmt: skip
    """Never send held payloads: they have arrived, or shall not."""
    _decide(opening, payloads, connection, all_, yes, "drop")


def _decide(
    opening: Opening, payloads: list[int] | None, connection: str | None, all_: bool, yes: bool, verb: str
) -> None:
    many.refuse_unclear("payloads", payloads, connection, all_)
    with opening(writes=True) as office:
        wanted = payloads or [one["id"] for one in office.rows("/held", "payloads", connection=connection)]
        many.confirm(f"{verb} {tables.count(len(wanted), 'held payload')}", len(wanted), yes)
        for some in many.in_chunks(wanted):
            office.call("POST", f"/held/{verb}", {"payloads": some})
    said = "on their way" if verb == "send" else "dropped"
    print(f"{said}: {tables.count(len(wanted), 'payload')}", file=sys.stderr)
