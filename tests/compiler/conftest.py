"""What the tests of the compiler share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compiler.acme import Acme


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    return Acme(tmp_path)
