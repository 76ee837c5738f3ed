"""A verdict and what it rests on, for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sigsearch.cli.output import line, say

if TYPE_CHECKING:
    from sigsearch.engine.results import Verification
    from sigsearch.engine.verdict import Verdict
    from sigsearch.matching.reasons import Reason


def show_verdict(questioned: str, verdict: Verdict, parts: str) -> None:
    line(f"{questioned}: {verdict.answer} ({parts})")
    line(verdict.sentence)
    line(f"next: {verdict.advice}")


def show_evidence(answer: Verification) -> None:
    """What a verification rests on. No score: its scale is nobody's but the calibration's."""
    from sigsearch.matching.strength import FORGERIES, ratio

    evidence = answer.evidence
    weight = f"likelihood ratio {ratio(evidence.llr)}: " * evidence.weighed
    line(weight + evidence.statement)
    line(
        f"{answer.decision} at a false match rate of {100 * evidence.fmr:g}% against "
        f"{FORGERIES[evidence.against]} and a likelihood ratio of {evidence.strength:g} or more"
    )
    if answer.suspected_copy:
        line(f"copy alarm: this may be a copy of {answer.suspected_copy}")


def show_reasons(questioned: str, reasons: Sequence[Reason], capped_by: Sequence[str]) -> None:
    for reason in reasons:
        capped = ", so no firm decision is given" * (reason.code in capped_by)
        say(f"warning: {questioned}: {reason.code}: {reason.text}{capped}")
