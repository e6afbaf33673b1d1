"""Raw events of many requests → writes to the queue: all that came while the last write was under way go in one."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future

from mapforge.delivery.queue import Accepted, Incoming
from mapforge.delivery.store.file import Store

Waiting = tuple[Incoming, "asyncio.Future[Accepted | None]"]


class Groups:
    """Keeps raw events. From the event loop's thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._most = store.settings.group
        self._waiting: list[Waiting] = []
        self._writing = False

    async def keep(self, one: Incoming) -> Accepted | None:
        """Done once it is on disk; None where its connection is not there. QueueUnwritable: it was not kept."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Accepted | None] = loop.create_future()
        self._waiting.append((one, future))
        if not self._writing:
            self._writing = True
            loop.call_soon(self._write, loop)
        return await future

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            written = self._store.accept_all([one for one, _ in group])
        except Exception as error:  # the queue is closed: those who wait are told so
            written = Future()
            written.set_exception(error)
        written.add_done_callback(lambda done: loop.call_soon_threadsafe(self._written, loop, group, done))

    def _written(
        self, loop: asyncio.AbstractEventLoop, group: list[Waiting], done: Future[list[Accepted | None]]
    ) -> None:
        self._writing = bool(self._waiting)
        if self._writing:
            self._write(loop)
        error = done.exception()
        kept = [None] * len(group) if error is not None else done.result()
        for (_, future), accepted in zip(group, kept, strict=True):
            if future.done():  # who asked is gone
                continue
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(accepted)
