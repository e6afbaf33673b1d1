"""Files → the samples of a vendor: raw events as they came, decoded beside their bytes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from mapforge.cli.new.names import Keys
from mapforge.cli.project import HEADERS, Damaged, WrongCall, headers_of, shown
from mapforge.runtime.decode import untyped, utf8
from mapforge.values.refused import Refused


class Sample(msgspec.Struct, frozen=True):
    """A raw event; `beside` are the bytes of its headers' file, if it has one."""

    name: str
    raw: bytes
    body: dict[str, Any]
    headers: dict[str, str]
    beside: bytes | None = None


def read(paths: Iterable[Path]) -> list[Sample]:
    """The samples in these files; files of headers are read with their samples. Raises WrongCall."""
    wanted = [path for path in dict.fromkeys(paths) if not f"{path.stem}.json".endswith(HEADERS)]
    if not wanted:
        raise WrongCall("there is no sample; name files with a raw event each: --from SAMPLE…")
    samples = [_sample(path) for path in wanted]
    _refuse_twins([sample.name for sample in samples])
    return samples


def value_at(value: Any, keys: Keys) -> Any:
    """What stands at these keys; None where nothing does."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _sample(path: Path) -> Sample:
    try:
        raw = path.read_bytes()
        beside = path.with_name(f"{path.stem}{HEADERS}")
        headers = headers_of(path)
        return Sample(path.stem, raw, _object(path, raw), headers, beside.read_bytes() if headers else None)
    except OSError as error:
        raise WrongCall(f"{shown(path)} cannot be read: {error.strerror}") from None
    except Damaged as error:
        raise WrongCall(str(error)) from None


def _object(path: Path, raw: bytes) -> dict[str, Any]:
    if not raw.strip():
        raise WrongCall(f"{shown(path)} is empty; a sample is a raw event as JSON")
    try:
        body = untyped(utf8(raw))
    except Refused as refused:
        raise WrongCall(f"{shown(path)} is no JSON: {refused.got}") from None
    if not isinstance(body, dict):
        raise WrongCall(f"{shown(path)} is no JSON object; a sample is one raw event")
    return body


def _refuse_twins(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise WrongCall(f"two samples are called {name}; give each its own file name")
        seen.add(name.casefold())
