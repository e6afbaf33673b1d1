"""A raw event → what its mapping makes of it, and nothing kept or sent."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from mapforge.delivery.mapping import VendorMappers
from mapforge.runtime.decode import untyped, utf8
from mapforge.runtime.outcomes import Result
from mapforge.service.intake import Bodies, bounded, json_expected
from mapforge.service.problems import Refusal
from mapforge.service.settings import Settings


class DryRun:
    """Maps what comes, as the worker would."""

    def __init__(self, mappers: VendorMappers, settings: Settings) -> None:
        self._mappers = mappers
        self._settings = settings
        self._bodies = Bodies(settings)

    async def take(self, request: Request) -> Response:
        """200 with payloads, skips, warnings and faults; a problem where there is nothing to map."""
        try:
            result = await self._result(request)
        except Refusal as refusal:
            return refusal.answer()
        return Response(msgspec.json.encode(_shown(result)), media_type="application/json")

    async def _result(self, request: Request) -> Result:
        vendor = request.path_params["vendor"]
        mapper = self._mappers.get(vendor)
        if mapper is None:
            raise Refusal(404, "there is no such vendor in the build")
        wanted = request.query_params.getlist("to")
        unknown = [one for one in wanted if one not in mapper.head.platforms]
        if unknown:
            raise Refusal(400, f"to: takes {', '.join(mapper.head.platforms)}")
        raw = await self._bodies.read(request.headers, request.receive)
        try:
            with json_expected():
                bounded(raw, self._settings.max_depth)
                untyped(utf8(raw))
            event = request.query_params.get("event") or None
            return await asyncio.to_thread(mapper.map, raw, dict(request.headers), wanted or None, event)
        finally:
            self._bodies.done(raw)


def _shown(result: Result) -> dict[str, Any]:
    """The result as it is, each payload's body in place of its text."""
    payloads = [{**msgspec.structs.asdict(one), "body": msgspec.Raw(one.body)} for one in result.payloads]
    return {
        "payloads": payloads,
        "skipped": result.skipped,
        "warnings": result.warnings,
        "faults": result.faults,
    }
