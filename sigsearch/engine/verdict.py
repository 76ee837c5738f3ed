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
_SCAN = "Scan the original at 300 dpi or more, in grey, and ask again."
_TURN = "Turn the image so that the signature stands as it was written, and ask again."
_CUT = "Cut the signature out alone, and ask again."
_LOOK = "Look at the original: what lies over the ink hides strokes."
_OTHERWISE = "Decide by other means: a mark like this shows nothing of a hand."
_COMPARE = "Compare the signatures yourself, or ask the writer to sign again."
ADVICE = {
    "match": "Nothing more, at the rates that were asked for.",
    "non_match": "Do not act on it: ask the writer, or show it to an examiner.",
    "suspected_copy": "Do not act on it: ask for the original, and see where the image is from.",
    "weak_evidence": _COMPARE,
    "between_rates": _COMPARE,
    "unknown": "Ask whether it is said to be theirs, and verify that.",
    "several_writers": "Compare it with the writers that are named, yourself.",
    "another_writer_near": "Compare it with the writers that are named, yourself.",
    "not_verified": "Enrol more references, or calibrate on imitations.",
    "nobody_enrolled": "Enrol references first.",
    "low_resolution": _SCAN,
    "too_small": _SCAN,
    "screened": _SCAN,
    "broken": _SCAN,
    "surroundings": "Scan the sheet, or take a picture of it alone, and ask again.",
    "simple": _OTHERWISE,
    "few_strokes": _OTHERWISE,
    "overprinted": _LOOK,
    "taken_for_print": _LOOK,
    "struck_through": "Look at the original: it may have been cancelled.",
    "doubtful_box": "Say where the signature is, by its number or its box.",
    "cut_through": "Give a box around the whole signature.",
    "several_signatures": "Say which of the signatures is meant, by its number.",
    "marks_beside": _CUT,
    "tilted": _TURN,
    "upside_down": _TURN,
    "quarter_turn": _TURN,
    "mirrored": _TURN,
}
"""What a person should do next, by the first reason of a verdict."""


@dataclass(frozen=True, slots=True)
class Verdict(Jsonable):
    """answer; reasons: codes of what it rests on: the parts that agree, or for `review` each doubt;
    sentence: the same for people; advice: what they should do next."""

    answer: Answer
    reasons: tuple[str, ...]
    sentence: str
    advice: str

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
    advice = ADVICE.get(codes[0], _COMPARE)
    return Verdict("review", tuple(codes), f"A person should look at it: {told}.", advice)


def _accepted(whom: str, search: Search | None) -> Verdict:
    if search is None:
        return Verdict("accepted", ("match",), f"The signature matches {whom}.", ADVICE["match"])
    text = f"The signature is found to be by {whom}, and matches."
    return Verdict("accepted", ("identified", "match"), text, ADVICE["match"])


def _rejected(whom: str, search: Search | None) -> Verdict:
    if search is None:
        told = f"The signature does not match {whom}."
        return Verdict("rejected", ("non_match",), told, ADVICE["non_match"])
    found = "identified" if search.identified else "unknown"
    text = f"The signature matches nobody who is enrolled; the nearest writer is {whom}."
    return Verdict("rejected", (found, "non_match"), text, ADVICE["non_match"])
