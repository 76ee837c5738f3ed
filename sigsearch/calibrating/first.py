"""The first calibration of an encoder, kept in its folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sigsearch.calibrating.fitting import fit_set
from sigsearch.calibrating.reading import read_trials
from sigsearch.datasets import Dataset, Protocol, read_datasets
from sigsearch.encoder import Encoder
from sigsearch.judge import CALIBRATION
from sigsearch.matching.calibration import CalibrationSet


def calibrate_encoder(
    encoder: Encoder, data: Sequence[Path], protocol: Protocol, cache: Path | None = None
) -> CalibrationSet:
    """Fit everything, fusion weights too, to the validation writers of the datasets in `data`, and
    write it to the encoder's folder; `cache` keeps readings between runs.

    Raises CalibrationError when these writers or their signatures are too few; nothing is written.
    """
    trials = read_trials(_validation_of(data, protocol), encoder, cache=cache)
    names = ", ".join(folder.name for folder in data)
    found = fit_set(trials, f"{protocol.name} validation writers ({names})", encoder.card.id)
    found.save(encoder.folder / CALIBRATION)
    return found


def _validation_of(data: Iterable[Path], protocol: Protocol) -> Iterator[Dataset]:
    """The validation writers of each dataset in which the protocol has some."""
    for folder in data:
        for dataset in read_datasets(folder):
            if protocol.knows(dataset):
                chosen = protocol.select(dataset, "validation")
                if chosen.samples:
                    yield chosen
