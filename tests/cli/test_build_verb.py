"""`mapforge build`, and `mapforge map` with a build that fits, one that does not, and one that is damaged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mapforge.builds import folder_name
from tests.cli.calls import EVENTS, GOOD, SKIPPED, acme, call, tree


def vendor(project: Path, name: str) -> Path:
    """One more vendor, like acme but for its name."""
    home = project / "mappings" / name
    shutil.copytree(project / "mappings" / "acme", home)
    text = (home / "vendor.yaml").read_text()
    (home / "vendor.yaml").write_text(text.replace("vendor: acme", f"vendor: {name}"))
    return home


def built(project: Path) -> list[str]:
    return list(json.loads((project / "build/manifest.json").read_bytes())["vendors"])


def test_a_build_says_what_it_wrote_and_prints_no_result(project: Path) -> None:
    assert call("build", cwd=project) == (0, "", "built acme in build\n")
    assert built(project) == ["acme"]


def test_the_same_mappings_give_the_same_bytes(project: Path, tmp_path: Path) -> None:
    call("build", cwd=project)
    first = tree(project / "build")
    assert call("build", cwd=project).code == 0
    assert tree(project / "build") == first
    assert call("build", "acme", "-o", tmp_path / "new", cwd=project).code == 0
    assert tree(tmp_path / "new") == first


def test_a_change_and_back_leaves_no_trace(project: Path) -> None:
    call("build", cwd=project)
    first = tree(project / "build")
    events = project / "mappings/acme/events.yaml"
    events.write_text(EVENTS.replace("CardSold", "CardGiven"))
    call("build", cwd=project)
    assert tree(project / "build") != first
    events.write_text(EVENTS)
    call("build", cwd=project)
    assert tree(project / "build") == first


def test_a_vendor_that_does_not_compile_leaves_the_build_as_it_was(project: Path) -> None:
    vendor(project, "beta")
    assert call("build", cwd=project).code == 0
    before = tree(project / "build")
    (project / "mappings/acme/events.yaml").write_text(EVENTS.replace("CardSold", "CardGiven"))
    (project / "mappings/beta/events.yaml").write_text(EVENTS.replace("type: money", "type: mony"))
    done = call("build", cwd=project)
    assert (done.code, done.out) == (1, "")
    assert "mappings/beta/events.yaml:5:" in done.err
    assert tree(project / "build") == before


def test_a_first_build_that_fails_writes_nothing(project: Path) -> None:
    (project / "mappings/acme/events.yaml").write_text("CardIssued: [\n")
    assert call("build", cwd=project).code == 1
    assert not (project / "build").exists()


def test_a_named_vendor_is_built_beside_the_others(project: Path) -> None:
    vendor(project, "beta")
    assert call("build", "acme", cwd=project).code == 0
    assert call("build", "beta", cwd=project).code == 0
    assert built(project) == ["acme", "beta"]


def test_a_build_of_all_drops_a_vendor_that_has_gone(project: Path) -> None:
    vendor(project, "beta")
    call("build", cwd=project)
    shutil.rmtree(project / "mappings/beta")
    assert call("build", cwd=project).code == 0
    assert built(project) == ["acme"]
    assert not (project / "build/beta").exists()


def test_files_that_are_not_ours_stay_in_the_build_folder(project: Path) -> None:
    for name in ("notes.txt", "acme/notes/head.json", "empty/here/x"):
        path = project / "build" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    call("build", cwd=project)
    mine = [name for name, content in tree(project / "build").items() if content == b"mine"]
    assert mine == ["acme/notes/head.json", "empty/here/x", "notes.txt"]


def test_a_folder_that_cannot_be_written_is_an_error_in_words(project: Path) -> None:
    (project / "file").write_text("")
    done = call("build", "-o", "file", cwd=project)
    assert (done.code, done.out) == (1, "")
    assert done.err == "mapforge: file: File exists\n"


def mapped(project: Path) -> list[str]:
    done = call("map", "acme", cwd=project, stdin=GOOD)
    assert (done.code, done.err) == (0, "")
    return [line["entry"] for line in done.lines]


def test_a_build_that_fits_is_used(project: Path) -> None:
    """A module that was tampered with together with its folder's name shows where the payload comes from."""
    call("build", cwd=project)
    manifest = project / "build/manifest.json"
    said = json.loads(manifest.read_bytes())
    home = project / "build" / said["vendors"]["acme"]["folder"]
    module = home / "card.issued.py"
    module.write_text(module.read_text().replace("CardIssued", "CardForged"))
    new = home.with_name(folder_name(tree(home)))
    home.rename(new)
    manifest.write_text(manifest.read_text().replace(home.name, new.name))
    assert mapped(project) == ["CardForged", "CardForged"]


