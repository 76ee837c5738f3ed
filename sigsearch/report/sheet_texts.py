"""What an evidence sheet says, in words and numbers, whatever it is written as."""

from __future__ import annotations

from collections.abc import Mapping

from sigsearch import __version__
from sigsearch.matching.decision import Evidence
from sigsearch.matching.rates import Rate
from sigsearch.matching.strength import ALTERNATIVES, FORGERIES, ratio
from sigsearch.report.case import About, Case

WARNINGS = {
    "low_resolution": "the image has few pixels; scan at 300 dpi",
    "touches_edge": "the ink meets the edge of the page and may be cut off",
    "simple": "there is so little ink that anyone could imitate it",
    "printed": "print, rules or a stamp were removed; strokes that touched them may be gone too",
}

Row = tuple[str, str]


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


def statement_of(evidence: Evidence) -> list[str]:
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


def foot_of(case: Case) -> str:
    number = f"case {case.about.case_number}, " * bool(case.about.case_number)
    return f"{number}questioned image {case.questioned.content_hash[:16]}"


def alarm_of(case: Case) -> str:
    copied = case.answer.suspected_copy
    if not copied:
        return ""
    return (
        f"Suspected copy: it seems to be a copy of {copied}, shifted, scaled, turned a little or "
        "recompressed. Two signatures of one hand are hardly ever so much alike."
    )


def told_of(case: Case) -> list[str]:
    verdict = case.answer.verdict
    return [verdict.sentence, f"What to do next: {verdict.advice}", *_notes(case)]


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


def weight_of(case: Case) -> list[Row]:
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


def identity_of(case: Case) -> list[Row]:
    rows = [("questioned image, SHA-256", case.questioned.content_hash)]
    rows += [(f"reference {n}", r.content_hash) for n, r in enumerate(case.references, start=1)]
    return [*rows, *case.identity.items()]
