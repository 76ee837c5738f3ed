"""Pages with print, and photographs of sheets, drawn for tests."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

TEXT = "The undersigned agrees to pay the full balance by the end of every quarter, as laid down "


def printed(width: int = 1240, height: int = 1754, lines: int = 30) -> np.ndarray:
    """A page of text: uint8 (height, width)."""
    page = Image.new("L", (width, height), 255)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(width // 55)
    for line in range(lines):
        place = (width // 10, height // 14 + line * height // 45)
        draw.text(place, TEXT[line % 7 :] + str(line), 0, font=font)
    return np.asarray(page)


def put(page: np.ndarray, ink: np.ndarray, x: int, y: int) -> np.ndarray:
    """`page` with the picture `ink` on it, its upper left corner at (x, y)."""
    page = page.copy()
    height, width = ink.shape
    page[y : y + height, x : x + width] = np.minimum(page[y : y + height, x : x + width], ink)
    return page


def photographed(sheet: np.ndarray, corners: list[tuple[int, int]], desk: int = 60) -> np.ndarray:
    """`sheet` on a desk, its corners (clockwise from the upper left one) at these places of a
    picture of 1600 x 1200."""
    height, width = sheet.shape
    source = [(0, 0), (width, 0), (width, height), (0, height)]
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    way = np.linalg.solve(np.array(rows, float), np.array(values, float)).tolist()
    size, how = (1600, 1200), Image.Transform.PERSPECTIVE
    seen = np.asarray(Image.fromarray(sheet).transform(size, how, way, Image.Resampling.BICUBIC))
    whole = Image.new("L", (width, height), 255)
    mask = np.asarray(whole.transform(size, how, way, fillcolor=0)) > 127
    light = np.linspace(0.7, 1.0, 1600)[None, :]
    grain = np.random.default_rng(1).integers(0, 12, seen.shape)
    return np.where(mask, seen * light, desk + grain).astype(np.uint8)