def test_a_stale_build_is_left_aside(project: Path) -> None:
    call("build", cwd=project)
    events = project / "mappings/acme/events.yaml"
    events.write_text(EVENTS.replace("CardIssued", "CardGiven"))
    assert mapped(project) == ["CardGiven", "CardGiven"]
    (project / "mappings/acme/more.yaml").write_text("CardMore: {trigger: {event: card.issued}}\n")
    assert mapped(project) == ["CardGiven", "CardGiven", "CardMore", "CardMore"]
    events.unlink()
    assert mapped(project) == ["CardMore", "CardMore"]


def _head(build: Path, content: bytes | None) -> None:
    _write(next(build.glob("acme/*/head.json")), content)


def _model(build: Path, content: bytes | None) -> None:
    _write(next(build.glob("acme/*/model.json")), content)


def _module(build: Path, content: bytes | None) -> None:
    _write(next(build.glob("acme/*/card.issued.py")), content)


def _manifest(build: Path, content: bytes | None) -> None:
    _write(build / "manifest.json", content)


def _write(path: Path, content: bytes | None) -> None:
    path.unlink() if content is None else path.write_bytes(content)


Damage = Callable[[Path, bytes | None], None]
CONTENTS = [None, b"", b"\xff", b"{", b"[]", b"{}", b'{"vendors": {"acme": {}}}', b"raise SystemExit(3)"]


@pytest.mark.parametrize("content", CONTENTS, ids=repr)
@pytest.mark.parametrize("damage", [_head, _model, _module, _manifest])
def test_a_damaged_build_is_left_aside_and_mended_by_the_next(
    damage: Damage, content: bytes | None, project: Path
) -> None:
    call("build", cwd=project)
    whole = tree(project / "build")
    damage(project / "build", content)
    assert mapped(project) == ["CardIssued", "CardIssued"]
    skipped = call("map", "acme", cwd=project, stdin=SKIPPED)
    assert (skipped.code, skipped.err.count("skipped[MF709]")) == (0, 1)
    assert call("build", cwd=project).code == 0
    assert tree(project / "build") == whole


@pytest.mark.parametrize(("key", "value"), [("mapforge", "0.0.1"), ("engine", "0" * 16)])
def test_a_build_by_another_mapforge_is_left_aside(key: str, value: str, project: Path) -> None:
    call("build", cwd=project)
    manifest = project / "build/manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_bytes()), key: value}))
    next((project / "build").glob("acme/*/card.issued.py")).write_text("raise SystemExit(3)")
    assert mapped(project) == ["CardIssued", "CardIssued"]


def test_a_manifest_cannot_point_out_of_the_build(project: Path, tmp_path: Path) -> None:
    call("build", cwd=project)
    (home,) = (project / "build/acme").iterdir()
    home.rename(tmp_path / home.name)
    manifest = project / "build/manifest.json"
    manifest.write_text(manifest.read_text().replace(f"acme/{home.name}", str(tmp_path / home.name)))
    assert mapped(project) == ["CardIssued", "CardIssued"]


def test_long_and_hostile_raw_names_get_files(tmp_path: Path) -> None:
    names = ["a/../b", "_", ".hidden", "x" * 400, "ü" * 200, "it's", "a b", "CON"]
    entries = [f'E{n}: {{trigger: {{event: "{name}"}}}}\n' for n, name in enumerate(names)]
    root = acme(tmp_path, events="".join(entries), samples={})
    assert call("build", cwd=root).code == 0
    for number, name in enumerate(names):
        done = call("map", "acme", "--event", name, "--to", "klaviyo", cwd=root, stdin=GOOD)
        assert (done.code, json.loads(done.out)["data"]["attributes"]["metric"]["data"]["attributes"]["name"]) == (
            0,
            f"E{number}",
        )
