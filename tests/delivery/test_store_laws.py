"""The queue as a state machine: whatever happens in whatever order, nothing is lost, doubled or out of order."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mapforge.delivery.clock import Clock
from mapforge.delivery.outcomes import Delivered, Held, Outcome, Reason, Rejected, RetryLater
from mapforge.delivery.queue import Connection, Finished, Mapped, NewPayload, Waiting
from mapforge.delivery.settings import Settings
from mapforge.delivery.store.file import Store
from tests.delivery.house import FakeTime

SETTINGS = Settings(order_wait=10**9, lease=30)
OUTCOMES: st.SearchStrategy[Outcome | None] = st.sampled_from(
    [Delivered(202), Rejected(400, (Reason("400", "no"),)), RetryLater("down"), Held("perhaps"), None]
)
ENDS = (Delivered, Rejected)


class Queue(RuleBasedStateMachine):
    """A store with one outlet, events of three profiles, and a model of what it must know."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.time = FakeTime()
        self.accepted: list[str] = []
        self.mapped = 0
        self.leased: list[Waiting] = []
        self.ended: dict[str, list[int]] = {}
        self.held: set[int] = set()
        self.jobs: list[list[Waiting]] = []
        self.store = self.opened()
        self.store.add_connection(Connection(id="shop", merchant="M", vendor="acme")).result()
        self.outlet = self.store.add_outlet("shop", "omnisend", b"").result().id
        self.worker = self.store.join()

    def opened(self) -> Store:
        return Store(Path(self.folder.name) / "queue.db", SETTINGS, Clock(wall=self.time, monotonic=self.time))

    @rule(number=st.integers(0, 12))
    def accept(self, number: int) -> None:
        name = f"e{number}"
        answer = self.store.accept("shop", name, name.encode(), {}).result()
        assert answer.repeat is (name in self.accepted)
        if not answer.repeat:
            self.accepted.append(name)

    @rule(most=st.integers(1, 3))
    def map(self, most: int) -> None:
        events = self.store.lease_events(self.worker, most).result()
        assert [event.event_id for event in events] == self.accepted[self.mapped : self.mapped + most]
        self.store.mapped(self.worker, [Mapped(event.id, (self.payload(event.event_id),)) for event in events]).result()
        self.mapped += len(events)

    def payload(self, name: str) -> NewPayload:
        return NewPayload(
            outlet=self.outlet, entry="E", event="e", platform="omnisend", kind="event",
            profile=str(int(name[1:]) % 3), body=b"{}", unique_id=name, time="",
        )  # fmt: skip

    @rule(most=st.integers(1, 4))
    def lease(self, most: int) -> None:
        self.leased += self.store.lease_payloads(self.worker, self.outlet, "event", most).result()
        assert len({one.id for one in self.leased}) == len(self.leased)

    @precondition(lambda self: bool(self.leased))
    @rule(outcome=OUTCOMES, wait=st.integers(0, 20))
    def finish(self, outcome: Outcome | None, wait: int) -> None:
        one = self.leased.pop(0)
        next_at = self.store.clock.now() + wait * 1000
        self.store.finish(self.worker, [Finished(one.id, outcome, next_at)]).result()
        if isinstance(outcome, ENDS):
            self.ended.setdefault(one.profile, []).append(one.id)
        elif isinstance(outcome, Held):
            self.held.add(one.id)
        if not isinstance(outcome, ENDS):  # a sender gives the rest of the profile back
            later = [other for other in self.leased if other.profile == one.profile]
            self.leased = [other for other in self.leased if other.profile != one.profile]
            self.store.finish(self.worker, [Finished(other.id, None) for other in later]).result()

    @precondition(lambda self: bool(self.leased))
    @rule(number=st.integers(1, 3))
    def take(self, number: int) -> None:
        """The platform takes the first ones with a bulk job; a sender gives the rest of their profiles back."""
        went = self.leased[:number]
        self.store.taken(self.worker, self.outlet, "event", "job", [one.id for one in went], 0).result()
        self.jobs.append(went)
        profiles = {one.profile for one in went}
        behind = [one for one in self.leased[number:] if one.profile in profiles]
        self.store.finish(self.worker, [Finished(one.id, None) for one in behind]).result()
        self.leased = [one for one in self.leased[number:] if one.profile not in profiles]

    @precondition(lambda self: bool(self.jobs))
    @rule(outcome=OUTCOMES, wait=st.integers(0, 20))
    def end(self, outcome: Outcome | None, wait: int) -> None:
        went = self.jobs.pop(0)
        job = self.store.jobs(self.outlet, "event", 1)[0]
        assert [one.id for one in self.store.job_payloads(job.id)] == [one.id for one in went]
        next_at = self.store.clock.now() + wait * 1000
        self.store.ended(self.worker, job.id, [Finished(one.id, outcome, next_at) for one in went]).result()
        for one in went:
            if isinstance(outcome, ENDS):
                self.ended.setdefault(one.profile, []).append(one.id)
            elif isinstance(outcome, Held):
                self.held.add(one.id)

    @precondition(lambda self: bool(self.held))
    @rule()
    def send_once_more(self) -> None:
        assert self.store.decide(self.held.pop(), send=True).result()

    @rule(seconds=st.integers(1, 25))
    def wait(self, seconds: int) -> None:
        self.time.now += seconds

    @rule(sent=st.booleans(), back=st.integers(0, 100))
    def kill(self, sent: bool, back: int) -> None:
        """The process ends between two commits; the clock may be set back before the next one."""
        begun = self.leased[:1] if sent else []
        self.store.begin(self.worker, [one.id for one in begun]).result()
        self.store.close()
        self.time.now -= back
        self.held |= {one.id for one in begun}
        self.leased = []
        self.store = self.opened()
        self.worker = self.store.join()

    @invariant()
    def the_order_of_a_profile_is_kept(self) -> None:
        for ids in getattr(self, "ended", {}).values():
            assert ids == sorted(ids)

    def teardown(self) -> None:
        """All that was accepted comes to an end, once."""
        if not hasattr(self, "store"):
            return
        for one in self.leased:
            self.store.finish(self.worker, [Finished(one.id, None)]).result()
        while self.jobs:
            self.end(Delivered(202), 0)
        for number in self.held:
            self.store.decide(number, send=True).result()
        self.map(100)
        for _ in range(100):
            self.time.now += 25
            self.leased = self.store.lease_payloads(self.worker, self.outlet, "event", 100).result()
            while self.leased:
                self.finish(Delivered(202), 0)
        ended = sorted(one for ids in self.ended.values() for one in ids)
        assert ended == sorted(set(ended))
        assert len(ended) == len(self.accepted)
        self.store.close()
        self.folder.cleanup()


Queue.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
test_the_queue_keeps_its_laws = Queue.TestCase
