"""A build folder → its mappers, each made when it is first asked for: loading imports no mapper, no interpreter."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from mapforge import __version__
from mapforge.builds import HEAD, MANIFEST
from mapforge.diagnostics import MapforgeError

if TYPE_CHECKING:
    from mapforge.runtime.mappers import Mapper
    from mapforge.runtime.outcomes import Result

_RUN = "run: mapforge build"


class BuildError(MapforgeError):
    """A build that cannot be loaded: what is wrong, and what to run."""


class Head(msgspec.Struct, frozen=True):
    """What routes a vendor's raw events: the model without its entries.

    source is the JSON of a model.RawSource, signature that of a model.Signature or null.
    """

    name: str
    source: msgspec.Raw
    ignore: tuple[str, ...]
    platforms: tuple[str, ...]
    events: tuple[str, ...] = ()
    signature: msgspec.Raw = msgspec.Raw(b"null")


class Mappers(Mapping[str, "Mapper"]):
    """The mappers of a build, by vendor."""

    def __init__(self, build: str, engine: str, heads: Mapping[str, tuple[str, Head]]) -> None:
        self._build = build
        self._engine = engine
        self._heads = heads
        self._mappers: dict[str, Mapper] = {}

    def __getitem__(self, vendor: str) -> Mapper:
        if vendor not in self._mappers:
            folder, head = self._heads[vendor]
            from mapforge.runtime.mappers import Built, Mapper

            self._mappers[vendor] = Mapper(head, Built(self._build, folder, self._engine))
        return self._mappers[vendor]

    def map_many(
        self,
        vendor: str,
        events: Iterable[bytes | str],
        *,
        headers: Mapping[str, str] | None = None,
        to: str | Collection[str] | None = None,
        event: str | None = None,
        workers: int = 1,
    ) -> Iterator[Result]:
        """The Result of each raw event, in the order of the events and in constant memory, however many there are.

        headers, to, event: as in `map`, for all of them. workers: processes that map; they take 64 events at a time,
        fewer of large ones; for each, at most eight such chunks are in flight. events is consumed no further than that.

        Raises KeyError for an unknown vendor, ValueError for fewer than one worker or an unknown platform, WorkerError
        where a process dies. More than one need `if __name__ == "__main__"` in a script, as multiprocessing does.
        """
        from mapforge.runtime.batches import map_many

        mapper = self[vendor]
        mapper.aimed(to)
        if workers < 1:
            raise ValueError(f"there is at least one worker, not {workers}")
        return map_many(mapper, events, headers, to, event, workers)

    def __iter__(self) -> Iterator[str]:
        return iter(self._heads)

    def __len__(self) -> int:
        return len(self._heads)


class _Vendor(msgspec.Struct):
    folder: str


class _Manifest(msgspec.Struct):
    vendors: dict[str, _Vendor]
    mapforge: str = ""
    engine: str = ""


def load(build: str | os.PathLike[str] = "build") -> Mappers:
    """The mappers of a build. Raises BuildError where there is none, or one that another mapforge wrote.

    A vendor's mapper is made when it is first asked for; a raw event's code is loaded when the first such event comes.
    """
    folder = os.fspath(build)
    said = _manifest(folder)
    if said.mapforge != __version__:
        raise BuildError(f"{folder} was built by mapforge {said.mapforge or '?'}, this is {__version__}; {_RUN}")
    root = os.path.abspath(folder)  # what is loaded later must not depend on where the process then is
    heads = {name: (at.folder, _head(os.path.join(root, at.folder, HEAD))) for name, at in said.vendors.items()}
    return Mappers(root, said.engine, heads)


def _manifest(build: str) -> _Manifest:
    path = os.path.join(build, MANIFEST)
    try:
        return msgspec.json.decode(read(path), type=_Manifest)
    except (FileNotFoundError, NotADirectoryError):
        raise BuildError(f"there is no build in {build}; {_RUN}") from None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BuildError(f"{path} is damaged ({error}); {_RUN}") from None


def _head(path: str) -> Head:
    try:
        return msgspec.json.decode(read(path), type=Head)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise unreadable(path, error) from None


def unreadable(path: str, error: Exception) -> BuildError:
    """What is said of a file of the build that is not what it was written as."""
    return BuildError(f"{path} cannot be read ({error}); {_RUN}")


def read(path: str) -> bytes:
    """A file's bytes, without pathlib: it takes half as long to import as all that loading needs."""
    with open(path, "rb") as stream:
        return stream.read()
