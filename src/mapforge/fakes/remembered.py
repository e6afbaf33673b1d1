"""A key → what was kept under it, for so many keys: the oldest are forgotten, and counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """A dict of at most `most` keys, in the order they were last put."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.forgotten = 0
        self._held: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        """What is held under the key, or None."""
        return self._held.get(key)

    def put(self, key: Key, value: Value) -> None:
        """Hold it as the newest."""
        self._held.pop(key, None)
        self._held[key] = value
        if len(self._held) > self.most:
            self._held.pop(next(iter(self._held)))
            self.forgotten += 1

    def newest(self) -> Iterator[tuple[Key, Value]]:
        """All that is held, the newest first."""
        return iter(reversed(self._held.items()))

    def clear(self) -> None:
        """As it was at first."""
        self._held.clear()
        self.forgotten = 0

    def __len__(self) -> int:
        return len(self._held)
