"""Settings and mappers → a service that runs until it is told to stop, and then ends what it began."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from mapforge.delivery.mapping import CurrentMappers
from mapforge.delivery.queue import LeaseLost, WorkerAlive
from mapforge.delivery.run import Delivery, Wait
from mapforge.delivery.secrets import Keys
from mapforge.delivery.store.file import Store
from mapforge.service.admin import admin_app
from mapforge.service.app import operators_app, webhook_app
from mapforge.service.desk import Desk
from mapforge.service.dry_run import DryRun
from mapforge.service.health import Health, State
from mapforge.service.ingest import Ingest
from mapforge.service.logs import Forward, Journal, Logger
from mapforge.service.metrics import Metrics, QueueCollector
from mapforge.service.observer import Observers, ServiceObserver
from mapforge.service.reload import Load, Reloader
from mapforge.service.server import Listener, listen
from mapforge.service.settings import Settings
from mapforge.service.traces import NoTraces, Traces, exported

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_AGAIN = 5.0


class Worker:
    """The delivery of this process, begun anew where it ends without being told to. begin: makes one."""

    def __init__(self, begin: Callable[[], Delivery], state: State, observer: ServiceObserver) -> None:
        self._begin = begin
        self._state = state
        self._observer = observer
        self._delivery: Delivery | None = None
        self._stopping = asyncio.Event()

    def arrived(self) -> None:
        """An event is in the queue."""
        if self._delivery is not None:
            self._delivery.arrived()

    def waits(self) -> list[Wait]:
        """What outlets wait for."""
        return [] if self._delivery is None else self._delivery.waits()

    def stop(self) -> None:
        """End what was begun."""
        self._stopping.set()
        if self._delivery is not None:
            self._delivery.stop()

    async def run(self) -> None:
        """Deliver until `stop`."""
        while not self._stopping.is_set():
            problem = await self._once()
            if self._stopping.is_set():
                return
            if problem != self._state.worker:
                self._observer.delivering(problem)
            self._state.worker = problem
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _AGAIN)

    async def _once(self) -> str:
        """Deliver for as long as it goes; why it ended."""
        self._delivery = self._begin()
        running = asyncio.create_task(self._delivery.run())
        try:
            await self._joined(running)
            await running
        except (WorkerAlive, LeaseLost) as error:
            return str(error)
        except Exception as error:
            # Whatever it was, the queue still holds everything, and webhooks are still taken.
            return f"{type(error).__name__}"
        return "it ended"

    async def _joined(self, running: asyncio.Task[None]) -> None:
        """Say that it delivers, once it has not been refused at once."""
        done, _ = await asyncio.wait([running], timeout=1.0)
        if not done:
            self._state.worker = None
            self._observer.delivering(None)


class Service:
    """All parts of a service around a queue. load: reads the mappers; watched: the folders that they come from.

    more: observers besides the metrics and the log. provider: where spans go; None: nowhere.
    """

    def __init__(
        self,
        store: Store,
        keys: Keys,
        settings: Settings,
        load: Load,
        watched: Sequence[Path],
        log: Logger,
        more: Sequence[ServiceObserver] = (),
        provider: TracerProvider | None = None,
    ) -> None:
        self.settings = settings
        self.state = State()
        self.mappers = CurrentMappers({})
        self.metrics = Metrics()
        self.metrics.registry.register(QueueCollector(store.depths, store.clock.now))
        traces = None if provider is None else Traces(provider, store.event)
        observer = Observers(self.metrics, Journal(log), *more, *filter(None, [traces]))
        self.worker = Worker(lambda: Delivery(store, self.mappers, keys, observer), self.state, observer)
        self.reloader = Reloader(load, watched, self.mappers, self.state, observer)
        self.health = Health(store, self.state, lambda: self.reloader.vendors, settings.workers)
        self.desk = Desk(store, self.mappers, keys, waits=self.worker.waits)
        self.ingest = Ingest(store, self.mappers, keys, settings, observer, self.worker.arrived, traces or NoTraces())

    def webhooks(self) -> ASGIApp:
        """What answers vendors."""
        return webhook_app(self.ingest, DryRun(self.mappers, self.settings), self.health, self.settings)

    def admin(self) -> ASGIApp:
        """What answers operators."""
        calls = admin_app(self.desk, self.settings.token)
        return operators_app(calls, self.health, self.metrics.text)

    def listeners(self, webhooks: bool) -> list[Listener]:
        """Where it is to answer, vendors first. MapforgeError where an address is taken."""
        settings = self.settings
        asked = [(self.webhooks(), settings.host, settings.port)] if webhooks else []
        asked.append((self.admin(), settings.admin_host, settings.admin_port))
        return [Listener(app, listen(host, port), settings.drain) for app, host, port in asked]

    async def run(self, listeners: Sequence[Listener], stop: asyncio.Event) -> None:
        """Answer and deliver until told to stop; then take no more, and end what was begun."""
        answering = [asyncio.create_task(one.answer()) for one in listeners]
        watching = asyncio.create_task(self.reloader.run(stop))
        delivering = asyncio.create_task(self.worker.run()) if self.settings.workers else None
        await stop.wait()
        self.state.stopping = True
        for one in listeners:
            one.should_exit = True
        self.worker.stop()
        ending = [*answering, watching, *([] if delivering is None else [delivering])]
        _, late = await asyncio.wait(ending, timeout=self.settings.drain)
        for task in late:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)


Told = Callable[[Sequence[Listener]], None]


def serve(
    settings: Settings,
    keys: Keys,
    load: Load,
    watched: Sequence[Path],
    log: Logger,
    told: Told,
    *,
    webhooks: bool = True,
) -> None:
    """Run a service until SIGTERM or SIGINT; a second one ends it at once, and the queue still holds everything.

    told: called with what listens, once it does. Raises MapforgeError where it cannot begin: the queue, an address.
    """
    tracing = exported() if settings.traces else contextlib.nullcontext()
    with Store(settings.queue, settings.of_delivery) as store, _forwarded(log), tracing as provider:
        service = Service(store, keys, settings, load, watched, log, provider=provider)
        with asyncio.Runner(loop_factory=_loop()) as runner:
            runner.run(_until_signal(service, webhooks, log, told))


async def _until_signal(service: Service, webhooks: bool, log: Logger, told: Told) -> None:
    await service.reloader.reload()
    listeners = service.listeners(webhooks)
    stop = asyncio.Event()
    with _signals(stop, log):
        __import__("sys").setswitchinterval(0.0005)
        gc.collect()
        gc.freeze()  # what lives as long as the process is not looked through again and again
        told(listeners)
        log.info("listening", at=[one.url for one in listeners])
        await service.run(listeners, stop)
        log.info("stopped")


@contextlib.contextmanager
def _signals(stop: asyncio.Event, log: Logger) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    caught = (signal.SIGTERM, signal.SIGINT)

    def first(number: int) -> None:
        for one in caught:
            signal.signal(one, signal.SIG_DFL)
        log.info("stopping", signal=signal.Signals(number).name)
        stop.set()

    before = [signal.signal(one, lambda number, _: loop.call_soon_threadsafe(first, number)) for one in caught]
    try:
        yield
    finally:
        for one, handler in zip(caught, before, strict=True):
            signal.signal(one, handler)


@contextlib.contextmanager
def _forwarded(log: Logger) -> Iterator[None]:
    """What uvicorn and others warn of, among our lines."""
    root, handler = logging.getLogger(), Forward(log)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's where there is one."""
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop
