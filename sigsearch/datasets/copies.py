"""Pixel-identical copies: found by decoded pixels, dropped before anything is paired.

A copy makes a comparison trivially right (a genuine signature with itself), so it flatters every
method. BHSig260 has hundreds of them.
"""

from __future__ import annotations

import hashlib

from sigsearch.datasets.samples import Dataset, Sample
from sigsearch.errors import ImageError


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
        except ImageError as error:
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


def pixel_hash(sample: Sample) -> bytes:
    """SHA-256 of the size and the grey values, whatever the file format; of pen data, which is
    drawn with another pen each time, that of the movement. Raises ImageError."""
    from sigsearch.imaging.load import load_page

    tablet = sample.pen_data
    if tablet is not None and sample.entry is not None:
        return hashlib.sha256(tablet.movement(sample.entry).tobytes()).digest()
    grey = load_page(sample.source).grey
    return hashlib.sha256(repr(grey.shape[::-1]).encode() + grey.tobytes()).digest()
