"""One answer that hangs together: nothing doubtful is firm."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from sigsearch.engine.verdict import ADVICE, DOUBTS, Search, Verdict, unverified, verdict_of
from sigsearch.matching.decision import Evidence
from sigsearch.matching.rates import Rate
from sigsearch.matching.reasons import KNOWN, reasons_for

RATE = Rate(0.05, 0.04, 0.06)
EVIDENCE = Evidence(
    llr=1.0, llr_lower=-2, llr_upper=2, support="moderate support", supports="writer",
    statement="", weighed=True, against="skilled", fmr=0.05, fnmr=0.05, strength=2, reject_below=-1,
    fmr_observed=RATE, fnmr_observed=RATE, calibrated_on="them", threshold_from="them",
    reference_count=3,
)  # fmt: skip
FOUND = Search(identified=True, others_match=False, others_near=False)
NOT_FOUND = replace(FOUND, identified=False)


def verdict(decision="match", llr=1.0, seen=(), capped=(), copy=None, search=None) -> Verdict:
    evidence = replace(EVIDENCE, llr=llr)
    return verdict_of(decision, evidence, reasons_for(seen), capped, copy, "anna {}", search)


CASES = [
    (verdict(), "accepted", ["match"]),
    (verdict(search=FOUND), "accepted", ["identified", "match"]),
    (verdict("non_match", -1), "rejected", ["non_match"]),
    (verdict("non_match", -1, search=FOUND), "rejected", ["identified", "non_match"]),
    (verdict("non_match", -1, search=NOT_FOUND), "rejected", ["unknown", "non_match"]),
    (verdict("inconclusive", 0.1), "review", ["weak_evidence"]),
    (verdict("inconclusive", 0.5), "review", ["between_rates"]),
    (verdict("inconclusive", 0.1, ["simple"], ["simple"]), "review", ["simple"]),
    (verdict(copy="1.png"), "review", ["suspected_copy"]),
    (verdict(copy="1.png", search=FOUND), "review", ["suspected_copy"]),
    (verdict(search=NOT_FOUND), "review", ["unknown"]),
    (verdict(search=replace(FOUND, others_match=True)), "review", ["several_writers"]),
    (
        verdict("non_match", -1, search=replace(NOT_FOUND, others_near=True)),
        "review",
        ["another_writer_near"],
    ),
    (unverified("nobody_enrolled"), "review", ["nobody_enrolled"]),
    (unverified("not_verified", "anna"), "review", ["not_verified"]),
]


@pytest.mark.parametrize(("given", "answer", "reasons"), CASES)
def test_each_part_leads_to_its_verdict(given: Verdict, answer: str, reasons: list[str]):
    assert (given.answer, list(given.reasons)) == (answer, reasons)
    assert given.sentence.endswith(".")
    assert given.advice == ADVICE[reasons[-1] if given.answer != "review" else reasons[0]]
    assert given.to_dict() == {
        "answer": answer,
        "reasons": reasons,
        "sentence": given.sentence,
        "advice": given.advice,
    }


def test_every_doubt_is_tried():
    assert set(DOUBTS) <= {code for _, _, codes in CASES for code in codes}


def test_there_is_advice_for_whatever_keeps_an_answer_from_being_firm():
    capping = {code for code, reason in KNOWN.items() if reason.caps}
    assert set(DOUBTS) | capping | {"match", "non_match"} <= set(ADVICE)
    assert set(ADVICE) <= set(DOUBTS) | set(KNOWN) | {"match", "non_match"}


def test_a_search_accepts_nothing_that_the_verification_does_not():
    ways = [(False, True)] * 3
    for decision, copy, parts in product(
        ("match", "inconclusive", "non_match"), (None, "1.png"), product(*ways)
    ):
        alone = verdict(decision, copy=copy)
        searched = verdict(decision, copy=copy, search=Search(*parts))
        assert not searched.accepted or alone.accepted
        if decision != "match" or copy:
            assert not searched.accepted


def test_a_name_with_braces_is_told_as_it_is():
    assert "anna {}" in verdict(search=NOT_FOUND).sentence
