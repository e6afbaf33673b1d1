"""`mapforge connections`: whose events go to which platforms, with which keys, and whether that works."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import quote

import typer

from mapforge.cli import ShowForm as Form
from mapforge.cli.office import asked, tables
from mapforge.cli.office.desk import FormOption, Opening, at_desk, group
from mapforge.cli.project import WrongCall, unknown
from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import has_shops

app = group("Whose events go to which platforms, and with which keys.", "mapforge connections test acme-shop")

Connection = Annotated[str, typer.Argument(metavar="CONNECTION", help="Its name, as in its webhooks' address.")]


class Module(StrEnum):
    """What can be on or off by itself."""

    EVENTS = "events"
    PROFILES = "profiles"


PlatformOption = Annotated[str | None, typer.Option(metavar="PLATFORM", help="This platform alone.")]
ModuleOption = Annotated[Module | None, typer.Option(help="This module alone.")]


@app.command(epilog="Example: mapforge connections add acme-shop --vendor acme --to klaviyo --key-from KLAVIYO_KEY")
@at_desk
def add(
    opening: Opening,
    connection: Connection,
    vendor: Annotated[str | None, typer.Option(metavar="VENDOR", help="Whose events come; for a new one.")] = None,
    merchant: Annotated[str | None, typer.Option(metavar="NAME", help="Whose they are, for people.")] = None,
    to: Annotated[
        list[str] | None, typer.Option(metavar="PLATFORM", help="A platform; its key is asked for, a line each.")
    ] = None,
    key_from: Annotated[
        list[str] | None,
        typer.Option(metavar="[PLATFORM=]VARIABLE", help="A variable of the environment that holds a key."),
    ] = None,
    shop: Annotated[str | None, typer.Option(metavar="DOMAIN", help="The shop, where the platform is Shopify.")] = None,
    signing: Annotated[bool, typer.Option("--signing", help="Ask for the secret that signs webhooks.")] = False,
    signing_from: Annotated[
        str | None, typer.Option(metavar="VARIABLE", help="A variable of the environment that holds it.")
    ] = None,
    events: Annotated[bool | None, typer.Option("--events/--no-events", help="The module of events.")] = None,
    profiles: Annotated[bool | None, typer.Option("--profiles/--no-profiles", help="The module of profiles.")] = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Add a connection, or change what is said of it; what is not said stays. Keys are never arguments."""
    platforms = list(dict.fromkeys(to or []))
    body: dict[str, Any] = {"vendor": vendor, "merchant": merchant, "events": events, "profiles": profiles}
    body["outlets"] = _outlets(platforms, key_from or [], shop)
    if signing or signing_from is not None:
        body["signing"] = asked.secret("secret that signs webhooks", signing_from)
    with opening(writes=True, creates=True) as office:
        said = office.call("PUT", _path(connection), _without_none(body))
    _tell(said, form)


def _outlets(platforms: Sequence[str], key_from: Sequence[str], shop: str | None) -> list[dict[str, Any]]:
    """Each platform with its key."""
    for name in platforms:
        if name not in PLATFORMS:
            raise unknown("platform", name, list(PLATFORMS))
    if shop is not None and not any(has_shops(PLATFORMS[name]) for name in platforms):
        raise WrongCall("--shop goes with --to shopify")
    variables = asked.sources(platforms, key_from)
    return [
        _without_none(
            {
                "platform": name,
                "key": asked.secret(f"key of {PLATFORMS[name].title}", variables.get(name)),
                "shop": shop if has_shops(PLATFORMS[name]) else None,
            }
        )
        for name in platforms
    ]


