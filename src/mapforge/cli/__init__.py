"""The verbs: each parses its arguments, calls one function and prints. Results on standard output, words on error."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, NoReturn

import typer

from mapforge import __version__
from mapforge.cli.light import Later, LightCommand, LightGroup
from mapforge.cli.options import FOLDERS, taking
from mapforge.cli.project import Project, WrongCall, find, known_platforms, queue_file, service_url, shown, unknown
from mapforge.diagnostics import CompileError, Diagnostic, MapforgeError, ReadLine, escaped, render, sort


class Verbs(LightGroup):
    """The verbs below, and groups of verbs that are imported when one of them is called."""

    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        for name, (module, help_) in _GROUPS.items():
            self.add_command(Later(name, module, help_))


_GROUPS = {
    "connections": ("mapforge.cli.office.connections", "Whose events go to which platforms, and with which keys."),
    "dead": ("mapforge.cli.office.dead", "Events and payloads that could not be delivered, and why."),
    "held": ("mapforge.cli.office.held", "Payloads that may have arrived, and wait for your word."),
    "top": ("mapforge.cli.office.top", "A running service, live: rates, queue, outlets, faults."),
}

app = typer.Typer(
    cls=Verbs,
    epilog="Example: mapforge map acme event.json",
    help="Vendors' events to marketing platforms, by mappings in YAML.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Form(StrEnum):
    """How diagnostics are written."""

    PRETTY = "pretty"
    SHORT = "short"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


class ShowForm(StrEnum):
    """For people or for programs."""

    TEXT = "text"
    JSON = "json"


class LimitsWord(StrEnum):
    """The rate limits of the look-alikes."""

    REAL = "real"
    SMALL = "small"
    NONE = "none"


Vendors = Annotated[list[str] | None, typer.Argument(help="Vendors; all of them unless told.", metavar="VENDOR")]
Vendor = Annotated[str, typer.Argument(help="A vendor: the name of its folder.", metavar="VENDOR")]
FormOption = Annotated[Form, typer.Option("--format", help="How diagnostics are written.")]
Files = Annotated[list[str] | None, typer.Argument(metavar="FILE", help="JSON or NDJSON; standard input for -.")]
EventOption = Annotated[str | None, typer.Option(metavar="RAW_NAME", help="The name, where raw events do not say it.")]
ToOption = Annotated[list[str] | None, typer.Option(metavar="PLATFORM", help="A platform; all of them unless told.")]
HeaderOption = Annotated[list[str] | None, typer.Option(metavar="K=V", help="An HTTP header of the raw events.")]
RejectsOption = Annotated[Path | None, typer.Option(metavar="FILE", help="Keep what fails here, with every reason.")]


def _in_project(verb: Callable[..., None], given: dict[str, Any], folders: dict[str, Any]) -> None:
    project = find(Path.cwd(), **folders)
    try:
        verb(project, **given)
    except CompileError as error:
        _print_diagnostics(error.diagnostics, Form.PRETTY, project.read_line)
        raise typer.Exit(1) from None


# A verb that takes a project as a command that takes the folders it works in.
in_project = taking(FOLDERS, _in_project)


def main() -> NoReturn:
    """The command. Exit codes: 0 done, 1 something fell short, 2 the call was wrong."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot write a character shows its escape.
            stream.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="mapforge")
    except WrongCall as error:
        fail(lines_of(error), 2)
    except MapforgeError as error:
        fail(lines_of(error), 2 if getattr(error, "wrong_call", False) else 1)
    except OSError as error:
        fail([f"{error.filename}: {error.strerror}" if error.filename else str(error)], 1)
    sys.exit(0)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"mapforge {__version__}")
        raise typer.Exit()


@app.callback()
def mapforge(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")] = False,
) -> None:
    """Vendors' events to marketing platforms, by mappings in YAML."""


@app.command(epilog="Example: mapforge check acme --format github")
@in_project
def check(
    project: Project,
    vendors: Vendors = None,
    form: FormOption = Form.PRETTY,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail too.")] = False,
) -> None:
    """Compile, report everything, write nothing."""
    names = _named(project, vendors)
    found = sort(diagnostic for name in names for diagnostic in project.compiled(name).diagnostics)
    _print_diagnostics(found, form, project.read_line)
    if not found and form in (Form.PRETTY, Form.SHORT):
        print(f"nothing to report in {', '.join(names)}", file=sys.stderr)
    failing = {"error", "warning"} if strict else {"error"}
    raise typer.Exit(int(any(diagnostic.severity in failing for diagnostic in found)))


