"""`mapforge top`: a running service as a terminal shows it, anew every other second: rates, queue, outlets, faults."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from mapforge.cli import ShowForm as Form
from mapforge.cli.office.desk import FormOption, Opening, at_desk, group
from mapforge.cli.office.tables import as_json, console, drawn
from mapforge.diagnostics import escaped

if TYPE_CHECKING:
    from rich.console import RenderableType

    from mapforge.cli.office.calls import Office

# What is counted, what it is called, and the labels that tell one from another.
_COUNTED = {
    "mapforge_ingest_seconds_count": ("webhooks", ("status", "vendor")),
    "mapforge_map_seconds_count": ("events mapped", ("vendor",)),
    "mapforge_faults_total": ("faults", ("code", "vendor")),
    "mapforge_outcomes_total": ("payloads", ("outcome", "platform", "kind")),
    "mapforge_rejects_total": ("rejects", ("code", "platform")),
    "mapforge_limit_wait_seconds_total": ("seconds of waiting for limits", ("platform", "connection")),
    "mapforge_queue_unwritable_total": ("writes refused by the queue", ()),
}

Key = tuple[str, tuple[str, ...]]
Every = Annotated[float, typer.Option("--every", metavar="SECONDS", min=0.1, help="How often to look.")]
Once = Annotated[bool, typer.Option("--once", help="Two looks, one answer; so it is where there is no terminal.")]


class Look(msgspec.Struct, frozen=True):
    """What stands at a moment. at: monotonic seconds; numbers: since the service began."""

    at: float
    numbers: Mapping[Key, float]
    depths: list[dict[str, Any]]
    waits: list[dict[str, Any]]
    connections: list[dict[str, Any]]


class Rate(msgspec.Struct, frozen=True):
    """How often something happens. total: since the service began."""

    what: str
    labels: tuple[str, ...]
    a_second: float
    total: float


app = group("A running service, live.", "mapforge top --url http://127.0.0.1:8788")


@app.command(epilog="Example, for the events of acme: mapforge top --url http://127.0.0.1:8788")
@at_desk
def top(opening: Opening, every: Every = 2.0, once: Once = False, form: FormOption = Form.TEXT) -> None:
    """A running service, live: rates, the queue, outlets that rest, faults. No customer data."""
    with opening(writes=False) as office:
        if form is Form.JSON:
            before = look(office)
            time.sleep(every)
            as_json(answer(before, look(office)))
        elif once or not sys.stdout.isatty():
            _once(office, every)
        else:
            _live(office, every)


def look(office: Office) -> Look:
    """Ask for all of it."""
    numbers = numbers_of(office.text("/metrics"))
    connections = office.call("GET", "/connections")["connections"]
    queue = office.call("GET", "/queue")
    return Look(time.monotonic(), numbers, queue["depths"], queue["waits"], connections)


def numbers_of(text: str) -> dict[Key, float]:
    """The numbers that are shown, of Prometheus' text format."""
    from prometheus_client.parser import text_string_to_metric_families

    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name in _COUNTED:
                labels = tuple(sample.labels[label] for label in _COUNTED[sample.name][1])
                found[sample.name, labels] = sample.value
    return found


def rates(before: Look, after: Look) -> list[Rate]:
    """What happened between two looks. A service that began anew in between counts from nothing."""
    passed = max(after.at - before.at, 1e-9)
    found = []
    for (name, labels), total in after.numbers.items():
        was = before.numbers.get((name, labels), 0.0)
        found.append(Rate(_COUNTED[name][0], labels, (total - was if total >= was else total) / passed, total))
    return found


def answer(before: Look, after: Look) -> dict[str, Any]:
    """Both looks for programs."""
    return {
        "rates": rates(before, after),
        "depths": after.depths,
        "waits": after.waits,
        "connections": after.connections,
    }


# ── for people ────────────────────────────────────────────────────────────────────────────────────


def view(before: Look, after: Look) -> Iterator[RenderableType]:
    """The parts of the picture, from the top to the bottom."""
    from rich.text import Text

    yield drawn(("A SECOND", "TOTAL", "WHAT", ""), map(_rate, rates(before, after)))
    yield Text()
    yield drawn(("ROWS", "OLDEST", "QUEUE"), map(_depth, after.depths))
    yield Text()
    for one in after.waits:
        if one["connection"] is None:
            yield Text(escaped(f"all of it waits: {one['reason']}"))
    yield drawn(("CONNECTION", "VENDOR", "PLATFORM", "STATE"), _outlets(after))


def _rate(one: Rate) -> tuple[object, ...]:
    return f"{one.a_second:,.1f}", f"{one.total:,.0f}", one.what, " ".join(one.labels)


def _depth(one: Mapping[str, Any]) -> tuple[object, ...]:
    return f"{one['rows']:,}", f"{one['oldest']:,.0f} s", one["state"]


def _outlets(after: Look) -> Iterator[tuple[object, ...]]:
    waits = {(one["connection"], one["platform"]): f"{one['reason']}, {one['seconds']:.0f} s" for one in after.waits}
    for home in after.connections:
        for outlet in home["outlets"]:
            on = home["enabled"] and outlet["enabled"]
            waiting = waits.get((home["id"], outlet["platform"]), outlet["trouble"])
            state = (waiting or "sends") if on else "off"
            yield home["id"], home["vendor"], outlet["platform"], state


def _once(office: Office, every: float) -> None:
    before = look(office)
    time.sleep(every)
    console().print(*view(before, look(office)), sep="\n")


def _live(office: Office, every: float) -> None:
    from rich.console import Group
    from rich.live import Live

    before = look(office)
    with contextlib.suppress(KeyboardInterrupt), Live(console=console(), screen=True) as screen:
        while True:
            time.sleep(every)
            after = look(office)
            screen.update(Group(*view(before, after)), refresh=True)
            before = after
