"""What happens → numbers for Prometheus. Labels are vendors, platforms, connections and codes, never customer data."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from mapforge import __version__
from mapforge.delivery.outcomes import Delivered, Outcome, Rejected
from mapforge.delivery.queue import Depth, Outlet, QueueUnwritable
from mapforge.service.observer import ServiceObserver

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_MAPPING = (0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.1)
_REQUEST = (*_FAST, 10.0, 30.0)
_AGES = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21_600.0, 86_400.0)


class Metrics(ServiceObserver):
    """The service's numbers. `text` is what a scrape gets."""

    def __init__(self) -> None:
        self.registry = to = CollectorRegistry()
        by_kind = ("platform", "kind", "outcome")
        outlet = ("connection", "platform")
        self._ingested = Histogram(
            "mapforge_ingest_seconds", "A webhook, to its answer.", ("vendor", "status"), registry=to, buckets=_FAST
        )
        self._by_status: dict[tuple[str, int], Histogram] = {}
        self._mapped = Histogram(
            "mapforge_map_seconds", "One raw event's mapping.", ("vendor",), registry=to, buckets=_MAPPING
        )
        self._sent = Histogram(
            "mapforge_request_seconds", "A request to a platform.", by_kind, registry=to, buckets=_REQUEST
        )
        self._age = Histogram(
            "mapforge_deliver_seconds",
            "A delivered payload, since it was made.",
            by_kind[:2],
            registry=to,
            buckets=_AGES,
        )
        self._payloads = Counter("mapforge_payloads", "Payloads that mappings made.", ("vendor",), registry=to)
        self._faults = Counter("mapforge_faults", "Why events were not mapped.", ("vendor", "code"), registry=to)
        self._rejects = Counter("mapforge_rejects", "Why platforms reject.", ("platform", "code"), registry=to)
        self._finished = Counter("mapforge_outcomes", "What came of payloads.", by_kind, registry=to)
        self._waited = Counter("mapforge_limit_wait_seconds", "Waits for rate limits.", outlet, registry=to)
        self._breaker = Gauge("mapforge_breaker_open", "1 where an outlet rests.", outlet, registry=to)
        self._passed = Counter("mapforge_passed", "Payloads that overtook an earlier one.", outlet, registry=to)
        self._ambiguous = Counter(
            "mapforge_ambiguous", "Payloads whose request had no answer.", ("platform", "kind", "held"), registry=to
        )
        self._unknown = Counter("mapforge_unknown", "Payloads of jobs that nobody tells of.", by_kind[:2], registry=to)
        self._unwritable = Counter("mapforge_queue_unwritable", "Writes that the queue did not take.", registry=to)
        self._reloads = Counter("mapforge_reloads", "Builds that were loaded or kept out.", ("outcome",), registry=to)
        self._starts = Counter("mapforge_worker_starts", "Times that the worker began.", registry=to)
        Gauge("mapforge_info", "The version.", ("version",), registry=to).labels(__version__).set(1)

    def text(self) -> bytes:
        """All numbers in Prometheus' text format."""
        return generate_latest(self.registry)

    def ingested(self, vendor: str, status: int, seconds: float) -> None:
        # `labels` takes longer than all the rest of it.
        found = self._by_status.get((vendor, status))
        if found is None:
            found = self._by_status[vendor, status] = self._ingested.labels(vendor, status)
        found.observe(seconds)

    def reloaded(self, vendors: tuple[str, ...], problem: str | None) -> None:
        self._reloads.labels("kept" if problem else "loaded").inc()

    def delivering(self, problem: str | None) -> None:
        if problem is None:
            self._starts.inc()

    def mapped(self, vendor: str, seconds: float, payloads: int, codes: tuple[str, ...], event: int) -> None:
        self._mapped.labels(vendor).observe(seconds)
        self._payloads.labels(vendor).inc(payloads)
        for code in codes:
            self._faults.labels(vendor, code).inc()

    def sent(self, outlet: Outlet, kind: str, payloads: int, outcome: Outcome, seconds: float) -> None:
        self._sent.labels(outlet.platform, kind, word(outcome)).observe(seconds)

    def finished(self, outlet: Outlet, kind: str, outcome: Outcome, age: float, event: int) -> None:
        self._finished.labels(outlet.platform, kind, word(outcome)).inc()
        if isinstance(outcome, Rejected):
            for reason in outcome.reasons:
                self._rejects.labels(outlet.platform, reason.code).inc()
        elif isinstance(outcome, Delivered):
            self._age.labels(outlet.platform, kind).observe(age)

    def waited(self, outlet: Outlet, seconds: float) -> None:
        self._waited.labels(outlet.connection, outlet.platform).inc(seconds)

    def breaker(self, outlet: Outlet, reason: str | None) -> None:
        self._breaker.labels(outlet.connection, outlet.platform).set(int(reason is not None))

    def passed(self, outlet: Outlet, entry: str) -> None:
        self._passed.labels(outlet.connection, outlet.platform).inc()

    def ambiguous(self, outlet: Outlet, kind: str, payloads: int, held: bool) -> None:
        self._ambiguous.labels(outlet.platform, kind, str(held).lower()).inc(payloads)

    def unknown(self, outlet: Outlet, kind: str, payloads: int, reason: str) -> None:
        self._unknown.labels(outlet.platform, kind).inc(payloads)

    def unwritable(self, error: str) -> None:
        self._unwritable.inc()


def word(outcome: Outcome) -> str:
    """What an outcome is called in metrics and logs: delivered, taken, rejected, retry or held."""
    return str(outcome.__struct_config__.tag)


class QueueCollector:
    """Reads the queue's depths and ages when it is asked. now: the queue's time, in milliseconds."""

    def __init__(self, depths: Callable[[], list[Depth]], now: Callable[[], int]) -> None:
        self._depths = depths
        self._now = now

    def collect(self) -> Iterable[Metric]:
        """Rows and the oldest one's age, for each state that is not an end; neither where the queue is unreadable."""
        rows = GaugeMetricFamily("mapforge_queue_rows", "Rows in a state that is no end.", labels=("state",))
        ages = GaugeMetricFamily("mapforge_queue_oldest_seconds", "Age of the oldest of them.", labels=("state",))
        try:
            found = self._depths()
        except QueueUnwritable:
            found = []
        for one in found:
            rows.add_metric([one.state], one.rows)
            ages.add_metric([one.state], max(0, self._now() - one.oldest) / 1000)
        return [rows, ages]
