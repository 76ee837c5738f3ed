"""All measurements of what is stated, one dataset after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sigsearch.calibration import try_writers
from sigsearch.calibration.trials import DRAWS
from sigsearch.datasets import Dataset, Protocol
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.judge import Judge
from sigsearch.errors import DatasetError
from sigsearch.evaluation.session import roles_of
from sigsearch.evaluation.stated_rates.copy_alarm import copy_alarm
from sigsearch.evaluation.stated_rates.few_writers import few_writers
from sigsearch.evaluation.stated_rates.galleries import (
    SMALL,
    Gallery,
    galleries_of,
    invented_galleries,
)
from sigsearch.evaluation.stated_rates.gallery_rates import gallery_rates
from sigsearch.evaluation.stated_rates.invented import invented_readings
from sigsearch.evaluation.stated_rates.measured import (
    AuditFound,
    CopiesFound,
    FalseAlarms,
    FewWriters,
    StatedGallery,
    StatedRates,
    StatedVerification,
)
from sigsearch.evaluation.stated_rates.swapped_labels import swapped_labels
from sigsearch.evaluation.stated_rates.verification_rates import verification_rates
from sigsearch.trials.features import Progress
from sigsearch.trials.readings import read_embeddings
from sigsearch.trials.trial import Trial

_LARGEST = 3  # galleries of the largest size
_FIRST_STRANGER = 10**6  # seeds: enrolled writers begin at 0
ALL_SETS = "all sets"


@dataclass(frozen=True, slots=True)
class Asked:
    """fmr, fpir: the stated rates; references: how many are enrolled, each in turn; draws: of
    references, of galleries and of few writers; gallery_references: how many each writer of a
    gallery has; invented: sizes of galleries of invented writers, each asked
    by so many invented_strangers; copies: how many references of a
    set are copied."""

    fmr: float = 0.01
    fpir: float = 0.01
    references: tuple[int, ...] = (1, 3, 5, 8)
    draws: int = 5
    gallery_references: int = 3
    invented: tuple[int, ...] = ()
    invented_strangers: int = 600
    copies: int = 60
    seed: int = 0


@dataclass(slots=True)
class _Found:
    verification: list[StatedVerification] = field(default_factory=list)
    galleries: list[StatedGallery] = field(default_factory=list)
    few_writers: list[FewWriters] = field(default_factory=list)
    copies: list[CopiesFound] = field(default_factory=list)
    false_alarms: list[FalseAlarms] = field(default_factory=list)
    audit: list[AuditFound] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def measure_stated_rates(
    datasets: Sequence[Dataset],
    encoder: Encoder,
    protocol: Protocol | None = None,
    asked: Asked | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> StatedRates:
    """What `encoder` and its calibration state, measured on the test writers of the datasets, or on
    all writers of one that the protocol does not know. `cache` keeps readings between runs.

    Raises DatasetError when there is nothing to measure, CalibrationError for an encoder without a
    calibration.
    """
    judge, wanted, found = Judge.of(encoder), asked or Asked(), _Found()
    trials: list[Trial] = []
    sets = list(_tested(datasets, protocol, found.notes))
    for dataset in sets:
        used, readings = read_embeddings(dataset, encoder, cache, progress)
        if not used.genuine():
            found.notes.append(f"{used.name}: no genuine signature can be read")
            continue
        mine = _measure(used, readings, encoder, judge, wanted, found, progress)
        trials += mine
    if len({trial.dataset for trial in trials}) > 1:
        found.verification += verification_rates(
            ALL_SETS, trials, judge.calibrations, wanted.references, wanted.fmr
        )
    if wanted.invented:
        found.galleries += _invented(encoder, wanted, cache, progress)
    if not found.verification and not found.galleries:
        raise DatasetError("nothing to measure: " + ("; ".join(found.notes) or "no samples"))
    return StatedRates(**{name: tuple(getattr(found, name)) for name in _Found.__slots__})


def _tested(
    datasets: Sequence[Dataset], protocol: Protocol | None, notes: list[str]
) -> Iterator[Dataset]:
    for dataset in datasets:
        yield from (part for role, part in roles_of(dataset, protocol, notes) if role == "test")


def _measure(
    used: Dataset,
    readings: Embeddings,
    encoder: Encoder,
    judge: Judge,
    asked: Asked,
    found: _Found,
    progress: Progress | None,
) -> list[Trial]:
    """All measurements on one dataset; its trials, to be pooled with the others'."""
    name = used.name
    if progress is not None:
        progress(f"comparing {name}", 0, 0)
    plan = replace(DRAWS, draws=asked.draws, seed=asked.seed)
    trials = list(try_writers(used, readings, judge.matcher, plan))
    lines = list(verification_rates(name, trials, judge.calibrations, asked.references, asked.fmr))
    found.verification += lines
    if not any(line.against == "skilled" for line in lines):
        found.notes.append(f"{name}: no skilled forgeries; their rates are missing")
    hands = [sample.hand for sample in used.samples]
    several = list(_several(used, asked))
    for galleries in several:
        found.galleries += gallery_rates(
            name, encoder, readings, hands, galleries, (asked.fpir, asked.fmr), progress
        )
    if not several:
        found.notes.append(
            f"{name}: no gallery; it needs two writers with {asked.gallery_references} references "
            "and one more signature, and strangers to ask"
        )
    found.few_writers += few_writers(
        used, readings, judge, asked.references, asked.draws, asked.fmr, progress
    )
    copies, alarms = copy_alarm(used, readings, encoder, judge, asked.copies, progress)
    found.copies += copies
    found.false_alarms.append(alarms)
    audited = swapped_labels(used, readings, judge.matcher)
    if audited is None:
        found.notes.append(f"{name}: too few references to swap labels for the audit")
    else:
        found.audit.append(audited)
    return trials


def _several(used: Dataset, asked: Asked) -> Iterator[list[Gallery]]:
    """Galleries of most of a set's writers, and small ones where that is many."""
    most = galleries_of(used, asked.gallery_references, asked.draws)
    if most:
        yield most
    if most and most[0].writers > 2 * SMALL:
        small = galleries_of(used, asked.gallery_references, asked.draws, SMALL)
        if small:
            yield small


def _invented(
    encoder: Encoder, asked: Asked, cache: Path | None, progress: Progress | None
) -> Iterator[StatedGallery]:
    """Galleries of each size, other writers in each; as many as there are writers for."""
    most, each = max(asked.invented), asked.gallery_references + 1
    many = {size: min(asked.draws, _LARGEST * most // size) for size in asked.invented}
    strangers = asked.invented_strangers * max(many.values())
    parts = [
        invented_readings(encoder, _FIRST_STRANGER, strangers, 1, cache, progress),
        invented_readings(encoder, 0, _LARGEST * most, each, cache, progress),
    ]
    for size, galleries in many.items():
        used = asked.invented_strangers * galleries
        readings = Embeddings.concatenate([parts[0][:used], parts[1][: size * galleries * each]])
        hands = [f"stranger {n}" for n in range(used)]
        hands += [f"writer {n // each}" for n in range(size * galleries * each)]
        drawn = list(
            invented_galleries(size, asked.gallery_references, asked.invented_strangers, galleries)
        )
        yield from gallery_rates(
            "invented writers", encoder, readings, hands, drawn, (asked.fpir, asked.fmr), progress
        )
