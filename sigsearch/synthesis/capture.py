"""Capture: clean ink goes on paper, and the paper through a scanner, a camera or a fax."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from sigsearch.schema import Style
from sigsearch.synthesis.glyphs import BoolArray
from sigsearch.synthesis.paper import add_stamp, make_paper
from sigsearch.synthesis.raster import GreyImage
from sigsearch.synthesis.specimen import Specimen

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

STYLES: tuple[Style, ...] = get_args(Style)
_FAX_DPI = 200
_INKS = ((18, 18, 22), (24, 34, 118), (14, 22, 64), (34, 70, 160), (150, 24, 34))


@dataclass(frozen=True, slots=True)
class Capture:
    """An image as a scanner gives it: uint8 (h, w) grey or (h, w, 3) RGB, 255 = light.

    `mask` bool (h, w) tells where the ink lies on it, and `trajectory` (t, 4) float32 holds x and
    y in its pixels, seconds and pressure.
    """

    image: GreyImage
    mask: BoolArray
    trajectory: NDArray[np.float32]
    dpi: int
    style: str


def capture(specimen: Specimen, style: str, seed: int = 0) -> Capture:
    """Put a specimen on paper and capture it; the same for the same specimen, style and seed.

    `style` is one of STYLES. Raises ValueError for another.
    """
    if style not in STYLES:
        raise ValueError(f"no capture style {style!r}; choose one of {', '.join(STYLES)}")
    if style == "clean":
        return Capture(specimen.page, specimen.mask, specimen.trajectory, specimen.dpi, style)
    key = crc32(f"{specimen.kind} {specimen.level} {style}".encode())
    rng = np.random.default_rng((6, seed, specimen.writer, specimen.number, key))
    page, ink, offset = _write_on_paper(specimen, style, rng)
    angle = float(np.clip(rng.normal(0, 1.2), -5, 5))
    page, ink = _turn(page, ink, angle)
    trajectory = _follow(specimen.trajectory, offset, ink.size, angle)
    if style == "fax":
        return _fax(page, ink, trajectory, specimen.dpi, rng)
    image = _scan(page, rng)
    return Capture(image, np.asarray(ink) >= 90, trajectory, specimen.dpi, style)


def _write_on_paper(
    specimen: Specimen, style: str, rng: np.random.Generator
) -> tuple[Picture, Picture, tuple[int, int]]:
    from PIL import Image

    height, width = specimen.ink.shape
    left, right, top, bottom = (rng.uniform(0.06, 0.3, 4) * (height + 40)).astype(int).tolist()
    size = (width + left + right, height + top + bottom)
    page = make_paper("cheque" if style == "cheque" else "sheet", size, specimen.dpi, rng)
    ink = Image.new("L", size, 0)
    ink.paste(Image.fromarray(specimen.ink), (left, top))
    colour = _INKS[int(rng.choice(len(_INKS), p=(0.5, 0.2, 0.16, 0.11, 0.03)))]
    page.paste(colour, (0, 0), ink)
    if rng.random() < (0.25 if style == "cheque" else 0.06):
        page = add_stamp(page, specimen.dpi, rng)
    grey = style == "fax" or rng.random() < 0.55
    return (page.convert("L") if grey else page), ink, (left, top)


def _turn(page: Picture, ink: Picture, angle: float) -> tuple[Picture, Picture]:
    """Both rotated about the middle; the corners are filled with paper."""
    from PIL import Image

    corner = page.getpixel((1, 1))
    assert corner is not None
    turned = page.rotate(angle, Image.Resampling.BILINEAR, fillcolor=corner)
    return turned, ink.rotate(angle, Image.Resampling.NEAREST)


def _follow(
    trajectory: NDArray[np.float32], offset: tuple[int, int], size: tuple[int, int], angle: float
) -> NDArray[np.float32]:
    """The trajectory where the ink went: moved, then turned counter-clockwise by `angle`."""
    moved = trajectory.copy()
    middle = np.array(size, np.float32) / 2
    relative = trajectory[:, :2] + np.array(offset, np.float32) - middle
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    moved[:, 0] = relative[:, 0] * cos + relative[:, 1] * sin + middle[0]
    moved[:, 1] = -relative[:, 0] * sin + relative[:, 1] * cos + middle[1]
    return moved


def _scan(page: Picture, rng: np.random.Generator) -> GreyImage:
    """Optics, uneven light, sensor noise, and mostly JPEG."""
    from PIL import Image, ImageFilter

    page = page.filter(ImageFilter.BoxBlur(float(rng.uniform(0.2, 0.9))))
    values = np.asarray(page).astype(np.float32)
    width, height = page.size
    light = rng.normal(1.0, rng.uniform(0.0, 0.035), (3, 4)).astype(np.float32)
    shade = Image.fromarray(light).resize((width, height), Image.Resampling.BILINEAR)
    grain = rng.standard_normal((height, width), np.float32) * np.float32(rng.uniform(0.8, 5.0))
    gain = np.asarray(shade)
    if values.ndim == 3:
        gain, grain = gain[..., None], grain[..., None]
    values *= gain
    values += grain
    image = np.clip(values, 0, 255, out=values).astype(np.uint8)
    return _jpeg(image, int(rng.integers(45, 96))) if rng.random() < 0.7 else image


def _jpeg(image: GreyImage, quality: int) -> GreyImage:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def _fax(
    page: Picture,
    ink: Picture,
    trajectory: NDArray[np.float32],
    dpi: int,
    rng: np.random.Generator,
) -> Capture:
    """Bilevel at 200 dpi: coarse edges, specks, and lines that slipped or were lost."""
    from PIL import Image, ImageFilter

    ratio = _FAX_DPI / dpi
    size = (max(round(page.width * ratio), 1), max(round(page.height * ratio), 1))
    small = page.filter(ImageFilter.BoxBlur(0.6)).resize(size, Image.Resampling.BILINEAR)
    values = np.asarray(small).astype(np.float32)
    values += rng.standard_normal(values.shape, np.float32) * np.float32(rng.uniform(4, 14))
    paper = float(np.percentile(values[::4, ::4], 80))
    black = values < paper * rng.uniform(0.58, 0.78)
    mask = np.asarray(ink.resize(size, Image.Resampling.BILINEAR)) >= 90
    for row in rng.integers(0, size[1], rng.poisson(1.5)):
        black[row:] = np.roll(black[row:], int(rng.integers(-2, 3)), axis=1)
    if rng.random() < 0.3:
        black[int(rng.integers(size[1]))] = False
    black ^= rng.random(black.shape, np.float32) < rng.choice([0.0, 0.0005, 0.002])
    scaled = trajectory * np.array([ratio, ratio, 1, 1], np.float32)
    return Capture(np.where(black, 0, 255).astype(np.uint8), mask, scaled, _FAX_DPI, "fax")
