"""schemathesis over the OpenAPI document of operators' calls: every answer is one that it documents, none a 5xx."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from mapforge.runtime.mappers import Mapper
from mapforge.service.admin import admin_app
from mapforge.service.desk import Desk
from tests.delivery.house import KEYS, order
from tests.service.desks import TOKEN, Desks, desks, shop
from tests.service.explored import explored
from tests.service.test_admin_held import hold

NAMED = {"path.connection": "shop", "path.platform": "klaviyo", "path.letter": 1, "path.payload": 1}


def used(at: Desks) -> None:
    """A connection, a dead letter and held payloads are there."""
    hold(at, 1, 2)
    at.ok("PUT", "/connections/shop", shop("klaviyo"))
    at.home.accept(order(3, x='"many"'))
    at.home.deliver()


@pytest.mark.parametrize("parameters", [{}, NAMED], ids=["any names", "names of what is there"])
def test_every_answer_is_documented_and_none_is_a_fault_of_ours(parameters: dict[str, Any], tmp_path: Path) -> None:
    with desks(tmp_path, transport=httpx.MockTransport(lambda request: httpx.Response(401))) as at:
        used(at)
        calls, failures = explored(at.app, parameters, TOKEN)
        assert failures == set()
        assert calls > 300


class Broken:
    """Mappers that fail as nothing of ours should."""

    def get(self, vendor: str, /) -> Mapper | None:
        raise RuntimeError("a mistake of ours")


def test_a_planted_fault_is_found(tmp_path: Path) -> None:
    with desks(tmp_path) as at:
        used(at)
        app = admin_app(Desk(at.home.store, Broken(), KEYS), at.token)
        _, failures = explored(app, NAMED, TOKEN)
        assert {label for label, _ in failures} == {
            "PUT /v1/admin/connections/{connection}",
            "POST /v1/admin/connections/{connection}/test",
        }
