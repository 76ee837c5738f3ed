"""A page with the boxes drawn on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sigsearch.arrays import Bytes
from sigsearch.documents.boxes import Box

_SURE, _DOUBTFUL, _STAMP = (0, 110, 60), (200, 120, 0), (120, 120, 120)


def with_boxes(grey: Bytes, boxes: Sequence[Box], signed: Sequence[Box]) -> Bytes:
    """`grey` (height, width) in colour, uint8 (height, width, 3): signatures in green, each with
    its number; what may not be one in orange; stamps in grey."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.fromarray(grey).convert("RGB")
    draw = ImageDraw.Draw(picture)
    line = max(max(grey.shape) // 600, 2)
    font = ImageFont.load_default(max(max(grey.shape) // 60, 12))
    for box in boxes:
        colour = _SURE if box in signed else _DOUBTFUL if box.is_by_hand else _STAMP
        draw.rectangle(box.corners, outline=colour, width=line)
        number = f"{signed.index(box) + 1}: " if box in signed else ""
        text = f"{number}{box.kind} {box.confidence:.2f}"
        draw.text((box.x, box.y - line), text, colour, font=font, anchor="lb")
    return np.asarray(picture)
