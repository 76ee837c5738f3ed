"""The path that users of a SigNet-shaped network take, for scripts/benchmarks/embed.py.

An image is prepared as published (Hafemann, Sabourin, Oliveira 2017): the ink's centre of mass in
the middle of a large canvas, the background white, inverted, made small, its middle cut out.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from signet import SHAPE, layers

from sigsearch.imaging.levels import histogram, otsu
from sigsearch.imaging.load import load_page

CANVAS = (952, 1360)
SMALL = (170, 242)
BATCHES = (8, 32)


def prepare(data: bytes) -> NDArray[np.uint8]:
    """The bytes of an image file -> uint8 SHAPE, 0 = paper."""
    grey = load_page(data).grey
    ink = grey <= otsu(histogram(grey))[0]
    canvas = np.zeros(CANVAS, np.uint8)
    here, there = zip(
        *(_centred(ink.sum(axis=1 - axis), CANVAS[axis]) for axis in (0, 1)), strict=True
    )
    canvas[there] = np.where(ink, 255 - grey, 0)[here]
    small = Image.fromarray(canvas).resize(SMALL[::-1], Image.Resampling.BILINEAR)
    top, left = ((s - i) // 2 for s, i in zip(SMALL, SHAPE, strict=True))
    return np.asarray(small)[top : top + SHAPE[0], left : left + SHAPE[1]]


def _centred(ink: NDArray[np.int64], room: int) -> tuple[slice, slice]:
    """Which part of a page's side goes to which part of the canvas's, the ink's centre of mass in
    its middle; what does not fit is cut off."""
    centre = int(ink @ np.arange(len(ink)) / max(int(ink.sum()), 1))
    shift = room // 2 - centre
    first, last = max(0, -shift), min(len(ink), room - shift)
    return slice(first, last), slice(first + shift, last + shift)


def peer_works(files: list[bytes], threads: int) -> dict[str, Callable[[], object]]:
    """Several ways of running the network alone and the whole path on so many cores; whichever is
    the fastest counts."""
    import torch

    network = layers().eval()
    inputs = np.stack([prepare(file) for file in files])

    @torch.inference_mode()
    def features(images: NDArray[np.uint8]) -> object:
        return network(torch.from_numpy(images[:, None]).float() / 255)

    def spread(work: Callable[[slice], object], batch: int) -> None:
        """A worker a core, each with batches of its own."""
        torch.set_num_threads(1)
        parts = [slice(at, at + batch) for at in range(0, len(files), batch)]
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, parts))

    def gathered(images: Callable[[slice], NDArray[np.uint8]], batch: int) -> None:
        """The cores together at each batch."""
        torch.set_num_threads(threads)
        for at in range(0, len(files), batch):
            features(images(slice(at, at + batch)))

    pool = ThreadPoolExecutor(threads)
    works: dict[str, Callable[[], object]] = {}
    for batch in BATCHES:
        works |= {
            f"peer network, spread, {batch}": lambda b=batch: spread(
                lambda part: features(inputs[part]), b
            ),
            f"peer whole, spread, {batch}": lambda b=batch: spread(
                lambda part: features(np.stack([prepare(file) for file in files[part]])), b
            ),
            f"peer network, gathered, {batch}": lambda b=batch: gathered(
                lambda part: inputs[part], b
            ),
            f"peer whole, gathered, {batch}": lambda b=batch: gathered(
                lambda part: np.stack(list(pool.map(prepare, files[part]))), b
            ),
        }
    return works
