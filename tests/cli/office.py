"""A project with a queue, events on their way to platforms that answer as a test says, and operators' calls there."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from mapforge.cli.project import Project
from mapforge.delivery.secrets import Secret
from mapforge.delivery.store.file import Store
from mapforge.service.admin import admin_app
from mapforge.service.desk import Desk
from tests.cli.calls import Done, call
from tests.delivery.house import KEYS, QUICK, SECRET_KEY, House, Respond

KEY = "pk_live_abcdefgh"
TOKEN = "token-of-the-test"


class Operator:
    """Calls of an operator in a project. Whatever they print is kept, to be searched for secrets."""

    def __init__(self, project: Path, monkeypatch: pytest.MonkeyPatch, vendor: str = "acme") -> None:
        self.project = project
        self.vendor = vendor
        self.queue = project / "queue.db"
        self.said: list[str] = []
        self.environment = monkeypatch
        for name in ("MAPFORGE_ADMIN_URL", "MAPFORGE_ADMIN_TOKEN", "MAPFORGE_QUEUE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("MAPFORGE_SECRET_KEY", SECRET_KEY)
        monkeypatch.setenv("KEY_OF_THE_TEST", KEY)

    def __call__(self, *arguments: str | Path, stdin: str = "") -> Done:
        """`mapforge …` in the project."""
        done = call(*arguments, cwd=self.project, stdin=stdin.encode())
        self.said += [done.out, done.err]
        return done

    def ok(self, *arguments: str | Path, stdin: str = "") -> str:
        """The results of a call that is well."""
        done = self(*arguments, stdin=stdin)
        assert done.code == 0, done
        return done.out

    def connected(self, *platforms: str) -> None:
        """The connection `shop` with these platforms."""
        to = [word for platform in platforms for word in ("--to", platform)]
        self.ok("connections", "add", "shop", "--vendor", self.vendor, *to, stdin=f"{KEY}\n" * len(platforms))

    @contextmanager
    def house(self, respond: Respond | None = None) -> Iterator[House]:
        """The queue with its worker, and the mappers of the project as it is now."""
        with Store(self.queue, QUICK) as store:
            mapper = Project(self.project).mapper(self.vendor)
            home = House(store, mapper, respond)
            home.mappers.replace({self.vendor: mapper})
            yield home

    def delivered(self, *raws: bytes, respond: Respond | None = None) -> House:
        """What came of these events, and of what waited."""
        with self.house(respond) as home:
            home.accept_all(raws)
            home.deliver()
            return home

    def hides(self, *words: str) -> bool:
        """Whether none of these was ever printed."""
        return not any(word in one for word in words for one in self.said)

    @contextmanager
    def service(self) -> Iterator[str]:
        """A service that has the queue, on loopback; its address, with its token in the environment."""
        with Store(self.queue, QUICK) as store:
            desk = Desk(store, {self.vendor: Project(self.project).mapper(self.vendor)}, KEYS)
            with _served(uvicorn.Config(admin_app(desk, Secret(TOKEN)), log_config=None, lifespan="off")) as url:
                self.environment.setenv("MAPFORGE_ADMIN_TOKEN", TOKEN)
                yield url
                self.environment.delenv("MAPFORGE_ADMIN_TOKEN")


@contextmanager
def _served(config: uvicorn.Config) -> Iterator[str]:
    server, listener = uvicorn.Server(config), socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while thread.is_alive() and not server.started:
            time.sleep(0.002)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
