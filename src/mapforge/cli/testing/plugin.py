"""A project and its vendors → the parameters of suite.py: a pytest plugin, made anew for each run."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mapforge.cli.project import Project
from mapforge.cli.testing.expected import Sampled, sampled


class Vendors:
    """Gives the suite's tests a project, and one run for each vendor or each expected file."""

    def __init__(self, project: Project, vendors: Sequence[str]) -> None:
        self.project = project
        self.sampled: dict[str, Sampled] = {vendor: sampled(project, vendor) for vendor in vendors}

    def pytest_configure(self, config: pytest.Config) -> None:
        """Where the suite's fixtures find all this."""
        config.stash[VENDORS] = self

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A vendor at a time, or a file at a time."""
        names = set(metafunc.fixturenames)
        if {"vendor", "path"} <= names:
            files = [(vendor, path) for vendor, held in self.sampled.items() for path in held.files]
            metafunc.parametrize(("vendor", "path"), files, ids=[f"{vendor}/{path}" for vendor, path in files])
        elif "vendor" in names:
            metafunc.parametrize("vendor", list(self.sampled))


VENDORS: pytest.StashKey[Vendors] = pytest.StashKey()
