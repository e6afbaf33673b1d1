"""Bulk jobs that were taken: asked about until they end, across a kill, and every payload's own end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from mapforge.delivery.outcomes import Taken
from mapforge.delivery.settings import Settings
from tests.delivery.house import QUICK, House, Sent, house, order, points, since

BULK = msgspec.structs.replace(QUICK, bulk_from=2)
Told = Callable[[Sent], httpx.Response | None]


class Jobs:
    """Klaviyo and Omnisend with bulk jobs. told: what they say to a request, None to take it; asked: the questions."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.sent: dict[str, Any] = {}
        self.asked: list[str] = []

    def __call__(self, sent: Sent) -> httpx.Response:
        if sent.method == "GET":
            self.asked.append(sent.path)
        answer = self.told(sent)
        if answer is not None or not sent.bulk:
            return answer or httpx.Response(202)
        name = f"job{len(self.sent)}"
        self.sent[name] = sent.body
        return httpx.Response(202, json={"data": {"id": name}, "batchID": name})

    @property
    def sizes(self) -> list[int]:
        """How many profiles stood in each job of Klaviyo's."""
        return [len(one["data"]["attributes"]["profiles"]["data"]) for one in self.sent.values()]


def status(name: str, failed: int | None = 0) -> httpx.Response:
    return httpx.Response(200, json={"data": {"attributes": {"status": name, "failed_count": failed}}})


def errors(*told: dict[str, Any], after: str | None = None) -> httpx.Response:
    said = [{"type": "import-error", "attributes": {"code": "invalid", "title": "No.", **one}} for one in told]
    return httpx.Response(200, json={"data": said, "links": {"next": after}})


def about(email: str) -> dict[str, Any]:
    """An import error of this profile's points."""
    pointer = "/data/attributes/properties/points"
    return {"source": {"pointer": pointer}, "original_payload": {"attributes": {"email": email}}}


def says(job: httpx.Response, listed: httpx.Response | None = None, single: int = 202) -> Told:
    """Each job stands so, these are its errors, and single updates are answered so."""

    def told(sent: Sent) -> httpx.Response | None:
        if sent.method == "GET":
            return (listed or errors()) if sent.path.endswith("/import-errors") else job
        return None if sent.bulk else httpx.Response(single)

    return told


@contextmanager
def importing(folder: Path, told: Told, number: int = 8, settings: Settings = BULK) -> Iterator[tuple[House, Jobs]]:
    """A house with updates of c0 to c7, events 1 to 8, that go with one job."""
    jobs = Jobs(told)
    with house(folder, jobs, settings) as home:
        home.connect("klaviyo")
        home.accept_all(points(one, f"c{one}@post.example", points=str(one)) for one in range(number))
        yield home, jobs


@contextmanager
def batch(folder: Path, told: Told, number: int = 8) -> Iterator[tuple[House, Jobs]]:
    """A house with events 1 to 8, that go to Omnisend with one batch."""
    jobs = Jobs(told)
    with house(folder, lambda sent: httpx.Response(401), BULK) as home:
        home.connect("omnisend")
        home.accept_all(order(one, f"c{one}@post.example") for one in range(number))
        home.deliver(lambda: home.mapped() and bool(home.watch.breakers))
        home.watch.breakers.clear()
        home.platforms.respond = jobs
        yield home, jobs


def states(home: House, number: int = 8) -> list[str]:
    return [state for event in range(1, number + 1) for _, state in home.states(event)]


def test_what_went_with_a_job_is_delivered_once_the_job_has_ended(tmp_path: Path) -> None:
    answers = [status("queued"), status("processing"), status("complete")]
    with importing(tmp_path, lambda sent: answers.pop(0) if sent.method == "GET" else None) as (home, jobs):
        home.deliver(lambda: bool(jobs.sent) and states(home) == ["taken"] * 8)
        assert [(one.state, one.rows) for one in home.store.depths()] == [("payload taken", 8)]
        assert home.store.outcome_of(1) == Taken("job0")
        home.deliver()
        assert (states(home), jobs.sizes) == (["delivered"] * 8, [8])
        assert jobs.asked == ["/api/profile-bulk-import-jobs/job0"] * 3
        assert len(home.watch.outcomes) == 8


