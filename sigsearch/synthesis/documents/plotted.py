"""Print in scripts for which no typeface is at hand: the letters of the invented writers, drawn
evenly by a plotter."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sigsearch.synthesis.glyphs import alphabet
from sigsearch.synthesis.raster import GreyImage

PLOTTED = ("devanagari", "cjk")


def plotted_line(script: str, width: int, size: int, rng: np.random.Generator) -> GreyImage:
    """A line of print (size * 1.2, width) pixels: 0 = none, 255 = ink."""
    line = np.zeros((max(size + size // 5, 4), max(width, 1)), np.uint8)
    names, x = sorted(alphabet(script)), 0
    word = int(rng.integers(2, 8))
    while x < width - size:
        letter = _letter(script, names[int(rng.integers(len(names)))], size)
        part = line[: letter.shape[0], x : x + letter.shape[1]]
        np.maximum(part, letter[: part.shape[0], : part.shape[1]], out=part)
        x += letter.shape[1] if script == "cjk" else max(int(letter.shape[1] * 0.86), 1)
        word -= 1
        if not word:
            if script != "cjk" or rng.random() < 0.2:
                x += size // 2
            word = int(rng.integers(2, 8))
    return line


@lru_cache(4096)
def _letter(script: str, name: str, size: int) -> GreyImage:
    from PIL import Image, ImageDraw

    glyph, fine = alphabet(script)[name][0], 2
    points = glyph.points - glyph.points.min(0)
    scale = fine * size / (22.0 if script == "cjk" else 20.0)
    wide = int(points[:, 0].max() * scale) + 3 * fine
    picture = Image.new("L", (max(wide, fine * size if script == "cjk" else 1), fine * size), 0)
    draw, high = ImageDraw.Draw(picture), picture.height
    at = [(x * scale + fine, high - fine - y * scale) for x, y in points]
    thick = max(round(0.09 * fine * size), 1)
    for number in range(1, len(at)):
        if not glyph.lift[number]:
            draw.line((*at[number - 1], *at[number]), 255, thick)
    if script == "devanagari":
        draw.line((0, thick, picture.width, thick), 255, thick)
    return np.asarray(picture.reduce(fine))
