"""The OpenAPI document and a page that shows it, both served from here: nothing is fetched."""

from __future__ import annotations

from importlib.resources import files

import orjson
from fastapi import APIRouter, FastAPI
from fastapi.responses import RedirectResponse, Response

from crm_es.interfaces.http.openapi import document

_POLICY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
_MEDIA_TYPES = {
    "index.html": "text/html; charset=utf-8",
    "docs.css": "text/css; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
}


def routes(app: FastAPI) -> APIRouter:
    router = APIRouter()
    made: list[bytes] = []

    @router.get("/openapi.json")
    async def openapi() -> Response:
        if not made:
            made.append(orjson.dumps(document(app)))
        return Response(made[0], media_type="application/json")

    @router.get("/")
    async def start() -> Response:
        return RedirectResponse("/docs/")

    def show(name: str) -> None:
        body = files("crm_es.interfaces.http").joinpath("assets", name).read_bytes()

        async def asset() -> Response:
            return Response(body, media_type=_MEDIA_TYPES[name], headers=_POLICY)

        router.get("/docs/" + name.removeprefix("index.html"))(asset)

    for name in _MEDIA_TYPES:
        show(name)
    return router
