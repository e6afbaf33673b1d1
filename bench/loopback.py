"""The look-alikes in a process of their own, a queue on disk that sends to them, and a port to listen at."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import mapforge
from mapforge.delivery.mapping import CurrentMappers
from mapforge.delivery.queue import Connection
from mapforge.delivery.secrets import Keys, Secret, fresh_key
from mapforge.delivery.settings import Settings
from mapforge.delivery.store.file import Store

KEYS = Keys((fresh_key(),))
# What each platform takes for a key, of the account that stands in it.
KEY_OF = {"klaviyo": "pk_{account}", "omnisend": "{account}"}
VENDOR = """\
mapforge: 1
vendor: acme
source: {event: type, id: id, time: at}
identity: {email: email}
platforms: {klaviyo: {}, omnisend: {origin: acme}}
"""
EVENTS = "Order: {trigger: {event: order}, attributes: {number: integer, note: text}}\n"
PROFILE = "Member: {trigger: {event: member}, bulk: {batch: 500}, attributes: {number: integer, note: text}}\n"
_NOTE = "a text of about the size that a product's name, its address and a few such things have together, so that it"


class Fakes:
    """What the look-alikes at an address are told, and say."""

    def __init__(self, url: str) -> None:
        self.origins = {platform: f"{url}/{platform}" for platform in KEY_OF}
        self._url = url

    def control(self, **told: Any) -> None:
        """Tell them to fail, or with `do="normal"` not to."""
        urlopen(Request(f"{self._url}/_control", json.dumps(told).encode())).close()

    def calls(self, **wanted: str) -> list[dict[str, Any]]:
        """The calls that came, oldest first."""
        said: list[dict[str, Any]] = self._asked("_calls", wanted)["calls"]
        return said[::-1]

    def items(self, **wanted: str) -> list[dict[str, Any]]:
        """The events and profiles that came, oldest first."""
        said: list[dict[str, Any]] = self._asked("_received", wanted)["items"]
        return said[::-1]

    def counts(self, **wanted: str) -> dict[str, int]:
        """How many of each outcome."""
        return {row["outcome"]: row["count"] for row in self._asked("_received", {**wanted, "limit": "0"})["counts"]}

    def _asked(self, what: str, wanted: dict[str, str]) -> Any:
        with urlopen(f"{self._url}/{what}?{urlencode({'limit': '1000000', **wanted})}") as answer:
            return json.load(answer)


@contextmanager
def fakes(limits: str = "real", keep: int = 200_000) -> Iterator[Fakes]:
    """The look-alikes, until the block ends."""
    command = [sys.executable, "-m", "mapforge", "fake-platforms", "--port", "0"]
    with subprocess.Popen(
        [*command, "--limits", limits, "--keep", str(keep)], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        try:
            found = next(re.finditer(r"http://[\d.]+:\d+", process.stderr.readline()))
            yield Fakes(found[0])
        finally:
            process.kill()


def mappers(folder: Path) -> CurrentMappers:
    """The vendor acme, compiled."""
    home = folder / "mappings" / "acme"
    home.mkdir(parents=True)
    for name, text in {"vendor": VENDOR, "events": EVENTS, "profile": PROFILE}.items():
        (home / f"{name}.yaml").write_text(text)
    return CurrentMappers(mapforge.load(mapforge.build(mapforge.compile_vendor(home), folder / "build")))


@contextmanager
def queue(path: Path, settings: Settings, *outlets: tuple[str, str]) -> Iterator[Store]:
    """A queue with a connection for each account, and its outlet; outlets: platform and account."""
    with Store(path, settings) as store:
        for platform, account in outlets:
            store.add_connection(Connection(id=account, merchant=account, vendor="acme")).result()
            key = Secret(KEY_OF[platform].format(account=account))
            store.add_outlet(account, platform, KEYS.seal(key)).result()
        yield store


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def raw(kind: str, number: int) -> bytes:
    """A raw event: `order`, or the `member` that updates a profile. Each of them is another person's."""
    head = {"type": kind, "id": f"{kind}{number}", "at": "2026-03-01T12:00:00Z"}
    return json.dumps({**head, "email": f"c{number}@post.example", "number": number, "note": _NOTE}).encode()
