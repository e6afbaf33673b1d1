"""What a platform is to both halves of the house: its request, its envelopes and its limits, as data.

An envelope is the JSON of a request body with holes in it; `segments` cuts it into constant bytes and holes, and
`fill` puts the encoded values in. Both the generated mappers and the interpreter write bodies through it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Literal, TypeAlias

import msgspec

from mapforge import model
from mapforge.model import Entry, Target
from mapforge.values.quick import uuid5_of

Envelope: TypeAlias = "Mapping[str, Envelope] | str | bool | Hole"

EVENT_NAME = "event"
PROPERTIES = "properties"
PROFILE = "profile"
PROFILE_ID = "profile_id"
TIME = "time"
EVENT_ID = "event_id"
VALUE = "value"
VALUE_CURRENCY = "value_currency"
ITEMS = "items"
IDENTIFIERS = "identifiers"
MEMBERS = "members"
METAFIELDS = "metafields"
NAMESPACE = "namespace"
KIND = "kind"
NAME = "name"


class Hole(msgspec.Struct, frozen=True):
    """A place in an envelope. An optional one takes its key with it when there is nothing to put in.

    One that is spread stands for members of the object around it, each with a comma after it; its key is not written,
    and another key follows.
    """

    name: str
    optional: bool = False
    spread: bool = False


class Gap(msgspec.Struct, frozen=True):
    """An optional hole after it was cut: `lead` is the comma, the key and the colon that go before a value."""

    name: str
    lead: bytes


Segment: TypeAlias = bytes | Hole | Gap


class Identifier(msgspec.Struct, frozen=True):
    """How a platform takes an identifier: `sent` is its key in the profile, or None where it fills PROFILE_ID."""

    sent: str | None
    most: int
    rule: Literal["email", "phone", "text", "customer"] = "text"


class Field(msgspec.Struct, frozen=True):
    """A profile's field that a platform has of its own: `sent` is its name there, "location.city" within an object.

    takes: the JSON types. null: whether null clears it; else a null is not sent. most: how many characters a text has
    at most; legal: what it must match whole; `words`: both for people.
    """

    sent: str
    takes: tuple[model.Sends, ...] = ("string",)
    null: bool = True
    most: int | None = None
    legal: str | None = None
    words: str = ""


class Limits(msgspec.Struct, frozen=True):
    """What a body may hold. Sizes in bytes of UTF-8; None where the platform states none."""

    body: int
    text: int | None = None
    properties: int | None = None
    elements: int | None = None
    depth: int | None = None
    integer_bits: int | None = None
    event_name: int | None = None
    event_id: int | None = None
    earliest: str | None = None
    property_name: str | None = None


class Rate(msgspec.Struct, frozen=True):
    """At most this many requests in any so many seconds."""

    most: int
    seconds: int


class Request(msgspec.Struct, frozen=True):
    """Where a body goes and with what headers; `{secret}` stands for the connection's key.

    rates: how often an account may send it, all of them at once.
    """

    url: str
    headers: Mapping[str, str]
    page: str
    rates: tuple[Rate, ...] = ()


class Job(msgspec.Struct, frozen=True):
    """How a platform is asked what became of a bulk request that it took: `{job}` in a URL stands for the job's name.

    name: the way to the job's name in the answer to the bulk request. asked: the request about one job; `status` and
    `failed` are the ways to its status and to how many payloads failed, in the answer. open: the statuses of a job
    under way; done: of one that has ended with each of its payloads; any other says that it stopped before.
    items: the request for what became of single payloads, and `form` what its answer lists: those at fault, or all.
    listed: the request about many jobs at once, whose answer has them as `jobs`, each as the answer to `asked` is.
    """

    name: tuple[str, ...]
    asked: Request
    status: tuple[str, ...]
    failed: tuple[str, ...]
    open: frozenset[str]
    done: frozenset[str]
    items: Request
    form: Literal["errors", "items"]
    listed: Request | None = None
    jobs: tuple[str, ...] = ()


class Bulk(msgspec.Struct, frozen=True):
    """A request for many payloads. `form` is the name of its body's schema.

    `most` counts payloads; `most_bytes` is the whole body. `item` is the way into a body to what makes one of ITEMS.
    `shared` are keys of the bodies that go beside ITEMS: payloads that differ in one go into requests of their own.
    `group`: a profile with its events makes one of ITEMS, under the profile; `apart` are the attributes by which, and
    by the profile, two events are one to the platform: they never stand in one request. once_a_profile: two updates of
    a profile never do. job: None where the platform does not say what became of a request.
    """

    form: str
    request: Request
    envelope: Mapping[str, Envelope]
    most: int
    most_bytes: int
    item: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    group: Mapping[str, Envelope] | None = None
    apart: tuple[str, ...] = ()
    once_a_profile: bool = False
    job: Job | None = None


class Endpoint(msgspec.Struct, frozen=True):
    """What a platform takes of one kind of entry. `kind` is what it calls it: the kind of the payloads.

    bulk: None where each payload is a request. fields: those of a profile that the platform has of its own, by our name
    for them; reserved: names that no property may have. identifier: one of a list of identifiers, where they are no
    members of the profile. metafield: one of a list of typed properties, where those are no object.
    repeatable: what is sent twice counts once. backfill: the way to the member of a body that says: record this, and
    start nothing by it; None where the platform has no such word. mutation: the GraphQL whose variables a body is.
    """

    kind: str
    request: Request
    envelope: Mapping[str, Envelope]
    limits: Limits
    bulk: Bulk | None
    id_made_of: Literal["source", "uuid5"] = "source"
    fields: Mapping[str, Field] = {}
    reserved: frozenset[str] = frozenset()
    identifier: Mapping[str, Envelope] | None = None
    metafield: Mapping[str, Envelope] | None = None
    repeatable: bool = True
    backfill: tuple[str, ...] | None = None
    mutation: str | None = None


class Probe(msgspec.Struct, frozen=True):
    """A call that changes nothing and shows whether a key is good: a GET, or a query where the platform talks GraphQL.

    member: what the answer has where it is the platform's. right: what a key must be allowed to do for the call itself.
    needs: the rights that sending takes; listed: the way to those that the key has, where the answer lists them.
    """

    request: Request
    member: str
    needs: tuple[str, ...]
    right: str | None = None
    query: str | None = None
    listed: tuple[str, ...] = ()


class Platform(msgspec.Struct, frozen=True):
    """A platform that mapforge sends to, with an endpoint for each kind of entry that it takes.

    `options` are the words its part of vendor.yaml must give. rates: for all requests of an account together.
    """

    name: str
    title: str
    revision: str
    identifiers: Mapping[str, Identifier]
    endpoints: Mapping[model.Kind, Endpoint]
    probe: Probe
    options: tuple[str, ...] = ()
    rates: tuple[Rate, ...] = ()


def endpoint_of(platform: Platform, kind: str) -> Endpoint:
    """The endpoint that takes payloads of this kind."""
    return next(endpoint for endpoint in platform.endpoints.values() if endpoint.kind == kind)


def has_shops(platform: Platform) -> bool:
    """Whether each of its shops has an address of its own."""
    return "{shop}" in platform.probe.request.url


def segments(
    envelope: Mapping[str, Envelope], constants: Mapping[str, bytes], without: Collection[str] = ()
) -> tuple[Segment, ...]:
    """The envelope in the order it is written: constant bytes, with the holes that `constants` fills among them.

    without: holes that are never filled.
    """
    merged: list[Segment] = []
    for part in _cut(envelope):
        if not isinstance(part, bytes) and part.name in without:
            continue
        filled = constants.get(part.name, part) if isinstance(part, Hole) else part
        if isinstance(filled, bytes) and merged and isinstance(merged[-1], bytes):
            merged[-1] += filled
        else:
            merged.append(filled)
    return tuple(merged)


def _cut(envelope: Envelope) -> list[Segment]:
    if isinstance(envelope, Hole):
        return [envelope]
    if isinstance(envelope, (str, bool)):
        return [msgspec.json.encode(envelope)]
    parts: list[Segment] = [b"{"]
    comma = b""
    for key, inner in envelope.items():
        lead = comma + msgspec.json.encode(key) + b":"
        if isinstance(inner, Hole) and inner.spread:
            parts += [comma, inner]
        elif isinstance(inner, Hole) and inner.optional:
            parts.append(Gap(inner.name, lead))
        else:
            parts += [lead, *_cut(inner)]
        comma = b"" if isinstance(inner, Hole) and inner.spread else b","
    return [*parts, b"}"]


def fill(parts: Sequence[Segment], values: Mapping[str, bytes | None]) -> bytes:
    """The body: `values` are encoded JSON by the hole's name; None or nothing leaves an optional one out."""
    return b"".join(_piece(part, values) for part in parts)


