"""The name in a webhook's path → its connection and signing secrets, as they were a second ago at most."""

from __future__ import annotations

import time

import msgspec

from mapforge.delivery.queue import Connection
from mapforge.delivery.secrets import Keys, Secret
from mapforge.delivery.store.file import Store

_FRESH = 1.0
_MOST = 10_000


class Door(msgspec.Struct, frozen=True):
    """A connection, and its signing secrets; none where it has none. until: monotonic seconds."""

    connection: Connection
    secrets: tuple[Secret, ...]
    until: float

    def __repr__(self) -> str:
        return f"Door({self.connection.id})"


class Doors:
    """The connections of a queue. Whoever changes one waits a second at most for it to count."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store = store
        self._keys = keys
        self._doors: dict[str, Door] = {}

    def find(self, name: str) -> Door | None:
        """The connection of this name; None where there is none. Raises QueueUnwritable, SecretError."""
        now = time.monotonic()
        door = self._doors.get(name)
        if door is None or door.until < now:
            door = self._read(name, now + _FRESH)
        return door

    def _read(self, name: str, until: float) -> Door | None:
        self._doors.pop(name, None)
        connection = self._store.connection(name)
        if connection is None:
            return None
        if len(self._doors) >= _MOST:
            self._doors.clear()
        sealed = connection.signing
        door = Door(connection, () if sealed is None else (self._keys.open(sealed),), until)
        return self._doors.setdefault(name, door)
