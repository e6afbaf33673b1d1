"""The queue's file: what is on disk when a future is done, who may write it, and what happens when nobody can."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

import pytest

from mapforge.delivery.clock import Clock
from mapforge.delivery.outcomes import Delivered, Reason
from mapforge.delivery.queue import (
    Accepted,
    Connection,
    Finished,
    Incoming,
    LeaseLost,
    Mapped,
    NewPayload,
    QueueNewer,
    QueueUnwritable,
    UnknownConnection,
    WorkerAlive,
)
from mapforge.delivery.settings import Settings
from mapforge.delivery.store.file import Store
from mapforge.delivery.store.schema import MIGRATIONS
from tests.delivery.house import FakeTime, fake_clock

SHOP = Connection(id="shop", merchant="M", vendor="acme")
QUICK = Settings(busy=0.05)


def opened(folder: Path, settings: Settings = QUICK, clock: Clock | None = None) -> Store:
    store = Store(folder / "queue.db", settings, clock)
    store.add_connection(SHOP).result()
    store.add_outlet("shop", "klaviyo", b"sealed").result()
    store.add_outlet("shop", "omnisend", b"sealed").result()
    return store


def new(outlet: int = 1, profile: str = "ada", platform: str = "klaviyo") -> NewPayload:
    return NewPayload(
        outlet=outlet, entry="E", event="e", platform=platform, kind="event", profile=profile, body=b"{}",
        unique_id="u", time="2026-03-01T12:00:00Z",
    )  # fmt: skip


def queued(store: Store, *payloads: NewPayload) -> int:
    """A worker that has mapped one event to these."""
    store.accept("shop", "e1", b"{}", {}).result()
    worker = store.join()
    (event,) = store.lease_events(worker, 10).result()
    store.mapped(worker, [Mapped(event.id, payloads)]).result()
    return worker


# ── on disk ───────────────────────────────────────────────────────────────────────────────────────


def test_what_was_accepted_is_seen_by_another_connection_to_the_file(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.accept("shop", "e1", b'{"a":1}', {"x-a": "b"}, "order").result()
        with closing(sqlite3.connect(tmp_path / "queue.db")) as other:
            rows = other.execute("SELECT event_id, name, raw, headers FROM inbox").fetchall()
        assert rows == [("e1", "order", b'{"a":1}', b'{"x-a":"b"}')]


def test_the_file_is_written_ahead_and_flushed_at_each_commit(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        modes = [store._submit(lambda db, name=name: db.execute(f"PRAGMA {name}").fetchone()[0]).result()  # type: ignore[misc]
                 for name in ("journal_mode", "synchronous", "foreign_keys")]  # fmt: skip
        assert modes == ["wal", 2, 1]


def test_events_from_many_threads_are_all_kept_once(tmp_path: Path) -> None:
    with opened(tmp_path) as store:

        def accept() -> None:
            for number in range(50):
                store.accept("shop", f"e{number}", b"{}", {}).result()

        threads = [threading.Thread(target=accept) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (depth,) = store.depths()
        assert (depth.state, depth.rows) == ("event waiting", 50)


def test_an_event_of_an_unknown_connection_is_refused_and_the_others_of_its_group_are_kept(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        blocked = store._submit(lambda db: threading.Event().wait(0.05))
        futures = [store.accept(name, "e1", b"{}", {}) for name in ("shop", "nobody")]
        blocked.result()
        assert futures[0].result().repeat is False
        with pytest.raises(UnknownConnection, match="no connection 'nobody'"):
            futures[1].result()


def test_many_events_are_kept_in_one_write_and_each_is_answered_for(tmp_path: Path) -> None:
    with Store(tmp_path / "queue.db") as store:
        store.add_connection(Connection(id="shop", merchant="M", vendor="acme")).result()
        names = [("shop", "1"), ("nobody", "2"), ("shop", "3"), ("shop", "1")]
        incoming = [Incoming(connection=home, event_id=known, raw=b"{}") for home, known in names]
        assert store.accept_all(incoming).result() == [
            Accepted(1, repeat=False), None, Accepted(2, repeat=False), Accepted(1, repeat=True),
        ]  # fmt: skip
        assert store.accept_all([]).result() == []


def test_a_job_that_raises_leaves_nothing_of_itself(tmp_path: Path) -> None:
    def half(db: sqlite3.Connection) -> None:
        db.execute("UPDATE connection SET merchant = 'changed'")
        raise KeyError("no")

    with opened(tmp_path) as store:
        with pytest.raises(KeyError):
            store._submit(half).result()
        assert store.connections() == [SHOP]


# ── unwritable ────────────────────────────────────────────────────────────────────────────────────


def full(store: Store) -> None:
    """As if the disk were full: the file may not grow."""
    store._submit(lambda db: db.execute("PRAGMA max_page_count = 1").fetchone()).result()


def test_a_full_disk_says_so_keeps_nothing_half_and_recovers(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        full(store)
        futures = [store.accept("shop", f"e{number}", b"x" * 50_000, {}) for number in range(5)]
        for future in futures:
            with pytest.raises(QueueUnwritable, match="the queue cannot be written: database or disk is full"):
                future.result()
        assert store.depths() == []
        store._submit(lambda db: None).result()
        assert store.unwritable == "the queue cannot be written: database or disk is full"
        store._submit(lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchone()).result()
        assert store.accept("shop", "e1", b"x" * 50_000, {}).result().repeat is False
        assert store.unwritable is None


def test_a_locked_file_says_so_and_recovers(tmp_path: Path) -> None:
    with opened(tmp_path) as store, closing(sqlite3.connect(tmp_path / "queue.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(QueueUnwritable, match="database is locked"):
            store.check_writable().result()
        other.execute("ROLLBACK")
        store.check_writable().result()


def test_a_read_only_file_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store._submit(lambda db: db.execute("PRAGMA query_only = ON").fetchone()).result()
        with pytest.raises(QueueUnwritable, match="readonly"):
            store.accept("shop", "e1", b"{}", {}).result()


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(QueueUnwritable, match="the queue cannot be"):
        Store(tmp_path / "no" / "queue.db")


def test_a_file_that_is_no_queue_says_so(tmp_path: Path) -> None:
    (tmp_path / "queue.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(QueueUnwritable, match="file is not a database"):
        Store(tmp_path / "queue.db")


def test_a_closed_queue_takes_nothing(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.close()
    with pytest.raises(QueueUnwritable, match="closed"):
        store.accept("shop", "e1", b"{}", {})
    store.close()


def test_what_was_submitted_before_the_close_is_kept(tmp_path: Path) -> None:
    store = opened(tmp_path)
    futures: list[Future[object]] = [store.accept("shop", f"e{number}", b"{}", {}) for number in range(100)]  # type: ignore[misc]
    store.close()
    assert all(future.done() for future in futures)
    with Store(tmp_path / "queue.db") as again:
        assert [depth.rows for depth in again.depths()] == [100]


def test_a_second_process_does_not_write_beside_an_old_sqlite(tmp_path: Path) -> None:
    with opened(tmp_path):
        if sqlite3.sqlite_version_info >= (3, 51, 3):
            Store(tmp_path / "queue.db").close()
        else:
            with pytest.raises(QueueUnwritable, match="another process writes"):
                Store(tmp_path / "queue.db")
    Store(tmp_path / "queue.db").close()


def test_a_file_can_be_read_beside_the_process_that_writes_it(tmp_path: Path) -> None:
    with opened(tmp_path) as store, Store(tmp_path / "queue.db", QUICK, read_only=True) as look:
        store.accept("shop", "e1", b"{}", {}).result()
        assert ([one.rows for one in look.depths()], look.connections()) == ([1], [SHOP])
        with pytest.raises(QueueUnwritable, match="opened to be read"):
            look.accept("shop", "e2", b"{}", {})
        with pytest.raises(QueueUnwritable, match="opened to be read"):
            look.join()


def test_a_file_that_is_not_there_is_not_made_by_a_look(tmp_path: Path) -> None:
    with pytest.raises(QueueUnwritable, match="unable to open database file"):
        Store(tmp_path / "queue.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_path_with_marks_of_a_url_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a queue?mode=ro#1%20.db"
    with Store(path) as store:
        store.add_connection(SHOP).result()
        assert store.connections() == [SHOP]
    assert path.is_file()


# ── versions ──────────────────────────────────────────────────────────────────────────────────────


def test_a_file_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "queue.db")) as db:
        newer = len(MIGRATIONS) + 1
        db.execute(f"PRAGMA user_version = {newer}")
    for read_only in (False, True):
        with pytest.raises(QueueNewer, match=rf"version {newer}, this mapforge (knows|reads) {len(MIGRATIONS)}"):
            Store(tmp_path / "queue.db", read_only=read_only)


def test_a_migration_that_stops_half_way_leaves_the_version_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(tmp_path).close()
    broken = (*MIGRATIONS, "CREATE TABLE another (id INTEGER); SELECT * FROM nowhere;")
    monkeypatch.setattr("mapforge.delivery.store.schema.MIGRATIONS", broken)
    with pytest.raises(QueueUnwritable, match="no such table: nowhere"):
        Store(tmp_path / "queue.db")
    with closing(sqlite3.connect(tmp_path / "queue.db")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'another'").fetchone() == (0,)


def test_a_file_of_an_older_version_is_brought_to_this_one_with_all_that_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr("mapforge.delivery.store.schema.MIGRATIONS", MIGRATIONS[:1])
        with opened(tmp_path) as store:
            queued(store, new(), new(profile="bo"))
    with Store(tmp_path / "queue.db", QUICK) as store:
        worker = store.join()
        leased = store.lease_payloads(worker, 1, "event", 10).result()
        store.taken(worker, 1, "event", "j1", [one.id for one in leased], 7).result()
        assert [one.state for one in store.payloads_of(1)] == ["taken", "taken"]


# ── leases and clocks ─────────────────────────────────────────────────────────────────────────────


def test_two_workers_do_not_share_a_queue(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.join()
        with pytest.raises(WorkerAlive, match="another worker has this queue, for at most 30 s more"):
            store.join()


def test_a_silent_workers_work_is_taken_over_and_it_can_write_no_more(tmp_path: Path) -> None:
    clock, time = fake_clock()
    with opened(tmp_path, clock=clock) as store:
        first = queued(store, new())
        (leased,) = store.lease_payloads(first, 1, "event", 10).result()
        time.now += 31
        second = store.join()
        (again,) = store.lease_payloads(second, 1, "event", 10).result()
        assert again.id == leased.id
        for late in (
            store.finish(first, [Finished(leased.id, Delivered(202))]),
            store.renew(first),
            store.mapped(first, [Mapped(1)]),
            store.lease_events(first, 1),
            store.begin(first, [leased.id]),
        ):
            with pytest.raises(LeaseLost, match="was silent too long"):
                late.result()


def test_events_that_a_killed_worker_had_leased_are_mapped_by_the_next_one(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.accept("shop", "e1", b"{}", {}).result()
        (leased,) = store.lease_events(store.join(), 10).result()
    with Store(tmp_path / "queue.db", QUICK) as store:
        (again,) = store.lease_events(store.join(), 10).result()
        assert (again.id, leased.attempts, again.attempts) == (leased.id, 0, 1)


def test_a_worker_that_speaks_keeps_its_work(tmp_path: Path) -> None:
    clock, time = fake_clock()
    with opened(tmp_path, clock=clock) as store:
        worker = store.join()
        for _ in range(5):
            time.now += 20
            store.renew(worker).result()
            with pytest.raises(WorkerAlive):
                store.join()


def test_what_may_have_been_sent_by_a_killed_worker_is_held_where_a_repeat_counts_twice(tmp_path: Path) -> None:
    clock, time = fake_clock()
    with opened(tmp_path, clock=clock) as store:
        worker = queued(store, new(), new(outlet=2, platform="omnisend"), new(outlet=2, platform="omnisend"))
        ids = [one.id for outlet in (1, 2) for one in store.lease_payloads(worker, outlet, "event", 10).result()]
        store.begin(worker, ids[:2]).result()
        time.now += 31
        store.join()
        assert [one.state for one in store.payloads_of(1)] == ["waiting", "held", "waiting"]


def test_a_clock_that_steps_back_delays_nothing(tmp_path: Path) -> None:
    wall, monotonic = FakeTime(5000.0), FakeTime(10.0)
    with opened(tmp_path, clock=Clock(wall=wall, monotonic=monotonic)) as store:
        worker = queued(store, new())
        wall.now -= 3600
        monotonic.now += 1
        assert store.clock.now() == 5_001_000
        assert len(store.lease_payloads(worker, 1, "event", 10).result()) == 1


def test_a_queue_opened_after_a_clock_stepped_back_goes_on_from_its_latest_time(tmp_path: Path) -> None:
    wall, monotonic = FakeTime(5000.0), FakeTime(0.0)
    with opened(tmp_path, clock=Clock(wall=wall, monotonic=monotonic)) as store:
        queued(store, new())
        monotonic.now += 100
        store.check_writable().result()
    with Store(tmp_path / "queue.db", QUICK, Clock(wall=FakeTime(1000.0), monotonic=FakeTime(0.0))) as store:
        assert store.clock.now() == 5_100_000
        assert len(store.lease_payloads(store.join(), 1, "event", 10).result()) == 1


def test_a_worker_that_leaves_gives_its_work_back_at_once(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        worker = queued(store, new())
        store.lease_payloads(worker, 1, "event", 10).result()
        store.leave(worker)
        assert len(store.lease_payloads(store.join(), 1, "event", 10).result()) == 1


def test_one_connections_backlog_holds_no_other_back(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for name in ("other", "paused"):
            store.add_connection(Connection(id=name, merchant="M", vendor="acme", enabled=name != "paused")).result()
        names = [("shop", 50), ("paused", 50), ("other", 2)]
        for future in [store.accept(name, f"e{at}", b"{}", {}) for name, number in names for at in range(number)]:
            future.result()
        worker = store.join()
        leased = [store.lease_events(worker, 10).result() for _ in range(3)]
        homes = [[(one.connection.id, one.event_id) for one in events] for events in leased]
        assert homes[0] == [*[("other", f"e{at}") for at in range(2)], *[("shop", f"e{at}") for at in range(5)]]
        assert homes[1] == [("shop", f"e{at}") for at in range(5, 15)]
        assert homes[2] == [("shop", f"e{at}") for at in range(15, 25)]


def test_with_more_connections_than_a_lease_holds_each_has_its_turn(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for at in range(30):
            store.add_connection(Connection(id=f"c{at}", merchant="M", vendor="acme")).result()
            store.accept(f"c{at}", "e", b"{}", {}).result()
        worker = store.join()
        leased = [one.connection.id for _ in range(3) for one in store.lease_events(worker, 10).result()]
        assert sorted(leased) == sorted(f"c{at}" for at in range(30))


# ── retention ─────────────────────────────────────────────────────────────────────────────────────


def test_what_is_done_and_old_is_deleted_and_what_is_open_stays(tmp_path: Path) -> None:
    clock, time = fake_clock()
    with opened(tmp_path, Settings(keep_done=100, keep_dead=1000), clock) as store:
        for number in range(3):
            store.accept("shop", f"e{number}", b"{}", {}).result()
        worker = store.join()
        events = store.lease_events(worker, 10).result()
        made = [Mapped(events[0].id, (new(),)), Mapped(events[1].id, (new(profile="bo"),))]
        store.mapped(worker, [*made, Mapped(events[2].id, reasons=(Reason("MF701", "why"),))]).result()
        first, _ = store.lease_payloads(worker, 1, "event", 10).result()
        store.finish(worker, [Finished(first.id, Delivered(202))]).result()
        assert store.sweep() == 0
        time.now += 101
        assert store.sweep() == 1
        assert [store.event(event.id) is None for event in events] == [True, False, False]
        time.now += 1000
        assert store.sweep() == 1
        assert [store.event(event.id) is None for event in events] == [True, False, True]
        store.vacuum().result()


def test_an_id_that_was_deleted_with_its_event_is_new_again(tmp_path: Path) -> None:
    clock, time = fake_clock()
    with opened(tmp_path, Settings(keep_done=100), clock) as store:
        store.accept("shop", "e1", b"{}", {}).result()
        worker = store.join()
        store.mapped(worker, [Mapped(store.lease_events(worker, 1).result()[0].id)]).result()
        time.now += 99
        assert store.accept("shop", "e1", b"{}", {}).result().repeat is True
        time.now += 2
        store.sweep()
        assert store.accept("shop", "e1", b"{}", {}).result().repeat is False
