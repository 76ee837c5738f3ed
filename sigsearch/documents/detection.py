"""Where on a page somebody signed: a small network over a coarse view of the page
(`sigsearch.training.detector.network`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from sigsearch.documents.boxes import Box, Kind
from sigsearch.documents.page_view import views_of
from sigsearch.documents.peaks import Peaks, find_peaks, in_company, merged
from sigsearch.errors import EncoderError
from sigsearch.models.folder import CARD_NAME, ModelFolder, read_card

WEIGHTS = Path(__file__).with_name("weights")
_NETWORK = "detector.onnx"
_LEAST_CONTRAST = 16  # levels: nothing is written on what is even all over
_KINDS: tuple[Kind, ...] = get_args(Kind)


class Detector:
    """The shipped detector. Its network is opened when the first page is looked at."""

    def __init__(self, folder: Path = WEIGHTS) -> None:
        self.folder = folder

    @property
    def threshold(self) -> float:
        """The confidence from which on something is said to be found: on validation pages, one
        false box in five pages. Raises EncoderError without a card."""
        return _threshold(self.folder)

    def find(self, page: NDArray[np.uint8], least: float | None = None) -> tuple[Box, ...]:
        """The marks on an upright page (height, width), 255 = paper, of at least the confidence
        `least` (`threshold` when it is None), the surest first. Boxes are in the page's pixels.

        Raises EncoderError when the network or its card cannot be read.
        """
        if page.ndim != 2 or min(page.shape) < 1:
            raise ValueError(f"a page has the shape (height, width), not {page.shape}")
        if int(page.max()) - int(page.min()) < _LEAST_CONTRAST:
            return ()
        least = self.threshold if least is None else least
        looked = merged([self._look(*view) for view in views_of(page)])
        corners, sure, kinds = in_company(looked, self.threshold)
        found = (
            _box(corner, float(confidence), _KINDS[kind], page.shape)
            for corner, confidence, kind in zip(corners, sure, kinds, strict=True)
            if confidence >= least
        )
        return tuple(box for box in found if box.width > 0 and box.height > 0)

    def _look(self, view: NDArray[np.uint8], scale: float) -> Peaks:
        """What is seen in a view, in pixels of the page."""
        middles, sides = _session(self.folder).run(None, {"views": view[None]})
        boxes, sure, kinds = find_peaks(middles[0], sides[0])
        return boxes / np.float32(scale), sure, kinds


@cache
def shipped_detector() -> Detector:
    """One for the whole process."""
    return Detector()


def _box(corner: Any, confidence: float, kind: Kind, shape: tuple[int, ...]) -> Box:
    height, width = shape
    left, right = (int(v) for v in np.clip(np.rint(corner[[0, 2]]), 0, width))
    top, bottom = (int(v) for v in np.clip(np.rint(corner[[1, 3]]), 0, height))
    return Box(left, top, right - left, bottom - top, round(confidence, 4), kind)


@cache
def _threshold(folder: Path) -> float:
    path = folder / CARD_NAME
    try:
        return float(read_card(path)["threshold"])
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise EncoderError(f"{path}: not the card of a detector ({fault})") from None


@cache
def _session(folder: Path) -> Any:
    return ModelFolder.of(folder).open(_NETWORK)
