"""Composed documents as training data."""

from __future__ import annotations

import numpy as np

from sigsearch.synthesis.documents import Document
from sigsearch.training.detector.packed_pages import KINDS, Boxes


def boxes_of(document: Document) -> Boxes:
    rows = [(m.x, m.y, m.x + m.width, m.y + m.height, KINDS.index(m.kind)) for m in document.marks]
    return np.array(rows, np.float32).reshape(-1, 5)