def test_a_question_has_the_key_and_the_revision_and_no_body(tmp_path: Path) -> None:
    with importing(tmp_path, says(status("complete", 1), errors(about("c0@post.example")))) as (home, _):
        home.deliver()
        asked = [sent for sent in home.platforms.requests if sent.method == "GET"]
        assert [sent.headers["authorization"] for sent in asked] == ["Klaviyo-API-Key shop-klaviyo"] * 2
        assert [(sent.headers["revision"], sent.body) for sent in asked] == [("2026-07-15", None)] * 2
        assert ["content-type" in sent.headers for sent in asked] == [False, False]
        assert [sent.query for sent in asked] == ["", "page%5Bsize%5D=100"]


def test_a_job_is_asked_about_again_after_a_kill_and_not_sent_again(tmp_path: Path) -> None:
    with importing(tmp_path, says(status("processing"))) as (home, jobs):
        home.deliver(lambda: len(jobs.asked) > 1)
    with house(tmp_path, Jobs(says(status("complete"))), BULK) as home:
        home.deliver()
        assert states(home) == ["delivered"] * 8
        assert [sent.method for sent in home.platforms.requests] == ["GET"]


def test_a_profile_at_fault_is_a_dead_letter_with_its_line_and_the_others_are_delivered(tmp_path: Path) -> None:
    with importing(tmp_path, says(status("complete", 1), errors(about("c3@post.example")))) as (home, jobs):
        home.deliver()
        assert states(home) == ["rejected" if number == 3 else "delivered" for number in range(8)]
        (letter,) = home.store.dead_letters()
        assert [(one.code, one.attribute, one.place, one.entry) for one in letter.reasons] == [
            ("invalid", "points", "acme/profile.yaml:6", "Points")
        ]
        assert jobs.sizes == [8]


def test_what_a_job_did_not_import_is_still_a_change(tmp_path: Path) -> None:
    with importing(tmp_path, says(status("complete", 1), errors(about("c3@post.example")))) as (home, _):
        home.deliver()
        home.accept_all(points(10 + one, f"c{one}@post.example", points=str(one)) for one in (3, 4))
        home.deliver()
        assert [home.states(event)[0][1] for event in (9, 10)] == ["delivered", "unchanged"]


def test_errors_on_many_pages_are_all_read(tmp_path: Path) -> None:
    pages = {
        "page%5Bsize%5D=100": errors(about("c1@post.example"), after="https://a.klaviyo.com/x?page%5Bcursor%5D=2"),
        "page%5Bcursor%5D=2": errors(about("c2@post.example"), after="https://a.klaviyo.com/x?page%5Bcursor%5D=3"),
        "page%5Bcursor%5D=3": errors(about("c6@post.example")),
    }

    def told(sent: Sent) -> httpx.Response | None:
        if sent.path.endswith("/import-errors"):
            return pages[sent.query]
        return status("complete", 3) if sent.method == "GET" else None

    with importing(tmp_path, told) as (home, jobs):
        home.deliver()
        assert [number for number, state in enumerate(states(home)) if state == "rejected"] == [1, 2, 6]
        assert set(jobs.asked[1:]) == {"/api/profile-bulk-import-jobs/job0/import-errors"}


def test_a_page_that_fails_is_read_again_and_no_payload_is_judged_before(tmp_path: Path) -> None:
    pages = [httpx.Response(503), httpx.Response(200, content=b"<html>"), errors(about("c1@post.example"))]

    def told(sent: Sent) -> httpx.Response | None:
        if sent.path.endswith("/import-errors"):
            return pages.pop(0)
        return status("complete", 1) if sent.method == "GET" else None

    with importing(tmp_path, told) as (home, _):
        home.deliver()
        assert [number for number, state in enumerate(states(home)) if state == "rejected"] == [1]


