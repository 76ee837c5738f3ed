"""Forms that were signed: pages on which a signature stands among print, rules, boxes and stamps,
and which of the ink is the signature's. What the segmentation learns from.

The invented pages of `sigsearch.synthesis` are drawn by other code in another typeface, so they can
say what has been learned.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sigsearch.training.segmenter.form_ink import resized
from sigsearch.training.segmenter.form_print import Box, print_form, print_text, stamp

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Mask = NDArray[np.bool_]
Grey = NDArray[np.uint8]

_PLAIN = 0.12  # of the pages: nothing is printed on them


@dataclass(frozen=True, slots=True)
class SignedForm:
    """grey: uint8 (height, width), 0 = black; mask: of the same shape, the signature's ink."""

    grey: Grey
    mask: Mask


def sign_form(ink: Mask, rng: np.random.Generator, signed: bool = True) -> SignedForm:
    """The signature `ink` (height, width; cropped to its box) on a form, scanned; at times at so
    low a resolution, and cut out so closely, as in an archive of letters. With `signed` false
    nobody has signed it yet."""
    from PIL import Image

    if rng.random() < 0.45:
        ink = _coarser(ink, rng)
    unit = float(min(ink.shape[0], ink.shape[1] / 2))  # what print is small or large beside
    room = np.where(rng.random(4) < 0.5, rng.uniform(0.02, 0.3, 4), rng.uniform(0.1, 1.2, 4))
    left, right, top, bottom = (room * unit).astype(int) + 3
    mask = np.pad(ink, ((top, bottom), (left, right)))
    box = (left, top, left + ink.shape[1], top + ink.shape[0])
    page = Image.fromarray(_paper(mask.shape, rng))
    printed = not signed or rng.random() >= _PLAIN
    if not signed or (printed and rng.random() < 0.8):
        print_form(page, box, unit, rng)
    if not signed:
        print_text(page, box, unit, rng)
        mask = np.zeros_like(mask)
    dark = np.asarray(page).astype(np.float32) * (1 - _pen(mask, rng))
    page = Image.fromarray(dark.astype(np.uint8))
    if printed and rng.random() < 0.2:
        stamp(page, box, unit, rng)
    if rng.random() < 0.35:
        page, mask = _cut_out(page, mask, box, unit, rng)
    if rng.random() < 0.5:
        page, mask = _turn(page, mask, rng)
    return SignedForm(_scan(page, rng), mask)


def _coarser(ink: Mask, rng: np.random.Generator) -> Mask:
    """The same at a lower resolution, its strokes two pixels wide or so."""
    height = int(rng.uniform(26, 90))
    scale = height / ink.shape[0]
    if scale > 0.8 or ink.shape[1] * scale < 24:
        return ink
    return resized(ink, (round(ink.shape[1] * scale), height), rng.uniform(50, 110))


def _cut_out(
    page: Picture, mask: Mask, box: Box, unit: float, rng: np.random.Generator
) -> tuple[Picture, Mask]:
    """The page cut to a little around the signature: print beside it loses its other half."""
    out = rng.uniform(-0.02, 0.18, 4) * unit
    left, top = max(int(box[0] - out[0]), 0), max(int(box[1] - out[1]), 0)
    right, bottom = (min(int(box[2] + out[2]), page.width), min(int(box[3] + out[3]), page.height))
    return page.crop((left, top, right, bottom)), mask[top:bottom, left:right]


def _turn(page: Picture, mask: Mask, rng: np.random.Generator) -> tuple[Picture, Mask]:
    """The page put on the scanner not quite straight."""
    from PIL import Image

    angle = float(rng.normal(0, 1.3))
    turned = Image.fromarray(mask.view(np.uint8)).rotate(angle, Image.Resampling.NEAREST)
    return page.rotate(angle, Image.Resampling.BILINEAR, fillcolor=230), np.asarray(turned) > 0


def _paper(shape: tuple[int, int], rng: np.random.Generator) -> Grey:
    """Even, cloudy or shaded from one side to the other."""
    from PIL import Image

    level = rng.uniform(150, 255) if rng.random() < 0.4 else rng.uniform(225, 255)
    cloud = level + rng.normal(0, rng.uniform(0, 4), (4, 7))
    if rng.random() < 0.3:
        cloud = cloud + np.linspace(-1, 1, 7) * rng.uniform(-20, 20)
    small = Image.fromarray(np.clip(cloud, 90, 255).astype(np.uint8))
    return np.asarray(small.resize(shape[::-1], Image.Resampling.BICUBIC))


def _pen(mask: Mask, rng: np.random.Generator) -> NDArray[np.float32]:
    """How much of the paper's light the ink takes, 0..1: darker and lighter along its way."""
    from PIL import Image, ImageFilter

    swing = rng.uniform(0, 0.25)
    depth = np.clip(rng.uniform(0.45, 0.97) + rng.normal(0, swing, (5, 9)), 0.25, 1)
    cloud = Image.fromarray((depth * 255).astype(np.uint8))
    even = np.asarray(cloud.resize(mask.shape[::-1], Image.Resampling.BICUBIC))
    soft = Image.fromarray(mask.view(np.uint8) * np.uint8(255))
    soft = soft.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.2, 0.8))))
    taken = even.astype(np.float32) * np.asarray(soft).astype(np.float32)
    return taken / np.float32(255 * 255)


def _scan(page: Picture, rng: np.random.Generator) -> Grey:
    """Optics, noise, JPEG; some as a bilevel fax."""
    from PIL import Image, ImageFilter

    page = page.filter(ImageFilter.BoxBlur(float(rng.uniform(0.0, 0.9))))
    values = np.asarray(page).astype(np.float32)
    values += rng.standard_normal(values.shape, np.float32) * np.float32(rng.uniform(0, 6))
    grey = np.clip(values, 0, 255).astype(np.uint8)
    kind = rng.random()
    if kind < 0.25:
        cut = np.median(grey) * rng.uniform(0.55, 0.8)
        return np.where(grey < cut, 0, 255).astype(np.uint8)
    if kind < 0.6:
        file = io.BytesIO()
        Image.fromarray(grey).save(file, "JPEG", quality=int(rng.integers(30, 96)))
        return np.asarray(Image.open(file))
    return grey
