"""The documents of a vendor → model.Vendor: names looked up, inheritance and groups laid flat, all with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from mapforge import documents, model
from mapforge.compiler import expressions
from mapforge.compiler.attributes import CASE, ROOT, Attributes, Draft
from mapforge.compiler.parse import EntryFile, Parsed
from mapforge.compiler.signatures import signature
from mapforge.compiler.source import Map, Node
from mapforge.compiler.targets import Known, Targets
from mapforge.compiler.types import Settings, Types
from mapforge.diagnostics import Diagnostic, Span, did_you_mean
from mapforge.platforms import PLATFORMS

RECEIVED = "received"
IDENTIFIERS = ("email", "phone", "external_id", "klaviyo_id", "shopify_id")
# What an entry's own word replaces whole, where it says one beside `like`.
_REPLACED = ("person", "identity", "keep", "value", "debounce", "bulk")

VendorFile = Parsed[documents.VendorDocument]


class EntrySource(msgspec.Struct, frozen=True):
    """An entry as parsed: its key, the place of the key, the file it stands in, and what it makes."""

    name: str
    span: Span
    file: str
    parsed: EntryFile
    kind: model.Kind = "event"


class _Flat(msgspec.Struct, frozen=True):
    """An entry with its attributes laid out but not yet typed.

    holders: the entry whose word counts, where it is the parent's. partial: names of attributes were lost to a mistake.
    orphan: so was all that the parent would give.
    """

    source: EntrySource
    drafts: dict[str, Draft]
    document: documents.EntryDocument
    holders: Mapping[str, EntrySource]
    partial: bool = False
    orphan: bool = False


def resolve(
    vendor: VendorFile, entries: Iterable[EntrySource], *, complete: bool = True
) -> tuple[model.Vendor, list[Diagnostic]]:
    """The vendor's model, with stand-ins wherever something was reported.

    complete: False where a file could not be read; nothing is said then of names that it may hold.
    """
    resolver = _Resolver(vendor, list(entries), complete)
    return resolver.vendor(), resolver.report


class _Resolver:
    def __init__(self, vendor: VendorFile, entries: list[EntrySource], complete: bool) -> None:
        self.file = vendor
        self.document = vendor.document
        self.sources = entries
        self.complete = complete
        self.report: list[Diagnostic] = []
        self.types = Types(Settings(), self.report)
        self.groups: dict[str, dict[str, Draft]] = {}
        self.used_groups: set[str] = set()
        self.attributes = Attributes(self.types, self.report)
        self.orphans: set[str] = set()

    def vendor(self) -> model.Vendor:
        self._settings()
        self._define_types()
        self._define_groups()
        self._check_names()
        entries = self._entries()
        aimed = self._aimed(entries)
        self._check_unused()
        return model.Vendor(
            name=self.document.vendor,
            source=self._raw_source(),
            entries=tuple(aimed),
            ignore=self._ignore(entries),
            platforms=tuple(name for name in self.document.platforms if name in PLATFORMS),
            events=tuple(dict.fromkeys(event for entry in entries for event in entry.trigger.events)),
            signature=signature(self.file, self.report),
        )

    def _aimed(self, entries: list[model.Entry]) -> list[model.Entry]:
        kinds = {source.name: source.kind for source in self.sources}
        whole = self.complete and not self.orphans
        known = Known(kinds, self._known_attributes(), self.complete, whole)
        targets = Targets(self.file, known, self.types, self.report)
        aimed = [entry if entry.name in self.orphans else targets.aimed(entry) for entry in entries]
        targets.check_values()
        return aimed

    def _settings(self) -> None:
        source = self.document.source
        for key in ("zone", "locale", "currency"):
            said = getattr(source, key)
            if said is not None:
                setattr(self.types.settings, key, self.types.setting(key, said, self.file.span("source", key)))

    def _define_types(self) -> None:
        self.types.complete = ("types",) not in self.file.broken
        for name, document in (self.document.types or {}).items():
            if ("types", name) in self.file.broken:
                self.types.broken.add(name)
            self.types.define(name, document, lambda key, name=name: self._type_span(name, key))  # type: ignore[misc]

    def _type_span(self, name: str, key: str) -> Span:
        return self.file.span("types", name, key) if key not in ("", "type") else self.file.key("types", name)

    def _define_groups(self) -> None:
        for name, members in (self.document.groups or {}).items():
            node = self.file.tree
            self.groups[name] = {
                key: Draft(
                    key,
                    value,
                    _node(node, "groups", name, key),
                    self.file.key("groups", name, key),
                    broken=("groups", name, key) in self.file.broken,
                )
                for key, value in members.items()
            }

    def _check_names(self) -> None:
        """Entry keys are legal and unique without regard to case."""
        seen: dict[str, EntrySource] = {}
        for source in self.sources:
            other = seen.setdefault(source.name.casefold(), source)
            if other is not source:
                self._say("MF216", f"`{source.name}` is there twice", source.span, f"also at {other.span.at}", CASE)

    def _entries(self) -> list[model.Entry]:
        flats: dict[tuple[str, str], _Flat] = {}
        for source in self.sources:
            flat = flats.setdefault((source.file, source.name), self._flat(source, flats))
            self.orphans |= {source.name} if flat.orphan else set()
        return [self._entry(flat) for flat in flats.values()]

    def _flat(self, source: EntrySource, flats: Mapping[tuple[str, str], _Flat]) -> _Flat:
        document = source.parsed.document
        if document.like is None and ("like",) not in source.parsed.broken:
            self._check_not_like(source)
            return _Flat(source, self._own(source), document, {}, partial=not self._is_whole(source))
        parent = None if document.like is None else self._parent(source, flats)
        self._check_beside_like(source)
        if parent is None:
            drafts = {draft.name: draft for holder in ("change", "add") for draft in self._drafts(source, holder)}
            return _Flat(source, drafts, document, {}, partial=True, orphan=True)
        return self._inherited(source, parent)

    def _is_whole(self, source: EntrySource) -> bool:
        """Whether all names of the entry's attributes are known."""
        groups = source.parsed.document.use or {}
        known = all(group in self.groups and self.file.is_whole("groups", group) for group in groups)
        return known and all(source.parsed.is_whole(key) for key in ("use", "attributes", "standard"))

    def _check_not_like(self, source: EntrySource) -> None:
        if () in source.parsed.astray:
            return
        for key in ("add", "change", "drop"):
            if getattr(source.parsed.document, key) is not None:
                hint = "name the parent with `like`, or write the attributes under `attributes`"
                self._say("MF208", f"`{key}` without `like`", source.parsed.key(key), "nothing to start from", hint)

    def _check_beside_like(self, source: EntrySource) -> None:
        for key in ("use", "attributes"):
            if getattr(source.parsed.document, key) is not None:
                hint = "beside `like`: `add` new ones, `change` or `drop` present ones"
                self._say("MF207", f"`{key}` beside `like`", source.parsed.key(key), "the parent has them", hint)

    def _parent(self, source: EntrySource, flats: Mapping[tuple[str, str], _Flat]) -> _Flat | None:
        """The entry to be like, if it can be: a broken one silences what is like it."""
        name = source.parsed.document.like or ""
        span = source.parsed.span("like")
        parent = flats.get((source.file, name))
        if parent is None:
            self._no_parent(source, name, span)
            return None
        if parent.document.like is not None and not parent.orphan:
            hint = f"start from `{parent.document.like}`, which it is like itself"
            self._say("MF202", f"`{name}` is itself like another entry", span, "inheritance is one level deep", hint)
        return None if parent.orphan or parent.document.like is not None else parent

    def _no_parent(self, source: EntrySource, name: str, span: Span) -> None:
        if name == source.name:
            self._say("MF201", f"`{name}` cannot be like itself", span, "this is its own name", _ABOVE)
            return
        same_file = [other.name for other in self.sources if other.file == source.file and other is not source]
        if name in same_file:
            self._say("MF201", f"`{name}` stands below", span, "`like` looks up", f"move `{name}` above it")
            return
        elsewhere = next((other for other in self.sources if other.name == name), None)
        nearest = did_you_mean(name, self._possible_parents(source))
        hint = f"did you mean `{nearest}`?" if nearest and not elsewhere else _ABOVE
        label = f"it stands in {elsewhere.file}" if elsewhere else "no such entry above"
        self._say("MF201", f"there is no `{name}` to be like", span, label, hint)

    def _possible_parents(self, source: EntrySource) -> list[str]:
        above = [other for other in self.sources if other.file == source.file and other.span.line < source.span.line]
        return [other.name for other in above if other.parsed.document.like is None]

    def _own(self, source: EntrySource) -> dict[str, Draft]:
        drafts = {draft.name: draft for draft in self._drafts(source, "standard")}
        for group, root in (source.parsed.document.use or {}).items():
            for draft in self._group(source, group, root):
                self._put(drafts, draft, source.parsed.key("use", group))
        for draft in self._drafts(source, "attributes"):
            self._put(drafts, draft, draft.span)
        return drafts

    def _no_group(self, group: str, span: Span) -> None:
        """A misspelt group is told wherever it stands, one that nothing resembles once: it may want to be defined."""
        nearest = did_you_mean(group, self.groups)
        told = group in self.used_groups and nearest is None
        self.used_groups.add(group)
        if not told and not self.file.broken & {("groups",), ("groups", group)}:
            hint = f"did you mean `{nearest}`?" if nearest else f"vendor.yaml has {_listed(self.groups)}"
            self._say("MF209", f"there is no group `{group}`", span, "not a group", hint)

    def _drafts(self, source: EntrySource, holder: str) -> list[Draft]:
        """The attributes under one of an entry's keys, in the order in which they are written."""
        named = getattr(source.parsed.document, holder, None)
        if isinstance(named, documents.StandardDocument):
            written = source.parsed.tree.get(holder)
            order = [pair.key.value for pair in written.pairs] if isinstance(written, Map) else []
            named = {name: getattr(named, name) for name in order if getattr(named, name, None) is not None}
        return [self._draft(source, holder, name, value) for name, value in (named or {}).items()]

    def _group(self, source: EntrySource, group: str, root: str) -> Iterable[Draft]:
        if group not in self.groups:
            self._no_group(group, source.parsed.key("use", group))
            return ()
        self.used_groups.add(group)
        text, optional = _root_text(root)
        query = self._query(text, source.parsed.span("use", group))
        return [
            msgspec.structs.replace(draft, root=query, optional=optional, origin=f"group {group}")
            for draft in self.groups[group].values()
        ]

    def _draft(self, source: EntrySource, holder: str, name: str, value: documents.AttributeValue) -> Draft:
        node = _node(source.parsed.tree, holder, name)
        broken = (holder, name) in source.parsed.broken
        key = source.parsed.key(holder, name)
        return Draft(name, value, node, key, origin=holder, standard=holder == "standard", broken=broken)

    def _put(self, drafts: dict[str, Draft], draft: Draft, span: Span) -> None:
        twin = next((name for name in drafts if name.casefold() == draft.name.casefold()), None)
        if twin is not None:
            other = drafts[twin]
            label = f"also at {other.span.at}"
            self._say("MF215", f"the attribute `{draft.name}` is there twice", span, label, CASE)
            return
        drafts[draft.name] = draft

    def _inherited(self, source: EntrySource, parent: _Flat) -> _Flat:
        document = source.parsed.document
        drafts = {
            name: msgspec.structs.replace(draft, origin=f"like {parent.source.name}")
            for name, draft in parent.drafts.items()
        }
        own_fields = {draft.name: draft for draft in self._drafts(source, "standard")}
        if own_fields:
            drafts = {**own_fields, **{name: draft for name, draft in drafts.items() if not draft.standard}}
        self._check_named_once(source)
        self._change(source, drafts, parent)
        self._drop(source, drafts, parent)
        for draft in self._drafts(source, "add"):
            self._add(source, drafts, draft)
        holders = {key: parent.source for key in _REPLACED if _said(source, key) is None}
        return _Flat(source, drafts, document, {**holders, "like": parent.source}, partial=parent.partial)

    def _check_named_once(self, source: EntrySource) -> None:
        """What `drop` names stands nowhere else beside `like`."""
        document, seen = source.parsed.document, set[str]()
        for position, name in enumerate(document.drop or ()):
            other = next((key for key in ("change", "add") if name in (getattr(document, key) or {})), None)
            if other is not None or name in seen:
                hint = "to say it anew, `change` it; to leave it out, `drop` it"
                label = f"also under `{other or 'drop'}`"
                self._say("MF223", f"`drop` names `{name}` again", source.parsed.span("drop", position), label, hint)
            seen.add(name)

    def _change(self, source: EntrySource, drafts: dict[str, Draft], parent: _Flat) -> None:
        for name, value in (source.parsed.document.change or {}).items():
            span = source.parsed.key("change", name)
            if name not in drafts:
                self._absent_name("MF204", "change", source, name, span, parent)
                continue
            changed = self._changed(source, drafts[name], value, span)
            if _meaning(changed) == _meaning(drafts[name]) and not (changed.broken or drafts[name].broken):
                hint = "say what is different, or leave it out"
                self._say("MF205", f"`change` leaves `{name}` as it is", span, "the same as the parent's", hint)
            drafts[name] = changed

    def _changed(self, source: EntrySource, old: Draft, value: documents.AttributeValue, span: Span) -> Draft:
        if ("change", old.name) in source.parsed.broken:
            return self._draft(source, "change", old.name, value)
        if isinstance(value, str):
            retyped = source.parsed.span("change", old.name)
            return msgspec.structs.replace(
                old, value=_retyped(old.value, value), span=span, origin="change", retyped=retyped
            )
        node = _node(source.parsed.tree, "change", old.name)
        return Draft(old.name, _still_sensitive(old.value, value), node, span, origin="change", standard=old.standard)

    def _drop(self, source: EntrySource, drafts: dict[str, Draft], parent: _Flat) -> None:
        for position, name in enumerate(source.parsed.document.drop or ()):
            if drafts.pop(name, None) is None and name not in parent.drafts:
                self._absent_name("MF203", "drop", source, name, source.parsed.span("drop", position), parent)

    def _absent_name(self, code: str, key: str, source: EntrySource, name: str, span: Span, parent: _Flat) -> None:
        if parent.partial:
            return
        nearest = did_you_mean(name, parent.drafts)
        hint = f"did you mean `{nearest}`?" if nearest else f"it has {_listed(parent.drafts)}"
        message = f"`{key}` names an attribute that {source.parsed.document.like} does not have"
        self._say(code, message, span, f"no `{name}` to {key}", hint)

    def _add(self, source: EntrySource, drafts: dict[str, Draft], draft: Draft) -> None:
        if any(name.casefold() == draft.name.casefold() for name in drafts):
            hint = "`change` it instead"
            message = f"`add` names an attribute that {source.parsed.document.like} has"
            self._say("MF206", message, draft.span, f"`{draft.name}` is there already", hint)
            return
        drafts[draft.name] = msgspec.structs.replace(draft, origin="add")

    def _entry(self, flat: _Flat) -> model.Entry:
        document, source = flat.document, flat.source
        person = self._person(flat)
        return model.Entry(
            name=source.name,
            metric=_metric(source),
            trigger=self._trigger(source),
            person=person,
            identity=self._identity(flat, person),
            attributes=tuple(
                self.attributes.attribute(msgspec.structs.replace(draft, assumed=document.assumed))
                for draft in flat.drafts.values()
            ),
            targets=(),
            span=source.span,
            kind=source.kind,
            like=document.like,
            use=dict(self._holder(flat, "use").parsed.document.use or {}),
            keep=self._keep(self._holder(flat, "keep")),
            value=self._value(self._holder(flat, "value")),
            debounce=_milliseconds(_said(self._holder(flat, "debounce"), "debounce")),
            batch=_batch(_said(self._holder(flat, "bulk"), "bulk")),
            describe=document.describe,
            assumed=document.assumed,
        )

    def _holder(self, flat: _Flat, key: str) -> EntrySource:
        """The entry whose word on this key counts: its own, or its parent's where it says nothing."""
        return flat.holders.get("like" if key == "use" else key, flat.source)

    def _person(self, flat: _Flat) -> model.Query:
        holder = self._holder(flat, "person")
        if holder.parsed.document.person is not None:
            return self._query(holder.parsed.document.person, holder.parsed.span("person"))
        if self.document.person is not None:
            return self._query(self.document.person, self.file.span("person"))
        return ROOT

    def _identity(self, flat: _Flat, person: model.Query) -> model.Identity:
        holder = self._holder(flat, "identity")
        document = holder.parsed.document.identity
        parsed: EntryFile | VendorFile = holder.parsed
        if document is None:
            document, parsed = self.document.identity, self.file
        identifiers = tuple(
            model.Identifier(name, expressions.under(person, self._query(said, parsed.span("identity", name))))
            for name in IDENTIFIERS
            if (said := getattr(document, name)) is not None
        )
        if not identifiers and ("identity",) not in parsed.astray:
            hint = f"name at least one of {', '.join(IDENTIFIERS)}"
            self._say("MF222", "`identity` identifies nobody", parsed.key("identity"), "no identifier", hint)
        return model.Identity(identifiers, document.none or "error", parsed.key("identity"))

    def _trigger(self, source: EntrySource) -> model.Trigger:
        trigger = source.parsed.document.trigger
        if source.name == model.CATCH_ALL and source.kind == "profile":
            hint = "list the raw events that update profiles in a trigger"
            self._say("MF224", "`*` is for events", source.span, "a profile update has a trigger", hint)
        elif source.name == model.CATCH_ALL and trigger is not None:
            hint = "it takes the raw events that no other entry lists"
            self._say("MF221", "the catch-all has no trigger", source.parsed.key("trigger"), "needless", hint)
        if source.name == model.CATCH_ALL:
            return model.Trigger((model.CATCH_ALL,))
        if trigger is None:
            return model.Trigger((source.name,))
        events = tuple(trigger.event) if isinstance(trigger.event, list) else (trigger.event,)
        self._check_raw_names(source.parsed, events, "trigger", "event")
        when = None
        if trigger.when is not None:
            when = self._accept(expressions.predicate(trigger.when, source.parsed.span("trigger", "when")))
        return model.Trigger(events, when)

    def _check_raw_names(self, parsed: EntryFile | VendorFile, names: Iterable[str], *location: str) -> None:
        """Raw events are listed one by one; the rest has an entry of its own."""
        for position, name in enumerate(names):
            if name == model.CATCH_ALL:
                hint = 'an entry called "*" takes the raw events that no trigger lists'
                span = parsed.span(*location, position)
                self._say("MF217", "`*` is no raw event's name", span, "nothing is matched by pattern", hint)

    def _keep(self, source: EntrySource) -> model.Keep | None:
        keep = source.parsed.document.keep
        if keep is None:
            return None
        if isinstance(keep, documents.KeepDocument):
            return model.Keep(self._query(keep.from_, source.parsed.span("keep", "from")), tuple(keep.except_ or ()))
        return model.Keep(self._query(keep, source.parsed.span("keep")))

    def _value(self, source: EntrySource) -> model.Value | None:
        said: documents.ValueDocument | None = _said(source, "value")
        if said is None:
            return None
        draft = Draft("value", _amount(said), _node(source.parsed.tree, "value"), source.parsed.key("value"))
        attribute = self.attributes.attribute(draft)
        currency = self.types.settings.currency
        if said.currency is not None:
            currency = self.types.setting("currency", said.currency, source.parsed.span("value", "currency"))
        return model.Value(attribute.branches[0], currency, draft.span)

    def _raw_source(self) -> model.RawSource:
        source = self.document.source
        time, timed = source.time, None
        if isinstance(time, documents.TimeDocument):
            timed, time = time.input, time.from_
        refined = documents.AttributeDocument.model_construct(type="datetime", input=timed)
        return model.RawSource(
            event=self._from_raw(source.event, "event"),
            id=self._from_raw(source.id, "id"),
            time=self._from_raw(time, "time"),
            time_type=self.types.resolve("datetime", refined, lambda key: self.file.span("source", "time", key), ROOT),
        )

    def _from_raw(self, said: str | documents.HeaderDocument, key: str) -> model.Header | model.SettingQuery:
        if isinstance(said, documents.HeaderDocument):
            return model.Header(said.header.lower())
        return model.SettingQuery(self._query(said, self.file.span("source", key)))

    def _ignore(self, entries: Iterable[model.Entry]) -> tuple[str, ...]:
        self._check_raw_names(self.file, self.document.ignore or (), "ignore")
        triggered = {event: entry for entry in entries for event in entry.trigger.events}
        for position, name in enumerate(self.document.ignore or ()):
            if name in triggered and name != model.CATCH_ALL:
                label = f"{triggered[name].name} sends it"
                self._say("MF218", f"`{name}` is ignored and sent", self.file.span("ignore", position), label)
        return tuple(self.document.ignore or ())

    def _check_unused(self) -> None:
        for name in self.groups.keys() - self.used_groups:
            self._warn("MF219", f"no entry uses the group `{name}`", self.file.key("groups", name))
            for draft in self.groups[name].values():
                self.attributes.attribute(draft)
        for name in self.types.named.keys() - self.types.used:
            self._warn("MF220", f"no attribute has the type `{name}`", self.file.key("types", name))

    def _known_attributes(self) -> set[str]:
        """Every name that stands anywhere, also in what is broken: a rule that names one of them is no mistake."""
        named = {name for group in (self.document.groups or {}).values() for name in group}
        for source in self.sources:
            for holder in ("attributes", "standard", "add", "change"):
                node = source.parsed.tree.get(holder)
                named |= {pair.key.value for pair in node.pairs} if isinstance(node, Map) else set()
        return named

    def _query(self, text: str, span: Span) -> model.Query:
        return self._accept(expressions.path(text, span))

    def _accept(self, query: model.Query | Diagnostic) -> model.Query:
        if isinstance(query, Diagnostic):
            self.report.append(query)
            return ROOT
        return query

    def _say(self, code: str, message: str, span: Span, label: str = "", hint: str | None = None) -> None:
        self.report.append(Diagnostic(code, message, span, label, hint))

    def _warn(self, code: str, message: str, span: Span) -> None:
        self.report.append(Diagnostic(code, message, span, "never used", "leave it out, or use it", "warning"))


