"""The card's figures come from a run, and the short check measures the same again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sigsearch.arrays import Singles
from sigsearch.datasets import Dataset, Protocol, read_dataset
from sigsearch.encoder import Encoder, ModelCard
from sigsearch.errors import DatasetError
from sigsearch.evaluation.card_check import check, sample_hands
from sigsearch.evaluation.combining import combine_trivial
from sigsearch.evaluation.figures import derive
from sigsearch.evaluation.model_card import update_card
from sigsearch.evaluation.scorers import trivial_scorers
from sigsearch.evaluation.session import Run, evaluate
from sigsearch.trials.drawing import TrialPlan
from sigsearch.trials.encoder_scorer import EncoderScorer
from sigsearch.trials.scorer import Features


@pytest.fixture(scope="module")
def known(references: Path, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Invented writers under the name and numbers of a dataset that a shipped protocol splits."""
    path = tmp_path_factory.mktemp("known") / "cedar.csv"
    lines = ["path,writer,kind"]
    for number, folder in zip((36, 37, 41, 45, 50, 55), sorted(references.iterdir()), strict=True):
        for image in sorted(folder.iterdir()):
            kind = "forgery" if image.stem.startswith("forgery") else "genuine"
            lines.append(f'"{image}",{number},{kind}')
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_dataset(path)


@pytest.fixture(scope="module")
def finished(known: Dataset, encoder: Encoder, plan: TrialPlan) -> Run:
    scorers = [EncoderScorer(encoder), *trivial_scorers()]
    return evaluate([known], scorers, Protocol.load("unseen-writers-1"), plan)


@pytest.fixture
def card(finished: Run, encoder: Encoder, tmp_path: Path) -> ModelCard:
    encoder.card.save(tmp_path)
    update_card(tmp_path, derive(combine_trivial(finished.scores), finished.searches), finished)
    return ModelCard.load(tmp_path)


def test_the_card_tells_what_was_measured(card: ModelCard, finished: Run, encoder: Encoder) -> None:
    figures = derive(combine_trivial(finished.scores), finished.searches)
    line = card.figures["verification"][0]
    assert line["eer"]["value"] == pytest.approx(figures.verification[0].eer.value, rel=1e-5)
    assert line["best_trivial"]["name"]
    assert card.figures["encoder"] == card.id == encoder.card.id
    assert card.figures["identification"][0]["writer_count"] == 4
    assert {c["reference_count"] for c in card.figures["evidence"]} == {1, 3}
    # No folder of the machine that it was measured on.
    assert str(encoder.folder) not in json.dumps(card.figures)


def test_the_check_measures_the_same_again(
    card: ModelCard, known: Dataset, encoder: Encoder
) -> None:
    held = check([known], EncoderScorer(encoder), card.figures)
    assert [(one.set, one.reference_count) for one in held] == [("cedar", 1), ("cedar", 3)]
    for one in held:
        assert one.eer == pytest.approx(one.card, abs=1e-6)
        assert not one.worse


def test_the_check_notices_a_spoilt_encoder(
    card: ModelCard, known: Dataset, encoder: Encoder
) -> None:
    class Spoilt(EncoderScorer):
        def compare(self, questioned: Features, references: Features) -> Singles:
            return -super().compare(questioned, references)

    assert any(one.worse for one in check([known], Spoilt(encoder), card.figures))


def test_the_sample_is_drawn_from_test_writers(known: Dataset) -> None:
    protocol = Protocol.load("unseen-writers-1")
    hands = sample_hands(known, protocol)
    assert hands <= protocol.roles["cedar"]["test"]
    assert len(hands) == 6
    assert sample_hands(known.only(lambda s: False), protocol) == hands


def test_a_card_needs_a_shipped_protocol(run: Run, encoder: Encoder, tmp_path: Path) -> None:
    encoder.card.save(tmp_path)
    with pytest.raises(DatasetError, match="shipped protocol"):
        update_card(tmp_path, derive(run.scores), run)
