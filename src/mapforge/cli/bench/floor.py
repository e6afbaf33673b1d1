"""A generated mapper → the decoding into its own types and the encoding of its bodies: the floor of what it costs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import CodeType
from typing import Any

from mapforge import model
from mapforge.runtime import support
from mapforge.runtime.decode import untyped
from mapforge.runtime.mappers import Sources


def code_of(vendor: model.Vendor, sources: Mapping[str, str], event: str) -> CodeType:
    """The code that maps a raw event of this name: its own module's, or the catch-all's. KeyError without either."""
    found = Sources(vendor, sources).code(vendor.name, event if event in sources else model.CATCH_ALL)
    if found is None:
        raise KeyError(event)
    return found


def types_alone(
    code: CodeType, raw: bytes, to: Collection[str], headers: Mapping[str, str], event: str
) -> Callable[[bytes, Mapping[str, str]], list[bytes]]:
    """A function of a raw event that decodes it, and encodes the bodies that come of `raw` again, from plain values.

    code: a generated module that maps `raw`; it raises what the module raises. headers by their lower-case names.
    """
    space: dict[str, Any] = {"__name__": code.co_filename}
    # Generated code is trusted input: it was generated just now.
    exec(code, space)
    payloads = space["map_event"](raw, tuple(to), headers, event, False).payloads
    decode, encode, bodies = space["decode"], support.encode, [untyped(payload.body) for payload in payloads]

    def alone(raw: bytes, _: Mapping[str, str]) -> list[bytes]:
        decode(raw)
        return [encode(body) for body in bodies]

    return alone
