"""Scorers agree with what they stand for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sigsearch.datasets import Dataset
from sigsearch.encoder import Encoder
from sigsearch.engine.judge import Judge
from sigsearch.errors import DatasetError, EncoderError
from sigsearch.evaluation.scorers import make_scorer, trivial_scorers
from sigsearch.evaluation.scorers.trivial import measure
from sigsearch.evaluation.session import evaluate
from sigsearch.imaging import Signature, read_signature
from sigsearch.imaging.load import load_page
from sigsearch.imaging.signature import normalise
from sigsearch.metrics import eer
from sigsearch.trials.drawing import TrialPlan
from sigsearch.trials.encoder_scorer import EncoderScorer
from sigsearch.trials.scorer import take


@pytest.fixture(scope="module")
def signatures(references: Path) -> list[Signature]:
    return [read_signature(path) for path in sorted(references.glob("[ab]*/*.png"))[:10]]


@pytest.mark.parametrize("name", ["ssim", "hog", "orb", "sift"])
def test_a_peer_finds_an_image_closest_to_itself(name: str, signatures) -> None:
    if name in ("orb", "sift"):
        pytest.importorskip("cv2")
    scorer = make_scorer(name)
    features = scorer.prepare(signatures)
    scores = scorer.compare(features, features)
    assert scores.shape == (len(signatures),) * 2
    assert scores.dtype == np.float32
    assert (scores.argmax(axis=1) == np.arange(len(signatures))).all()
    some = take(features, np.array([3, 1]))
    np.testing.assert_allclose(scorer.compare(some, features), scores[[3, 1]], atol=1e-5)


def test_ssim_of_an_image_with_itself_is_one(signatures) -> None:
    scorer = make_scorer("ssim")
    features = scorer.prepare(signatures)
    np.testing.assert_allclose(np.diag(scorer.compare(features, features)), 1.0, atol=1e-5)


def test_the_encoder_is_scored_as_verification_scores_it(encoder: Encoder, signatures) -> None:
    scorer, judge = EncoderScorer(encoder), Judge.of(encoder)
    features = scorer.prepare(signatures)
    one, three = take(features, np.array([0])), take(features, np.array([1, 2, 3]))
    fused = scorer.fuse(scorer.compare(one, three), scorer.compare(three, three))
    expected, _ = judge.fused(encoder.embed(signatures[:1]), encoder.embed(signatures[1:4]))
    np.testing.assert_allclose(fused, expected, atol=1e-4)


def test_the_global_vector_alone(encoder: Encoder, signatures) -> None:
    scorer = EncoderScorer(encoder, local=False)
    features = scorer.prepare(signatures)
    vectors = encoder.embed(signatures).vectors
    np.testing.assert_allclose(scorer.compare(features, features), vectors @ vectors.T, atol=1e-6)
    assert scorer.screen(features, features) is None
    assert scorer.id == EncoderScorer(encoder).id  # the features are shared


def test_an_encoder_runs_through_an_evaluation(
    encoder: Encoder, dataset: Dataset, plan: TrialPlan
) -> None:
    run = evaluate([dataset], [EncoderScorer(encoder)], plan=plan)
    assert not np.isnan(run.scores.scores["sigsearch"]).any()
    assert run.searches is not None
    assert (run.searches.rank == 1).mean() > 0.5


def leaky(folder: Path, forged_grey: int, forged_width: int) -> Dataset:
    """Drawings alike in shape; forgeries differ by their paper or their pen alone."""
    from PIL import ImageDraw

    from sigsearch.datasets import read_dataset

    random = np.random.default_rng(0)
    for writer in range(3):
        (folder / str(writer)).mkdir(parents=True)
        for number in range(8):
            forged = number >= 4
            paper = forged_grey if forged else 250
            image = Image.new("L", (400, 160), paper + int(random.integers(-1, 2)))
            points = [(int(x), int(y)) for x, y in random.integers((30, 30), (370, 130), (9, 2))]
            width = forged_width if forged else 4
            ImageDraw.Draw(image).line(points, fill=20, width=width, joint="curve")
            image.save(folder / str(writer) / f"{'forg' if forged else 'gen'}_{number}.png")
    return read_dataset(folder)


@pytest.mark.parametrize(
    ("grey", "width", "telling"), [(225, 4, "paper grey"), (250, 9, "stroke width")]
)
def test_trivial_baselines_find_the_leak(
    grey: int, width: int, telling: str, tmp_path: Path, plan: TrialPlan
) -> None:
    run = evaluate([leaky(tmp_path, grey, width)], trivial_scorers(), plan=plan)
    table = run.scores.where(run.scores.references == 1)
    own, others = table.kind.equal("genuine"), table.kind.equal("skilled")
    rates = {name: eer(values[own], values[others]) for name, values in table.scores.items()}
    assert rates[telling] < 0.05
    other = {"paper grey": "stroke width", "stroke width": "paper grey"}[telling]
    assert rates[other] > 0.2


def test_what_is_measured() -> None:
    image = np.full((200, 400), 240, np.uint8)
    image[50:60, 100:300] = 0
    image[50:110, 100:110] = 0
    ink = image < 128  # straight as print, so the segmentation is not asked
    signature = normalise(load_page(image), ink, ink)
    grey, stroke, height, box_width, box_height, density = measure(signature)
    assert grey == 240
    assert np.exp([height, box_width, box_height]) == pytest.approx([200, 200, 60], abs=1)
    assert np.exp(stroke) == pytest.approx(10, rel=0.3)
    assert np.exp(density) == pytest.approx((2000 + 500) / (200 * 60), rel=0.05)


def test_names_that_are_no_scorer() -> None:
    with pytest.raises(DatasetError, match="known: sigsearch, sigsearch-global, ssim"):
        make_scorer("signet")
    with pytest.raises(DatasetError, match="cannot be imported"):
        make_scorer("no_such_module:Thing")


def test_a_folder_without_an_encoder(tmp_path: Path) -> None:
    with pytest.raises(EncoderError):
        make_scorer(str(tmp_path))


def test_one_s_own_scorer_by_name() -> None:
    assert make_scorer("sigsearch.evaluation.scorers.peers.hog:Hog").name == "oriented gradients"


def test_the_example_in_the_documentation_runs(dataset: Dataset, plan: TrialPlan) -> None:
    page = Path(__file__).parents[2] / "docs" / "evaluation.md"
    code = page.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    names: dict[str, type] = {}
    exec(code, names)
    run = evaluate([dataset], [names["Mine"]()], plan=plan)
    assert run.searches is not None
    assert (run.searches.rank == 1).mean() > 0.5
