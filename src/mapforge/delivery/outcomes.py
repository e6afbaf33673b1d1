"""What came of a request: values, for each has another next step."""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why something is not delivered: a code, words, and the mapping's file:line where there is one.

    code: a fault's MF…, an HTTP status or a word. pointer: where in the body the platform found it. detail: what the
    platform says; it may quote customer data, so that it is kept with the raw event and is left out of repr.
    """

    code: str
    reason: str
    place: str = ""
    entry: str | None = None
    platform: str | None = None
    attribute: str | None = None
    pointer: str | None = None
    detail: str = ""

    def __repr__(self) -> str:
        return f"Reason({self.code}, {self.place})"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        """The same for rich, which otherwise prints every field of a Struct."""
        return [("code", self.code), ("place", self.place)]


class Delivered(msgspec.Struct, frozen=True, tag="delivered"):
    """The platform took it. unchanged: nothing was sent, for the platform has all of it."""

    status: int
    unchanged: bool = False


class Taken(msgspec.Struct, frozen=True, tag="taken"):
    """The platform took it in a bulk job of this name, and says later what became of it."""

    job: str


class Rejected(msgspec.Struct, frozen=True, tag="rejected"):
    """The platform does not want it, now or later: a dead letter."""

    status: int
    reasons: tuple[Reason, ...]


class RetryLater(msgspec.Struct, frozen=True, tag="retry"):
    """Not now. after: seconds that the platform asked for. ambiguous: it may have arrived all the same.

    refused: the key is; everything else of the outlet would be, too. limited: the platform has had too many requests.
    """

    reason: str
    after: float | None = None
    status: int | None = None
    ambiguous: bool = False
    refused: bool = False
    limited: bool = False


class Held(msgspec.Struct, frozen=True, tag="held"):
    """It may have arrived, and once more could reach a customer twice: an operator decides."""

    reason: str


Outcome: TypeAlias = Delivered | Taken | Rejected | RetryLater | Held
