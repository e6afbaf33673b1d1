"""A verb of an operator → a command that says whom to ask, and how what was refused is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mapforge.cli import ShowForm as Form
from mapforge.cli import fail
from mapforge.cli.options import FOLDERS, taking
from mapforge.cli.project import QUEUE, URL, Project, WrongCall, find, queue_file, service_url
from mapforge.diagnostics import CompileError

if TYPE_CHECKING:
    from mapforge.cli.office.calls import Office

_UrlOption = Annotated[
    str | None, typer.Option(metavar="URL", help=f"A running service; else {URL}. Its token is MAPFORGE_ADMIN_TOKEN.")
]
_QueueOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help=f"The queue's file; else {QUEUE}, or queue.db in the project.")
]
_OPTIONS = {"url": _UrlOption, "queue": _QueueOption, **FOLDERS}


FormOption = Annotated[Form, typer.Option("--format", help="For people or for programs.")]


def group(help_: str, example: str) -> typer.Typer:
    """A typer for some verbs."""
    return typer.Typer(
        help=help_,
        epilog=f"Example: {example}",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )


class Opening:
    """Opens what a call asks, when the verb knows that it may."""

    def __init__(self, url: str | None, queue: Path | None, folders: dict[str, Any]) -> None:
        self._url = service_url(url, queue)
        self._queue = queue
        self._project: Callable[[], Project] = cache(partial(find, Path.cwd(), **folders))

    def __call__(
        self, *, writes: bool, creates: bool = False, origins: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Office]:
        """An Office. writes: it changes something; creates: the file need not be there; origins: see Settings."""
        try:
            from mapforge.cli.office import calls
        except ModuleNotFoundError as error:
            package = (error.name or "").partition(".")[0]
            raise WrongCall(f"this needs {package}: install mapforge[service]") from None
        from mapforge.delivery.settings import Settings

        if self._url is not None:
            if origins:
                raise WrongCall("--origin is for a file; a service has its own settings")
            return nullcontext(calls.over_http(self._url))
        settings = Settings(origins=origins or {})
        return calls.on_file(
            queue_file(self._queue, self._project), self._project, settings, writes=writes, creates=creates
        )


def _at_desk(verb: Callable[..., None], given: dict[str, Any], options: dict[str, Any]) -> None:
    opening = Opening(options.pop("url"), options.pop("queue"), options)
    try:
        verb(opening, **given)
    except CompileError as error:
        fail(str(error).splitlines(), 1)


# A verb that takes an Opening as a command that says whom to ask.
at_desk = taking(_OPTIONS, _at_desk)