def _piece(part: Segment, values: Mapping[str, bytes | None]) -> bytes:
    if isinstance(part, bytes):
        return part
    value = values.get(part.name)
    if isinstance(part, Gap):
        return b"" if value is None else part.lead + value
    if value is None:
        raise KeyError(part.name)
    return value


def around(parts: Sequence[Segment], *holes: str) -> list[bytes]:
    """The constant bytes before, between and after these holes; ValueError where they are not all, in their order."""
    found, cut = [], [b""]
    for part in parts:
        if isinstance(part, bytes):
            cut[-1] += part
        else:
            found.append(part.name)
            cut.append(b"")
    if found != [*holes]:
        raise ValueError(f"the holes are {found}")
    return cut


def around_identifier(platform: Platform, name: str) -> tuple[bytes, bytes]:
    """What stands before and after an identifier in a platform's list of them, with its word for the kind."""
    envelope = platform.endpoints["profile"].identifier
    assert envelope is not None, platform.name
    kind = msgspec.json.encode(platform.identifiers[name].sent)
    before, after = around(segments(envelope, {KIND: kind}), VALUE)
    return before, after


def event_identifier(endpoint: Endpoint, vendor: str, entry: str) -> Callable[[str], str]:
    """How this endpoint's id of an event is made from the vendor's: the same raw event gives the same id, always."""
    if endpoint.id_made_of == "source":
        return str
    return uuid5_of(f"mapforge:{vendor}:{entry}:")


