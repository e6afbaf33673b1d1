"""The fixtures that compile acme and map its events through both paths."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from mapforge.runtime.outcomes import Fault
from tests.language import acme


class MappedBy(Protocol):
    def __call__(
        self,
        events: str,
        raw: bytes | None = None,
        *,
        vendor: str | None = None,
        to: str | Collection[str] | None = None,
        headers: Mapping[str, str] | None = None,
        event: str | None = None,
        slow: bool = False,
        profile: str | None = None,
    ) -> acme.Mapped: ...


class Sent(Protocol):
    def __call__(self, attributes: str, *, slow: Any = False, vendor: Any = None, **raw: str | None) -> Any: ...


class Refusal(Protocol):
    def __call__(self, attributes: str, *, vendor: Any = None, **raw: str | None) -> tuple[str, str]: ...


@pytest.fixture
def mapped(tmp_path: Path) -> MappedBy:
    """Compile acme, map one raw event through both paths, and hold one against the other."""

    def run(
        events: str,
        raw: bytes | None = None,
        *,
        vendor: str | None = None,
        to: str | Collection[str] | None = None,
        headers: Mapping[str, str] | None = None,
        event: str | None = None,
        slow: bool = False,
        profile: str | None = None,
    ) -> acme.Mapped:
        model = acme.compiled(tmp_path, acme.vendor_yaml() if vendor is None else vendor, events, profile)
        given = acme.raw_event() if raw is None else raw
        return acme.both_ways(acme.mapper_of(model), given, to=to, headers=headers, event=event, slow=slow)

    return run


@pytest.fixture
def sent(mapped: MappedBy) -> Sent:
    """The properties that an entry of these attributes sends; the rule of one attribute stands for `x`."""

    def run(attributes: str, *, slow: bool = False, vendor: str | None = None, **raw: str | None) -> Any:
        alone = attributes.lstrip().startswith(("{", "["))
        events = acme.entry_yaml(f"x: {attributes}" if alone else attributes)
        properties = mapped(events, acme.raw_event(**raw), vendor=vendor, slow=slow).properties()
        return properties["x"] if alone else properties

    return run


@pytest.fixture
def refusal(mapped: MappedBy) -> Refusal:
    """Code and reason of the one fault of an attribute `x`."""

    def run(attributes: str, *, vendor: str | None = None, **raw: str | None) -> tuple[str, str]:
        result = mapped(acme.entry_yaml(f"x: {attributes}"), acme.raw_event(**raw), vendor=vendor)
        (fault,) = result.faults
        assert isinstance(fault, Fault)
        assert (fault.attribute, fault.entry, result.entries) == ("x", "Order", [])
        return fault.code, f"expected {fault.expected}, got {fault.got}"

    return run
