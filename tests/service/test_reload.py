"""Hot reload: a new build is taken as a whole, a broken one is said and the last good one stays."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import mapforge
from mapforge.delivery.mapping import CurrentMappers
from mapforge.service.health import State
from mapforge.service.reload import Reloader
from tests.delivery.house import EVENTS, order
from tests.language.acme import compiled, vendor_yaml
from tests.service.place import Heard


class Watched:
    """A build in a folder, and the reloader that watches it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.build = folder / "build"
        self.rebuild("x")
        self.mappers = CurrentMappers({})
        self.state = State()
        self.heard = Heard()
        self.reloader = Reloader(lambda: mapforge.load(self.build), [self.build], self.mappers, self.state, self.heard)

    def rebuild(self, attribute: str) -> None:
        home = self.folder / f"of-{attribute}"
        home.mkdir(exist_ok=True)
        mapforge.build(compiled(home, vendor_yaml(), EVENTS.replace("x:", f"{attribute}:")), self.build)

    def property_names(self) -> str:
        mapper = self.mappers.get("acme")
        assert mapper is not None
        body = mapper.map(order(1, y="2")).payloads[0].body
        return "y" if b'"y"' in body else "x"

    def watch(self, change: Callable[[], None], until: Callable[[], bool]) -> None:
        asyncio.run(self._watch(change, until))

    async def _watch(self, change: Callable[[], None], until: Callable[[], bool]) -> None:
        await self.reloader.reload()
        stop = asyncio.Event()
        watching = asyncio.create_task(self.reloader.run(stop))
        await asyncio.sleep(0.3)
        change()
        async with asyncio.timeout(30):
            while not until():
                await asyncio.sleep(0.02)
        stop.set()
        await watching


def test_a_new_build_is_taken(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.watch(
        lambda: watched.rebuild("y"), lambda: len(watched.heard.reloads) >= 2 and watched.property_names() == "y"
    )
    assert watched.state.mappers is None
    assert watched.reloader.vendors == ("acme",)


def damage(file: Path) -> None:
    file.write_text("{")


def test_a_broken_build_is_said_and_the_last_good_one_stays(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    manifest = watched.build / "manifest.json"
    watched.watch(lambda: damage(manifest), lambda: watched.state.mappers is not None)
    assert "manifest.json is damaged" in str(watched.state.mappers)
    assert watched.heard.reloads[-1] == (("acme",), True)
    assert watched.property_names() == "x"


def test_mappers_in_use_outlive_their_build(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    asyncio.run(watched.reloader.reload())
    shutil.rmtree(watched.build)
    assert watched.property_names() == "x"
    mapper = watched.mappers.get("acme")
    assert mapper is not None
    result = mapper.map(order(1, x='"many"'))
    assert [(fault.code, fault.attribute) for fault in result.faults] == [("MF705", "x")]