def test_an_error_that_names_nobody_is_found_by_smaller_jobs(tmp_path: Path) -> None:
    """Halves that have the profile at fault fail in their turn; alone it is told apart by a request of its own."""
    culprit = "c5@post.example"

    def told(sent: Sent) -> httpx.Response | None:
        name = sent.path.split("/")[3] if sent.method == "GET" else ""
        if sent.path.endswith("/import-errors"):
            return errors({"source": {"pointer": "/data"}})
        if sent.method == "GET":
            return status("complete", int(culprit in str(jobs.sent[name])))
        return httpx.Response(400) if not sent.bulk and culprit in str(sent.body) else None

    with importing(tmp_path, told) as (home, jobs):
        home.deliver()
        assert states(home) == ["rejected" if number == 5 else "delivered" for number in range(8)]
        assert jobs.sizes[0] == 8
        assert max(jobs.sizes[1:3]) == 4


def test_a_job_that_was_cancelled_is_sent_again(tmp_path: Path) -> None:
    answers = [status("cancelled")]

    def told(sent: Sent) -> httpx.Response | None:
        if sent.path.endswith("/import-errors"):
            return errors()
        return (answers.pop() if answers else status("complete")) if sent.method == "GET" else None

    with importing(tmp_path, told) as (home, jobs):
        home.deliver()
        assert (states(home), jobs.sizes) == (["delivered"] * 8, [8, 4, 4])
        assert home.watch.ambiguities == [("klaviyo", 8, False)]


def test_a_later_update_of_a_profile_waits_for_the_job_that_has_an_earlier_one(tmp_path: Path) -> None:
    standing = ["processing"]

    def told(sent: Sent) -> httpx.Response | None:
        return status(standing[-1]) if sent.method == "GET" else None

    with importing(tmp_path, told) as (home, jobs):
        home.deliver(lambda: bool(jobs.asked))
        home.accept(points(20, "c0@post.example", points="20"))
        home.accept(points(21, "other@post.example", points="21"))
        home.deliver(since(lambda: home.states(10)[:1] == [("klaviyo", "delivered")], 0.3))
        assert home.states(9) == [("klaviyo", "waiting")]
        standing.append("complete")
        home.deliver()
        assert home.states(9) == [("klaviyo", "delivered")]


def test_what_did_not_fit_into_a_batch_waits_for_what_its_profile_has_in_it(tmp_path: Path) -> None:
    jobs = Jobs(lambda sent: None)
    with house(tmp_path, lambda sent: httpx.Response(401), BULK) as home:
        home.connect("omnisend")
        note = f'"{"x" * 100_000}"'
        home.accept_all(order(one, f"c{one % 3}@post.example", note=note) for one in range(60))
        home.deliver(lambda: home.mapped() and bool(home.watch.breakers))
        jobs.told = finished(jobs, {})
        home.platforms.respond = jobs
        home.platforms.requests.clear()
        home.deliver()
        assert states(home, 60) == ["delivered"] * 60
        assert [sent.method for sent in home.platforms.requests] == ["POST", "GET", "POST", "GET"]
        assert [one["properties"]["x"] for body in jobs.sent.values() for one in body["items"]] == [*range(60)]


def test_after_order_wait_a_later_update_passes_a_job_and_says_so(tmp_path: Path) -> None:
    hasty = msgspec.structs.replace(BULK, order_wait=0.1)
    with importing(tmp_path, says(status("processing")), settings=hasty) as (home, jobs):
        home.deliver(lambda: bool(jobs.asked))
        home.accept(points(20, "c0@post.example", points="20"))
        home.deliver(lambda: home.states(9)[:1] == [("klaviyo", "delivered")])
        assert states(home) == ["taken"] * 8


# ── what is not known ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("gone", [404, 410])
def test_profiles_of_a_job_that_nobody_knows_are_sent_again(tmp_path: Path, gone: int) -> None:
    answers = [httpx.Response(gone)]

    def told(sent: Sent) -> httpx.Response | None:
        return (answers.pop() if answers else status("complete")) if sent.method == "GET" else None

    with importing(tmp_path, told) as (home, jobs):
        home.deliver()
        assert (states(home), jobs.sizes) == (["delivered"] * 8, [8, 8])
        assert home.watch.ambiguities == [("klaviyo", 8, False)]


