"""The sheet as a PDF: what it says, on A4, with nothing lost and nothing split."""

from __future__ import annotations

from datetime import datetime, timezone

import numpy as np
import pypdfium2
import pytest
from test_evidence import ANSWERS, case

from sigsearch.encoder import Encoder
from sigsearch.errors import ImageBlank
from sigsearch.report.case import About
from sigsearch.report.evidence_pdf import evidence_pdf
from sigsearch.report.exhibit import Plate
from sigsearch.report.pdf import Document
from sigsearch.report.refusal import Refused, refusal_page, refusal_pdf


def pages_of(data: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(data)
    for page in document:
        assert page.get_size() == pytest.approx((595.28, 841.89), abs=0.1)
    return [page.get_textpage().get_text_range() for page in document]


@pytest.mark.parametrize(("score", "answer", "decision"), ANSWERS)
def test_the_first_page_tells_the_verdict(score, answer, decision):
    pages = pages_of(evidence_pdf(case(score, name="Ünal 李")))
    for said in (answer, decision, "case number", "examiner", "Ünal [U+674E]", "Likelihood ratio"):
        assert said in pages[0]
    whole = " ".join(" ".join(pages).split())
    for said in ("Limits", "SHA-256", "signature", "The closest reference", "Where they agree"):
        assert said in whole
    assert "Suspected copy" not in whole


def test_the_copy_alarm_leads():
    (first, *_) = pages_of(evidence_pdf(case(3.0, copy="a1.png", name="a")))
    assert first.index("Suspected copy") < first.index("review")


def test_a_row_of_pictures_stays_on_one_page():
    page = Document("rows", datetime.now(timezone.utc))
    plates = [Plate(f"picture {n}", np.full((100, 150), 90, np.uint8)) for n in range(2)]
    for _ in range(7):
        page.plates(plates, 2)
    pages = pages_of(page.to_bytes())
    assert len(pages) > 1
    for text in pages:
        assert text.count("picture 0") == text.count("picture 1")


def test_a_refused_image_has_a_sheet_that_says_why(encoder: Encoder):
    blank = np.full((60, 90), 255, np.uint8)
    fault = ImageBlank("a.png: the page is blank")
    about = About(case_number="26-117")
    refused = Refused.of(blank, "a.png", "anna", fault, about, encoder)
    (text,) = pages_of(refusal_pdf(refused))
    for said in ("refused", "the page is blank", "image_blank", "26-117"):
        assert said in text
        assert said in refusal_page(refused)
