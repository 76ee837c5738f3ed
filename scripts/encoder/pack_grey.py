"""Pack contrast-normalised grey ink of the training and validation writers, for one comparison.

    python scripts/encoder/pack_grey.py DATA/cedar DATA/bhsig260 DATA/svc2004 DATA/crossmedia \
        -o runs/grey

The encoder sees bilevel ink. What grey would give it is measured by `ablate_encoder.py --grey`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pack_real import main
from PIL import Image

from sigsearch.datasets import Sample
from sigsearch.errors import ImageError
from sigsearch.imaging import CANVAS_SHAPE, read_signature
from sigsearch.imaging.load import load_page

EDGE = 2  # pixels around the ink that still belong to its soft edge


def grey_canvas(sample: Sample) -> NDArray[np.uint8] | None:
    """uint8 (canvas pixels,), 0 = the paper's median, 255 = the ink's; None when unreadable."""
    try:
        signature = read_signature(sample.source)
    except ImageError:
        return None
    left, top, right, bottom = signature.box
    grey = load_page(sample.source).grey[top:bottom, left:right].astype(np.float32)
    ink = np.pad(signature.ink, EDGE)
    near = np.zeros_like(ink)
    for dy in range(-EDGE, EDGE + 1):
        for dx in range(-EDGE, EDGE + 1):
            near |= np.roll(ink, (dy, dx), (0, 1))
    bare = grey[~signature.ink]
    paper = float(np.median(bare)) if len(bare) else 255.0
    pen = float(np.median(grey[signature.ink]))
    depth = ((paper - grey) / (paper - pen if paper != pen else 1.0)).clip(0, 1)
    depth *= near[EDGE:-EDGE, EDGE:-EDGE]
    return _on_canvas((255 * depth).astype(np.uint8))


def _on_canvas(depth: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = CANVAS_SHAPE
    scale = min((width - 4) / depth.shape[1], (height - 4) / depth.shape[0])
    size = (max(round(depth.shape[1] * scale), 1), max(round(depth.shape[0] * scale), 1))
    small = Image.fromarray(depth).resize(size, Image.Resampling.BOX)
    canvas = Image.new("L", (width, height))
    canvas.paste(small, ((width - size[0]) // 2, (height - size[1]) // 2))
    return np.asarray(canvas).ravel()


if __name__ == "__main__":
    main(__doc__, "runs/grey", grey_canvas)
