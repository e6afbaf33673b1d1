"""What is wrong with a body → Klaviyo's JSON:API errors, in the words that its live API uses where they are known.

"… is not a valid field for the resource …", "One or more identifiers is required" and "Request was throttled." were
seen live; the other texts are made in their likeness.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from mapforge.fakes import wire
from mapforge.fakes.problems import Path, Problem

CONTENT_TYPE = "application/vnd.api+json"
_TEXTS = {
    "email": "Invalid email address",
    "phone_number": "Invalid phone number format (Example of a valid format: +12345678901)",
    "time": "Invalid timestamp format. Use ISO 8601, such as 2026-11-20T12:00:00Z, from 1990 on.",
}


class Error(msgspec.Struct, frozen=True):
    """One of a body of errors."""

    status: int
    code: str
    title: str
    detail: str
    pointer: str


def refused(errors: Sequence[Error], make_id: Callable[[], str]) -> wire.Answer:
    """The answer that holds them."""
    said = [
        {
            "id": make_id(),
            "status": error.status,
            "code": error.code,
            "title": error.title,
            "detail": error.detail,
            "source": {"pointer": error.pointer},
            "links": {},
            "meta": {},
        }
        for error in errors
    ]
    body = msgspec.json.encode({"errors": said})
    words = "; ".join(f"{error.detail} ({error.pointer})" for error in errors[:3])
    return wire.Answer(errors[0].status, body, {"content-type": CONTENT_TYPE}, words)


def errors_of(body: Any, found: Sequence[Problem]) -> list[Error]:
    """Errors of a body, in the order they were found."""
    return [Error(400, "invalid", "Invalid input.", _detail(body, one), _pointer(one.path)) for one in found]


def _detail(body: Any, problem: Problem) -> str:
    resource, field = _resource(body, problem.path), str(problem.path[-1]) if problem.path else "data"
    if problem.rule == "additionalProperties":
        return f"'{problem.about}' is not a valid field for the resource '{resource}'."
    if problem.rule == "required":
        return f"'{problem.about}' is a required field for the resource '{resource}'."
    if problem.rule == "anyOf":
        return "One or more identifiers is required"
    if problem.rule == "type":
        return f"'{field}' must be of type {problem.about}."
    if problem.rule == "limit":
        return f"'{field}' exceeds a limit: {problem.about}."
    if problem.rule == "propertyNames":
        return "A name in 'properties' is a field of the profile."
    if problem.rule.startswith(("max", "min")):
        return f"'{field}' breaks a limit: {problem.rule} {problem.about}."
    return _TEXTS.get(field, f"'{field}' is not valid.")


def _resource(body: Any, path: Path) -> str:
    """The type of the innermost resource around a place."""
    node, found = body, "request"
    for step in path:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(node, dict) and isinstance(node.get("type"), str):
            found = node["type"]
    return found


def _pointer(path: Path) -> str:
    return "".join(f"/{escaped(str(step))}" for step in path) or "/data"


def escaped(step: str) -> str:
    """A step of a pointer as RFC 6901 writes it."""
    return step.replace("~", "~0").replace("/", "~1")
