"""The script and the stylesheets."""

from __future__ import annotations

from importlib import resources

from fastapi import Request
from starlette.responses import Response

from sigsearch.errors import EvidenceUnknown
from sigsearch.server.desk.route import desk_router

files = desk_router()
_FILES = {
    "desk.js": ("sigsearch.server.desk", "static/desk.js", "text/javascript"),
    "desk.css": ("sigsearch.server.desk", "static/desk.css", "text/css"),
    "page.css": ("sigsearch.report", "page.css", "text/css"),
}


@files.get("/static/{name}")
async def static(request: Request, name: str) -> Response:
    if name not in _FILES:
        raise EvidenceUnknown("there is no such file")
    package, path, kind = _FILES[name]
    return Response((resources.files(package) / path).read_bytes(), media_type=kind)
