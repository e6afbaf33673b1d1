"""Dead letters as operators ask for them, and what a replay or a drop does to them: to all that are named, or none."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from mapforge.delivery.queue import DeadLetter, Overtaken
from mapforge.delivery.replay import Change, Replay, plan, replay
from mapforge.service.bodies import (
    ChangeOut,
    DroppedOut,
    LetterOut,
    LettersIn,
    LettersOut,
    Page,
    ReplayIn,
    ReplayOut,
    ReplaysOut,
    WholeLetterOut,
)
from mapforge.service.desk import Desk, known, moment, page, reasons, refuse_missing

# Beyond that, finding what differs takes long.
_COMPARED = 100_000
_TOO_LARGE = "the payload is too large to be compared"


def listed(desk: Desk, wanted: Page) -> LettersOut:
    """Open dead letters by their numbers."""
    if wanted.connection is not None:
        known(desk.store, wanted.connection)
    found = desk.store.dead_letters(wanted.connection, wanted.limit + 1, wanted.after)
    rows, then = page(found, wanted.limit)
    return LettersOut(letters=[_shown(one) for one in rows], next=then)


def shown(desk: Desk, number: int, raw: bool) -> WholeLetterOut:
    """One of them; raw: with its raw event and with what the platform said."""
    (letter,) = _found(desk, [number])
    event = desk.store.event(letter.inbox) if raw else None
    text, other = (None, None) if event is None else _text(event.raw)
    plain = _shown(letter).model_dump(exclude={"reasons"})
    return WholeLetterOut(**plain, reasons=reasons(letter.reasons, whole=raw), raw=text, raw_base64=other)


def _text(raw: bytes) -> tuple[str | None, str | None]:
    """The bytes as text, or in base64."""
    try:
        return raw.decode(), None
    except UnicodeDecodeError:
        return None, base64.b64encode(raw).decode()


def drop(desk: Desk, said: LettersIn) -> DroppedOut:
    """Put them away."""
    wanted = dict.fromkeys(said.letters)
    refuse_missing(desk.store.drop_letters(wanted).result(), wanted, "open dead letter")
    return DroppedOut(dropped=len(wanted))


def replayed(desk: Desk, said: ReplayIn) -> ReplaysOut:
    """Map the letters' events anew and send what platforms missed; dry_run: show what that would be."""
    letters = _found(desk, said.letters)
    homes = {letter.inbox: letter.connection for letter in letters}
    plans = [_planned(desk, event, said.backfill) for event in homes]
    if not said.dry_run:
        replay(desk.store, *plans).result()
    return ReplaysOut(
        dry_run=said.dry_run, replays=[_replay(one, homes[one.event], compare=said.dry_run) for one in plans]
    )


def _planned(desk: Desk, event: int, backfill: bool) -> Replay:
    try:
        return plan(desk.store, desk.mappers, event, backfill=backfill)
    except KeyError:
        raise Overtaken(f"event {event} is as old as events are kept, and was deleted just now") from None


def _replay(one: Replay, connection: str, compare: bool) -> ReplayOut:
    return ReplayOut(
        event=one.event,
        connection=connection,
        letters=list(one.again.letters),
        left=list(one.left),
        changes=[_change(change, compare) for change in one.changes],
        reasons=reasons(one.reasons),
        skipped=reasons(one.again.mapped.notes),
    )


def _change(change: Change, compare: bool) -> ChangeOut:
    large = max(len(change.before or b""), len(change.after or b"")) > _COMPARED
    difference = (_TOO_LARGE if large else change.difference) if compare else None
    return ChangeOut(entry=change.entry, platform=change.platform, kept_back=change.kept_back, difference=difference)


def _found(desk: Desk, numbers: Sequence[int]) -> list[DeadLetter]:
    """The open letters of these numbers. A Refusal where one is not there."""
    wanted = list(dict.fromkeys(numbers))
    letters = desk.store.letters(wanted)
    there = {letter.id for letter in letters}
    refuse_missing([number for number in wanted if number not in there], wanted, "open dead letter")
    return letters


def _shown(letter: DeadLetter) -> LetterOut:
    return LetterOut(
        id=letter.id,
        event=letter.inbox,
        payload=letter.payload,
        connection=letter.connection,
        name=letter.event,
        at=moment(letter.at),
        reasons=reasons(letter.reasons),
    )
