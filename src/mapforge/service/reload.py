"""A build that changes on disk → the mappers in use, swapped at once; the last good ones where it cannot be loaded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

from mapforge.builds import KEPT
from mapforge.delivery.mapping import CurrentMappers
from mapforge.diagnostics import MapforgeError
from mapforge.runtime.mappers import Mapper
from mapforge.service.health import State
from mapforge.service.observer import ServiceObserver

Load = Callable[[], Mapping[str, Mapper]]


class Reloader:
    """Watches folders. load: reads the mappers anew, or raises MapforgeError."""

    def __init__(
        self, load: Load, watched: Sequence[Path], mappers: CurrentMappers, state: State, observer: ServiceObserver
    ) -> None:
        self._load = load
        self._watched = watched
        self._mappers = mappers
        self._state = state
        self._observer = observer
        self.vendors: tuple[str, ...] = ()

    async def run(self, stop: asyncio.Event) -> None:
        """Load again whenever something in the folders has changed, until told to stop."""
        folders = [folder for folder in self._watched if folder.is_dir()]
        if not folders:
            return
        async for _ in awatch(*folders, watch_filter=_matters, stop_event=stop, ignore_permission_denied=True):
            await self.reload()

    async def reload(self) -> None:
        """Take the mappers of now. Whatever is wrong with them is said, and those before stay."""
        try:
            loaded = await asyncio.to_thread(self._whole)
        except (MapforgeError, OSError) as error:
            self._state.mappers = str(error)
            self._observer.reloaded(self.vendors, str(error))
            return
        self._state.mappers = None
        self.vendors = tuple(loaded)
        self._mappers.replace(loaded)
        self._observer.reloaded(self.vendors, None)

    def _whole(self) -> dict[str, Mapper]:
        """All mappers with their models read, so that a build that is taken away later harms none in use."""
        loaded = dict(self._load())
        for mapper in loaded.values():
            mapper.prepare()
        return loaded


_filter = DefaultFilter()


def _matters(change: Change, path: str) -> bool:
    """Whether a file is none that loading itself writes, nor an editor's."""
    return KEPT not in Path(path).parts and _filter(change, path)
