"""What happens to an event → spans of one trace, from its webhook to each delivery. Needs the extra `otel`.

The trace's context lies with the event in the queue, as the header `traceparent` of W3C Trace Context, so that it
goes on after a restart and in another process. Where spans go is said by OpenTelemetry's own variables (OTEL_*).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mapforge import __version__
from mapforge.delivery.outcomes import Outcome
from mapforge.delivery.queue import Event, Outlet, QueueUnwritable
from mapforge.diagnostics import MapforgeError
from mapforge.service.metrics import word
from mapforge.service.observer import ServiceObserver

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

_KNOWN = 10_000
Attributes = Mapping[str, str | int | tuple[str, ...]]
_NANO = 1_000_000_000


class NoTraces:
    """In place of Traces where none are wanted."""

    @contextmanager
    def webhook(self, connection: str, headers: Mapping[str, str]) -> Iterator[Webhook]:
        """A webhook that leaves no span."""
        yield Webhook()


class Webhook:
    """A webhook under way. context: the headers that its event is to keep."""

    context: Mapping[str, str] = {}

    def answered(self, vendor: str, status: int) -> None:
        """What became of it."""


class Traces(ServiceObserver, NoTraces):
    """Makes spans. find: an event by its number in the queue."""

    def __init__(self, provider: TracerProvider, find: Callable[[int], Event | None]) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._tracer = provider.get_tracer("mapforge", __version__)
        self._propagator = TraceContextTextMapPropagator()
        self._find = find
        self._contexts: OrderedDict[int, Context] = OrderedDict()

    @contextmanager
    def webhook(self, connection: str, headers: Mapping[str, str]) -> Iterator[Webhook]:
        """The span of a webhook: of the trace that its headers name, or a new one."""
        from opentelemetry.trace import SpanKind, set_span_in_context

        came_with = self._propagator.extract(headers)
        attributes = {"mapforge.connection": connection}
        span = self._tracer.start_span("ingest", came_with, SpanKind.SERVER, attributes)
        context: dict[str, str] = {}
        self._propagator.inject(context, set_span_in_context(span))
        try:
            yield _Traced(span, context)
        finally:
            span.end()

    def mapped(self, vendor: str, seconds: float, payloads: int, codes: tuple[str, ...], event: int) -> None:
        attributes: Attributes = {"mapforge.vendor": vendor, "mapforge.payloads": payloads, "mapforge.faults": codes}
        self._past("map", event, seconds, attributes, failed=bool(codes))

    def finished(self, outlet: Outlet, kind: str, outcome: Outcome, age: float, event: int) -> None:
        attributes = {
            "mapforge.connection": outlet.connection,
            "mapforge.platform": outlet.platform,
            "mapforge.kind": kind,
            "mapforge.outcome": word(outcome),
        }
        self._past("deliver", event, age, attributes, failed=word(outcome) in ("rejected", "held"))

    def _past(self, name: str, event: int, seconds: float, attributes: Attributes, failed: bool) -> None:
        """A span that ends now and began so long ago."""
        from opentelemetry.trace import SpanKind, StatusCode

        now = time.time_ns()
        began = now - int(seconds * _NANO)
        span = self._tracer.start_span(name, self._context(event), SpanKind.CONSUMER, attributes, start_time=began)
        if failed:
            span.set_status(StatusCode.ERROR)
        span.end(now)

    def _context(self, event: int) -> Context | None:
        """The context that an event was accepted with; those of the last ones are known, others are read."""
        if event not in self._contexts:
            self._contexts[event] = self._propagator.extract(self._headers(event))
            if len(self._contexts) > _KNOWN:
                self._contexts.popitem(last=False)
        return self._contexts[event]

    def _headers(self, event: int) -> Mapping[str, str]:
        try:
            found = self._find(event)
        except QueueUnwritable:  # a span less is better than an event less
            found = None
        return {} if found is None else found.headers


class _Traced(Webhook):
    def __init__(self, span: Span, context: Mapping[str, str]) -> None:
        self.context = context
        self._span = span

    def answered(self, vendor: str, status: int) -> None:
        self._span.set_attributes({"mapforge.vendor": vendor, "http.response.status_code": status})


@contextmanager
def exported() -> Iterator[TracerProvider]:
    """A provider that sends spans by OTLP over HTTP, all of them by its end. MapforgeError without the extra."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as error:
        raise MapforgeError(f"traces need {error.name}: install mapforge[otel]") from None
    provider = TracerProvider(resource=Resource.create({"service.name": "mapforge", "service.version": __version__}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    try:
        yield provider
    finally:
        provider.shutdown()
