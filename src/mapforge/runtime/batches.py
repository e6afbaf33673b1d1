"""Raw events without end → what comes of each, in their order and in constant memory, by one process or several."""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import signal
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar

from mapforge.diagnostics import MapforgeError
from mapforge.runtime.mappers import Mapper
from mapforge.runtime.outcomes import Result

# A chunk is no longer than this by much, so that large events do not add up in memory.
MOST_EVENTS = 64
MOST_BYTES = 1 << 18
# Chunks in flight for each worker: done, being done or waiting.
AHEAD = 8
# Room for a chunk and what is made of it, where the system lets a pipe be so large; else what any pipe holds.
_PIPE = 1 << 20
_NARROW = 1 << 12

Event = TypeVar("Event")
Made = TypeVar("Made")


class WorkerError(MapforgeError):
    """A worker's process ended before its time, killed for its memory, say.

    first: the number of the first event without a result, from 1 on. unmapped: that one and all that were taken after.
    """

    def __init__(self, how: str, first: int, unmapped: Sequence[Any]) -> None:
        self.how = how
        self.first = first
        self.unmapped = tuple(unmapped)
        last = first + len(self.unmapped) - 1
        super().__init__(f"a worker {how}: events {first} to {last} have no result, and none was taken after them")

    def __reduce__(self) -> tuple[type[WorkerError], tuple[str, int, Sequence[Any]]]:
        return WorkerError, (self.how, self.first, self.unmapped)


def map_many(
    mapper: Mapper,
    events: Iterable[bytes | str],
    headers: Mapping[str, str] | None,
    to: str | Collection[str] | None,
    event: str | None,
    workers: int,
) -> Iterator[Result]:
    """As `Mappers.map_many` says."""
    if workers == 1:
        yield from (mapper.map(raw, headers, to, event) for raw in events)
        return
    for results in in_order(mapper, _Mapping(headers, to, event), in_chunks(events, len), workers):
        yield from results


class _Mapping:
    """The work on a chunk of raw events."""

    def __init__(self, headers: Mapping[str, str] | None, to: str | Collection[str] | None, event: str | None) -> None:
        self.given = (headers, to, event)

    def __call__(self, mapper: Mapper, raws: list[bytes | str]) -> list[Result]:
        return [mapper.map(raw, *self.given) for raw in raws]


def in_order(
    mapper: Mapper, work: Callable[[Mapper, list[Event]], Made], chunks: Iterable[list[Event]], workers: int
) -> Iterator[Made]:
    """What `work(mapper, chunk)` makes of each chunk, by that many processes, in the order of the chunks.

    The caller's process is one of them: it works while the others have enough, so few events wait for no process to
    start. Chunks are taken as results are, AHEAD of them for each worker at most. `work` is pickled, and so is the
    mapper. Raises what the work raises, where its result would stand; what `chunks` raises, after the results of those
    before; WorkerError.
    """
    given: deque[tuple[list[Event], Future[Made]]] = deque()
    done = 0
    failures: list[Exception] = []
    with _others(mapper, work, workers - 1) as others:
        try:
            for chunk in _until(failures, chunks):
                given.append((chunk, _given(others, mapper, work, chunk)))
                _receive(others, 0)
                while given and (given[0][1].done() or len(given) >= AHEAD * workers):
                    yield _made(given[0][1], others)
                    done += len(given.popleft()[0])
            while given:
                yield _made(given[0][1], others)
                done += len(given.popleft()[0])
        except _Died as died:
            raise WorkerError(str(died), done + 1, [event for chunk, _ in given for event in chunk]) from None
    for failure in failures:
        raise failure


class _Died(Exception):
    """A worker that has ended, and how."""


def _until(failures: list[Exception], source: Iterable[Event]) -> Iterator[Event]:
    """What comes, until it ends or fails."""
    try:
        yield from source
    except Exception as failure:
        failures.append(failure)


def _given(
    others: list[_Worker], mapper: Mapper, work: Callable[[Mapper, list[Event]], Made], chunk: list[Event]
) -> Future[Made]:
    """Give a chunk to the worker that has least to do, or work on it here where all have enough."""
    future: Future[Made] = Future()
    if any(other.is_free for other in others):
        sent = pickle.dumps(chunk, pickle.HIGHEST_PROTOCOL)
        free = [other for other in others if other.has_room(len(sent))]
        if free:
            min(free, key=lambda other: len(other.given)).give(sent, future)
            return future
    _work(future, work, mapper, chunk)
    return future


