"""The events that are measured, as data: whose they are, their samples, their peers, and how they are broken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

import broken
from measure import MapEvent
from peers.giftcard_issued import alone, untyped_tuned
from samples import Broken, Raw, names, sample

OURS = "mapforge"
OURS_ROUTED = "mapforge, the event's name known"
BASE = "by hand, msgspec, dicts (the base)"
TUNED_DICTS = "by hand, msgspec, dicts, tuned"
TUNED = "by hand, msgspec, Structs, tuned"
LIBRARIES = "jmespath + jinja2 + jsonschema"
VRL, JQ, GLOM = "VRL, pyvrl", "jq", "glom"
JQ_ALONE = "jq, without our help"
JAVASCRIPT, RUDDERSTACK = "by hand, JavaScript", "RudderStack's template engine"
SEGMENT, JSONATA = "Segment's mapping-kit, liquid", "JSONata"
NO_MAPPING = "orjson, loads and dumps, no mapping"
# Who must write the same bytes; and who must write the same and refuse what is broken.
STRICT = (OURS, OURS_ROUTED, TUNED, TUNED_DICTS, BASE, LIBRARIES)
HELD = (*STRICT, JAVASCRIPT, RUDDERSTACK)


@dataclass(frozen=True)
class Event:
    """An event that is measured, to Klaviyo.

    samples: how the names of its samples start; the one of exactly that name is timed. name: the raw event's, and
    name_at the path where the body has it; both None where it is in a header. peers: by name in the order of the table,
    each a function of this process or the name of a module of bench/js.
    """

    title: str
    vendor: str
    samples: str
    peers: Mapping[str, MapEvent | str]
    broken: Broken
    name: str | None = None
    name_at: str | None = None

    def timed(self) -> Raw:
        """The raw event that is timed."""
        return sample(self.vendor, self.samples)

    def all_samples(self) -> dict[str, Raw]:
        """All of its samples, by name."""
        return {name: sample(self.vendor, name) for name in names(self.vendor, self.samples)}


def _peers(event: str) -> dict[str, MapEvent | str]:
    """What every event is measured against: the modules of its folders below peers/ and js/."""
    engines, libraries, typed, untyped = (
        import_module(f"peers.{event}.{module}") for module in ("engines", "libraries", "typed", "untyped")
    )
    return {
        TUNED: typed.map_event,
        BASE: untyped.map_event,
        JAVASCRIPT: f"{event}/by_hand",
        RUDDERSTACK: f"{event}/rudderstack",
        VRL: engines.vrl_map_event,
        SEGMENT: f"{event}/segment",
        JSONATA: f"{event}/jsonata",
        JQ: engines.jq_map_event,
        GLOM: engines.glom_map_event,
        LIBRARIES: libraries.map_event,
    }


GIFTCARD_ISSUED = Event(
    title="GiftcardIssued",
    vendor="99minds",
    samples="giftcard-issued",
    peers={TUNED_DICTS: untyped_tuned.map_event, **_peers("giftcard_issued"), JQ_ALONE: alone.map_event},
    broken=broken.GIFTCARD_ISSUED,
    name="giftcard.issued",
    name_at="type",
)
ORDER_PLACED = Event(
    title="OrderPlaced",
    vendor="99minds",
    samples="order-placed",
    peers=_peers("order_placed"),
    broken=broken.ORDER_PLACED,
    name="order.placed",
    name_at="type",
)
TRANSACTION_CREATED = Event(
    title="TRIFFT Transaction created, event and profile",
    vendor="trifft",
    samples="transaction-created",
    peers=_peers("transaction_created"),
    broken=broken.TRANSACTION_CREATED,
    name="transaction.created",
    name_at="event.type",
)
UNKNOWN_EVENT = Event(
    title="JeriCommerce, any event",
    vendor="jericommerce",
    samples="unknown-event",
    peers=_peers("unknown_event"),
    broken=broken.UNKNOWN_EVENT,
)
EVENTS = (GIFTCARD_ISSUED, ORDER_PLACED, TRANSACTION_CREATED, UNKNOWN_EVENT)
