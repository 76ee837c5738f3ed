"""The evidence sheet that `--report` writes: a page or, by the name's end, a PDF file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sigsearch.cli.files import PAGE, must_be_writable, whole_file, write_page
from sigsearch.cli.output import say

if TYPE_CHECKING:
    from sigsearch.encoder import Encoder
    from sigsearch.errors import ImageError
    from sigsearch.imaging import ImageSource
    from sigsearch.report.case import About, Case

PDF = (".pdf",)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where to write, and what the examiner states."""

    path: Path
    case_number: str
    examiner: str
    dpi: float | None

    def refuse_place(self) -> None:
        """Before any work is done for it. Raises NotWritable."""
        must_be_writable(self.path, (*PAGE, *PDF))

    @property
    def about(self) -> About:
        from sigsearch.report.case import About

        return About(self.case_number, self.examiner, self.dpi)

    def write(self, case: Case) -> None:
        if self._is_pdf:
            from sigsearch.report.evidence_pdf import evidence_pdf

            self._put(evidence_pdf(case))
        else:
            from sigsearch.report.evidence import evidence_sheet

            self._put(evidence_sheet(case))

    def write_refusal(
        self, source: ImageSource, name: str, whom: str, fault: ImageError, encoder: Encoder
    ) -> None:
        """For an image that was refused: nothing was compared, and why."""
        from sigsearch.report.refusal import Refused, refusal_page, refusal_pdf

        refused = Refused.of(source, name, whom, fault, self.about, encoder)
        self._put(refusal_pdf(refused) if self._is_pdf else refusal_page(refused))

    @property
    def _is_pdf(self) -> bool:
        return self.path.suffix.lower() in PDF

    def _put(self, document: str | bytes) -> None:
        if isinstance(document, str):
            write_page(self.path, document)
        else:
            with whole_file(self.path) as file:
                file.write(document)
        say(f"wrote {self.path}")
