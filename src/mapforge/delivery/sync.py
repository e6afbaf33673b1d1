"""A source of raw events → a connection's queue, in groups, from where an earlier run was stopped.

Every line is an event of its own, known by the sync's number, by its own and by its digest. So what was accepted before
a kill, and not yet written down as taken, is the same event once more. How far it is stands in the queue's file, with
the digest of what was taken: a source that has changed meanwhile is noticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Protocol

import msgspec

from mapforge.delivery.queue import Accepted, SyncState
from mapforge.delivery.sources import Page, Source, SourceError
from mapforge.runtime.decode import is_json

GROUP = 500
_GROUP_BYTES = 8_000_000


class SourceChanged(SourceError):
    """A source is not what it was when some of it was taken."""


class Ledger(Protocol):
    """Where it stands how far a sync is: a queue."""

    def last_sync(self, connection: str, source: str, event: str | None) -> SyncState | None:
        """How far the latest sync of a source is."""

    def begin_sync(self, connection: str, source: str, event: str | None, page: str) -> Future[SyncState]:
        """A new sync of a source."""

    def keep_sync(self, state: SyncState) -> Future[None]:
        """How far a sync is."""


class Tally(msgspec.Struct):
    """How it went: lines in all, of which so many were taken in earlier runs, accepted now, repeats, blank or no JSON.

    What is no JSON is accepted too, and becomes a dead letter.
    """

    lines: int = 0
    earlier: int = 0
    accepted: int = 0
    repeats: int = 0
    blank: int = 0
    unread: int = 0

    def __str__(self) -> str:
        said = [f"{self.lines:,} line{'' if self.lines == 1 else 's'}", f"{self.accepted:,} accepted"]
        others = {"taken earlier": self.earlier, "known": self.repeats, "blank": self.blank, "no JSON": self.unread}
        return ", ".join(said + [f"{number:,} {words}" for words, number in others.items() if number])


Accept = Callable[[str, bytes], Future[Accepted]]
"""Keeps a raw event under an id in the queue: done once it is on disk."""
Tell = Callable[[int, Tally, Sequence[int]], None]
"""Called for each group: its bytes, how it goes, and the numbers of lines in it that are no JSON."""


def sync(
    ledger: Ledger,
    source: Source,
    connection: str,
    event: str | None,
    accept: Accept,
    tell: Tell = lambda size, tally, unread: None,
    anew: bool = False,
) -> Tally:
    """Take what there is and was not taken; the tally. Not in an event loop's thread.

    event: the name of the raw events, where they do not say it. A sync that was stopped goes on; one that has ended
    takes what was added at the end since, or begins anew where the source is another now. anew: take all once more.

    Raises SourceError where it cannot be read to its end, SourceChanged where it has changed under a sync that was
    stopped, and what `accept` raises: what was taken stays taken, and the next run goes on from there.
    """
    last = ledger.last_sync(connection, source.name, event)
    if anew or last is None or (last.ended and last.page != source.name):
        last = ledger.begin_sync(connection, source.name, event, source.name).result()
    run = _Run(ledger, source, accept, tell, last)
    try:
        return run.all()
    except SourceChanged:
        if not last.ended:
            raise
    return sync(ledger, source, connection, event, accept, tell, anew=True)


class _Run:
    """A sync from where it is to its end."""

    def __init__(self, ledger: Ledger, source: Source, accept: Accept, tell: Tell, state: SyncState) -> None:
        self._ledger = ledger
        self._source = source
        self._accept = accept
        self._tell = tell
        self._state = state
        self._tally = Tally(lines=state.before, earlier=state.before)

    def all(self) -> Tally:
        page: str | None = self._state.page
        seen: set[str] = set()
        while page is not None:
            if page in seen:
                raise SourceError(f"the pages of {self._source.shown} go in a circle")
            seen.add(page)
            with self._source.opened(page) as opened:
                self._page(opened)
                page = opened.after
            self._ended(page)
        return self._tally

    def _page(self, page: Page) -> None:
        """Pass over what was taken of a page, and take the rest."""
        digest = hashlib.sha256()
        for group in _groups(self._taken_before(page.lines, digest)):
            for line in group:
                digest.update(line + b"\n")
            self._take(group, digest.hexdigest())

    def _taken_before(self, lines: Iterator[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
        """The lines that were not taken, once those that were are found to be the same."""
        size = number = 0
        while number < self._state.lines:
            line = next(lines, None)
            if line is None:
                raise self._changed()
            digest.update(line + b"\n")
            size, number = size + len(line) + 1, number + 1
        if self._state.lines and digest.hexdigest() != self._state.digest:
            raise self._changed()
        self._tally.lines += number
        self._tally.earlier += number
        self._tell(size, self._tally, ())
        return lines

    def _changed(self) -> SourceChanged:
        taken = self._state.before + self._state.lines
        return SourceChanged(
            f"{self._source.shown} is not what it was when {taken:,} lines of it were taken; --anew takes all of it"
        )

    def _take(self, group: Sequence[bytes], digest: str) -> None:
        """Accept a group; once all of it is on disk, write how far this is."""
        first, tally = self._tally.lines + 1, self._tally
        wanted = [(first + at, line) for at, line in enumerate(group) if line.strip()]
        unread = [number for number, line in wanted if not is_json(line)]
        accepted = [self._accept(self._event_id(number, line), line) for number, line in wanted]
        repeats = sum(future.result().repeat for future in accepted)
        lines = self._state.lines + len(group)
        self._state = msgspec.structs.replace(self._state, lines=lines, digest=digest, ended=False)
        self._ledger.keep_sync(self._state).result()
        tally.lines += len(group)
        tally.blank += len(group) - len(wanted)
        tally.accepted += len(wanted) - repeats
        tally.repeats += repeats
        tally.unread += len(unread)
        self._tell(sum(len(line) + 1 for line in group), tally, unread)

    def _event_id(self, number: int, line: bytes) -> str:
        return f"sync/{self._state.id}/{number}/{hashlib.sha256(line).hexdigest()[:16]}"

    def _ended(self, after: str | None) -> None:
        """Go on with the next page, or write that this was the last."""
        if after is None:
            self._state = msgspec.structs.replace(self._state, ended=True)
        else:
            before = self._state.before + self._state.lines
            self._state = msgspec.structs.replace(self._state, page=after, before=before, lines=0, digest="")
        self._ledger.keep_sync(self._state).result()


def _groups(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Lines in groups of a number and a size."""
    group: list[bytes] = []
    size = 0
    for line in lines:
        group.append(line)
        size += len(line)
        if len(group) == GROUP or size >= _GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group
