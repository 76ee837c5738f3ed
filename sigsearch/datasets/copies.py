"""Pixel-identical copies: found by decoded pixels, dropped before anything is paired.

A copy makes a comparison trivially right (a genuine signature with itself), so it flatters every
method. BHSig260 has hundreds of them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from sigsearch.datasets.samples import Dataset, Sample

if TYPE_CHECKING:
    from PIL.Image import Image


def drop_copies(dataset: Dataset) -> Dataset:
    """Keep the first of each set of pixel-identical images; report the others in `left_out`.

    Every image is decoded, so files that cannot be are found and left out as well. Identical
    images with different labels contradict each other, and all of them are left out.
    """
    seen: dict[bytes, list[Sample]] = {}
    dropped: list[tuple[Sample, str]] = []
    for sample in dataset.samples:
        try:
            seen.setdefault(pixel_hash(sample), []).append(sample)
        except Exception as error:  # whatever Pillow raises on a damaged file
            dropped.append((sample, f"unreadable: {error}"))
    for same in seen.values():
        first = same[0]
        if len({(s.writer, s.kind) for s in same}) > 1:
            dropped += [
                (s, f"pixel-identical images with different labels: {first.id}") for s in same
            ]
        else:
            dropped += [(s, f"pixel-identical copy: {first.id}") for s in same[1:]]
    return dataset.without(dropped)


def grey_image(path: Path) -> Image:
    """The image in a file, or on its page where the path ends in `#page=N`, as greys."""
    from PIL import Image

    from sigsearch.imaging.sources import file_and_page

    file, number = file_and_page(str(path))
    with Image.open(file) as image:
        image.seek(number - 1)
        return image.convert("L")


def pixel_hash(sample: Sample) -> bytes:
    """SHA-256 of the size and the grey values, whatever the file format; of pen data, which is
    drawn with another pen each time, that of the movement."""
    tablet = sample.pen_data
    if tablet is not None and sample.entry is not None:
        return hashlib.sha256(tablet.movement(sample.entry).tobytes()).digest()
    source = sample.source
    if isinstance(source, Path):
        grey = grey_image(source)
        size, pixels = grey.size, grey.tobytes()
    else:
        size, pixels = source.shape[::-1], source.tobytes()
    return hashlib.sha256(repr(tuple(size)).encode() + pixels).digest()
