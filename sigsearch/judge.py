"""Readings -> evidence: pair scores, fused and weighed. What a model knows about judging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sigsearch.encoder import Embeddings, Encoder
from sigsearch.errors import CalibrationError
from sigsearch.matching.calibration import PROPOSITIONS, CalibrationSet, Proposition
from sigsearch.matching.decision import (
    DEFAULT_FMR,
    DEFAULT_FNMR,
    Compared,
    Decision,
    Verdict,
    decide,
)
from sigsearch.matching.fusion import fuse, handicap
from sigsearch.matching.local import LocalMatcher
from sigsearch.matching.population import Population
from sigsearch.matching.similarity import pair_scores, plainness

if TYPE_CHECKING:
    from sigsearch.matching.gallery import GalleryVerdict

CALIBRATION = "calibration.json"


@dataclass(frozen=True, slots=True)
class Rates:
    """The error rates asked for, and against what: `skilled` forgeries, `random` ones or both."""

    fmr: float = DEFAULT_FMR
    fnmr: float = DEFAULT_FNMR
    against: Proposition = "skilled"

    @classmethod
    def of(cls, fmr: float, fnmr: float, against: str) -> Rates:
        """Checked: raises CalibrationError for a proposition that is not known."""
        for proposition in PROPOSITIONS:
            if against == proposition:
                return cls(fmr, fnmr, proposition)
        raise CalibrationError(
            f"no proposition {against!r}; the choices are {', '.join(PROPOSITIONS)}"
        )


@dataclass(frozen=True, slots=True)
class Traits:
    """What R references of one writer show by themselves: own (R, R), how well they agree, the
    diagonal zero; plainness (R,), how like each is to itself upside down."""

    own: NDArray[np.float32]
    plainness: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Judge:
    """Compares readings by `matcher` and weighs the scores by `calibrations`, and by what an index
    shows of its own `population`, if it does."""

    matcher: LocalMatcher
    calibrations: CalibrationSet
    population: Population | None = None

    @classmethod
    def of(cls, encoder: Encoder, calibrations: CalibrationSet | None = None) -> Judge:
        """The judge that ships with `encoder`, or with a calibration of one's own. Raises
        CalibrationError when there is none, or it was fitted for another encoder."""
        matcher = LocalMatcher.load(encoder.matcher_path, encoder.card.files.get("matcher.npz"))
        if calibrations is None:
            return cls(matcher, calibration_of(encoder))
        _refuse_another(calibrations, encoder, f"the calibration {calibrations.population!r}")
        return cls(matcher, calibrations)

    def pair_scores(self, questioned: Embeddings, references: Embeddings) -> NDArray[np.float32]:
        """(questioned, references), higher = closer."""
        return pair_scores(questioned, references, self.matcher)

    def traits(self, references: Embeddings) -> Traits:
        """Of one writer's references; the comparison is symmetric, so each pair is compared
        once."""
        own = np.zeros((len(references), len(references)), np.float32)
        for at in range(len(references) - 1):
            own[at, at + 1 :] = self.pair_scores(references[at], references[at + 1 :])[0]
        return Traits(own + own.T, plainness(references, self.matcher))

    def fused(
        self, questioned: Embeddings, references: Embeddings, traits: Traits | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Scores (n,) against all `references` of one writer, and the pair scores (n, R);
        `traits` spares the comparison of the references where they are known."""
        pairs = self.pair_scores(questioned, references)
        own = (traits or self.traits(references)).own
        return fuse(pairs, own, self.calibrations.fusion), pairs

    def compare(
        self, questioned: Embeddings, references: Embeddings, traits: Traits | None = None
    ) -> tuple[Compared, NDArray[np.float32]]:
        """One questioned signature against all `references` of one writer, and its pair score
        with each; `traits` likewise."""
        known = traits or self.traits(references)
        fused, pairs = self.fused(questioned, references, known)
        off = handicap(known.plainness, self.calibrations.fusion)
        return Compared(float(fused[0]), len(references), off), pairs[0]

    def verify(
        self, questioned: Embeddings, references: Embeddings, rates: Rates
    ) -> tuple[Verdict, NDArray[np.float32]]:
        """The verdict on one questioned signature, and its pair score with each reference."""
        compared, pairs = self.compare(questioned, references)
        return self.decide(compared, rates), pairs

    def decide(self, compared: Compared, rates: Rates) -> Verdict:
        """The verdict on a comparison; raises CalibrationError for rates beyond the data."""
        calibration = self.calibrations.choose(rates.against, compared.references)
        return decide(compared, calibration, rates.fmr, rates.fnmr, self.population)

    def glance(self, compared: Compared) -> Decision | None:
        """The decision against skilled forgeries at the default rates, or at the smallest that the
        calibration supports; None when it knows nothing of skilled forgeries."""
        try:
            calibration = self.calibrations.choose("skilled", compared.references)
        except CalibrationError:
            return None
        rates = calibration.rates
        fmr = max(DEFAULT_FMR, rates.least_fmr)
        return decide(compared, calibration, fmr, max(DEFAULT_FNMR, rates.least_fnmr)).decision

    def identify(self, candidates: Sequence[Compared], writers: int, fpir: float) -> GalleryVerdict:
        """Weigh the candidates of one search in a gallery of `writers` writers."""
        from sigsearch.matching.gallery import identify

        return identify(candidates, writers, self.calibrations, fpir, self.population)


def calibration_of(encoder: Encoder) -> CalibrationSet:
    """What lies in the encoder's folder. Raises CalibrationError when that is nothing, or was
    fitted for another encoder: scores of two encoders do not compare."""
    path = encoder.folder / CALIBRATION
    if not path.is_file():
        raise CalibrationError(
            f"{encoder.folder}: the encoder has no {CALIBRATION}; {_fit_with(encoder)}"
        )
    found = CalibrationSet.load(path)
    _refuse_another(found, encoder, str(path))
    return found


def _refuse_another(calibrations: CalibrationSet, encoder: Encoder, which: str) -> None:
    if calibrations.encoder != encoder.card.id:
        raise CalibrationError(
            f"{which} was fitted for the encoder {calibrations.encoder!r}, not for "
            f"{encoder.card.id!r}; {_fit_with(encoder)}"
        )


def _fit_with(encoder: Encoder) -> str:
    return f"fit it anew with `sigsearch calibrate DATA --encoder {encoder.folder}`"
