"""Look-alikes of the platforms on loopback: what is sent to them is checked, counted and shown.

Needs mapforge[service].
"""

from mapforge.fakes.server import Addresses, running
from mapforge.fakes.settings import NONE, REAL, SMALL, Limits, Settings

__all__ = ["NONE", "REAL", "SMALL", "Addresses", "Limits", "Settings", "running"]
