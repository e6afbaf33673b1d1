"""A path → a lock that one process holds and that ends with it, however it ends."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

from mapforge.delivery.queue import QueueUnwritable

if sys.platform == "win32":

    def held_alone(path: Path) -> IO[bytes] | None:
        """None: there is no such lock here, and a lease's time alone counts."""
        return None

else:
    import fcntl

    def held_alone(path: Path) -> IO[bytes] | None:
        """The lock, or None while another process, or another call, has it. QueueUnwritable where there can be none."""
        try:
            file = path.open("ab")
        except OSError as error:
            raise QueueUnwritable(f"the queue cannot be written: {error}") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return None
        return file


def let_go(lock: IO[bytes] | None) -> None:
    """Give a lock back."""
    if lock is not None:
        lock.close()
