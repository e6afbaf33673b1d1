"""An old event and the mappers of now → the payloads that platforms missed, and how they differ from before.

A payload is missing where none of its entry and outlet was delivered or waits. What a platform has, it gets no second
time.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from concurrent.futures import Future

import msgspec

from mapforge.delivery.mapping import VendorMappers, mapped, module_is_on
from mapforge.delivery.outcomes import Reason
from mapforge.delivery.queue import Again, Event, Mapped, NewPayload, Queue, Sent
from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import endpoint_of
from mapforge.values.wire import encode

EVENT = "event"
KEPT_BACK = "kept-back"
NO_BACKFILL = "{title} has no word for an old event, and what it starts may mail a customer"
SWITCHED_OFF = "its outlet or its module is off; switch it on, and replay once more"
_MISSED = ("rejected", "dropped", "replayed")
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One payload of a replay. before: the body that was made last time, if any; after: that of now, if any.

    kept_back: why it is not sent; None: it is.
    """

    entry: str
    platform: str
    before: bytes | None
    after: bytes | None
    kept_back: str | None = None

    def __repr__(self) -> str:
        return f"Change({self.entry} to {self.platform}, kept_back={self.kept_back!r})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """The same for rich, which otherwise prints every field of a Struct."""
        return [("entry", self.entry), ("platform", self.platform), ("kept_back", self.kept_back)]

    @property
    def difference(self) -> str:
        """What differs, line by line; the bodies are customer data."""
        before, after = (_lines(body) for body in (self.before, self.after))
        return "\n".join(difflib.unified_diff(before, after, "before", "after", lineterm=""))


class Replay(msgspec.Struct, frozen=True):
    """What a replay would do, or did: each payload, and why there is no more.

    left: the dead letters that stay, of what is switched off. again: what is written.
    """

    event: int
    changes: tuple[Change, ...]
    reasons: tuple[Reason, ...]
    left: tuple[int, ...]
    again: Again


def plan(store: Queue, mappers: VendorMappers, event: int, *, backfill: bool = False) -> Replay:
    """What the mappers of now make of an old event. Nothing is written. KeyError where there is no such event.

    backfill: say to the platforms that it is an old event, so that it starts nothing; one that has no word for that
    gets no event.
    """
    raw = store.event(event)
    if raw is None:
        raise KeyError(event)
    # Letters before payloads: one that comes between is not put away, for nobody has looked at it.
    letters = store.letters_of(event)
    was = store.payloads_of(event)
    made = mapped(msgspec.structs.replace(raw, attempts=0), mappers)
    changes = [_change(one, was, backfill) for one in made.payloads]
    off: dict[int | None, Sent] = {one.id: one for one in was if not _is_on(raw, one)}
    left = [letter for letter in letters if letter.payload in off]
    new = tuple(_as_old(one) if backfill else one for one, change in _sent(made.payloads, changes))
    entries = {(one.outlet, one.entry) for one in new}
    replays = tuple(one.id for one in was if one.state == "rejected" and (one.outlet, one.entry) in entries)
    reasons = (*made.reasons, *_kept_back(changes))
    again = Again(
        Mapped(event, new, reasons, made.notes, replays),
        letters=tuple(letter.id for letter in letters if letter not in left),
        last=max((one.id for one in was), default=0),
    )
    left_off = [_left_off(off[letter.payload]) for letter in left]
    return Replay(event, (*changes, *left_off), reasons, tuple(letter.id for letter in left), again)


def replay(store: Queue, *planned: Replay) -> Future[None]:
    """Do what was planned, in one transaction. The events' dead letters are put away; new faults make new ones.

    Overtaken, and nothing is done, where an event is no longer as it was when it was planned.
    """
    return store.replay([one.again for one in planned])


def _kept_back(changes: Iterable[Change]) -> Iterable[Reason]:
    """What a platform still misses stays a dead letter."""
    missing = (one for one in changes if one.kept_back is not None and one.after is None)
    return (Reason(KEPT_BACK, one.kept_back or "", entry=one.entry, platform=one.platform) for one in missing)


def _sent(payloads: Sequence[NewPayload], changes: Sequence[Change]) -> Iterable[tuple[NewPayload, Change]]:
    both = zip(payloads, changes, strict=True)
    return ((payload, change) for payload, change in both if change.kept_back is None)


def _change(new: NewPayload, was: Sequence[Sent], backfill: bool) -> Change:
    earlier = [one for one in was if (one.outlet, one.entry) == (new.outlet, new.entry)]
    has = next((one.state for one in earlier if one.state not in _MISSED), None)
    platform = PLATFORMS[new.platform]
    wordless = backfill and new.kind == EVENT and endpoint_of(platform, new.kind).backfill is None
    kept_back = f"it is {has} already" if has else NO_BACKFILL.format(title=platform.title) if wordless else None
    return Change(
        entry=new.entry,
        platform=new.platform,
        before=earlier[-1].body if earlier else None,
        after=None if wordless and not has else (_as_old(new) if backfill else new).body,
        kept_back=kept_back,
    )


def _is_on(event: Event, rejected: Sent) -> bool:
    """Whether a payload like this one is made today."""
    on = {outlet.id for outlet in event.outlets if outlet.enabled}
    return rejected.outlet in on and module_is_on(event.connection, rejected.kind)


def _left_off(rejected: Sent) -> Change:
    """A payload that nothing is made in place of, for its outlet or its module is off: its letter stays."""
    return Change(
        entry=rejected.entry, platform=rejected.platform, before=rejected.body, after=None, kept_back=SWITCHED_OFF
    )


def _as_old(new: NewPayload) -> NewPayload:
    """The payload with the platform's word for an old event, where its kind has one."""
    way = endpoint_of(PLATFORMS[new.platform], new.kind).backfill
    return new if way is None else msgspec.structs.replace(new, body=_with(new.body, way))


def _with(body: bytes, way: tuple[str, ...]) -> bytes:
    """A body with `true` at the end of a way."""
    members = _members(body)
    inner = b"true" if len(way) == 1 else _with(bytes(members[way[0]]), way[1:])
    return encode({**members, way[0]: msgspec.Raw(inner)})


def _lines(body: bytes | None) -> list[str]:
    return [] if body is None else msgspec.json.format(body, indent=2).decode().splitlines()
