"""The evidence sheet as a page: one verification, with everything that it rests on, fit to put in a
file."""

from __future__ import annotations

from collections.abc import Sequence

from sigsearch.report.case import Case
from sigsearch.report.exhibit import Exhibit, Plate, exhibit
from sigsearch.report.page import Picture, render
from sigsearch.report.pictures import data_uri
from sigsearch.report.score_plot import legend, place_of_score


def evidence_sheet(case: Case) -> str:
    """The sheet as one HTML document that loads nothing from elsewhere."""
    return page_of(exhibit(case))


def page_of(shown: Exhibit) -> str:
    return render(
        "evidence.html",
        title=shown.title,
        shown=shown,
        originals=_pictures(shown.originals),
        plot=None if shown.score is None else place_of_score(shown.score, shown.marks, shown.kinds),
        keys=legend(shown.kinds),
        pairs=[(heading, _pictures(plates)) for heading, plates in shown.pairs],
        overlay=None if shown.overlay is None else _picture(shown.overlay),
        regions=None if shown.regions is None else _picture(shown.regions),
        crops=[(heading, _pictures(plates)) for heading, plates in shown.crops],
        references=_pictures(shown.references),
    )


def _pictures(plates: Sequence[Plate]) -> list[Picture]:
    return list(map(_picture, plates))


def _picture(plate: Plate) -> Picture:
    return Picture(plate.caption, "" if plate.pixels is None else data_uri(plate.pixels))
