"""What operators' calls work on, and the numbers of the queue's rows in the words that answers have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol, TypeVar

import httpx

from mapforge.delivery.mapping import VendorMappers
from mapforge.delivery.outcomes import Reason
from mapforge.delivery.queue import Connection, UnknownConnection
from mapforge.delivery.run import Wait
from mapforge.delivery.secrets import Keys
from mapforge.delivery.store.file import Store
from mapforge.diagnostics import did_you_mean
from mapforge.service.bodies import DepthOut, QueueOut, ReasonOut, TroubleOut, WaitOut
from mapforge.service.problems import Refusal


class Desk:
    """A queue, the mappers of now, and the keys that seal; where the platforms are, the queue's settings say.

    keys: None where nothing can be sealed or opened. transport: for tests. waits: what the worker of this process waits
    for at the moment.
    """

    def __init__(
        self,
        store: Store,
        mappers: VendorMappers,
        keys: Keys | None,
        transport: httpx.AsyncBaseTransport | None = None,
        waits: Callable[[], Iterable[Wait]] = tuple,
    ) -> None:
        self.store = store
        self.mappers = mappers
        self.keys = keys
        self.transport = transport
        self.waits = waits


def known(store: Store, connection: str) -> Connection:
    """The connection. UnknownConnection, with the nearest that there is, where there is none."""
    found = store.connection(connection)
    if found is None:
        nearest = did_you_mean(connection, (one.id for one in store.connections()))
        hint = f"did you mean {nearest}?" if nearest else "list those that there are, or add it"
        raise UnknownConnection(f"there is no such connection; {hint}")
    return found


def refuse_missing(missing: Collection[int], wanted: Collection[int], what: str) -> None:
    """Raise a Refusal where some of the wanted numbers are not there."""
    if missing:
        listed = ", ".join(map(str, missing))
        others = "; nothing was done with the others" if len(missing) < len(wanted) else ""
        raise Refusal(404, f"there is no {what} {listed}: it was decided already, or never was{others}")


def moment(milliseconds: int) -> datetime:
    """The queue's time as a time in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def reasons(found: Iterable[Reason], whole: bool = False) -> list[ReasonOut]:
    """Reasons as answers have them. whole: with what the platform says, which may quote customer data."""
    return [
        ReasonOut(
            code=one.code,
            reason=one.reason,
            place=one.place,
            entry=one.entry,
            platform=one.platform,
            attribute=one.attribute,
            pointer=one.pointer,
            detail=one.detail if whole and one.detail else None,
        )
        for one in found
    ]


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


N = TypeVar("N", bound=_Numbered)


def page(rows: Sequence[N], limit: int) -> tuple[Sequence[N], int | None]:
    """A page of `limit` rows, of which one more was read, and what the next one begins after."""
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def queue(desk: Desk) -> QueueOut:
    """What stands in the queue."""
    now = desk.store.clock.now()
    depths = [
        DepthOut(state=one.state, rows=one.rows, oldest=max(0, now - one.oldest) / 1000) for one in desk.store.depths()
    ]
    troubles = [
        TroubleOut(connection=one.connection, platform=one.platform, reason=one.trouble)
        for one in desk.store.outlets()
        if one.trouble is not None
    ]
    waits = list(map(_wait, desk.waits()))
    return QueueOut(depths=depths, troubles=troubles, waits=waits)


def _wait(one: Wait) -> WaitOut:
    connection, platform = (None, None) if one.outlet is None else (one.outlet.connection, one.outlet.platform)
    return WaitOut(connection=connection, platform=platform, reason=one.reason, seconds=one.seconds)
