"""The first calibration of an encoder, kept in its folder."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sigsearch.calibration.fit import fit_set, learn_fusion
from sigsearch.calibration.trials import try_writers
from sigsearch.datasets import Dataset, Protocol, Sample, read_datasets
from sigsearch.datasets.titles import title_of
from sigsearch.encoder import Encoder
from sigsearch.engine.judge import keep_calibration, matcher_of
from sigsearch.matching.calibration import CalibrationSet
from sigsearch.trials.readings import read_embeddings
from sigsearch.trials.trial import Trial

_STRANGERS = 150  # training writers of a set: more ask nothing new


def calibrate_encoder(
    encoder: Encoder,
    data: Sequence[Path],
    protocol: Protocol,
    cache: Path | None = None,
    unseen: Collection[Path] = (),
) -> CalibrationSet:
    """Fit everything, fusion weights too, to the validation writers of the datasets in `data`, and
    write it to the encoder's folder; `cache` keeps readings between runs. The head learns from the
    training and validation writers of `unseen` as well, sets that the network was not trained on.

    Random forgeries come from training writers as well: how near strangers come is seen on pairs of
    writers, and a few validation writers make few pairs. Raises CalibrationError when these writers
    or their signatures are too few; nothing is written.
    """
    matcher = matcher_of(encoder)
    trials: list[Trial] = []
    for dataset, claimed in _validation_of(data, protocol):
        used, readings = read_embeddings(dataset, encoder, cache)
        trials += try_writers(used, readings, matcher, claimed=claimed)
    more: list[Trial] = []
    for folder in unseen:
        for dataset in read_datasets(folder):
            known = _forged(protocol, dataset)
            if known.samples:
                used, readings = read_embeddings(known, encoder, cache)
                more += try_writers(used, readings, matcher)
    found = fit_set(trials, _whom(data), encoder.card.id, learn_fusion(trials, more))
    keep_calibration(encoder, found)
    return found


def _whom(data: Sequence[Path]) -> str:
    """Who the calibration writers are, as it is said in results and on sheets."""
    *names, last = (title_of(folder.name) for folder in data)
    sets = f"{', '.join(names)} and {last}" if names else last
    return f"writers of {sets} who took no part in training"


def _some_writers(dataset: Dataset) -> list[Sample]:
    """The genuine signatures of _STRANGERS writers, evenly chosen."""
    writers = dataset.writers
    places = np.linspace(0, len(writers) - 1, min(len(writers), _STRANGERS)).astype(int)
    return [sample for place in places for sample in dataset.genuine(writers[place])]


def _forged(protocol: Protocol, dataset: Dataset) -> Dataset:
    """The training and validation writers of whom there are imitations."""
    known = [s for role in ("train", "validation") for s in protocol.select(dataset, role).samples]
    writers = {sample.writer for sample in known if not sample.genuine}
    return replace(dataset, samples=tuple(s for s in known if s.writer in writers))


def _validation_of(
    data: Iterable[Path], protocol: Protocol
) -> Iterator[tuple[Dataset, frozenset[str]]]:
    """The validation writers of each dataset in which the protocol has some, among the training
    writers' genuine signatures; and who they are."""
    for folder in data:
        for dataset in read_datasets(folder):
            if protocol.knows(dataset):
                chosen = protocol.select(dataset, "validation")
                if chosen.samples:
                    others = _some_writers(protocol.select(dataset, "train"))
                    both = replace(chosen, samples=(*chosen.samples, *others))
                    yield both, frozenset(chosen.writers)