def test_events_of_a_batch_that_nobody_knows_are_held_for_omnisend(tmp_path: Path) -> None:
    with batch(tmp_path, lambda sent: httpx.Response(404) if sent.method == "GET" else None) as (home, _):
        home.deliver()
        assert states(home) == ["held"] * 8
        reason = "the platform does not know the job (404); it may have arrived, and a repeat may reach the customer"
        assert {one.reason for one in home.store.held()} == {reason}
        assert home.watch.ambiguities == [("omnisend", 8, True)]


def test_a_job_that_does_not_end_is_given_up_by_the_same_rule(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(BULK, job_give_up=0.1)
    waiting = [True]

    def told(sent: Sent) -> httpx.Response | None:
        return status("processing" if waiting else "complete") if sent.method == "GET" else None

    with importing(tmp_path, told, settings=settings) as (home, jobs):
        home.deliver(lambda: len(jobs.sent) == 2)
        waiting.clear()
        home.deliver()
        assert states(home) == ["delivered"] * 8
        assert home.watch.ambiguities[0] == ("klaviyo", 8, False)


def test_a_platform_that_cannot_be_asked_is_waited_for_as_long_as_one_that_takes_nothing(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(BULK, job_give_up=0.05)
    answers = [httpx.Response(503)] * 6

    def told(sent: Sent) -> httpx.Response | None:
        return (answers.pop() if answers else status("complete")) if sent.method == "GET" else None

    with importing(tmp_path, told, settings=settings) as (home, jobs):
        home.deliver()
        assert (states(home), jobs.sizes) == (["delivered"] * 8, [8])


def test_failures_whose_errors_the_key_may_not_read_are_found_by_smaller_jobs(tmp_path: Path) -> None:
    culprit = "c5@post.example"

    def told(sent: Sent) -> httpx.Response | None:
        if sent.path.endswith("/import-errors"):
            return httpx.Response(403)
        if sent.method == "GET":
            return status("complete", int(culprit in str(jobs.sent[sent.path.split("/")[3]])))
        return httpx.Response(400) if not sent.bulk and culprit in str(sent.body) else None

    with importing(tmp_path, told) as (home, jobs):
        home.deliver()
        assert states(home) == ["rejected" if number == 5 else "delivered" for number in range(8)]


def test_a_key_that_may_not_ask_stops_nothing_and_it_is_said(tmp_path: Path) -> None:
    with importing(tmp_path, says(httpx.Response(403))) as (home, _):
        home.deliver()
        assert states(home) == ["delivered"] * 8
        assert home.watch.unknowns == [("profile", 8, "the key may not ask what became of bulk jobs")]
        assert home.watch.breakers == []


def test_a_key_that_is_refused_stops_the_outlet_and_loses_nothing(tmp_path: Path) -> None:
    answers = [httpx.Response(401)]

    def told(sent: Sent) -> httpx.Response | None:
        return (answers.pop() if answers else status("complete")) if sent.method == "GET" else None

    with importing(tmp_path, told) as (home, _):
        home.deliver(lambda: home.watch.breakers == ["the platform refuses the key (401)"])
        assert states(home) == ["taken"] * 8
        home.deliver()
        assert states(home) == ["delivered"] * 8


def test_a_platform_that_names_no_job_has_delivered(tmp_path: Path) -> None:
    told = httpx.Response(202, json={"data": {"id": "../other"}})
    with importing(tmp_path, lambda sent: told if sent.bulk else None) as (home, jobs):
        home.deliver()
        assert (states(home), jobs.asked) == (["delivered"] * 8, [])
        assert home.watch.unknowns == [("profile", 8, "the platform named no job")]


def test_answers_that_say_nothing_are_asked_for_again(tmp_path: Path) -> None:
    answers: list[httpx.Response | Exception] = [
        httpx.Response(500),
        httpx.Response(429, headers={"Retry-After": "0"}),
        httpx.Response(200, content=b"[]"),
        httpx.Response(200, json={"data": {}}),
        httpx.Response(302, headers={"location": "https://elsewhere.example"}),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("no"),
        status("complete"),
    ]

    def told(sent: Sent) -> httpx.Response | None:
        if sent.method != "GET":
            return None
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with importing(tmp_path, told) as (home, jobs):
        home.deliver()
        assert (states(home), jobs.sizes, answers) == (["delivered"] * 8, [8], [])
        assert home.watch.ambiguities == []


# ── batches ───────────────────────────────────────────────────────────────────────────────────────


def finished(jobs: Jobs, codes: dict[int, int], state: str = "finished") -> Told:
    """Batches in which each event has the code of its number, 202 unless told; 0: it was not begun."""

    def item(one: dict[str, Any]) -> dict[str, Any]:
        code = codes.get(one["properties"]["x"], 202)
        problem = {"errors": [{"field": "properties.x", "code": "invalid_type", "message": "no"}]}
        judged = {"responseCode": code, "response": problem if code >= 400 else None} if code else {"status": "pending"}
        return {"request": one, **judged}

    def told(sent: Sent) -> httpx.Response | None:
        if sent.method != "GET":
            return None
        items = [item(one) for one in jobs.sent[sent.path.split("/")[3]]["items"]]
        bad = [one for one in items if one.get("responseCode", 0) >= 400]
        head = {"status": state, "errorsCount": len(bad)}
        listed = {"errors": bad, "responses": [one for one in items if one not in bad]}
        return httpx.Response(200, json={**head, **(listed if sent.path.endswith("/items") else {})})

    return told


def test_an_item_at_fault_is_a_dead_letter_with_its_line_and_the_others_are_delivered(tmp_path: Path) -> None:
    with batch(tmp_path, lambda sent: None) as (home, jobs):
        jobs.told = finished(jobs, {2: 400, 4: 422})
        home.deliver()
        assert states(home) == ["rejected" if number in (2, 4) else "delivered" for number in range(8)]
        assert home.letters == [("400", "acme/events.yaml:2"), ("422", "acme/events.yaml:2")]
        assert (jobs.asked, home.watch.ambiguities) == (["/api/batches/job0", "/api/batches/job0/items"], [])


def test_an_item_that_failed_for_the_moment_is_sent_again_and_alone(tmp_path: Path) -> None:
    with batch(tmp_path, lambda sent: None) as (home, jobs):
        jobs.told = finished(jobs, {6: 500})
        home.deliver()
        assert states(home) == ["delivered"] * 8
        alone = [sent.body["properties"]["x"] for sent in home.platforms.requests if sent.path == "/api/events"]
        assert (alone[-1], len(jobs.sent)) == (6, 1)


def test_of_a_batch_that_stopped_only_what_was_not_begun_is_sent_again(tmp_path: Path) -> None:
    with batch(tmp_path, lambda sent: None) as (home, jobs):
        first, later = finished(jobs, dict.fromkeys(range(4, 8), 0), "stopped"), finished(jobs, {})
        jobs.told = lambda sent: (first if "job0" in sent.path else later)(sent)
        home.deliver()
        assert states(home) == ["delivered"] * 8
        sent = [one["properties"]["x"] for body in jobs.sent.values() for one in body["items"]]
        assert sent == [*range(8), *range(4, 8)]
        assert home.watch.ambiguities == []


def test_of_a_batch_that_stopped_what_nothing_is_said_of_is_held(tmp_path: Path) -> None:
    def told(sent: Sent) -> httpx.Response | None:
        return httpx.Response(200, json={"status": "stopped", "errorsCount": 0}) if sent.method == "GET" else None

    with batch(tmp_path, told) as (home, _):
        home.deliver()
        assert states(home) == ["held"] * 8


def test_one_question_tells_of_many_batches(tmp_path: Path) -> None:
    slow = {"status": "inProgress", "errorsCount": 0}

    def told(sent: Sent) -> httpx.Response | None:
        if sent.method != "GET":
            return None
        if sent.path != "/api/batches":
            return httpx.Response(200, json=slow)
        assert sent.query == "endpoint=events&limit=250"
        ended = [{"batchID": name, "status": "finished", "errorsCount": 0} for name in jobs.sent]
        return httpx.Response(200, json={"batches": ended})

    with batch(tmp_path, told, 500) as (home, jobs):
        home.deliver(lambda: len(jobs.sent) == 5)
        home.deliver()
        assert states(home, 500) == ["delivered"] * 500
        assert jobs.asked.count("/api/batches") >= 1
        assert len(jobs.asked) < 20