@app.command(epilog="Example: mapforge build acme -o build")
@in_project
def build(
    project: Project,
    vendors: Vendors = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FOLDER", help="The build folder.")] = None,
) -> None:
    """Check, then write compiled mappers and a manifest: all of them or none.

    Without a vendor, the build holds the vendors there are and no others.
    """
    from mapforge.compiler.build import build as write

    compiled = [project.compiled(name) for name in _named(project, vendors)]
    found = sort(diagnostic for one in compiled for diagnostic in one.diagnostics)
    models = [one.vendor for one in compiled if one.vendor is not None]
    if len(models) < len(compiled):
        raise CompileError(found)
    target = write(models, output or project.build, only=not vendors)
    _print_diagnostics(found, Form.SHORT, project.read_line)
    print(f"built {', '.join(one.name for one in models)} in {shown(target)}", file=sys.stderr)


@app.command(epilog="Example: mapforge show acme GiftcardIssued --format json")
@in_project
def show(
    project: Project,
    vendor: Vendor,
    entry: Annotated[str | None, typer.Argument(help="One entry.", metavar="ENTRY")] = None,
    form: Annotated[ShowForm, typer.Option("--format", help="For people or for programs.")] = ShowForm.TEXT,
) -> None:
    """The resolved entry or entries: what the mapping means after inheritance."""
    from mapforge.cli.show import as_json, as_text

    resolved = project.vendor(vendor)
    names = [one.name for one in resolved.entries]
    if entry is not None and entry not in names:
        raise unknown("entry", entry, names, f" of {vendor}")
    if form is ShowForm.JSON:
        print(json.dumps(as_json(resolved, entry), indent=2, ensure_ascii=False))
    else:
        print("\n".join(as_text(one) for one in resolved.entries if entry in (None, one.name)), end="")


@app.command("map", cls=LightCommand, epilog="Example: mapforge map acme events.ndjson --rejects rejects.ndjson")
@in_project
def map_(
    project: Project,
    vendor: Vendor,
    files: Files = None,
    event: EventOption = None,
    to: ToOption = None,
    header: HeaderOption = None,
    bodies: Annotated[bool, typer.Option("--bodies", help="Bare bodies, a line each.")] = False,
    bulk: Annotated[bool, typer.Option("--bulk", help="Pack them into the platform's bulk requests.")] = False,
    rejects: RejectsOption = None,
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", help="Processes that map; the output is the same.")
    ] = 1,
) -> None:
    """Raw events to payloads: one payload is one pretty body, more are a line of JSON each."""
    if workers < 1:
        raise WrongCall(f"--workers takes a number from 1 on, not {workers}")
    from mapforge.cli.mapping import Wanted, map_all
    from mapforge.cli.progress import Progress
    from mapforge.cli.raw_events import read, size

    mapper = project.mapper(vendor)
    platforms = known_platforms(to or [], vendor, mapper.head.platforms)
    _refuse_input_as_rejects(files or [], rejects)
    wanted = Wanted(event, platforms or None, _headers(header or []), bodies, bulk, rejects)
    bar = sys.stderr.isatty() and not sys.stdout.isatty()
    progress = Progress(sys.stderr, size(files or []), bar=bar)
    tally = map_all(mapper, read(files or []), wanted, sys.stdout.buffer, progress, workers)
    if tally.events != 1 or not tally.payloads:
        print(tally, file=sys.stderr)
    raise typer.Exit(2 if tally.unread else int(tally.rejected > 0))


def _refuse_input_as_rejects(files: list[str], rejects: Path | None) -> None:
    """What is read while it grows never ends."""
    if rejects is None or not rejects.exists():
        return
    if any(rejects.samefile(name) for name in files if Path(name).exists()):
        raise WrongCall(f"--rejects {shown(rejects)} is one of the files that are read")


@app.command(epilog="Example, from a check of acme: mapforge explain MF203")
def explain(code: Annotated[str, typer.Argument(help="An error's code.", metavar="CODE")]) -> None:
    """An error's page: what it means, why, and the way out."""
    from mapforge.codes import CODES, page

    if code.upper() not in CODES:
        raise unknown("code", code.upper(), list(CODES))
    print(page(code.upper()))


