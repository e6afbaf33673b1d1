"""Secrets from the environment, a prompt without echo or standard input; never from the command line."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping, Sequence

from mapforge.cli.project import WrongCall

_HOW = "a variable of the environment that is named by --key-from or --signing-from, a prompt, or standard input"


def sources(platforms: Sequence[str], given: Sequence[str]) -> dict[str, str]:
    """The variable of each platform's key, of `PLATFORM=VARIABLE`, or of `VARIABLE` where there is one platform.

    Nothing of what was given is said in an error: it may be a key, by mistake.
    """
    only = platforms[0] if len(platforms) == 1 else ""
    pairs = [one.rpartition("=") for one in given]
    found = {platform or only: variable for platform, _, variable in pairs}
    if not found.keys() <= set(platforms):
        raise WrongCall("--key-from takes PLATFORM=VARIABLE, of a platform that --to names, and no key itself")
    return found


def secret(what: str, variable: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """A secret. Raises WrongCall where there is none."""
    if variable is not None:
        found = environment.get(variable, "")
        if not found:
            raise WrongCall(f"the variable that is to hold the {what} is not in the environment, or is empty")
        return found
    given = getpass.getpass(f"{what}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise WrongCall(f"there is no {what}; it comes from {_HOW}, a line each")
    return given
