"""A queue and mappers → everything delivered: maps what comes in, and runs senders for each outlet that is on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import httpx
import msgspec

from mapforge import model
from mapforge.delivery.breaker import Breaker
from mapforge.delivery.exchange import Exchange
from mapforge.delivery.lane import Lane
from mapforge.delivery.limits import Accounts
from mapforge.delivery.mapping import VendorMappers, mapped
from mapforge.delivery.observer import Observer
from mapforge.delivery.queue import Event, LeaseLost, Mapped, Outlet, Queue, QueueUnwritable
from mapforge.delivery.secrets import Keys, SecretError
from mapforge.delivery.sender import Sender
from mapforge.platforms import PLATFORMS

_LOOK = 2.0
_SWEEP = 3600.0


class Wait(msgspec.Struct, frozen=True):
    """An outlet that sends nothing for so many seconds, and why. outlet None: the whole queue, which takes nothing."""

    outlet: Outlet | None
    reason: str
    seconds: float


class Delivery:
    """The worker of a queue. `run` until `stop`; work that was begun is ended, what was not is left to the next one.

    transport: for tests. WorkerAlive from `run` where another worker has the queue.
    """

    def __init__(
        self,
        store: Queue,
        mappers: VendorMappers,
        keys: Keys,
        observer: Observer | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._store = store
        self._mappers = mappers
        self._keys = keys
        self._observer = observer or Observer()
        self._transport = transport
        self._accounts = Accounts()
        self._stopping = asyncio.Event()
        self._arrived = asyncio.Event()
        self._outlets: dict[int, _Running] = {}

    def arrived(self) -> None:
        """An event was accepted: it need not wait for the next look. From the event loop's thread."""
        self._arrived.set()

    def stop(self) -> None:
        """End what was begun, and return from `run`. From the event loop's thread."""
        self._stopping.set()
        self._arrived.set()
        for running in self._outlets.values():
            running.stop()

    def waits(self) -> list[Wait]:
        """What outlets wait for, the ordinary rate limits apart, and the queue where it cannot be written."""
        reason = self._store.unwritable
        queue = [] if reason is None else [Wait(None, reason, self._store.settings.idle)]
        return queue + [wait for running in self._outlets.values() for wait in running.waits()]

    async def run(self) -> None:
        """Deliver. LeaseLost where this process was silent for so long that another worker took over."""
        worker = await asyncio.to_thread(self._store.join)
        lost = False
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._renew(worker))
                group.create_task(self._map(worker))
                group.create_task(self._keep_outlets(worker))
                group.create_task(self._sweep())
        except* LeaseLost:
            lost = True
        except* BaseException:
            self._store.abandon()
            raise
        if lost:
            self._store.abandon()
            raise LeaseLost(f"worker {worker} was silent too long; another one has its work")
        await asyncio.to_thread(self._store.leave, worker)

    async def _renew(self, worker: int) -> None:
        """Say that this worker lives, three times in a lease."""
        while not self._stopping.is_set() or self._outlets:
            try:
                await asyncio.wrap_future(self._store.renew(worker))
            except QueueUnwritable as error:
                self._observer.unwritable(str(error))
            await self._pause(self._store.settings.lease / 3)

    async def _pause(self, seconds: float) -> None:
        """So long, or until `stop`; then a moment, for those that wait for the end of others."""
        if self._stopping.is_set():
            await asyncio.sleep(0.1)
            return
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    # ── mapping ───────────────────────────────────────────────────────────────────────────────────

    async def _map(self, worker: int) -> None:
        while not self._stopping.is_set():
            self._arrived.clear()
            events = await self._leased(worker)
            if events:
                await self._map_batch(worker, events)
            else:
                await self._until_arrived()

    async def _leased(self, worker: int) -> list[Event]:
        try:
            return await asyncio.wrap_future(self._store.lease_events(worker, self._store.settings.map_batch))
        except QueueUnwritable as error:
            self._observer.unwritable(str(error))
            return []

    async def _until_arrived(self) -> None:
        try:
            await asyncio.wait_for(self._arrived.wait(), self._store.settings.idle)
        except TimeoutError:
            return

    async def _map_batch(self, worker: int, events: list[Event]) -> None:
        """Map and write, however long it takes to write; then wake who sends."""
        timed = await asyncio.to_thread(self._mapped, events)
        done = [one for one, _ in timed]
        for event, (one, seconds) in zip(events, timed, strict=True):
            codes = tuple(reason.code for reason in one.reasons)
            self._observer.mapped(event.connection.vendor, seconds, len(one.payloads), codes, event.id)
        while not await self._written(worker, done):
            await asyncio.sleep(self._store.settings.idle)
        for outlet in {payload.outlet for one in done for payload in one.payloads}:
            if outlet in self._outlets:
                self._outlets[outlet].wake()

    def _mapped(self, events: list[Event]) -> list[tuple[Mapped, float]]:
        """What comes of each, with its seconds."""
        done = []
        for event in events:
            began = time.perf_counter()
            done.append((mapped(event, self._mappers), time.perf_counter() - began))
        return done

    async def _written(self, worker: int, done: list[Mapped]) -> bool:
        try:
            await asyncio.wrap_future(self._store.mapped(worker, done))
        except QueueUnwritable as error:
            self._observer.unwritable(str(error))
            return False
        return True

    # ── sending ───────────────────────────────────────────────────────────────────────────────────

    async def _keep_outlets(self, worker: int) -> None:
        """Run the senders of what is on; look again every few seconds."""
        async with asyncio.TaskGroup() as group:
            while not self._stopping.is_set():
                try:
                    wanted = {outlet.id: outlet for outlet, _ in await asyncio.to_thread(self._store.running)}
                    await self._look(worker, wanted, group)
                except QueueUnwritable as error:
                    self._observer.unwritable(str(error))
                await self._pause(_LOOK)
        self._outlets.clear()

    async def _look(self, worker: int, wanted: Mapping[int, Outlet], group: asyncio.TaskGroup) -> None:
        """Stop what is off or has another key, and start what is on and does not run."""
        for number, running in list(self._outlets.items()):
            if running.ended:
                del self._outlets[number]
            elif running.outlet_key != _key(wanted.get(number)):
                running.stop()
        for outlet in wanted.values():
            if outlet.id not in self._outlets:
                await self._start(worker, outlet, group)

    async def _start(self, worker: int, outlet: Outlet, group: asyncio.TaskGroup) -> None:
        """An outlet whose key cannot be opened is not started; it says so and the others go on."""
        try:
            running = _Running(self._lane(worker, outlet), outlet)
            await asyncio.wrap_future(self._store.release(worker, outlet.id))
        except (SecretError, ValueError) as error:
            if outlet.trouble != str(error):
                self._observer.breaker(outlet, str(error))
                self._store.trouble(outlet.id, str(error))
            return
        if self._stopping.is_set():
            return  # `stop` has looked at the outlets already, and would leave this one running
        if outlet.trouble is not None:
            self._store.trouble(outlet.id, None)
        self._outlets[outlet.id] = running
        group.create_task(running.run())

    def _lane(self, worker: int, outlet: Outlet) -> Lane:
        settings, platform = self._store.settings, PLATFORMS[outlet.platform]
        secret = self._keys.open(outlet.key)
        origin = settings.origins.get(outlet.platform)
        return Lane(
            outlet=outlet,
            store=self._store,
            worker=worker,
            settings=settings,
            exchange=Exchange(secret, settings, origin, outlet.shop, self._transport),
            account=self._accounts.of(platform, secret.fingerprint),
            breaker=Breaker(settings),
            slots=asyncio.Semaphore(settings.in_flight),
            observer=self._observer,
            model_of=self._model_of,
        )

    def _model_of(self, vendor: str) -> model.Vendor | None:
        mapper = self._mappers.get(vendor)
        return None if mapper is None else mapper.model

    async def _sweep(self) -> None:
        """Delete what is old, at the start and every hour."""
        while not self._stopping.is_set():
            try:
                await asyncio.to_thread(self._store.sweep)
                await asyncio.wrap_future(self._store.vacuum())
            except QueueUnwritable as error:
                self._observer.unwritable(str(error))
            await self._pause(_SWEEP)


