"""The raw events of one name → attributes: a type that every value fits, and whether it may be missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from mapforge import model
from mapforge.cli.new.envelope import epoch
from mapforge.cli.new.names import Keys, attribute_name, path_text, shown, snake, unique
from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import over_limit
from mapforge.runtime.convert import conversion
from mapforge.runtime.decode import untyped
from mapforge.values.refused import Refused, json_type
from mapforge.values.wire import encode

DEEPEST = 5

_MONEY = set("amount balance cost credit discount fee fees money paid price subtotal tax tip total value worth".split())
_SECRET = set("cvc cvv iban pan passcode passwd password pin secret ssn token".split())
_SECRETS = ("api_key", "card_number", "card_no", "account_number", "giftcard_number", "gift_card_code")


class Attribute(msgspec.Struct, frozen=True):
    """One line of an entry."""

    name: str
    path: str
    base: model.Base
    nullable: bool
    input: str | None = None
    sensitive: bool = False


class LeftOut(msgspec.Struct, frozen=True):
    """What no line can be made of, and why."""

    at: str
    reason: str


class Leaf(msgspec.Struct, frozen=True):
    """A place with what the samples have there; nullable: one of them has nothing."""

    keys: Keys
    values: list[Any]
    nullable: bool


class Inference:
    """Infers the attributes of a vendor's events. One place has one name in all of them."""

    def __init__(self, besides: set[Keys], zone: str | None, platforms: Sequence[str]) -> None:
        self.besides = besides
        self.zone = None if zone is None else model.Constant(msgspec.json.encode(zone).decode())
        self.limits = [PLATFORMS[name].endpoints["event"].limits for name in platforms]
        self.names: dict[Keys, str] = {}
        self.taken: set[str] = set()

    def attributes(self, bodies: list[dict[str, Any]]) -> list[Attribute | LeftOut]:
        """The lines of the entry for these raw events, in the order of their keys."""
        lines = [self._line(leaf) for leaf in leaves(bodies) if leaf.keys not in self.besides]
        most = min((limit.properties for limit in self.limits if limit.properties is not None), default=len(lines))
        kept = [line for line in lines if isinstance(line, Attribute)]
        if len(kept) <= most:
            return lines
        return [*kept[:most], LeftOut(f"{len(kept) - most} more", f"a platform takes {most}")]

    def _line(self, leaf: Leaf) -> Attribute | LeftOut:
        path = path_text(leaf.keys)
        if path is None:
            return LeftOut(shown(leaf.keys), "no path can say this key")
        if not leaf.values:
            return LeftOut(shown(leaf.keys), "null in every sample")
        name = self._name(leaf.keys)
        secret = is_secret(name) or any(map(is_secret, _inner_keys(leaf.values)))
        for kind in candidates(leaf.keys, leaf.values, secret):
            if self._fits(name, kind, leaf.values):
                return Attribute(name, path, kind.base, leaf.nullable, kind.input, secret)
        return LeftOut(shown(leaf.keys), _why(leaf.values))

    def _name(self, keys: Keys) -> str:
        if keys not in self.names:
            self.names[keys] = unique(attribute_name(keys), self.taken)
            self.taken.add(self.names[keys].casefold())
        return self.names[keys]

    def _fits(self, name: str, kind: model.Type, values: list[Any]) -> bool:
        """Whether every value is of the type, and what is made of it within the platforms' limits."""
        convert = conversion(msgspec.structs.replace(kind, zone=self.zone if kind.base == "datetime" else None)).call
        try:
            sent = [untyped(encode(convert(value))) for value in values]
        except (Refused, ValueError):
            return False
        return not any(over_limit(limit, {name: value}) for limit in self.limits for value in sent)


def leaves(bodies: list[dict[str, Any]]) -> Iterator[Leaf]:
    """The places at which these raw events have no object that all of them can be read into."""
    return _leaves(bodies, (), False)


def _leaves(objects: list[dict[str, Any]], above: Keys, nullable: bool) -> Iterator[Leaf]:
    for key in dict.fromkeys(key for one in objects for key in one):
        values = [one[key] for one in objects if one.get(key) is not None]
        missing = nullable or len(values) < len(objects)
        keys = (*above, key)
        if values and len(keys) < DEEPEST and all(isinstance(value, dict) for value in values) and any(values):
            yield from _leaves(values, keys, missing)
        else:
            yield Leaf(keys, values, missing)


def candidates(keys: Keys, values: list[Any], secret: bool) -> Iterator[model.Type]:
    """The types that values of these JSON types may have, the narrowest first."""
    kinds = frozenset(type(value).__name__ for value in values)
    last = snake(keys[-1])
    if kinds <= {"int", "str"} and (_is_id(last) or (secret and "int" in kinds)):
        yield _type("id")
    if kinds == {"int"} and (last.endswith("_at") or last in ("timestamp", "created", "updated", "time")):
        yield from (model.Type("datetime", "datetime", input=word) for word in [epoch(values)] if word)
    if kinds == {"int"} and set(last.split("_")) & _MONEY:
        yield _type("decimal")
    yield from map(_type, _BASES.get(kinds, ()))


_BASES: dict[frozenset[str], tuple[model.Base, ...]] = {
    frozenset({"bool"}): ("boolean",),
    frozenset({"int"}): ("integer",),
    frozenset({"Decimal"}): ("decimal",),
    frozenset({"int", "Decimal"}): ("decimal",),
    frozenset({"str"}): ("url", "date", "datetime", "text"),
    frozenset({"dict"}): ("object",),
    frozenset({"list"}): ("list",),
}


def _type(base: model.Base) -> model.Type:
    return model.Type(base, base)


def is_secret(name: str) -> bool:
    """Whether a name in snake_case says that the value is nobody else's business."""
    return bool(set(name.split("_")) & _SECRET) or any(word in name for word in _SECRETS)


def _is_id(name: str) -> bool:
    return name in ("id", "uuid") or name.endswith(("_id", "_uuid"))


def _inner_keys(values: list[Any]) -> Iterator[str]:
    """The keys in objects and lists that are sent as they came."""
    for value in values:
        if isinstance(value, dict):
            yield from map(snake, value)
            yield from _inner_keys(list(value.values()))
        elif isinstance(value, list):
            yield from _inner_keys(value)


def _why(values: list[Any]) -> str:
    kinds = sorted({json_type(value) for value in values})
    if len(kinds) > 1:
        return f"{' here and '.join(kinds)} there: no type takes both"
    return f"{kinds[0]} beyond what a type or a platform takes"
