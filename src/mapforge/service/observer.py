"""What happens in the service → whoever counts it or writes it down. No call carries customer data or a secret."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mapforge.delivery.observer import Observer


class ServiceObserver(Observer):
    """What a queue's observer hears, and what only the service knows. Does nothing; override what is to be counted."""

    def ingested(self, vendor: str, status: int, seconds: float) -> None:
        """A webhook was answered. vendor: "" where no connection was found."""

    def refused(self, connection: str, status: int, reason: str) -> None:
        """A webhook was refused, and why."""

    def reloaded(self, vendors: tuple[str, ...], problem: str | None) -> None:
        """Other mappers are in use; problem: those before are kept, for these cannot be loaded."""

    def delivering(self, problem: str | None) -> None:
        """The worker began; problem: it ended without being told to, and begins anew."""


class Observers(ServiceObserver):
    """Tells each of several observers, where they listen."""

    def __init__(self, *observers: ServiceObserver) -> None:
        for name in (name for name in dir(ServiceObserver) if not name.startswith("_")):
            quiet = getattr(ServiceObserver, name)
            hearing = [getattr(one, name) for one in observers if getattr(type(one), name) is not quiet]
            setattr(self, name, _to_each(hearing))


def _to_each(hearing: Sequence[Callable[..., None]]) -> Callable[..., None]:
    if len(hearing) == 1:
        return hearing[0]

    def told(*said: Any) -> None:
        for hear in hearing:
            hear(*said)

    return told
