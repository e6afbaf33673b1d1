"""The layout of a build folder, which the compiler writes and the runtime reads.

    build/manifest.json                    version, engine, each vendor's folder and the SHA-256 of its files
    build/<vendor>/<hash>/head.json        the resolved model without its entries
    build/<vendor>/<hash>/model.json       the resolved model
    build/<vendor>/<hash>/<event>.py       the mapper of a raw event; the catch-all's is _.py
    build/.code/<vendor>/<hash>/           what the runtime keeps of their code; no part of what was built

The manifest is replaced in one step and names the folders that count, so that a reader sees the old build or the new.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from mapforge import __version__

# Loading imports this module: what only a build or a rare name needs is imported where it is needed.
if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = "manifest.json"
HEAD = "head.json"
MODEL = "model.json"
KEPT = ".code"
_CATCH_ALL = "*"
_LONGEST = 200


def file_stem(name: str) -> str:
    """A name as a file's: what is not [A-Za-z0-9 _().-] is percent-encoded; the catch-all is `_`.

    One too long for a file system keeps its beginning, with a hash of the whole.
    """
    if name == _CATCH_ALL:
        return "_"
    from urllib.parse import quote

    encoded = quote(name, safe=" ()", errors="surrogatepass").replace("~", "%7E")
    stem = "%2E" + encoded[1:] if encoded.startswith(".") else encoded
    return stem if len(stem) <= _LONGEST else f"{stem[: _LONGEST - 17]}-{_sha256(stem.encode())[:16]}"


def module_file(event: str) -> str:
    """The file of a raw event's mapper. An event called `_` does not meet the catch-all's."""
    return f"{'%5F' if event == '_' else file_stem(event)}.py"


def folder_name(files: Mapping[str, bytes]) -> str:
    """What a vendor's built folder is called: a hash of its files, so that a damaged one does not go by its name."""
    import hashlib

    digest = hashlib.sha256(__version__.encode())
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def fingerprint(folder: Path) -> dict[str, str]:
    """SHA-256 of each mapping file by its name: a build fits the mappings while these are the same."""
    return {path.name: _sha256(path.read_bytes()) for path in sorted(folder.glob("*.yaml"))}


@cache
def engine() -> str:
    """A hash of the code that makes and runs mappers: what an older checkout of this version built is not used."""
    from pathlib import Path

    package = Path(__file__).parent
    apart = {"cli", "delivery", "service"}
    files = sorted(path for path in package.rglob("*.py") if path.relative_to(package).parts[0] not in apart)
    return folder_name({path.relative_to(package).as_posix(): path.read_bytes() for path in files})


def _sha256(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()
