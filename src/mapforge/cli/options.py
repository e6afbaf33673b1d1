"""A verb that takes what a call's options lead to → a command that takes those options."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

Options = Mapping[str, Any]
FOLDERS: Options = {
    "root": Annotated[Path | None, typer.Option(metavar="FOLDER", help="The project's folder, with mappings/ in it.")],
    "mappings": Annotated[Path | None, typer.Option(metavar="FOLDER", help="Another folder of vendors.")],
    "build": Annotated[Path | None, typer.Option(metavar="FOLDER", help="Another build folder.")],
}


def taking(
    options: Options, run: Callable[[Callable[..., None], dict[str, Any], dict[str, Any]], None]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A decorator. `run` gets the verb, its own arguments and the options, and gives the verb's first parameter."""
    more = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=options[name])
            for name in options]  # fmt: skip

    def decorated(verb: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(verb, eval_str=True).parameters.values())[1:]

        @functools.wraps(verb)
        def command(**given: Any) -> None:
            run(verb, {one.name: given[one.name] for one in own}, {name: given[name] for name in options})

        command.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
        command.__annotations__ = {one.name: one.annotation for one in [*own, *more]}
        return command

    return decorated