def over_limit(limits: Limits, properties: Mapping[str, object]) -> str | None:
    """The first limit that these properties break, in words, or None. Values are as decoded from JSON."""
    if limits.properties is not None and len(properties) > limits.properties:
        return f"{len(properties)} properties, at most {limits.properties}"
    if limits.property_name is not None and not all(map(legal(limits.property_name), properties)):
        return f"a property name that is not {limits.property_name}"
    return _broken(limits, properties, 1)


@cache
def legal(pattern: str) -> Callable[[str], re.Match[str] | None]:
    """A test that a text matches a pattern whole."""
    return re.compile(pattern, re.ASCII).fullmatch


def _broken(limits: Limits, value: object, depth: int) -> str | None:
    if type(value) is str:
        return _broken_text(limits, value)
    if type(value) is int:
        return _broken_integer(limits, value)
    if not isinstance(value, (Mapping, list)):
        return None
    if limits.depth is not None and depth > limits.depth:
        return f"nesting deeper than {limits.depth} levels"
    if isinstance(value, list) and limits.elements is not None and len(value) > limits.elements:
        return f"a list of {len(value)} elements, at most {limits.elements}"
    for item in value if isinstance(value, list) else value.values():
        reason = _broken(limits, item, depth + 1)
        if reason is not None:
            return reason
    return None


def _broken_text(limits: Limits, text: str) -> str | None:
    if limits.text is None or len(text) * 4 <= limits.text or len(text.encode()) <= limits.text:
        return None
    return f"a text over {limits.text:,} bytes"


def _broken_integer(limits: Limits, number: int) -> str | None:
    if limits.integer_bits is None or -(2 ** (limits.integer_bits - 1)) <= number < 2 ** (limits.integer_bits - 1):
        return None
    return f"an integer beyond {limits.integer_bits} bits"


def named_keys(entry: Entry, target: Target) -> frozenset[str]:
    """The keys of a kept object that attributes name, under the mapping's name or the platform's."""
    own = {attribute.name for attribute in entry.attributes} | {attribute.key for attribute in entry.attributes}
    return frozenset(own | {sent.name for sent in target.sent if not sent.own})


def fits(field: Field) -> Callable[[object], bool]:
    """A test that a field takes a value; null is another question."""
    most, matches = field.most, None if field.legal is None else legal(f"(?s:{field.legal})")

    def test(value: object) -> bool:
        if not isinstance(value, str):
            return True
        return (most is None or len(value) <= most) and (matches is None or matches(value) is not None)

    return test