_ABOVE = "name an entry above it in the same file"
_SHOWN = 8


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more if every else "none"


def _node(tree: Map, *location: str) -> Node:
    node: Node = tree
    for step in location:
        inner = node.get(step) if isinstance(node, Map) else None
        if inner is None:
            return node
        node = inner
    return node


def _root_text(root: str) -> tuple[str, bool]:
    text, bar, null = root.rpartition("|")
    return (text.strip(), True) if bar and null.strip() == "null" else (root.strip(), False)


def _said(source: EntrySource, key: str) -> Any:
    """What an entry says under a key; None also where its kind has no such key."""
    return getattr(source.parsed.document, key, None)


def _metric(source: EntrySource) -> str | None:
    name = _said(source, "name") or source.name
    return None if source.kind == "profile" or name in (RECEIVED, model.CATCH_ALL) else name


def _milliseconds(debounce: str | None) -> int | None:
    if debounce is None:
        return None
    digits = debounce.rstrip("ms")
    return int(digits) * {"ms": 1, "s": 1000, "m": 60_000}[debounce[len(digits) :]]


def _batch(bulk: documents.BulkDocument | None) -> int | None:
    return None if bulk is None else int(bulk.batch)


def _retyped(
    old: str | documents.AttributeDocument | list[documents.AttributeDocument], word: str
) -> str | documents.AttributeDocument | list[documents.AttributeDocument]:
    """The same source, `when`, sensitive and docs under another type; all other rules go."""
    if isinstance(old, str):
        return word
    if isinstance(old, list):
        return [_under_type(document, word) for document in old]
    return _under_type(old, word)