@app.command("test", epilog="Example: mapforge test acme --update")
@in_project
def run_tests(
    project: Project,
    vendors: Vendors = None,
    update: Annotated[bool, typer.Option("--update", help="Rewrite the snapshots; read the diff.")] = False,
) -> None:
    """Samples against snapshots, contracts and the platforms' schemas."""
    try:
        from mapforge.cli.testing.run import run
    except ModuleNotFoundError as error:
        raise WrongCall(f"mapforge test needs {error.name}: install mapforge[test]") from None
    raise typer.Exit(run(project, _named(project, vendors), update=update))


@app.command("bench", epilog="Example: mapforge bench acme CardIssued --to klaviyo --profile")
@in_project
def bench_(
    project: Project,
    vendor: Vendor,
    events: Annotated[
        list[str] | None,
        typer.Argument(metavar="EVENT", help="Raw events, entries or samples; all of them unless told."),
    ] = None,
    to: ToOption = None,
    rounds: Annotated[int, typer.Option(metavar="NUMBER", min=1, help="Times are the median of so many.")] = 5,
    form: Annotated[ShowForm, typer.Option("--format", help="For people or for programs.")] = ShowForm.TEXT,
    profile: Annotated[bool, typer.Option("--profile", help="Where the time goes, as py-spy sees it.")] = False,
    seconds: Annotated[float, typer.Option(metavar="NUMBER", min=0.1, help="How long py-spy looks.")] = 5.0,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="With --profile: a flame graph, as SVG.")
    ] = None,
) -> None:
    """What the samples cost to map, and where the time goes.

    The time of an event, beside that of decoding and encoding its own types alone (× types).
    """
    from mapforge.cli.bench import report
    from mapforge.cli.bench.cost import Bench
    from mapforge.cli.bench.profile import find as find_py_spy
    from mapforge.cli.bench.profile import watch
    from mapforge.cli.progress import counted_off

    _refuse_flames(output, profile)
    py_spy = find_py_spy() if profile else None
    bench = Bench(project, vendor, to or [])
    samples = bench.samples(events or [])
    counted = None if py_spy is None else watch(py_spy, bench, samples, seconds, output)
    costs = list(counted_off(bench.costs(samples, rounds), len(samples), "measured"))
    found = None if counted is None else report.shares(counted, costs)
    if form is ShowForm.JSON:
        print(json.dumps(report.as_json(vendor, rounds, costs, found), indent=2, ensure_ascii=False))
    else:
        print(report.as_text(costs, found))
    looked = "" if counted is None else f", py-spy looked {counted.total():,} times"
    print(f"{report.machine()}, median of {rounds}{looked}", file=sys.stderr)


def _refuse_flames(output: Path | None, profile: bool) -> None:
    """A flame graph that nobody could write is said before anything is measured."""
    if output is not None and not profile:
        raise WrongCall("--output is for the flame graph of --profile")
    if output is not None and not output.absolute().parent.is_dir():
        raise WrongCall(f"--output {shown(output)}: there is no folder {shown(output.absolute().parent)}")


@app.command(epilog="Example, after a new group in acme: mapforge schema --check")
@in_project
def schema(
    project: Project,
    fresh: Annotated[bool, typer.Option("--check", help="Write nothing; fail where a file is not fresh.")] = False,
) -> None:
    """Rewrite schemas/mapping/, from which editors complete."""
    from mapforge.cli.editor_schemas import stale, write

    if not fresh:
        print(f"{len(write(project))} written", file=sys.stderr)
        return
    found = stale(project)
    if found:
        fail([f"not fresh: {', '.join(found)}; run: mapforge schema"], 1)
    print("fresh", file=sys.stderr)


