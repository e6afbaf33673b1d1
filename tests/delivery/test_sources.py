"""Where a sync reads from: files and addresses, line by line, and what is refused."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from mapforge.delivery import sources
from mapforge.delivery.secrets import Secret
from mapforge.delivery.sources import Source, SourceError, source_of

URL = "https://vendor.example/export?token=s3cret"


def lines(source: Source, page: str | None = None) -> list[bytes]:
    with source.opened(page or source.name) as opened:
        return list(opened.lines)


def answered(
    respond: httpx.Response | Callable[[httpx.Request], httpx.Response], url: str = URL, secret: Secret | None = None
) -> Source:
    handler = respond if callable(respond) else lambda request: respond
    return source_of(url, secret, httpx.MockTransport(handler))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b'{"a":1}\n{"a":2}\n', [b'{"a":1}', b'{"a":2}']),
        (b'{"a":1}\r\n\r\n{"a":2}', [b'{"a":1}', b"", b'{"a":2}']),
        ('{"a":"\u2028\x85"}\n'.encode(), ['{"a":"\u2028\x85"}'.encode()]),
        (b"no json\n\xff\n", [b"no json", b"\xff"]),
    ],
)
def test_a_file_is_its_lines(tmp_path: Path, content: bytes, expected: list[bytes]) -> None:
    file = tmp_path / "members.ndjson"
    file.write_bytes(content)
    assert lines(source_of(str(file))) == expected
    assert lines(answered(httpx.Response(200, content=content))) == expected


def test_a_file_is_known_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = source_of("members.ndjson")
    assert (source.name, source.shown) == (str(tmp_path / "members.ndjson"), "members.ndjson")
    with pytest.raises(SourceError, match=r"members\.ndjson cannot be read: No such file"):
        lines(source)


def test_a_line_without_an_end_is_refused_and_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "LONGEST", 1000)
    file = tmp_path / "long.ndjson"
    file.write_bytes(b"{}\n" + b"x" * 1001)
    with pytest.raises(SourceError, match="line 2 is over"):
        lines(source_of(str(file)))


# ── addresses ─────────────────────────────────────────────────────────────────────────────────────


def test_a_list_is_its_elements_digit_by_digit() -> None:
    body = b' [ {"a": 1.10},\n{"a": 12345678901234567890.5} ] '
    assert lines(answered(httpx.Response(200, content=body))) == [b'{"a": 1.10}', b'{"a": 12345678901234567890.5}']


def test_what_is_compressed_on_its_way_is_read() -> None:
    content = gzip.compress(b'{"a":1}\n{"a":2}\n')
    answer = httpx.Response(200, content=content, headers={"content-encoding": "gzip"})
    assert lines(answered(answer)) == [b'{"a":1}', b'{"a":2}']


@pytest.mark.parametrize(
    "parts",
    [[b'{"a":1}\n{"a"', b":2}\n"], [b"", b'{"a":1}\n', b'{"a":2}\n'], [bytes([one]) for one in b'{"a":1}\n{"a":2}\n']],
)
def test_lines_may_come_in_any_parts(parts: list[bytes]) -> None:
    def body() -> Iterator[bytes]:
        yield from parts

    assert lines(answered(httpx.Response(200, content=body()))) == [b'{"a":1}', b'{"a":2}']


@pytest.mark.parametrize("body", [b"[1, 2", b"[{]", b"[" * 100_000])
def test_a_list_that_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError, match="the list is no JSON"):
        lines(answered(httpx.Response(200, content=body)))


def test_the_next_page_is_named_by_the_link() -> None:
    answer = httpx.Response(200, headers={"link": '</export?page=2>; rel="next", </>; rel="self"'})
    with answered(answer).opened(URL) as opened:
        assert opened.after == "https://vendor.example/export?page=2"
    with answered(httpx.Response(200)).opened(URL) as opened:
        assert opened.after is None


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/",
        "http://vendor.example/export",
        "//elsewhere.example/x",
        "https://vendor.example:8443/",
    ],
)
def test_a_next_page_elsewhere_is_refused(link: str) -> None:
    with (
        pytest.raises(SourceError, match="names a next page that is not its own"),
        answered(httpx.Response(200, headers={"link": f'<{link}>; rel="next"'})).opened(URL),
    ):
        pass


@pytest.mark.parametrize("status", [204, 301, 302, 307, 400, 401, 404, 429, 500])
def test_another_answer_is_refused_and_no_redirect_is_followed(status: int) -> None:
    asked: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(status, headers={"location": "https://elsewhere.example/"})

    with pytest.raises(SourceError, match=rf"https://vendor.example/export answers {status}"):
        lines(answered(respond))
    assert asked == [URL]


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("no"), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut")]
)
def test_a_failure_on_the_way_is_said_without_the_address(error: Exception) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(SourceError) as failed:
        lines(answered(respond))
    assert str(failed.value) == f"https://vendor.example/export cannot be read: {type(error).__name__}"


def test_a_body_that_breaks_off_gives_no_half_line() -> None:
    def body() -> Iterator[bytes]:
        yield b'{"a":1}\n{"a":'
        raise httpx.ReadError("reset")

    came: list[bytes] = []
    source = answered(httpx.Response(200, content=body()))
    with pytest.raises(SourceError, match="ReadError"), source.opened(URL) as opened:
        came.extend(iter(lambda: next(opened.lines), None))
    assert came == [b'{"a":1}']


def test_the_secret_goes_as_a_header_and_shows_nowhere() -> None:
    asked: list[str | None] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("authorization"))
        return httpx.Response(500)

    source = answered(respond, secret=Secret("Bearer abc"))
    with pytest.raises(SourceError) as failed:
        lines(source)
    assert asked == ["Bearer abc"]
    assert not any(word in f"{source!r} {failed.value} {source.shown}" for word in ("abc", "s3cret"))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://vendor.example/export", "https, or with http on loopback"),
        ("ftp://vendor.example/export", "https, or with http on loopback"),
        ("file:///etc/passwd", "https, or with http on loopback"),
        ("http://127.0.0.1.elsewhere.example/", "https, or with http on loopback"),
        ("https://user:pass@vendor.example/", "holds no password"),
        ("https://[", "the address is none"),
    ],
)
def test_only_some_addresses_are_sources(url: str, why: str) -> None:
    with pytest.raises(SourceError, match=why) as refused:
        source_of(url)
    assert "pass@" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://localhost/x", "http://[::1]:1/x", "https://a.example"])
def test_https_and_loopback_are_sources(url: str) -> None:
    assert source_of(url).name == url
