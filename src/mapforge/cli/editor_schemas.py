"""A project → the files of its schemas/mapping/: the language's, and those of each vendor's events and profiles."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any
from urllib.parse import unquote

from mapforge.cli.project import Damaged, Project, json_object
from mapforge.compiler import source
from mapforge.compiler.source import Map
from mapforge.compiler.vendors import PROFILE_FILE, VENDOR_FILE
from mapforge.model import CATCH_ALL, Kind
from mapforge.schemas import MAPPING, VENDOR_EVENTS, VENDOR_PROFILE, Names, mapping_schemas, vendor_schema

CONTRACT = "contract.schema.json"
_REF = "#/$defs/"


def files(project: Project) -> dict[str, str]:
    """The text of each file by its name."""
    made = mapping_schemas()
    for vendor in project.names():
        made[VENDOR_EVENTS.format(vendor=vendor)] = vendor_schema(vendor, "event", names(project, vendor, "event"))
        if (project.folder(vendor) / PROFILE_FILE).is_file():
            profiles = names(project, vendor, "profile")
            made[VENDOR_PROFILE.format(vendor=vendor)] = vendor_schema(vendor, "profile", profiles)
    return made


def stale(project: Project) -> list[str]:
    """The files that are not as they would be written; a vendor's that has gone is one of them."""
    folder = project.schemas / MAPPING
    wanted = files(project)
    globs = [folder.glob(form.format(vendor="*")) for form in (VENDOR_EVENTS, VENDOR_PROFILE)]
    paths = {*chain(*globs), *(folder / name for name in wanted)}
    there = {path.name: path.read_bytes().decode("utf-8", "replace") for path in paths if path.is_file()}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def write(project: Project) -> list[str]:
    """Write what is stale and say which files that were."""
    folder = project.schemas / MAPPING
    folder.mkdir(parents=True, exist_ok=True)
    wanted = files(project)
    changed = stale(project)
    for name in changed:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8", newline="\n")
        else:
            (folder / name).unlink()
    return changed


def names(project: Project, vendor: str, kind: Kind) -> Names:
    """What there is to complete: read leniently, for an editor is of most use while the mapping is not yet right."""
    folder = project.folder(vendor)
    shared = _keys_of_each(source.read(folder / VENDOR_FILE, VENDOR_FILE)[0])
    files = [path for path in sorted(folder.glob("*.yaml")) if path.name != VENDOR_FILE]
    ours = [path for path in files if (path.name == PROFILE_FILE) == (kind == "profile")]
    trees = [source.read(path, path.name)[0] for path in ours]
    entries = [pair.key.value for tree in trees if tree is not None for pair in tree.pairs if not _is_like(pair.value)]
    return Names(
        types=tuple(shared.get("types", ())),
        groups=tuple(shared.get("groups", ())),
        events=tuple(name for name in _raw_names(project, vendor) if name != CATCH_ALL),
        entries=tuple(sorted({name for name in entries if name != CATCH_ALL})),
    )


def _keys_of_each(tree: Map | None) -> dict[str, list[str]]:
    maps = [(pair.key.value, pair.value) for pair in (tree.pairs if tree else ()) if isinstance(pair.value, Map)]
    return {name: [pair.key.value for pair in value.pairs] for name, value in maps}


def _is_like(entry: source.Node) -> bool:
    return isinstance(entry, Map) and entry.get("like") is not None


def _raw_names(project: Project, vendor: str) -> list[str]:
    """The raw events of the contract: what its oneOf tells apart; without one, the definitions nothing refers to."""
    try:
        contract = json_object(project.folder(vendor) / CONTRACT)
    except Damaged:
        return []
    choices = contract.get("oneOf")
    if choices is not None:
        return list(_referred(choices))
    definitions = contract.get("$defs")
    referred = set(_referred(contract))
    return [name for name in definitions if name not in referred] if isinstance(definitions, dict) else []


def _referred(node: Any) -> Iterator[str]:
    """The definitions that the references in a schema name."""
    if isinstance(node, dict):
        ref = node.get("$ref")
        if isinstance(ref, str) and ref.startswith(_REF):
            yield unquote(ref.removeprefix(_REF)).replace("~1", "/").replace("~0", "~")
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from _referred(child)
