"""What is wrong with a call → an answer as RFC 9457 has it: the place, the reason and the way out, and no input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from mapforge.delivery.queue import Overtaken, QueueError, QueueUnwritable, UnknownConnection
from mapforge.delivery.secrets import SecretError
from mapforge.diagnostics import MapforgeError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5
NOT_SO = "the call is not as it must be"
_UNREADABLE = "the body is no JSON in UTF-8, is nested too deep, or has a number that is too long"


class Wrong(msgspec.Struct, frozen=True):
    """One thing that is wrong with a call. place: such as `body.outlets[0].key`, `path.letter` or `query.after`."""

    place: str
    says: str


class Refusal(MapforgeError):
    """A call that is not done. status: of HTTP. detail: what is wrong and the way out; wrong: each thing, by place.

    logged: what the operator reads, where the caller is not to learn as much.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        wrong: Iterable[Wrong] = (),
        *,
        headers: Mapping[str, str] | None = None,
        logged: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.wrong = tuple(wrong)
        self.headers = dict(headers or {})
        self.logged = logged or detail

    def answer(self) -> Response:
        """The answer that says so."""
        return answer(self.status, self.detail, self.wrong, self.headers)


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """An answer's body. https://www.rfc-editor.org/rfc/rfc9457"""

    title: str
    status: int
    detail: str
    errors: tuple[Wrong, ...] = ()


# The schema of a Problem in an OpenAPI document, written out: it stands in documents that have no place for its parts.
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["title", "status", "detail"],
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and the way out."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["place", "says"],
                "additionalProperties": False,
                "properties": {"place": {"type": "string"}, "says": {"type": "string"}},
            },
        },
    },
}


def documented(statuses: Iterable[int]) -> dict[int | str, dict[str, Any]]:
    """The answers of these statuses as FastAPI's `responses` has them."""
    return {status: {"description": _title(status), "content": {MEDIA_TYPE: {"schema": SCHEMA}}} for status in statuses}


def answer_to(error: Exception) -> Response | None:
    """The answer that says what went wrong; None for an error that is no caller's."""
    if isinstance(error, Refusal):
        return error.answer()
    if isinstance(error, RequestValidationError):
        wrong = [_wrong(one) for one in error.errors()]
        return answer(422, NOT_SO, wrong)
    if isinstance(error, HTTPException):
        detail = _UNREADABLE if error.status_code == 400 else error.detail
        return answer(error.status_code, detail, headers=error.headers)
    if isinstance(error, QueueUnwritable):
        return answer(503, f"{error}; try again later", headers={"retry-after": str(RETRY_AFTER)})
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), None)
    return None if status is None else answer(status, str(error))


_STATUS: Mapping[type[Exception], int] = {UnknownConnection: 404, Overtaken: 409, SecretError: 409, QueueError: 409}


def answer(status: int, detail: str, wrong: Iterable[Wrong] = (), headers: Mapping[str, str] | None = None) -> Response:
    """An answer that is a problem."""
    body = msgspec.json.encode(Problem(_title(status), status, detail, tuple(wrong)))
    return Response(body, status, dict(headers or {}), MEDIA_TYPE)


def _title(status: int) -> str:
    return HTTPStatus(status).phrase


def _wrong(error: Mapping[str, Any]) -> Wrong:
    """A fault that pydantic found. Its input is left out, and so is the name of a member that nobody knows: a key that
    was put in the wrong place would come out again."""
    kind, loc = str(error["type"]), list(error["loc"])
    if kind == "extra_forbidden":
        return Wrong(_place(loc[:-1]), "a member that does not exist; the OpenAPI document lists those that do")
    if kind == "json_invalid":
        return Wrong(_place(loc[:1]), f"no JSON, from character {loc[-1]} on")
    return Wrong(_place(loc), _SAYS.get(kind, str(error["msg"])))


_SAYS = {
    "missing": "it is required",
    "model_attributes_type": "a JSON object, sent with Content-Type: application/json",
}


def _place(loc: Iterable[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc).removeprefix(".")
