"""The build folder: what is written, in one step, and what stays when that fails."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

import mapforge
from mapforge import model
from mapforge.builds import engine, file_stem, fingerprint, folder_name, module_file
from tests.cli.calls import EVENTS, acme, tree


@pytest.fixture
def vendor(tmp_path: Path) -> model.Vendor:
    """acme, compiled."""
    root = tmp_path / "project"
    root.mkdir()
    return mapforge.compile_vendor(acme(root) / "mappings/acme", "mappings/acme")


def renamed(vendor: model.Vendor, name: str) -> model.Vendor:
    return msgspec.structs.replace(vendor, name=name)


def manifest(build: Path) -> Any:
    return json.loads((build / "manifest.json").read_bytes())


def test_the_manifest_names_version_engine_folders_and_the_mappings_hashes(
    vendor: model.Vendor, tmp_path: Path
) -> None:
    build = mapforge.build(vendor, tmp_path / "build")
    (home,) = (build / "acme").iterdir()
    assert build == tmp_path / "build"
    assert manifest(build) == {
        "mapforge": mapforge.__version__,
        "engine": engine(),
        "vendors": {
            "acme": {
                "folder": f"acme/{home.name}",
                "files": fingerprint(tmp_path / "project/mappings/acme"),
            }
        },
    }


def test_a_vendor_s_folder_is_called_after_its_content(vendor: model.Vendor, tmp_path: Path) -> None:
    build = mapforge.build(vendor, tmp_path / "build")
    (home,) = (build / "acme").iterdir()
    assert sorted(tree(home)) == ["card.issued.py", "card.sold.py", "head.json", "model.json"]
    assert home.name == folder_name(tree(home))


def test_the_model_is_read_back_as_it_was(vendor: model.Vendor, tmp_path: Path) -> None:
    build = mapforge.build(vendor, tmp_path / "build")
    assert mapforge.load(build)["acme"].model == vendor


def test_several_vendors_are_built_at_once_and_others_stay(vendor: model.Vendor, tmp_path: Path) -> None:
    build = mapforge.build([renamed(vendor, "beta"), vendor], tmp_path / "build")
    mapforge.build(renamed(vendor, "gamma"), build)
    assert list(mapforge.load(build)) == ["acme", "beta", "gamma"]
    mapforge.build(vendor, build, only=True)
    assert list(mapforge.load(build)) == ["acme"]
    assert sorted(path.name for path in build.iterdir()) == ["acme", "manifest.json"]


def test_the_order_of_vendors_and_what_was_there_before_change_nothing(vendor: model.Vendor, tmp_path: Path) -> None:
    one = mapforge.build([vendor, renamed(vendor, "beta")], tmp_path / "one")
    mapforge.build(renamed(vendor, "beta"), tmp_path / "two")
    two = mapforge.build(vendor, tmp_path / "two")
    assert tree(one) == tree(two)


def test_two_compilations_of_the_same_files_are_the_same_bytes(vendor: model.Vendor, tmp_path: Path) -> None:
    again = mapforge.compile_vendor(tmp_path / "project/mappings/acme", "mappings/acme")
    assert tree(mapforge.build(vendor, tmp_path / "one")) == tree(mapforge.build(again, tmp_path / "two"))


def test_an_earlier_build_by_another_mapforge_does_not_stay(vendor: model.Vendor, tmp_path: Path) -> None:
    build = mapforge.build([vendor, renamed(vendor, "beta")], tmp_path / "build")
    (build / "manifest.json").write_text(json.dumps({**manifest(build), "engine": "another"}))
    mapforge.build(vendor, build)
    assert list(mapforge.load(build)) == ["acme"]
    assert not (build / "beta").exists()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"vendors": []}', '{"mapforge": 1, "engine": 2, "vendors": {"a": 1}}']
)
def test_a_damaged_manifest_is_written_anew(content: str, vendor: model.Vendor, tmp_path: Path) -> None:
    build = mapforge.build(vendor, tmp_path / "build")
    whole = tree(build)
    (build / "manifest.json").write_text(content)
    mapforge.build(vendor, build)
    assert tree(build) == whole


def test_a_failure_in_between_leaves_the_earlier_build_as_it_was(
    vendor: model.Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = mapforge.build(vendor, tmp_path / "build")
    before = tree(build)
    (tmp_path / "project/mappings/acme/events.yaml").write_text(EVENTS.replace("CardSold", "CardGiven"))
    changed = mapforge.compile_vendor(tmp_path / "project/mappings/acme", "mappings/acme")
    full = OSError(errno.ENOSPC, "No space left on device")
    replace, written = os.replace, []

    def fails(source: Path, target: Path) -> None:
        written.append(target.name)
        if target.name == "manifest.json":
            raise full
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", fails)
        with pytest.raises(OSError, match="No space left"):
            mapforge.build([changed, renamed(changed, "beta")], build)
    assert len(written) == 3
    assert tree(build) == before
    assert sorted(path.name for path in build.iterdir()) == ["acme", "manifest.json"]


def test_a_vendor_that_cannot_be_generated_writes_nothing(
    vendor: model.Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(one: model.Vendor) -> dict[str, str]:
        if one.name == "beta":
            raise RuntimeError("no source")
        return {}

    monkeypatch.setattr("mapforge.compiler.build.generate", fails)
    with pytest.raises(RuntimeError):
        mapforge.build([vendor, renamed(vendor, "beta")], tmp_path / "build")
    assert not (tmp_path / "build").exists()


def test_what_an_interrupted_build_left_is_swept(vendor: model.Vendor, tmp_path: Path) -> None:
    build = mapforge.build(vendor, tmp_path / "build")
    whole = tree(build)
    left = build / "acme" / ".new-abc"
    left.mkdir()
    (left / "model.json").write_text("{}")
    mapforge.build(vendor, build)
    assert tree(build) == whole


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("GiftcardIssued", "GiftcardIssued"),
        ("orders/create", "orders%2Fcreate"),
        ("*", "_"),
        (".hidden", "%2Ehidden"),
        ("..", "%2E."),
        ("a~b", "a%7Eb"),
        ("Größe 5 (neu)", "Gr%C3%B6%C3%9Fe 5 (neu)"),
        ("a\nb", "a%0Ab"),
        ("100%", "100%25"),
    ],
)
def test_a_name_is_a_file_s_name(name: str, stem: str) -> None:
    assert file_stem(name) == stem


def test_a_name_too_long_for_a_file_keeps_its_beginning() -> None:
    stems = {file_stem("x" * length) for length in (199, 200, 201, 300, 400)}
    assert len(stems) == 5
    assert max(map(len, stems)) == 200
    assert all(stem.startswith("x" * 183) for stem in stems)


def test_the_catch_all_and_an_event_called_underscore_have_two_files() -> None:
    assert (module_file("*"), module_file("_")) == ("_.py", "%5F.py")


def test_vendors_share_no_file(tmp_path: Path, vendor: model.Vendor) -> None:
    build = mapforge.build([vendor, renamed(vendor, "beta")], tmp_path / "build")
    folders = [at["folder"] for at in manifest(build)["vendors"].values()]
    assert [folder.partition("/")[0] for folder in folders] == ["acme", "beta"]
