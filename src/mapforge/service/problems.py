"""What is wrong with a request → an answer that says it: problem details, RFC 9457."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """A request that is refused. detail: what is wrong and the way out, without a secret or a value of an event.

    logged: what the operator reads, where the caller is not to learn as much.
    """

    def __init__(
        self, status: int, detail: str, headers: Mapping[str, str] | None = None, *, logged: str | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.logged = logged or detail
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The answer."""
        said = {"title": HTTPStatus(self.status).phrase, "status": self.status, "detail": self.detail}
        return Response(msgspec.json.encode(said), self.status, self.headers, MEDIA_TYPE)
