"""Colour and transparency -> how dark the ink is: one way for all that Pillow decodes.

A picture's grey is its luminance, but where ink and paper differ in hue and hardly in luminance:
there it is how far a pixel's colour lies from the paper's on the way to the ink's. Plain grey
stays what it is either way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

Grey = NDArray[np.uint8]
Colour = NDArray[np.float32]

_LOOKED_AT = 128  # pixels a side, of a coarse look
_COLOURLESS = 16  # levels by which the channels of scans that are grey differ
_LEAST_LUMINANCE = 0.3  # of the whole difference of ink and paper; less is a difference in hue
_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
_LIGHTNESS = np.array([1, 0, 0], np.float32)
_SHOWN = 128  # of 255: opacity
_OWN_PAPER = 0.5  # of its box is covered by what is shown: it brings its paper along


def to_grey(image: Image) -> Grey:
    """uint8 (height, width), 0 = black, of an image with whole bytes a channel."""
    if image.has_transparency_data:
        image = _on_ground(image)
    if image.mode == "L":
        return np.asarray(image)
    if image.mode == "1":
        return np.asarray(image.convert("L"))
    if image.mode == "LAB":
        return _grey_of_lab(image)
    return _grey_of_rgb(image if image.mode in ("RGB", "RGBX") else image.convert("RGB"))


def _grey_of_rgb(image: Image) -> Grey:
    few = _coarse(image)
    if _differ(few) > _COLOURLESS:
        axis = _axis(np.asarray(few)[..., :3].astype(np.float32), _LUMINANCE, 3**0.5)
        if axis is not None:
            return _along(np.asarray(image)[..., :3], *axis)
    return np.asarray(image.convert("L"))


def _differ(image: Image) -> int:
    """By how much the red or the blue of a pixel differs from its green at most."""
    from PIL import ImageChops

    red, green, blue = image.split()[:3]
    apart = [np.asarray(ImageChops.difference(green, other).getextrema()) for other in (red, blue)]
    return int(np.max(apart))


def _grey_of_lab(image: Image) -> Grey:
    """Files differ in whether no colour is 0 or 128: the paper is taken to have next to none."""
    pixels = np.array(image)
    for band in (1, 2):
        usual = int(np.median(np.asarray(_coarse(image))[..., band]))
        pixels[..., band] += np.uint8((128 - usual) % 256)
    few = pixels[:: _every(pixels.shape[0]), :: _every(pixels.shape[1])]
    axis = _axis(few.astype(np.float32), _LIGHTNESS, 1.0)
    return pixels[..., 0] if axis is None else _along(pixels, *axis)


def _axis(few: Colour, weight: Colour, usual: float) -> tuple[Colour, Colour] | None:
    """The paper's colour and the direction from there to the ink's, of length one; None where the
    luminance, by the channels' `weight`, tells the two apart. `usual`: how much longer the
    difference of two greys is than their difference in luminance."""
    colours = few.reshape(-1, 3)
    paper = np.median(colours, axis=0)
    apart = colours - paper
    length = np.linalg.norm(apart, axis=1)
    ink = apart[length >= max(np.percentile(length, 99.5) / 2, _COLOURLESS)]
    if not len(ink):
        return None
    way = np.median(ink, axis=0)
    whole = float(np.linalg.norm(way))
    if not whole or usual * abs(float(way @ weight)) >= _LEAST_LUMINANCE * whole:
        return None
    return paper.astype(np.float32), (way / whole).astype(np.float32)


def _along(pixels: NDArray[np.uint8], paper: Colour, way: Colour) -> Grey:
    """255 for the paper's colour, less by how far a pixel lies from there along `way`."""
    grey = np.empty(pixels.shape[:2], np.uint8)
    start = float(paper @ way)
    for row in range(0, len(pixels), 256):  # a few rows at a time, to save memory
        far = pixels[row : row + 256].astype(np.float32) @ way - start
        grey[row : row + 256] = 255 - far.clip(0, 255)
    return grey


def _on_ground(image: Image) -> Image:
    """Laid on white; bright ink without a paper of its own is laid on black."""
    from PIL import Image as Pillow

    layer = image.convert("LA") if image.mode == "La" else image
    layer = layer if layer.mode == "RGBA" else layer.convert("RGBA")
    few = np.asarray(_coarse(layer))
    shown = few[..., 3] >= _SHOWN
    ground = "black" if shown.any() and _is_bright_ink(few, shown) else "white"
    laid = Pillow.alpha_composite(Pillow.new("RGBA", layer.size, ground), layer)
    return laid.convert("RGB")


def _is_bright_ink(few: NDArray[np.uint8], shown: NDArray[np.bool_]) -> bool:
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    box = shown[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if box.mean() > _OWN_PAPER:
        return False
    return bool((few[shown][:, :3] @ _LUMINANCE).mean() >= _SHOWN)


def _coarse(image: Image) -> Any:
    """Every so many pixels as they are, so that thin strokes keep their colour."""
    from PIL import Image as Pillow

    width, height = image.size
    size = (-(-width // _every(width)), -(-height // _every(height)))
    return image if size == image.size else image.resize(size, Pillow.Resampling.NEAREST)


def _every(side: int) -> int:
    return max(side // _LOOKED_AT, 1)
