"""Writers put together from two: the beginning of one signature beside the end of another.

A network learns a few hundred writers by heart, and then tells their imitations from what it
remembers rather than from what it compares. Put together in pairs they become tens of thousands,
each with genuine signatures and imitations by real hands.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsearch.training.encoder.batches import Batch

Images = NDArray[np.uint8]

_CUT = (0.35, 0.65)  # where a writer is cut, as a share of the width
_LOOSE = 0.04  # each image near there, where least ink is severed


def put_together(images: Images, ends: Images, batch: Batch, rng: np.random.Generator) -> Images:
    """`images` (n, height, width), 1 = ink, of `batch`, those of its composed rows cut and joined
    to `ends` (composed rows, height, width), the images of `batch.ends`."""
    composed = np.flatnonzero(batch.ends >= 0)
    joined = images.copy()
    share = rng.uniform(*_CUT, int(batch.slot.max()) + 1)
    first = rng.random(len(share)) < 0.5
    for row, end in zip(composed, ends, strict=True):
        slot = batch.slot[row]
        start = images[row]
        pair = (start, end) if first[slot] else (end, start)
        joined[row] = _join(*pair, float(share[slot]))
    return joined


def _join(left: NDArray[np.uint8], right: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    """The left `share` of one image's ink and the rest of the other's, in the middle."""
    one, other = _beginning(left, share), _beginning(right[:, ::-1], 1 - share)[:, ::-1]
    width = left.shape[1]
    whole = np.concatenate([one, other], axis=1)[:, :width]
    canvas = np.zeros_like(left)
    margin = (width - whole.shape[1]) // 2
    canvas[:, margin : margin + whole.shape[1]] = whole
    return canvas


def _beginning(image: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    """The columns from the first ink up to about `share` of its width."""
    columns = image.sum(0, dtype=np.int64)
    inked = np.flatnonzero(columns)
    if not len(inked):
        return image[:, :0]
    first, width = int(inked[0]), int(inked[-1]) + 1 - int(inked[0])
    low = first + round((share - _LOOSE) * width)
    high = first + round((share + _LOOSE) * width)
    return image[:, first : low + int(columns[low : high + 1].argmin())]
