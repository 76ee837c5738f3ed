"""What becomes of signatures, counted by asking the product."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigsearch.calibration import try_writers
from sigsearch.datasets import read_dataset
from sigsearch.encoder import Encoder
from sigsearch.engine.judge import Judge
from sigsearch.evaluation.stated_rates.measured import VerdictsGiven
from sigsearch.evaluation.stated_rates.strengths import STRENGTHS, strength_costs
from sigsearch.evaluation.stated_rates.verdicts import verdicts_given
from sigsearch.trials.readings import read_embeddings


@pytest.fixture(scope="module")
def rows(references: Path, encoder: Encoder) -> list[VerdictsGiven]:
    return verdicts_given(read_dataset(references), encoder, (1, 3), each=6)


def test_every_signature_gets_one_verdict_and_each_kind_is_asked(rows: list[VerdictsGiven]):
    assert {(r.question, r.kind, r.references) for r in rows} == {
        (question, kind, number)
        for question in ("verify", "query")
        for kind in ("genuine", "skilled", "stranger")
        for number in (1, 3)
    }
    for row in rows:
        assert row.asked == row.accepted + row.review + row.rejected
        assert 0 < row.asked <= 6
        assert row.writers == 4


def test_nothing_is_accepted_below_the_strength_nor_by_a_search_alone(rows: list[VerdictsGiven]):
    assert all(row.below_strength == 0 for row in rows)
    by_verify = {(r.kind, r.references): r.accepted for r in rows if r.question == "verify"}
    imitations = [r for r in rows if r.question == "query" and r.kind == "skilled"]
    assert all(r.accepted <= by_verify[r.kind, r.references] for r in imitations)


def test_more_strength_makes_fewer_firm_decisions(references: Path, encoder: Encoder):
    used, readings = read_embeddings(read_dataset(references), encoder)
    judge = Judge.of(encoder)
    trials = list(try_writers(used, readings, judge.matcher))
    costs = list(strength_costs("drawn", trials, judge.calibrations, (1, 3)))
    assert [(c.references, c.strength) for c in costs] == [
        (n, s) for n in (1, 3) for s in STRENGTHS
    ]
    for field in ("genuine_match", "genuine_non_match", "skilled_match", "skilled_non_match"):
        for at in (0, 3):
            shares = [getattr(cost, field) for cost in costs[at : at + 3]]
            assert shares == sorted(shares, reverse=True)
            assert all(0 <= share <= 1 for share in shares)
