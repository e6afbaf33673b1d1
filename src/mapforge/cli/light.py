"""Typer's commands with their plain parameters converted here: typer makes a pydantic adapter of each, in some 80 ms.

A typer that keeps its adapters elsewhere makes this slower, and wrong in nothing.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import typer
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


class Later(TyperGroup):
    """A group of verbs whose module, with its typer as `app`, is imported when one of them is called."""

    def __init__(self, name: str, module: str, help_: str) -> None:
        super().__init__(name=name, help=help_)
        self._module = module

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """That of the real one, which the call goes on with."""
        app = importlib.import_module(self._module).app
        return typer.main.get_command(app).make_context(info_name, args, parent, **extra)


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
