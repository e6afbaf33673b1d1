"""schemas/mapping/ by check-jsonschema, a tool that is not ours: what it accepts, and what it refuses and where.

Each file of broken/ says in its first line where it is refused. What the schemas accept, the compiler's shapes do too.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mapforge.compiler.vendors import compile_folder
from mapforge.schemas import DIALECT, Names, mapping_schemas, vendor_schema

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schemas" / "mapping"
VENDORS = sorted(path.parent for path in (ROOT / "mappings").glob("*/vendor.yaml"))
FILES = sorted(path for home in VENDORS for path in home.glob("*.yaml") if path.name != "vendor.yaml")
PROFILE_FILES = [path for path in FILES if path.name == "profile.yaml"]
EVENT_FILES = [path for path in FILES if path.name != "profile.yaml"]
BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
TOOL = Path(sys.executable).with_name("check-jsonschema")
NAMES = Names(types=("money",), groups=("customer",), events=("card.issued",), entries=("CardSold",))


def checked(*arguments: str | Path) -> tuple[int, dict[str, list[str]]]:
    """check-jsonschema's exit code, and by file the paths that it refuses."""
    done = subprocess.run([TOOL, "-o", "json", *arguments], capture_output=True, check=False, text=True)
    said = json.loads(done.stdout)
    refused: dict[str, list[str]] = {}
    for error in [*said["errors"], *said.get("parse_errors", [])]:
        refused.setdefault(Path(error["filename"]).stem, []).append(error.get("path", "?"))
    return done.returncode, refused


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The language's schemas and one of a vendor, as they are made today."""
    folder = tmp_path_factory.mktemp("schemas")
    for name, text in {**mapping_schemas(), "acme.events.schema.json": vendor_schema("acme", "event", NAMES)}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", sorted(mapping_schemas()))
def test_the_file_is_fresh(name: str) -> None:
    assert (SCHEMAS / name).read_text(encoding="utf-8") == mapping_schemas()[name]


def test_every_schema_is_one_of_2020_12() -> None:
    paths = sorted(SCHEMAS.glob("*.json"))
    assert {json.loads(path.read_bytes())["$schema"] for path in paths} == {DIALECT}
    assert checked("--check-metaschema", *paths) == (0, {})


def test_every_contract_is_one_of_2020_12() -> None:
    contracts = [home / "contract.schema.json" for home in VENDORS]
    assert {json.loads(path.read_bytes())["$schema"] for path in contracts} == {DIALECT}
    assert checked("--check-metaschema", *contracts) == (0, {})


def test_every_vendor_file_is_accepted() -> None:
    paths = [home / "vendor.yaml" for home in VENDORS]
    assert checked("--schemafile", SCHEMAS / "vendor.schema.json", *paths) == (0, {})


def test_every_event_file_is_accepted() -> None:
    assert EVENT_FILES
    assert checked("--schemafile", SCHEMAS / "events.schema.json", *EVENT_FILES) == (0, {})


@pytest.mark.parametrize("home", VENDORS, ids=lambda home: home.name)
def test_every_event_file_is_accepted_by_its_vendor_s_schema(home: Path) -> None:
    paths = [path for path in EVENT_FILES if path.parent == home]
    assert checked("--schemafile", SCHEMAS / f"{home.name}.events.schema.json", *paths) == (0, {})


@pytest.mark.parametrize("path", PROFILE_FILES, ids=lambda path: path.parent.name)
def test_every_profile_file_is_accepted_by_the_language_s_schema_and_by_its_vendor_s(path: Path) -> None:
    for name in ("profile.schema.json", f"{path.parent.name}.profile.schema.json"):
        assert checked("--schemafile", SCHEMAS / name, path) == (0, {})


@pytest.mark.parametrize("path", [*FILES, *(home / "vendor.yaml" for home in VENDORS)], ids=lambda p: p.name)
def test_the_first_line_leads_an_editor_to_the_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    vendor = path.parent.name
    name = {"vendor.yaml": "vendor.schema.json", "profile.yaml": f"{vendor}.profile.schema.json"}.get(
        path.name, f"{vendor}.events.schema.json"
    )
    assert first == f"# yaml-language-server: $schema=../../schemas/mapping/{name}"
    assert (path.parent / first.partition("$schema=")[2]).is_file()


# ── what is refused ───────────────────────────────────────────────────────────────────────────────


def wanted(paths: list[Path]) -> dict[str, list[str]]:
    return {path.stem: [path.read_text().splitlines()[0].removeprefix("# refused at ")] for path in paths}


def _kind(path: Path) -> str:
    """The file that a broken one stands for: vendor, profile, or nothing for events."""
    word = path.stem.partition("-")[0]
    return word if word in ("vendor", "profile") else ""


@pytest.mark.parametrize(
    ("schema", "of"),
    [
        ("vendor.schema.json", "vendor"),
        ("events.schema.json", ""),
        ("acme.events.schema.json", ""),
        ("profile.schema.json", "profile"),
    ],
)
def test_a_broken_file_is_refused_at_its_place(schema: str, of: str, generated: Path) -> None:
    paths = [path for path in BROKEN if _kind(path) == of]
    assert len(paths) > 5
    assert checked("--schemafile", generated / schema, *paths) == (1, wanted(paths))


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_what_a_schema_refuses_the_compiler_does_too(path: Path, tmp_path: Path) -> None:
    home = tmp_path / "acme"
    home.mkdir()
    name = f"{_kind(path) or 'events'}.yaml"
    good = {"vendor.yaml": MINIMAL, "events.yaml": "CardIssued: {attributes: {balance: decimal}}\n"}
    for file, text in {**good, name: path.read_text()}.items():
        (home / file).write_text(text)
    compiled = compile_folder(home)
    assert compiled.vendor is None
    assert [one for one in compiled.diagnostics if one.severity == "error" and one.span.file.endswith(name)]


