"""The resolved model: what a vendor's mapping means, flat and ordered. Data only; every node knows its place.

It is written to the build as JSON and read back by the runtime, so that both halves hold the same thing
(docs/decisions/0001). Texts named ``json`` hold one JSON value, so that numbers keep their digits.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from mapforge.diagnostics import Span

LANGUAGE_VERSION = "1"
CATCH_ALL = "*"

Base: TypeAlias = Literal["text", "id", "integer", "decimal", "boolean", "date", "datetime", "url", "object", "list"]
Sends: TypeAlias = Literal["string", "number", "integer", "boolean", "object", "array"]
RoundingMode: TypeAlias = Literal["down", "up", "half_up", "half_even", "floor", "ceiling"]
Rendering: TypeAlias = Literal["text", "money", "percent"]
Kind: TypeAlias = Literal["event", "profile"]

SENDS: dict[Base, Sends] = {
    "text": "string",
    "id": "string",
    "integer": "integer",
    "decimal": "number",
    "boolean": "boolean",
    "date": "string",
    "datetime": "string",
    "url": "string",
    "object": "object",
    "list": "array",
}


class Node(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    """A step of a query; each kind says what it does with the value it stands on."""


class Path(Node, frozen=True, omit_defaults=True, tag="path"):
    """Keys, read one after the other; none of them is the value itself."""

    keys: tuple[str, ...]


class Element(Node, frozen=True, omit_defaults=True, tag="element"):
    index: int


class Slice(Node, frozen=True, omit_defaults=True, tag="slice"):
    start: int | None
    stop: int | None
    step: int | None


class Chain(Node, frozen=True, omit_defaults=True, tag="chain"):
    """Each step stands on what the one before it gave."""

    steps: tuple[AnyNode, ...]


class Projection(Node, frozen=True, omit_defaults=True, tag="projection"):
    """`each` of the elements of the list at `source` for which `condition` holds."""

    source: AnyNode
    each: AnyNode
    condition: AnyNode | None = None


class Comparison(Node, frozen=True, omit_defaults=True, tag="comparison"):
    operator: Literal["eq", "ne", "lt", "lte", "gt", "gte"]
    left: AnyNode
    right: AnyNode


class Both(Node, frozen=True, omit_defaults=True, tag="and"):
    left: AnyNode
    right: AnyNode


class Either(Node, frozen=True, omit_defaults=True, tag="or"):
    left: AnyNode
    right: AnyNode


class Negation(Node, frozen=True, omit_defaults=True, tag="not"):
    operand: AnyNode


class Literally(Node, frozen=True, omit_defaults=True, tag="literal"):
    json: str


class Call(Node, frozen=True, omit_defaults=True, tag="call"):
    function: Literal["length", "contains", "starts_with", "ends_with"]
    arguments: tuple[AnyNode, ...]


AnyNode: TypeAlias = (
    Path | Element | Slice | Chain | Projection | Comparison | Both | Either | Negation | Literally | Call
)


class Query(msgspec.Struct, frozen=True, omit_defaults=True):
    """A path or a predicate as the author reads it, and what it means."""

    text: str
    node: AnyNode
    span: Span


class From(msgspec.Struct, frozen=True, omit_defaults=True, tag="from"):
    """The first of these that is present."""

    queries: tuple[Query, ...]


class Join(msgspec.Struct, frozen=True, omit_defaults=True, tag="join"):
    """Texts joined; absent and empty ones are left out."""

    parts: tuple[Query, ...]
    separator: str


class Template(msgspec.Struct, frozen=True, omit_defaults=True, tag="template"):
    """A Jinja2 template over `variables`, in the order in which values.templates.parse names them."""

    text: str
    variables: tuple[Query, ...]


class Constant(msgspec.Struct, frozen=True, omit_defaults=True, tag="constant"):
    json: str


Source: TypeAlias = From | Join | Template | Constant


class Type(msgspec.Struct, frozen=True, omit_defaults=True):
    """A base type with its refinements; `name` is the word the author wrote."""

    name: str
    base: Base
    nullable: bool = False
    scale: int | Literal["minor"] | None = None
    round: RoundingMode | None = None
    places: int | Literal["currency"] | None = None
    rendering: Rendering | None = None
    format: str | None = None
    input: str | None = None
    zone: SettingField = None
    currency: SettingField = None
    locale: SettingField = None


class SettingQuery(msgspec.Struct, frozen=True, omit_defaults=True, tag="query"):
    """Where a zone, a locale or a currency is read: from the raw root, or from the place the attribute stands on."""

    query: Query
    from_root: bool = True


SettingField: TypeAlias = SettingQuery | Constant | None


class Branch(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way to make an attribute: taken when `when` holds. `absent` is the JSON sent, `omit` leaves the key out."""

    type: Type
    source: Source
    span: Span
    when: Query | None = None
    blank: tuple[str, ...] = ()
    absent: str | None = None
    omit: bool = False
    table: dict[str, str] | None = None
    fields: tuple[Attribute, ...] | None = None
    each: Attribute | None = None


