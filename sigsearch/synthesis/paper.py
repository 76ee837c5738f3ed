"""Paper: white, grey or coloured, ruled, the guilloche of a cheque, print and stamps across it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Colour = tuple[int, int, int]

_TINTS: tuple[Colour, ...] = (
    (250, 249, 246),
    (236, 234, 230),
    (214, 213, 211),
    (244, 236, 214),
    (224, 236, 222),
    (221, 230, 243),
    (245, 224, 222),
    (240, 228, 180),
)
_TINT_SHARES = (0.4, 0.18, 0.1, 0.09, 0.07, 0.07, 0.05, 0.04)
_PRINT: tuple[Colour, ...] = ((20, 20, 24), (60, 60, 66), (30, 40, 90), (90, 30, 34))
_WORDS = (
    "AUTHORISED SIGNATURE",
    "Signature of holder",
    "Yours sincerely,",
    "Date",
    "PAY TO THE ORDER OF",
    "Name (print)",
    "Director",
    "For and on behalf of",
    "No. 004 871 22",
    "Sign above this line",
)


def make_paper(kind: str, size: tuple[int, int], dpi: int, rng: np.random.Generator) -> Picture:
    """An RGB page of `size` (width, height) pixels; `kind` is "sheet" or "cheque"."""
    page = _sheet(size, rng)
    if kind == "cheque":
        _guilloche(page, dpi, rng)
        _line(page, dpi, rng)
    elif rng.random() < 0.3:
        _rules(page, dpi, rng)
    elif rng.random() < 0.3:
        _line(page, dpi, rng)
    if rng.random() < (0.8 if kind == "cheque" else 0.25):
        _print(page, dpi, rng)
    return page


def add_stamp(page: Picture, dpi: int, rng: np.random.Generator) -> Picture:
    """The page with a rubber stamp over what is on it: two rings with words, faint in places."""
    from PIL import Image, ImageChops, ImageDraw

    side = int(rng.uniform(22, 34) * dpi / 25.4)
    stamp = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(stamp)
    thick = max(1, round(0.4 * dpi / 25.4))
    draw.ellipse((2, 2, side - 3, side - 3), outline=255, width=2 * thick)
    inner = side // 7
    draw.ellipse((inner, inner, side - inner, side - inner), outline=255, width=thick)
    word = str(rng.choice(["PAID", "RECEIVED", "COPY", "REGISTRY", "APPROVED"]))
    draw.text((side / 2, side / 2), word, 255, _font(side // 9), anchor="mm")
    stamp = stamp.rotate(float(rng.uniform(-30, 30)), Image.Resampling.BILINEAR)
    worn = rng.uniform(90, 255, (6, 6)).astype(np.uint8)
    wear = Image.fromarray(worn).resize(stamp.size, Image.Resampling.BICUBIC)
    stamp = ImageChops.multiply(stamp, wear)
    colour = ((70, 50, 150), (150, 40, 50), (40, 70, 140))[int(rng.integers(3))]
    width, height = page.size
    at = (int(rng.uniform(-0.3, 0.8) * width), int(rng.uniform(-0.4, 0.5) * height))
    page.paste(colour, (*at, at[0] + side, at[1] + side), stamp)
    return page


def _sheet(size: tuple[int, int], rng: np.random.Generator) -> Picture:
    """Plain paper, a little cloudy."""
    from PIL import Image

    tint = np.array(_TINTS[int(rng.choice(len(_TINTS), p=_TINT_SHARES))], np.float64)
    cells = (max(size[1] // 40, 2), max(size[0] // 40, 2), 1)
    cloud = tint + rng.normal(0, rng.uniform(0.3, 2.0), cells)
    small = Image.fromarray(np.clip(cloud, 0, 255).astype(np.uint8))
    return small.resize(size, Image.Resampling.BILINEAR)


def _rules(page: Picture, dpi: int, rng: np.random.Generator) -> None:
    draw = _draw(page)
    width, height = page.size
    gap = rng.uniform(6.5, 9.5) * dpi / 25.4
    colour = _pale(rng, 110, 200)
    thick = int(rng.integers(1, 4))
    for y in np.arange(rng.uniform(0, gap), height, gap):
        draw.line((0, y, width, y + rng.uniform(-1, 1)), colour, thick)


def _line(page: Picture, dpi: int, rng: np.random.Generator) -> None:
    """The line to sign on, in the lower half."""
    width, height = page.size
    y = height * rng.uniform(0.55, 0.88)
    thick = int(rng.integers(1, 4))
    _draw(page).line((width * 0.03, y, width * 0.97, y), _pale(rng, 20, 130), thick)


def _guilloche(page: Picture, dpi: int, rng: np.random.Generator) -> None:
    """Bands of fine parallel waves, and at times a rosette, in pale colours."""
    draw = _draw(page)
    width, height = page.size
    x = np.arange(0.0, width + 12, 6.0)
    mm = dpi / 25.4
    for _ in range(int(rng.integers(1, 3))):
        colour = _pale(rng, 165, 228)
        a, b = rng.uniform(1, 5, 2) * mm
        first, second = rng.uniform(6, 30, 2) * mm
        phase = rng.uniform(0, 6.3)
        for k, y in enumerate(np.arange(-8 * mm, height + 8 * mm, rng.uniform(1.1, 2.6) * mm)):
            wave = a * np.sin(x / first * 6.3 + k * 0.12) + b * np.sin(x / second * 6.3 + phase)
            draw.line(np.column_stack([x, y + wave]).ravel().tolist(), colour, 1)
    if rng.random() < 0.5:
        t = np.linspace(0, 2 * np.pi, 700)
        radius = rng.uniform(7, 16) * mm * (0.6 + 0.4 * np.cos(t * int(rng.integers(9, 40)) * 1.0))
        middle = rng.uniform(0.1, 0.9, 2) * (width, height)
        rose = np.column_stack([middle[0] + radius * np.cos(t), middle[1] + radius * np.sin(t)])
        draw.line(rose.ravel().tolist(), _pale(rng, 150, 220), 1)


def _print(page: Picture, dpi: int, rng: np.random.Generator) -> None:
    """One or two pieces of printed text, some of them where the name is written."""
    draw = _draw(page)
    width, height = page.size
    for _ in range(int(rng.integers(1, 3))):
        word = str(rng.choice(_WORDS))
        size = max(8, round(float(rng.uniform(2.0, 3.4)) * dpi / 25.4))
        at = (width * rng.uniform(0.02, 0.6), height * float(rng.choice([0.02, 0.5, 0.86])))
        draw.text(at, word, _PRINT[int(rng.integers(len(_PRINT)))], _font(size))


def _pale(rng: np.random.Generator, low: int, high: int) -> Colour:
    red, green, blue = (int(v) for v in rng.integers(low, high, 3))
    return red, green, blue


def _draw(page: Picture) -> Any:
    from PIL import ImageDraw

    return ImageDraw.Draw(page)


@cache
def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)
