"""`mapforge new` → a vendor's folder and its snapshots, in place only when they compile and every sample maps."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mapforge.cli.new import names, samples, writing
from mapforge.cli.new.attributes import Inference
from mapforge.cli.new.contract import contract
from mapforge.cli.new.envelope import Envelope, Place, Told, envelope
from mapforge.cli.new.person import person
from mapforge.cli.new.samples import Sample
from mapforge.cli.project import HEADERS, Project, WrongCall, unknown
from mapforge.cli.testing.expected import CONTRACT, Sampled, sampled
from mapforge.compiler.vendors import VENDOR_FILE, compile_folder
from mapforge.platforms import PLATFORMS

if TYPE_CHECKING:
    from mapforge.compiler.vendors import Compiled

EVENTS_FILE = "events.yaml"
UNLESS_TOLD = ("klaviyo", "omnisend")
_VENDOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")


class _Draft(Project):
    """The new vendor alone, in a folder of its own, with the places it will have in its project."""

    def __init__(self, root: Path, project: Project) -> None:
        super().__init__(root)
        self.project = project

    def compiled(self, vendor: str) -> Compiled:
        return compile_folder(self.folder(vendor), self.project.shown(self.project.mappings / vendor))


def new(project: Project, vendor: str, paths: Sequence[Path], told: Told, platforms: Sequence[str]) -> Sampled:
    """Write the vendor's folder and snapshots, and say what came of its samples. Raises WrongCall."""
    _refuse_known(project, vendor)
    wanted = list(dict.fromkeys(platforms)) or list(UNLESS_TOLD)
    for name in wanted:
        if name not in PLATFORMS:
            raise unknown("platform", name, list(PLATFORMS))
    read = samples.read(paths)
    try:
        return _written(project, vendor, files(vendor, read, told, wanted))
    except RecursionError:
        raise WrongCall("a sample nests too deep to infer anything from it") from None


def files(vendor: str, read: list[Sample], told: Told, platforms: Sequence[str]) -> dict[str, bytes]:
    """The files of the vendor's folder by their path there. Raises WrongCall."""
    around = envelope(read, told)
    who = person(read, told.person, platforms)
    groups = _by_name(read, around)
    at = around.event.keys if isinstance(around.event, Place) else None
    bodies = {name: [sample.body for sample in group] for name, group in groups.items()}
    agreed = json.dumps(contract(bodies, at), indent=2, ensure_ascii=False)
    texts = {
        VENDOR_FILE: writing.vendor_yaml(vendor, around, who, platforms, len(read)),
        EVENTS_FILE: writing.events_yaml(vendor, _events(groups, around, platforms)),
        CONTRACT: f"{agreed}\n",
    }
    return {**{name: text.encode() for name, text in texts.items()}, **_samples(read)}


def _refuse_known(project: Project, vendor: str) -> None:
    if not _VENDOR.fullmatch(vendor):
        raise WrongCall(f"{vendor} cannot be a vendor's name: letters, digits, - and _, as its folder is called so")
    for folder in (project.mappings / vendor, project.snapshots / vendor):
        if os.path.lexists(folder):
            raise WrongCall(f"{project.shown(folder)} is there already; nothing is overwritten")


def _by_name(read: list[Sample], around: Envelope) -> dict[str, list[Sample]]:
    groups: dict[str, list[Sample]] = {}
    for sample in read:
        groups.setdefault(around.name_of(sample), []).append(sample)
    return groups


def _events(groups: Mapping[str, list[Sample]], around: Envelope, platforms: Sequence[str]) -> list[writing.Event]:
    inference = Inference(around.keys, around.zone, platforms)
    events: list[writing.Event] = []
    for name, group in groups.items():
        entry = names.unique(names.entry_name(name), {event.entry.casefold() for event in events})
        lines = inference.attributes([sample.body for sample in group])
        events.append(writing.Event(entry, name, lines, len(group)))
    return events


def _samples(read: list[Sample]) -> dict[str, bytes]:
    found = {f"samples/{sample.name}.json": sample.raw for sample in read}
    beside = {f"samples/{sample.name}{HEADERS}": sample.beside for sample in read if sample.beside is not None}
    return found | beside


def _written(project: Project, vendor: str, found: Mapping[str, bytes]) -> Sampled:
    # Beside its place, so that one rename puts it there.
    with tempfile.TemporaryDirectory(prefix=".new-", dir=project.mappings) as folder:
        draft = _Draft(Path(folder), project)
        _write(draft.mappings / vendor, found)
        made = _checked(draft, vendor)
        _write(draft.snapshots / vendor, {path: text.encode() for path, text in made.files.items()})
        _put(draft, project, vendor)
    return made


def _write(folder: Path, found: Mapping[str, bytes]) -> None:
    for name, content in found.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _checked(draft: _Draft, vendor: str) -> Sampled:
    """What the samples give. Raises WrongCall where it is less than a payload of each for every platform."""
    diagnostics = draft.compiled(vendor).diagnostics
    if diagnostics:
        raise WrongCall(f"no mapping can be made of these samples: {diagnostics[0].code}: {diagnostics[0].message}")
    made = sampled(draft, vendor)
    for sample in made.samples:
        for fault in sample.result.faults:
            raise WrongCall(f"no mapping can be made of {sample.name}: {fault.reason} ({fault.code})")
    return made


def _put(draft: _Draft, project: Project, vendor: str) -> None:
    snapshots = project.snapshots / vendor
    try:
        shutil.copytree(draft.snapshots / vendor, snapshots)
        (draft.mappings / vendor).rename(project.mappings / vendor)
    except OSError:
        shutil.rmtree(snapshots, ignore_errors=True)
        raise
