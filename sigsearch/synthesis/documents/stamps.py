"""Stamps, logos, seals and bar codes: marks that nobody signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sigsearch.synthesis.documents import words
from sigsearch.synthesis.documents.faces import font
from sigsearch.synthesis.documents.sheet import MM, Sheet

if TYPE_CHECKING:
    from PIL.Image import Image as Picture


def rubber_stamp(sheet: Sheet, x: float, y: float) -> None:
    """A worn stamp with its middle there: rings, an oval or a frame with words, or a date."""
    from PIL import Image, ImageChops

    rng = sheet.rng
    side = sheet.px(sheet.between(14, 48))
    round_ = rng.random() < 0.6
    flat = sheet.between(0.75, 1.0) if round_ else sheet.between(0.25, 0.6)
    mark = (
        _ringed(sheet, side, int(side * flat)) if round_ else _framed(sheet, side, int(side * flat))
    )
    mark = mark.rotate(float(rng.normal(0, 14)), Image.Resampling.BILINEAR, expand=True)
    wear = Image.fromarray(rng.uniform(50, 255, (7, 7)).astype(np.uint8))
    mark = ImageChops.multiply(mark, wear.resize(mark.size, Image.Resampling.BICUBIC))
    high, wide = mark.height * MM / sheet.dpi, mark.width * MM / sheet.dpi
    tone = int(sheet.between(20, 140))
    sheet.write(np.asarray(mark), x - wide / 2, y - high / 2, "stamp", tone)


def _ringed(sheet: Sheet, wide: int, high: int) -> Picture:
    from PIL import Image, ImageDraw

    mark = Image.new("L", (wide, high), 0)
    draw, rng = ImageDraw.Draw(mark), sheet.rng
    thick = max(1, sheet.px(sheet.between(0.25, 0.9)))
    draw.ellipse((1, 1, wide - 2, high - 2), outline=255, width=thick)
    inner = int(0.17 * high)
    if rng.random() < 0.8:
        draw.ellipse(
            (inner, inner, wide - inner, high - inner), outline=255, width=max(1, thick // 2)
        )
        text, face = words.company(rng).upper() + " * ", font(sheet.face, max(int(0.11 * high), 5))
        for number, letter in enumerate(text):
            angle = 2 * np.pi * number / len(text) - np.pi
            at = (wide / 2 + 0.42 * wide * np.cos(angle), high / 2 + 0.42 * high * np.sin(angle))
            draw.text(at, letter, 255, face, anchor="mm")
    _inside(sheet, draw, wide, high, int(rng.integers(0, 3)), 0.6)
    return mark


def _framed(sheet: Sheet, wide: int, high: int) -> Picture:
    from PIL import Image, ImageDraw

    mark = Image.new("L", (wide, high), 0)
    draw, rng = ImageDraw.Draw(mark), sheet.rng
    if rng.random() < 0.75:
        thick = max(1, sheet.px(sheet.between(0.25, 0.9)))
        draw.rectangle((1, 1, wide - 2, high - 2), outline=255, width=thick)
    _inside(sheet, draw, wide, high, int(rng.integers(1, 4)), 0.9)
    return mark


def _inside(sheet: Sheet, draw: Any, wide: int, high: int, lines: int, share: float) -> None:
    for line in range(lines):
        rng = sheet.rng
        text = sheet.pick(words.STAMPED) if rng.random() < 0.6 else words.date(rng)
        text = words.company(rng) if rng.random() < 0.2 else text
        size = min(int(share * high / (lines + 1)), int(1.5 * share * wide / max(len(text), 1)))
        middle = (wide / 2, high * (0.5 + share * (line + 0.5 - lines / 2) / max(lines, 1)))
        draw.text(middle, text, 255, font(sheet.face, size), anchor="mm")


def logo(sheet: Sheet, x: float, y: float) -> None:
    """A company's sign with its upper left corner there: shapes, a large letter, a drawn word."""
    rng = sheet.rng
    high, wide = sheet.between(8, 24), sheet.between(8, 30)
    draw, tone = sheet.draw, int(sheet.between(0, 120))
    left, top, right, bottom = (sheet.px(v) for v in (x, y, x + wide, y + high))
    kind = rng.random()
    if kind < 0.6:
        outline = draw.ellipse if kind < 0.35 else draw.rectangle
        inside = tone if rng.random() < 0.55 else None
        outline((left, top, right, bottom), inside, tone, max(2, sheet.px(0.8)))
    elif kind < 0.85:
        corners = rng.uniform(0, 1, (int(rng.integers(3, 8)), 2)) * (right - left, bottom - top)
        draw.polygon(
            [(left + a, top + b) for a, b in corners], tone if rng.random() < 0.7 else None, tone
        )
    else:
        for row in range(int(rng.integers(3, 7))):
            step = top + row * (bottom - top) // 6
            draw.rectangle(
                (left, step, right - row * (right - left) // 9, step + (bottom - top) // 11), tone
            )
    if rng.random() < 0.7:
        pale = 255 if rng.random() < 0.5 else 0
        size = high * sheet.between(0.3, 0.8)
        sheet.text(
            x + wide / 2,
            y + high / 2,
            words.company(rng)[: int(rng.integers(1, 4))],
            size,
            anchor="mm",
            tone=pale,
        )
    sheet.mark("stamp", left, top, right - left, bottom - top)


def bar_code(sheet: Sheet, x: float, y: float) -> None:
    """Bars, or squares in a square."""
    rng = sheet.rng
    if rng.random() < 0.5:
        side, cells = sheet.between(10, 26), int(rng.integers(17, 30))
        step = side / cells
        for row, column in np.argwhere(rng.random((cells, cells)) < 0.5):
            sheet.frame(x + column * step, y + row * step, step, step, 0.01, 0, 0)
        return
    high = sheet.between(6, 16)
    for _ in range(int(rng.integers(20, 60))):
        wide = float(rng.choice([0.25, 0.5, 0.75]))
        sheet.frame(x, y, wide, high, 0.01, 0, 0)
        x += wide + float(rng.choice([0.25, 0.5]))


def guilloche(sheet: Sheet, low: float = 150, high: float = 235) -> None:
    """Bands of fine waves and a rosette over the whole sheet, paler than any ink."""
    rng, draw = sheet.rng, sheet.draw
    x = np.arange(0.0, sheet.picture.width + 6, 5.0)
    mm = sheet.dpi / MM
    for _ in range(int(rng.integers(1, 4))):
        tone = int(sheet.between(low, high))
        swing, slow, fast = (
            rng.uniform(1, 7) * mm,
            rng.uniform(10, 50) * mm,
            rng.uniform(4, 12) * mm,
        )
        phase = rng.uniform(0, 6.3)
        for k, y in enumerate(
            np.arange(-8 * mm, sheet.picture.height + 8 * mm, rng.uniform(1.0, 4.0) * mm)
        ):
            wave = swing * np.sin(x / slow * 6.3 + 0.15 * k) + 0.3 * swing * np.sin(
                x / fast * 6.3 + phase
            )
            draw.line(np.column_stack([x, y + wave]).ravel().tolist(), tone, 1)
    if rng.random() < 0.5:
        t = np.linspace(0, 2 * np.pi, 500)
        radius = rng.uniform(8, 25) * mm * (0.6 + 0.4 * np.cos(t * int(rng.integers(7, 30))))
        middle = rng.uniform(0.1, 0.9, 2) * sheet.picture.size
        rose = np.column_stack([middle[0] + radius * np.cos(t), middle[1] + radius * np.sin(t)])
        draw.line(rose.ravel().tolist(), int(sheet.between(low, high)), 1)
