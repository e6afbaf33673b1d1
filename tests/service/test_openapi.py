"""schemathesis over the OpenAPI document for vendors: every answer is one that it documents, none a 5xx."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.service.explored import explored
from tests.service.place import SECRET, place

NAMED = {"path.connection": "shop", "path.vendor": "acme"}


@pytest.mark.parametrize("parameters", [{}, NAMED], ids=["any names", "names of what is there"])
def test_every_answer_is_documented_and_none_is_a_fault_of_ours(parameters: dict[str, Any], tmp_path: Path) -> None:
    with place(tmp_path) as shop:
        calls, failures = explored(shop.service.webhooks(), parameters, SECRET)
        assert failures == set()
        assert calls > 80
        statuses = {status for _, status in shop.heard.ingests}
        assert statuses == ({404} if not parameters else statuses)
        assert not parameters or {202, 200, 401} <= statuses


def test_a_planted_fault_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with place(tmp_path) as shop:
        app = shop.service.webhooks()
        monkeypatch.setattr(shop.service.ingest, "_identity", lambda mapper: 1 / 0)
        _, failures = explored(app, NAMED, SECRET)
        assert {label for label, _ in failures} == {"POST /v1/ingest/{connection}"}
