"""A page of the docs → its fenced blocks, and whether output that is shown with `…` is what came out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(
    r"^(?:\*\*(?P<file>[\w./-]+)\*\*(?P<end>, at its end)?\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_COMMAND = re.compile(r"^\$ (?P<command>.+)\n(?P<output>(?:(?!\$ ).*\n)*)", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block: its language, its text, and the file it is shown as; appended where it stands at the end."""

    kind: str
    text: str
    file: str | None = None
    appended: bool = False


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page in their order."""
    return [Block(m["kind"], m["text"], m["file"], bool(m["end"])) for m in _BLOCK.finditer(page)]


def commands(console: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block with the output that is shown for it."""
    return ((found["command"], found["output"]) for found in _COMMAND.finditer(console))


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A `mapforge …` command in a folder; words and results together in its output."""
    name, *arguments = command.split()
    assert name == "mapforge", command
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "COV"))}
    return subprocess.run(
        [sys.executable, "-m", "mapforge", *arguments],
        cwd=folder,
        env={**clean, "COLUMNS": "100", "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def as_shown(output: str, shown: str) -> str:
    """The shown text where the output is like it, `…` standing for anything; else the output itself."""
    pattern = ".*?".join(re.escape(part) for part in shown.split("…"))
    return shown if re.fullmatch(pattern, output, re.DOTALL) else output


def holds(text: str, shown: str) -> bool:
    """Whether a shown piece stands in a text, in its order; a line `# …` or `// …` stands for what is left out."""
    lines, at = text.splitlines(), 0
    for part in re.split(r"^[ ]*(?:#|//) …\n", shown, flags=re.MULTILINE):
        piece = part.splitlines()
        starts = range(at, len(lines) - len(piece) + 1)
        found = next((start for start in starts if lines[start : start + len(piece)] == piece), None)
        if found is None:
            return False
        at = found + len(piece)
    return True


def excerpts(page: str) -> list[tuple[str, str]]:
    """The fenced pieces of a page that say what they are from, with that."""
    found = re.finditer(r"^<!-- from ([^\n]+) -->\n```\w+\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return [(one[1], one[2]) for one in found]
