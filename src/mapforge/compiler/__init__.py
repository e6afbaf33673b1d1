"""Turns mapping files into diagnostics, or into the Python source of the mappers."""
