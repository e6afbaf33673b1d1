"""vendor.yaml's `signature`: what it means, and what of it does not fit together."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from mapforge import model
from mapforge.compiler.vendors import compile_folder
from tests.language.acme import compiled, mapper_of, vendor_yaml

EVENTS = "Order: {trigger: {event: order}, attributes: {x: integer}}\n"


def signature(folder: Path, text: str) -> model.Signature | None:
    """The signature, without its place."""
    vendor = compiled(folder, vendor_yaml() + f"signature: {text}\n", EVENTS)
    found = mapper_of(vendor).signature
    return None if found is None else msgspec.structs.replace(found, span=None)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("{header: X-Sign}", model.Signature(scheme="hmac", header="x-sign")),
        ("{header: x-sign, encoding: [hex, base64, hex]}",
         model.Signature(scheme="hmac", header="x-sign", encodings=("hex", "base64"))),
        ("{header: x-sign, algorithm: sha1, encoding: base64, prefix: 'sha1='}",
         model.Signature(scheme="hmac", header="x-sign", algorithm="sha1", encodings=("base64",), prefix="sha1=")),
        ("{header: x-sign, signs: 'v0:timestamp:body', timestamp: X-Time, window: 5m}",
         model.Signature(scheme="hmac", header="x-sign", signs="v0:timestamp:body", timestamp="x-time", window=300)),
        ("{scheme: token, header: x-key, prefix: 'Key '}",
         model.Signature(scheme="token", header="x-key", prefix="Key ")),
        ("{scheme: standard-webhooks, window: 30s}",
         model.Signature(scheme="standard-webhooks", header="webhook-signature", encodings=("base64",), prefix="v1,",
                         signs="id.timestamp.body", timestamp="webhook-timestamp", window=30)),
    ],
)  # fmt: skip
def test_what_it_means(tmp_path: Path, text: str, meant: model.Signature) -> None:
    assert signature(tmp_path, text) == meant


def test_a_vendor_may_say_none(tmp_path: Path) -> None:
    assert mapper_of(compiled(tmp_path, vendor_yaml(), EVENTS)).signature is None


def said(folder: Path, text: str) -> list[tuple[str, str]]:
    """Code and message of each diagnostic."""
    home = folder / "acme"
    home.mkdir()
    (home / "vendor.yaml").write_text(vendor_yaml() + f"signature: {text}\n")
    (home / "events.yaml").write_text(EVENTS)
    return [(one.code, one.message) for one in compile_folder(home, "acme").diagnostics]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("{encoding: hex}", ["`signature` without `header`"]),
        ("{scheme: token}", ["`signature` without `header`"]),
        ("{scheme: token, header: x-key, algorithm: sha1, window: 5m}",
         ["`algorithm` beside `scheme: token`", "`window` beside `scheme: token`"]),
        ("{scheme: standard-webhooks, header: x-sign}", ["`header` beside `scheme: standard-webhooks`"]),
        ("{header: x-sign, signs: timestamp, timestamp: x-time, window: 5m}", ["`signs` without the body"]),
        ("{header: x-sign, signs: body.body}", ["`signs` without the body"]),
        ("{header: x-sign, signs: timestamp.body}", ["`signs` names a timestamp"]),
        ("{header: x-sign, timestamp: x-time, window: 5m}", ["a timestamp that is not signed"]),
        ("{header: x-sign, signs: timestamp.body, timestamp: x-time}", ["a timestamp without `window`"]),
        ("{header: x-sign, window: 5m}", ["`window` without `timestamp`"]),
    ],
)  # fmt: skip
def test_what_does_not_fit_together(tmp_path: Path, text: str, messages: list[str]) -> None:
    assert said(tmp_path, text) == [("MF225", message) for message in messages]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{header: 'x sign'}", "MF123"),
        ("{header: x-sign, algorithm: md5}", "MF123"),
        ("{header: x-sign, encoding: base16}", "MF123"),
        ("{header: x-sign, signs: timestamp.body, timestamp: x-time, window: 5h}", "MF123"),
        ("{heeder: x-sign}", "MF120"),
        ("yes", "MF122"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, text: str, code: str) -> None:
    assert [each for each, _ in said(tmp_path, text)] == [code]


def test_what_is_assumed_is_a_note(tmp_path: Path) -> None:
    assert said(tmp_path, "{header: x-sign, assumed: the page says no more}") == [
        ("MF601", "the signature is assumed: the page says no more")
    ]
