"""A file or an address of raw events → a connection's queue, with a bar that shows how far it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mapforge.cli.progress import Progress
from mapforge.cli.project import WrongCall, headers_of, shown, unknown
from mapforge.delivery.queue import QueueBusy
from mapforge.delivery.secrets import Secret
from mapforge.delivery.sources import source_of
from mapforge.delivery.store.file import Store
from mapforge.delivery.sync import Tally, sync
from mapforge.diagnostics import MapforgeError, escaped

VARIABLE = "MAPFORGE_SYNC_AUTHORIZATION"
_BUSY = """\
{error}.
Stop the service, run this again and start the service. What was taken of the source until then stays taken."""


def sync_into(
    queue: Path,
    connection: str,
    where: str,
    event: str | None,
    anew: bool,
    progress: Progress,
    environment: Mapping[str, str] = os.environ,
) -> Tally:
    """Take what is not taken yet. Raises WrongCall for a queue or a connection that is not there, and MapforgeError."""
    if not queue.is_file():
        raise WrongCall(f"there is no queue {shown(queue)}; name it with --queue")
    secret = environment.get(VARIABLE)
    source = source_of(where, None if secret is None else Secret(secret))
    headers = {} if "://" in where else headers_of(Path(where))
    with _opened(queue) as store:
        if store.connection(connection) is None:
            raise unknown("connection", connection, [one.id for one in store.connections()], f" in {shown(queue)}")

        def tell(size: int, tally: Tally, unread: Sequence[int]) -> None:
            progress.step(size, tally.lines, tally)
            for number in unread:
                progress.say(escaped(f"{source.shown}:{number}: no JSON; it becomes a dead letter"))

        return sync(
            store,
            source,
            connection,
            event,
            lambda event_id, raw: store.accept(connection, event_id, raw, headers, event),
            tell,
            anew,
        )


def _opened(queue: Path) -> Store:
    """The queue, to write. Where another process writes it, with what to do."""
    try:
        return Store(queue)
    except QueueBusy as error:
        raise MapforgeError(_BUSY.format(error=error)) from None


def progress_of(where: str) -> Progress:
    """A bar on a terminal, up to the size of a file."""
    size = Path(where).stat().st_size if "://" not in where and Path(where).is_file() else None
    return Progress(sys.stderr, size, bar=sys.stderr.isatty())
