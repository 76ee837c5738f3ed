"""Whether two exports of one network, say in floating point and in bytes, give the same answers on
validation writers: EERs, cosines, time, size.

python scripts/encoder/compare.py FLOAT_FOLDER INT8_FOLDER runs/packed/validation.npz
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from sigsearch.encoder import Embeddings, Encoder
from sigsearch.encoder.encoder import NETWORK
from sigsearch.engine.judge import matcher_of
from sigsearch.matching.local import LocalMatcher
from sigsearch.matching.similarity import global_similarity
from sigsearch.training.encoder.quantise import Canvases, canvases_of
from sigsearch.training.encoder.validate import Claim, claimed_rows, figures_of
from sigsearch.training.packed import PackedImages

BATCH = 8


def embed(encoder: Encoder, canvases: Canvases) -> Embeddings:
    return Embeddings.concatenate(
        [
            encoder.embed_canvases(canvases[at : at + BATCH, 0])
            for at in range(0, len(canvases), BATCH)
        ]
    )


def claims(
    references: Embeddings, questioned: Embeddings, matcher: LocalMatcher, images: PackedImages
) -> list[Claim]:
    """Each identity's, given the readings of all images as references and as questioned."""
    found = []
    for source, own, rows in claimed_rows(images):
        left, right = references[own.numpy()], questioned[rows.numpy()]
        wide = global_similarity(left, right).astype(np.float64)
        fine = matcher.compare(left, right).astype(np.float64)
        found.append(Claim(source, wide, fine))
    return found


def milliseconds(encoder: Encoder, canvases: Canvases, rounds: int = 5) -> float:
    """Processor time of one core an image, the best of several rounds."""
    spent = []
    for _ in range(rounds):
        began = time.process_time()
        embed(encoder, canvases)
        spent.append(time.process_time() - began)
    return 1000 * min(spent) / len(canvases)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs=2, type=Path)
    parser.add_argument("validation", type=Path)
    given = parser.parse_args()
    images = PackedImages.load(given.validation)
    canvases = canvases_of(images, np.arange(len(images)))
    readings = []
    for folder in given.folders:
        encoder = Encoder.load(folder, threads=1)
        read = embed(encoder, canvases)
        readings.append(read)
        figures = figures_of(claims(read, read, matcher_of(encoder), images))
        print(f"{encoder.card.id} ({encoder.card.arithmetic}): {figures}")
        print(
            f"  {milliseconds(encoder, canvases[:1]):.2f} ms for one canvas, "
            f"{milliseconds(encoder, canvases[:32]):.2f} each of 32, "
            f"{(folder / NETWORK).stat().st_size / 1e6:.1f} MB"
        )
    first, second = readings
    cosine = (first.vectors * second.vectors).sum(axis=1)
    print(f"cosine between the two: mean {cosine.mean():.5f}, least {cosine.min():.5f}")
    print(f"ink shares alike: {np.array_equal(first.weights, second.weights)}")


if __name__ == "__main__":
    main()
