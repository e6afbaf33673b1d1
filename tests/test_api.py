"""What `import mapforge` gives, as docs/ and the README print it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import mapforge
from tests.cli.calls import EVENTS, FAULTY, GOOD, IGNORED, VENDOR, acme
from tests.language.acme import compiled, raw_event, vendor_yaml

SLOW = [
    "babel",
    "cryptography",
    "httpx",
    "jinja2",
    "jmespath",
    "jsonschema",
    "msgspec",
    "pydantic",
    "pyrate_limiter",
    "rich",
    "typer",
    "yaml",
]


def python(program: str, cwd: Path) -> str:
    """What a program prints in a process of its own."""
    done = subprocess.run([sys.executable, "-c", program], cwd=cwd, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_snippet_of_the_interface_works_as_printed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    vendor = mapforge.compile_vendor("mappings/acme")
    mapforge.build(vendor, "build")

    mappers = mapforge.load("build")
    result = mappers["acme"].map(GOOD, headers=None, to=None)
    assert isinstance(vendor, mapforge.Vendor)
    assert isinstance(mappers, mapforge.Mappers)
    assert isinstance(result, mapforge.Result)
    assert list(mappers) == ["acme"]
    klaviyo, omnisend = result.payloads
    assert isinstance(klaviyo, mapforge.Payload)
    heads = [(one.vendor, one.entry, one.event, one.kind, one.time) for one in (klaviyo, omnisend)]
    assert heads == [("acme", "CardIssued", "card.issued", "event", "2026-03-01T12:00:00Z")] * 2
    assert (klaviyo.platform, klaviyo.unique_id, omnisend.platform) == ("klaviyo", "e1", "omnisend")
    assert isinstance(klaviyo.body, bytes)
    assert json.loads(klaviyo.body)["data"]["type"] == "event"
    assert "ada" in klaviyo.profile_key
    assert (result.skipped, result.warnings, result.faults) == ([], [], [])
    result.raise_for_faults()


def test_a_raw_event_may_be_text_and_platforms_be_chosen(project: Path, tmp_path: Path) -> None:
    mapforge.build(mapforge.compile_vendor(project / "mappings/acme"), tmp_path / "build")
    mapper = mapforge.load(tmp_path / "build")["acme"]
    assert mapper.map(GOOD.decode()) == mapper.map(GOOD)
    assert [one.platform for one in mapper.map(GOOD, to="omnisend").payloads] == ["omnisend"]
    assert [one.platform for one in mapper.map(GOOD, to=["klaviyo"]).payloads] == ["klaviyo"]
    with pytest.raises(ValueError, match="no platform 'klavio'"):
        mapper.map(GOOD, to="klavio")


def test_faults_and_notes_say_entry_platform_reason_and_place(project: Path, tmp_path: Path) -> None:
    mapforge.build(mapforge.compile_vendor(project / "mappings/acme", "mappings/acme"), tmp_path / "build")
    mapper = mapforge.load(tmp_path / "build")["acme"]
    result = mapper.map(FAULTY)
    assert result.payloads == []
    assert all(isinstance(fault, mapforge.Fault) for fault in result.faults)
    assert [(fault.entry, fault.attribute, fault.path, fault.place) for fault in result.faults] == [
        ("CardIssued", "balance", "card.balance", "mappings/acme/events.yaml:5"),
        ("CardIssued", "pieces", "card.pieces", "mappings/acme/events.yaml:6"),
    ]
    with pytest.raises(mapforge.MappingError) as caught:
        result.raise_for_faults()
    assert caught.value.faults == tuple(result.faults)
    (note,) = mapper.map(IGNORED).skipped
    assert isinstance(note, mapforge.Note)
    assert (note.entry, note.platform, note.reason) == (None, None, "acme ignores this raw event")


def test_a_vendor_that_does_not_compile_raises_every_diagnostic(tmp_path: Path) -> None:
    root = acme(
        tmp_path,
        vendor=VENDOR.replace("omnisend: {origin: acme}", "omnisend: {orign: acme}"),
        events=EVENTS.replace("type: money", "type: mony").replace("type: integer", "type: integr"),
    )
    with pytest.raises(mapforge.CompileError) as caught:
        mapforge.compile_vendor(root / "mappings/acme", "mappings/acme")
    assert isinstance(caught.value, mapforge.MapforgeError)
    assert all(isinstance(one, mapforge.Diagnostic) for one in caught.value.diagnostics)
    places = [one.span.at for one in caught.value.diagnostics]
    files = [f"mappings/acme/events.yaml:{line}" for line in (5, 6)]
    assert [place for place in places if "events" in place] == files
    assert [place for place in places if "vendor" in place]
    assert len(str(caught.value).splitlines()) == len(places)


def test_a_folder_that_is_not_there_raises_compile_error(tmp_path: Path) -> None:
    with pytest.raises(mapforge.CompileError, match="there is no folder"):
        mapforge.compile_vendor(tmp_path / "nobody")


def test_a_build_that_is_not_there_raises_build_error(tmp_path: Path) -> None:
    with pytest.raises(mapforge.BuildError, match="run: mapforge build"):
        mapforge.load(tmp_path / "build")


def test_all_names_are_sorted_complete_and_there() -> None:
    assert mapforge.__all__ == sorted(mapforge.__all__)
    assert all(hasattr(mapforge, name) for name in mapforge.__all__)
    assert set(mapforge.__all__) == set(mapforge._HOMES)
    assert set(mapforge.__all__) <= set(dir(mapforge))
    with pytest.raises(AttributeError, match="no attribute 'compile_vendr'"):
        mapforge.compile_vendr  # noqa: B018


def test_importing_mapforge_loads_nothing_slow(tmp_path: Path) -> None:
    program = f"import sys, mapforge; print([name for name in {SLOW!r} if name in sys.modules])"
    assert python(program, tmp_path) == "[]\n"


def test_loading_and_mapping_loads_no_compiler(project: Path, tmp_path: Path) -> None:
    mapforge.build(mapforge.compile_vendor(project / "mappings/acme"), tmp_path / "build")
    program = (
        "import sys, mapforge\n"
        f"mapper = mapforge.load('build')['acme']\n"
        f"good, faulty = mapper.map({GOOD!r}), mapper.map({FAULTY!r})\n"
        "slow = ['jmespath', 'jsonschema', 'mapforge.compiler', 'pydantic', 'rich', 'typer', 'yaml']\n"
        "print(len(good.payloads), len(faulty.faults), [name for name in slow if name in sys.modules])\n"
    )
    assert python(program, tmp_path) == "2 2 []\n"


LOADED = ["mapforge", "mapforge.builds", "mapforge.diagnostics", "mapforge.runtime", "mapforge.runtime.load"]
MAPPED = {"mapforge.model", "mapforge.platforms", "mapforge.runtime", "mapforge.values"}
ONLY_WHEN_NEEDED = {"mapforge.runtime.interpret", "mapforge.values.templates"}


def test_loading_imports_the_loader_alone_and_a_plain_event_what_maps_it(project: Path, tmp_path: Path) -> None:
    """Of other packages, nothing but msgspec; no interpreter, no template, no locale."""
    mapforge.build(mapforge.compile_vendor(project / "mappings/acme"), tmp_path / "build")
    program = (
        "import json, sys, msgspec\n"
        "seen = [set(sys.modules)]\n"
        "import mapforge\n"
        "mappers = mapforge.load('build')\n"
        "seen.append(set(sys.modules))\n"
        f"result = mappers['acme'].map({GOOD!r})\n"
        "seen.append(set(sys.modules))\n"
        "new = [sorted(after - before) for before, after in zip(seen, seen[1:])]\n"
        "print(json.dumps([len(result.payloads), result.slow_path, *new]))\n"
    )
    payloads, slow, loaded, mapped = json.loads(python(program, tmp_path))
    assert (payloads, slow) == (2, False)
    assert _beyond_python(loaded) == LOADED
    assert {".".join(name.split(".")[:2]) for name in _beyond_python(mapped)} == MAPPED
    assert ONLY_WHEN_NEEDED & set(mapped) == set()


SPOKEN = """
Order:
  trigger: {event: order}
  attributes:
    day: {type: datetime, from: "on", format: "EEEE, MMMM d, yyyy, h:mm a"}
    born: {type: date, format: "d. MMM"}
    lines: {type: list, fields: {at: {type: datetime, format: "MMMM", zone: {constant: UTC}}}}
    total: {type: decimal, from: total, as: money, round: down, places: currency}
    share: {type: decimal, from: share, as: percent}
