"""What pens put on a sheet: signatures on their lines, initials, entries and notes."""

from __future__ import annotations

import numpy as np

from sigsearch.synthesis.documents import words
from sigsearch.synthesis.documents.hands import initials, note
from sigsearch.synthesis.documents.sheet import MM, Sheet
from sigsearch.synthesis.documents.stamps import rubber_stamp
from sigsearch.synthesis.raster import GreyImage

_TRIED, _NOTE_WIDE = 4, 45  # places for a note, and its width in millimetres
_HIGHEST = 42.0  # millimetres: a signature


def sign(sheet: Sheet, x: float, y: float, room: float, highest: float = _HIGHEST) -> None:
    """A signature on the line at `y` (its ink may go below), that starts at `x` or somewhat off;
    larger ones than `room` mostly shrink to it, as people write. No higher than `highest`."""
    rng = sheet.rng
    ink = sheet.signer(rng, sheet.dpi)
    wide, tall = ink.shape[1] * MM / sheet.dpi, ink.shape[0] * MM / sheet.dpi
    size = float(np.exp(rng.normal(0.1, 0.27)))
    limit = room * sheet.between(0.7, 1.25)
    size = min(size, limit / wide, min(sheet.between(18, _HIGHEST), highest) / tall)
    least = sheet.between(8, 11)  # people sign larger than they write
    if size * max(wide / 2, tall) < least:
        size = least / max(wide / 2, tall)
    ink = scaled(ink, size)
    wide, tall = ink.shape[1] * MM / sheet.dpi, ink.shape[0] * MM / sheet.dpi
    at = x + sheet.between(-0.06, 0.4) * max(room - wide, 8)
    above = tall * sheet.between(0.45, 1.05)
    pen = int(np.clip(sheet.pen + rng.normal(0, 25), 0, 150))
    sheet.write(ink, at, y - above, "signature", pen)


def initial(sheet: Sheet, x: float, y: float) -> None:
    """Initials with their middle there."""
    ink = initials(sheet.rng, sheet.dpi)
    ink = scaled(ink, min(1.0, 22 * sheet.dpi / MM / max(ink.shape)))
    height, width = (side * MM / sheet.dpi for side in ink.shape)
    sheet.write(ink, x - width / 2, y - height / 2, "initials")


def entry(sheet: Sheet, x: float, y: float, text: str, room: float, hand: int) -> None:
    """Words written on the line at `y` in a hand, no wider than `room`; they sign nothing."""
    ink = note(sheet.rng, text, sheet.dpi, hand)
    ink = scaled(ink, min(1.0, room * sheet.dpi / MM / max(ink.shape[1], 1)))
    tall = ink.shape[0] * MM / sheet.dpi
    sheet.write(ink, x, y - tall * sheet.between(0.75, 1.0))


def margin_note(sheet: Sheet, signed: bool) -> None:
    """A remark that somebody scribbled, often askew, of one to four lines, mostly where nobody
    signed. Where the document is `signed`, some put their initials or name below it."""
    from PIL import Image

    rng, hand = sheet.rng, int(sheet.rng.integers(400))
    lines = int(rng.integers(1, 5))
    for _ in range(_TRIED):
        x = sheet.between(0.03, 0.7) * sheet.width
        y = float(rng.choice([sheet.between(0.03, 0.25), sheet.between(0.25, 0.95)])) * sheet.height
        if sheet.free(x, y, _NOTE_WIDE, 8.0 * lines):
            break
    angle = float(rng.normal(0, 7))
    for line in range(lines):
        text = " ".join(words.word(rng) for _ in range(int(rng.integers(1, 5))))
        if rng.random() < 0.25:
            text = words.date(rng)
        ink = Image.fromarray(note(rng, text, sheet.dpi, hand))
        turned = ink.rotate(angle, Image.Resampling.BILINEAR, expand=True)
        sheet.write(np.asarray(turned), x, y + 8.0 * line)
    below = y + 8.0 * lines + sheet.between(4, 9)
    if signed and rng.random() < 0.3:
        initial(sheet, x + sheet.between(5, 30), below)
    elif signed and rng.random() < 0.2:
        sign(sheet, x, below + 4, 40, highest=20)


