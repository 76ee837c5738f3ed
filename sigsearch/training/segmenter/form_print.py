"""What is printed on forms: fine waves, rules, boxes, text in many typefaces, and stamps.

Sizes go by `unit`, how large the signature is written; `box` is where it stands on the page.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels of the page."""

_PHRASES = (
    "Signature",
    "Sincerely,",
    "Yours truly,",
    "J. W. Hartley, Manager",
    "Dr. A. Lindqvist",
    "Sign here",
    "Date:",
    "Name",
    "Authorised signatory",
    "PAY TO",
    "Amount in words",
    "Witness",
    "I hereby declare that the above is true",
    "Unterschrift",
    "Ort, Datum",
    "Nom et prénom",
    "Fait à",
    "Firma",
    "Podpis",
    "Подпись",
    "Дата",
    "Υπογραφή",
    "Underskrift",
    "Handtekening",
    "Account No.",
    "Page 1 of 2",
    "X",
    "(Seal)",
    "for the Company",
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ .,:/-"
_DIGITS = "0123456789 -/."
_FACES = (
    *(f"DejaVu{face}.ttf" for face in ("Sans", "Sans-Bold", "Sans-Oblique", "SansCondensed")),
    *(f"DejaVu{face}.ttf" for face in ("Serif", "Serif-Bold", "Serif-Italic", "SansMono")),
    *(f"STIXGeneral{face}.ttf" for face in ("", "Bol", "Italic")),
    *(f"cm{face}10.ttf" for face in ("r", "b", "ss", "tt", "ti")),
)


def print_form(page: Picture, box: Box, unit: float, rng: np.random.Generator) -> None:
    """Some of everything but a stamp."""
    for draw, chance in ((_waves, 0.2), (_rules, 0.55), (_boxes, 0.2), (print_text, 0.6)):
        if rng.random() < chance:
            draw(page, box, unit, rng)


def print_text(page: Picture, box: Box, unit: float, rng: np.random.Generator) -> None:
    """One to four pieces of printed text, a line or a paragraph each, some across the signature."""
    draw = _draw(page)
    width, height = page.size
    for _ in range(int(rng.integers(1, 5))):
        size = max(7, round(float(np.exp(rng.uniform(np.log(0.07), np.log(0.45)))) * unit))
        lines = [_text(rng) for _ in range(1 if rng.random() < 0.7 else int(rng.integers(2, 5)))]
        place = rng.random()
        if place < 0.3:  # anywhere near the top or the bottom of the page
            y = float(rng.choice([rng.uniform(-0.05, 0.1), rng.uniform(0.75, 1.0)])) * height
        elif place < 0.65:  # just above or just below what is signed, as in a letter
            y = float(
                rng.choice(
                    [box[1] - size * rng.uniform(0.3, 1.6), box[3] - size * rng.uniform(-0.4, 1.2)]
                )
            )
        else:
            y = rng.uniform(box[1], box[3])
        at = (rng.uniform(-0.1, 0.85) * width, y)
        face = _FACES[int(rng.integers(len(_FACES)))]
        draw.multiline_text(at, "\n".join(lines), _tone(rng), _font(face, size))


def stamp(page: Picture, box: Box, unit: float, rng: np.random.Generator) -> None:
    """A rubber stamp over what is there, worn: one or two rings, an oval or a frame, with words."""
    from PIL import Image, ImageChops, ImageDraw

    side = int(rng.uniform(0.5, 2.4) * unit) + 8
    shape = (side, int(side * rng.uniform(0.4, 1.0)) + 4)
    mark = Image.new("L", shape, 0)
    draw = ImageDraw.Draw(mark)
    outline = draw.ellipse if rng.random() < 0.65 else draw.rectangle
    thick = max(1, round(rng.uniform(0.01, 0.05) * side))
    outline((1, 1, shape[0] - 2, shape[1] - 2), outline=255, width=thick)
    if rng.random() < 0.6:
        inner = round(0.15 * shape[1])
        outline((inner, inner, shape[0] - inner, shape[1] - inner), outline=255, width=thick)
    for row in range(int(rng.integers(1, 3))):
        font = _font(
            _FACES[int(rng.integers(len(_FACES)))], max(6, side // int(rng.integers(6, 11)))
        )
        middle = (shape[0] / 2, shape[1] * (0.45 + 0.2 * row))
        draw.text(middle, _text(rng)[:12], 255, font, anchor="mm")
    mark = mark.rotate(float(rng.uniform(-40, 40)), Image.Resampling.BILINEAR, expand=True)
    wear = Image.fromarray(rng.uniform(70, 255, (6, 6)).astype(np.uint8))
    mark = ImageChops.multiply(mark, wear.resize(mark.size, Image.Resampling.BICUBIC))
    x = int(rng.uniform(box[0] - 0.7 * side, box[2] - 0.3 * side))
    y = int(rng.uniform(box[1] - 0.5 * side, box[3] - 0.3 * side))
    page.paste(int(rng.uniform(20, 130)), (x, y, x + mark.width, y + mark.height), mark)


def _waves(page: Picture, _box: Box, unit: float, rng: np.random.Generator) -> None:
    """Fine parallel waves, as on cheques."""
    draw = _draw(page)
    width, height = page.size
    x = np.arange(0.0, width + 8, 5.0)
    tone, slow, fast = int(rng.uniform(130, 225)), *rng.uniform(0.3, 1.5, 2)
    for k, y in enumerate(np.arange(-0.3 * unit, height, rng.uniform(0.06, 0.15) * unit)):
        wave = 0.2 * unit * np.sin(x / (slow * unit) + 0.1 * k) + 0.05 * unit * np.sin(
            6 * x / (fast * unit)
        )
        draw.line(np.column_stack([x, y + wave]).ravel().tolist(), tone, 1)


def _rules(page: Picture, box: Box, unit: float, rng: np.random.Generator) -> None:
    """A line to sign on, or a ruled page; drawn, dashed or dotted, and not quite level."""
    draw = _draw(page)
    width, height = page.size
    thick = max(1, round(float(rng.uniform(0.003, 0.025)) * unit))
    tilt = float(rng.normal(0, 0.006)) * width
    tone = _tone(rng)
    if rng.random() < 0.3:
        gap = rng.uniform(0.25, 0.9) * unit
        heights = list(np.arange(rng.uniform(0, gap), height, gap))
    else:
        across = box[1] + (box[3] - box[1]) * rng.uniform(0.2, 1.25, int(rng.integers(1, 3)))
        heights = [float(y) for y in across]
    for y in heights:
        first, last = 0.0, float(width)
        if rng.random() < 0.5:
            first = box[0] - rng.uniform(-0.3, 0.5) * unit
            last = box[2] + rng.uniform(-0.3, 0.5) * unit
        dash = 0.0 if rng.random() < 0.75 else rng.uniform(0.02, 0.08) * unit
        for start in np.arange(first, last, 2 * dash) if dash else (first,):
            end = start + max(dash, 1.0) if dash else last
            draw.line((start, y + tilt * start / width, end, y + tilt * end / width), tone, thick)


def _boxes(page: Picture, box: Box, unit: float, rng: np.random.Generator) -> None:
    """A frame around the signature, cells of a table, boxes to tick, or a bar code."""
    draw = _draw(page)
    tone, thick = _tone(rng), max(1, round(float(rng.uniform(0.004, 0.025)) * unit))
    kind = rng.random()
    if kind < 0.5:
        out = rng.uniform(-0.05, 0.25, 4) * unit
        corner = (box[0] - out[0], box[1] - out[1], box[2] + out[2], box[3] + out[3])
        draw.rectangle(corner, outline=tone, width=thick)
        if rng.random() < 0.4:
            x = corner[0] + rng.uniform(0.1, 0.9) * (corner[2] - corner[0])
            draw.line((x, corner[1], x, corner[3]), tone, thick)
    elif kind < 0.8:
        side = rng.uniform(0.06, 0.25) * unit
        x, y = rng.uniform(0, 1, 2) * page.size
        for number in range(int(rng.integers(1, 9))):
            at = x + 1.2 * side * number
            draw.rectangle((at, y, at + side, y + side), outline=tone, width=thick)
    else:
        x, y = rng.uniform(0, 0.8, 2) * page.size
        tall = rng.uniform(0.15, 0.4) * unit
        for _ in range(int(rng.integers(10, 40))):
            wide = max(1.0, rng.integers(1, 4) * 0.01 * unit)
            draw.rectangle((x, y, x + wide, y + tall), fill=tone)
            x += wide + max(1.0, rng.integers(1, 4) * 0.01 * unit)


def _text(rng: np.random.Generator) -> str:
    kind = rng.random()
    if kind < 0.55:
        phrase = str(rng.choice(_PHRASES))
        return phrase.upper() if rng.random() < 0.25 else phrase
    letters = list(_DIGITS if kind < 0.75 else _LETTERS)
    return "".join(rng.choice(letters, int(rng.integers(3, 26))))


def _tone(rng: np.random.Generator) -> int:
    """How dark print is: mostly near black, at times pale."""
    return int(rng.uniform(5, 90) if rng.random() < 0.6 else rng.uniform(60, 190))


def _draw(page: Picture) -> Any:
    from PIL import ImageDraw

    return ImageDraw.Draw(page)


@cache
def _font(face: str, size: int) -> Any:
    import matplotlib
    from PIL import ImageFont

    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / face, size)
