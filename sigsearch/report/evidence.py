"""The evidence sheet: one verification, with everything that it rests on, fit to put in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from sigsearch.encoder import Embeddings
from sigsearch.imaging import Signature
from sigsearch.judge import Judge
from sigsearch.matching.decision import Verdict
from sigsearch.report.page import alarm, figure, heading, no_figure, page, paragraph, table
from sigsearch.report.pictures import data_uri, ink_picture, overlay_picture, region_picture
from sigsearch.report.plots import distributions, place_of_score
from sigsearch.report.regions import crop, extremes, region_evidence
from sigsearch.results import Verification

MEANINGS = {
    "match": "The score reaches the threshold of the stated false match rate.",
    "inconclusive": "The score lies between the two thresholds; it decides nothing.",
    "non_match": "The score is lower than nearly all genuine signatures' scores are.",
}
CAPPED = "The score alone would decide, but such an image allows no firm decision: "
WARNINGS = {
    "low_resolution": "the image has few pixels; scan at 300 dpi",
    "touches_edge": "the ink meets the edge of the page and may be cut off",
    "simple": "so little ink that anyone could imitate it",
    "printed": "print, rules or a stamp were taken out; strokes that touched them may be gone too",
}
AGAINST = {
    "skilled": "an imitation by somebody who knows the writer's signature",
    "random": "somebody else's own signature",
    "both": "an imitation or somebody else's own signature, at even odds",
}


@dataclass(frozen=True, slots=True)
class ShownReference:
    """A reference on the sheet; `signature` is None when its image is not at hand."""

    source: str
    content_hash: str
    score: float
    signature: Signature | None


@dataclass(frozen=True, slots=True)
class Case:
    """All that an evidence sheet shows. `readings` are those of `references`, in their order;
    `identity`: names and values that tell model and index apart from others."""

    answer: Verification
    questioned: Signature
    reading: Embeddings
    references: Sequence[ShownReference]
    readings: Embeddings
    judge: Judge
    identity: Mapping[str, str]


def evidence_sheet(case: Case) -> str:
    """The sheet as one HTML document that loads nothing from elsewhere."""
    whom = case.answer.writer or case.references[0].source
    return page(f"{case.answer.questioned} and {whom}", _body(case, whom))


def _body(case: Case, whom: str) -> Iterator[str]:
    answer = case.answer
    yield f"<h1>Signature comparison</h1>{paragraph(f'{answer.questioned} compared with {whom}')}"
    yield _answer(answer)
    if answer.suspected_copy:
        yield alarm(
            f"Suspected copy: the ink is that of {answer.suspected_copy}, shifted, scaled or "
            "recompressed at most. Nobody signs twice alike, so it was not written anew."
        )
    texts = {reason.code: reason.text for reason in answer.reasons} | WARNINGS
    for code in dict.fromkeys([*answer.warnings, *(reason.code for reason in answer.reasons)]):
        yield alarm(f"Seen in the image: {texts.get(code, code)} ({code}).")
    yield from _weight(case)
    yield from _pictures(case)
    yield from _regions(case)
    yield from _references(case)
    yield from _identity(case)


def _answer(answer: Verification) -> str:
    decision = answer.decision
    meaning = CAPPED + ", ".join(answer.capped_by) if answer.capped_by else MEANINGS[decision]
    return f'<div class="answer {decision}"><b>{escape(decision)}</b>{escape(meaning)}</div>'


def _weight(case: Case) -> Iterator[str]:
    verdict, count = case.answer.verdict, len(case.references)
    yield heading("Weight of the evidence")
    yield paragraph(_in_words(verdict))
    thresholds = {"match from": verdict.threshold}
    if verdict.reject_below < verdict.threshold:
        thresholds["non_match below"] = verdict.reject_below
    kinds = distributions(case.judge.calibrations, count, case.judge.handicap(case.reading))
    yield place_of_score(verdict.score, thresholds, kinds)
    bounds = f"{verdict.llr_lower:+.2f} to {verdict.llr_upper:+.2f}"
    observed, missed = verdict.fmr_observed, verdict.fnmr_observed
    rows = [
        ("log10 likelihood ratio", f"{verdict.llr:+.2f} (the calibration supports {bounds})"),
        ("if it is not the writer's", f"{AGAINST[verdict.against]} (against: {verdict.against})"),
        ("calibration population", verdict.population),
        ("references calibrated for", f"{verdict.references_calibrated} (enrolled: {count})"),
        ("match from", f"{verdict.threshold:.3f}, for a false match rate of {verdict.fmr:.2%}"),
        ("that rate is meant among", verdict.threshold_from),
        ("handicap for a plain signature", f"{verdict.handicap:.3f}"),
        ("non_match below", f"{verdict.reject_below:.3f}, at which {verdict.fnmr:.2%} are lost"),
        ("false matches seen", _rate(observed.rate, observed.low, observed.high)),
        ("genuine missed", _rate(missed.rate, missed.low, missed.high)),
    ]
    yield table(("", ""), rows)


def _in_words(verdict: Verdict) -> str:
    ratio = 10 ** abs(verdict.llr)
    shown = f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}"
    edge = verdict.llr in (verdict.llr_lower, verdict.llr_upper)
    least = "at least " if edge else ""
    if verdict.llr >= 0:
        sides = "if the writer wrote it than if it is " + AGAINST[verdict.against]
    else:
        sides = f"if it is {AGAINST[verdict.against]} than if the writer wrote it"
    limit = " The calibration supports no stronger statement." if edge else ""
    return f"Such a score is {least}{shown} times likelier {sides}.{limit}"


def _rate(rate: float, low: float, high: float) -> str:
    return f"{rate:.2%} at the match threshold (95 % interval {low:.2%} to {high:.2%})"


def _pictures(case: Case) -> Iterator[str]:
    best = _best(case)
    yield heading("The signatures")
    asked = figure(data_uri(ink_picture(case.questioned)), f"questioned: {case.questioned.name}")
    if best.signature is None:
        yield f'<div class="wide">{asked}{no_figure("image not at hand", best.source)}</div>'
        return
    near = figure(data_uri(ink_picture(best.signature)), f"closest reference: {best.source}")
    yield f'<div class="wide">{asked}{near}</div>'
    yield figure(
        data_uri(overlay_picture(case.questioned, best.signature)),
        "The closest reference (orange) shifted, turned and scaled to lie on the questioned "
        "signature (blue); dark where both have ink.",
    )


def _regions(case: Case) -> Iterator[str]:
    matcher, best = case.judge.matcher, _best(case)
    evidence, relative = region_evidence(case.reading, case.readings, matcher)
    yield heading("Where they agree and differ")
    measure = (
        "than the references are among themselves" if relative else "than this signature is overall"
    )
    yield figure(
        data_uri(region_picture(case.questioned, evidence)),
        f"The questioned signature: blue where it is more like the references {measure}, orange "
        "where it is less so.",
    )
    if best.signature is None:
        return
    worst, closest = extremes(evidence)
    for title, places in (("Differs most", worst), ("Agrees most", closest)):
        parts = [
            figure(data_uri(crop(s.canvas, place, matcher.grid)), f"{title.lower()} {n}, {name}")
            for n, place in enumerate(places, start=1)
            for name, s in (("questioned", case.questioned), ("closest reference", best.signature))
        ]
        yield f'{paragraph(title)}<div class="grid">{"".join(parts)}</div>'
    yield paragraph("Crops are of the normalised images that were compared.", "quiet")


def _references(case: Case) -> Iterator[str]:
    yield heading(f"References ({len(case.references)})")
    parts = []
    for n, shown in enumerate(case.references, start=1):
        caption = f"{n}. {shown.source}: score {shown.score:.2f}"
        if shown.signature is None:
            parts.append(no_figure("image not at hand", caption))
        else:
            parts.append(figure(data_uri(ink_picture(shown.signature, 320)), caption))
    yield f'<div class="grid">{"".join(parts)}</div>'
    yield paragraph(
        f"The fused score {case.answer.score:.3f} weighs all references, less how well they agree "
        "with one another.",
        "quiet",
    )


def _identity(case: Case) -> Iterator[str]:
    yield heading("Identities")
    rows = [("questioned image, SHA-256", case.questioned.content_hash)]
    rows += [(f"reference {n}", r.content_hash) for n, r in enumerate(case.references, start=1)]
    yield table(("", ""), [*rows, *case.identity.items()])
    yield paragraph(
        "A score is evidence to be weighed with everything else that is known; it is no finding "
        "that a signature was forged. The likelihood ratio holds for signatures like those of the "
        "calibration population.",
        "quiet",
    )


def _best(case: Case) -> ShownReference:
    return max(case.references, key=lambda reference: reference.score)