class Attribute(msgspec.Struct, frozen=True, omit_defaults=True):
    """One key of the payload's properties. `origin` says where the rule stands: the entry, a group, the parent.

    standard: a field that platforms may have of their own, by our name for it.
    """

    name: str
    key: str
    sends: Sends
    branches: tuple[Branch, ...]
    span: Span
    origin: str = ""
    sensitive: bool = False
    standard: bool = False
    describe: str | None = None
    assumed: str | None = None


class Trigger(msgspec.Struct, frozen=True, omit_defaults=True):
    events: tuple[str, ...]
    when: Query | None = None


class Identifier(msgspec.Struct, frozen=True, omit_defaults=True):
    """`name` is email, phone, external_id, klaviyo_id or shopify_id; the query is from the raw root."""

    name: str
    query: Query


class Identity(msgspec.Struct, frozen=True, omit_defaults=True):
    identifiers: tuple[Identifier, ...]
    none: Literal["error", "skip"]
    span: Span


class Keep(msgspec.Struct, frozen=True, omit_defaults=True):
    """The keys of the object at `query` that no attribute names, but those in `besides`, are sent as they came."""

    query: Query
    besides: tuple[str, ...] = ()


class Value(msgspec.Struct, frozen=True, omit_defaults=True):
    """Klaviyo's monetary value and its currency."""

    amount: Branch
    currency: SettingField
    span: Span


class Sent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One attribute as a platform gets it: `name` there, null when it equals `null_if`, rendered as `rendering`.

    own: a field of the platform's own, not a property. metafield: the type it has there, where properties are typed.
    """

    attribute: str
    name: str
    null_if: str | None = None
    rendering: Rendering | None = None
    locale: SettingField = None
    own: bool = False
    metafield: str | None = None


class Target(msgspec.Struct, frozen=True, omit_defaults=True):
    """One platform that gets the entry, with the platform's options (such as origin) and rules."""

    platform: str
    sent: tuple[Sent, ...]
    options: dict[str, str] = {}
    omit: tuple[str, ...] = ()


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One payload of a raw event. `metric` None: the raw event's own name; `trigger.events` ("*",): all the rest.

    debounce: how many milliseconds an update waits for the next one of its profile. batch: the most payloads of it that
    go into a bulk request.
    """

    name: str
    metric: str | None
    trigger: Trigger
    person: Query
    identity: Identity
    attributes: tuple[Attribute, ...]
    targets: tuple[Target, ...]
    span: Span
    kind: Kind = "event"
    like: str | None = None
    use: dict[str, str] = {}
    keep: Keep | None = None
    value: Value | None = None
    debounce: int | None = None
    batch: int | None = None
    describe: str | None = None
    assumed: str | None = None


class Header(msgspec.Struct, frozen=True, omit_defaults=True, tag="header"):
    """An HTTP header, by its name in any case."""

    name: str


class RawSource(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a raw event says what it is: its name, its id and its time; a zone for times without an offset."""

    event: Header | SettingQuery
    id: Header | SettingQuery
    time: Header | SettingQuery
    time_type: Type


SIGNED_WORDS = r"\b(?:body|timestamp|id)\b"
SignatureScheme = Literal["hmac", "token", "standard-webhooks"]


class Signature(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a webhook shows that the vendor sent it. header, timestamp: names in lower case; window: seconds.

    algorithm: as hashlib calls it. encodings: hex or base64, any of them. signs: what is signed; SIGNED_WORDS stand for
    what they name, all else for itself.
    """

    scheme: SignatureScheme
    header: str
    algorithm: str = "sha256"
    encodings: tuple[str, ...] = ("hex",)
    prefix: str = ""
    signs: str = "body"
    timestamp: str | None = None
    window: int | None = None
    span: Span | None = None
    assumed: str | None = None


class Vendor(msgspec.Struct, frozen=True, omit_defaults=True):
    """A vendor's whole mapping, resolved. `events` are the raw event names that entries list, "*" the catch-all's.

    signature: None where a webhook comes with the secret itself in `Authorization`.
    """

    name: str
    source: RawSource
    entries: tuple[Entry, ...]
    ignore: tuple[str, ...]
    platforms: tuple[str, ...]
    events: tuple[str, ...] = ()
    files: dict[str, str] = {}
    signature: Signature | None = None
