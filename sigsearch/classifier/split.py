"""Each writer's genuine images divided into training, validation and test."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sigsearch.datasets import Dataset, drop_copies, read_datasets
from sigsearch.datasets.samples import Sample
from sigsearch.errors import DatasetError
from sigsearch.schema import Jsonable

LEAST = 3
"""Images a writer needs: one to train on, one to validate with, one to test with."""


@dataclass(frozen=True, slots=True)
class SplitSummary(Jsonable):
    """How many images each part of a split has, and what was left out of it."""

    data: str
    writer_count: int
    train: int
    validation: int
    test: int
    copies_dropped: int
    writers_left_out: dict[str, int]


@dataclass(frozen=True, slots=True)
class Split:
    """The same writers in each part. `left_out` maps writers with too few images to their number;
    `copies` counts the pixel-identical images that were dropped first; `forgeries` of the same
    writers, where the data has any, train nothing."""

    name: str
    train: tuple[Sample, ...]
    validation: tuple[Sample, ...]
    test: tuple[Sample, ...]
    writers: tuple[str, ...]
    left_out: dict[str, int]
    copies: int
    forgeries: tuple[Sample, ...] = ()

    def only(self, writers: Iterable[str]) -> Split:
        """The same split of fewer writers, in their former order."""
        wanted = set(writers)
        parts = (
            tuple(s for s in part if s.writer in wanted)
            for part in (self.train, self.validation, self.test, self.forgeries)
        )
        train, validation, test, forgeries = parts
        kept = tuple(w for w in self.writers if w in wanted)
        return replace(
            self, train=train, validation=validation, test=test, writers=kept, forgeries=forgeries
        )

    def summary(self) -> SplitSummary:
        return SplitSummary(
            data=self.name,
            writer_count=len(self.writers),
            train=len(self.train),
            validation=len(self.validation),
            test=len(self.test),
            copies_dropped=self.copies,
            writers_left_out=dict(self.left_out),
        )

    def __str__(self) -> str:
        line = (
            f"{self.name}: {len(self.writers)} writers, {len(self.train)} images to train on, "
            f"{len(self.validation)} to validate with, {len(self.test)} to test with; "
            f"{self.copies} pixel-identical copies dropped"
        )
        few = ", ".join(f"{writer} ({count})" for writer, count in self.left_out.items())
        return line + (f"; too few images of {few}" if few else "")


def read_split(
    paths: Iterable[Path], train: int = 12, validation: int = 4, test: int = 8, seed: int = 1
) -> Split:
    """Read datasets, drop pixel-identical copies, and split each writer's genuine images.

    The numbers hold for writers with as many images as their sum, or more; of writers with fewer,
    each part gets its share. Raises DatasetError when fewer than two writers have `LEAST` images.
    """
    whole = read_together(paths)
    before = len(whole.genuine())
    unique = drop_copies(whole.only(lambda sample: sample.genuine))
    parts: tuple[list[Sample], list[Sample], list[Sample]] = ([], [], [])
    left_out: dict[str, int] = {}
    for writer in unique.writers:
        samples = unique.of(writer)
        if len(samples) < LEAST:
            left_out[writer] = len(samples)
            continue
        drawn = _parts(samples, (train, validation, test), seed)
        for part, chosen in zip(parts, drawn, strict=True):
            part.extend(chosen)
    writers = tuple(w for w in unique.writers if w not in left_out)
    if len(writers) < 2:
        raise DatasetError(
            f"{whole.name}: {len(writers)} of {len(unique.writers)} writers have the {LEAST} "
            f"different genuine images that training, validation and test take; a classifier "
            "needs two such writers (an index needs only one image per writer)"
        )
    train_part, validation_part, test_part = (tuple(part) for part in parts)
    dropped = before - len(unique.samples)
    forgeries = tuple(s for s in whole.forgeries() if s.writer in set(writers))
    return Split(
        whole.name, train_part, validation_part, test_part, writers, left_out, dropped, forgeries
    )


def read_together(paths: Iterable[Path]) -> Dataset:
    """All datasets of all paths as one; where there are several, a writer is called
    `dataset/writer`, so that two sets' writer 58 stay two people."""
    found = [dataset for path in paths for dataset in read_datasets(path)]
    if len(found) == 1:
        return found[0]
    samples = tuple(
        replace(sample, writer=f"{dataset.name}/{sample.writer}", hand="")
        for dataset in found
        for sample in dataset.samples
    )
    return Dataset("+".join(d.name for d in found), found[0].layout, samples)


def _parts(
    samples: tuple[Sample, ...], sizes: tuple[int, int, int], seed: int
) -> tuple[list[Sample], list[Sample], list[Sample]]:
    train, validation, test = sizes
    total = sum(sizes)
    if len(samples) < total:
        share = len(samples) / total
        validation = max(1, round(validation * share))
        test = max(1, round(test * share))
        train = max(1, len(samples) - validation - test)
    # A writer's draw depends on the writer alone, not on who else is in the set.
    rng = np.random.default_rng([seed, zlib.crc32(samples[0].writer.encode())])
    order = [samples[at] for at in rng.permutation(len(samples))]
    ends = (train, train + validation, train + validation + test)
    return order[: ends[0]], order[ends[0] : ends[1]], order[ends[1] : ends[2]]
