"""An attribute as written, with the root it stands under → model.Attribute: its branches, each with type and source."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mapforge import documents, model
from mapforge.compiler import expressions
from mapforge.compiler.parse import key_span, value_span, walk
from mapforge.compiler.source import Node, Text
from mapforge.compiler.types import UNKNOWN, Types, a, json_of, sends
from mapforge.diagnostics import Diagnostic, Span
from mapforge.values import templates
from mapforge.values.refused import Refused

OMIT = "omit"
CASE = "names differ by more than case"
SOURCES = ("from_", "join", "template", "constant")
ROOT = model.Query("@", model.Path(()), Span("", 1, 1))

_COMPOSED = ("text", "id", "url", "decimal", "date", "datetime")


class Draft(msgspec.Struct, frozen=True):
    """An attribute before its names are looked up.

    node, span: where its rule stands, and the place of its key. root: what its paths are under; None within an object
    or a list, whose members have no way up. retyped: the place of the type that `change` put in. element: made of each
    element of a list, not of a key. broken: a stand-in for what was reported already.
    """

    name: str
    value: str | documents.AttributeDocument | list[documents.AttributeDocument]
    node: Node
    span: Span
    root: model.Query | None = ROOT
    optional: bool = False
    origin: str = "attributes"
    assumed: str | None = None
    retyped: Span | None = None
    element: bool = False
    standard: bool = False
    broken: bool = False


class Attributes:
    """Makes attributes of drafts; what is wrong with them goes to the report."""

    def __init__(self, types: Types, report: list[Diagnostic]) -> None:
        self.types = types
        self.report = report

    def attribute(self, draft: Draft) -> model.Attribute:
        """The attribute, with a stand-in for whatever was reported."""
        if draft.broken:
            return _stand_in(draft)
        written = draft.value if isinstance(draft.value, list) else [draft.value]
        alternatives = len(written) > 1
        branches = [
            self._branch(draft, document, (position,) if alternatives else (), last=position == len(written) - 1)
            for position, document in enumerate(written)
        ]
        self._check_alternatives(draft, branches)
        first = next((document for document in written if not isinstance(document, str)), None)
        return model.Attribute(
            name=draft.name,
            key=first.name if first is not None and first.name is not None else draft.name,
            sends=sends(branches[-1].type),
            branches=tuple(branches),
            span=draft.span,
            origin=draft.origin,
            sensitive=any(getattr(document, "sensitive", None) == "true" for document in written),
            standard=draft.standard,
            describe=first.describe if first else None,
            assumed=(first.assumed if first else None) or draft.assumed,
        )

    def _check_alternatives(self, draft: Draft, branches: Sequence[model.Branch]) -> None:
        for position, branch in enumerate(branches):
            if branch.when is None and position < len(branches) - 1:
                hint = "give it a `when`, or make it the last"
                self._say("MF307", "only the last alternative may lack `when`", branch.span, "always taken", hint)
            broken = self.types.is_broken(branch.type) or self.types.is_broken(branches[-1].type)
            if sends(branch.type) != sends(branches[-1].type) and not broken:
                label = f"sends {sends(branch.type)}, the last one {sends(branches[-1].type)}"
                hint = "a platform fixes a property's type at first sight: one name, one JSON type"
                self._say("MF306", f"the alternatives of `{draft.name}` send two types", branch.span, label, hint)

    def _branch(
        self, draft: Draft, written: str | documents.AttributeDocument, at: tuple[int, ...], *, last: bool
    ) -> model.Branch:
        place = _Place(draft, at)
        document = documents.AttributeDocument.model_construct(type=written) if isinstance(written, str) else written
        kind = self.types.resolve(
            document.type, None if isinstance(written, str) else document, place.locate, draft.root
        )
        absent, omit = self._absent(document, kind, place)
        if draft.optional and not (kind.nullable or absent is not None or omit):
            kind = msgspec.structs.replace(kind, nullable=True)
        branch = model.Branch(
            type=kind,
            source=self._source(document, kind, draft.root, place),
            span=place.locate("type") if at else draft.span,
            when=self._when(document.when, draft.root, place),
            blank=tuple(self._blank(document)),
            absent=absent,
            omit=omit,
            table=self._table(document, kind, place),
            fields=self._fields(document, kind, place),
            each=self._each(document, kind, place),
        )
        if not self.types.is_broken(kind):
            self._check_branch(branch, document, place, last=last)
        return branch

    def _blank(self, document: documents.AttributeDocument) -> list[str]:
        named = self.types.document(document.type)
        return (document.blank if document.blank is not None else named.blank if named is not None else None) or []

    def _absent(
        self, document: documents.AttributeDocument, kind: model.Type, place: _Place
    ) -> tuple[str | None, bool]:
        named = self.types.document(document.type)
        said = document.absent if document.absent is not None or named is None else named.absent
        if said is None:
            return None, False
        span = self.types.place(document.type, document, "absent", place.locate)
        if kind.nullable:
            hint = "keep one: `| null` sends null, `absent` sends what it says"
            at = place.locate("type" if document.absent is None else "absent")
            self._say("MF301", "`| null` beside `absent`", at, "two answers", hint)
        if said == OMIT:
            return None, True
        if said in ("null", "~") and (document.absent is None or place.is_plain("absent")):
            hint = f"write `type: {kind.name} | null`; the word itself is {{constant: {said}}}"
            self._say("MF308", "null is not a word here", span, "every scalar is text", hint)
            return "null", False
        word = said.constant if isinstance(said, documents.ConstantDocument) else str(said)
        return self._json("MF302", "absent", kind, word, span), False

    def _json(self, code: str, key: str, kind: model.Type, word: str, span: Span) -> str:
        """What stands for a value as JSON: `absent` as it is sent, all else as it is before it is written."""
        wanted: model.Base | model.Sends = (
            sends(kind) if code == "MF302" else kind.base if kind.input is None else "text"
        )
        if self.types.is_broken(kind):
            return "null"
        try:
            return json_of(wanted, word)
        except Refused as refused:
            self._say(code, f"`{key}` is not {a(wanted)}", span, f"expected {refused.expected}", _way_out(code, wanted))
            return "null"

    def _source(
        self, document: documents.AttributeDocument, kind: model.Type, root: model.Query | None, place: _Place
    ) -> model.Source:
        said = [key for key in SOURCES if getattr(document, key) is not None]
        if len(said) > 1:
            names = " and ".join(f"`{key.rstrip('_')}`" for key in said)
            self._say("MF309", f"two sources: {names}", place.locate(said[1].rstrip("_")), "one attribute, one source")
        if document.separator is not None and document.join is None:
            self._say("MF321", "`separator` without `join`", place.locate("separator"), "nothing to separate")
        if document.constant is not None:
            return model.Constant(self._json("MF317", "constant", kind, document.constant, place.locate("constant")))
        if document.template is not None:
            return self._template(document.template, root, place)
        if document.join is not None:
            separator = " " if document.separator is None else document.separator
            return model.Join(self._paths(document.join, "join", root, place), separator)
        if document.from_ is not None:
            paths = document.from_ if isinstance(document.from_, list) else [document.from_]
            return model.From(self._paths(paths, "from", root, place))
        name = place.draft.name
        # What `each` makes has no name of its own: without `from` it is the element.
        own = ("@", ()) if place.draft.element else (name, (name,))
        return model.From((_under(root, model.Query(own[0], model.Path(own[1]), place.draft.span)),))

    def _paths(
        self, texts: Sequence[str], key: str, root: model.Query | None, place: _Place
    ) -> tuple[model.Query, ...]:
        queries = (expressions.path(text, place.element(key, position)) for position, text in enumerate(texts))
        return tuple(self._kept(query, root) for query in queries)

    def _kept(self, query: model.Query | Diagnostic, root: model.Query | None) -> model.Query:
        if isinstance(query, Diagnostic):
            self.report.append(query)
            return ROOT
        return _under(root, query)

    def _template(self, text: str, root: model.Query | None, place: _Place) -> model.Source:
        span = place.locate("template")
        try:
            parsed = templates.parse(text)
        except templates.TemplateError as error:
            self._say_template(text, error, span)
            return model.Constant("null")
        named = (model.Query(".".join(keys), model.Path(keys), span) for keys in parsed.variables)
        return model.Template(text, tuple(_under(root, query) for query in named))

    def _say_template(self, text: str, error: templates.TemplateError, span: Span) -> None:
        line = f" in its line {error.lineno}" if error.lineno > 1 else ""
        if _is_jinja(text):
            hint = "a template has text, {{ names }}, dots, filters and if-expressions"
            self._say("MF404", f"the language refuses a part of this template{line}", span, error.message, hint)
        else:
            self._say("MF403", f"the template does not parse{line}", span, error.message)

    def _when(self, text: str | None, root: model.Query | None, place: _Place) -> model.Query | None:
        if text is None:
            return None
        query = expressions.predicate(text, place.locate("when"))
        return self._kept(query, root)

    def _table(self, document: documents.AttributeDocument, kind: model.Type, place: _Place) -> dict[str, str] | None:
        if document.map is None:
            return None
        return {
            raw: self._json("MF316", f"map: {raw}", kind, sent, place.member("map", raw))
            for raw, sent in document.map.items()
        }

    def _fields(
        self, document: documents.AttributeDocument, kind: model.Type, place: _Place
    ) -> tuple[model.Attribute, ...] | None:
        if document.fields is None:
            return None
        members = [place.nested(name, value, "fields", name) for name, value in document.fields.items()]
        made = [self.attribute(member) for member in members]
        self._check_members(made)
        return tuple(made)

    def _check_members(self, members: Sequence[model.Attribute]) -> None:
        seen: dict[str, model.Attribute] = {}
        for member in members:
            twin = seen.setdefault(member.key.casefold(), member)
            if twin is not member:
                label = f"also at {twin.span.at}"
                self._say("MF215", f"the attribute `{member.key}` is there twice", member.span, label, CASE)

    def _each(self, document: documents.AttributeDocument, kind: model.Type, place: _Place) -> model.Attribute | None:
        if document.each is None:
            return None
        return self.attribute(msgspec.structs.replace(place.nested("each", document.each, "each"), element=True))

    def _check_branch(
        self, branch: model.Branch, document: documents.AttributeDocument, place: _Place, *, last: bool
    ) -> None:
        kind, base = branch.type, branch.type.base
        answered = kind.nullable or branch.absent is not None or branch.omit
        if branch.when is not None and last and not answered:
            hint = f"write `type: {kind.name} | null`, say `absent`, or add an alternative after it"
            self._say("MF305", "`when` may leave nothing to send", place.locate("when"), "and then?", hint)
        if branch.fields is not None and base not in ("object", "list"):
            self._say("MF310", f"`fields` does not fit {base}", place.locate("fields"), "goes with object or list")
        if branch.each is not None and (base != "list" or branch.fields is not None):
            label = "goes with list, and without `fields`"
            self._say("MF310", f"`each` does not fit {base}", place.locate("each"), label)
        if branch.table is not None and base in ("object", "list"):
            self._say("MF310", f"`map` does not fit {base}", place.locate("map"), "goes with one value, not many")
        for key in ("join", "template"):
            if getattr(document, key) is not None and base not in _COMPOSED:
                self._say("MF322", f"`{key}` makes a text, not {base}", place.locate(key), "a text", None)

    def _say(self, code: str, message: str, span: Span, label: str = "", hint: str | None = None) -> None:
        self.report.append(Diagnostic(code, message, span, label, hint))


class _Place(msgspec.Struct, frozen=True):
    """Where the keys of one branch stand."""

    draft: Draft
    at: tuple[int, ...]

    def locate(self, key: str) -> Span:
        if key == "type" and self.draft.retyped is not None:
            return self.draft.retyped
        if isinstance(self.draft.node, Text) or not key:
            return self.draft.node.span
        return value_span(self.draft.node, (*self.at, key))

    def element(self, key: str, position: int) -> Span:
        return value_span(self.draft.node, (*self.at, key, position))

    def member(self, key: str, name: str) -> Span:
        return value_span(self.draft.node, (*self.at, key, name))

    def is_plain(self, key: str) -> bool:
        node = walk(self.draft.node, (*self.at, key))[0]
        return isinstance(node, Text) and node.plain

    def nested(self, name: str, value: documents.AttributeValue, *location: str) -> Draft:
        holder = self.draft.node
        node = walk(holder, (*self.at, *location))[0]
        span = key_span(holder, (*self.at, *location))
        return Draft(name, value, node, span, root=None, origin=self.draft.origin)


def _under(root: model.Query | None, query: model.Query) -> model.Query:
    return query if root is None else expressions.under(root, query)


def _way_out(code: str, wanted: str) -> str | None:
    if code == "MF302":
        return "where nothing of that type fits, `| null` sends null, and `omit` leaves the key out"
    return "objects and lists come from the raw event" if wanted in ("object", "list") else None


def _is_jinja(text: str) -> bool:
    """Whether Jinja2 takes it, so that only our language refuses it."""
    import jinja2

    try:
        jinja2.Environment().parse(text)
    except (jinja2.TemplateSyntaxError, RecursionError, ValueError):
        return False
    return True


def _stand_in(draft: Draft) -> model.Attribute:
    unknown = model.Branch(model.Type(UNKNOWN, "text", nullable=True), model.Constant("null"), draft.span)
    return model.Attribute(draft.name, draft.name, "string", (unknown,), draft.span, draft.origin)
