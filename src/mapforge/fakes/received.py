"""What came → lists and counts of it: calls as they were answered, and the events and profiles in them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import Any, Generic, Literal, TypeVar

import msgspec

from mapforge.fakes.settings import Settings

Outcome = Literal["kept", "created", "updated", "duplicate", "doubled", "dropped", "refused"]
"""kept: a new event. created, updated: a profile. duplicate: a repeat that is not counted. doubled: a repeat that is.

dropped: accepted, and silently thrown away. refused: one of a batch that was accepted as a whole.
"""
_HELD_BODY = 100_000


class Item(msgspec.Struct, frozen=True):
    """One event or profile. `at` in Unix seconds; `id` is the event's own, and `person` the platform's profile."""

    number: int
    call: int
    at: float
    platform: str
    account: str
    kind: str
    outcome: Outcome
    name: str
    id: str
    person: str
    body: msgspec.Raw


class Call(msgspec.Struct, frozen=True):
    """One request. status: None where no answer went out; `fault` is what it was told to do instead. `said`: why it
    was refused; `body`: as it came, of a refused one, cut at 100 KB."""

    number: int
    at: float
    platform: str
    account: str
    endpoint: str
    method: str
    status: int | None
    fault: str | None
    said: str
    bytes: int
    body: str | None


Listed = TypeVar("Listed", Item, Call)


class _List(Generic[Listed]):
    """The newest of them, within a number and a size."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self.most = most
        self.most_bytes = most_bytes
        self.clear()

    def clear(self) -> None:
        self.held: deque[tuple[int, Listed]] = deque()
        self.bytes = 0
        self.forgotten = 0

    def add(self, one: Listed, size: int) -> None:
        self.held.append((size, one))
        self.bytes += size
        while len(self.held) > self.most or (self.bytes > self.most_bytes and len(self.held) > 1):
            self.bytes -= self.held.popleft()[0]
            self.forgotten += 1


class Received:
    """All that came since the start or the last `clear`. Counts stay exact when the lists have forgotten."""

    def __init__(self, settings: Settings) -> None:
        self._items: _List[Item] = _List(settings.keep, settings.keep_bytes)
        self._calls: _List[Call] = _List(settings.keep, settings.keep_bytes)
        self.clear()

    def clear(self) -> None:
        """Nothing came."""
        self._items.clear()
        self._calls.clear()
        self._numbers = Counter[str]()
        self._outcomes = Counter[tuple[str, str, str, str]]()
        self._answers = Counter[tuple[str, str, str, int | None, str | None]]()

    def next_call(self) -> int:
        """The number of a call that begins."""
        self._numbers["call"] += 1
        return self._numbers["call"]

    def item(self, **fields: Any) -> None:
        """Note an event or profile: the fields of Item without its number; `body` is encoded here."""
        self._numbers["item"] += 1
        body = msgspec.json.encode(fields.pop("body"))
        item = Item(number=self._numbers["item"], body=msgspec.Raw(body), **fields)
        self._items.add(item, len(body))
        self._outcomes[item.platform, item.account, item.kind, item.outcome] += 1

    def mail(self, platform: str, account: str, kind: str) -> None:
        """Count a message that the platform would send to a customer."""
        self._outcomes[platform, account, kind, "mailed"] += 1

    def call(self, body: bytes, **fields: Any) -> None:
        """Note a call that is over: the fields of Call without its size and body."""
        kept = body[:_HELD_BODY].decode(errors="replace") if fields["said"] else None
        call = Call(bytes=len(body), body=kept, **fields)
        self._calls.add(call, len(kept or ""))
        self._answers[call.platform, call.account, call.endpoint, call.status, call.fault] += 1

    def items(self, **wanted: str | None) -> Iterator[Item]:
        """Those that have these values, newest first; None asks for nothing."""
        return (item for _, item in reversed(self._items.held) if _fits(item, wanted))

    def calls(self, **wanted: str | None) -> Iterator[Call]:
        """As `items`."""
        return (call for _, call in reversed(self._calls.held) if _fits(call, wanted))

    def counts(self, **wanted: str | None) -> list[dict[str, Any]]:
        """How many of each outcome, and of `mailed`, by platform, account and kind."""
        return _rows(("platform", "account", "kind", "outcome"), self._outcomes, wanted)

    def answers(self, **wanted: str | None) -> list[dict[str, Any]]:
        """How many calls had each status or fault, by platform, account and endpoint."""
        return _rows(("platform", "account", "endpoint", "status", "fault"), self._answers, wanted)

    @property
    def forgotten(self) -> dict[str, int]:
        """How many are no longer listed."""
        return {"items": self._items.forgotten, "calls": self._calls.forgotten}


def _fits(one: Item | Call, wanted: Mapping[str, str | None]) -> bool:
    return all(value is None or getattr(one, name) == value for name, value in wanted.items())


def _rows(names: tuple[str, ...], counted: Mapping[Any, int], wanted: Mapping[str, str | None]) -> list[dict[str, Any]]:
    rows = [{**dict(zip(names, key, strict=True)), "count": count} for key, count in counted.items()]
    kept = [row for row in rows if all(row.get(name) == value for name, value in wanted.items() if value is not None)]
    return sorted(kept, key=lambda row: [str(row[name]) for name in names])
