"""A sync: every line an event once, from where an earlier run was stopped, and a source that has changed is noticed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapforge.delivery import sync as module
from mapforge.delivery.queue import Accepted, Connection, QueueUnwritable, UnknownConnection
from mapforge.delivery.sources import SourceError, source_of
from mapforge.delivery.store.file import Store
from mapforge.delivery.sync import SourceChanged, Tally, sync


class Syncing:
    """A queue with the connection `shop`, into which a test syncs; `stop_after` ends the run after so many lines."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.file = folder / "members.ndjson"
        self.stop_after: int | None = None
        self.unread: list[int] = []
        self.sizes: list[int] = []
        self.accepted: list[tuple[str, bytes]] = []

    def write(self, *lines: bytes) -> None:
        self.file.write_bytes(b"".join(line + b"\n" for line in lines))

    def run(self, anew: bool = False, event: str | None = "Member", connection: str = "shop") -> Tally:
        return sync(
            self.store, source_of(str(self.file)), connection, event, lambda one, raw: self.accept(one, raw, event),
            self.tell, anew,
        )  # fmt: skip

    def accept(self, event_id: str, raw: bytes, event: str | None) -> Future[Accepted]:
        if self.stop_after == 0:
            raise QueueUnwritable("the queue cannot be written: disk full")
        self.stop_after = None if self.stop_after is None else self.stop_after - 1
        self.accepted.append((event_id, raw))
        return self.store.accept("shop", event_id, raw, {}, event)

    def tell(self, size: int, tally: Tally, unread: Sequence[int]) -> None:
        self.sizes.append(size)
        self.unread += unread

    @property
    def kept(self) -> list[tuple[bytes, str | None]]:
        """The raw events in the queue, in their order, and the names they were given."""
        with closing(sqlite3.connect(self.store.path)) as look:
            return look.execute("SELECT raw, name FROM inbox ORDER BY id").fetchall()


@pytest.fixture
def syncing(tmp_path: Path) -> Iterator[Syncing]:
    with opened(tmp_path) as one:
        yield one


@contextmanager
def opened(folder: Path) -> Iterator[Syncing]:
    with Store(folder / "queue.db") as store:
        store.add_connection(Connection(id="shop", merchant="M", vendor="acme")).result()
        yield Syncing(store, folder)


def members(*numbers: int) -> list[bytes]:
    return [json.dumps({"id": number}).encode() for number in numbers]


def test_every_line_is_an_event_of_the_name_that_was_said(syncing: Syncing) -> None:
    syncing.write(*members(1, 2, 3))
    assert syncing.run() == Tally(lines=3, accepted=3)
    assert syncing.kept == [(line, "Member") for line in members(1, 2, 3)]
    assert sum(syncing.sizes) == syncing.file.stat().st_size


def test_the_same_line_twice_is_two_events_and_a_blank_one_is_none(syncing: Syncing) -> None:
    syncing.write(*members(1), b"", b"  ", *members(1))
    tally = syncing.run()
    assert tally == Tally(lines=4, accepted=2, blank=2)
    assert str(tally) == "4 lines, 2 accepted, 2 blank"


def test_a_line_that_is_no_json_is_kept_and_said_by_its_number(syncing: Syncing) -> None:
    syncing.write(*members(1), b'{"id": ', *members(2), b"\xff", b"[" * 5000)
    assert syncing.run() == Tally(lines=5, accepted=5, unread=3)
    assert syncing.unread == [2, 4, 5]
    assert [raw for raw, _ in syncing.kept][1] == b'{"id": '


def test_an_empty_file_is_synced_and_over(syncing: Syncing) -> None:
    syncing.write()
    assert (syncing.run(), syncing.kept) == (Tally(), [])


# ── stopped ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stop", [0, 1, 499, 500, 501, 999, 1000, 1199])
def test_a_run_that_was_stopped_is_gone_on_with_and_no_line_is_two_events(syncing: Syncing, stop: int) -> None:
    lines = members(*range(1200))
    syncing.write(*lines)
    syncing.stop_after = stop
    with pytest.raises(QueueUnwritable):
        syncing.run()
    syncing.stop_after = None
    written = stop // 500 * 500
    assert syncing.run() == Tally(lines=1200, earlier=written, accepted=1200 - stop, repeats=stop - written)
    assert sorted(syncing.kept) == sorted((line, "Member") for line in lines)


def test_what_changed_within_lines_that_were_taken_is_noticed(syncing: Syncing) -> None:
    syncing.write(*members(*range(1200)))
    syncing.stop_after = 700
    with pytest.raises(QueueUnwritable):
        syncing.run()
    syncing.stop_after = None
    for changed in (members(9, *range(1, 1200)), members(*range(499)), []):
        syncing.write(*changed)
        with pytest.raises(SourceChanged, match=r"members\.ndjson is not what it was when 500 lines of it were taken"):
            syncing.run()
    assert syncing.run(anew=True) == Tally()


def test_a_line_that_changed_before_it_was_written_down_as_taken_is_an_event_of_its_own(syncing: Syncing) -> None:
    syncing.write(*members(*range(600)))
    syncing.stop_after = 550
    with pytest.raises(QueueUnwritable):
        syncing.run()
    syncing.stop_after = None
    syncing.write(*members(*range(540)), *members(*range(1000, 1060)))
    assert syncing.run() == Tally(lines=600, earlier=500, accepted=60, repeats=40)