def _without_none(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


def _path(connection: str) -> str:
    if connection in ("", ".", "..") or "/" in connection:
        raise WrongCall("no connection is called so")
    return f"/connections/{quote(connection, safe='')}"


@app.command("list", epilog="Example, for those of acme and all others: mapforge connections list --format json")
@at_desk
def list_(opening: Opening, form: FormOption = Form.TEXT) -> None:
    """All connections, with what their platforms wait for. No keys."""
    with opening(writes=False) as office:
        said = office.call("GET", "/connections")
    if form is Form.JSON:
        tables.as_json(said)
        return
    columns = ("CONNECTION", "VENDOR", "MERCHANT", "SENDS TO", "MODULES", "STATE")
    tables.table(columns, (_row(one) for one in said["connections"]))
    if not said["connections"]:
        print("no connections", file=sys.stderr)


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    outlets = ", ".join(_outlet(outlet) for outlet in one["outlets"])
    return one["id"], one["vendor"], one["merchant"], outlets or "nowhere", _modules(one), _state(one)


def _outlet(outlet: dict[str, Any]) -> str:
    trouble = f": {outlet['trouble']}" if outlet["trouble"] else ""
    return f"{outlet['platform']}{trouble}" if outlet["enabled"] else f"{outlet['platform']} (off)"


def _modules(one: dict[str, Any]) -> str:
    return ", ".join(module.value for module in Module if one[module.value]) or "none"


def _state(one: dict[str, Any]) -> str:
    return "on" if one["enabled"] else "off"


@app.command(epilog="Example, for a shop of acme: mapforge connections show acme-shop")
@at_desk
def show(opening: Opening, connection: Connection, form: FormOption = Form.TEXT) -> None:
    """A connection, line by line. No keys."""
    with opening(writes=False) as office:
        said = office.call("GET", _path(connection))
    if form is Form.JSON:
        tables.as_json(said)
    else:
        tables.lines(_lines(said))


def _lines(one: dict[str, Any]) -> Iterator[str]:
    yield f"{one['id']}: {_state(one)}"
    yield f"  vendor    {one['vendor']}"
    yield f"  merchant  {one['merchant']}"
    yield f"  modules   {_modules(one)}"
    yield f"  webhooks  {'signed: the secret is kept' if one['signing'] else 'no secret is kept'}"
    for outlet in one["outlets"]:
        shop = f" {outlet['shop']}" if outlet["shop"] else ""
        waits = f"; {outlet['trouble']}" if outlet["trouble"] else ""
        yield f"  sends to  {outlet['platform']}{shop}: {_state(outlet)}{waits}"


@app.command("test", epilog="Example: mapforge connections test acme-shop")
@at_desk
def look(
    opening: Opening,
    connections: Annotated[
        list[str] | None, typer.Argument(metavar="CONNECTION", help="Connections; all of them unless told.")
    ] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(metavar="PLATFORM=URL", help="Where a platform is, for a queue's file: https, or on loopback."),
    ] = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Whether the vendor is mapped to each platform, and whether each platform knows its key. Nothing is sent."""
    with opening(writes=False, origins=_origins(origin or [])) as office:
        names = connections or [one["id"] for one in office.call("GET", "/connections")["connections"]]
        said = [office.call("POST", f"{_path(name)}/test") for name in dict.fromkeys(names)]
    if form is Form.JSON:
        tables.as_json({"tests": said})
    else:
        columns = ("CONNECTION", "PLATFORM", "OF", "STATE", "SAYS")
        tables.table(columns, (_check(one["connection"], check) for one in said for check in one["checks"]))
    raise typer.Exit(int(not all(one["well"] for one in said)))


def _check(connection: str, check: dict[str, Any]) -> tuple[object, ...]:
    return connection, check["platform"], check["of"], check["state"], check["says"]


def _origins(given: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    for name, equals, url in pairs:
        if not (equals and url):
            raise WrongCall("--origin takes PLATFORM=URL")
        if name not in PLATFORMS:
            raise unknown("platform", name, list(PLATFORMS))
    return {name: url for name, _, url in pairs}


@app.command(epilog="Example: mapforge connections enable acme-shop --platform klaviyo")
@at_desk
def enable(
    opening: Opening,
    connection: Connection,
    platform: PlatformOption = None,
    module: ModuleOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Switch a connection on, or one of its platforms or modules."""
    _switch(opening, connection, platform, module, form, on=True)


@app.command(epilog="Example: mapforge connections disable acme-shop --module profiles")
@at_desk
def disable(
    opening: Opening,
    connection: Connection,
    platform: PlatformOption = None,
    module: ModuleOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Switch a connection off, or one of its platforms or modules. A connection that is off keeps its events."""
    _switch(opening, connection, platform, module, form, on=False)


def _switch(
    opening: Opening, connection: str, platform: str | None, module: Module | None, form: Form, *, on: bool
) -> None:
    if platform is not None and module is not None:
        raise WrongCall("--platform and --module are two things to switch: say one of them")
    if platform is not None and platform not in PLATFORMS:
        raise unknown("platform", platform, list(PLATFORMS))
    path = _path(connection) + (f"/outlets/{platform}" if platform is not None else "")
    with opening(writes=True) as office:
        said = office.call("PATCH", path, {"enabled" if module is None else module.value: on})
    _tell(said, form)


def _tell(said: dict[str, Any], form: Form) -> None:
    if form is Form.JSON:
        tables.as_json(said)
        return
    name, changed = said["connection"]["id"], ", ".join(said["changed"])
    if said["added"]:
        what = f"added{f', with {changed}' if changed else ''}"
    else:
        what = f"changed {changed}" if changed else "nothing changed"
    print(f"{name}: {what}", file=sys.stderr)
    if said["added"]:
        print(f"next: mapforge connections test {name}", file=sys.stderr)
