"""Screenshots: windows, tablets that were signed on, and drawings that are no documents."""

from __future__ import annotations

import numpy as np

from sigsearch.synthesis.documents import words
from sigsearch.synthesis.documents.sheet import Sheet
from sigsearch.synthesis.documents.stamps import bar_code, logo
from sigsearch.synthesis.documents.strokes import sign


def screenshot(sheet: Sheet, signed: bool) -> None:
    """A window with bars, buttons and text, and perhaps a field with a signature drawn in it."""
    wide, high = sheet.width, sheet.height
    bar = sheet.between(6, 12)
    sheet.frame(0, 0, wide, bar, 0.1, 120, int(sheet.between(40, 235)))
    sheet.text(4, bar * 0.7, words.sentence(sheet.rng, words=3), bar * 0.4)
    left = 6.0
    if sheet.chance(0.5):
        left = wide * sheet.between(0.15, 0.3)
        sheet.frame(0, bar, left - 4, high - bar, 0.1, 200, int(sheet.between(200, 250)))
        for y in np.arange(bar + 8, high - 8, 8):
            sheet.text(4, float(y), words.word(sheet.rng), 3)
    y = bar + 12
    for _ in range(int(sheet.rng.integers(1, 4))):
        y = (
            sheet.paragraph(
                left, y, wide - left - 8, int(sheet.rng.integers(1, 6)), sheet.between(2.8, 4)
            )
            + 5
        )
        if sheet.chance(0.3):
            logo(sheet, left, y)
            y += 26
    tall = sheet.between(24, 45)
    if y + tall < high - 8:
        sheet.frame(left, y, wide - left - 10, tall, 0.3, 150, 255)
        if signed:
            sign(sheet, left + 6, y + tall * 0.75, wide - left - 30)
        y += tall + 8
    for place in range(int(sheet.rng.integers(0, 4))):
        x = left + place * 34
        sheet.frame(x, y, 28, 8, 0.2, 90, int(sheet.between(60, 235)))
        sheet.text(
            x + 14,
            y + 5.5,
            sheet.pick(("OK", "Cancel", "Clear", "Submit", "Sign")),
            3.2,
            anchor="ms",
            tone=0,
        )


def drawing(sheet: Sheet, _signed: bool) -> None:
    """A chart, a plan or a picture: curves that nobody signed."""
    rng = sheet.rng
    left, top, right, bottom = 15.0, 15.0, sheet.width - 12, sheet.height - 20
    sheet.rule(left, bottom, right, bottom, 0.4)
    sheet.rule(left, top, left, bottom, 0.4)
    for _ in range(int(rng.integers(1, 6))):
        t = np.linspace(0, 1, 80)
        walk = (
            np.cumsum(rng.normal(0, 0.03, 80))
            if rng.random() < 0.5
            else 0.3 * np.sin(t * rng.uniform(3, 30))
        )
        y = bottom - (bottom - top) * np.clip(0.5 + walk, 0.02, 0.98)
        points = [
            (sheet.px(a), sheet.px(b)) for a, b in zip(left + t * (right - left), y, strict=True)
        ]
        sheet.draw.line(
            points, int(sheet.between(0, 140)), max(1, sheet.px(sheet.between(0.2, 0.8)))
        )
    for _ in range(int(rng.integers(2, 12))):
        sheet.text(
            sheet.between(left, right),
            sheet.between(top, bottom),
            words.word(rng),
            sheet.between(2, 5),
        )
    for _ in range(int(rng.integers(0, 5))):
        sheet.frame(
            sheet.between(left, right - 30),
            sheet.between(top, bottom - 20),
            sheet.between(5, 30),
            sheet.between(5, 20),
        )
    if sheet.chance(0.3):
        bar_code(sheet, left, top)


def prose(sheet: Sheet, _signed: bool) -> None:
    """A page of a book: one or two columns of text, an italic line, a number."""
    columns, left = int(sheet.rng.integers(1, 3)), sheet.between(12, 25)
    wide = (sheet.width - 2 * left) / columns
    size = sheet.between(2.2, 4)
    for column in range(columns):
        y = sheet.between(18, 30)
        while y < sheet.height - 25:
            lines = min(
                int(sheet.rng.integers(3, 12)), int((sheet.height - 18 - y) / size / 1.4) + 1
            )
            y = sheet.paragraph(left + column * wide, y, wide - 5, lines, size) + size
    sheet.text(sheet.width / 2, sheet.height - 8, words.number(sheet.rng, 2), 3, anchor="ms")
