"""Readings -> evidence: pair scores, fused and weighed. What a model knows about judging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sigsearch.encoder import Embeddings, Encoder
from sigsearch.errors import CalibrationError
from sigsearch.matching.calibration import PROPOSITIONS, CalibrationSet
from sigsearch.matching.decision import DEFAULT_FMR, DEFAULT_FNMR, Decision, Verdict, decide
from sigsearch.matching.fusion import fuse, handicaps
from sigsearch.matching.local import LocalMatcher
from sigsearch.matching.population import Population
from sigsearch.matching.rates import check_rate
from sigsearch.matching.similarity import pair_scores, plainness
from sigsearch.schema import Proposition

if TYPE_CHECKING:
    from sigsearch.matching.gallery import GalleryVerdict

CALIBRATION = "calibration.json"


@dataclass(frozen=True, slots=True)
class Rates:
    """The error rates asked for, and against what: `skilled` forgeries, `random` ones or both."""

    fmr: float = DEFAULT_FMR
    fnmr: float = DEFAULT_FNMR
    against: Proposition = "skilled"

    def __post_init__(self) -> None:
        """Raises CalibrationError for what is no rate, or a proposition that is not known."""
        check_rate(self.fmr)
        check_rate(self.fnmr)
        if self.against not in PROPOSITIONS:
            raise CalibrationError(
                f"no proposition {self.against!r}; the choices are {', '.join(PROPOSITIONS)}"
            )


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
        _refuse_another(calibrations, encoder, f"the calibration {calibrations.calibrated_on!r}")
        return cls(matcher, calibrations)

    def pair_scores(self, questioned: Embeddings, references: Embeddings) -> NDArray[np.float32]:
        """(questioned, references), higher = closer."""
        return pair_scores(questioned, references, self.matcher)

    def own_scores(self, references: Embeddings) -> NDArray[np.float32]:
        """(R, R): how well the references of one writer agree; the comparison is symmetric, so
        each pair is compared once. The diagonal is zero."""
        own = np.zeros((len(references), len(references)), np.float32)
        for at in range(len(references) - 1):
            own[at, at + 1 :] = self.pair_scores(references[at], references[at + 1 :])[0]
        return own + own.T

    def fused(
        self,
        questioned: Embeddings,
        references: Embeddings,
        own: NDArray[np.float32] | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Scores (n,) against all `references` of one writer, and the pair scores (n, R); `own`
        spares the comparison of the references where it is known."""
        pairs = self.pair_scores(questioned, references)
        agreement = self.own_scores(references) if own is None else own
        return fuse(pairs, agreement, self.calibrations.fusion), pairs

    def verify(
        self, questioned: Embeddings, references: Embeddings, rates: Rates
    ) -> tuple[Verdict, NDArray[np.float32]]:
        """The verdict on one questioned signature, and its pair score with each reference."""
        fused, pairs = self.fused(questioned, references)
        handicap = self.handicap(questioned)
        return self.decide(float(fused[0]), len(references), rates, handicap), pairs[0]

    def handicap(self, questioned: Embeddings) -> float:
        """Of one questioned signature, for being plain; against random forgeries it counts."""
        return float(handicaps(plainness(questioned, self.matcher), self.calibrations.fusion)[0])

    def decide(self, score: float, references: int, rates: Rates, handicap: float) -> Verdict:
        """The verdict on a fused score; raises CalibrationError for rates beyond the data."""
        calibration = self.calibrations.choose(rates.against, references)
        return decide(score, calibration, rates.fmr, rates.fnmr, self.population, handicap)

    def glance(self, score: float, references: int) -> Decision | None:
        """The decision against skilled forgeries at the default rates, or at the smallest that the
        calibration supports; None when it knows nothing of skilled forgeries."""
        try:
            calibration = self.calibrations.choose("skilled", references)
        except CalibrationError:
            return None
        rates = calibration.rates
        fmr = max(DEFAULT_FMR, rates.least_fmr)
        return decide(score, calibration, fmr, max(DEFAULT_FNMR, rates.least_fnmr)).decision

    def identify(
        self,
        scores: Sequence[float],
        references: Sequence[int],
        writers: int,
        fpir: float,
        handicap: float,
    ) -> GalleryVerdict:
        """Weigh the candidates of one search in a gallery of `writers` writers."""
        from sigsearch.matching.gallery import identify

        return identify(
            scores, references, writers, self.calibrations, fpir, self.population, handicap
        )


def calibration_of(encoder: Encoder) -> CalibrationSet:
    """What lies in the encoder's folder. Raises CalibrationError when that is nothing, or was
    fitted for another encoder: scores of two encoders do not compare."""
    path = encoder.folder / CALIBRATION
    if not path.is_file():
        raise CalibrationError(
            f"{encoder.folder}: the encoder has no {CALIBRATION}; {_fit_with(encoder)}"
        )
    state = path.stat()
    found = _read(path, (state.st_ino, state.st_size, state.st_mtime_ns))
    _refuse_another(found, encoder, str(path))
    return found


@lru_cache(maxsize=4)
def _read(path: Path, _state: tuple[int, ...]) -> CalibrationSet:
    """Parsed once a process; read again when the file is another one."""
    return CalibrationSet.load(path)


def _refuse_another(calibrations: CalibrationSet, encoder: Encoder, which: str) -> None:
    if calibrations.encoder != encoder.card.id:
        raise CalibrationError(
            f"{which} was fitted for the encoder {calibrations.encoder!r}, not for "
            f"{encoder.card.id!r}; {_fit_with(encoder)}"
        )


def _fit_with(encoder: Encoder) -> str:
    return f"fit one with `sigsearch calibrate DATA --encoder {encoder.folder}`"
