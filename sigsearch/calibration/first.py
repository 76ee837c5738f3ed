"""The first calibration of an encoder, kept in its folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sigsearch.calibration.fit import fit_set
from sigsearch.calibration.trials import try_writers
from sigsearch.datasets import Dataset, Protocol, read_datasets
from sigsearch.encoder import Encoder
from sigsearch.engine.judge import keep_calibration, matcher_of
from sigsearch.matching.calibration import CalibrationSet
from sigsearch.trials.readings import read_embeddings
from sigsearch.trials.trial import Trial


def calibrate_encoder(
    encoder: Encoder, data: Sequence[Path], protocol: Protocol, cache: Path | None = None
) -> CalibrationSet:
    """Fit everything, fusion weights too, to the validation writers of the datasets in `data`, and
    write it to the encoder's folder; `cache` keeps readings between runs.

    Random forgeries come from training writers as well: how near strangers come is seen on pairs of
    writers, and a few validation writers make few pairs. Raises CalibrationError when these writers
    or their signatures are too few; nothing is written.
    """
    matcher = matcher_of(encoder)
    trials: list[Trial] = []
    for dataset, claimed in _validation_of(data, protocol):
        used, readings = read_embeddings(dataset, encoder, cache)
        trials += try_writers(used, readings, matcher, claimed=claimed)
    names = ", ".join(folder.name for folder in data)
    found = fit_set(trials, f"{protocol.name} validation writers ({names})", encoder.card.id)
    keep_calibration(encoder, found)
    return found


def _validation_of(
    data: Iterable[Path], protocol: Protocol
) -> Iterator[tuple[Dataset, frozenset[str]]]:
    """The validation writers of each dataset in which the protocol has some, among the training
    writers' genuine signatures; and who they are."""
    for folder in data:
        for dataset in read_datasets(folder):
            if protocol.knows(dataset):
                chosen = protocol.select(dataset, "validation")
                others = [s for s in protocol.select(dataset, "train").samples if s.genuine]
                if chosen.samples:
                    both = replace(chosen, samples=(*chosen.samples, *others))
                    yield both, frozenset(chosen.writers)
