"""An OpenAPI document → the routes that show it, to programs and to people, with assets that come from here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fastapi_offline
import msgspec
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

_ASSETS = "/docs-assets"


def page(document: dict[str, Any]) -> list[BaseRoute]:
    """/openapi.json, /docs and what that loads."""
    said = msgspec.json.encode(document)
    shown = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title=document["info"]["title"],
        swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{_ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{_ASSETS}/favicon.png",
    )

    async def openapi(request: Request) -> Response:
        return Response(said, media_type="application/json")

    async def docs(request: Request) -> Response:
        return shown

    assets = StaticFiles(directory=Path(fastapi_offline.__file__).parent / "static")
    return [Route("/openapi.json", openapi), Route("/docs", docs), Mount(_ASSETS, assets)]
