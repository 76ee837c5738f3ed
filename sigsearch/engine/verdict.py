"""One answer about a questioned signature: accepted, rejected, or for a person to review.

`accepted` and `rejected` are firm: everything that was measured must say the same. Whatever is in
doubt is `review`, with a code for each doubt and one sentence for people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sigsearch.matching.decision import Decision, Evidence
from sigsearch.matching.reasons import Reason
from sigsearch.schema import Jsonable

Answer = Literal["accepted", "review", "rejected"]

DOUBTS = {
    "suspected_copy": "it seems to be a copy of a reference",
    "weak_evidence": "the likelihood ratio does not reach the stated strength either way",
    "between_rates": "the score lies between the thresholds of the stated rates",
    "unknown": "it matches {whom}, but not so closely as a search among all writers asks for",
    "several_writers": "it matches {whom}, and another writer too",
    "another_writer_near": "it does not match {whom}, but another writer comes near",
    "not_verified": "the calibration cannot tell whether it is truly by {whom}",
    "nobody_enrolled": "nobody is enrolled that it could be compared with",
}
"""What keeps an answer from being firm, besides what is seen in the image itself."""


@dataclass(frozen=True, slots=True)
class Verdict(Jsonable):
    """answer; reasons: codes of what it rests on: the parts that agree, or for `review` each doubt;
    sentence: the same for people."""

    answer: Answer
    reasons: tuple[str, ...]
    sentence: str

    @property
    def accepted(self) -> bool:
        return self.answer == "accepted"


@dataclass(frozen=True, slots=True)
class Search:
    """What a search adds to the verification of its nearest writer. identified: whether that writer
    reaches the threshold of the search; others_match, others_near: whether any other writer matches
    as well, or at least would not be rejected."""

    identified: bool
    others_match: bool
    others_near: bool


def verdict_of(
    decision: Decision,
    evidence: Evidence,
    reasons: Sequence[Reason],
    capped_by: Sequence[str],
    suspected_copy: str | None,
    whom: str,
    search: Search | None = None,
) -> Verdict:
    """The verdict on a verification against `whom`, and on the search that led there, if any."""
    doubts = _doubts(decision, evidence, capped_by, suspected_copy)
    if search is not None and not capped_by:
        doubts += _doubts_of_search(decision, search)
    if doubts:
        seen = {reason.code: reason.text for reason in reasons} | DOUBTS
        return _review(doubts, [seen[code] for code in doubts], whom)
    if decision == "match":
        return _accepted(whom, search)
    return _rejected(whom, search)


def unverified(code: Literal["not_verified", "nobody_enrolled"], whom: str = "") -> Verdict:
    """The verdict on a search whose nearest writer cannot be verified."""
    return _review([code], [DOUBTS[code]], whom)


def _doubts(
    decision: Decision, evidence: Evidence, capped_by: Sequence[str], suspected_copy: str | None
) -> list[str]:
    doubts = ["suspected_copy"] if suspected_copy else []
    doubts += dict.fromkeys(capped_by)
    if decision == "inconclusive" and not capped_by:
        doubts.append("weak_evidence" if evidence.weak else "between_rates")
    return doubts


def _doubts_of_search(decision: Decision, search: Search) -> list[str]:
    if decision == "match" and not search.identified:
        return ["unknown"]
    if decision == "match" and search.others_match:
        return ["several_writers"]
    if decision == "non_match" and search.others_near:
        return ["another_writer_near"]
    return []


def _review(codes: Sequence[str], texts: Sequence[str], whom: str) -> Verdict:
    # Not `str.format`: a name may hold braces.
    told = "; ".join(text.replace("{whom}", whom) for text in texts)
    return Verdict("review", tuple(codes), f"A person should look at it: {told}.")


def _accepted(whom: str, search: Search | None) -> Verdict:
    if search is None:
        return Verdict("accepted", ("match",), f"The signature matches {whom}.")
    text = f"The signature is found to be by {whom}, and matches."
    return Verdict("accepted", ("identified", "match"), text)


def _rejected(whom: str, search: Search | None) -> Verdict:
    if search is None:
        return Verdict("rejected", ("non_match",), f"The signature does not match {whom}.")
    found = "identified" if search.identified else "unknown"
    text = f"The signature matches nobody who is enrolled; the nearest writer is {whom}."
    return Verdict("rejected", (found, "non_match"), text)
