"""Identifiers and what is told of a person → the profile that a platform has of them, one for each person."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mapforge.fakes.remembered import Remembered

Identifier = tuple[str, str]
"""A kind and its value: ("email", "mia@acme.example")."""


class People:
    """The profiles of all accounts of a platform. The first identifier that is known decides whose update it is."""

    def __init__(self, remember: int, make_id: Callable[[], str]) -> None:
        self._make_id = make_id
        self._ids: Remembered[tuple[str, Identifier], str] = Remembered(remember)
        self._told: Remembered[str, dict[str, Any]] = Remembered(remember)

    def find(self, account: str, identifiers: Sequence[Identifier]) -> str | None:
        """The id of the person with one of these, or None."""
        return next((found for one in identifiers if (found := self._ids.get((account, one)))), None)

    def put(self, account: str, identifiers: Sequence[Identifier], told: Mapping[str, Any]) -> tuple[str, bool]:
        """The id of the person, and whether they are new. null clears a field, an object is merged."""
        known = self.find(account, identifiers)
        person = known or self._make_id()
        for one in (*identifiers, ("id", person)):
            # An identifier of somebody else stays theirs.
            self._ids.put((account, one), self._ids.get((account, one)) or person)
        self._told.put(person, merged(self._told.get(person) or {}, told))
        return person, known is None

    def told(self, person: str) -> dict[str, Any]:
        """All that is known of a person."""
        return copy.deepcopy(self._told.get(person) or {})

    @property
    def forgotten(self) -> int:
        """How many identifiers and profiles are no longer known."""
        return self._ids.forgotten + self._told.forgotten

    def clear(self) -> None:
        """Know nobody."""
        self._ids.clear()
        self._told.clear()


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The old with the new in it: null takes a name away, an object goes into the object that is there."""
    result = dict(old)
    for name, value in new.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            before = result.get(name)
            result[name] = merged(before if isinstance(before, dict) else {}, value)
        else:
            result[name] = value
    return result
