"""The head: what it is told, what it learns, and that it survives JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sigsearch.calibration.fusion_fit import Claims, fit_fusion
from sigsearch.calibration.head_fit import enough_for_a_head, fit_head
from sigsearch.errors import CalibrationError
from sigsearch.matching.fusion import FusionWeights, fuse
from sigsearch.matching.head import Head, features, width


def plain_and_rich(writers: int, references: int, seed: int) -> list[Claims]:
    """Of half of the writers all signatures come near one another, their imitations too, and the
    common part says so."""
    random = np.random.default_rng(seed)
    claims = []
    for writer in range(writers):
        level = 4.0 * (writer % 2)

        def drawn(rows: int, score: float, common: float = level) -> np.ndarray:
            likeness = random.normal(0, 0.5, (rows, references, 3))
            return likeness + np.array([score + common, 0.0, common])

        own = drawn(references, 2.0)
        claims.append(Claims(drawn(12, 2.0), drawn(12, 0.0), own, writer))
    return claims


def errors(head: Head, claims: list[Claims]) -> float:
    """The share that one threshold for all writers gets wrong, at its best."""
    mated, others = (
        np.concatenate([head.scores(getattr(c, side), c.own) for c in claims])
        for side in ("mated", "non_mated")
    )
    places = np.concatenate([mated, others])
    return float(min((mated < t).mean() + (others >= t).mean() for t in places) / 2)


@pytest.mark.parametrize("references", [1, 3])
def test_one_threshold_comes_to_fit_plain_and_rich_writers(references: int) -> None:
    groups = {1: plain_and_rich(40, 1, 0), 3: plain_and_rich(40, 3, 1)}
    asked = plain_and_rich(40, references, 2)
    head = fit_head(groups)
    scores_alone = Head({1: (0.0, 1.0, 0.0, 0.0), 3: (0.0, 1.0, *[0.0] * 14)})
    assert errors(head, asked) < 0.1
    assert errors(scores_alone, asked) > 0.2


def test_the_features_are_means_and_extremes() -> None:
    questioned = np.arange(12.0).reshape(2, 2, 3)
    own = np.zeros((2, 2, 3))
    own[0, 1], own[1, 0] = [1, 2, 3], [3, 4, 5]
    found = features(questioned, own, 2)
    assert found.shape == (2, width(2))
    np.testing.assert_allclose(found[0], [1.5, 2.5, 3.5, 3, 4, 5, 0, 1, 2, 2, 3, 4, 1, 2, 3])
    assert features(questioned, own, 1).shape == (2, width(1))


def test_the_nearest_lower_number_of_references_is_taken() -> None:
    head = Head({1: (1.0, 0.0, 0.0, 0.0), 3: (3.0, *[0.0] * 15)})
    seen = [float(head.scores(np.zeros((1, n, 3)), np.zeros((n, n, 3)))[0]) for n in (1, 2, 3, 9)]
    assert seen == [1.0, 1.0, 3.0, 3.0]


def test_fusion_follows_the_head_and_lives_without_it() -> None:
    random = np.random.default_rng(0)
    questioned, own = random.normal(size=(4, 3, 3)), random.normal(size=(3, 3, 3))
    head = Head({1: (0.5, 1.0, 2.0, 3.0)})
    by_head = fuse(questioned, own, FusionWeights(head=head))
    np.testing.assert_allclose(by_head, questioned.mean(1) @ [1.0, 2.0, 3.0] + 0.5)
    without = fuse(questioned, own, FusionWeights())
    np.testing.assert_allclose(without, fuse(questioned[..., 0], own[..., 0], FusionWeights()))
    with pytest.raises(ValueError, match="channels"):
        fuse(questioned[..., 0], own[..., 0], FusionWeights(head=head))


def test_a_head_survives_json() -> None:
    weights = FusionWeights(head=Head({1: (0.5, 1.0, 2.0, 3.0)}))
    assert FusionWeights.from_dict(json.loads(json.dumps(weights.to_dict()))) == weights


@pytest.mark.parametrize(
    "fault",
    [{}, {"1": [0.0]}, {"2": [0.0] * 16}, {"1": [0, 1, 2, "x"]}, {"1": [0, 1, 2, np.nan]}, 7],
)
def test_damaged_coefficients_are_refused(fault: object) -> None:
    with pytest.raises(CalibrationError, match="head"):
        FusionWeights.from_dict(FusionWeights().to_dict() | {"head": fault})


def test_few_writers_teach_no_head() -> None:
    few = {1: plain_and_rich(20, 1, 0)}
    assert not enough_for_a_head(few)
    assert enough_for_a_head({1: plain_and_rich(60, 1, 0)})
    with pytest.raises(CalibrationError, match="learn the head"):
        fit_head({2: plain_and_rich(5, 2, 0)})


def test_the_other_weights_are_still_found_from_likenesses() -> None:
    claims = plain_and_rich(10, 3, 0)
    bare = [Claims(c.mated[..., 0], c.non_mated[..., 0], c.own[..., 0], c.writer) for c in claims]
    assert fit_fusion([claims]) == fit_fusion([bare])