def scrawl(sheet: Sheet) -> None:
    """A tick, a ring around a word, an underline or a crossing out."""
    rng, kind = sheet.rng, sheet.rng.random()
    x, y = sheet.between(5, sheet.width - 25), sheet.between(5, sheet.height - 10)
    wide = max(1, sheet.px(sheet.between(0.3, 0.6)))
    if kind < 0.3:
        path = [(0.0, 3.0), (1.5, 5.0), (5.0, -2.0)]
    elif kind < 0.6:
        t = np.linspace(0.3, 6.9, 40)
        ring = rng.uniform(4, 22) * np.cos(t), rng.uniform(3, 7) * np.sin(t)
        path = [(float(a), float(b)) for a, b in zip(*ring, strict=True)]
    else:
        t = np.linspace(0, rng.uniform(10, 50), 20)
        bow = rng.normal(0, 0.5) + np.cumsum(rng.normal(0, 0.12, 20))
        path = [(float(a), float(b)) for a, b in zip(t, bow, strict=True)]
    points = [(sheet.px(x + a), sheet.px(y + b)) for a, b in path]
    sheet.draw.line(points, sheet.pen, wide, joint="curve")


def signing_place(
    sheet: Sheet, x: float, y: float, room: float, signed: bool, highest: float = _HIGHEST
) -> None:
    """A line or a frame with its caption, and what is written there, signatures no higher than
    `highest`; its line is at `y`."""
    rng = sheet.rng
    caption = sheet.pick(words.CAPTIONS)
    size = sheet.between(2.0, 3.4)
    style = rng.random()
    if style < 0.6:
        sheet.rule(x, y, x + room, y, sheet.between(0.15, 0.5), dotted=sheet.chance(0.25))
    elif style < 0.8:
        high = sheet.between(11, 26)
        sheet.frame(x, y - high * 0.8, room, high, sheet.between(0.15, 0.5))
    place = rng.random()
    if place < 0.45:
        sheet.text(x + sheet.between(0, 6), y + size * 1.3, caption, size)
    elif place < 0.7:
        sheet.text(x - 1, y, caption, size, anchor="rs")
    elif place < 0.85:
        sheet.text(x, y - sheet.between(12, 16), caption, size)
    if sheet.chance(0.12):
        sheet.text(x + 1, y - 0.5, "X", sheet.between(3, 6))
    if sheet.chance(0.4):
        below = y + size * 2.8
        sheet.text(x, below, words.name(rng), size)
        if sheet.chance(0.5):
            sheet.text(x, below + size * 1.4, sheet.pick(words.ROLES), size)
    if not signed:
        return
    beneath = sheet.chance(0.5)
    stamped = sheet.chance(0.13)
    if stamped and beneath:
        _stamp_there(sheet, x, y, room)
    sign(sheet, x, y, room, highest)
    if stamped and not beneath:
        _stamp_there(sheet, x, y, room)
    if sheet.chance(0.25):
        hand = int(rng.integers(400))
        entry(sheet, x + room + 4, y, words.date(rng), 24, hand)
    if sheet.chance(0.08):
        entry(sheet, x, y + 7, words.name(rng), room, int(rng.integers(400)))


def _stamp_there(sheet: Sheet, x: float, y: float, room: float) -> None:
    rubber_stamp(sheet, x + sheet.between(-0.2, 0.9) * room, y + sheet.between(-14, 8))


def scaled(ink: GreyImage, factor: float) -> GreyImage:
    """The ink at so many times its size, at least a pixel."""
    from PIL import Image

    if abs(factor - 1) < 0.02:
        return ink
    size = (max(round(ink.shape[1] * factor), 1), max(round(ink.shape[0] * factor), 1))
    return np.asarray(
        Image.fromarray(ink).resize(
            size, Image.Resampling.BOX if factor < 1 else Image.Resampling.BILINEAR
        )
    )
