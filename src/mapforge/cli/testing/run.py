"""`mapforge test` → a run of pytest over suite.py, and with `--update` the snapshots rewritten first."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from mapforge.cli.project import Project
from mapforge.cli.testing.expected import Sampled
from mapforge.cli.testing.plugin import Vendors

SUITE = Path(__file__).with_name("suite.py")
# Nothing of the project's own pytest has a say: no configuration, no plugins but the one the suite needs.
_ALONE = ["-c", os.devnull, f"--rootdir={SUITE.parent}", "--disable-plugin-autoload", "-psyrupy", "-pno:cacheprovider"]
_WHOLE = ["-o", "truncation_limit_lines=0", "-o", "truncation_limit_chars=0"]
# Snapshots are named after samples, and not after tests as syrupy would have it.
_WHOLE += ["-o", "filterwarnings=ignore::UserWarning:syrupy"]


def run(project: Project, vendors: Sequence[str], *, update: bool) -> int:
    """The exit code: 0 all hold, 1 some fall short. Raises CompileError where a vendor does not compile."""
    plugin = Vendors(project, vendors)
    if update:
        _remove_orphans(project, plugin.sampled)
    arguments = [*_ALONE, "-q", "--no-header", "--import-mode=importlib", "--tb=short", *_WHOLE]
    arguments += ["--snapshot-update"] if update else []
    os.environ.pop("PYTEST_ADDOPTS", None)
    sys.stdout.flush()
    failed = pytest.main([*arguments, str(SUITE)], plugins=[plugin]) != pytest.ExitCode.OK
    if failed and not update:
        print("where the new snapshots are right: mapforge test --update, and read the diff", file=sys.stderr)
    return int(failed)


def _remove_orphans(project: Project, sampled: Mapping[str, Sampled]) -> None:
    for vendor, held in sampled.items():
        folder = project.snapshots / vendor
        for path in [path for path in folder.rglob("*") if path.is_file()]:
            if path.relative_to(folder).as_posix() not in held.files:
                path.unlink()
        for path in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
            if not any(path.iterdir()):
                path.rmdir()