_STAYING = ("name", "from_", "join", "separator", "template", "constant", "when", "sensitive", "describe", "assumed")


def _under_type(document: documents.AttributeDocument, word: str) -> documents.AttributeDocument:
    kept = {key: getattr(document, key) for key in _STAYING}
    return documents.AttributeDocument.model_construct(**kept, type=word)


def _still_sensitive(
    old: str | documents.AttributeDocument | list[documents.AttributeDocument],
    new: documents.AttributeDocument | list[documents.AttributeDocument],
) -> documents.AttributeDocument | list[documents.AttributeDocument]:
    was = old if isinstance(old, list) else [old]
    if not any(getattr(document, "sensitive", None) == "true" for document in was):
        return new
    if isinstance(new, list):
        return [_marked(document) for document in new]
    return _marked(new)


def _marked(document: documents.AttributeDocument) -> documents.AttributeDocument:
    return document if document.sensitive is not None else document.model_copy(update={"sensitive": "true"})


def _meaning(draft: Draft) -> object:
    """What a draft says, without where it says it."""
    value = draft.value
    if isinstance(value, str):
        return documents.AttributeDocument.model_construct(type=value).model_dump()
    dumped = [document.model_dump() for document in (value if isinstance(value, list) else [value])]
    return dumped if len(dumped) > 1 else dumped[0]


def _amount(said: documents.ValueDocument) -> documents.AttributeDocument:
    """Klaviyo's value as an attribute: a decimal from the same path with the same refinements."""
    return documents.AttributeDocument.model_construct(
        type="decimal",
        from_=said.from_,
        scale=said.scale,
        round=said.round,
        places=said.places,
        absent=said.absent,
        currency=said.currency,
    )
