"""Hypothesis for all tests: no deadline, for the first look into Babel's data takes longer than any later one.

In CI the examples are the same each time, so that what lands does not hang on luck; everywhere else they are new ones.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("mapforge", deadline=None, derandomize="CI" in os.environ, database=None)
settings.load_profile("mapforge")
