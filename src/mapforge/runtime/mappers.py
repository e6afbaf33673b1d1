"""A build, or sources in memory → mappers: raw event bytes in, a Result out. No YAML parser, no compiler."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from mapforge import __version__, model
from mapforge.builds import HEAD, MANIFEST, MODEL, module_file
from mapforge.diagnostics import MapforgeError
from mapforge.runtime import interpret as reference
from mapforge.runtime.decode import too_deep, untyped, utf8
from mapforge.runtime.outcomes import Fault, Note, Payload, Result
from mapforge.values.refused import Refused, json_type

UNKNOWN_PLATFORM = "no platform {name!r}; {vendor} is mapped to {known}"

MapEvent = Callable[[bytes, Collection[str], Mapping[str, str], str, bool], list[Payload]]
Headers = Mapping[str, str]
_NO_HEADERS: Headers = {}
Entries = tuple[model.Entry, ...]


class BuildError(MapforgeError):
    """A build that cannot be loaded: what is wrong, and what to run."""


class Mapper:
    """One vendor's mapper.

    head: the model without entries, for routing. Sources and the whole model come when they are needed.
    """

    def __init__(
        self, head: model.Vendor, source: Callable[[str], str | None], model_of: Callable[[], model.Vendor]
    ) -> None:
        self.name = head.name
        self.head = head
        self._source = source
        self._model_of = model_of
        self._model: model.Vendor | None = None
        self._mappers: dict[str, MapEvent | None] = {}
        self._listed = frozenset(head.events)
        self._known = frozenset(head.platforms)
        self._single: dict[str | None, Collection[str]] = {name: (name,) for name in head.platforms}
        self._single[None] = head.platforms
        self._guesses: dict[bytes, tuple[str, MapEvent]] = {}
        self._scan = _scanner(head.source.event)

    @property
    def model(self) -> model.Vendor:
        """The resolved model."""
        if self._model is None:
            self._model = self._model_of()
        return self._model

    def map(
        self,
        raw: bytes | str,
        headers: Headers | None = None,
        to: str | Collection[str] | None = None,
        event: str | None = None,
    ) -> Result:
        """Everything that comes of one raw event, decoded once.

        raw: its bytes (UTF-8 JSON). headers: its HTTP headers, where the vendor says things there. to: platforms, all
        unless told. event: its name, where neither body nor headers hold it. Raises ValueError for an unknown platform;
        whatever is wrong with the event is in the result's faults.
        """
        platforms = self._single.get(to) if to is None or type(to) is str else None
        if platforms is None:
            platforms = self._platforms(to)
        lowered = {name.lower(): value for name, value in headers.items()} if headers else _NO_HEADERS
        try:
            body = raw if type(raw) is bytes and raw.isascii() else utf8(raw)
            payloads = self._mapped(body, lowered, platforms, event)
            if payloads:
                return Result(payloads)
        except Exception:  # the interpreter's verdict counts, whatever it was that the generated mapper met
            pass
        return self.interpret(raw, lowered, platforms, event)

    def interpret(self, raw: bytes | str, headers: Headers, to: Collection[str], event: str | None = None) -> Result:
        """As `map`, by the reference interpreter. headers by their lower-case names."""
        try:
            body = untyped(utf8(raw))
            name = self._name(body, headers) if event is None else event
            entries = self._entries(name)
            if entries:
                return reference.interpret(self.model, entries, reference.RawEvent(name, body, headers), to)
        except Refused as refused:
            return self._faulty(refused)
        except RecursionError:
            return self._faulty(too_deep())
        return self._untaken(name)

    def _platforms(self, to: str | Collection[str] | None) -> Collection[str]:
        wanted = (to,) if isinstance(to, str) else to or ()
        if not self._known.issuperset(wanted):
            name = next(name for name in wanted if name not in self._known)
            known = ", ".join(self.head.platforms)
            raise ValueError(UNKNOWN_PLATFORM.format(name=name, vendor=self.name, known=known))
        return wanted

    def _mapped(
        self, body: bytes, headers: Headers, platforms: Collection[str], event: str | None
    ) -> list[Payload] | None:
        """What the generated mapper makes; it raises whatever is wrong, a wrong guess at the name apart."""
        if event is None and self._scan is not None:
            found = self._scan(body)
            guess = None if found is None else self._guesses.get(found[1])
            if guess is not None:
                try:
                    return guess[1](body, platforms, headers, guess[0], True)
                except Exception:
                    if self._name(untyped(body), headers) == guess[0]:
                        raise
        name = event if event is not None else self._named(body, headers)
        mapper = self._mapper(name)
        return None if mapper is None else mapper(body, platforms, headers, name, False)

    def _named(self, body: bytes, headers: Headers) -> str:
        """The name by a whole decode or a header; the next event with the same one is guessed from a scan."""
        if self._scan is None:
            return self._name(None, headers)
        name = self._name(untyped(body), headers)
        mapper = self._mapper(name)
        if mapper is not None and name in self._listed:
            self._guesses[name.encode()] = name, mapper
        return name

    def _name(self, body: Any, headers: Headers) -> str:
        where = self.head.source.event
        value = reference.source_value(where, body, headers)
        path = f"header {where.name}" if isinstance(where, model.Header) else where.query.text
        if value is None:
            raise Refused(f"the raw event's name at {path}", "none", reference.MISSING)
        if type(value) is not str:
            raise Refused(f"the raw event's name at {path}", json_type(value))
        return value

    def _entries(self, name: str) -> Entries:
        listed = tuple(entry for entry in self.model.entries if name in entry.trigger.events)
        if listed or name in self.head.ignore:
            return listed
        return tuple(entry for entry in self.model.entries if model.CATCH_ALL in entry.trigger.events)

    def _mapper(self, name: str) -> MapEvent | None:
        """The generated mapper of a raw event name; the catch-all's for one that no entry lists."""
        listed = name in self._listed
        if not listed and (name in self.head.ignore or model.CATCH_ALL not in self._listed):
            return None
        key = name if listed else model.CATCH_ALL
        if key not in self._mappers:
            source = self._source(key)
            shown = f"<mapforge {self.name} {ascii(key)[1:-1]}>"  # Python takes no NUL in a file's name
            self._mappers[key] = None if source is None else _loaded(source, shown)
        return self._mappers[key]

    def _untaken(self, name: str) -> Result:
        if name in self.head.ignore:
            note = Note(None, None, f"{self.name} ignores this raw event", f"{self.name}: ignore", reference.SKIPPED)
            return Result([], [note], slow_path=True)
        return self._faulty(Refused("a raw event that an entry lists", "one that none does", reference.NO_TRIGGER))

    def _faulty(self, refused: Refused) -> Result:
        """A fault of the raw event as a whole."""
        fault = Fault(refused.code, None, None, None, None, refused.expected, refused.got, self.name)
        return Result([], [], [], [fault], slow_path=True)


