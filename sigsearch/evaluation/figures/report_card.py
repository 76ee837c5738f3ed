"""All figures of an evaluation, from its raw scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sigsearch.evaluation.figures.evidence import CalibrationFigures, calibration
from sigsearch.evaluation.figures.identification import IdentificationFigures, identification
from sigsearch.evaluation.figures.thresholds import fit_calibrator, fixed_threshold
from sigsearch.evaluation.figures.verification import (
    VerificationFigures,
    det_curve,
    mean_over,
    verification,
)
from sigsearch.evaluation.score_table import ScoreTable, SearchTable
from sigsearch.evaluation.scorers.trivial import COMBINED, PROPERTIES

AGAINST = ("skilled", "random")
TRIVIAL = (*PROPERTIES, COMBINED)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The best trivial baseline on the same comparisons as a figure."""

    name: str
    eer: float
    beaten: bool  # by the figure's own EER

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "eer": self.eer, "beaten": self.beaten}


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that can be said. Datasets come first in `verification`, then their mean.

    by_script and by_group: the evaluated scorer's verification on slices across datasets; det:
    (slice, references, against) -> points (FMR, FNMR).
    """

    scorer: str
    verification: tuple[VerificationFigures, ...]
    calibration: tuple[CalibrationFigures, ...]
    identification: tuple[IdentificationFigures, ...]
    by_script: tuple[VerificationFigures, ...] = ()
    by_group: tuple[VerificationFigures, ...] = ()
    det: dict[tuple[str, int, str], list[list[float]]] = field(default_factory=dict)

    def of(self, scorer: str, against: str) -> list[VerificationFigures]:
        return [v for v in self.verification if v.scorer == scorer and v.against == against]

    def best_trivial(self, figure: VerificationFigures) -> Baseline | None:
        """The strongest trivial baseline beside `figure`; None when none was measured."""
        same = [
            v
            for v in self.verification
            if v.scorer in TRIVIAL
            and (v.slice, v.reference_count, v.against)
            == (figure.slice, figure.reference_count, figure.against)
            and not v.eer.missing
        ]
        if not same:
            return None
        best = min(same, key=lambda v: v.eer.value)
        return Baseline(best.scorer, best.eer.value, figure.eer.value < best.eer.value)

    def to_dict(self) -> dict[str, Any]:
        return {
            "scorer": self.scorer,
            "verification": [self._with_baseline(v) for v in self.verification],
            "by_script": [v.to_dict() for v in self.by_script],
            "by_group": [v.to_dict() for v in self.by_group],
            "calibration": [c.to_dict() for c in self.calibration],
            "identification": [i.to_dict() for i in self.identification],
            "det": [
                {"slice": name, "reference_count": count, "against": against, "points": points}
                for (name, count, against), points in self.det.items()
            ],
        }

    def _with_baseline(self, figure: VerificationFigures) -> dict[str, Any]:
        best = None if figure.scorer in TRIVIAL else self.best_trivial(figure)
        return {**figure.to_dict(), "best_trivial": best.to_dict() if best else None}


def derive(scores: ScoreTable, searches: SearchTable | None = None) -> Figures:
    """All figures that the scores allow. The first scorer in the table is the evaluated one.

    Rows of the role `validation` fix thresholds and calibrations; those of `test` are reported.
    """
    main = scores.scorers[0]
    validation, test = (scores.where(scores.role.equal(r)) for r in ("validation", "test"))
    lines: list[VerificationFigures] = []
    calibrated: list[CalibrationFigures] = []
    for scorer in scores.scorers:
        for count, fixed, tested in _by_count(validation, test):
            for against in AGAINST:
                lines += _lines(fixed, tested, scorer, count, against)
                if scorer not in TRIVIAL:
                    calibrated += _calibrated(fixed, tested, scorer, count, against)
    return Figures(
        main,
        tuple(lines),
        tuple(calibrated),
        tuple(_searched(searches)) if searches is not None else (),
        tuple(_sliced(validation, test, main, "script")),
        tuple(_sliced(validation, test, main, "group")),
        {
            (name, count, against): points
            for count, _, tested in _by_count(validation, test)
            for name in tested.dataset.present()
            for against in AGAINST
            if (points := det_curve(tested.where(tested.dataset.equal(name)), main, against))
        },
    )


def _by_count(
    validation: ScoreTable, test: ScoreTable
) -> Iterator[tuple[int, ScoreTable, ScoreTable]]:
    for count in np.unique(test.references).tolist():
        yield (
            count,
            validation.where(validation.references == count),
            test.where(test.references == count),
        )


def _lines(
    validation: ScoreTable, test: ScoreTable, scorer: str, count: int, against: str
) -> list[VerificationFigures]:
    threshold = fixed_threshold(validation, scorer, against)
    found = [
        verification(test.where(test.dataset.equal(name)), scorer, name, count, against, threshold)
        for name in test.dataset.present()
    ]
    usable = [(line, resampled) for line, resampled in found if not line.eer.missing]
    mean = [mean_over(f"mean of {len(usable)} sets", usable)] if len(usable) > 1 else []
    return [line for line, _ in found] + mean


def _calibrated(
    validation: ScoreTable, test: ScoreTable, scorer: str, count: int, against: str
) -> list[CalibrationFigures]:
    calibrator = fit_calibrator(validation, scorer, against)
    if calibrator is None:
        return []
    found = (
        calibration(test.where(test.dataset.equal(name)), scorer, name, count, against, calibrator)
        for name in test.dataset.present()
    )
    return [one for one in found if one is not None]


def _sliced(
    validation: ScoreTable, test: ScoreTable, scorer: str, column: str
) -> Iterator[VerificationFigures]:
    for count, fixed, tested in _by_count(validation, test):
        for against in AGAINST:
            threshold = fixed_threshold(fixed, scorer, against)
            labels = getattr(tested, column)
            for name in filter(None, labels.present()):
                part = tested.where(labels.equal(name))
                yield verification(part, scorer, name, count, against, threshold)[0]


def _searched(searches: SearchTable) -> Iterator[IdentificationFigures]:
    test = searches.where(searches.role.equal("test"))
    for scorer in test.scorer.present():
        for name in test.dataset.present():
            for count in np.unique(test.references).tolist():
                rows = test.scorer.equal(scorer) & test.dataset.equal(name)
                part = test.where(rows & (test.references == count))
                if len(part):
                    yield identification(part, scorer, name, count)
