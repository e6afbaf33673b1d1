"""`mapforge dead`: what could not be delivered and why; replayed after a fix, or dropped."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from mapforge.cli import ShowForm as Form
from mapforge.cli.office import many, tables
from mapforge.cli.office.desk import FormOption, Opening, at_desk, group
from mapforge.cli.office.many import AllOption, ConnectionOption, YesOption

app = group("Events and payloads that could not be delivered, and why.", "mapforge dead list --connection acme-shop")

Letters = Annotated[list[int] | None, typer.Argument(metavar="LETTER", help="Numbers of dead letters.")]


@app.command("list", epilog="Example: mapforge dead list --connection acme-shop")
@at_desk
def list_(
    opening: Opening,
    connection: ConnectionOption = None,
    after: many.AfterOption = 0,
    limit: many.LimitOption = 100,
    form: FormOption = Form.TEXT,
) -> None:
    """Open dead letters, the oldest first. No customer data."""
    with opening(writes=False) as office:
        found = list(office.rows("/dead", "letters", limit + 1, connection=connection, after=after))
    many.listed("letters", found, limit, form, ("LETTER", "CONNECTION", "EVENT", "AT", "WHY"), _row)


def _row(letter: dict[str, Any]) -> tuple[object, ...]:
    why = tables.first(letter["reasons"])
    return letter["id"], letter["connection"], letter["name"] or "?", tables.time(letter["at"]), why


@app.command(epilog="Example, for a letter of acme's: mapforge dead show 12 --raw")
@at_desk
def show(
    opening: Opening,
    letter: Annotated[int, typer.Argument(metavar="LETTER", help="Its number.")],
    raw: Annotated[
        bool, typer.Option("--raw", help="With the raw event and the platform's own words: customer data.")
    ] = False,
    form: FormOption = Form.TEXT,
) -> None:
    """Why an event or a payload is a dead letter, each reason with the mapping's line."""
    with opening(writes=False) as office:
        said = office.call("GET", f"/dead/{letter}", raw=raw)
    if form is Form.JSON:
        tables.as_json(said)
    else:
        tables.lines(_lines(said))


def _lines(letter: dict[str, Any]) -> Iterator[str]:
    what = "a payload was rejected" if letter["payload"] is not None else "it could not be mapped"
    name = f" {letter['name']}" if letter["name"] else ""
    yield f"letter {letter['id']}: event {letter['event']}{name} of {letter['connection']}, {tables.time(letter['at'])}"
    yield f"{what}:"
    for reason in letter["reasons"]:
        yield from (f"  {line}" for line in tables.why(reason))
    if letter["raw"] is not None:
        yield from ("raw event:", *letter["raw"].splitlines())
    if letter["raw_base64"] is not None:
        yield f"raw event, which is no UTF-8, in base64: {letter['raw_base64']}"


@app.command(epilog="Example, after a fix of acme's mapping: mapforge dead replay 12 --dry-run")
@at_desk
def replay(
    opening: Opening,
    letters: Letters = None,
    connection: ConnectionOption = None,
    all_: AllOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing; show how payloads differ: customer data.")
    ] = False,
    backfill: Annotated[
        bool, typer.Option("--backfill", help="Say that the events are old, so that no flow mails a customer.")
    ] = False,
    form: FormOption = Form.TEXT,
) -> None:
    """Map the events of dead letters anew, and send what platforms missed. Exit code 1 where some stay dead."""
    many.refuse_unclear("letters", letters, connection, all_)
    said: list[dict[str, Any]] = []
    with opening(writes=not dry_run) as office:
        wanted = letters or _one_of_each_event(office.rows("/dead", "letters", connection=connection))
        for some in many.in_chunks(wanted):
            body = {"letters": some, "dry_run": dry_run, "backfill": backfill}
            replays = office.call("POST", "/dead/replay", body)["replays"]
            said += replays
            if form is Form.TEXT:
                tables.lines(line for one in replays for line in _replay(one, dry_run))
    _sum_up(said, form, dry_run)


def _one_of_each_event(letters: Iterator[dict[str, Any]]) -> list[int]:
    """An event is replayed with all of its letters, and once."""
    return list({letter["event"]: letter["id"] for letter in letters}.values())


def _replay(one: dict[str, Any], dry_run: bool) -> Iterator[str]:
    yield f"event {one['event']} of {one['connection']}"
    for change in one["changes"]:
        sent = "would be sent" if dry_run else "is on its way"
        yield f"  {change['entry']} to {change['platform']}: {change['kept_back'] or sent}"
        yield from (f"    {line}" for line in (change["difference"] or "").splitlines())
    for word in ("skipped", "reasons"):
        for reason in one[word]:
            what = "skipped" if word == "skipped" else "dead"
            yield from (f"  {what}{line}" if line[0] == "[" else f"  {line}" for line in tables.why(reason))


def _sum_up(said: Sequence[dict[str, Any]], form: Form, dry_run: bool) -> None:
    dead = sum(bool(one["reasons"] or one["left"]) for one in said)
    sent = sum(change["kept_back"] is None for one in said for change in one["changes"])
    if form is Form.JSON:
        tables.as_json({"dry_run": dry_run, "replays": said})
    else:
        verb = "would be sent" if dry_run else "on their way"
        counted = f"{tables.count(len(said), 'event')}, {tables.count(sent, 'payload')} {verb}"
        print(counted + (f", {dead} still dead" if dead else ""), file=sys.stderr)
    raise typer.Exit(int(dead > 0))


@app.command(epilog="Example, for all of acme's shop: mapforge dead drop --connection acme-shop --yes")
@at_desk
def drop(
    opening: Opening,
    letters: Letters = None,
    connection: ConnectionOption = None,
    all_: AllOption = False,
    yes: YesOption = False,
) -> None:
    """Put dead letters away: their events are not delivered, and are kept for as long as others are."""
    many.refuse_unclear("letters", letters, connection, all_)
    with opening(writes=True) as office:
        wanted = letters or [letter["id"] for letter in office.rows("/dead", "letters", connection=connection)]
        many.confirm(f"drop {tables.count(len(wanted), 'dead letter')}", len(wanted), yes)
        for some in many.in_chunks(wanted):
            office.call("POST", "/dead/drop", {"letters": some})
    print(f"dropped: {tables.count(len(wanted), 'letter')}", file=sys.stderr)
