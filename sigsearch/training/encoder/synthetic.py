"""Invented writers, packed like real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from numpy.typing import NDArray

from sigsearch.imaging import signature_from_ink
from sigsearch.synthesis import Writer, forgery, writer_seed
from sigsearch.training.packed import PackedImages, pack_signature

SOURCE = "synthetic"


def pack_synthetic(
    writers: int,
    genuine: int,
    forgeries: int,
    seed: int = 1,
    workers: int = 1,
    progress: Callable[[Iterable[NDArray[np.uint8]]], Iterable[NDArray[np.uint8]]] = iter,
) -> PackedImages:
    """`genuine` specimens and `forgeries` of each of `writers` invented writers."""
    jobs = [(writer_seed(seed, n), genuine, forgeries) for n in range(writers)]
    with ProcessPoolExecutor(workers) as pool:
        bits = list(progress(pool.map(_bits_of_writer, jobs, chunksize=8)))
    each = genuine + forgeries
    identity = np.repeat(np.arange(writers, dtype=np.int32), each)
    return PackedImages(
        bits=np.concatenate(bits),
        identity=identity,
        hand=identity,
        text=identity,
        source=np.zeros(writers * each, np.int32),
        genuine=np.tile(np.arange(each) < genuine, writers),
        names=np.array([SOURCE]),
    )


def _bits_of_writer(job: tuple[int, int, int]) -> NDArray[np.uint8]:
    seed, genuine, forgeries = job
    writer = Writer.from_seed(seed)
    specimens = [writer.specimen(number) for number in range(genuine)]
    specimens += [forgery(writer, number) for number in range(forgeries)]
    return np.stack([pack_signature(signature_from_ink(s.mask)) for s in specimens])
