"""Strangers who are named, enrolled writers who are not, and random forgeries that match, by the
calibration alone and by what an index measures of its own population."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from tempfile import TemporaryDirectory

import numpy as np

from sigsearch.arrays import Ids, Mask, Singles
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.judge import Judge, Rates
from sigsearch.engine.signature_index import SignatureIndex
from sigsearch.engine.template import readings_of
from sigsearch.evaluation.figures.estimate import share_of
from sigsearch.evaluation.stated_rates.galleries import Gallery
from sigsearch.evaluation.stated_rates.measured import StatedGallery
from sigsearch.index.records import Reference
from sigsearch.trials.features import Progress

CLAIMS = 5  # writers that each stranger claims to be
_BATCH = 1000
_LOOSE = 0.5  # an FNMR that every calibration supports: it plays no part in a match


@dataclass(slots=True)
class _Tally:
    """Of one judge, over all galleries: (error, hand) of every signature that asked."""

    named: list[tuple[bool, str]] = field(default_factory=list)
    unknown: list[tuple[bool, str]] = field(default_factory=list)
    missed: list[tuple[bool, str]] = field(default_factory=list)
    matched: list[tuple[bool, str]] = field(default_factory=list)
    single: list[float] = field(default_factory=list)  # FPIR of each gallery
    foretold: list[float] = field(default_factory=list)


def gallery_rates(
    name: str,
    encoder: Encoder,
    readings: Embeddings,
    hands: Sequence[str],
    galleries: Sequence[Gallery],
    stated: tuple[float, float],
    progress: Progress | None = None,
) -> list[StatedGallery]:
    """One line by the shipped calibration, and one by the galleries' own populations where they
    are large enough to measure one. hands: of each row of `readings`, who are resampled; stated:
    the FPIR and the FMR."""
    fpir = stated[0]
    tallies = {"the calibration": _Tally(), "each gallery": _Tally()}
    for at, gallery in enumerate(galleries):
        if progress is not None:
            progress(f"galleries of {name}", at, len(galleries))
        with TemporaryDirectory() as folder, SignatureIndex.create(folder + "/i", encoder) as index:
            _enrol(index, readings[np.array(gallery.references)], gallery.names)
            population = index.measure_population()
            judges = [replace(index.judge, population=None)]
            judges += [index.judge] if population else []
            some = list(tallies.values())[: len(judges)]
            _ask(index, readings, hands, gallery, judges, some, stated, at)
            if population:
                foretold = population.fnir(
                    population.rarity_for_fpir(fpir, population.writer_count)
                )
                some[-1].foretold += [foretold] if foretold is not None else []
    if progress is not None:
        progress(f"galleries of {name}", len(galleries), len(galleries))
    writers = round(float(np.mean([gallery.writers for gallery in galleries])))
    references = len(galleries[0].references) // galleries[0].writers
    return [
        _line(name, how, writers, references, fpir, tally)
        for how, tally in tallies.items()
        if tally.single
    ]


def _enrol(index: SignatureIndex, readings: Embeddings, names: Sequence[str]) -> None:
    """Store readings as they are: what is measured here begins after the encoding."""
    stored = [
        Reference(
            writer=name,
            vector=readings.vectors[n],
            local=readings.local_bytes(n),
            content_hash=hashlib.sha256(readings.vectors[n].tobytes()).hexdigest(),
            source=f"{name}/{n}",
        )
        for n, name in enumerate(names)
    ]
    for start in range(0, len(stored), _BATCH):
        index.index.enrol(stored[start : start + _BATCH])


def _ask(
    index: SignatureIndex,
    readings: Embeddings,
    hands: Sequence[str],
    gallery: Gallery,
    judges: Sequence[Judge],
    tallies: Sequence[_Tally],
    stated: tuple[float, float],
    seed: int,
) -> None:
    """Tally for each judge what it says of the same scores."""
    random, (fpir, fmr) = np.random.default_rng(seed), stated
    agreements: dict[str, Singles] = {}
    writers = sorted(set(gallery.names))
    before = [len(tally.named) for tally in tallies]
    for row in gallery.strangers:
        questioned, hand = readings[row], hands[row]
        _, scores, many, _ = index.score_candidates(judges[0], questioned)
        handicap = judges[0].handicap(questioned)
        for tally, judge in zip(tallies, judges, strict=True):
            verdict = judge.identify(scores, many, len(writers), fpir, handicap)
            tally.named.append((verdict.decision == "identified", hand))
        for name in random.choice(writers, min(CLAIMS, len(writers)), replace=False).tolist():
            own = readings_of(index.index.references(name), index.encoder.card)
            if name not in agreements:
                agreements[name] = judges[0].own_scores(own)
            score = float(judges[0].fused(questioned, own, agreements[name])[0][0])
            for tally, judge in zip(tallies, judges, strict=True):
                if (matched := _matches(judge, score, len(own), fmr, handicap)) is not None:
                    tally.matched.append((matched, hand))
    for row, writer in gallery.mates:
        questioned, hand = readings[row], hands[row]
        names, scores, many, _ = index.score_candidates(judges[0], questioned)
        handicap = judges[0].handicap(questioned)
        for tally, judge in zip(tallies, judges, strict=True):
            verdict = judge.identify(scores, many, len(writers), fpir, handicap)
            unknown = verdict.decision == "unknown"
            tally.unknown.append((unknown, hand))
            tally.missed.append((unknown or names[verdict.order[0]] != writer, hand))
    for tally, start in zip(tallies, before, strict=True):
        tally.single.append(float(np.mean([named for named, _ in tally.named[start:]])))


def _matches(
    judge: Judge, score: float, references: int, fmr: float, handicap: float
) -> bool | None:
    """None where the calibration does not support the rate."""
    rates = judge.calibrations.choose("random", references).rates
    if not rates.supports_fmr(fmr):
        return None
    asked = Rates(fmr, max(_LOOSE, rates.least_fnmr), "random")
    return judge.decide(score, references, asked, handicap).decision == "match"


def _line(
    name: str, how: str, writers: int, references: int, fpir: float, tally: _Tally
) -> StatedGallery:
    shares = {
        kind: share_of(*_columns(getattr(tally, kind)))
        for kind in ("named", "unknown", "missed", "matched")
    }
    return StatedGallery(
        set=name,
        thresholds_from=how,
        writer_count=writers,
        reference_count=references,
        galleries=len(tally.single),
        strangers=len(tally.named),
        mated=len(tally.missed),
        stated_fpir=fpir,
        fpir=shares["named"],
        lowest=min(tally.single),
        highest=max(tally.single),
        unknown=shares["unknown"],
        fnir=shares["missed"],
        foretold=float(np.mean(tally.foretold)) if tally.foretold else None,
        fmr=shares["matched"],
    )


def _columns(asked: Sequence[tuple[bool, str]]) -> tuple[Mask, Ids]:
    """The errors, and the hands as numbers."""
    errors = np.array([error for error, _ in asked], bool)
    _, numbers = np.unique([hand for _, hand in asked], return_inverse=True)
    return errors, numbers.astype(np.int64)