MINIMAL = """\
mapforge: 1
vendor: acme
source: {event: type, id: id, time: at}
identity: {email: email}
platforms: {klaviyo: {}}
"""


# ── what is accepted: numbers and booleans, where text is read ────────────────────────────────────

VENDOR_TEXTS = [
    "mapforge: 1",
    'mapforge: "1"',
    "ignore: [1, no, 2.5, card.viewed]",
    "describe: 5",
    "types: {money: {base: decimal, round: down, places: 2}}",
    'types: {money: {base: decimal, round: down, places: "2", scale: "-2"}}',
    "types: {money: {base: decimal, round: down, places: currency, scale: minor}}",
    "types: {flag: {base: text, blank: [0, no, 1.5], absent: false}}",
    "platforms: {omnisend: {origin: 99, null_if: {balance: 0}, omit: [1], rename: {a: 5}}}",
    "person: 5",
]
EVENT_TEXTS = [
    "name: no",
    "name: 404",
    "describe: true",
    "assumed: 5",
    "trigger: {event: 404}",
    "trigger: {event: [1, no, card.issued], when: true}",
    "like: 5",
    "like: 5\n  drop: [1, no]",
    "use: {customer: 5, other: buyer | null}",
    "attributes: {x: {type: integer, constant: 5}}",
    "attributes: {x: {type: boolean, constant: no}}",
    "attributes: {x: {type: date, constant: 2026-03-01}}",
    "attributes: {x: {type: integer, from: 5, absent: 0}}",
    "attributes: {x: {type: text, from: a, absent: omit}}",
    "attributes: {x: {type: text, from: a, absent: {constant: omit}}}",
    "attributes: {x: {type: text, join: [1, no], separator: 5}}",
    "attributes: {x: {type: integer, map: {A: 1, '*': 2}}}",
    "attributes: {x: {type: text | null, sensitive: true}}",
    'attributes: {x: {type: text, sensitive: "false"}}',
    "attributes: {x: 'my_type | null', $value: text, tier-name: text, a b (c).d: text}",
    "attributes: {x: {type: list, each: {type: object, fields: {y: text}}}}",
    "attributes: {x: [{when: a, type: text}, {type: text, constant: no}]}",
    "keep: properties",
    "keep: {from: properties, except: [1]}",
    "value: {from: amount, currency: {constant: EUR}, scale: minor, absent: omit}",
]


@pytest.mark.parametrize("schema", ["events.schema.json", "acme.events.schema.json"])
def test_event_files_take_numbers_and_booleans_where_text_is_read(schema: str, generated: Path, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.yaml" for number in range(len(EVENT_TEXTS))]
    for path, text in zip(paths, EVENT_TEXTS, strict=True):
        path.write_text(f"CardIssued:\n  {text}\n'*': {{keep: properties}}\n")
    assert checked("--schemafile", generated / schema, *paths) == (0, {})


def test_vendor_files_take_numbers_and_booleans_where_text_is_read(generated: Path, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.yaml" for number in range(len(VENDOR_TEXTS))]
    for path, text in zip(paths, VENDOR_TEXTS, strict=True):
        key = text.partition(":")[0]
        kept = [line for line in MINIMAL.splitlines() if not line.startswith(f"{key}:")]
        path.write_text("\n".join([*kept, text]) + "\n")
    assert checked("--schemafile", generated / "vendor.schema.json", *paths) == (0, {})


# ── what a vendor's schema completes ──────────────────────────────────────────────────────────────


def test_a_vendor_s_schema_offers_its_names_and_takes_any_other() -> None:
    schema = json.loads(vendor_schema("acme", "event", NAMES))
    entry = {"trigger": {"event": "card.new"}, "like": "CardNew", "use": {"shop": "shop"}, "attributes": {"x": "new"}}
    assert list(Draft202012Validator(schema).iter_errors({"CardIssued": entry})) == []
    texts = json.dumps(schema)
    offered = ['{"enum": ["card.issued"]}', '{"enum": ["CardSold"]}', '"money", "money | null"]', '"customer": {']
    assert [word for word in offered if word not in texts] == []


def test_without_names_a_vendor_s_schema_is_the_language_s() -> None:
    named: dict[str, Any] = json.loads(vendor_schema("acme", "event", Names()))
    general: dict[str, Any] = json.loads(mapping_schemas()["events.schema.json"])
    assert named.pop("title") == "Events of acme"
    assert named["$defs"]["EventDocument"]["properties"]["use"].pop("properties") == {}
    assert {**named, "title": general["title"]} == general


def test_the_wheel_ships_the_language_s_schemas_and_not_our_vendors() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]
    shipped = [path for path in wheel["force-include"] if path.startswith("schemas/mapping")]
    assert shipped == [f"schemas/mapping/{name}.schema.json" for name in ("events", "profile", "vendor")]
