"""What is kept of a question, and the sheet that is drawn of it when somebody asks for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal

from sigsearch.engine.examination import Examination
from sigsearch.engine.judge import Rates
from sigsearch.errors import EvidenceChanged
from sigsearch.report.case import About, Case, case_against_images, case_against_writer
from sigsearch.schema import Jsonable
from sigsearch.server.service import Service
from sigsearch.server.state.evidence import Piece
from sigsearch.server.state.keys import KeyEntry
from sigsearch.server.tenants import Tenant
from sigsearch.server.uploads import Place, Upload

Kind = Literal["verify", "compare", "identify", "mandate"]


def keep(
    service: Service,
    caller: KeyEntry,
    kind: Kind,
    answer: Jsonable,
    asked: Mapping[str, Any],
    references: Sequence[str],
    writers: Iterable[str],
    shown: Sequence[Upload],
) -> str | None:
    """The id of what is kept of an answer; None where nothing is to be."""
    if not service.settings.keep_days:
        return None
    files = [(one.name, one.data) for one in shown]
    return service.state.evidence.keep(
        caller.tenant, caller.person, kind, asked, answer.to_dict(), references, writers, files
    )


def asked_for(place: Place, rates: Rates | None, writer: str | None = None) -> dict[str, Any]:
    """The parameters of a question, to ask it again."""
    return {
        "page": place.page, "box": place.box, "signature": place.signature, "writer": writer,
        "rates": None if rates is None else asdict(rates),
    }  # fmt: skip


def case_of(tenant: Tenant, piece: Piece) -> Case:
    """The question asked again, with all that a sheet shows. Raises EvidenceChanged where that is
    not the same question any more, or no image was kept."""
    if piece.kind not in ("verify", "compare", "identify") or not piece.images:
        raise EvidenceChanged("there is no sheet of this: no image was kept, or more than one")
    if piece.kind == "compare":
        return _against_images(tenant, piece)
    writer, rates = piece.asked["writer"], piece.asked["rates"]
    if writer is None:
        raise EvidenceChanged("there is no sheet of this: no writer was verified")
    upload, index = _upload(piece, 0), tenant.asked_by(piece.person)
    # Past the log: nobody decides anything here.
    quiet = type(index)(tenant.index, index.encoder)
    signature = upload.signature(_place(piece))
    examined = quiet.examine(signature, writer, None if rates is None else Rates(**rates))
    _must_be_same(piece, examined)
    return case_against_writer(quiet, examined, _about(piece), upload.data)


def _against_images(tenant: Tenant, piece: Piece) -> Case:
    from sigsearch.documents.intake import signature_to_enrol
    from sigsearch.engine.pair import examine

    rates, encoder = piece.asked["rates"], tenant.asked_by(piece.person).encoder
    upload, others = _upload(piece, 0), [_upload(piece, n) for n in range(1, len(piece.images))]
    references = [signature_to_enrol(one.data, one.name) for one in others]
    examined = examine(
        upload.signature(_place(piece)), references, encoder,
        None if rates is None else Rates(**rates),
    )  # fmt: skip
    sources = [one.data for one in others]
    about = _about(piece)
    return case_against_images(examined, references, encoder, about, upload.data, sources)


def _must_be_same(piece: Piece, examined: Examination) -> None:
    if list(examined.content_hashes) != list(piece.references):
        raise EvidenceChanged(
            "the writer's references have changed; a sheet would not show what was decided on"
        )


def _upload(piece: Piece, number: int) -> Upload:
    return Upload(*piece.images[number])


def _place(piece: Piece) -> Place:
    box = piece.asked["box"]
    area = None if box is None else tuple(box)
    return Place(piece.asked["page"], area, piece.asked["signature"])


def _about(piece: Piece) -> About:
    from datetime import datetime, timezone

    at = datetime.fromtimestamp(piece.at, timezone.utc)
    return About(case_number=piece.id, examiner=piece.person, at=at)
