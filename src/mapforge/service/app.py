"""The parts of the service → its applications, for webhooks and for operators, each with OpenAPI and a page of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from mapforge import __version__
from mapforge.service.dry_run import DryRun
from mapforge.service.health import Health
from mapforge.service.ingest import Ingest
from mapforge.service.metrics import CONTENT_TYPE
from mapforge.service.page import page
from mapforge.service.problems import MEDIA_TYPE, SCHEMA, Refusal
from mapforge.service.settings import Settings

INGEST = "/v1/ingest/{connection}"
_PREFIX = INGEST.partition("{")[0]
_BEARER = "HTTPBearer"
_SIGNED = "The connection's signing secret. A vendor with a signature of its own signs by that in its place."
DRY_RUN = "/v1/map/{vendor}"


class Webhooks:
    """What listens where webhooks come in. A webhook takes the short way; what is left takes the routes."""

    def __init__(self, ingest: Ingest, routes: Starlette) -> None:
        self._ingest = ingest
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A request."""
        path: str = scope["path"]
        name = path[len(_PREFIX) :]
        if scope["method"] == "POST" and path.startswith(_PREFIX) and name and "/" not in name:
            scope["path_params"] = {"connection": name}
            await self._ingest(scope, receive, send)
        else:
            await self._routes(scope, receive, send)


def webhook_app(ingest: Ingest, dry_run: DryRun, health: Health, settings: Settings) -> Webhooks:
    """The application for webhooks. Its routes read raw bytes, so that nothing is parsed twice."""
    routes: list[BaseRoute] = [Route(INGEST, ingest, methods=["POST"])]
    paths = {INGEST: {"post": _ingest()}}
    if settings.dry_run:
        routes.append(Route(DRY_RUN, dry_run.take, methods=["POST"]))
        paths[DRY_RUN] = {"post": _dry_run()}
    _add_health(routes, paths, health)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "mapforge for vendors", "version": __version__},
        "paths": paths,
        "components": {"securitySchemes": {_BEARER: {"type": "http", "scheme": "bearer", "description": _SIGNED}}},
    }
    return Webhooks(ingest, _application([*routes, *page(document)]))


def operators_app(calls: FastAPI, health: Health, metrics: Callable[[], bytes]) -> Starlette:
    """The application for operators and Prometheus. calls: what an operator asks and tells, each with the token."""
    routes: list[BaseRoute] = [Route("/metrics", _metrics(metrics), methods=["GET"])]
    scrape = {"description": "Prometheus' text format.", "content": {"text/plain": {"schema": _of("string")}}}
    paths = {"/metrics": {"get": operation("Numbers", {200: scrape})}}
    _add_health(routes, paths, health)
    said = calls.openapi()
    document = {**said, "paths": {**paths, **said["paths"]}}
    return _application([*routes, *page(document), Mount("/", calls)])


def _metrics(text: Callable[[], bytes]) -> Callable[[Request], Awaitable[Response]]:
    async def scrape(request: Request) -> Response:
        return Response(await asyncio.to_thread(text), media_type=CONTENT_TYPE)

    return scrape


def _application(routes: list[BaseRoute]) -> Starlette:
    return Starlette(routes=routes, exception_handlers={404: _not_found, 405: _not_allowed})


def _add_health(routes: list[BaseRoute], paths: dict[str, dict[str, Any]], health: Health) -> None:
    """The two probes, and what OpenAPI says of them."""
    routes += [Route("/healthz", health.live, methods=["GET"]), Route("/readyz", health.ready, methods=["GET"])]
    live = {200: _json("The process answers.", _object(live=_of("boolean")))}
    ready = _object(ready=_of("boolean"), problems={"type": "object", "additionalProperties": _of("string", "null")})
    both = {200: _json("A webhook would be taken.", ready), 503: _json("It would not; each part says why.", ready)}
    paths["/healthz"] = {"get": operation("Whether it lives", live)}
    paths["/readyz"] = {"get": operation("Whether it is ready", both)}


async def _not_found(request: Request, error: Exception) -> Response:
    return Refusal(404, f"there is nothing at {request.url.path[:200]}; GET /docs lists what is").answer()


async def _not_allowed(request: Request, error: Exception) -> Response:
    methods = (getattr(error, "headers", None) or {}).get("Allow", "")
    allowed = ", ".join(sorted(methods.split(", "))) or "another method"
    return Refusal(405, f"takes {allowed}, not {request.method}", headers={"Allow": allowed}).answer()


# ── what OpenAPI says of the plain routes ─────────────────────────────────────────────────────────


def operation(summary: str, responses: dict[int, dict[str, Any]], **more: Any) -> dict[str, Any]:
    """An operation with its answers by status."""
    return {"summary": summary, "responses": {str(status): said for status, said in responses.items()}, **more}


def problem(description: str) -> dict[str, Any]:
    """An answer that is problem details."""
    return {"description": description, "content": {MEDIA_TYPE: {"schema": SCHEMA}}}


def _ingest() -> dict[str, Any]:
    said = _object(event=_of("integer"), repeat=_of("boolean"))
    responses = {
        200: _json("A repeat: this event is in the queue already.", said),
        202: _json("The event is on disk.", said),
        401: problem("The signature is missing or does not fit."),
        404: problem("There is no such connection."),
        **_bodies(),
        503: problem("The queue cannot be written, or too much is under way: nothing was kept. See Retry-After."),
    }
    parameters = [
        _parameter("connection", "path"),
        _parameter("event", "query", "The raw event's name, where it says none."),
    ]
    shown: list[dict[str, list[str]]] = [{_BEARER: []}]
    return operation("Take a webhook", responses, parameters=parameters, requestBody=_body(), security=shown)


def _dry_run() -> dict[str, Any]:
    notes = {"type": "array", "items": {"type": "object"}}
    responses = {
        200: _json(
            "What the mapping makes of it.", _object(payloads=notes, skipped=notes, warnings=notes, faults=notes)
        ),
        404: problem("There is no such vendor."),
        **_bodies(),
        503: problem("Too much is under way. See Retry-After."),
    }
    parameters = [
        _parameter("vendor", "path"),
        _parameter("to", "query", "A platform; all of them unless told."),
        _parameter("event", "query", "The raw event's name, where it says none."),
    ]
    return operation("Map, and send nothing", responses, parameters=parameters, requestBody=_body())


def _bodies() -> dict[int, dict[str, Any]]:
    return {
        400: problem("The body is no JSON, or nests too deep."),
        408: problem("The body did not come in time."),
        413: problem("The body is too large."),
        415: problem("The body is compressed."),
    }


def _body() -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": {}}}}


def _parameter(name: str, where: str, description: str = "") -> dict[str, Any]:
    said = {"name": name, "in": where, "required": where == "path", "schema": _of("string")}
    return {**said, "description": description} if description else said


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _of(*types: str) -> dict[str, Any]:
    return {"type": types[0] if len(types) == 1 else list(types)}
