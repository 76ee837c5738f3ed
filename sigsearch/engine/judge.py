"""Readings -> evidence: pair scores, fused and weighed. What a model knows about judging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from sigsearch.arrays import Floats, Singles
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.encoder.encoder import MATCHER
from sigsearch.errors import CalibrationError
from sigsearch.matching.calibration import PROPOSITIONS, CalibrationSet
from sigsearch.matching.decision import (
    DEFAULT_FMR,
    DEFAULT_FNMR,
    Judged,
    decide,
    limits,
    refuse_unsupported,
)
from sigsearch.matching.fusion import fuse, handicaps
from sigsearch.matching.gallery import GalleryDecision, identify
from sigsearch.matching.head import CHANNELS
from sigsearch.matching.local import LocalMatcher
from sigsearch.matching.population import Population
from sigsearch.matching.rates import check_rate
from sigsearch.matching.similarity import likenesses, pair_scores
from sigsearch.matching.strength import DEFAULT_STRENGTH, check_strength
from sigsearch.models.folder import ModelFolder, hashes_of
from sigsearch.schema import Proposition

CALIBRATION = "calibration.json"


@dataclass(frozen=True, slots=True)
class Rates:
    """The error rates asked for, and against what: `skilled` forgeries, `random` ones or both;
    strength: the likelihood ratio that a match must reach, and a non_match its inverse."""

    fmr: float = DEFAULT_FMR
    fnmr: float = DEFAULT_FNMR
    against: Proposition = "skilled"
    strength: float = DEFAULT_STRENGTH

    def __post_init__(self) -> None:
        """Raises CalibrationError for what is no rate or strength, or a proposition that is not
        known."""
        check_rate(self.fmr)
        check_rate(self.fnmr)
        check_strength(self.strength)
        if self.against not in PROPOSITIONS:
            raise CalibrationError(
                f"no proposition {self.against!r}; the choices are {', '.join(PROPOSITIONS)}"
            )


@dataclass(frozen=True, slots=True)
class Scores:
    """Of one questioned signature with each of some writers: as a verification has it, and as a
    search weighs it in an index that has measured itself."""

    verified: list[float]
    searched: list[float]


@dataclass(frozen=True, slots=True)
class Judge:
    """Compares readings by `matcher` and weighs the scores by `calibrations`, and by what an index
    shows of its own `population`, if it does. `notes`: codes of reasons that every answer of this
    judge has."""

    matcher: LocalMatcher
    calibrations: CalibrationSet
    population: Population | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, encoder: Encoder, calibrations: CalibrationSet | None = None) -> Judge:
        """The judge that ships with `encoder`, or with a calibration of one's own. Raises
        CalibrationError when there is none, or it was fitted for another encoder."""
        matcher = matcher_of(encoder)
        if calibrations is None:
            return cls(matcher, calibration_of(encoder))
        _refuse_another(calibrations, encoder, f"the calibration {calibrations.calibrated_on!r}")
        notes = () if _is_shipped(calibrations, encoder) else ("own_calibration",)
        return cls(matcher, calibrations, notes=notes)

    def pair_scores(self, questioned: Embeddings, references: Embeddings) -> Singles:
        """(questioned, references), higher = closer."""
        return pair_scores(questioned, references, self.matcher)

    def own_scores(self, references: Embeddings, known: Singles | None = None) -> Singles:
        """(R, R, channels): how well the references of one writer agree; the comparison is
        symmetric, so each pair is compared once, and only those that are NaN in `known`. The
        diagonal is zero."""
        count = len(references)
        nothing = np.full((count, count, len(CHANNELS)), np.nan, np.float32)
        own = nothing if known is None else known.copy()
        own[np.diag_indices(count)] = 0
        for at in range(count - 1):
            others = at + 1 + np.flatnonzero(np.isnan(own[at, at + 1 :, 0]))
            if len(others):
                found = self.likenesses(references[at], references[others])[0]
                own[at, others] = own[others, at] = found
        return own

    def fused(
        self,
        questioned: Embeddings,
        references: Embeddings,
        own: Singles | None = None,
    ) -> tuple[Floats, Singles]:
        """Scores (n,) against all `references` of one writer, and the pair scores (n, R); `own`
        spares the comparison of the references where it is known."""
        pairs = self.likenesses(questioned, references)
        agreement = self.own_scores(references) if own is None else own
        return self.fuse(pairs, agreement), pairs[..., 0]

    def likenesses(self, questioned: Embeddings, references: Embeddings) -> Singles:
        """(questioned, references, channels): what is known of each pair."""
        return likenesses(questioned, references, self.matcher)

    def fuse(self, pairs: Singles, own: Singles) -> Floats:
        """Scores (n,) from the likenesses (n, R, channels) with the references of one writer and
        those among them."""
        return fuse(pairs, own, self.calibrations.fusion)

    def fuse_for_search(self, pairs: Singles, own: Singles) -> Floats:
        """As `fuse`, by the weights of a search (`CalibrationSet.search_fusion`)."""
        return fuse(pairs, own, self.calibrations.search_fusion(pairs.shape[1]))

    def verify(
        self, questioned: Embeddings, references: Embeddings, rates: Rates
    ) -> tuple[Judged, Singles]:
        """The verdict on one questioned signature, and its pair score with each reference."""
        fused, pairs = self.fused(questioned, references)
        handicap = self.handicap(questioned)
        return self.decide(float(fused[0]), len(references), rates, handicap), pairs[0]

    def handicap(self, questioned: Embeddings) -> float:
        """Of one questioned signature, for being plain; against random forgeries it counts."""
        return float(handicaps(self.matcher.plainness(questioned), self.calibrations.fusion)[0])

    def decide(self, score: float, references: int, rates: Rates, handicap: float) -> Judged:
        """The verdict on a fused score; raises CalibrationError for rates beyond the data."""
        calibration = self.calibrations.choose(rates.against, references)
        return decide(
            score,
            calibration,
            rates.fmr,
            rates.fnmr,
            self.population,
            handicap,
            rates.strength,
        )

    def limits(self, references: int, rates: Rates, handicap: float) -> tuple[float, float]:
        """The scores between which `decide` is not firm: what a match must reach, and below which a
        non_match is. Raises CalibrationError for rates beyond the data."""
        calibration = self.calibrations.choose(rates.against, references)
        return limits(calibration, rates.fmr, rates.fnmr, self.population, handicap, rates.strength)

    def nearest_rates(self, strength: float, references: int) -> Rates | None:
        """The default rates against skilled forgeries, or the smallest that the calibration
        supports; None where it knows nothing of such forgeries, or not so much strength."""
        try:
            calibration = self.calibrations.choose("skilled", references)
            rates = calibration.rates
            fmr = max(DEFAULT_FMR, rates.least_fmr)
            found = Rates(fmr, max(DEFAULT_FNMR, rates.least_fnmr), "skilled", strength)
            refuse_unsupported(calibration, found.fmr, found.fnmr, strength)
        except CalibrationError:
            return None
        return found

    def identify(
        self,
        scores: Scores,
        references: Sequence[int],
        writers: int,
        fpir: float,
        handicap: float,
    ) -> GalleryDecision:
        """Weigh the candidates of one search in a gallery of `writers` writers."""
        known = self.calibrations, fpir, self.population, handicap
        weighed = scores.verified if self.population is None else scores.searched
        return identify(weighed, references, writers, *known)


def matcher_of(encoder: Encoder) -> LocalMatcher:
    """The local comparison that lies in the encoder's folder. Raises EncoderError when it is
    missing, altered or not in the card."""
    return LocalMatcher.load(encoder.matcher_path, encoder.card.files.get(MATCHER, ""))


def calibration_of(encoder: Encoder) -> CalibrationSet:
    """What lies in the encoder's folder, parsed once a process. Raises CalibrationError when that
    is nothing, was altered, or was fitted for another encoder: scores of two encoders do not
    compare."""
    path = encoder.folder / CALIBRATION
    if not path.is_file():
        raise CalibrationError(
            f"{encoder.folder}: the encoder has no {CALIBRATION}; {_fit_with(encoder)}"
        )
    files = ModelFolder(encoder.folder, encoder.card.files, CalibrationError, _fit_with(encoder))
    # Cards that were written before calibrations were listed say nothing of them.
    listed = CALIBRATION in encoder.card.files
    found = _parsed(files.read(CALIBRATION) if listed else path.read_bytes(), path)
    _refuse_another(found, encoder, str(path))
    return found


def _is_shipped(calibrations: CalibrationSet, encoder: Encoder) -> bool:
    try:
        return calibrations.to_dict() == calibration_of(encoder).to_dict()
    except CalibrationError:
        return False


@lru_cache(maxsize=4)
def _parsed(data: bytes, path: Path) -> CalibrationSet:
    return CalibrationSet.parse(data, path)


def keep_calibration(encoder: Encoder, calibrations: CalibrationSet) -> Path:
    """Write a calibration into the encoder's folder and its hash into the card; where it lies."""
    path = encoder.folder / CALIBRATION
    calibrations.save(path)
    files = {**encoder.card.files, **hashes_of(encoder.folder, [CALIBRATION])}
    encoder.card = replace(encoder.card, files=files)
    encoder.card.save(encoder.folder)
    return path


def _refuse_another(calibrations: CalibrationSet, encoder: Encoder, which: str) -> None:
    if calibrations.encoder != encoder.card.id:
        raise CalibrationError(
            f"{which} was fitted for the encoder {calibrations.encoder!r}, not for "
            f"{encoder.card.id!r}; {_fit_with(encoder)}"
        )


def _fit_with(encoder: Encoder) -> str:
    return f"fit one with `sigsearch calibrate DATA --encoder {encoder.folder}`"
