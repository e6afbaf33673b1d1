"""Where a project's mappings, build and samples are, and how its vendors become mappers.

`map` starts with a fresh build in little time, so the compiler is imported where it is needed and not before.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mapforge.builds import MANIFEST, engine, fingerprint, folder_name
from mapforge.diagnostics import CompileError, MapforgeError, did_you_mean
from mapforge.runtime.load import BuildError, load
from mapforge.runtime.mappers import Mapper, of_sources

if TYPE_CHECKING:
    from mapforge import model
    from mapforge.compiler.vendors import Compiled

MAPPINGS = "mappings"


class WrongCall(MapforgeError):
    """A call that names what is not there, or that cannot be meant: exit code 2."""


class Damaged(MapforgeError):
    """A file beside the mappings that is not what it should be."""


class Project:
    """A folder with mappings/. A place is shown from there, wherever the command runs: it goes into builds."""

    def __init__(self, root: Path, mappings: Path | None = None, build: Path | None = None) -> None:
        self.root = root
        self.mappings = mappings if mappings is not None else root / MAPPINGS
        self.build = build if build is not None else root / "build"
        self.snapshots = root / "snapshots"
        self.schemas = root / "schemas"

    def names(self) -> list[str]:
        """The vendors there are."""
        return sorted(path.parent.name for path in self.mappings.glob("*/vendor.yaml"))

    def folder(self, vendor: str) -> Path:
        """A vendor's folder. Raises WrongCall where there is no such vendor."""
        folder = self.mappings / vendor
        if vendor in ("", ".", "..") or "/" in vendor or "\\" in vendor or not folder.is_dir():
            raise unknown("vendor", vendor, self.names(), f" in {self.shown(self.mappings)}")
        return folder

    def compiled(self, vendor: str) -> Compiled:
        """The vendor compiled, errors as values. Raises WrongCall."""
        from mapforge.compiler.vendors import compile_folder

        folder = self.folder(vendor)
        return compile_folder(folder, self.shown(folder))

    def vendor(self, name: str) -> model.Vendor:
        """The vendor compiled. Raises CompileError, or WrongCall where there is no such vendor."""
        compiled = self.compiled(name)
        if compiled.vendor is None:
            raise CompileError(compiled.diagnostics)
        return compiled.vendor

    def mapper(self, vendor: str) -> Mapper:
        """The vendor's mapper: from the build where it is whole and fits the mappings, else compiled in memory."""
        if not self.mappings.is_dir():
            return self._only_built(vendor)
        built = self._built(vendor)
        if built is not None:
            return built
        from mapforge.compiler.generate import generate

        resolved = self.vendor(vendor)
        return of_sources(resolved, generate(resolved))

    def _only_built(self, vendor: str) -> Mapper:
        """The vendor's mapper of a build that lies alone. Raises BuildError, or WrongCall for an unknown vendor."""
        mappers = load(self.build)
        if vendor not in mappers:
            raise unknown("vendor", vendor, list(mappers), f" in {shown(self.build)}")
        return mappers[vendor]

    def _built(self, vendor: str) -> Mapper | None:
        wanted = fingerprint(self.folder(vendor))
        try:
            said = msgspec.json.decode((self.build / MANIFEST).read_bytes(), type=_Manifest)
            at = said.vendors[vendor]
            fresh = at.files == wanted and said.engine == engine() and _is_whole(self.build / at.folder)
            return load(self.build)[vendor] if fresh else None
        except (OSError, KeyError, msgspec.MsgspecError, BuildError):
            return None

    def samples(self, vendor: str) -> list[Path]:
        """The raw events that a vendor's mappings are tested with."""
        folder = self.mappings / vendor / "samples"
        return sorted(path for path in folder.glob("*.json") if not path.name.endswith(HEADERS))

    def shown(self, path: Path) -> str:
        """A path as places have it: from the project's folder, or as `shown` where it lies elsewhere."""
        return _below(path, self.root) or shown(path)

    def read_line(self, file: str, line: int) -> str | None:
        """A line of a shown file, for diagnostics: counted as YAML counts, columns after a byte order mark."""
        for start in (self.root, Path.cwd()):
            try:
                text = (start / file).read_bytes().decode("utf-8", "replace")
            except (OSError, ValueError):
                continue
            lines = re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))
            return lines[line - 1] if 0 < line <= len(lines) else None
        return None


class _Built(msgspec.Struct):
    folder: str
    files: dict[str, str]


class _Manifest(msgspec.Struct):
    engine: str
    vendors: dict[str, _Built]


def _is_whole(folder: Path) -> bool:
    """Whether a built folder is as it was written: its name says what is in it."""
    return folder.name == folder_name({path.name: path.read_bytes() for path in folder.iterdir()})


def find(start: Path, root: Path | None, mappings: Path | None, build: Path | None) -> Project:
    """The project of a folder: the nearest one upwards with mappings/; a build that is named may lie alone.

    Raises WrongCall.
    """
    above = next((folder for folder in (start, *start.parents) if (folder / MAPPINGS).is_dir()), None)
    alone = build is not None and (build / MANIFEST).is_file()
    if root is None and mappings is None and above is None and not alone:
        raise WrongCall(f"there is no {MAPPINGS}/ in {start} or above; name it with --root or --mappings")
    project = Project(root or above or start, mappings, build)
    if not project.mappings.is_dir() and (mappings is not None or not alone):
        raise WrongCall(f"there is no folder {shown(project.mappings)}")
    return project


QUEUE = "MAPFORGE_QUEUE"
URL = "MAPFORGE_ADMIN_URL"


def service_url(url: str | None, queue: Path | None) -> str | None:
    """The running service to ask: one that is named, here or in MAPFORGE_ADMIN_URL; None: a file. Raises WrongCall."""
    if url is not None and queue is not None:
        raise WrongCall("--url asks a running service and --queue reads a file: say one of them")
    return url or (os.environ.get(URL) or None if queue is None else None)


def queue_file(given: Path | None, project: Callable[[], Project]) -> Path:
    """The queue's file: the one that is named, here or in MAPFORGE_QUEUE, or queue.db in the project's folder."""
    said = os.environ.get(QUEUE)
    return given or (Path(said) if said else project().root / "queue.db")


def unknown(kind: str, name: str, known: list[str], where: str = "") -> WrongCall:
    """What is said of a name that is not there, with the nearest that is."""
    nearest = did_you_mean(name, known)
    listed = f"; there are: {', '.join(known[:_LISTED])}{', …' if len(known) > _LISTED else ''}" if known else ""
    return WrongCall(f"there is no {kind} {name}{where}" + (f"; did you mean {nearest}?" if nearest else listed))


def known_platforms(wanted: Iterable[str], vendor: str, platforms: Collection[str]) -> list[str]:
    """The platforms of a call, each once. Raises WrongCall for one that the vendor is not mapped to."""
    names = list(dict.fromkeys(wanted))
    for name in names:
        if name not in platforms:
            raise unknown("platform", name, list(platforms), f" that {vendor} is mapped to")
    return names


_LISTED = 12


def shown(path: Path) -> str:
    """A path as people read it: from the current folder where it lies below."""
    return _below(path, Path.cwd()) or path.as_posix()


def _below(path: Path, folder: Path) -> str | None:
    # abspath, for a link is shown where it stands and not where it leads.
    try:
        return Path(os.path.abspath(path)).relative_to(os.path.abspath(folder)).as_posix()
    except ValueError:
        return None


HEADERS = ".headers.json"


def headers_of(sample: Path) -> dict[str, str]:
    """The HTTP headers that a sample came with: the file beside it, or none. Raises Damaged."""
    beside = sample.with_name(f"{sample.stem}{HEADERS}")
    if not beside.is_file():
        return {}
    try:
        return msgspec.json.decode(beside.read_bytes(), type=dict[str, str])
    except msgspec.MsgspecError as error:
        raise Damaged(f"{shown(beside)} must be an object of texts: {error}") from None


def json_object(path: Path) -> dict[str, Any]:
    """A file that holds a JSON object. Raises Damaged."""
    try:
        said = json.loads(path.read_bytes())
    except OSError as error:
        raise Damaged(f"{shown(path)} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise Damaged(f"{shown(path)} is no JSON: {error}") from None
    if not isinstance(said, dict):
        raise Damaged(f"{shown(path)} is no JSON object")
    return said
