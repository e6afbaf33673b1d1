"""A project → a service of its vendors; for a first look one with look-alikes of the platforms beside it."""

from __future__ import annotations

import shlex
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mapforge.cli.project import Project, headers_of, queue_file, shown
from mapforge.delivery.queue import Connection
from mapforge.delivery.secrets import Keys, Secret, fresh_key, keys_of
from mapforge.delivery.store.file import Store
from mapforge.fakes import server as fakes
from mapforge.fakes.settings import Settings as FakeSettings
from mapforge.runtime.load import load
from mapforge.runtime.mappers import Mapper
from mapforge.service.logs import logger_of
from mapforge.service.reload import Load
from mapforge.service.run import serve
from mapforge.service.server import Listener
from mapforge.service.settings import settings_of, unknown_variables
from mapforge.service.signatures import sign

SECRET = "only-to-try"
TOKEN = "only-to-try-as-operator"


def run(project: Project, given: Mapping[str, Any], *, webhooks: bool = True) -> None:
    """Serve until a signal. given: settings of the call, which count before the environment's; None: not given."""
    queue = queue_file(given.get("queue"), lambda: project)
    settings = settings_of(**{**given, "queue": queue})
    log = logger_of(settings.log_level, settings.log_format)
    for name in unknown_variables():
        log.warning("nothing reads this variable", variable=name)
    serve(settings, keys_of(), mappers_of(project), _watched(project), log, lambda _: None, webhooks=webhooks)


def try_out(project: Project, given: Mapping[str, Any]) -> None:
    """Serve with a queue in a folder that goes again, a connection for each vendor, and look-alikes to deliver to."""
    keys, port = Keys((fresh_key(),)), 0 if given.get("port") == 0 else fakes.PORT
    with tempfile.TemporaryDirectory(prefix="mapforge-") as folder, fakes.running(FakeSettings(), port=port) as at:
        origins = {"klaviyo": at.klaviyo, "omnisend": at.omnisend, "shopify": at.shopify}
        own = {"queue": Path(folder) / "queue.db", "delivery": {"origins": origins}, "admin_token": TOKEN}
        settings = settings_of(**{**given, **own})
        mappers = mappers_of(project)
        _connect(settings.queue, mappers(), keys)

        def told(listeners: Sequence[Listener]) -> None:
            print(_welcome(project, mappers(), [one.url for one in listeners], at.url), file=sys.stderr, flush=True)

        serve(settings, keys, mappers, _watched(project), logger_of(settings.log_level, settings.log_format), told)


def mappers_of(project: Project) -> Load:
    """What reads the project's mappers: those of the build where it fits the mappings, else compiled in memory."""
    if not project.mappings.is_dir():
        return lambda: load(project.build)
    return lambda: {name: project.mapper(name) for name in project.names()}


def _watched(project: Project) -> list[Path]:
    return [folder for folder in (project.mappings, project.build) if folder.is_dir()]


# ── a first look ──────────────────────────────────────────────────────────────────────────────────


def _connect(queue: Path, mappers: Mapping[str, Mapper], keys: Keys) -> None:
    """A connection for each vendor, called like it, to all platforms that it is mapped to."""
    with Store(queue) as store:
        for name, mapper in mappers.items():
            signing = keys.seal(Secret(SECRET))
            store.add_connection(Connection(id=name, merchant="A first look", vendor=name, signing=signing)).result()
            for platform in mapper.head.platforms:
                shop = _SHOP if platform == "shopify" else None
                store.add_outlet(name, platform, keys.seal(Secret(_KEYS[platform])), shop).result()


_SHOP = "try.myshopify.com"
_KEYS = {"klaviyo": "pk_try", "omnisend": "try", "shopify": "shpat_try"}


def _welcome(project: Project, mappers: Mapping[str, Mapper], urls: Sequence[str], page: str) -> str:
    """What to type, a line for each vendor that has a sample."""
    calls = [_call(project, name, mapper, urls[0]) for name, mapper in mappers.items() if project.samples(name)]
    listed = "\n".join(f"  {one}" for one in calls)
    return _WELCOME.format(calls=listed, page=page, url=urls[1], token=TOKEN)


_WELCOME = """\
Send a sample:
{calls}
What the platforms got: {page}
Ask as an operator: MAPFORGE_ADMIN_URL={url} MAPFORGE_ADMIN_TOKEN={token} mapforge top
Stop with Ctrl-C."""


def _call(project: Project, name: str, mapper: Mapper, url: str) -> str:
    """A vendor's webhook by curl, signed."""
    sample = project.samples(name)[0]
    headers = {**headers_of(sample), **sign(mapper.signature, Secret(SECRET), sample.read_bytes(), time.time())}
    said = " ".join(f"-H {shlex.quote(f'{key}: {value}')}" for key, value in headers.items())
    return f"curl {said} --data-binary @{shlex.quote(shown(sample))} {url}/v1/ingest/{name}"
