"""A generated module's source → its code, compiled once for each interpreter: the marshalled code is kept in the build.

Generated code is trusted input: it comes from our own build. So is what is kept of it, for whoever can write the one
can write the other. The digest is no signature; it tells what is damaged or of another source, mapforge or Python.
"""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import os
import sys
from importlib.util import MAGIC_NUMBER
from types import CodeType

from mapforge import __version__
from mapforge.runtime.load import read

_DIGEST = hashlib.sha256().digest_size


def compiled(source: bytes | str, name: str) -> CodeType:
    """The code of a module. name: what tracebacks call its file."""
    code: CodeType = compile(source, name, "exec", dont_inherit=True)
    return code


def kept(source: bytes, name: str, engine: str, path: str) -> CodeType:
    """`compiled`, from the file at `path` and the interpreter's tag; what does not fit there is made and kept anew.

    engine: the code that wrote the source. A folder that cannot be written costs a compilation in each process.
    """
    tag = sys.implementation.cache_tag
    if not tag:  # this Python keeps no bytecode either
        return compiled(source, name)
    place = f"{path}.{tag}"
    said = repr((__version__, engine, tag, MAGIC_NUMBER, sys.flags.optimize, name)).encode() + source
    code = _read(place, said)
    if code is None:
        code = compiled(source, name)
        _write(place, said, marshal.dumps(code))
    return code


def _read(place: str, said: bytes) -> CodeType | None:
    try:
        entry = read(place)
    except OSError:
        return None
    digest, marshalled = entry[:_DIGEST], entry[_DIGEST:]
    if digest != _digest(said, marshalled):
        return None
    code: CodeType = marshal.loads(marshalled)
    return code


def _write(place: str, said: bytes, marshalled: bytes) -> None:
    """Write in one step, so that a reader finds the whole of it or nothing; of two who write at once, one does."""
    fresh = f"{place}.{os.getpid()}.new"
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as stream:
            try:
                stream.write(_digest(said, marshalled) + marshalled)
                stream.flush()
                os.replace(fresh, place)
            except BaseException:
                os.unlink(fresh)
                raise


def _digest(said: bytes, marshalled: bytes) -> bytes:
    digest = hashlib.sha256(b"%d\0" % len(said) + said)
    digest.update(marshalled)
    return digest.digest()
