"""A vendor's generated code → its mapper: raw event bytes in, a Result out. No YAML parser, no compiler."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from types import CodeType
from typing import Any, Protocol

import msgspec

from mapforge import model
from mapforge.builds import KEPT, MODEL, module_file
from mapforge.runtime import code
from mapforge.runtime.decode import too_deep, untyped, utf8
from mapforge.runtime.evaluate import evaluate
from mapforge.runtime.load import Head, read, unreadable
from mapforge.runtime.outcomes import SKIPPED, Fault, Note, Result
from mapforge.values.quick import check_utf8
from mapforge.values.refused import Refused, json_type

UNKNOWN_PLATFORM = "no platform {name!r}; {vendor} is mapped to {known}"

MapEvent = Callable[[bytes, tuple[str, ...], Mapping[str, str], str, bool], Result]
Headers = Mapping[str, str]
Guess = tuple[str, MapEvent]
_NO_HEADERS: Headers = {}
Entries = tuple[model.Entry, ...]


class Origin(Protocol):
    """Where a mapper's code comes from."""

    def code(self, vendor: str, event: str) -> CodeType | None:
        """The code of a raw event's module, None where there is none."""

    def model(self) -> model.Vendor:
        """The resolved model."""


class Sources(msgspec.Struct, frozen=True):
    """A model in memory, and what was generated of it."""

    vendor: model.Vendor
    sources: Mapping[str, str]

    def code(self, vendor: str, event: str) -> CodeType | None:
        """The code of a raw event's module."""
        source = self.sources.get(event)
        return None if source is None else code.compiled(source, _shown(vendor, event))

    def model(self) -> model.Vendor:
        """The model as it was given."""
        return self.vendor


class Built(msgspec.Struct, frozen=True):
    """A vendor's folder in a build; engine: the code that wrote it."""

    build: str
    folder: str
    engine: str

    def code(self, vendor: str, event: str) -> CodeType | None:
        """The code of a raw event's module, compiled when it is first asked for."""
        file = module_file(event)
        try:
            source = read(os.path.join(self.build, self.folder, file))
        except OSError:
            return None
        kept = os.path.join(self.build, KEPT, self.folder, file.removesuffix(".py"))
        return code.kept(source, _shown(vendor, event), self.engine, kept)

    def model(self) -> model.Vendor:
        """The model as it was built. Raises BuildError."""
        path = os.path.join(self.build, self.folder, MODEL)
        try:
            return msgspec.json.decode(read(path), type=model.Vendor)
        except (OSError, msgspec.MsgspecError) as error:
            raise unreadable(path, error) from None


def _shown(vendor: str, event: str) -> str:
    """What tracebacks call a module's file; Python takes no NUL in one."""
    return f"<mapforge {vendor} {ascii(event)[1:-1]}>"