# ── ended ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_sync_that_has_ended_takes_nothing_twice(syncing: Syncing) -> None:
    syncing.write(*members(1, 2))
    syncing.run()
    assert syncing.run() == Tally(lines=2, earlier=2)
    assert str(syncing.run()) == "2 lines, 0 accepted, 2 taken earlier"


def test_what_was_added_at_the_end_is_taken(syncing: Syncing) -> None:
    syncing.write(*members(1, 2))
    syncing.run()
    syncing.write(*members(1, 2, 3))
    assert syncing.run() == Tally(lines=3, earlier=2, accepted=1)
    assert syncing.run() == Tally(lines=3, earlier=3)


def test_another_file_in_its_place_is_a_sync_of_its_own(syncing: Syncing) -> None:
    syncing.write(*members(1, 2))
    syncing.run()
    syncing.write(*members(7, 2))
    assert syncing.run() == Tally(lines=2, accepted=2)
    assert syncing.run() == Tally(lines=2, earlier=2)


def test_anew_takes_all_once_more(syncing: Syncing) -> None:
    syncing.write(*members(1, 2))
    syncing.run()
    assert syncing.run(anew=True) == Tally(lines=2, accepted=2)
    assert len({event_id for event_id, _ in syncing.accepted}) == 4


def test_each_connection_and_each_name_has_a_sync_of_its_own(syncing: Syncing) -> None:
    syncing.write(*members(1))
    for event in ("Member", "Other", None):
        assert syncing.run(event=event) == Tally(lines=1, accepted=1)


def test_a_connection_that_is_not_there_is_refused(syncing: Syncing) -> None:
    syncing.write(*members(1))
    with pytest.raises(UnknownConnection):
        sync(
            syncing.store, source_of(str(syncing.file)), "shop", None,
            lambda one, raw: syncing.store.accept("nobody", one, raw, {}),
        )  # fmt: skip


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────

EXPORT = "https://vendor.example/export"


class Vendor:
    """Pages at an address; `broken`: the number of one that answers 500."""

    def __init__(self, *pages: bytes) -> None:
        self.pages = list(pages)
        self.broken: int | None = None
        self.asked: list[int] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("page", "0"))
        self.asked.append(number)
        if number == self.broken:
            return httpx.Response(500)
        after = {"link": f'<?page={number + 1}>; rel="next"'} if number + 1 < len(self.pages) else {}
        return httpx.Response(200, content=self.pages[number], headers=after)

    def sync(self, store: Store, anew: bool = False) -> Tally:
        source = source_of(EXPORT, transport=httpx.MockTransport(self))
        return sync(store, source, "shop", None, lambda one, raw: store.accept("shop", one, raw, {}), anew=anew)


def page(*numbers: int) -> bytes:
    return b"[" + b",".join(members(*numbers)) + b"]"


def test_all_pages_are_taken_and_a_run_that_was_stopped_goes_on_with_its_page(syncing: Syncing) -> None:
    vendor = Vendor(page(1, 2), page(3), page(4, 5))
    vendor.broken = 2
    with pytest.raises(SourceError, match="answers 500"):
        vendor.sync(syncing.store)
    vendor.broken = None
    vendor.asked.clear()
    assert vendor.sync(syncing.store) == Tally(lines=5, earlier=3, accepted=2)
    assert vendor.asked == [2]
    assert [raw for raw, _ in syncing.kept] == members(1, 2, 3, 4, 5)


def test_pages_that_were_taken_to_the_end_are_taken_anew(syncing: Syncing) -> None:
    vendor = Vendor(page(1), page(2))
    assert [vendor.sync(syncing.store) for _ in range(2)] == [Tally(lines=2, accepted=2)] * 2


def test_pages_that_go_in_a_circle_end(syncing: Syncing) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"{}\n", headers={"link": f'<{EXPORT}>; rel="next"'})

    source = source_of(EXPORT, transport=httpx.MockTransport(respond))
    with pytest.raises(SourceError, match="go in a circle"):
        sync(syncing.store, source, "shop", None, lambda one, raw: syncing.store.accept("shop", one, raw, {}))


@given(
    st.lists(st.sampled_from([b"", b" ", b"{}", b'{"a":1}', b"no", b"\xff", b"[" * 200]), max_size=40),
    st.lists(st.integers(0, 45), max_size=4),
    st.integers(1, 7),
)
def test_however_often_it_is_stopped_every_line_is_an_event_once(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], stops: list[int], group: int
) -> None:
    with pytest.MonkeyPatch.context() as patched, opened(tmp_path_factory.mktemp("sync")) as one:
        patched.setattr(module, "GROUP", group)
        one.write(*lines)
        for stop in [*stops, None]:
            one.stop_after = stop
            try:
                tally = one.run()
            except QueueUnwritable:
                continue
        assert sorted(raw for raw, _ in one.kept) == sorted(line for line in lines if line.strip())
        assert tally.lines == len(lines)
        assert len(set(one.accepted)) == len({event_id for event_id, _ in one.accepted})
