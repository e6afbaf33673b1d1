"""The settings and a clock → what all look-alikes share: ids that a seed decides, and the book of what came."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from mapforge.fakes.received import Received
from mapforge.fakes.settings import Settings

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class State:
    """`clock` gives Unix seconds: for times and for the windows of rate limits."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self.settings = settings
        self.clock = clock
        self.received = Received(settings)
        self._random = random.Random(settings.seed)

    def hits(self, share: float) -> bool:
        """Whether one of so many is meant, by chance."""
        return share > 0 and self._random.random() < share

    def uuid(self) -> str:
        """The id of an answer."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def letters(self) -> str:
        """26 letters and digits, as Klaviyo's ids are."""
        return "01" + "".join(self._random.choices(_CROCKFORD, k=24))

    def hexadecimal(self) -> str:
        """24 hexadecimal digits, as Omnisend's ids are."""
        return f"{self._random.getrandbits(96):024x}"


def iso(moment: float, offset: str = "+00:00") -> str:
    """Unix seconds as a time in UTC, to the second."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S") + offset


def seconds_of(time: str) -> float | None:
    """Unix seconds of an RFC 3339 time, or None where it is none."""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo else None
