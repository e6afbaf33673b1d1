"""What the look-alikes are told to do wrong → the fault that a call meets, or none."""

from __future__ import annotations

import random
from typing import Literal

import msgspec

Do = Literal["fail", "hang", "drop", "garbage", "slow", "reject", "stop", "normal"]
When = Literal["before", "after"]
Garbage = Literal["not-json", "half-a-body", "content-type"]
_GARBAGE: tuple[Garbage, ...] = ("not-json", "half-a-body", "content-type")
# Whether a call is taken before the fault, unless it is told: a failure and a hang leave nothing behind.
_WHEN: dict[Do, When] = {
    "fail": "before",
    "hang": "before",
    "drop": "after",
    "garbage": "after",
    "slow": "after",
    "reject": "after",
    "stop": "after",
}
_OF_JOBS = ("reject", "stop")
_SECONDS: dict[Do, float] = {"hang": 3600.0, "slow": 2.0, "fail": 1.0}
_OWN: dict[str, tuple[Do, ...]] = {
    "status": ("fail",),
    "garbage": ("garbage",),
    "seconds": ("fail", "hang", "slow"),
    "items": ("reject",),
    "when": ("fail", "hang", "drop", "garbage", "slow", "normal"),
}


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to do wrong, and to whom: a platform, or one endpoint or account of it.

    status: of fail, 500 unless told. times: for so many calls, then no more. share: for this share of the calls.
    seconds: how long it hangs, how slow it is, or when a failure says to come again. when: whether the call is taken
    before or after. garbage: which; they take turns unless told. reject: payloads of a bulk job that is taken fail in
    it, all or the share `items`; stop: the job stops half-way. `normal` takes faults away.
    """

    platform: Literal["klaviyo", "omnisend", "shopify"]
    do: Do
    endpoint: str | None = None
    account: str | None = None
    status: int | None = None
    times: int | None = None
    seconds: float | None = None
    share: float | None = None
    when: When | None = None
    garbage: Garbage | None = None
    items: float | None = None


class WrongControl(Exception):
    """A control that says something impossible; says what."""


class Fault(msgspec.Struct):
    """A control at work; `met` counts the calls that it hit."""

    control: Control
    met: int = 0

    @property
    def word(self) -> str:
        """It in one or two words, for the lists."""
        return self.control.do if self.control.do in ("slow", *_OF_JOBS) else f"{self.control.do} {self.when}"

    @property
    def when(self) -> When:
        """Whether the call is taken."""
        return self.control.when or _WHEN[self.control.do]

    @property
    def seconds(self) -> float:
        """How long."""
        return _SECONDS.get(self.control.do, 0.0) if self.control.seconds is None else self.control.seconds

    @property
    def rejects(self) -> float:
        """The share of a job's payloads that fail in it."""
        share = 1.0 if self.control.items is None else self.control.items
        return share if self.control.do == "reject" else 0.0

    @property
    def garbage(self) -> Garbage:
        """Which garbage this call gets."""
        return self.control.garbage or _GARBAGE[(self.met - 1) % len(_GARBAGE)]


class Faults:
    """The faults that are set, the newest first: the first that fits a call is met."""

    def __init__(self, seed: int) -> None:
        self.held: list[Fault] = []
        self._random = random.Random(seed)

    def set(self, control: Control) -> None:
        """Set a fault, or with `normal` take away those of the same place and below. Raises WrongControl."""
        _check(control)
        if control.do == "normal":
            self.held = [fault for fault in self.held if not _covers(control, fault.control)]
        else:
            self.held.insert(0, Fault(control))

    def meet(self, platform: str, endpoint: str, account: str) -> Fault | None:
        """The fault of a call, used once."""
        for fault in self.held:
            if self._hits(fault, platform, endpoint, account):
                fault.met += 1
                self.held = [one for one in self.held if one.control.times is None or one.met < one.control.times]
                return fault
        return None

    def _hits(self, fault: Fault, platform: str, endpoint: str, account: str) -> bool:
        told = fault.control
        if told.platform != platform or told.endpoint not in (None, endpoint) or told.account not in (None, account):
            return False
        return told.share is None or self._random.random() < told.share


def _covers(normal: Control, other: Control) -> bool:
    return (
        normal.platform == other.platform
        and normal.endpoint in (None, other.endpoint)
        and normal.account in (None, other.account)
    )


def _check(control: Control) -> None:
    for name, verbs in _OWN.items():
        if getattr(control, name) is not None and control.do not in verbs:
            raise WrongControl(f"{name} goes with {' or '.join(verbs)}, not with {control.do}")
    if control.times is not None and control.times < 1:
        raise WrongControl("times is at least 1")
    for name in ("share", "items"):
        if not 0 <= (getattr(control, name) or 0) <= 1:
            raise WrongControl(f"{name} is from 0 to 1")
    if control.status is not None and not 400 <= control.status <= 599:
        raise WrongControl("status is from 400 to 599")
    if control.seconds is not None and not 0 <= control.seconds <= 86_400:
        raise WrongControl("seconds is from 0 to 86400")
