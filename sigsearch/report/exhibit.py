"""What an evidence sheet says and shows, in its order, whatever it is written as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sigsearch.engine.scan import Scan
from sigsearch.imaging import Signature
from sigsearch.report.case import Case, ShownReference
from sigsearch.report.overlay import overlay_picture, way_between
from sigsearch.report.pictures import Pixels, ink_picture, region_picture
from sigsearch.report.regions import crop, extremes, region_evidence
from sigsearch.report.scans import ink_picture_of, regions_on_scan, scan_picture
from sigsearch.report.score_plot import Kinds, distributions
from sigsearch.report.sheet_texts import (
    Row,
    alarm_of,
    foot_of,
    head_of,
    identity_of,
    limits_of,
    statement_of,
    told_of,
    weight_of,
)
from sigsearch.report.svg import Mark

_WIDE, _SMALL = 1000, 480  # pixels across, for a pair and for references beside one another
NO_SCALE = "; the file states no resolution, so there is no scale"


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """A picture with its caption; `pixels` is None where the image is not at hand."""

    caption: str
    pixels: Pixels | None


@dataclass(frozen=True, slots=True, eq=False)
class Exhibit:
    """Texts, tables and plates, in the order of the sheet. alarm: the copy alarm with its plates,
    which leads where it was raised; foot: what stands on each page; told: what the answer says, and
    what to do next; score, regions: None where the image forbids to weigh what was found; marks,
    kinds: the thresholds and the distributions for the plot; crops: title and plates, two a
    place."""

    title: str
    head: Sequence[Row]
    alarm: str
    originals: Sequence[Plate]
    foot: str
    answer: str
    told: Sequence[str]
    statement: Sequence[str]
    score: float | None
    marks: Sequence[Mark]
    kinds: Kinds
    weight: Sequence[Row]
    pairs: Sequence[tuple[str, Sequence[Plate]]]
    overlay: Plate | None
    regions: Plate | None
    regions_told: str
    crops: Sequence[tuple[str, Sequence[Plate]]]
    references: Sequence[Plate]
    identity: Sequence[Row]
    limits: Sequence[str]


def exhibit(case: Case) -> Exhibit:
    answer, copied = case.answer, case.copied
    regions, told, crops = _regions(case) if answer.evidence.weighed else (None, "", [])
    return Exhibit(
        title=f"{answer.questioned} and {case.whom}",
        head=head_of(case.about, case.identity),
        alarm=alarm_of(case),
        originals=_originals(case, copied) if copied else (),
        foot=foot_of(case),
        answer=answer.verdict.answer,
        told=told_of(case),
        statement=statement_of(answer.evidence),
        score=answer.score if answer.evidence.weighed else None,
        marks=_marks(case),
        kinds=distributions(
            case.judge.calibrations, len(case.references), case.judge.handicap(case.reading)
        ),
        weight=weight_of(case),
        pairs=_pairs(case),
        overlay=_overlay(case),
        regions=regions,
        regions_told=told,
        crops=crops,
        references=[_reference(n, shown, case) for n, shown in enumerate(case.references, 1)],
        identity=identity_of(case),
        limits=limits_of(answer.evidence),
    )


def _originals(case: Case, copied: ShownReference) -> list[Plate]:
    return [
        _scanned(case.scan, case.questioned, f"questioned: {case.questioned.name}"),
        _scanned(copied.scan, copied.signature, f"suspected original: {copied.source}"),
    ]


def _marks(case: Case) -> list[Mark]:
    answer = case.answer
    below = Mark("non_match below", answer.evidence.reject_below)
    return [Mark("match", answer.threshold), below]


def _pairs(case: Case) -> list[tuple[str, list[Plate]]]:
    best = case.closest
    return [
        ("The questioned signature", _pair(case.scan, case.questioned, case.questioned.name)),
        ("The closest reference", _pair(best.scan, best.signature, best.source)),
    ]


def _pair(scan: Scan | None, signature: Signature | None, name: str) -> list[Plate]:
    """The scan, and beside it the ink that was compared."""
    told = f"the ink that was compared, print and paper removed: {name}"
    if scan is None:
        return [Plate(told, None if signature is None else ink_picture(signature, _WIDE))]
    shown = [_scanned(scan, None, f"scan: {name}")]
    if signature is not None:
        shown.append(Plate(told, ink_picture_of(scan, signature, _WIDE)))
    return shown


def _scanned(
    scan: Scan | None, signature: Signature | None, caption: str, widest: int = _WIDE
) -> Plate:
    """The scan; the ink in its place where there is none."""
    if scan is not None:
        return Plate(caption + ("" if scan.per_mm else NO_SCALE), scan_picture(scan, widest))
    if signature is not None:
        return Plate(caption + " (cleaned ink)", ink_picture(signature, widest))
    return Plate(caption, None)


def _overlay(case: Case) -> Plate | None:
    questioned, best = case.questioned, case.closest.signature
    if best is None:
        return None
    way = way_between(questioned, best)
    turn = round(way.turn, 1) or 0.0  # never -0.0
    caption = (
        "The closest reference (orange) laid on the questioned signature (blue), dark where both "
        f"have ink. It was turned by {turn:+.1f} degrees, scaled by {way.scale:.2f} (in "
        "pixels) and shifted, so that the blurred inks come closest; nothing was bent."
    )
    return Plate(caption, overlay_picture(questioned, best, way))


def _regions(case: Case) -> tuple[Plate, str, list[tuple[str, list[Plate]]]]:
    matcher, best = case.judge.matcher, case.closest
    evidence, relative = region_evidence(case.reading, case.readings, matcher)
    measure = "the references are to one another" if relative else "this signature is on average"
    worst, closest = extremes(evidence)
    told = (
        f"Blue: more like the references than {measure}; orange: less like them. Framed are the "
        "places that agree most (A1 ...) and differ most (D1 ...). The colours show where the "
        "network's comparison of small regions agrees; they are no separate tests."
    )
    if case.scan is None:
        picture = region_picture(case.questioned, evidence)
    else:
        picture = regions_on_scan(case.scan, case.questioned, evidence, [*closest, *worst])
    plate = Plate("the questioned signature", picture)
    if best.signature is None:
        return plate, told, []
    sides = (("questioned", case.questioned), ("closest reference", best.signature))
    crops = [
        (
            title,
            [
                Plate(f"{letter}{n}, {name}", np.asarray(crop(s.canvas, at, matcher.grid)))
                for n, at in enumerate(places, start=1)
                for name, s in sides
            ],
        )
        for title, letter, places in (("Differs most", "D", worst), ("Agrees most", "A", closest))
    ]
    return plate, told, crops


def _reference(number: int, shown: ShownReference, case: Case) -> Plate:
    kept = " (kept in the index)" * shown.kept
    closest = ": the closest" * (shown is case.closest and len(case.references) > 1)
    caption = f"{number}. {shown.source}{kept}{closest}"
    return _scanned(shown.scan, shown.signature, caption, _SMALL)
