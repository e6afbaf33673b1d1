"""A connection → what is well and what is wrong with it, in words: its mapper, and each key by a harmless call."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec

from mapforge.delivery.answers import Answer, outcome_of, retry_after
from mapforge.delivery.exchange import Exchange
from mapforge.delivery.outcomes import RetryLater
from mapforge.delivery.queue import Connection, Outlet
from mapforge.delivery.secrets import SecretError, keys_of
from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import Platform, has_shops
from mapforge.runtime.mappers import Mapper
from mapforge.service.bodies import CheckOut, TestedOut
from mapforge.service.desk import Desk, known

_WELL, _WRONG, _UNPROVEN = "well", "wrong", "unproven"


async def tested(desk: Desk, connection: str) -> TestedOut:
    """Look at all of it, at the keys at once."""
    home, outlets, mapper = await asyncio.to_thread(_read, desk, connection)
    keys = await asyncio.gather(*(_key(desk, outlet) for outlet in outlets))
    checks = [*_mapper(home, outlets, mapper), _signing(home), *keys]
    return TestedOut(connection=connection, well=all(one.state != _WRONG for one in checks), checks=checks)


def _read(desk: Desk, connection: str) -> tuple[Connection, list[Outlet], Mapper | None]:
    home = known(desk.store, connection)
    return home, desk.store.outlets(connection), desk.mappers.get(home.vendor)


# ── the mapper ────────────────────────────────────────────────────────────────────────────────────


def _mapper(home: Connection, outlets: list[Outlet], mapper: Mapper | None) -> Iterator[CheckOut]:
    """Whether what comes is mapped, and to each platform."""
    if mapper is None:
        says = f"the build has no mapper of {home.vendor}, so every event is a dead letter; run: mapforge build"
        yield _check("mapper", None, _WRONG, says)
        return
    if not outlets:
        yield _check("mapper", None, _WRONG, "it sends to no platform; add one with its key")
    for outlet in outlets:
        mapped = outlet.platform in mapper.head.platforms
        known_to = ", ".join(mapper.head.platforms)
        says = f"{home.vendor} is mapped to it" if mapped else f"{home.vendor} is mapped to {known_to}, and not to it"
        yield _check("mapper", outlet, _WELL if mapped else _WRONG, says)


def _signing(home: Connection) -> CheckOut:
    """Whether its webhooks can be taken. Events may also come by other ways."""
    if home.signing is None:
        return _check(
            "signing", None, _UNPROVEN, "it has no signing secret, so no webhook is taken; add one with --signing"
        )
    return _check("signing", None, _WELL, "webhooks are held against its secret")


# ── a key ─────────────────────────────────────────────────────────────────────────────────────────


async def _key(desk: Desk, outlet: Outlet) -> CheckOut:
    """Ask the platform."""
    platform, settings = PLATFORMS[outlet.platform], desk.store.settings
    try:
        secret = (desk.keys or keys_of({})).open(outlet.key)
        origin = settings.origins.get(outlet.platform)
        async with Exchange(secret, settings, origin, outlet.shop, desk.transport) as exchange:
            answer = await exchange.probe(platform.probe)
    except (SecretError, ValueError) as error:
        return _check("key", outlet, _WRONG, f"{error}; add the key again")
    state, says = _read_answer(platform, answer)
    return _check("key", outlet, state, says)


def _read_answer(platform: Platform, answer: Answer | RetryLater) -> tuple[str, str]:
    if isinstance(answer, RetryLater):
        return _WRONG, answer.reason
    if answer.status in (401, 403):
        return _refused(platform, answer.status)
    if answer.status == 429:
        wait = retry_after(answer)
        return _UNPROVEN, f"{platform.title} has had too many requests; ask again in {wait or 60:.0f} s"
    if answer.status == 404 and has_shops(platform):
        return _WRONG, f"{platform.title} knows no such shop"
    if not 200 <= answer.status < 300:
        return _WRONG, f"{platform.title} answers {answer.status}"
    return _welcome(platform, answer)


def _refused(platform: Platform, status: int) -> tuple[str, str]:
    """401: nobody's key. 403: somebody's, who may not ask this; that he may send is not seen then."""
    right, needs = platform.probe.right, " and ".join(platform.probe.needs)
    if status == 401 or right is None:
        return _WRONG, f"{platform.title} refuses the key ({status}); add the right one"
    return _UNPROVEN, f"{platform.title} knows the key, which has no {right} to ask more; to send, it needs {needs}"


def _welcome(platform: Platform, answer: Answer) -> tuple[str, str]:
    """Whether it is the platform that answers, and what it lists of the key's rights."""
    probe = platform.probe
    try:
        body = msgspec.json.decode(answer.body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        body = None
    if not isinstance(body, dict) or probe.member not in body:
        return _WRONG, f"what answers there is not {platform.title}"
    outcome = outcome_of(answer, graphql=probe.query is not None)
    if isinstance(outcome, RetryLater) and outcome.limited:
        return _UNPROVEN, f"{platform.title} has had too many requests; ask again in a minute"
    if probe.listed:
        return _rights(platform, body)
    return _WELL, f"{platform.title} knows the key"


def _rights(platform: Platform, body: Any) -> tuple[str, str]:
    for name in platform.probe.listed:
        body = body.get(name) if isinstance(body, dict) else None
    if not isinstance(body, list):
        return _UNPROVEN, f"{platform.title} knows the key, and does not say what it may do"
    has = {one.get("handle") for one in body if isinstance(one, dict)}
    missing = [right for right in platform.probe.needs if right not in has]
    if missing:
        return _WRONG, f"{platform.title} knows the key, which has no right to {' and '.join(missing)}"
    return _WELL, f"{platform.title} knows the key, and it may send"


def _check(of: str, outlet: Outlet | None, state: str, says: str) -> CheckOut:
    platform = None if outlet is None else outlet.platform
    return CheckOut.model_validate({"platform": platform, "of": of, "state": state, "says": says})
