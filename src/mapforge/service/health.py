"""Whether the service lives, and whether it is ready for webhooks: what the two probes answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from mapforge.delivery.queue import QueueUnwritable
from mapforge.delivery.store.file import Store

_PATIENCE = 2.0


class State:
    """What the service is at. stopping: no further webhook is taken. worker: why none delivers here; None: one does."""

    def __init__(self) -> None:
        self.stopping = False
        self.worker: str | None = "it has not begun yet"
        self.mappers: str | None = None


class Health:
    """The probes. vendors: those of the mappers in use; delivers: whether this process is meant to."""

    def __init__(self, store: Store, state: State, vendors: Callable[[], tuple[str, ...]], delivers: bool) -> None:
        self._store = store
        self._state = state
        self._vendors = vendors
        self._delivers = delivers

    async def live(self, request: Request) -> Response:
        """200 as long as the process answers."""
        return _said(200, {"live": True})

    async def ready(self, request: Request) -> Response:
        """200 where a webhook would be taken, else 503; each part says what is wrong with it, or null.

        mappers: a build that could not be loaded is a fault, but those before are in use.
        """
        state = self._state
        parts = {
            "queue": await self._queue(),
            "worker": state.worker if self._delivers else None,
            "mappers": state.mappers,
            "vendors": None if self._vendors() else "the build has no vendor; run: mapforge build",
            "stopping": "the service stops" if state.stopping else None,
        }
        ready = not (parts["queue"] or parts["vendors"] or parts["stopping"])
        return _said(200 if ready else 503, {"ready": ready, "problems": parts})

    async def _queue(self) -> str | None:
        try:
            await asyncio.wait_for(asyncio.wrap_future(self._store.check_writable()), _PATIENCE)
        except QueueUnwritable as error:
            return str(error)
        except TimeoutError:
            return f"a write takes longer than {_PATIENCE:g} s"
        return None


def _said(status: int, said: object) -> Response:
    return Response(msgspec.json.encode(said), status, {"Cache-Control": "no-store"}, "application/json")
