"""Loading a build: what it gives, and every way in which there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mapforge import __version__
from mapforge.builds import MANIFEST
from mapforge.compiler.build import build
from mapforge.runtime.load import BuildError, load
from tests.language.acme import BOTH, compiled, mapper_of, raw_event, vendor_yaml

EVENTS = 'Order: {trigger: {event: order}, attributes: {x: integer}}\n"*": {}\n'


@pytest.fixture
def built(tmp_path: Path) -> Path:
    return build(compiled(tmp_path, vendor_yaml(platforms=BOTH), EVENTS), tmp_path / "build")


def home(built: Path) -> Path:
    return built / str(json.loads((built / MANIFEST).read_bytes())["vendors"]["acme"]["folder"])


def test_a_build_maps_as_the_sources_in_memory(built: Path, tmp_path: Path) -> None:
    mappers = load(built)
    expected = mapper_of(compiled(tmp_path, vendor_yaml(platforms=BOTH), EVENTS))
    for raw in (raw_event(x="1"), raw_event(type='"new"'), raw_event(x='"1"'), b""):
        assert mappers["acme"].map(raw) == expected.map(raw)
    assert (list(mappers), len(mappers), "acme" in mappers, "other" in mappers) == (["acme"], 1, True, False)


def test_a_vendor_that_is_not_in_the_build_is_a_key_error(built: Path) -> None:
    with pytest.raises(KeyError):
        load(built)["other"]


def problem(folder: Path) -> str:
    with pytest.raises(BuildError) as caught:
        load(folder)
    return str(caught.value)


def test_where_there_is_no_build_the_error_says_what_to_run(tmp_path: Path) -> None:
    assert problem(tmp_path / "build") == f"there is no build in {tmp_path / 'build'}; run: mapforge build"


def test_a_file_is_no_build(tmp_path: Path) -> None:
    (tmp_path / "build").write_text("")
    assert "there is no build in" in problem(tmp_path / "build")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "5",
        "{}",
        '{"mapforge":"%s"}',
        '{"mapforge":"%s","vendors":[]}',
        '{"vendors":{"acme":{}}}',
    ],
)
def test_a_damaged_manifest_is_said_to_be(built: Path, text: str) -> None:
    (built / MANIFEST).write_text(text.replace("%s", __version__))
    assert f"{built / MANIFEST} is damaged" in problem(built)
    assert problem(built).endswith("run: mapforge build")


def test_a_build_of_another_version_is_said_to_be(built: Path) -> None:
    manifest = built / MANIFEST
    manifest.write_text(manifest.read_text().replace(__version__, "0.0.0"))
    assert problem(built) == f"{built} was built by mapforge 0.0.0, this is {__version__}; run: mapforge build"


@pytest.mark.parametrize("damage", ["", "{}", "[]", "null", "\x00"])
def test_a_damaged_head_is_said_to_be(built: Path, damage: str) -> None:
    (home(built) / "head.json").write_text(damage)
    assert "head.json cannot be read" in problem(built)


def test_a_missing_folder_is_said_to_be(built: Path) -> None:
    home(built).rename(built / "elsewhere")
    assert "head.json cannot be read" in problem(built)


def test_a_damaged_model_is_said_when_it_is_needed_and_not_before(built: Path) -> None:
    (home(built) / "model.json").write_text("{")
    mapper = load(built)["acme"]
    assert not mapper.map(raw_event(x="1")).slow_path
    with pytest.raises(BuildError, match=r"model\.json cannot be read"):
        mapper.map(raw_event(x='"1"'))


def test_a_missing_module_leaves_its_events_to_the_interpreter(built: Path) -> None:
    for module in home(built).glob("*.py"):
        module.unlink()
    result = load(built)["acme"].map(raw_event(x="1"))
    assert (len(result.payloads), result.slow_path) == (2, True)
