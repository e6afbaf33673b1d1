"""Raw events are told apart by the first lines, so that NDJSON of any size is read as it comes."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from mapforge.cli.raw_events import RawEvent, _of_stream

LINE = b'{"a": 1}\n'


class Endless:
    """A stream of lines, as a file its own iterator, that fails where it is read for good."""

    def __init__(self, *first: bytes) -> None:
        self.lines = itertools.chain(first, itertools.repeat(LINE, 10_000))
        self.read = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self.read += 1
        line = next(self.lines, None)
        assert line is not None, "all of it was read"
        return line


@pytest.mark.parametrize(
    "first",
    [(), (b"\n", b" \r\n"), (b"{broken\n",), (b"\n", b"broken\n", b"\n"), (LINE, b"broken\n")],
    ids=["good", "blank", "broken", "broken among blanks", "broken later"],
)
@pytest.mark.parametrize("lines", [True, False], ids=["by name", "by content"])
def test_ndjson_is_read_as_it_comes(first: tuple[bytes, ...], lines: bool) -> None:
    stream: Any = Endless(*first)
    filled = [line for line in (*first, *[LINE] * 20) if line.strip()][:20]
    events = list(itertools.islice(_of_stream(stream, "s", {}, lines=lines), 20))
    assert [event.raw + b"\n" for event in events] == filled
    assert stream.read <= 20 + len(first)


def events(content: bytes) -> list[RawEvent]:
    return list(_of_stream(io.BytesIO(content), "s", {}, lines=False))


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":\n{"b": 1}\n}\n',
        b'{"a":\n{"b": 1}\n\n, "c": 2}',
        b'[\n{"b": 1}\n]',
        b'{\n  "a": 1\n}\n',
        b'{"a":\n\n{"b": 1}\n,\n"c":\n{"d": 1}\n}',
    ],
)
def test_json_laid_out_oddly_is_one_raw_event(content: bytes) -> None:
    assert events(content) == [RawEvent("s", content, {})]


def test_lines_that_together_are_no_json_are_an_event_each() -> None:
    assert [event.place for event in events(b'{"a":\n{"b": 1}\n}}\n{"c": 1}\n')] == ["s:1", "s:2", "s:3", "s:4"]
