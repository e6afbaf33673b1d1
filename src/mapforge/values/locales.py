"""Locale names, as mappings and events write them, to Babel's locales."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from mapforge.values.refused import Refused, json_type

if TYPE_CHECKING:
    from babel import Locale

# Babel by itself also takes what POSIX adds: de@euro, en_US.UTF-8, C.
_is_tag = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}").fullmatch


def load(name: object) -> Locale:
    """Babel's locale of a name such as en-US or en_US; Refused where Babel has none."""
    if type(name) is not str:
        raise Refused("the name of a locale", json_type(name))
    return _load(name)


@lru_cache(maxsize=256)
def _load(name: str) -> Locale:
    # Half of a short program's start would go into Babel, and most mappings never need it.
    from babel import Locale, UnknownLocaleError

    if _is_tag(name):
        try:
            return Locale.parse(name.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            pass
    raise Refused("the name of a locale", "an unknown name")
