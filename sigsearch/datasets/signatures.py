"""A sample's image, read as a signature."""

from __future__ import annotations

import numpy as np

from sigsearch.datasets.samples import Sample
from sigsearch.imaging import Signature, read_signature, signature_from_ink

_PAPER = 166  # grey from which a drawn page is paper


def signature_of(sample: Sample) -> Signature:
    """What `read_signature` gives; of pen data, whose page holds nothing but drawn ink, that ink.

    Raises a subclass of ImageError that names the file and the reason.
    """
    source = sample.source
    if isinstance(source, np.ndarray) and sample.pen_data is not None:
        return signature_from_ink(source < _PAPER, sample.id)
    return read_signature(source)
