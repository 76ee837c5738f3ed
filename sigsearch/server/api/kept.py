"""Evidence: the answer as JSON, and its sheet as a page or a PDF."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from starlette.responses import JSONResponse, Response

from sigsearch.server import evidence
from sigsearch.server.access import Caller, needs
from sigsearch.server.api.documented import Segment, problems, router
from sigsearch.server.service import Ours, Served
from sigsearch.server.state.evidence import Piece
from sigsearch.server.tenants import Tenant

kept = router()
Form = Literal["json", "html", "pdf"]
SHEET_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"


@kept.get(
    "/evidence/{id}",
    responses={200: {"content": {"application/json": {}, "text/html": {}, "application/pdf": {}},
                     "description": "The answer, or its sheet."},
               **problems(not_found="No such evidence.", gone="Erased or expired.",
                          conflict="The sheet can no longer be drawn.")},
)  # fmt: skip
@needs("ask", "decide", "audit")
async def get_evidence(
    id: Segment,
    service: Served,
    tenant: Ours,
    caller: Caller,
    format: Annotated[Form, Query(description="json, html or pdf.")] = "json",
) -> Response:
    """An answer, and what it rests on."""
    piece = await service.work.run(service.state.evidence.find, tenant.name, id)
    if format == "json":
        return JSONResponse(document(piece))
    sheet = await service.work.run(drawn, tenant, piece, format)
    if format == "html":
        return Response(
            sheet, media_type="text/html", headers={"Content-Security-Policy": SHEET_POLICY}
        )
    name = {"Content-Disposition": 'attachment; filename="evidence.pdf"'}
    return Response(sheet, media_type="application/pdf", headers=name)


def document(piece: Piece) -> dict[str, Any]:
    return {
        "id": piece.id, "at": piece.at, "person": piece.person, "kind": piece.kind,
        "answer": dict(piece.answer), "references": list(piece.references),
    }  # fmt: skip


def drawn(tenant: Tenant, piece: Piece, format: Form) -> bytes:
    """The sheet. Raises EvidenceChanged."""
    case = evidence.case_of(tenant, piece)
    if format == "pdf":
        from sigsearch.report.evidence_pdf import evidence_pdf

        return evidence_pdf(case)
    from sigsearch.report.evidence import evidence_sheet

    return evidence_sheet(case).encode()
