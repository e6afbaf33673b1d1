"""What happens in a queue → whoever counts it. Nothing is logged here, and no call carries customer data."""

from __future__ import annotations

from mapforge.delivery.outcomes import Outcome
from mapforge.delivery.queue import Outlet


class Observer:
    """Does nothing; override what is to be counted. Each method is called in the event loop and must be quick."""

    def mapped(self, vendor: str, seconds: float, payloads: int, codes: tuple[str, ...], event: int) -> None:
        """An event was mapped; codes: of its faults; event: its number in the queue."""

    def sent(self, outlet: Outlet, kind: str, payloads: int, outcome: Outcome, seconds: float) -> None:
        """A request was answered, or not. seconds: from its first byte to the outcome."""

    def finished(self, outlet: Outlet, kind: str, outcome: Outcome, age: float, event: int) -> None:
        """A payload's outcome was written. age: seconds since it was made; event: what it was made of, by number."""

    def waited(self, outlet: Outlet, seconds: float) -> None:
        """A request waited for a rate limit."""

    def breaker(self, outlet: Outlet, reason: str | None) -> None:
        """An outlet stopped, and why; None: it goes on."""

    def passed(self, outlet: Outlet, entry: str) -> None:
        """A payload went before an earlier one of its profile, which had waited for too long."""

    def ambiguous(self, outlet: Outlet, kind: str, payloads: int, held: bool) -> None:
        """A request was written and had no answer; held: for the operator, else it is sent again."""

    def unknown(self, outlet: Outlet, kind: str, payloads: int, reason: str) -> None:
        """What became of a bulk job that was taken cannot be asked: its payloads count as delivered."""

    def unwritable(self, error: str) -> None:
        """The queue cannot be written; what was to be written is tried again."""
