"""The comparison from end to end, small: every figure is counted from what was asked."""

from __future__ import annotations

import json
from dataclasses import replace
from html import escape
from pathlib import Path

import numpy as np
import pytest
from html_checks import check_page

pytest.importorskip("torch")

from sigsearch.classifier.split import Split, read_split
from sigsearch.comparison.conclusion import conclusion
from sigsearch.comparison.experiment import Options, compare, stage_sizes
from sigsearch.comparison.openset import _margins
from sigsearch.comparison.outcome import ClassifierStage, Comparison
from sigsearch.comparison.stages import questions_of, train_stage
from sigsearch.comparison.table import rows, sections
from sigsearch.encoder import Encoder
from sigsearch.engine.results import Candidate, Gallery, Identification
from sigsearch.engine.verdict import unverified
from sigsearch.errors import CalibrationError, DatasetError
from sigsearch.report.comparison import comparison_page
from sigsearch.training.classifier.trainer import ClassifierPlan


@pytest.fixture(scope="module")
def split(references: Path) -> Split:
    whole = read_split([references], 2, 1, 2)
    return whole.only(whole.writers[:4])


@pytest.fixture(scope="module")
def found(split: Split, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    work = tmp_path_factory.mktemp("comparison") / "work"
    plan = ClassifierPlan(epochs=6, batch=6, warmup=1)
    return compare(split, work, plan, encoder, Options(fpir=0.1))


def test_both_know_the_same_writers_and_are_asked_the_same(found: Comparison):
    assert [stage.writer_count for stage in found.stages] == [2, 3, 4]
    for stage in found.stages:
        assert stage.classifier.writer_count == stage.index.writer_count
        assert stage.classifier.images == stage.index.reference_count == 2 * stage.writer_count
        assert stage.classifier.questions == stage.index.questions == 2 * stage.writer_count
        assert 0 <= stage.index.identified <= stage.index.right <= stage.index.questions
    assert found.whole.index.enrol.seconds > found.stages[0].index.enrol.seconds


def test_newcomers_strangers_and_pairs_are_counted(found: Comparison):
    assert (found.added.writer_count, found.added.questions) == (1, 2)
    assert found.added.retrain == found.whole.classifier.train
    assert found.strangers.questions == 4
    assert found.strangers.classifier_named == 1
    assert 0 <= found.strangers.index_equal <= 1
    assert 0 <= found.strangers.classifier_equal <= 1
    assert found.strangers.index_missed == pytest.approx(found.stages[0].index.missed)
    # Two writers with two test images and two forgeries each.
    assert (found.pairs.genuine, found.pairs.random, found.pairs.skilled) == (2, 4, 8)


def test_it_is_told_as_table_json_and_page(found: Comparison):
    assert json.loads(json.dumps(found.to_dict()))["closed_set"]["index"] == pytest.approx(
        found.whole.index.rank_1, abs=1e-6
    )
    assert all(len(row) == 3 for row in rows(found))
    assert sum(map(len, sections(found).values())) == len(rows(found))
    page = comparison_page(found)
    for text in (*sections(found), *conclusion(found), found.machine):
        assert escape(text) in page.replace("\u00a0", " ")
    assert page.count('<svg class="plot"') == 4
    check_page(page)


def test_the_conclusion_follows_the_numbers(found: Comparison):
    stage = found.whole
    ahead = replace(
        stage,
        classifier=replace(stage.classifier, right=8, questions=8),
        index=replace(stage.index, right=4, questions=8),
    )
    behind = replace(stage, classifier=replace(stage.classifier, right=0), index=ahead.index)
    assert (
        "the classifier is right more often, by 50.0"
        in conclusion(replace(found, stages=(ahead,)))[0]
    )
    assert (
        "the index is right more often, by 50.0" in conclusion(replace(found, stages=(behind,)))[0]
    )
    worse = replace(found.strangers, floor_named=0.9, index_named=0.1, fpir=0.01)
    said = conclusion(replace(found, strangers=replace(worse, extrapolated=True)))[2]
    assert "still names more strangers" in said
    assert "recalibrate" in said
    assert (
        "recalibrate"
        not in conclusion(replace(found, strangers=replace(worse, extrapolated=False)))[2]
    )


def test_a_difference_within_chance_is_called_one(found: Comparison):
    stage = found.whole

    def said(classifier: int, index: int, questions: int) -> str:
        learnt = replace(stage.classifier, right=classifier, questions=questions)
        enrolled = replace(stage.index, right=index, questions=questions)
        return conclusion(
            replace(found, stages=(replace(stage, classifier=learnt, index=enrolled),))
        )[0]

    assert "within what chance" in said(651, 653, 654)
    assert "within what chance" not in said(615, 653, 654)
    assert "both are right equally often" in said(653, 653, 654)


def test_a_stated_rate_that_does_not_hold_is_called_out(found: Comparison):
    def said(named: float) -> str:
        asked = replace(found.strangers, index_named=named, fpir=0.01, extrapolated=False)
        return conclusion(replace(found, strangers=asked))[2]

    assert "14 times the stated rate" in said(0.141)
    assert "stated rate" not in said(0.012)


def test_growth_is_what_each_writer_more_adds(found: Comparison):
    first, last = found.stages[0], found.whole
    small = replace(first, index=replace(first.index, index_bytes=100_000, writer_count=2))
    large = replace(
        last,
        classifier=replace(last.classifier, ask=0.002),
        index=replace(last.index, index_bytes=180_000, writer_count=4, ask=0.013),
    )
    said = conclusion(replace(found, stages=(small, large)))[-1]
    assert "40.0 kB to the index" in said
    assert "takes the index 6.5 times as long" in said


def answer(writer: str, margin: float) -> Identification:
    best = Candidate(writer, 1, margin + 0.5, 0.5, 0.0, 2, None)
    gallery = Gallery(2, 0.1, False, "invented")
    verdict = unverified("not_verified", writer)
    return Identification("q", verdict, "identified", writer, None, (best,), gallery, "m")


def test_a_wrong_name_is_missed_at_any_threshold():
    answers = [answer("anna", 3.0), answer("anna", 1.0), answer("bo", 9.0)]
    assert _margins(answers).tolist() == [3.0, 1.0, 9.0]
    # The third is asked for by somebody else: no threshold makes it right.
    assert _margins(answers, ["anna", "anna", "anna"]).tolist() == [3.0, 1.0, -np.inf]


def test_a_trained_classifier_is_kept_for_the_next_comparison(split: Split, tmp_path: Path):
    part, said = split.only(split.writers[:2]), list[str]()
    questions = questions_of(part.test)

    def stage(epochs: int) -> ClassifierStage:
        plan = ClassifierPlan(epochs=epochs, batch=6, warmup=1)
        return train_stage(part, tmp_path / "classifier", plan, questions, said.append)[1]

    first, again = stage(1), stage(1)
    assert "continuing from epoch 1" in said
    assert (again.train, again.right) == (first.train, first.right)
    assert not any("again" in line for line in said)
    assert stage(2).epochs == 2
    assert "other settings" in next(line for line in said if "training again" in line)


def test_too_few_writers_are_refused(split: Split, encoder: Encoder, tmp_path: Path):
    with pytest.raises(DatasetError, match="needs 4 writers"):
        compare(split.only(split.writers[:3]), tmp_path, ClassifierPlan(), encoder)


def test_a_rate_that_is_none_is_refused_at_once():
    with pytest.raises(CalibrationError, match="between 0 and 1"):
        Options(fpir=7)


def test_stages_grow_and_end_with_the_newcomers():
    assert stage_sizes(100) == [25, 50, 90, 100]
    assert stage_sizes(260) == [65, 130, 250, 260]
    assert stage_sizes(4) == [2, 3, 4]
