"""The tests that `mapforge test` runs over a project's vendors. Pytest imports it: a failing assert shows why."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from mapforge.cli.project import Project
from mapforge.cli.testing.expected import Sampled, contract
from mapforge.cli.testing.plugin import VENDORS
from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import endpoint_of
from mapforge.runtime.outcomes import Payload
from mapforge.runtime.pack import BulkRequest
from mapforge.schemas import payload_validator


class FileAtPath(SingleFileSnapshotExtension):
    """One readable file for each expected one, at the place that the parameter's name gives, as it will be sent."""

    _write_mode = WriteMode.TEXT
    folder: Path
    path: str

    @classmethod
    def dirname(cls, *, test_location: Any) -> str:
        return str((cls.folder / cls.path).parent)

    @classmethod
    def get_snapshot_name(cls, *, test_location: Any, index: Any = 0) -> str:
        return Path(cls.path).stem

    @classmethod
    def get_location(cls, *, test_location: Any, index: Any = 0) -> str:
        return str(cls.folder / cls.path)


def at(folder: Path, path: str) -> type[FileAtPath]:
    """The extension that reads and writes this one file."""
    return type("FileAtPath", (FileAtPath,), {"folder": folder, "path": path, "file_extension": Path(path).suffix[1:]})


@pytest.fixture(scope="session")
def project(pytestconfig: pytest.Config) -> Project:
    """The project under test."""
    return pytestconfig.stash[VENDORS].project


Held = Callable[[str], Sampled]


@pytest.fixture(scope="session")
def held(pytestconfig: pytest.Config) -> Held:
    """A vendor's samples, mapped once."""
    return pytestconfig.stash[VENDORS].sampled.__getitem__


def test_snapshot(project: Project, held: Held, vendor: str, path: str, snapshot: SnapshotAssertion) -> None:
    """The file is what the mapping makes today."""
    assert held(vendor).files[path] == snapshot.use_extension(at(project.snapshots / vendor, path))


def test_no_snapshot_is_an_orphan(project: Project, held: Held, vendor: str) -> None:
    """Every file there is made by a sample or an entry."""
    folder = project.snapshots / vendor
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert sorted(there - held(vendor).files.keys()) == []


def test_every_entry_has_a_sample(held: Held, vendor: str) -> None:
    """For every platform that gets the entry, a sample makes its payload."""
    assert held(vendor).unhit() == []


def test_no_snapshot_is_nearly_empty(held: Held, vendor: str) -> None:
    """Every body has a property."""
    thin = [sample.name for sample, payload in held(vendor).payloads() if not _says_something(payload)]
    assert thin == []


def _says_something(payload: Payload) -> bool:
    """Whether a body holds more than whom it is about, and what it is called."""
    said = json.loads(payload.body)
    match payload.kind:
        case "event":
            return bool(said["data"]["attributes"]["properties"] if "data" in said else said["properties"])
        case "profile":
            own = said["data"]["attributes"]
            return bool(own["properties"] or own.keys() - {"properties", "email", "phone_number", "external_id"})
        case "contact":
            return bool(said["customProperties"] or said.keys() - {"customProperties", "identifiers"})
        case _:
            return bool(said["metafields"])


def test_samples_fit_the_contract(project: Project, held: Held, vendor: str) -> None:
    """Every sample that makes a payload is one that the vendor may send."""
    schema = contract(project, vendor)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    good = [sample for sample in held(vendor).samples if sample.result.payloads]
    assert _broken(validator, {sample.name: sample.raw for sample in good}) == []


def test_payloads_fit_the_platform(held: Held, vendor: str) -> None:
    """Every body is one that the platform's schema allows."""
    bodies: dict[tuple[str, str], dict[str, bytes]] = {}
    for sample, payload in held(vendor).payloads():
        bodies.setdefault((payload.platform, payload.kind), {})[f"{payload.entry}/{sample.name}"] = payload.body
    for request, path in held(vendor).bulk():
        bodies.setdefault((request.platform, _form(request)), {})[path] = request.body
    broken = [line for sent, named in bodies.items() for line in _broken(payload_validator(*sent), named)]
    assert broken == []


def _form(request: BulkRequest) -> str:
    """The name of the schema that a bulk request has."""
    bulk = endpoint_of(PLATFORMS[request.platform], request.kind).bulk
    assert bulk is not None
    return bulk.form


def test_samples_take_the_fast_path(held: Held, vendor: str) -> None:
    """A sample that the interpreter had to map has something to say for itself: a warning, a skip or a fault."""
    silent = [
        sample.name
        for sample in held(vendor).samples
        if sample.result.slow_path and not (sample.result.warnings or sample.result.skipped or sample.result.faults)
    ]
    assert silent == []


def _broken(validator: Draft202012Validator, named: dict[str, bytes]) -> list[str]:
    return [
        f"{name}: /{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for name, raw in named.items()
        for error in validator.iter_errors(json.loads(raw, parse_float=Decimal))
    ]
