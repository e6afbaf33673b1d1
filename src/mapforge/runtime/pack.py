"""Payloads → the platforms' bulk requests: every byte of a property as it is, the order of a profile kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import ITEMS, PROFILE, Bulk, Segment, endpoint_of, fill, segments
from mapforge.runtime.outcomes import Payload
from mapforge.values.wire import encode

Members = dict[str, msgspec.Raw]
Key = tuple[bytes, ...]


class BulkRequest(msgspec.Struct, frozen=True, gc=False):
    """A request body for many payloads of one platform and kind; `payloads` are those in it, in their order."""

    platform: str
    kind: str
    body: bytes
    payloads: tuple[Payload, ...]

    def __repr__(self) -> str:
        return f"BulkRequest({len(self.payloads)} of kind {self.kind} to {self.platform}, {len(self.body)} bytes)"


_members_of = msgspec.json.Decoder(Members).decode
_listed = msgspec.json.Decoder(list[dict[str, Any]]).decode


def pack(payloads: Iterable[Payload]) -> list[BulkRequest]:
    """The bulk requests of these payloads: as few as the platforms' limits allow, without changing an order.

    Limits are those of platforms: Klaviyo 1,000 events, or 10,000 profiles, and 5 MB a job, and never one profile,
    metric and unique_id twice in one; Omnisend 100 a batch. No more than the mapping's own `bulk: {batch: …}`, and one
    update of a profile in a request. A payload that is over a limit by itself makes a request of its own; so does each
    for a platform that has no bulk request.
    """
    packing = Packing()
    return [request for payload in payloads for request in packing.add(payload)] + list(packing.close())


class Packing:
    """`pack` for payloads that come one by one: a request leaves as soon as the next payload has no place in it."""

    def __init__(self) -> None:
        self._packers: dict[tuple[str, str], _Packer] = {}

    def add(self, payload: Payload) -> Iterator[BulkRequest]:
        """Take a payload in; the request that it fills up, if any."""
        key = payload.platform, payload.kind
        bulk = endpoint_of(PLATFORMS[payload.platform], payload.kind).bulk
        if bulk is None:
            return iter((BulkRequest(payload.platform, payload.kind, payload.body, (payload,)),))
        if key not in self._packers:
            self._packers[key] = _Packer(*key, bulk)
        return self._packers[key].add(payload)

    def close(self) -> Iterator[BulkRequest]:
        """What is left, in the order of the platforms' first payloads."""
        for packer in self._packers.values():
            yield from packer.close()


class _Packer:
    """Fills one request after the other for a platform and kind."""

    def __init__(self, platform: str, kind: str, bulk: Bulk) -> None:
        self.platform = platform
        self.kind = kind
        self.bulk = bulk
        self.group: tuple[Segment, ...] | None = None if bulk.group is None else segments(bulk.group, {})
        self._begin()

    def _begin(self) -> None:
        self.payloads: list[Payload] = []
        self.groups: dict[bytes, list[bytes]] = {}
        self.shared: dict[str, bytes] = {}
        self.keys: set[Key] = set()
        self.most = self.bulk.most
        self.size = len(fill(self._segments({}), {ITEMS: b"[]", **dict.fromkeys(self.bulk.shared, b"")}))

    def add(self, payload: Payload) -> Iterator[BulkRequest]:
        """Take a payload in; a request that has no place for it goes out first."""
        item = _grouped(payload, self.bulk) if self.group is not None else _alone(payload, self.bulk)
        if self.payloads and not self._fits(item):
            yield from self.close()
        self.payloads.append(payload)
        self.most = min(self.most, item.most)
        self.shared = item.shared
        self.keys |= item.keys
        self.size += item.size + (0 if item.group in self.groups else self._around(item))
        self.groups.setdefault(item.group, []).append(item.body)

    def _fits(self, item: _Item) -> bool:
        grown = self.size + item.size + self._around(item)
        return (
            len(self.payloads) < min(self.most, item.most)
            and grown <= self.bulk.most_bytes
            and item.shared == self.shared
            and self.keys.isdisjoint(item.keys)
        )

    def _around(self, item: _Item) -> int:
        """The bytes of a group with nothing in it, and its comma."""
        return 0 if self.group is None else len(fill(self.group, {PROFILE: item.group, ITEMS: b"[]"})) + 1

    def close(self) -> Iterator[BulkRequest]:
        """The request as it stands, if there is anything in it."""
        if not self.payloads:
            return
        items = b"[" + b",".join(self._items()) + b"]"
        body = fill(self._segments(self.shared), {ITEMS: items, **self.shared})
        yield BulkRequest(self.platform, self.kind, body, tuple(self.payloads))
        self._begin()

    def _items(self) -> Iterator[bytes]:
        for group, bodies in self.groups.items():
            if self.group is None:
                yield from bodies
            else:
                yield fill(self.group, {PROFILE: group, ITEMS: b"[" + b",".join(bodies) + b"]"})

    def _segments(self, shared: dict[str, bytes]) -> tuple[Segment, ...]:
        return segments(self.bulk.envelope, shared)


class _Item(msgspec.Struct, frozen=True):
    """A payload on its way into a request: what it is grouped by, and keys of which another there may have none.

    most: of how many payloads a request with it may be.
    """

    body: bytes
    group: bytes
    keys: frozenset[Key]
    shared: dict[str, bytes]
    most: int

    @property
    def size(self) -> int:
        """Its bytes in the request, with the comma."""
        return len(self.body) + 1


def _grouped(payload: Payload, bulk: Bulk) -> _Item:
    """An event without its profile, which stands once above all of its events."""
    event = _members_of(_within(payload.body, bulk.item))
    members = _members_of(event["attributes"])
    profile = bytes(members.pop("profile"))
    event["attributes"] = msgspec.Raw(encode(members))
    key = (profile, *(bytes(members[name]) for name in bulk.apart))
    return _Item(encode(event), profile, frozenset((key,)), {}, payload.batch or bulk.most)


def _alone(payload: Payload, bulk: Bulk) -> _Item:
    """What is sent alone, with the keys that its request repeats."""
    members = _members_of(payload.body) if bulk.shared else {}
    shared = {name: bytes(members[name]) for name in bulk.shared}
    item = _within(payload.body, bulk.item)
    keys = frozenset(_identifiers(payload, item)) if bulk.once_a_profile else frozenset()
    return _Item(item, b"", keys, shared, payload.batch or bulk.most)


def _identifiers(payload: Payload, item: bytes) -> Iterator[Key]:
    """All by which an update of a profile may find it, whichever of them another update of it has."""
    platform = PLATFORMS[payload.platform]
    members = _members_of(item)
    if "identifiers" in members:
        yield from ((one["type"].encode(), one["id"].lower().encode()) for one in _listed(members["identifiers"]))
        return
    people = _members_of(members["attributes"])
    known = {one.sent: people.get(one.sent) for one in platform.identifiers.values() if one.sent is not None}
    for name, value in {**known, "id": members.get("id")}.items():
        if value is not None:
            yield name.encode(), bytes(value).lower()


def _within(body: bytes, item: tuple[str, ...]) -> bytes:
    """The part of a body that is one item."""
    for name in item:
        body = bytes(_members_of(body)[name])
    return body
