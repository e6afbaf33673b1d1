"""Held payloads as operators ask for them, and the word that is said on them: on all that are named, or on none."""

from __future__ import annotations

from mapforge.delivery.queue import HeldPayload
from mapforge.service.bodies import DroppedOut, HeldOut, HeldPageOut, Page, PayloadsIn, SentOut, WholeHeldOut
from mapforge.service.desk import Desk, known, moment, page, refuse_missing


def listed(desk: Desk, wanted: Page) -> HeldPageOut:
    """Held payloads by their numbers."""
    if wanted.connection is not None:
        known(desk.store, wanted.connection)
    found = desk.store.held(wanted.connection, wanted.limit + 1, wanted.after)
    rows, then = page(found, wanted.limit)
    return HeldPageOut(payloads=[_shown(one) for one in rows], next=then)


def shown(desk: Desk, number: int, raw: bool) -> WholeHeldOut:
    """One of them, with what the platform knows it by; raw: with its body."""
    found = [one for one in desk.store.held(None, 1, number - 1) if one.id == number]
    refuse_missing([] if found else [number], [number], "held payload")
    (sent,) = [one for one in desk.store.payloads_of(found[0].inbox) if one.id == number]
    plain = _shown(found[0]).model_dump()
    return WholeHeldOut(**plain, unique_id=sent.unique_id, body=sent.body.decode() if raw else None)


def send(desk: Desk, said: PayloadsIn) -> SentOut:
    """Send them once more."""
    return SentOut(sent=_decide(desk, said, send=True))


def drop(desk: Desk, said: PayloadsIn) -> DroppedOut:
    """Never send them."""
    return DroppedOut(dropped=_decide(desk, said, send=False))


def _decide(desk: Desk, said: PayloadsIn, send: bool) -> int:
    wanted = dict.fromkeys(said.payloads)
    refuse_missing(desk.store.decide_all(wanted, send).result(), wanted, "held payload")
    return len(wanted)


def _shown(one: HeldPayload) -> HeldOut:
    return HeldOut(
        id=one.id,
        event=one.inbox,
        connection=one.connection,
        entry=one.entry,
        platform=one.platform,
        since=moment(one.since),
        reason=one.reason,
    )