def _scanner(where: model.Header | model.SettingQuery) -> Callable[[bytes], re.Match[bytes] | None] | None:
    """A guess at the name inside a body, which the mapper holds against what it decodes; None for a header."""
    if isinstance(where, model.Header):
        return None
    node = where.query.node
    last = node.keys[-1] if isinstance(node, model.Path) and node.keys else ""
    return re.compile(rb'"' + re.escape(last.encode()) + rb'"\s*+:\s*+"([^"\\]*+)"').search


def _loaded(source: str, name: str) -> MapEvent:
    space: dict[str, Any] = {"__name__": name}
    # Generated code is trusted input: it comes from our own build.
    exec(compile(source, name, "exec", dont_inherit=True), space)
    mapper: MapEvent = space["map_event"]
    return mapper


class Mappers(Mapping[str, Mapper]):
    """The mappers of a build, by vendor."""

    def __init__(self, mappers: Mapping[str, Mapper]) -> None:
        self._mappers = dict(mappers)

    def __getitem__(self, vendor: str) -> Mapper:
        return self._mappers[vendor]

    def __iter__(self) -> Iterator[str]:
        return iter(self._mappers)

    def __len__(self) -> int:
        return len(self._mappers)


def of_sources(vendor: model.Vendor, sources: Mapping[str, str]) -> Mapper:
    """A mapper of a model and of the sources generated from it, without a build on disk."""
    return Mapper(vendor, sources.get, lambda: vendor)


def manifest(build: Path) -> dict[str, Any]:
    """What a build says of itself. Raises BuildError where there is none, or one of another version."""
    try:
        said = json.loads((build / MANIFEST).read_bytes())
        vendors = said["vendors"]
        if not all(isinstance(at["folder"], str) for at in vendors.values()):
            raise TypeError("a vendor without a folder")
    except (FileNotFoundError, NotADirectoryError):
        raise BuildError(f"there is no build in {build}; run: mapforge build") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BuildError(f"{build / MANIFEST} is damaged ({error}); run: mapforge build") from None
    return dict(said)


def load(build: str | Path = "build") -> Mappers:
    """The mappers of a build. Raises BuildError where there is none, or one that another mapforge wrote."""
    folder = Path(build)
    said = manifest(folder)
    if said.get("mapforge") != __version__:
        built, hint = said.get("mapforge"), "run: mapforge build"
        raise BuildError(f"{folder} was built by mapforge {built}, this is {__version__}; {hint}")
    return Mappers({name: _of_build(folder / at["folder"]) for name, at in said["vendors"].items()})


def _of_build(folder: Path) -> Mapper:
    def source(event: str) -> str | None:
        path = folder / module_file(event)
        return path.read_text(encoding="utf-8") if path.is_file() else None

    return Mapper(_model(folder / HEAD), source, lambda: _model(folder / MODEL))


def _model(path: Path) -> model.Vendor:
    try:
        return msgspec.json.decode(path.read_bytes(), type=model.Vendor)
    except (OSError, msgspec.MsgspecError) as error:
        raise BuildError(f"{path} cannot be read ({error}); run: mapforge build") from None
