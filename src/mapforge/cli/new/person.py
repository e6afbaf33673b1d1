"""Samples → the object that says who an event is about, and the identifiers that it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from mapforge import model
from mapforge.cli.new.envelope import Place, keyed, place
from mapforge.cli.new.names import Keys, path_text, snake
from mapforge.cli.new.samples import Sample, value_at
from mapforge.cli.project import WrongCall
from mapforge.platforms import PLATFORMS
from mapforge.runtime.identity import held
from mapforge.values.refused import Refused
from mapforge.values.scalars import identifier

_PEOPLE = ["customer", "member", "user", "person", "contact", "profile", "subscriber", "buyer", "client", "guest"]
_OWN = ["external_id", "customer_id", "user_id", "member_id", "contact_id", "profile_id"]
_WORDS = {
    "email": ["email", "email_address", "e_mail", "mail"],
    "phone": ["phone", "phone_number", "mobile", "mobile_phone", "mobile_number", "telephone", "msisdn"],
    "external_id": ["id", *_OWN, "uuid"],
}
_DEEPEST = 3
_ROOT = Place("@", model.Path(()))


class Person(msgspec.Struct, frozen=True):
    """Where the person stands, and the paths of the identifiers from there."""

    place: Place
    identity: dict[str, str]

    @property
    def is_root(self) -> bool:
        return self.place.keys == ()


def person(samples: list[Sample], told: str | None, platforms: Sequence[str]) -> Person:
    """The person of all samples. Raises WrongCall, which names the option."""
    if told is not None:
        found = _whole(samples, place("--person", told), platforms)
        if found is None:
            raise WrongCall(f"--person {told}: not every sample has a valid e-mail address or phone number there")
        return found
    guessed = (_whole(samples, there, platforms) for there in _places(samples[0].body))
    found = next((person for person in guessed if person is not None), None)
    if found is None:
        sought = "no object has a valid e-mail address or phone number in every sample"
        raise WrongCall(f"{sought}; say where the person is: --person PATH")
    return found


def _places(body: dict[str, Any]) -> Iterator[Place]:
    """The objects that may be the person, the likeliest first."""
    yield _ROOT
    nested = sorted(_objects(body, ()), key=lambda keys: (_rank(keys), len(keys)))
    yield from (there for keys in nested if (there := keyed(keys)) is not None)


def _rank(keys: Keys) -> int:
    word = snake(keys[-1])
    return _PEOPLE.index(word) if word in _PEOPLE else len(_PEOPLE)


def _objects(value: dict[str, Any], keys: Keys) -> Iterator[Keys]:
    for key, inner in value.items():
        if isinstance(inner, dict) and len(keys) < _DEEPEST:
            yield (*keys, key)
            yield from _objects(inner, (*keys, key))


def _whole(samples: list[Sample], there: Place, platforms: Sequence[str]) -> Person | None:
    """The person at this place, where it identifies somebody to every platform in every sample."""
    objects = [there.of(sample.body) for sample in samples]
    if not all(isinstance(one, dict) for one in objects):
        return None
    found = {name: keys for name in _WORDS if (keys := _identifier(name, objects, platforms, there)) is not None}
    if not {"email", "phone"} & found.keys() or not all(_is_known(one, found, platforms) for one in objects):
        return None
    return Person(there, {name: path_text(keys) or "" for name, keys in found.items()})


def _identifier(name: str, objects: list[Any], platforms: Sequence[str], there: Place) -> Keys | None:
    words = _OWN if name == "external_id" and there.keys == () else _WORDS[name]
    keys = [key for one in objects for key in one if snake(key) in words]
    ranked = sorted(dict.fromkeys(keys), key=lambda key: words.index(snake(key)))
    return next(((key,) for key in ranked if path_text((key,)) and _serves(name, key, objects, platforms)), None)


def _serves(name: str, key: str, objects: list[Any], platforms: Sequence[str]) -> bool:
    """Whether what is there can be read in every sample, and is valid in one."""
    values = [one.get(key) for one in objects if one.get(key) is not None]
    wanted = (str, int) if name == "external_id" else (str,)
    return all(type(value) in wanted for value in values) and any(_taken(name, value, platforms) for value in values)


def _taken(name: str, value: Any, platforms: Sequence[str]) -> list[str]:
    """The platforms that take this identifier."""
    try:
        text = identifier(value)
    except Refused:
        return []
    return [platform for platform in platforms if isinstance(held(PLATFORMS[platform], name, text), str)]


def _is_known(one: dict[str, Any], found: dict[str, Keys], platforms: Sequence[str]) -> bool:
    values = {name: value_at(one, keys) for name, keys in found.items()}
    taken = {taker for name, value in values.items() if value is not None for taker in _taken(name, value, platforms)}
    return taken == set(platforms)
