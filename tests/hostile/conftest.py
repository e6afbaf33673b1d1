"""The fixtures that compile acme."""

from tests.language.conftest import mapped

__all__ = ["mapped"]
