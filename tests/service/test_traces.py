"""Traces: one for each event, from its webhook to each outcome, also over a restart, and nothing of customers in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from mapforge.delivery.mapping import CurrentMappers
from mapforge.delivery.queue import QueueUnwritable
from mapforge.delivery.run import Delivery
from mapforge.service.traces import Traces
from tests.delivery.house import KEYS, QUICK, Platforms, order, sealed, then
from tests.service.place import SIGNED, Place, place

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = {**SIGNED, "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
QUIET = {"idle": str(QUICK.idle), "backoff": str(QUICK.backoff)}


class Spans:
    """What was traced."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))

    @property
    def all(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    def told(self) -> list[tuple[str, object]]:
        """Name and what became of it, of each span."""
        keys = {"ingest": "http.response.status_code", "map": "mapforge.payloads", "deliver": "mapforge.outcome"}
        return [(one.name, (one.attributes or {})[keys[one.name]]) for one in self.all]


@contextmanager
def traced(folder: Path) -> Iterator[tuple[Place, Spans]]:
    spans = Spans()
    with place(folder, provider=spans.provider, delivery=QUIET) as shop:
        shop.store.add_outlet("shop", "klaviyo", sealed("pk_shop")).result()
        yield shop, spans


def deliver(shop: Place, spans: Spans, *answers: httpx.Response) -> None:
    """Deliver all that is there, by a worker that knows no more than the queue."""
    traces = Traces(spans.provider, shop.store.event)
    asyncio.run(_deliver(shop, traces, Platforms(then(*answers))))


async def _deliver(shop: Place, traces: Traces, platforms: Platforms) -> None:
    mapper = shop.service.mappers.get("acme")
    assert mapper is not None
    delivery = Delivery(shop.store, CurrentMappers({"acme": mapper}), KEYS, traces, platforms)
    running = asyncio.create_task(delivery.run())
    async with asyncio.timeout(30):
        while any(one.state != "dead" for one in shop.store.depths()):
            await asyncio.sleep(0.01)
    delivery.stop()
    await running


def test_an_event_leaves_one_trace(tmp_path: Path) -> None:
    with traced(tmp_path) as (shop, spans):
        shop.post(order(1), PARENT)
        deliver(shop, spans, httpx.Response(503))
        assert spans.told() == [("ingest", 202), ("map", 1), ("deliver", "retry"), ("deliver", "delivered")]
        assert {f"{one.context.trace_id:032x}" for one in spans.all if one.context} == {TRACE}
        ingest, *others = spans.all
        assert ingest.context is not None
        assert {one.parent.span_id for one in others if one.parent} == {ingest.context.span_id}
        assert all(one.start_time and one.end_time and one.start_time <= one.end_time for one in spans.all)


def test_each_event_has_a_trace_of_its_own(tmp_path: Path) -> None:
    with traced(tmp_path) as (shop, spans):
        shop.post(order(1))
        shop.post(order(2, x='"many"'))
        deliver(shop, spans)
        by_trace: dict[int, list[str]] = {}
        for one in spans.all:
            assert one.context is not None
            by_trace.setdefault(one.context.trace_id, []).append(one.name)
        assert sorted(by_trace.values()) == [["ingest", "map"], ["ingest", "map", "deliver"]]
        statuses = [one.status.is_ok for one in spans.all if one.name == "map"]
        assert statuses == [True, False]


def test_nothing_of_a_customer_is_traced(tmp_path: Path) -> None:
    with traced(tmp_path) as (shop, spans):
        shop.post(order(1))
        deliver(shop, spans)
        said = "".join(one.to_json() for one in spans.all)
        assert "ada@post.example" not in said
        assert "evt_1" not in said


def test_a_webhook_that_is_refused_is_traced_too(tmp_path: Path) -> None:
    with traced(tmp_path) as (shop, spans):
        shop.post(b"{")
        assert spans.told() == [("ingest", 400)]


def test_a_hostile_traceparent_begins_a_trace_of_its_own(tmp_path: Path) -> None:
    with traced(tmp_path) as (shop, spans):
        assert shop.post(order(1), {**SIGNED, "traceparent": "00-" + "f" * 1000}).status_code == 202
        (span,) = spans.all
        assert span.parent is None


def test_a_queue_that_cannot_be_read_costs_no_more_than_a_parent() -> None:
    def unreadable(event: int) -> None:
        raise QueueUnwritable("the queue cannot be read")

    spans = Spans()
    Traces(spans.provider, unreadable).mapped("acme", 0.001, 1, (), 7)
    (span,) = spans.all
    assert (span.name, span.parent) == ("map", None)