@app.command(epilog="Example: mapforge new acme --from issued.json redeemed.json")
@in_project
def new(
    project: Project,
    vendor: Vendor,
    samples: Annotated[list[Path] | None, typer.Argument(metavar="SAMPLE", help="More samples.")] = None,
    given: Annotated[list[Path] | None, typer.Option("--from", metavar="SAMPLE", help="A raw event as JSON.")] = None,
    event: Annotated[str | None, typer.Option(metavar="PATH", help="Where the event's name is.")] = None,
    event_header: Annotated[str | None, typer.Option(metavar="NAME", help="The HTTP header with the name.")] = None,
    id_: Annotated[str | None, typer.Option("--id", metavar="PATH", help="Where the event's id is.")] = None,
    time: Annotated[str | None, typer.Option(metavar="PATH", help="Where the event's time is.")] = None,
    zone: Annotated[str | None, typer.Option(metavar="ZONE", help="Whose clock times without an offset are.")] = None,
    person: Annotated[
        str | None, typer.Option(metavar="PATH", help="The object with e-mail or phone; @ for all.")
    ] = None,
    to: Annotated[
        list[str] | None, typer.Option(metavar="PLATFORM", help="A platform; Klaviyo and Omnisend unless told.")
    ] = None,
) -> None:
    """A vendor's folder from raw events: a mapping that compiles, contract, samples and snapshots.

    What the samples do not say is asked for, or marked to look at.
    """
    from mapforge.cli.new.envelope import Told
    from mapforge.cli.new.make import new as make

    told = Told(event, event_header, id_, time, zone, person)
    made = make(project, vendor, [*(given or []), *(samples or [])], told, to or [])
    entries = ", ".join(entry.name for entry in made.vendor.entries)
    print(f"{shown(project.mappings / vendor)}: {entries}; samples: {len(made.samples)}", file=sys.stderr)
    print(f"{shown(project.snapshots / vendor)}: {len(made.files)} files", file=sys.stderr)
    print(f"next: read both YAML files, then\n  mapforge schema\n  mapforge test {vendor} --update", file=sys.stderr)


@app.command("fake-platforms", epilog="Example, for the events of acme: mapforge fake-platforms --limits small")
def fake_platforms(
    port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="On loopback; a free one for 0.")] = 8790,
    limits: Annotated[
        LimitsWord, typer.Option("--limits", help="Rate limits: the platforms' own, a tenth, or none.")
    ] = (LimitsWord.REAL),
    historical: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="How old an event is that Omnisend takes for historical.")
    ] = 86_400.0,
    discard: Annotated[
        bool, typer.Option("--discard-repeats", help="Klaviyo drops repeats within a bulk request, and takes the rest.")
    ] = False,
    fall_forward: Annotated[
        bool, typer.Option("--fall-forward", help="Klaviyo takes a retired revision for the oldest that it knows.")
    ] = False,
    keep: Annotated[
        int, typer.Option(metavar="NUMBER", min=1, help="So many events, profiles and calls listed.")
    ] = 10_000,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Decides ids, and whom a fault by chance hits.")] = 0,
) -> None:
    """Klaviyo, Omnisend and Shopify look-alikes on loopback, with a page of what they received."""
    try:
        from mapforge.fakes import server
        from mapforge.fakes.settings import LIMITS, Settings
    except ModuleNotFoundError as error:
        raise WrongCall(f"mapforge fake-platforms needs {error.name}: install mapforge[service]") from None
    settings = Settings(
        limits=LIMITS[limits.value],
        seed=seed,
        keep=keep,
        historical_after=historical,
        repeats="discard" if discard else "refuse",
        fall_forward=fall_forward,
    )
    listener = server.listen(port)
    print(server.welcome(server.addresses(listener)), file=sys.stderr, flush=True)
    server.serve(listener, settings)


UrlOption = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help="A running service, with the token in MAPFORGE_ADMIN_TOKEN."),
]
HostOption = Annotated[str | None, typer.Option(metavar="HOST", help="Where webhooks come in; 127.0.0.1 unless told.")]
PortOption = Annotated[int | None, typer.Option(metavar="PORT", min=0, max=65535, help="8787 unless told.")]
AdminPortOption = Annotated[
    int | None,
    typer.Option("--admin-port", metavar="PORT", min=0, max=65535, help="Operators' port; 8788 unless told."),
]
QueueOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Else MAPFORGE_QUEUE, or queue.db in the project's folder.")
]


