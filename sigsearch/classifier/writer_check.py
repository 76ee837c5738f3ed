"""The demonstration: how a classifier does on every image there is of one writer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from sigsearch.classifier.answers import Checked, Likely, WriterCheck
from sigsearch.classifier.card import SEEN
from sigsearch.classifier.model import Classifier
from sigsearch.datasets import Dataset, Sample
from sigsearch.datasets.copies import pixel_hash
from sigsearch.errors import ClassifierError, DatasetError, ImageError
from sigsearch.imaging import read_signature

Watch = Callable[[Sequence[Sample]], Iterable[Sample]]


def check_writer(
    classifier: Classifier, data: Dataset, writer: str, watch: Watch = iter
) -> WriterCheck:
    """Classify all genuine images of `writer` in `data`, and tell those apart that the network was
    trained on: a figure over all of them flatters it.

    Raises ClassifierError for a writer that the network does not know, DatasetError for one of
    whom `data` has no image.
    """
    column = classifier.knows(writer)
    samples = data.genuine(writer)
    if not samples:
        raise DatasetError(
            f"{data.name}: no genuine image of writer {writer!r}; the writers are "
            f"{', '.join(data.writers[:8])}{', ...' if len(data.writers) > 8 else ''}"
        )
    roles = _roles(classifier)
    checked, refused = [], []
    for sample in watch(samples):
        try:
            signature = read_signature(sample.source)
        except ImageError as fault:
            refused.append(str(fault))
            continue
        shares = classifier.probabilities([signature])[0]
        best = int(np.argmax(shares))
        named = Likely(classifier.card.writers[best], float(shares[best]))
        role = roles.get(pixel_hash(sample).hex()[:16], "unseen")
        checked.append(Checked(str(sample.path), named, best == column, role))
    return WriterCheck.of(writer, checked, refused, classifier.card.id)


def _roles(classifier: Classifier) -> dict[str, str]:
    """Pixel hash -> the role that the image had when the network was trained."""
    try:
        seen = json.loads(classifier.card.files_in(classifier.folder).read(SEEN))
        return {known: role for role, hashes in seen.items() for known in hashes}
    except (ValueError, AttributeError, TypeError, RecursionError) as fault:
        raise ClassifierError(
            f"{classifier.folder / SEEN}: not a list of images ({fault})"
        ) from None
