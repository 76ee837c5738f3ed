"""Embeddings for the index benchmarks: of drawn signatures, and any number more like them.

    python scripts/benchmarks/vectors.py base.npz --writers 400     # encode drawn signatures once

`expanded` invents further writers from a base: the means of some drawn writers are mixed so that
the spread of writers stays what it was, and each reference adds a mixture of what drawn specimens
differ by from their own writer's mean. So the vectors keep the geometry of embeddings at any scale.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sigsearch.arrays import Ids, Singles

_MIXED = 2


@dataclass(frozen=True)
class Base:
    """Means (w, d) of drawn writers and what their specimens differ by from them (r, d)."""

    means: Singles
    residuals: Singles

    @classmethod
    def load(cls, path: Path) -> Base:
        with np.load(path, allow_pickle=False) as data:
            vectors, writers = data["vectors"], data["writers"]
        means = np.stack([vectors[writers == one].mean(axis=0) for one in np.unique(writers)])
        place = np.searchsorted(np.unique(writers), writers)
        return cls(means.astype(np.float32), (vectors - means[place]).astype(np.float32))

    def centres(self, rng: np.random.Generator, count: int) -> Singles:
        """Means of further writers."""
        middle = self.means.mean(axis=0)
        return middle + _mixed(rng, self.means - middle, count)

    def specimens(self, rng: np.random.Generator, centres: Singles) -> Singles:
        """One unit vector for each centre."""
        drawn = centres + _mixed(rng, self.residuals, len(centres))
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def _mixed(rng: np.random.Generator, vectors: Singles, count: int) -> Singles:
    """Random sums of a few vectors, spread as the vectors are spread (the same covariance)."""
    total = np.zeros((count, vectors.shape[1]), np.float32)
    for _ in range(_MIXED):
        weight = rng.normal(size=(count, 1)).astype(np.float32)
        total += weight * vectors[rng.integers(0, len(vectors), count)]
    return total / np.float32(np.sqrt(_MIXED))


def expanded(
    base: Base, out: Path, writers: int, each: int, queries: int, seed: int = 0
) -> tuple[Path, Path]:
    """Files with references (writers * each, d), those of a writer in a row, and with queries.

    The queries are further specimens of enrolled writers.
    """
    rng, dimensions = np.random.default_rng(seed), base.means.shape[1]
    references, asked = out / "references.npy", out / "queries.npy"
    rows = np.lib.format.open_memmap(
        references, mode="w+", dtype=np.float32, shape=(writers * each, dimensions)
    )
    questioned = []
    wanted = np.zeros(writers, bool)
    wanted[rng.choice(writers, min(queries, writers), replace=False)] = True
    for start in range(0, writers, 10_000):
        centres = base.centres(rng, min(10_000, writers - start))
        many = np.repeat(centres, each, axis=0)
        rows[start * each : start * each + len(many)] = base.specimens(rng, many)
        questioned.append(base.specimens(rng, centres[wanted[start : start + len(centres)]]))
    rows.flush()
    np.save(asked, np.concatenate(questioned))
    return references, asked


def encode(writers: int, each: int) -> tuple[Singles, Ids]:
    """Embeddings of drawn signatures, captured on different papers, and whose they are."""
    from sigsearch.encoder import Encoder
    from sigsearch.errors import ImageError
    from sigsearch.imaging import read_signature
    from sigsearch.synthesis import STYLES, Writer, capture

    encoder, styles = Encoder.load(), sorted(STYLES)
    vectors, owners = [], []
    for seed in range(writers):
        drawn, signatures = Writer.from_seed(seed), []
        for number in range(each):
            page = capture(drawn.specimen(number), styles[(seed + number) % len(styles)]).image
            try:
                signatures.append(read_signature(page))
            except ImageError:
                continue  # a capture too poor to read is nobody's reference
        if len(signatures) > 1:
            vectors.append(encoder.embed(signatures).vectors)
            owners.append(np.full(len(signatures), seed))
    return np.concatenate(vectors), np.concatenate(owners)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--writers", type=int, default=400)
    parser.add_argument("--each", type=int, default=8)
    options = parser.parse_args()
    vectors, writers = encode(options.writers, options.each)
    np.savez(options.out, vectors=vectors, writers=writers)
    print(f"{len(vectors)} embeddings of {len(np.unique(writers))} writers in {options.out}")


if __name__ == "__main__":
    main()
