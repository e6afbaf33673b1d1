"""schemathesis over the OpenAPI document of operators' calls: every answer is one that it documents, none a 5xx."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events

from mapforge.runtime.mappers import Mapper
from mapforge.service.admin import admin_app
from mapforge.service.desk import Desk
from tests.delivery.house import KEYS, order
from tests.service.desks import TOKEN, Desks, desks, shop
from tests.service.test_admin_held import hold

EXAMPLES = 20
# A new connection needs more than its schema can say, and 1.0 is no letter's number. The other two ask of a path that
# two routes share what Starlette does not give.
BEYOND_US = ("positive_data_acceptance", "unsupported_method", "allow_header_conformance")
NAMED = {"path.connection": "shop", "path.platform": "klaviyo", "path.letter": 1, "path.payload": 1}


def found(app: Any, parameters: dict[str, Any]) -> tuple[int, set[tuple[str, str]]]:
    """How many calls were made, and the operation and the check of each failure. The calls are the same each time."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "parameters": parameters,
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "no-shrink": True},
            "phases": {"stateful": {"enabled": False}},
            "checks": {check: {"enabled": False} for check in BEYOND_US},
            "auth": {"openapi": {"HTTPBearer": {"bearer": TOKEN}}},
        }
    )
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=config)
    calls, failures = 0, set()
    for event in engine.from_schema(schema).execute():
        assert not isinstance(event, events.FatalError), event
        if isinstance(event, events.NonFatalError):
            failures.add((event.label, "raised"))
        if isinstance(event, events.ScenarioFinished):
            calls += len(event.recorder.cases)
            checks = [check for of_case in event.recorder.checks.values() for check in of_case]
            failures |= {(event.recorder.label, one.name) for one in checks if one.failure_info is not None}
    return calls, failures


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
        calls, failures = found(at.app, parameters)
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
        _, failures = found(app, NAMED)
        assert {label for label, _ in failures} == {
            "PUT /v1/admin/connections/{connection}",
            "POST /v1/admin/connections/{connection}/test",
        }
