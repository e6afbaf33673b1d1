"""The code that a build keeps: made once, used again, and made anew whenever it does not fit."""

from __future__ import annotations

import errno
import os
import pickle
import shutil
import sys
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from mapforge.compiler.build import build
from mapforge.runtime import code
from mapforge.runtime.load import load
from mapforge.runtime.mappers import Mapper
from tests.language.acme import BOTH, compiled, mapper_of, raw_event, vendor_yaml

EVENTS = "Order: {trigger: {event: order}, attributes: {x: integer}}\n"
RAW = raw_event(x="1")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    return build(compiled(tmp_path, vendor_yaml(platforms=BOTH), EVENTS), tmp_path / "build")


def kept(built: Path) -> list[Path]:
    return sorted(path for path in (built / ".code").rglob("*") if path.is_file())


def maps(built: Path) -> bool:
    """Whether a fresh mapper of the build maps the event by generated code."""
    result = load(built)["acme"].map(RAW)
    return len(result.payloads) == 2 and not result.slow_path


def compilations(built: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many modules a fresh mapper compiles for the event."""
    names = []

    def counted(source: bytes | str, name: str) -> CodeType:
        names.append(name)
        return compile(source, name, "exec", dont_inherit=True)

    with monkeypatch.context() as patch:
        patch.setattr(code, "compiled", counted)
        assert maps(built)
    return len(names)


def test_code_is_kept_in_the_build_for_this_python_and_each_event_that_came(built: Path) -> None:
    assert kept(built) == []
    assert maps(built)
    (home,) = (built / "acme").iterdir()
    assert kept(built) == [built / ".code" / "acme" / home.name / f"order.{sys.implementation.cache_tag}"]


def test_what_is_kept_is_not_compiled_again(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [compilations(built, monkeypatch) for _ in range(3)] == [1, 0, 0]


@pytest.mark.parametrize("content", [b"", b"x", b"\0" * 32, b"\0" * 4000], ids=len)
def test_damaged_code_is_left_aside_and_kept_anew(content: bytes, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maps(built)
    kept(built)[0].write_bytes(content)
    assert [compilations(built, monkeypatch) for _ in range(2)] == [1, 0]


@pytest.mark.parametrize("at", [0, 31, 32, 200, -1])
def test_a_changed_byte_is_damage_wherever_it_stands(at: int, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maps(built)
    content = bytearray(kept(built)[0].read_bytes())
    content[at] ^= 1
    kept(built)[0].write_bytes(content)
    assert [compilations(built, monkeypatch) for _ in range(2)] == [1, 0]


def test_half_of_it_is_damage(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maps(built)
    content = kept(built)[0].read_bytes()
    kept(built)[0].write_bytes(content[: len(content) // 2])
    assert [compilations(built, monkeypatch) for _ in range(2)] == [1, 0]


FOREIGN: list[tuple[Any, str, Any]] = [
    (code, "__version__", "0.0.0"),
    (code, "MAGIC_NUMBER", b"\0\0\r\n"),
]


@pytest.mark.parametrize(("where", "name", "value"), FOREIGN, ids=[name for _, name, _ in FOREIGN])
def test_code_of_another_mapforge_or_python_is_not_used(
    where: Any, name: str, value: Any, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(where, name, value)
        assert maps(built)
    assert [compilations(built, monkeypatch) for _ in range(2)] == [1, 0]


def test_code_of_a_build_by_another_engine_is_not_used(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maps(built)
    manifest = built / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"engine": "', '"engine": "0'))
    assert compilations(built, monkeypatch) == 1


def test_code_of_another_event_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = EVENTS + "Other: {trigger: {event: other}, attributes: {x: integer}}\n"
    built = build(compiled(tmp_path, vendor_yaml(platforms=BOTH), events), tmp_path / "build")
    load(built)["acme"].map(raw_event(type='"other"', x="1"))
    (other,) = kept(built)
    shutil.copy(other, other.with_name(other.name.replace("other", "order")))
    assert [entry.entry for entry in load(built)["acme"].map(RAW).payloads] == ["Order", "Order"]


def test_a_source_that_was_changed_by_hand_is_what_runs(built: Path) -> None:
    maps(built)
    (module,) = built.glob("acme/*/order.py")
    module.write_text(module.read_text().replace("'Order'", "'Forged'"))
    assert [payload.entry for payload in load(built)["acme"].map(RAW).payloads] == ["Forged", "Forged"]


def test_a_build_that_cannot_be_written_maps_all_the_same(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(path: str, exist_ok: bool) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(os, "makedirs", refuses)
        assert [compilations(built, monkeypatch) for _ in range(2)] == [1, 1]
    assert kept(built) == []
    (built / ".code").write_text("in the way")
    assert maps(built)


def test_a_write_that_fails_leaves_nothing_behind(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(source: str, target: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fails)
        assert maps(built)
    assert kept(built) == []


def test_one_who_writes_the_same_at_the_same_time_is_not_waited_for(built: Path) -> None:
    maps(built)
    (entry,) = kept(built)
    fresh = entry.with_name(f"{entry.name}.{os.getpid()}.new")
    entry.rename(fresh)
    assert maps(built)
    assert kept(built) == [fresh]


def test_a_rebuild_keeps_the_code_that_still_fits_and_sweeps_the_rest(built: Path, tmp_path: Path) -> None:
    maps(built)
    (entry,) = kept(built)
    build(compiled(tmp_path, vendor_yaml(platforms=BOTH), EVENTS), built)
    assert kept(built) == [entry]
    build(compiled(tmp_path, vendor_yaml(platforms=BOTH), EVENTS.replace("x:", "y:")), built)
    assert kept(built) == []


def test_a_traceback_names_the_vendor_and_the_event_with_kept_code_too(built: Path) -> None:
    for _ in range(2):
        module = load(built)["acme"]._origin.code("acme", "order")
        assert module is not None
        assert module.co_filename == "<mapforge acme order>"


def test_a_mapper_is_pickled_with_what_it_needs_elsewhere(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = compiled(tmp_path, vendor_yaml(platforms=BOTH), EVENTS)
    monkeypatch.chdir(built.parent)
    of_build = load("build")["acme"]
    monkeypatch.chdir("/")
    for mapper in (of_build, mapper_of(vendor)):
        again: Mapper = pickle.loads(pickle.dumps(mapper))
        assert again.map(RAW) == mapper.map(RAW)
        assert again.map(raw_event(x='"1"')) == mapper.map(raw_event(x='"1"'))
        assert again.model == vendor
