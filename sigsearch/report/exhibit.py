"""What an evidence sheet says and shows, in its order, whatever it is written as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import atan2, degrees, hypot

import numpy as np

from sigsearch import __version__
from sigsearch.engine.scan import Scan
from sigsearch.imaging import Signature
from sigsearch.imaging.fingerprint import alignment, fingerprint
from sigsearch.matching.decision import Evidence
from sigsearch.matching.rates import Rate
from sigsearch.matching.strength import ALTERNATIVES, FORGERIES, ratio
from sigsearch.report.case import About, Case, ShownReference
from sigsearch.report.pictures import Pixels, ink_picture, overlay_picture, region_picture
from sigsearch.report.regions import crop, extremes, region_evidence
from sigsearch.report.scans import ink_picture_of, regions_on_scan, scan_picture
from sigsearch.report.score_plot import Kinds, distributions
from sigsearch.report.svg import Mark

WARNINGS = {
    "low_resolution": "the image has few pixels; scan at 300 dpi",
    "touches_edge": "the ink meets the edge of the page and may be cut off",
    "simple": "there is so little ink that anyone could imitate it",
    "printed": "print, rules or a stamp were removed; strokes that touched them may be gone too",
}
_WIDE, _SMALL = 1000, 480  # pixels across, for a pair and for references beside one another
NO_SCALE = "; the file states no resolution, so there is no scale"

Row = tuple[str, str]


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
        alarm=_alarm(case),
        originals=_originals(case, copied) if copied else (),
        foot=_foot(case),
        answer=answer.verdict.answer,
        told=_told(case),
        statement=_statement(answer.evidence),
        score=answer.score if answer.evidence.weighed else None,
        marks=_marks(case),
        kinds=distributions(
            case.judge.calibrations, len(case.references), case.judge.handicap(case.reading)
        ),
        weight=_weight(case),
        pairs=_pairs(case),
        overlay=_overlay(case),
        regions=regions,
        regions_told=told,
        crops=crops,
        references=[_reference(n, shown, case) for n, shown in enumerate(case.references, 1)],
        identity=_identity(case),
        limits=limits_of(answer.evidence),
    )


def head_of(about: About, identity: Mapping[str, str]) -> list[Row]:
    return [
        ("case number", about.case_number or "not stated"),
        ("examiner", about.examiner or "not stated"),
        ("date", about.at.strftime("%Y-%m-%d %H:%M %Z").strip()),
        ("software", f"sigsearch {__version__}"),
        ("model", identity.get("model", "")),
    ]


def limits_of(evidence: Evidence) -> list[str]:
    return [
        "This is evidence to be weighed with everything else that is known. It is no finding that "
        "a signature was forged.",
        f"The likelihood ratio compares one proposition, the writer's own signature, with one "
        f"other, {ALTERNATIVES[evidence.against]}. It says nothing of who else may have signed, of "
        "copying and tracing, of a writer in disguise, or of illness, age and haste.",
        f"It holds for signatures like those of {evidence.calibrated_on}, and goes no further than "
        f"they support: {ratio(evidence.llr_lower)} to {ratio(evidence.llr_upper)}.",
        "Only the shape of the ink was compared: not paper, pen, pressure or the order of strokes.",
    ]


def _statement(evidence: Evidence) -> list[str]:
    """What the findings support, and how to read the ratio."""
    if not evidence.weighed:
        return [evidence.statement]
    own, other = "the writer signed", f"it is {ALTERNATIVES[evidence.against]}"
    if evidence.llr < 0:
        own, other = other, own
    most = evidence.llr in (evidence.llr_lower, evidence.llr_upper)
    bound = ", the most that the calibration supports" * most
    return [
        evidence.statement,
        f"Likelihood ratio: {ratio(evidence.llr)}{bound}. The findings are about "
        f"{ratio(abs(evidence.llr))} times as probable if {own} as if {other}. That is not the "
        "probability that either is true.",
    ]


def _foot(case: Case) -> str:
    number = f"case {case.about.case_number}, " * bool(case.about.case_number)
    return f"{number}questioned image {case.questioned.content_hash[:16]}"


def _told(case: Case) -> list[str]:
    verdict = case.answer.verdict
    return [verdict.sentence, f"What to do next: {verdict.advice}", *_notes(case)]


def _alarm(case: Case) -> str:
    copied = case.answer.suspected_copy
    if not copied:
        return ""
    return (
        f"Suspected copy: it seems to be a copy of {copied}, shifted, scaled, turned a little or "
        "recompressed. Two signatures of one hand are hardly ever so much alike."
    )


def _originals(case: Case, copied: ShownReference) -> list[Plate]:
    return [
        _scanned(case.scan, case.questioned, f"questioned: {case.questioned.name}"),
        _scanned(copied.scan, copied.signature, f"suspected original: {copied.source}"),
    ]


def _notes(case: Case) -> list[str]:
    """What was noticed of the image, each once."""
    texts = {reason.code: reason.text for reason in case.answer.reasons} | WARNINGS
    codes = [*case.answer.warnings, *(reason.code for reason in case.answer.reasons)]
    said = case.answer.verdict.reasons
    return [
        f"Seen in the image: {texts.get(code, code)}."
        for code in dict.fromkeys(codes)
        if code not in said
    ]


def _marks(case: Case) -> list[Mark]:
    answer = case.answer
    below = Mark("non_match below", answer.evidence.reject_below)
    return [Mark("match", answer.threshold), below]


def _weight(case: Case) -> list[Row]:
    answer, evidence, count = case.answer, case.answer.evidence, len(case.references)
    bounds = f"{evidence.llr_lower:+.2f} to {evidence.llr_upper:+.2f}"
    plain = [("handicap for a plain signature", f"{evidence.handicap:.3f}")]
    computed = f"{evidence.llr:+.2f} (the calibration supports {bounds})"
    return [
        ("is it theirs?", answer.decision),
        (
            "log10 likelihood ratio",
            computed if evidence.weighed else f"not stated; computed: {computed}",
        ),
        ("on the verbal scale of ENFSI", evidence.support if evidence.weighed else "not stated"),
        ("references", f"{count} (the calibration is for {evidence.reference_count})"),
        (
            "a match takes",
            f"a score of {answer.threshold:.3f}: a false match rate of {evidence.fmr:.2%} at most, "
            f"and a likelihood ratio of {evidence.strength:g}",
        ),
        (
            "a non_match is",
            f"a score below {evidence.reject_below:.3f}: a false non-match rate of "
            f"{evidence.fnmr:.2%} at most, and a likelihood ratio of 1/{evidence.strength:g}",
        ),
        ("these rates hold among", evidence.threshold_from),
        *(plain if evidence.handicap else []),
        (f"{FORGERIES[evidence.against]} that match", _rate(evidence.fmr_observed)),
        ("genuine signatures that do not", _rate(evidence.fnmr_observed)),
        ("score", f"{answer.score:.3f}, of all references together"),
    ]


def _rate(rate: Rate) -> str:
    return f"{rate.rate:.2%} (95 % interval {rate.low:.2%} to {rate.high:.2%})"


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
    matrix, _ = alignment(fingerprint(questioned), fingerprint(best))
    scale = hypot(matrix[0, 0], matrix[1, 0]) * best.ink.shape[0] / questioned.ink.shape[0]
    turn = round(degrees(atan2(matrix[1, 0], matrix[0, 0])), 1) or 0.0  # never -0.0
    caption = (
        "The closest reference (orange) laid on the questioned signature (blue), dark where both "
        f"have ink. It was turned by {turn:+.1f} degrees, scaled by {1 / max(scale, 1e-9):.2f} (in "
        "pixels) and shifted, so that the blurred inks come closest; nothing was bent."
    )
    return Plate(caption, overlay_picture(questioned, best))


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


def _identity(case: Case) -> list[Row]:
    rows = [("questioned image, SHA-256", case.questioned.content_hash)]
    rows += [(f"reference {n}", r.content_hash) for n, r in enumerate(case.references, start=1)]
    return [*rows, *case.identity.items()]
