"""map_many: the Result of every raw event, in order, by one process or several, with little in flight."""

from __future__ import annotations

import itertools
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mapforge
from mapforge.compiler.build import build
from mapforge.runtime.batches import AHEAD, MOST_BYTES, MOST_EVENTS, WorkerError, in_chunks, in_order
from mapforge.runtime.load import Mappers
from tests.language.acme import BOTH, compiled, raw_event, vendor_yaml
from tests.runtime.workers import FIRST_TROUBLE, Doubled, Killed, Leaving, Raising, begun

EVENTS = "Order: {trigger: {event: order}, attributes: {x: integer}}\n"
MIXED: list[bytes | str] = [
    raw_event(x="1"),
    raw_event(x="1").decode(),
    raw_event(x='"1"'),
    raw_event(type='"unknown"'),
    b"",
    "{",
    '{"a": "\ud800"}',
    b"{\xff}",
    b'{"a": "\xed\xa0\x80"}',
    raw_event(x="2", email='"nobody"'),
    b"[" * 100_000,
]


@pytest.fixture
def mappers(tmp_path: Path) -> Mappers:
    vendor = compiled(tmp_path, vendor_yaml(platforms=BOTH), EVENTS)
    return mapforge.load(build(vendor, tmp_path / "build"))


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_each_raw_event_gets_what_map_says_of_it(workers: int, mappers: Mappers) -> None:
    events = MIXED * 30
    with begun() as others:
        done = list(mappers.map_many("acme", events, workers=workers))
    assert done == [mappers["acme"].map(raw) for raw in events]
    assert len(others) == workers - 1


@pytest.mark.parametrize("workers", [1, 2])
def test_platforms_name_and_headers_are_told_for_all(workers: int, mappers: Mappers) -> None:
    events = [raw_event(type='"unknown"', x="1")] * 3
    given: dict[str, Any] = {"to": "omnisend", "event": "order", "headers": {"X-A": "b"}}
    with begun():
        done = list(mappers.map_many("acme", events, workers=workers, **given))
    assert done == [mappers["acme"].map(events[0], **given)] * 3
    assert [payload.platform for payload in done[0].payloads] == ["omnisend"]


def test_what_is_wrong_with_the_call_is_raised_at_once(mappers: Mappers) -> None:
    with pytest.raises(KeyError):
        mappers.map_many("nobody", [])
    with pytest.raises(ValueError, match="no platform 'klavio'; acme is mapped to klaviyo, omnisend"):
        mappers.map_many("acme", [], to=["klavio"])
    with pytest.raises(ValueError, match="at least one worker, not 0"):
        mappers.map_many("acme", [], workers=0)


@pytest.mark.parametrize(("workers", "most"), [(1, 1), (2, 2 * AHEAD * MOST_EVENTS), (3, 3 * AHEAD * MOST_EVENTS)])
def test_events_are_taken_as_results_are(workers: int, most: int, mappers: Mappers) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        for number in itertools.count():
            taken += 1
            yield raw_event(x=str(number))

    with begun():
        results = mappers.map_many("acme", endless(), workers=workers)
        assert taken == 0
        ahead = [taken - number for number, _ in enumerate(itertools.islice(results, 5_000))]
        del results
    assert max(ahead) <= most


def test_a_few_events_wait_for_no_process_to_start(mappers: Mappers) -> None:
    chunks = [[1], [2], [3]]
    assert list(in_order(mappers["acme"], Doubled(), chunks, 2)) == [
        ([number * 2], os.getpid()) for (number,) in chunks
    ]


def numbers(count: int = 200) -> list[list[int]]:
    return [[number, number + 1] for number in range(0, count, 2)]


