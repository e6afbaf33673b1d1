"""What mapforge wants to hold, as data, and whether it does. Each claim is a ratio of one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mapforge.cli.bench.turns import Times, ratio

OURS, NAMED = "mapforge", "mapforge, the event's name known"
FLOOR = "orjson, loads and dumps, no mapping"


@dataclass(frozen=True)
class Measured:
    """All that a run found. entries: each entry's time against its own types alone; empty where that was left out."""

    took: Times
    second_platform: float
    entries: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """at least: `bound` is a speed; else it is a time, and less is better.

    floor: what a run fails below, where the bound itself is not reached yet; else that is the bound.
    """

    words: str
    of: Callable[[Measured], float]
    bound: float
    at_least: bool = True
    floor: float | None = None

    def measurable(self, measured: Measured) -> bool:
        """Whether the run has what the claim is about."""
        return bool(measured.entries) or "every entry" not in self.words

    def judged(self, measured: Measured) -> Claim.Judged:
        """The claim with what was measured."""
        return Claim.Judged(self, self.of(measured))

    @dataclass(frozen=True)
    class Judged:
        """A claim and its measure."""

        claim: Claim
        measured: float

        @property
        def holds(self) -> bool:
            """Whether it holds to the letter."""
            return self._within(self.claim.bound)

        def held(self, slack: float) -> bool:
            """Whether a run may pass: a busy machine is given some slack."""
            floor = self.claim.bound if self.claim.floor is None else self.claim.floor
            return self._within(floor * (1 - slack if self.claim.at_least else 1 + slack))

        @property
        def line(self) -> str:
            """The claim in a line."""
            said = "at least" if self.claim.at_least else "at most"
            verdict = "holds" if self.holds else "does not hold"
            if not self.holds and self.claim.floor is not None:
                verdict = f"not reached; held {said} {self.claim.floor:g}"
            return f"{self.claim.words}: {self.measured:.2f} ({said} {self.claim.bound:g}: {verdict})"

        def _within(self, bound: float) -> bool:
            return self.measured >= bound if self.claim.at_least else self.measured <= bound


def _against(peer: str) -> Callable[[Measured], float]:
    return lambda measured: ratio(measured.took, peer, OURS)


def _beside_orjson(ours: str) -> Callable[[Measured], float]:
    return lambda measured: ratio(measured.took, ours, FLOOR)


CLAIMS = (
    Claim("against hand-written msgspec, untyped", _against("by hand, msgspec, dicts (the base)"), 2.2),
    Claim("against jmespath + jinja2 + jsonschema", _against("jmespath + jinja2 + jsonschema"), 50),
    Claim("against hand-written JavaScript", _against("by hand, JavaScript"), 2.0, floor=1.8),
    Claim("against RudderStack's template engine", _against("RudderStack's template engine"), 2.0, floor=1.8),
    Claim("against VRL", _against("VRL, pyvrl"), 8, floor=7),
    Claim("against jq, without our help", _against("jq, without our help"), 40),
    Claim("against jq, with our checks before it", _against("jq"), 40, floor=15),
    Claim("against Segment's mapping-kit with liquid", _against("Segment's mapping-kit, liquid"), 40, floor=7.5),
    Claim("time beside orjson, the event's name known", _beside_orjson(NAMED), 1.15, at_least=False),
    Claim("time beside orjson, its name in the body", _beside_orjson(OURS), 1.25, at_least=False),
    Claim("a second platform, of the first", lambda measured: measured.second_platform, 0.4, at_least=False),
    Claim(
        "every entry beside its types alone, the worst",
        lambda measured: max(measured.entries.values()),
        1.5,
        at_least=False,
        floor=3.5,
    ),
)
