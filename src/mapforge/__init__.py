"""mapforge: vendor events to marketing platforms, by mappings in YAML."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mapforge.compiler.build import build
    from mapforge.compiler.vendors import compile_vendor
    from mapforge.diagnostics import CompileError, Diagnostic, MapforgeError
    from mapforge.model import Vendor
    from mapforge.runtime.batches import WorkerError
    from mapforge.runtime.load import BuildError, Mappers, load
    from mapforge.runtime.outcomes import Fault, MappingError, Note, Payload, Result
    from mapforge.runtime.pack import BulkRequest, pack

__version__ = "0.1.0"

_HOMES = {
    "BuildError": "mapforge.runtime.load",
    "BulkRequest": "mapforge.runtime.pack",
    "CompileError": "mapforge.diagnostics",
    "Diagnostic": "mapforge.diagnostics",
    "Fault": "mapforge.runtime.outcomes",
    "MapforgeError": "mapforge.diagnostics",
    "Mappers": "mapforge.runtime.load",
    "MappingError": "mapforge.runtime.outcomes",
    "Note": "mapforge.runtime.outcomes",
    "Payload": "mapforge.runtime.outcomes",
    "Result": "mapforge.runtime.outcomes",
    "Vendor": "mapforge.model",
    "WorkerError": "mapforge.runtime.batches",
    "build": "mapforge.compiler.build",
    "compile_vendor": "mapforge.compiler.vendors",
    "load": "mapforge.runtime.load",
    "pack": "mapforge.runtime.pack",
}

__all__ = [
    "BuildError",
    "BulkRequest",
    "CompileError",
    "Diagnostic",
    "Fault",
    "MapforgeError",
    "Mappers",
    "MappingError",
    "Note",
    "Payload",
    "Result",
    "Vendor",
    "WorkerError",
    "build",
    "compile_vendor",
    "load",
    "pack",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