def test_the_work_is_shared_and_comes_in_order(mappers: Mappers) -> None:
    with begun() as others:
        done = list(in_order(mappers["acme"], Doubled(), numbers(20_000), 3))
    assert [made for made, _ in done] == [[2 * first, 2 * second] for first, second in numbers(20_000)]
    # Who gets how many is a matter of time, on a busy machine all the more.
    processes = {process for _, process in done}
    assert processes <= {os.getpid(), *others}
    assert processes & set(others)


def test_a_chunk_that_no_pipe_holds_goes_there_and_back(mappers: Mappers) -> None:
    chunks = [[1] * 500_000, [2], [3] * 500_000, [4]] * 5
    with begun():
        done = [made for made, _ in in_order(mappers["acme"], Doubled(), chunks, 2)]
    assert done == [[number * 2 for number in chunk] for chunk in chunks]


@pytest.mark.parametrize(
    ("work", "how"),
    [(Killed(), "was killed by SIGKILL"), (Leaving(), "ended with exit code 3")],
    ids=["killed", "left"],
)
@pytest.mark.parametrize("workers", [2, 3])
def test_a_worker_that_dies_is_said_with_the_events_it_took(
    work: Doubled, how: str, workers: int, mappers: Mappers
) -> None:
    done: list[int] = []
    with begun() as others, pytest.raises(WorkerError) as caught:
        done.extend(number for made, _ in in_order(mappers["acme"], work, numbers(100_000), workers) for number in made)
    error = caught.value
    assert done == [2 * number for number in range(len(done))]
    assert error.how == how
    assert error.first == len(done) + 1
    assert error.unmapped == tuple(range(len(done), len(done) + len(error.unmapped)))
    assert FIRST_TROUBLE <= error.unmapped[-1] < 100_000
    last = len(done) + len(error.unmapped)
    assert str(error) == f"a worker {how}: events {error.first} to {last} have no result, and none was taken after them"
    for process in others:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_what_the_work_raises_is_raised_where_its_result_would_stand(mappers: Mappers) -> None:
    done: list[int] = []
    with begun(), pytest.raises(LookupError, match="in a worker"):
        done.extend(number for made, _ in in_order(mappers["acme"], Raising(), numbers(100_000), 2) for number in made)
    assert done == [2 * number for number in range(len(done))]
    assert len(done) >= FIRST_TROUBLE - 1


@pytest.mark.parametrize("workers", [1, 2])
def test_what_came_before_its_source_failed_is_mapped(workers: int, mappers: Mappers) -> None:
    def failing() -> Iterator[bytes]:
        for number in range(100):
            yield raw_event(x=str(number))
        raise OSError("gone")

    done: list[mapforge.Result] = []
    with begun(), pytest.raises(OSError, match="gone"):
        done.extend(mappers.map_many("acme", failing(), workers=workers))
    assert done == [mappers["acme"].map(raw_event(x=str(number))) for number in range(100)]


def test_an_error_of_a_worker_travels() -> None:
    error = WorkerError("was killed by SIGKILL", 11, [b"a", b"b"])
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.how, again.first, again.unmapped) == (str(error), error.how, 11, (b"a", b"b"))
    assert isinstance(error, mapforge.MapforgeError)


def test_large_events_make_small_chunks() -> None:
    sizes = [MOST_BYTES, 1, MOST_BYTES, MOST_BYTES // 2, MOST_BYTES // 2, 1, 1, 1]
    assert list(in_chunks(sizes, int, 3)) == [
        [MOST_BYTES],
        [1, MOST_BYTES],
        [MOST_BYTES // 2, MOST_BYTES // 2],
        [1, 1, 1],
    ]
    assert list(in_chunks([], int, 3)) == []


def test_a_program_maps_with_workers(mappers: Mappers, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import mapforge\n"
        "if __name__ == '__main__':\n"
        f"    many = mapforge.load('build').map_many('acme', [{raw_event(x='1')!r}] * 30_000, workers=2)\n"
        "    print(sum(len(result.payloads) for result in many))\n"
    )
    done = subprocess.run([sys.executable, program], cwd=tmp_path, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "60000\n", "")
