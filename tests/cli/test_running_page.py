"""The commands of docs/running.md, in their order, on a queue with 99minds' events."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import httpx
import pytest

from mapforge.fakes import NONE, Settings, running
from tests.cli.office import KEY, Operator
from tests.delivery.house import Sent
from tests.docs.pages import ROOT, blocks

PAGE = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
SAMPLE = (ROOT / "mappings" / "99minds" / "samples" / "giftcard-issued.json").read_bytes()


@pytest.fixture
def shopkeeper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """Somebody with a copy of 99minds' mapping."""
    shutil.copytree(ROOT / "mappings" / "99minds", tmp_path / "mappings" / "99minds")
    return Operator(tmp_path, monkeypatch, "99minds")


def commands(title: str) -> list[list[str]]:
    """The commands of a section, as words after `mapforge`."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    (block,) = [block.text for block in blocks(found[1]) if block.kind == "sh"]
    words = [shlex.split(line) for line in block.splitlines()]
    assert {line[0] for line in words} == {"mapforge"}
    return [line[1:] for line in words]


def test_connections(shopkeeper: Operator) -> None:
    with running(Settings(limits=NONE)) as fakes:
        origins = ["--origin", f"klaviyo={fakes.klaviyo}", "--origin", f"omnisend={fakes.omnisend}"]
        for words in commands("Connections"):
            shopkeeper.ok(*words, *(origins if words[1] == "test" else []), stdin=f"{KEY}\n" * 2)
    row = shopkeeper.ok("connections", "list").splitlines()[1]
    assert re.split(" {2,}", row.strip()) == [
        "shop", "99minds", "A shop", "klaviyo, omnisend (off)", "events", "on"
    ]  # fmt: skip


def test_dead_letters(shopkeeper: Operator) -> None:
    def respond(sent: Sent) -> httpx.Response:
        return httpx.Response(400 if sent.platform == "omnisend" else 202)

    shopkeeper.connected("klaviyo", "omnisend")
    shopkeeper.delivered(SAMPLE, respond=respond)
    printed = {tuple(words): shopkeeper.ok(*words) for words in commands("Dead letters and replay")}
    assert "mappings/99minds/cards.yaml:" in printed["dead", "show", "1"]
    assert SAMPLE.decode().splitlines()[0] in printed["dead", "show", "1", "--raw"]
    assert "GiftcardIssued to omnisend: is on its way" in printed["dead", "replay", "1"]
    assert [sent.platform for sent in shopkeeper.delivered().platforms.requests] == ["omnisend"]


def test_held_payloads(shopkeeper: Operator) -> None:
    def respond(sent: Sent) -> httpx.Response:
        if sent.platform == "omnisend":
            raise httpx.ReadTimeout("slow")
        return httpx.Response(202)

    shopkeeper.connected("klaviyo", "omnisend")
    shopkeeper.delivered(SAMPLE, respond=respond)
    for words in commands("Held payloads"):
        shopkeeper.ok(*words)
    assert [sent.platform for sent in shopkeeper.delivered().platforms.requests] == ["omnisend"]
