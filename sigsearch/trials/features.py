"""Features of every sample, computed once: cached by content hash under the scorer's id."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sigsearch.arrays import Ids
from sigsearch.datasets import Sample
from sigsearch.datasets.signatures import signature_of
from sigsearch.errors import ImageError
from sigsearch.imaging import Signature
from sigsearch.trials.parallel import spread
from sigsearch.trials.scorer import Features, Scorer, join, take

_BATCH = 32
Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


@dataclass(slots=True)
class FeatureCache:
    """One archive a scorer id: features and the content hashes of the images they are of."""

    folder: Path | None
    _kept: dict[str, tuple[dict[str, int], Features]] = field(default_factory=dict)

    def load(self, scorer_id: str) -> tuple[dict[str, int], Features]:
        """Content hash -> row, and the features. A damaged archive counts as none."""
        if scorer_id not in self._kept:
            self._kept[scorer_id] = self._read(scorer_id)
        return self._kept[scorer_id]

    def add(self, scorer_id: str, hashes: Sequence[str], features: Features) -> None:
        rows, before = self.load(scorer_id)
        together = join([before, features]) if rows else features
        all_hashes = [*rows, *hashes]
        self._kept[scorer_id] = ({h: row for row, h in enumerate(all_hashes)}, together)
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            whole = self._path(scorer_id)
            part = whole.with_suffix(f".{os.getpid()}.part")
            with part.open("wb") as file:
                arrays: dict[str, Any] = {"hashes": np.array(all_hashes), **together}
                np.savez(file, **arrays)
            part.replace(whole)

    def _read(self, scorer_id: str) -> tuple[dict[str, int], Features]:
        path = self._path(scorer_id) if self.folder else None
        if path is None or not path.is_file():
            return {}, {}
        try:
            with np.load(path, allow_pickle=False) as archive:
                features = {name: archive[name] for name in archive.files}
            hashes = features.pop("hashes").tolist()
        except (OSError, ValueError, KeyError, EOFError):
            return {}, {}
        return {h: row for row, h in enumerate(hashes)}, features

    def _path(self, scorer_id: str) -> Path:
        assert self.folder is not None
        return self.folder / (re.sub(r"[^\w.-]+", "-", scorer_id) + ".npz")


def prepare(
    samples: Sequence[Sample],
    scorers: Sequence[Scorer],
    cache: FeatureCache,
    progress: Progress | None = None,
) -> tuple[list[Features], list[tuple[Sample, str]]]:
    """Features of the samples for each scorer, in their order, and the samples that have none.

    Every image is read once for all scorers that lack it. Samples that cannot be read as a
    signature come back with the reason; their rows are left out of the features.
    """
    hashes = [content_hash(sample) for sample in samples]
    by_id = {scorer.id: scorer for scorer in scorers}
    missing = {i: [h not in cache.load(i)[0] for h in hashes] for i in by_id}
    wanted = [n for n in range(len(samples)) if any(lack[n] for lack in missing.values())]
    failed: dict[int, str] = {}
    fresh: dict[str, list[tuple[list[str], Features]]] = {i: [] for i in by_id}
    for batch in _read(samples, wanted, failed, progress):
        for scorer_id, scorer in by_id.items():
            # Copies share a hash, so one batch may hold an image twice.
            need = {hashes[n]: s for n, s in batch if missing[scorer_id][n]}
            if need:
                found = scorer.prepare(list(need.values()))
                fresh[scorer_id].append((list(need), found))
    for scorer_id, parts in fresh.items():
        _store(cache, scorer_id, parts)
    good = [n for n in range(len(samples)) if n not in failed]
    features = [_rows(cache, scorer.id, [hashes[n] for n in good]) for scorer in scorers]
    return features, [(samples[n], reason) for n, reason in failed.items()]


def _read(
    samples: Sequence[Sample],
    wanted: Sequence[int],
    failed: dict[int, str],
    progress: Progress | None,
) -> Iterator[list[tuple[int, Signature]]]:
    """Batches of signatures with their sample numbers; failures are noted on the way."""
    for start in range(0, len(wanted), _BATCH):
        rows = wanted[start : start + _BATCH]
        batch = []
        for n, found in zip(rows, spread(_read_one, [samples[n] for n in rows]), strict=True):
            if isinstance(found, ImageError):
                failed[n] = str(found)
            else:
                batch.append((n, found))
        yield batch
        if progress is not None:
            progress("reading images", min(start + _BATCH, len(wanted)), len(wanted))


def _read_one(sample: Sample) -> Signature | ImageError:
    try:
        return signature_of(sample)
    except ImageError as fault:
        return fault


def _store(
    cache: FeatureCache, scorer_id: str, parts: Sequence[tuple[list[str], Features]]
) -> None:
    if not parts:
        return
    hashes = [h for some, _ in parts for h in some]
    features = join([found for _, found in parts])
    first: dict[str, int] = {}
    for row, h in enumerate(hashes):
        first.setdefault(h, row)
    cache.add(scorer_id, list(first), take(features, np.array(list(first.values()))))


def _rows(cache: FeatureCache, scorer_id: str, hashes: Sequence[str]) -> Features:
    rows, features = cache.load(scorer_id)
    chosen: Ids = np.array([rows[h] for h in hashes], dtype=np.int64)
    return take(features, chosen)


def content_hash(sample: Sample) -> str:
    """SHA-256 of the file, or of the pixels for a row of an archive; of pen data, of what decides
    how it is drawn. Empty when there is none."""
    tablet = sample.pen_data
    if tablet is not None and sample.entry is not None:
        return tablet.identity(sample.entry)
    source = sample.source
    try:
        content = source.read_bytes() if isinstance(source, Path) else source.tobytes()
    except OSError:
        return ""
    return hashlib.sha256(content).hexdigest()