class _Running:
    """The senders of one outlet, one for each kind that its platform takes."""

    def __init__(self, lane: Lane, outlet: Outlet) -> None:
        self.outlet_key = _key(outlet)
        self.ended = False
        self._lane = lane
        self._senders = [Sender(lane, endpoint) for endpoint in PLATFORMS[outlet.platform].endpoints.values()]

    def wake(self) -> None:
        for sender in self._senders:
            sender.wake()

    def stop(self) -> None:
        for sender in self._senders:
            sender.stop()

    def waits(self) -> list[Wait]:
        breaker = self._lane.breaker
        if breaker.reason is not None:
            return [Wait(self._lane.outlet, breaker.reason, breaker.wait)]
        paused = max(sender.paused for sender in self._senders)
        return [Wait(self._lane.outlet, "the platform asked to wait", paused)] if paused > 0 else []

    async def run(self) -> None:
        try:
            async with self._lane.exchange, asyncio.TaskGroup() as group:
                for sender in self._senders:
                    group.create_task(sender.run())
                    if sender.watcher is not None:
                        group.create_task(sender.watcher.run())
        except* LeaseLost:
            raise
        except* Exception as broken:
            # One outlet's fault is no other's: its senders start anew, and what they had leased is given back.
            self._lane.observer.breaker(self._lane.outlet, f"its sender failed: {type(broken.exceptions[0]).__name__}")
        finally:
            self.ended = True


def _key(outlet: Outlet | None) -> tuple[bytes, str | None] | None:
    """What an outlet is started with: where that changes it is started anew."""
    return None if outlet is None else (outlet.key, outlet.shop)
