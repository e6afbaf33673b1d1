"""model.Vendor → a build folder: all vendors of a call or none, the old build untouched until the new one is whole."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from mapforge import __version__, model
from mapforge.builds import HEAD, KEPT, MANIFEST, MODEL, engine, folder_name, module_file
from mapforge.compiler.generate import generate

Files = dict[str, bytes]
_BUILT = re.compile(r"[0-9a-f]{16}|\.new-.*")


def build(vendor: model.Vendor | Iterable[model.Vendor], folder: str | Path = "build", *, only: bool = False) -> Path:
    """Write compiled mappers and the manifest, and return the folder.

    Other vendors of an earlier build by this mapforge stay, unless `only` these are wanted. The same mappings give the
    same bytes. Raises OSError where the folder cannot be written; the earlier build is then as it was.
    """
    vendors = [vendor] if isinstance(vendor, model.Vendor) else list(vendor)
    files = {one.name: files_of(one) for one in vendors}
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    homes = {one.name: f"{one.name}/{folder_name(files[one.name])}" for one in vendors}
    said = {one.name: {"folder": homes[one.name], "files": one.files} for one in vendors}
    with _nothing_left_on_failure() as written:
        for name, home in homes.items():
            _write(files[name], target / home, written)
        _replace_manifest(target, said if only else {**_earlier(target), **said})
    _sweep(target)
    return target


def files_of(vendor: model.Vendor) -> Files:
    """Every file of a vendor's build, by its name."""
    head = msgspec.structs.replace(vendor, entries=())
    modules = {module_file(event): source.encode() for event, source in generate(vendor).items()}
    return {HEAD: msgspec.json.encode(head), MODEL: msgspec.json.encode(vendor), **modules}


@contextlib.contextmanager
def _nothing_left_on_failure() -> Iterator[list[Path]]:
    """A list of folders that go again where what follows fails."""
    written: list[Path] = []
    try:
        yield written
    except BaseException:
        for folder in written:
            shutil.rmtree(folder, ignore_errors=True)
            with contextlib.suppress(OSError):
                folder.parent.rmdir()
        raise


def _write(files: Files, home: Path, written: list[Path]) -> None:
    """Write a folder in one step; one that is there and whole stays, one that is damaged goes."""
    if home.is_dir() and _read(home) == files:
        return
    home.parent.mkdir(exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=home.parent))
    written.append(fresh)
    for name, content in files.items():
        (fresh / name).write_bytes(content)
    os.chmod(fresh, 0o755)
    if home.exists():
        shutil.rmtree(home)
    else:
        written.append(home)
    os.replace(fresh, home)


def _read(home: Path) -> Files:
    return {path.name: path.read_bytes() for path in home.iterdir() if path.is_file()}


def _earlier(target: Path) -> dict[str, Any]:
    """The vendors of a build by this very mapforge; none where the manifest is damaged: they are built anew."""
    try:
        said = json.loads((target / MANIFEST).read_bytes())
        ours = said["mapforge"] == __version__ and said["engine"] == engine()
        return {name: {"folder": at["folder"], "files": at["files"]} for name, at in said["vendors"].items() if ours}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _replace_manifest(target: Path, vendors: Mapping[str, Any]) -> None:
    fresh = target / f".{MANIFEST}.new"
    said = {"mapforge": __version__, "engine": engine(), "vendors": dict(sorted(vendors.items()))}
    try:
        fresh.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
        os.replace(fresh, target / MANIFEST)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _sweep(target: Path) -> None:
    """Remove what we wrote and the manifest no longer names, and the code kept of it. What cannot go is of no harm."""
    named = {at["folder"] for at in _earlier(target).values()}
    for home in [path.parent for path in target.glob(f"*/*/{MODEL}") if _BUILT.fullmatch(path.parent.name)]:
        if home.relative_to(target).as_posix() not in named:
            shutil.rmtree(home, ignore_errors=True)
            with contextlib.suppress(OSError):
                home.parent.rmdir()
    for kept in target.glob(f"{KEPT}/*/*"):
        if kept.relative_to(target / KEPT).as_posix() not in named:
            shutil.rmtree(kept, ignore_errors=True)