@app.command("serve", epilog="Example, for the webhooks of acme: mapforge serve --port 8787 --queue queue.db")
@in_project
def serve(
    project: Project,
    host: HostOption = None,
    port: PortOption = None,
    admin_port: AdminPortOption = None,
    queue: QueueOption = None,
    no_workers: Annotated[bool, typer.Option("--no-workers", help="Take webhooks only; deliver elsewhere.")] = False,
    try_: Annotated[
        bool, typer.Option("--try", help="A first look: connections to look-alikes, a queue that goes again.")
    ] = False,
) -> None:
    """The HTTP service: takes vendors' webhooks, keeps them on disk, maps and delivers them.

    More settings are variables of the environment; docs/running.md lists them.
    """
    serving = _serving("serve")
    given = {"host": host, "port": port, "admin_port": admin_port, "queue": queue}
    if try_:
        if queue is not None or no_workers:
            raise WrongCall("--try takes neither --queue nor --no-workers")
        serving.try_out(project, given)
        return
    serving.run(project, {**given, "workers": False if no_workers else None})


@app.command("worker", epilog="Example, beside mapforge serve --no-workers for acme: mapforge worker --queue queue.db")
@in_project
def worker(project: Project, admin_port: AdminPortOption = None, queue: QueueOption = None) -> None:
    """Deliver what a queue holds, without taking webhooks."""
    given = {"admin_port": admin_port, "queue": queue, "workers": True}
    _serving("worker").run(project, given, webhooks=False)


def _serving(verb: str) -> ModuleType:
    try:
        from mapforge.cli import serving
    except ModuleNotFoundError as error:
        raise WrongCall(f"mapforge {verb} needs {error.name}: install mapforge[service]") from None
    return serving


@app.command("sync", epilog="Example, for a shop that acme serves: mapforge sync a-shop members.ndjson --event Member")
def sync_(
    connection: Annotated[str, typer.Argument(help="A connection of the queue.", metavar="CONNECTION")],
    where: Annotated[str, typer.Argument(help="NDJSON, or an address that answers with it.", metavar="FILE|URL")],
    url: UrlOption = None,
    queue: QueueOption = None,
    event: EventOption = None,
    anew: Annotated[bool, typer.Option("--anew", help="Take all of it once more, also what was taken.")] = False,
) -> None:
    """Take a file of raw events into a connection's queue, such as all members when profiles are switched on.

    It goes on where an earlier run was stopped. What it takes is delivered by whoever works on the queue.
    """
    try:
        from mapforge.cli.syncing import progress_of, sync_into, sync_over
    except ModuleNotFoundError as error:
        raise WrongCall(f"mapforge sync needs {error.name}: install mapforge[service]") from None
    service, progress = service_url(url, queue), progress_of(where)
    try:
        if service is not None:
            tally = sync_over(service, connection, where, event, anew, progress)
        else:
            file = queue_file(queue, lambda: find(Path.cwd(), None, None, None))
            tally = sync_into(file, connection, where, event, anew, progress)
    finally:
        progress.clear()
    print(tally, file=sys.stderr)
    raise typer.Exit(int(tally.unread > 0))


def _named(project: Project, vendors: list[str] | None) -> list[str]:
    """The vendors of a call, each once. Raises WrongCall."""
    names = list(dict.fromkeys(vendors or project.names()))
    if not names:
        raise WrongCall(f"there is no vendor in {shown(project.mappings)}")
    for name in names:
        project.folder(name)
    return names


def _headers(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if not pair.partition("=")[0].strip() or "=" not in pair:
            raise WrongCall(f"--header takes K=V, not {pair}")
    return {name.strip(): value for name, _, value in (pair.partition("=") for pair in pairs)}


def _print_diagnostics(diagnostics: Sequence[Diagnostic], form: Form, read_line: ReadLine) -> None:
    text = render(diagnostics, form.value, read_line, colour=form is Form.PRETTY and sys.stderr.isatty())
    for_people = form in (Form.PRETTY, Form.SHORT)
    if text:
        print(text, file=sys.stderr if for_people else sys.stdout)


def fail(lines: Sequence[str], code: int) -> NoReturn:
    """End with what went wrong. Control characters are escaped, whoever wrote them."""
    print(f"mapforge: {escaped(lines[0])}", *map(escaped, lines[1:]), sep="\n", file=sys.stderr)
    sys.exit(code)


def lines_of(error: MapforgeError) -> list[str]:
    """An error, and each thing that is wrong where there are several."""
    return [str(error), *(f"  {one}" for one in getattr(error, "wrong", ()))]