"""


@pytest.mark.parametrize(("locale", "asked"), [("{constant: de}", False), ("lang", True)])
def test_babel_is_asked_by_the_build_and_not_by_what_it_built_unless_the_locale_comes_with_the_event(
    tmp_path: Path, locale: str, asked: bool
) -> None:
    source = f"{{event: type, id: id, time: at, zone: zone, locale: {locale}, currency: currency}}"
    mapforge.build(compiled(tmp_path, vendor_yaml(source=source), SPOKEN), tmp_path / "build")
    raw = raw_event(
        on='"2027-03-31T22:05:00Z"',
        total="1234.567",
        share="12.5",
        lang='"de"',
        born='"2027-03-04"',
        lines='[{"at":"2027-03-04T00:00:00Z"}]',
    )
    program = (
        "import sys, json, mapforge\n"
        f"(payload,) = mapforge.load('build')['acme'].map({raw!r}).payloads\n"
        "sent = json.loads(payload.body)['data']['attributes']['properties']\n"
        "print(json.dumps([sent, 'babel' in sys.modules]))\n"
    )
    sent = {"day": "Donnerstag, April 1, 2027, 12:05 AM", "born": "4. März", "lines": [{"at": "März"}]}
    sent |= {"total": "1.234,56\xa0€", "share": "12,5\xa0%"}
    assert json.loads(python(program, tmp_path)) == [sent, asked]


def _beyond_python(names: list[str]) -> list[str]:
    """Those that are not the standard library's; `_` begins what a Python was configured with, or Cython brought."""
    known = sys.stdlib_module_names | {"cython_runtime"}
    return [name for name in names if name[0] != "_" and name.split(".")[0] not in known]


def test_the_library_prints_and_logs_nothing(project: Path, tmp_path: Path) -> None:
    program = (
        "import mapforge\n"
        f"vendor = mapforge.compile_vendor({str(project / 'mappings/acme')!r})\n"
        "mapforge.build(vendor)\n"
        f"mapforge.load()['acme'].map({FAULTY!r})\n"
    )
    assert python(program, tmp_path) == ""


def test_the_version_is_the_package_s() -> None:
    pyproject = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{mapforge.__version__}"\n' in pyproject


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the vendor acme."""
    root = tmp_path / "project"
    root.mkdir()
    return acme(root)
