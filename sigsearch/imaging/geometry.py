"""How a file's pixels lie: which way up they are, and how much wider than high each is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

Grey = NDArray[np.uint8]

_ORIENTATION = 274  # the tag of EXIF and TIFF
_LEAST_ASPECT, _MOST_ASPECT = 0.01, 4.5  # beyond the first pixels are not square; fax has 2.1
_MOST_PIXELS = 48_000_000  # after resampling


def orientation_of(image: Image) -> int:
    """1..8 as EXIF counts; 1 where nothing is said. EXIF is read, never written anew, and where it
    is damaged the picture is taken as it lies."""
    try:
        turn = image.getexif().get(_ORIENTATION)
    except Exception:  # of a damaged block: whatever its bytes lead to
        return 1
    return turn if isinstance(turn, int) and 1 <= turn <= 8 else 1


def lies_on_its_side(orientation: int) -> bool:
    """Whether width and height change places when it is turned upright."""
    return orientation in (5, 6, 7, 8)


def upright(grey: Grey, orientation: int) -> Grey:
    """`grey` (height, width) turned as `orientation` says."""
    if lies_on_its_side(orientation):
        grey = grey.T
    if orientation in (3, 4, 7, 8):
        grey = grey[::-1]
    if orientation in (2, 3, 6, 7):
        grey = grey[:, ::-1]
    return np.ascontiguousarray(grey)


def pixel_aspect(image: Image) -> float:
    """Width over height of one pixel, from the resolutions along both sides; 1 where nothing is
    said, or nothing likely."""
    across, down = _resolutions(image.info)
    if image.format == "PCX" or not (across > 0 and down > 0):  # PCX: often the size of a screen
        return 1.0
    aspect = down / across
    likely = 1 / _MOST_ASPECT <= aspect <= _MOST_ASPECT
    return aspect if likely and abs(aspect - 1) > _LEAST_ASPECT else 1.0


def squared(grey: Grey, aspect: float) -> Grey:
    """`grey` with the side of fewer pixels resampled so that each is as wide as high."""
    if aspect == 1.0:
        return grey
    from PIL import Image

    height, width = grey.shape
    size = (width * max(aspect, 1.0), height * max(1 / aspect, 1.0))
    shrink = min((_MOST_PIXELS / (size[0] * size[1])) ** 0.5, 1.0)
    whole = (max(round(size[0] * shrink), 1), max(round(size[1] * shrink), 1))
    return np.asarray(Image.fromarray(grey).resize(whole, Image.Resampling.BICUBIC))


def _resolutions(info: dict[Any, Any]) -> tuple[float, float]:
    for key in ("dpi", "resolution", "aspect", "jfif_density"):
        try:
            across, down = (float(value) for value in info[key])
        except (KeyError, TypeError, ValueError, ZeroDivisionError):
            continue
        # PNG's `aspect` holds pixels a unit as the others do; NaN fails the comparison.
        if across > 0 and down > 0:
            return across, down
    return 0.0, 0.0
