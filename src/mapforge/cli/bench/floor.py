"""A generated mapper → the decoding and encoding of its own types alone: the floor of what mapping an event costs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import CodeType
from typing import Any

from mapforge import model
from mapforge.runtime import support
from mapforge.runtime.mappers import Sources


def code_of(vendor: model.Vendor, sources: Mapping[str, str], event: str) -> CodeType:
    """The code that maps a raw event of this name: its own module's, or the catch-all's. KeyError without either."""
    found = Sources(vendor, sources).code(vendor.name, event if event in sources else model.CATCH_ALL)
    if found is None:
        raise KeyError(event)
    return found


def types_alone(
    code: CodeType, raw: bytes, to: Collection[str], headers: Mapping[str, str], event: str
) -> Callable[[bytes], list[bytes]]:
    """A function of a raw event that decodes it, and encodes again all that mapping `raw` has encoded.

    code: a generated module that maps `raw`; it raises what the module raises. headers by their lower-case names.
    """
    space: dict[str, Any] = {"__name__": code.co_filename}
    # Generated code is trusted input: it was generated just now.
    exec(code, space)
    recorded = _Recorded()
    space["s"] = recorded
    space["map_event"](raw, to, headers, event, False)
    decode, encode, values = space["decode"], support.encode, recorded.values

    def alone(raw: bytes) -> list[bytes]:
        decode(raw)
        return [encode(value) for value in values]

    return alone


class _Recorded:
    """What a generated module calls; `values` holds all that it has encoded."""

    def __init__(self) -> None:
        self.values: list[object] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(support, name)

    def encode(self, value: object) -> bytes:
        """As support's own, recorded."""
        self.values.append(value)
        return support.encode(value)
