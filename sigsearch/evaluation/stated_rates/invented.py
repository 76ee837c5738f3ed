"""Readings of invented writers, for galleries larger than any set of real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sigsearch.encoder import Embeddings, Encoder
from sigsearch.imaging import signature_from_ink
from sigsearch.synthesis import Writer
from sigsearch.trials.features import Progress
from sigsearch.trials.parallel import spread

_CHUNK = 50  # writers between two words of progress


def invented_readings(
    encoder: Encoder,
    first: int,
    writers: int,
    each: int,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Embeddings:
    """The signatures of one writer after the other, `each` of them; `first`: the seed of the first
    writer. Kept in `cache` between runs."""
    kept = cache / f"invented-{first}-{writers}x{each}-{encoder.card.id}.npz" if cache else None
    if kept and kept.exists():
        with np.load(kept, allow_pickle=False) as file:
            return Embeddings(file["vectors"], file["tokens"], file["weights"])

    def read(seed: int) -> Embeddings:
        writer = Writer.from_seed(seed)
        specimens = [writer.specimen(n).mask for n in range(each)]
        return encoder.embed([signature_from_ink(mask) for mask in specimens])

    parts: list[Embeddings] = []
    for start in range(first, first + writers, _CHUNK):
        parts += spread(read, range(start, min(start + _CHUNK, first + writers)))
        if progress is not None:
            progress("inventing writers", len(parts), writers)
    found = Embeddings.concatenate(parts)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, vectors=found.vectors, tokens=found.tokens, weights=found.weights)
    return found
