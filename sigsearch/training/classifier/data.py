"""A split -> arrays that the classifier is trained on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsearch.classifier.split import Split
from sigsearch.datasets import Sample
from sigsearch.datasets.copies import pixel_hash
from sigsearch.errors import DatasetError, ImageError
from sigsearch.imaging import CANVAS_SHAPE, PREPROCESSING_VERSION, read_signature
from sigsearch.training.packed import PACKED_SHAPE, pack_signature

Watch = Callable[[Sequence[Sample]], Iterable[Sample]]


@dataclass(frozen=True, slots=True)
class ClassifierData:
    """bits: uint8 (n, pixels / 8), packed for augmentation, of the training images; canvases:
    uint8 (m, height, width) of the validation images, just as they are at run time; labels:
    int64, positions in `writers`; seen: role -> pixel hashes."""

    writers: tuple[str, ...]
    bits: NDArray[np.uint8]
    labels: NDArray[np.int64]
    canvases: NDArray[np.uint8]
    canvas_labels: NDArray[np.int64]
    seen: dict[str, tuple[str, ...]]

    def unpack(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """uint8 (len(rows), *PACKED_SHAPE), 1 = ink."""
        return np.unpackbits(self.bits[rows], axis=1).reshape(-1, *PACKED_SHAPE)

    @property
    def fingerprint(self) -> str:
        """Tells whether an interrupted training goes on with the data that it began with."""
        images = [*self.seen["train"], *self.seen["validation"]]
        known = [f"preprocessing {PREPROCESSING_VERSION}", *self.writers, *images]
        return hashlib.sha256("\n".join(known).encode()).hexdigest()


def read_data(split: Split, watch: Watch = iter) -> ClassifierData:
    """Read the training and validation images of `split`; unreadable ones are passed over.

    Raises DatasetError when a writer is left without a training image.
    """
    number = {writer: at for at, writer in enumerate(split.writers)}
    roles: dict[str, list[str]] = {"train": [], "validation": []}
    bits, labels, canvases, canvas_labels = [], [], [], []
    training = {(sample.path, sample.entry) for sample in split.train}
    for sample in watch([*split.train, *split.validation]):
        try:
            signature = read_signature(sample.source)
        except ImageError:
            continue
        role = "train" if (sample.path, sample.entry) in training else "validation"
        roles[role].append(short_hash(sample))
        if role == "train":
            bits.append(pack_signature(signature))
            labels.append(number[sample.writer])
        else:
            canvases.append(signature.canvas)
            canvas_labels.append(number[sample.writer])
    missing = set(range(len(number))) - set(labels)
    if missing:
        names = ", ".join(split.writers[at] for at in sorted(missing)[:8])
        raise DatasetError(f"{split.name}: no readable training image of {names}")
    return ClassifierData(
        writers=split.writers,
        bits=np.stack(bits),
        labels=np.array(labels),
        canvases=np.array(canvases, np.uint8).reshape(-1, *CANVAS_SHAPE),
        canvas_labels=np.array(canvas_labels, np.int64),
        seen={role: tuple(hashes) for role, hashes in roles.items()},
    )


def short_hash(sample: Sample) -> str:
    """Enough of the pixel hash to know an image again."""
    return pixel_hash(sample).hex()[:16]
