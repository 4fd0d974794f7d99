"""Imports over HTTP: a file sent in under a mapping that is shipped, and its rejects."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from crm_es.commands.fields import Id
from crm_es.intake.mappings import shipped_names
from crm_es.intake.rejects import rejects_path
from crm_es.interfaces.http.asgi import check_length, headers_of, pieces_of_body
from crm_es.interfaces.http.commands import circumstances
from crm_es.interfaces.http.problems import Problem
from crm_es.interfaces.http.readers import Readers
from crm_es.interfaces.http.reading import Reading
from crm_es.interfaces.http.shapes.platform import Accepted
from crm_es.interfaces.http.uploads import SIZE_MAX, Uploads

MEDIA_TYPES = (b"text/csv", b"text/tab-separated-values", b"text/plain")
_BODY = {
    "required": True,
    "content": {kind.decode(): {"schema": {"type": "string"}} for kind in MEDIA_TYPES},
}


def routes(readers: Readers[Reading], uploads: Uploads, folder: Path) -> APIRouter:
    """``folder`` is where the rejects are."""
    router = APIRouter(prefix="/v1", tags=["platform"])

    @router.post(
        "/imports", operation_id="import_file", status_code=202,
        responses={202: {"model": Accepted}}, openapi_extra={"requestBody": _BODY},
    )  # fmt: skip
    async def send(
        request: Request,
        mapping: Annotated[str, Query(description=f"One of: {', '.join(shipped_names())}.")],
    ) -> Response:
        """Bring in one file, as a mapping says; up to 50 MiB and 100,000 rows.

        The file is read at once: one that is not as the mapping says is turned down. Then its rows
        are recorded one after the other; the import's own resource tells how it stands. The same
        file again changes nothing, and goes on where the first stopped.
        """
        headers = headers_of(request.scope)
        _expect_text(headers)
        if mapping not in shipped_names():
            raise Problem(404, "mapping.unknown", "No mapping of that name is shipped.")
        check_length(headers, SIZE_MAX)
        whence = circumstances(headers, request.scope["principal"])
        pieces = pieces_of_body(request.receive)
        begun = await uploads.begin(mapping, whence.actor, pieces)
        here = f"/v1/imports/{begun.import_id}"
        accepted = Accepted(
            import_id=begun.import_id, position=begun.position, report=here,
            rejects=f"{here}/rejects",
        )  # fmt: skip
        told = {"Location": here, "X-Position": str(begun.position)}
        body = accepted.model_dump_json()
        return Response(body, 202, told, media_type="application/json")

    @router.get(
        "/imports/{id}/rejects", operation_id="import_rejects",
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
        response_class=Response,
    )  # fmt: skip
    async def rejects(id: Id) -> Response:
        """The lines that became nothing: file, line, column, code and why; never a value."""
        path = rejects_path(folder, id)

        def read(_: Reading) -> bytes | None:
            return path.read_bytes() if path.exists() else None

        found = await readers.run(read)
        if found is None:
            raise Problem(404, "rejects.not_found", "There are none, or the import is under way.")
        shown = {"Content-Disposition": f'attachment; filename="{path.name}"'}
        return Response(found, headers=shown, media_type="text/csv; charset=utf-8")

    return router


def _expect_text(headers: dict[bytes, bytes]) -> None:
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind not in MEDIA_TYPES:
        detail = "Content-Type text/csv is expected; packed files and workbooks are not taken."
        raise Problem(415, "content_type.unsupported", detail)
    if headers.get(b"content-encoding", b"identity") != b"identity":
        raise Problem(415, "content_encoding.unsupported", "A body is sent uncompressed.")
