"""schemathesis over an application's OpenAPI document."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events

EXAMPLES = 20
# A new connection needs more than its schema can say, and 1.0 is no letter's number. The other two ask of a path that
# two routes share what Starlette does not give.
BEYOND_US = ("positive_data_acceptance", "unsupported_method", "allow_header_conformance")


def explored(app: Any, parameters: dict[str, Any], token: str) -> tuple[int, set[tuple[str, str]]]:
    """How many calls were made, and the operation and the check of each failure. The calls are the same each time.

    parameters: values in place of made-up ones. token: what each call shows.
    """
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "parameters": parameters,
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "no-shrink": True},
            "phases": {"stateful": {"enabled": False}},
            "checks": {check: {"enabled": False} for check in BEYOND_US},
            "auth": {"openapi": {"HTTPBearer": {"bearer": token}}},
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
