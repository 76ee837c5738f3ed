"""The evidence sheet: one verification, with everything that it rests on, fit to put in a file."""

from __future__ import annotations

from typing import Any

from sigsearch.engine.results import Verification
from sigsearch.imaging import Signature
from sigsearch.matching.decision import Evidence
from sigsearch.matching.rates import Rate
from sigsearch.report.case import Case, ShownReference
from sigsearch.report.page import Picture, render
from sigsearch.report.pictures import data_uri, ink_picture, overlay_picture, region_picture
from sigsearch.report.regions import crop, extremes, region_evidence
from sigsearch.report.score_plot import distributions, legend, place_of_score
from sigsearch.report.svg import Mark

MEANINGS = {
    "match": "The score reaches the threshold for the stated false match rate.",
    "inconclusive": "The score lies between the two thresholds and supports neither answer.",
    "non_match": "The score is lower than the scores of nearly all genuine signatures.",
}
CAPPED = "The score alone would decide, but such an image allows no firm decision: "
WARNINGS = {
    "low_resolution": "the image has few pixels; scan at 300 dpi",
    "touches_edge": "the ink meets the edge of the page and may be cut off",
    "simple": "there is so little ink that anyone could imitate it",
    "printed": "print, rules or a stamp were removed; strokes that touched them may be gone too",
}
AGAINST = {
    "skilled": "an imitation by somebody who knows the writer's signature",
    "random": "somebody else's own signature",
    "both": "an imitation or somebody else's own signature, at even odds",
}
_SMALL = 320  # pixels across, for references beside one another

Row = tuple[str, str]


def evidence_sheet(case: Case) -> str:
    """The sheet as one HTML document that loads nothing from elsewhere."""
    return render(
        "evidence.html",
        title=f"{case.answer.questioned} and {case.whom}",
        case=case,
        decision=case.answer.decision,
        meaning=_meaning(case),
        alarms=_alarms(case),
        **_weight(case),
        **_pictures(case),
        **_regions(case),
        references=[_reference(n, shown) for n, shown in enumerate(case.references, start=1)],
        identity=_identity(case),
    )


def _alarms(case: Case) -> list[str]:
    copied = case.answer.suspected_copy
    suspicion = (
        f"Suspected copy: the ink is that of {copied}, at most shifted, scaled or recompressed. "
        "Nobody signs exactly the same way twice, so this is probably a copy and not a new "
        "signature."
    )
    texts = {reason.code: reason.text for reason in case.answer.reasons} | WARNINGS
    seen = [f"Seen in the image: {texts.get(code, code)} ({code})." for code in _codes(case)]
    return [suspicion, *seen] if copied else seen


def _codes(case: Case) -> list[str]:
    """What was noticed of the image, each once."""
    codes = [*case.answer.warnings, *(reason.code for reason in case.answer.reasons)]
    return list(dict.fromkeys(codes))


def _meaning(case: Case) -> str:
    capped = case.answer.capped_by
    return CAPPED + ", ".join(capped) + "." if capped else MEANINGS[case.answer.decision]


def _weight(case: Case) -> dict[str, Any]:
    answer, count = case.answer, len(case.references)
    marks = [Mark("match", answer.threshold)]
    if answer.evidence.reject_below < answer.threshold:
        marks.append(Mark("non_match below", answer.evidence.reject_below))
    kinds = distributions(case.judge.calibrations, count, case.judge.handicap(case.reading))
    return {
        "in_words": _in_words(answer.evidence),
        "plot": place_of_score(answer.score, marks, kinds),
        "keys": legend(kinds),
        "weight": _weight_rows(answer, count),
    }


def _weight_rows(answer: Verification, count: int) -> list[Row]:
    evidence = answer.evidence
    bounds = f"{evidence.llr_lower:+.2f} to {evidence.llr_upper:+.2f}"
    return [
        ("log10 likelihood ratio", f"{evidence.llr:+.2f} (the calibration supports {bounds})"),
        ("alternative considered", f"{AGAINST[evidence.against]} (against: {evidence.against})"),
        ("calibration population", evidence.calibrated_on),
        ("references in the calibration", f"{evidence.reference_count} (enrolled: {count})"),
        ("match from", f"{answer.threshold:.3f}, for a false match rate of {evidence.fmr:.2%}"),
        ("that rate holds among", evidence.threshold_from),
        ("handicap for a plain signature", f"{evidence.handicap:.3f}"),
        (
            "non_match below",
            f"{evidence.reject_below:.3f}, for a false non-match rate of {evidence.fnmr:.2%}",
        ),
        ("false match rate observed", _rate(evidence.fmr_observed)),
        ("false non-match rate observed", _rate(evidence.fnmr_observed)),
    ]


def _in_words(evidence: Evidence) -> str:
    ratio = 10 ** abs(evidence.llr)
    shown = f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}"
    edge = evidence.llr in (evidence.llr_lower, evidence.llr_upper)
    least = "at least " if edge else ""
    if evidence.llr >= 0:
        sides = "if the writer signed than if it is " + AGAINST[evidence.against]
    else:
        sides = f"if it is {AGAINST[evidence.against]} than if the writer signed"
    limit = " The calibration supports no stronger statement." if edge else ""
    return f"A score like this is {least}{shown} times more likely {sides}.{limit}"


def _rate(rate: Rate) -> str:
    return (
        f"{rate.rate:.2%} at the match threshold (95 % interval {rate.low:.2%} to {rate.high:.2%})"
    )


def _pictures(case: Case) -> dict[str, Any]:
    questioned, best = case.questioned, case.closest
    overlay = None
    if best.signature is not None:
        overlay = Picture(
            "The closest reference (orange) shifted, turned and scaled to lie on the questioned "
            "signature (blue); dark where both have ink.",
            data_uri(overlay_picture(questioned, best.signature)),
        )
    pair = [
        _ink(questioned, f"questioned: {questioned.name}"),
        _ink(best.signature, f"closest reference: {best.source}"),
    ]
    return {"pair": pair, "overlay": overlay}


def _regions(case: Case) -> dict[str, Any]:
    matcher, best = case.judge.matcher, case.closest
    evidence, relative = region_evidence(case.reading, case.readings, matcher)
    measure = "the references are to one another" if relative else "this signature is on average"
    regions = Picture(
        f"The questioned signature: blue where it is more like the references than {measure}, "
        "orange where it is less like them.",
        data_uri(region_picture(case.questioned, evidence)),
    )
    if best.signature is None:
        return {"regions": regions, "crops": []}
    sides = (("questioned", case.questioned), ("closest reference", best.signature))
    worst, closest = extremes(evidence)
    crops = [
        (
            title,
            [
                Picture(f"{title.lower()} {n}, {name}", data_uri(crop(s.canvas, at, matcher.grid)))
                for n, at in enumerate(places, start=1)
                for name, s in sides
            ],
        )
        for title, places in (("Differs most", worst), ("Agrees most", closest))
    ]
    return {"regions": regions, "crops": crops}


def _reference(number: int, shown: ShownReference) -> Picture:
    return _ink(shown.signature, f"{number}. {shown.source}: score {shown.score:.2f}", _SMALL)


def _ink(signature: Signature | None, caption: str, widest: int = 640) -> Picture:
    return Picture(caption, data_uri(ink_picture(signature, widest)) if signature else "")


def _identity(case: Case) -> list[Row]:
    rows = [("questioned image, SHA-256", case.questioned.content_hash)]
    rows += [(f"reference {n}", r.content_hash) for n, r in enumerate(case.references, start=1)]
    return [*rows, *case.identity.items()]
