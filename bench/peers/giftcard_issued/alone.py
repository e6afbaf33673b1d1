"""GiftcardIssued all in jq: the host checks that it is UTF-8, and nothing else.

jq has floats and no time zones by their names, so a day is told by UTC, and an amount loses its zeros and, with many
digits, more than those.
"""

from __future__ import annotations

from pathlib import Path

import jq

from peers.values import Headers

_program = jq.compile(Path(__file__).with_suffix(".jq").read_text(encoding="utf-8"))


def map_event(raw: bytes, _: Headers) -> list[bytes]:
    """The event goes in as text, and the body comes out as text."""
    body: str = _program.input_text(raw.decode()).text()
    return [body.encode()]