def _work(future: Future[Made], work: Callable[[Mapper, list[Any]], Made], mapper: Mapper, chunk: list[Any]) -> None:
    try:
        future.set_result(work(mapper, chunk))
    except Exception as error:
        future.set_exception(error)


def _made(future: Future[Made], others: list[_Worker]) -> Made:
    while not future.done():
        _receive(others, None)
    return future.result()


def _receive(others: list[_Worker], timeout: float | None) -> None:
    """Take what has come. Raises _Died."""
    for pipe in wait([other.results for other in others], timeout):
        next(other for other in others if other.results is pipe).receive()


class _Worker:
    """Another process, and what it was given. It is ready once it has loaded what it needs."""

    def __init__(self, mapper: Mapper, work: Callable[[Mapper, list[Any]], Any]) -> None:
        # Fresh interpreters: a fork takes locks along that nobody there will ever open.
        context = multiprocessing.get_context("spawn")
        tasks, self.tasks = context.Pipe(duplex=False)
        self.results, results = context.Pipe(duplex=False)
        self.room = min(_widened(self.tasks), _widened(results))
        self.process: SpawnProcess = context.Process(target=_serve, args=(tasks, results, mapper, work), daemon=True)
        self.process.start()
        tasks.close()
        results.close()
        self.ready = False
        self.given: deque[tuple[int, Future[Any]]] = deque()

    @property
    def is_free(self) -> bool:
        """Whether it should get a chunk: beside the one it works on, one may wait."""
        return self.ready and len(self.given) < 2

    def has_room(self, size: int) -> bool:
        """Whether so many bytes can be sent without waiting for a worker that itself waits for us."""
        return self.is_free and (not self.given or size + sum(taken for taken, _ in self.given) <= self.room)

    def give(self, sent: bytes, future: Future[Any]) -> None:
        """Put a pickled chunk on its way."""
        self.given.append((len(sent), future))
        with contextlib.suppress(BrokenPipeError):
            self.tasks.send_bytes(sent)

    def receive(self) -> None:
        """Take what was made of the oldest chunk, or that the worker is ready. Raises _Died."""
        try:
            failure, made = self.results.recv()
        except EOFError:
            self.process.join()
            raise _Died(_how(self.process.exitcode or 0)) from None
        if not self.ready:
            self.ready = True
            return
        _, future = self.given.popleft()
        if failure is None:
            future.set_result(made)
        else:
            future.set_exception(failure)

    def end(self) -> None:
        """End the process, whatever it does: what it was for is done, or is no longer wanted."""
        self.process.kill()
        self.process.join()
        self.tasks.close()
        self.results.close()


def _how(code: int) -> str:
    with contextlib.suppress(ValueError):
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


@contextlib.contextmanager
def _others(mapper: Mapper, work: Callable[[Mapper, list[Any]], Any], number: int) -> Iterator[list[_Worker]]:
    with contextlib.ExitStack() as stack:
        others = []
        for _ in range(number):
            others.append(_Worker(mapper, work))
            stack.callback(others[-1].end)
        yield others


def _serve(tasks: Connection, results: Connection, mapper: Mapper, work: Callable[[Mapper, list[Any]], Any]) -> None:
    """A worker's life: say that it is ready, then a result for each chunk, until the caller's process is gone."""
    # Ctrl-C is the caller's to answer.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    results.send((None, None))
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            future: Future[Any] = Future()
            _work(future, work, mapper, tasks.recv())
            failure = future.exception()
            results.send((failure, None if failure else future.result()))


def _widened(pipe: Connection) -> int:
    """How many bytes a pipe holds, once it was made wider where the system can."""
    try:
        import fcntl

        return fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE)
    except (ImportError, AttributeError, OSError):
        return _NARROW


def in_chunks(events: Iterable[Event], size: Callable[[Event], int], most: int = MOST_EVENTS) -> Iterator[list[Event]]:
    """Events in lists of at most `most`, and of little more than MOST_BYTES by their `size`.

    Raises what `events` raises, after those that came before.
    """
    failures: list[Exception] = []
    gathered: list[Event] = []
    room = MOST_BYTES
    for event in _until(failures, events):
        gathered.append(event)
        room -= size(event)
        if len(gathered) >= most or room <= 0:
            yield gathered
            gathered, room = [], MOST_BYTES
    if gathered:
        yield gathered
    for failure in failures:
        raise failure
