"""The evidence sheet as a PDF file, for the file of a case."""

from __future__ import annotations

from sigsearch.report.case import Case
from sigsearch.report.exhibit import exhibit
from sigsearch.report.pdf import COLOURS, ORANGE, Document

_TALL = 80.0  # mm, of a picture across the page
_A_FACT, _TO_SIGN, _A_PAGE = 11.0, 45.0, 240.0  # mm, of a fact of two lines, of what is signed
TO_SIGN = ("examiner", "date, place", "signature")


def evidence_pdf(case: Case) -> bytes:
    """The sheet as an A4 PDF document that refers to nothing outside."""
    shown = exhibit(case)
    page = Document(shown.title, case.about.at, shown.foot)
    page.text("Signature comparison", size=15, bold=True)
    page.text(shown.title)
    if shown.alarm:
        page.box("", [shown.alarm], ORANGE)
        page.plates(shown.originals, 2)
    page.box(shown.answer, shown.told, COLOURS[shown.answer])
    page.facts(shown.head)
    page.heading("Weight of the evidence", room=90)
    for text in shown.statement:
        page.text(text)
    if shown.score is not None:
        page.plot(shown.score, shown.marks, shown.kinds)
    page.facts(shown.weight)
    for heading, plates in shown.pairs:
        page.heading(heading, room=75)
        page.plates(plates, 2)
    if shown.overlay is not None:
        page.heading("One laid on the other", room=_TALL + 30)
        page.plates([shown.overlay], 1, _TALL)
    if shown.regions is not None:
        page.heading("Where they agree and differ", room=_TALL + 40)
        page.text(shown.regions_told)
        page.plates([shown.regions], 1, _TALL)
    for heading, plates in shown.crops:
        if plates:
            page.heading(heading, size=9.5, room=40)
            page.plates(plates, 6, 30)
    if shown.crops:
        page.text("The details are the same places of the normalised images that were compared.")
    page.heading(f"References ({len(shown.references)})", room=60)
    page.plates(shown.references, 3, 60)
    page.heading("Limits")
    for text in shown.limits:
        page.text(f"\u2022 {text}")
    page.heading("Identifiers", room=min(_A_FACT * len(shown.identity) + _TO_SIGN, _A_PAGE))
    page.facts(shown.identity)
    page.lines_to_sign(TO_SIGN)
    return page.to_bytes()
