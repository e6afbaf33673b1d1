"""How `mapforge map` starts: with a build that fits, nothing is imported that only the compiler needs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.calls import FAULTY, GOOD, call

SLOW = {
    "yaml",
    "pydantic",
    "jsonschema",
    "jmespath",
    "pytest",
    "syrupy",
    "rich",
    "mapforge.compiler",
    "mapforge.documents",
    "fastapi",
    "httpx",
    "sqlite3",
    "mapforge.cli.office",
    "mapforge.delivery",
    "mapforge.service",
}
PROGRAM = """\
import json, sys
from mapforge.cli import main
try:
    main()
except SystemExit:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def imported(project: Path, stdin: bytes) -> set[str]:
    """What is in the process after `mapforge map acme`."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            PROGRAM,
            "map",
            "acme",
            "--to",
            "klaviyo",
            "--header",
            "a=b",
            "--rejects",
            "kept.ndjson",
        ],
        cwd=project,
        input=stdin,
        capture_output=True,
        check=True,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("stdin", [GOOD, FAULTY], ids=["a good event", "a faulty event"])
def test_map_with_a_fresh_build_imports_no_compiler(stdin: bytes, project: Path) -> None:
    call("build", cwd=project)
    assert imported(project, stdin) & SLOW == set()


def test_map_without_a_build_imports_it(project: Path) -> None:
    assert imported(project, GOOD) & SLOW == {"yaml", "pydantic", "jmespath", "mapforge.compiler", "mapforge.documents"}
