"""Hypothesis for all tests: no deadline, for the first look into Babel's data takes longer than any later one."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("mapforge", deadline=None)
settings.load_profile("mapforge")
