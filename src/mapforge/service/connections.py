"""What is said of a connection → the connection as it is to be, and what that changes. Secrets are sealed at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
from pydantic import SecretStr

from mapforge.delivery.queue import Connection, NewOutlet, Outlet
from mapforge.delivery.secrets import Secret, SecretError, keys_of
from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import has_shops
from mapforge.service.bodies import (
    ChangedOut,
    ConnectionIn,
    ConnectionOut,
    ConnectionsOut,
    OutletIn,
    OutletOut,
    OutletSwitchIn,
    SwitchIn,
)
from mapforge.service.desk import Desk, known
from mapforge.service.problems import NOT_SO, Refusal, Wrong

_PLAIN = ("merchant", "vendor", "events", "profiles", "enabled", "signing")
_OF_OUTLET = ("key", "shop", "enabled")


def listed(desk: Desk) -> ConnectionsOut:
    """All of them."""
    outlets = desk.store.outlets()
    homes = desk.store.connections()
    return ConnectionsOut(connections=[_shown(one, [to for to in outlets if to.connection == one.id]) for one in homes])


def shown(desk: Desk, connection: str) -> ConnectionOut:
    """One of them."""
    return _shown(known(desk.store, connection), desk.store.outlets(connection))


def put(desk: Desk, connection: str, said: ConnectionIn) -> ChangedOut:
    """Add it, or change what is said of it. Said once more, nothing changes."""
    return _changed(desk, connection, _Putting(desk, connection, said))


def switch(desk: Desk, connection: str, said: SwitchIn) -> ChangedOut:
    """Switch it, or its modules, on or off."""
    known(desk.store, connection)
    return put(desk, connection, ConnectionIn.model_validate(said.model_dump()))


def switch_outlet(desk: Desk, connection: str, platform: str, said: OutletSwitchIn) -> ChangedOut:
    """Switch one of its platforms on or off."""
    known(desk.store, connection)
    there = [one.platform for one in desk.store.outlets(connection)]
    if platform not in there:
        to = f"it sends to {', '.join(there)}" if there else "it sends to none yet"
        raise Refusal(404, f"the connection has no such platform; {to}. Add it with its key")
    outlet = {"platform": platform, "enabled": said.enabled}
    return put(desk, connection, ConnectionIn.model_validate({"outlets": [outlet]}))


class _Change(NamedTuple):
    """A connection with its outlets, before and after."""

    was: Connection | None
    new: Connection
    had: Mapping[str, Outlet]
    outlets: Sequence[NewOutlet]


class _Putting:
    """What is wanted of a connection, asked in the writing thread with what there is; `change` is what came of it."""

    def __init__(self, desk: Desk, connection: str, said: ConnectionIn) -> None:
        self._desk = desk
        self._id = connection
        self._said = said
        self._is_mapped = said.vendor is not None and desk.mappers.get(said.vendor) is not None
        self.change: _Change | None = None

    def __call__(self, was: Connection | None, outlets: list[Outlet]) -> tuple[Connection, Sequence[NewOutlet]]:
        had = {one.platform: one for one in outlets}
        self._refuse(was, had)
        new = self._connection(was)
        changed = [one for one in (self._outlet(said, had.get(said.platform)) for said in self._said.outlets) if one]
        self.change = _Change(was, new, had, changed)
        return new, changed

    def _refuse(self, was: Connection | None, had: Mapping[str, Outlet]) -> None:
        said = self._said
        if was is not None and said.vendor not in (None, was.vendor):
            raise Refusal(409, f"it is a connection of {was.vendor}, whose events wait in it; add one of another name")
        wrong = [*self._wrong_vendor(was), *self._wrong_outlets(had)]
        if wrong:
            raise Refusal(422, NOT_SO, wrong)

    def _wrong_vendor(self, was: Connection | None) -> list[Wrong]:
        if was is not None or self._is_mapped:
            return []
        unnamed = self._said.vendor is None
        says = "a new connection needs its vendor" if unnamed else "the build has no mapper of it; run: mapforge build"
        return [Wrong("body.vendor", says)]

    def _wrong_outlets(self, had: Mapping[str, Outlet]) -> list[Wrong]:
        said = self._said.outlets
        seen = [one.platform for one in said]
        twice = [
            Wrong(f"body.outlets[{at}].platform", f"{one.platform} stands there twice")
            for at, one in enumerate(said)
            if one.platform in seen[:at]
        ]
        return twice + [
            Wrong(f"body.outlets[{at}].{name}", says)
            for at, one in enumerate(said)
            for name, says in _wrong_outlet(one, had.get(one.platform))
        ]

    def _connection(self, was: Connection | None) -> Connection:
        said = self._said.model_dump(include={"merchant", "vendor", "events", "profiles", "enabled"}, exclude_none=True)
        signing = self._sealed(self._said.signing, was.signing if was is not None else None)
        if was is not None:
            return msgspec.structs.replace(was, **said, signing=signing)
        return Connection(**{"id": self._id, "merchant": self._id, **said, "signing": signing})

    def _outlet(self, said: OutletIn, was: Outlet | None) -> NewOutlet | None:
        """The outlet as it is to be; None where that is as it is."""
        key = self._sealed(said.key, was.key if was is not None else None)
        shop = said.shop if said.shop is not None or was is None else was.shop
        enabled = (True if was is None else was.enabled) if said.enabled is None else said.enabled
        assert key is not None  # _wrong_outlet has asked for it
        as_it_is = was is not None and (key, shop, enabled) == (was.key, was.shop, was.enabled)
        return None if as_it_is else NewOutlet(platform=said.platform, key=key, shop=shop, enabled=enabled)

    def _sealed(self, said: SecretStr | None, was: bytes | None) -> bytes | None:
        """The secret as it is stored: what is stored already where it is the same."""
        if said is None:
            return was
        # Without keys, keys_of says how to make one.
        keys, secret = self._desk.keys or keys_of({}), Secret(said.get_secret_value())
        try:
            if was is not None and keys.open(was) == secret:
                return was
        except SecretError:
            pass  # sealed by a key that is gone: this one takes its place
        return keys.seal(secret)


def _wrong_outlet(said: OutletIn, was: Outlet | None) -> list[tuple[str, str]]:
    """What an outlet cannot do without, or cannot have, by its member."""
    platform, found = PLATFORMS[said.platform], []
    if was is None and said.key is None:
        found.append(("key", f"a new outlet needs its key of {platform.title}"))
    shop = said.shop or (was.shop if was is not None else None)
    if has_shops(platform) and shop is None:
        found.append(("shop", f"{platform.title} needs the shop's domain, such as a-shop.myshopify.com"))
    if said.shop is not None and not has_shops(platform):
        found.append(("shop", f"{platform.title} has no shops; leave it out"))
    return found


def _changed(desk: Desk, connection: str, putting: _Putting) -> ChangedOut:
    desk.store.change(connection, putting).result()
    change = putting.change
    assert change is not None
    return ChangedOut(connection=shown(desk, connection), added=change.was is None, changed=[*_what_changed(change)])


def _what_changed(change: _Change) -> list[str]:
    plain = [name for name in _PLAIN if change.was and getattr(change.was, name) != getattr(change.new, name)]
    outlets = [what for new in change.outlets for what in _of_outlet(new, change.had.get(new.platform))]
    return plain + outlets


def _of_outlet(new: NewOutlet, was: Outlet | None) -> list[str]:
    if was is None:
        return [new.platform]
    return [f"{new.platform}.{name}" for name in _OF_OUTLET if getattr(was, name) != getattr(new, name)]


def _shown(one: Connection, outlets: Sequence[Outlet]) -> ConnectionOut:
    return ConnectionOut(
        id=one.id,
        merchant=one.merchant,
        vendor=one.vendor,
        enabled=one.enabled,
        events=one.events,
        profiles=one.profiles,
        signing=one.signing is not None,
        outlets=[
            OutletOut(platform=to.platform, enabled=to.enabled, shop=to.shop, trouble=to.trouble) for to in outlets
        ],
    )