class Mapper:
    """One vendor's mapper. It can be pickled: what it loads comes anew where it is unpickled.

    head: what is known before the first event. Code and the whole model come when they are needed.
    """

    def __init__(self, head: Head, origin: Origin) -> None:
        self.name = head.name
        self.head = head
        self._origin = origin
        self._source = _source(head)
        self._mappers: dict[str, MapEvent | None] = {}
        self._listed = frozenset(head.events)
        self._known = frozenset(head.platforms)
        self._single: dict[str | None, tuple[str, ...]] = {name: (name,) for name in head.platforms}
        self._single[None] = head.platforms
        source = self._source
        self._headers = tuple(
            one.name for one in (source.event, source.id, source.time) if isinstance(one, model.Header)
        )
        self._last: tuple[int, int, bytes, Guess | None] = (0, 0, b"no event yet", None)
        self._event_header = source.event.name if isinstance(source.event, model.Header) else None
        self._catches_all = model.CATCH_ALL in self._listed
        self._scan = _scanner(source.event)

    def __reduce__(self) -> tuple[type[Mapper], tuple[Head, Origin]]:
        return Mapper, (self.head, self._origin)

    @cached_property
    def signature(self) -> model.Signature | None:
        """How the vendor's webhooks are signed."""
        return msgspec.json.decode(self.head.signature, type=model.Signature | None)

    @cached_property
    def model(self) -> model.Vendor:
        """The resolved model."""
        return self._origin.model()

    def prepare(self) -> None:
        """Read everything now, so that the mapper goes on where its build is replaced. Raises BuildError."""
        _ = self.model
        for event in self.head.events:
            self._mapper(event)

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
        try:
            platforms = self._single[to]  # type: ignore[index]
        except (KeyError, TypeError):  # several, in a tuple or in what is no key
            platforms = self.aimed(to)
        lowered = self._lowered(headers) if headers and self._headers else _NO_HEADERS
        try:
            body = raw if type(raw) is bytes else utf8(raw)
            check_utf8(body)  # what a mapper does not read could hide a broken byte
            name = lowered.get(self._event_header) if event is None and self._event_header is not None else event
            if type(name) is str:
                mapper = self._mappers.get(name) or self._mapper(name)
                result = None if mapper is None else mapper(body, platforms, lowered, name, False)
            else:
                result = self._guessed(body, lowered, platforms)
            if result is not None and (result.payloads or result.skipped):
                return result
        except Exception:  # the interpreter's verdict counts, whatever it was that the generated mapper met
            pass
        return self.interpret(raw, lowered, platforms, event)

    def interpret(self, raw: bytes | str, headers: Headers, to: Collection[str], event: str | None = None) -> Result:
        """As `map`, by the reference interpreter. headers by their lower-case names."""
        from mapforge.runtime import interpret as reference

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

    def aimed(self, to: str | Collection[str] | None) -> tuple[str, ...]:
        """The platforms that are named, all for None. Raises ValueError for an unknown one."""
        wanted = self.head.platforms if to is None else (to,) if isinstance(to, str) else tuple(to)
        if not self._known.issuperset(wanted):
            name = next(name for name in wanted if name not in self._known)
            known = ", ".join(self.head.platforms)
            raise ValueError(UNKNOWN_PLATFORM.format(name=name, vendor=self.name, known=known))
        return wanted

    def _lowered(self, headers: Headers) -> Headers:
        """The headers by lower-case names: as they are, as most servers give them, where all that is read is there."""
        for name in self._headers:
            if name not in headers:
                return {name.lower(): value for name, value in headers.items()}
        return headers

    def _guessed(self, body: bytes, headers: Headers, platforms: tuple[str, ...]) -> Result | None:
        """What the generated mapper makes of an event whose name is in its body; it raises whatever is wrong.

        A wrong guess at the name is no fault. None where the body has no name: it should have come in a header.
        """
        if self._scan is None:
            return None
        start, end, text, guess = self._last
        if body[start:end] != text:
            guess = self._guess(self._scan(body))
        if guess is None:
            name = self._name(untyped(body), headers)
        else:
            try:
                return guess[1](body, platforms, headers, guess[0], True)
            except Exception:
                name = self._name(untyped(body), headers)
                if name == guess[0]:
                    raise
        mapper = self._mapper(name)
        return None if mapper is None else mapper(body, platforms, headers, name, False)

    def _guess(self, found: re.Match[bytes] | None) -> Guess | None:
        """The mapper of the name that was found; the next event may well have the same one at the same place."""
        if found is None:
            return None
        name = found[1].decode()
        mapper = self._mappers.get(name) or self._mapper(name)
        if mapper is None:
            return None
        guess = name, mapper
        self._last = found.start(), found.end(), found[0], guess
        return guess

    def _name(self, body: Any, headers: Headers) -> str:
        where = self._source.event
        value: Any = headers.get(where.name) if isinstance(where, model.Header) else evaluate(where.query.node, body)
        if type(value) is str:
            return value
        path = f"header {where.name}" if isinstance(where, model.Header) else where.query.text
        if value is None:
            from mapforge.runtime.interpret import MISSING

            raise Refused(f"the raw event's name at {path}", "none", MISSING)
        raise Refused(f"the raw event's name at {path}", json_type(value))

    def _entries(self, name: str) -> Entries:
        listed = tuple(entry for entry in self.model.entries if name in entry.trigger.events)
        if listed or name in self.head.ignore:
            return listed
        return tuple(entry for entry in self.model.entries if model.CATCH_ALL in entry.trigger.events)

    def _mapper(self, name: str) -> MapEvent | None:
        """The generated mapper of a raw event name; the catch-all's for one that no entry lists."""
        if name in self._listed:
            key = name
        elif self._catches_all and name not in self.head.ignore:
            key = model.CATCH_ALL
        else:
            return None
        if key not in self._mappers:
            module = self._origin.code(self.name, key)
            self._mappers[key] = None if module is None else _loaded(module)
        return self._mappers[key]

    def _untaken(self, name: str) -> Result:
        from mapforge.runtime.interpret import NO_TRIGGER

        if name in self.head.ignore:
            note = Note(None, None, f"{self.name} ignores this raw event", f"{self.name}: ignore", SKIPPED)
            return Result([], [note], slow_path=True)
        return self._faulty(Refused("a raw event that an entry lists", "one that none does", NO_TRIGGER))

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


def _source(head: Head) -> model.RawSource:
    """How a raw event says what it is. Raises BuildError where the head is damaged there."""
    try:
        return msgspec.json.decode(head.source, type=model.RawSource)
    except msgspec.MsgspecError as error:
        raise unreadable(f"the head of {head.name}", error) from None


def _loaded(module: CodeType) -> MapEvent:
    space: dict[str, Any] = {"__name__": module.co_filename}
    # Generated code is trusted input: it comes from our own build.
    exec(module, space)
    mapper: MapEvent = space["map_event"]
    return mapper


def of_sources(vendor: model.Vendor, sources: Mapping[str, str]) -> Mapper:
    """A mapper of a model and of the sources generated from it, without a build on disk."""
    source = msgspec.Raw(msgspec.json.encode(vendor.source))
    signature = msgspec.Raw(msgspec.json.encode(vendor.signature))
    head = Head(vendor.name, source, vendor.ignore, vendor.platforms, vendor.events, signature)
    return Mapper(head, Sources(vendor, sources))
