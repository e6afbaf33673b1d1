"""Typer's commands with their plain parameters converted here: typer makes a pydantic adapter of each, in some 80 ms.

A typer that keeps its adapters elsewhere makes this slower, and wrong in nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from typer import BadParameter
from typer.core import TyperCommand, TyperGroup


def _number(value: Any) -> int:
    try:
        return int(value)
    except ValueError:
        raise BadParameter(f"{value!r} is no whole number") from None


_PLAIN: Mapping[Any, Callable[[Any], Any]] = {str: str, Path: Path, list[str]: list, bool: bool, int: _number}


class LightCommand(TyperCommand):
    """For a verb that must start fast."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _light(super().get_params(ctx))


class LightGroup(TyperGroup):
    """For the verbs together."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _light(super().get_params(ctx))


def _light(parameters: Iterable[Any]) -> list[Any]:
    found = list(parameters)
    for parameter in found:
        convert = _PLAIN.get(getattr(getattr(parameter, "type_descriptor", None), "annotation", None))
        if convert is not None:
            parameter._runtime_param = _Plain(convert)
    return found


class _Plain:
    """What typer asks for a parameter's value."""

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        self.convert = convert

    def coerce(self, value: Any, **_: Any) -> Any:
        """The value; None where it was not given."""
        return None if value is None else self.convert(value)
