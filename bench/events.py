"""The events that are measured, as data: whose they are, their samples, their peers, and how they are broken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import broken
from measure import MapEvent
from peers.giftcard_issued import engines, typed, untyped_tuned
from peers.giftcard_issued import libraries as giftcard_issued_libraries
from peers.giftcard_issued import untyped as giftcard_issued
from peers.order_placed import engines as order_placed_engines
from peers.order_placed import libraries as order_placed_libraries
from peers.order_placed import typed as order_placed_typed
from peers.order_placed import untyped as order_placed
from peers.transaction_created import engines as transaction_created_engines
from peers.transaction_created import libraries as transaction_created_libraries
from peers.transaction_created import typed as transaction_created_typed
from peers.transaction_created import untyped as transaction_created
from peers.unknown_event import engines as unknown_event_engines
from peers.unknown_event import libraries as unknown_event_libraries
from peers.unknown_event import typed as unknown_event_typed
from peers.unknown_event import untyped as unknown_event
from samples import Broken, Raw, names, sample

OURS = "mapforge"
OURS_ROUTED = "mapforge, the event's name known"
BASE = "by hand, msgspec, dicts (the base)"
TUNED_DICTS = "by hand, msgspec, dicts, tuned"
TUNED = "by hand, msgspec, Structs, tuned"
LIBRARIES = "jmespath + jinja2 + jsonschema"
VRL, JQ, GLOM = "VRL, pyvrl", "jq", "glom"
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


GIFTCARD_ISSUED = Event(
    title="GiftcardIssued",
    vendor="99minds",
    samples="giftcard-issued",
    peers={
        TUNED: typed.map_event,
        TUNED_DICTS: untyped_tuned.map_event,
        BASE: giftcard_issued.map_event,
        JAVASCRIPT: "giftcard_issued/by_hand",
        RUDDERSTACK: "giftcard_issued/rudderstack",
        VRL: engines.vrl_map_event,
        SEGMENT: "giftcard_issued/segment",
        JSONATA: "giftcard_issued/jsonata",
        JQ: engines.jq_map_event,
        GLOM: engines.glom_map_event,
        LIBRARIES: giftcard_issued_libraries.map_event,
    },
    broken=broken.GIFTCARD_ISSUED,
    name="giftcard.issued",
    name_at="type",
)
ORDER_PLACED = Event(
    title="OrderPlaced",
    vendor="99minds",
    samples="order-placed",
    peers={
        TUNED: order_placed_typed.map_event,
        BASE: order_placed.map_event,
        JAVASCRIPT: "order_placed/by_hand",
        RUDDERSTACK: "order_placed/rudderstack",
        VRL: order_placed_engines.vrl_map_event,
        SEGMENT: "order_placed/segment",
        JSONATA: "order_placed/jsonata",
        JQ: order_placed_engines.jq_map_event,
        GLOM: order_placed_engines.glom_map_event,
        LIBRARIES: order_placed_libraries.map_event,
    },
    broken=broken.ORDER_PLACED,
    name="order.placed",
    name_at="type",
)
TRANSACTION_CREATED = Event(
    title="TRIFFT Transaction created, event and profile",
    vendor="trifft",
    samples="transaction-created",
    peers={
        TUNED: transaction_created_typed.map_event,
        BASE: transaction_created.map_event,
        JAVASCRIPT: "transaction_created/by_hand",
        RUDDERSTACK: "transaction_created/rudderstack",
        VRL: transaction_created_engines.vrl_map_event,
        SEGMENT: "transaction_created/segment",
        JSONATA: "transaction_created/jsonata",
        JQ: transaction_created_engines.jq_map_event,
        GLOM: transaction_created_engines.glom_map_event,
        LIBRARIES: transaction_created_libraries.map_event,
    },
    broken=broken.TRANSACTION_CREATED,
    name="transaction.created",
    name_at="event.type",
)
UNKNOWN_EVENT = Event(
    title="JeriCommerce, any event",
    vendor="jericommerce",
    samples="unknown-event",
    peers={
        TUNED: unknown_event_typed.map_event,
        BASE: unknown_event.map_event,
        JAVASCRIPT: "unknown_event/by_hand",
        RUDDERSTACK: "unknown_event/rudderstack",
        VRL: unknown_event_engines.vrl_map_event,
        SEGMENT: "unknown_event/segment",
        JSONATA: "unknown_event/jsonata",
        JQ: unknown_event_engines.jq_map_event,
        GLOM: unknown_event_engines.glom_map_event,
        LIBRARIES: unknown_event_libraries.map_event,
    },
    broken=broken.UNKNOWN_EVENT,
)
EVENTS = (GIFTCARD_ISSUED, ORDER_PLACED, TRANSACTION_CREATED, UNKNOWN_EVENT)
