"""Letters, memoranda and contracts."""

from __future__ import annotations

from sigsearch.synthesis.documents import words
from sigsearch.synthesis.documents.sheet import Sheet
from sigsearch.synthesis.documents.stamps import bar_code, logo, rubber_stamp
from sigsearch.synthesis.documents.strokes import entry, initial, scrawl, sign, signing_place

_TOGETHER = 0.25  # of signed letters have several signatures below one another


def letter(sheet: Sheet, signed: bool) -> None:
    """A heading, paragraphs, a closing, and the signature above the typed name."""
    size = sheet.between(2.7, 4.2)
    left = sheet.between(14, 34)
    column = sheet.width - left - sheet.between(12, 32)
    y = letterhead(sheet, left)
    if sheet.chance(0.8):
        right = sheet.chance(0.5)
        sheet.text(left + (0.6 * column if right else 0), y, words.date(sheet.rng), size)
        y += size * sheet.between(2, 5)
    if sheet.chance(0.75):
        for line in (
            words.name(sheet.rng),
            words.company(sheet.rng),
            words.sentence(sheet.rng, words=3),
        ):
            sheet.text(left, y, line, size)
            y += size * 1.3
        y += size * sheet.between(1, 4)
    y = _body(sheet, left, y, column, size, sheet.height * sheet.between(0.3, 0.82))
    _closing(sheet, left, y, column, size, signed)


def letterhead(sheet: Sheet, left: float) -> float:
    """The upper edge of a page; returns where the text may begin."""
    y = sheet.between(12, 26)
    if sheet.chance(0.5):
        logo(sheet, sheet.between(left - 6, sheet.width * 0.7), sheet.between(4, 16))
        y += 22
    if sheet.chance(0.7):
        big = sheet.between(4, 9)
        middle = sheet.chance(0.5)
        sheet.text(sheet.width / 2 if middle else left, y, words.company(sheet.rng).upper(), big,
                   anchor="ms" if middle else "ls", face=sheet.pick(sheet.faces))  # fmt: skip
        y += big * 1.5
        small = words.sentence(sheet.rng, words=6)
        sheet.text(
            sheet.width / 2 if middle else left, y, small, 2.4, anchor="ms" if middle else "ls"
        )
        y += 6
    if sheet.chance(0.35):
        sheet.rule(left, y, sheet.width - left, y, sheet.between(0.2, 1.2))
        y += 5
    return y + sheet.between(4, 16)


def _body(sheet: Sheet, left: float, y: float, column: float, size: float, until: float) -> float:
    lead = sheet.between(1.15, 2.1)
    while y < until:
        y = sheet.paragraph(left, y, column, int(sheet.rng.integers(1, 8)), size, lead)
        y += size * sheet.between(0.6, 1.8)
    return y


def _closing(sheet: Sheet, left: float, y: float, column: float, size: float, signed: bool) -> None:
    at = left + sheet.pick_number((0.0, 0.0, 0.45, 0.55)) * column
    if signed and sheet.chance(_TOGETHER):
        _signed_together(sheet, at, y, size)
        return
    y = min(y, sheet.height - 38)
    sheet.text(at, y, sheet.pick(words.CLOSINGS), size)
    gap = sheet.between(9, 24)
    if signed:
        sign(
            sheet,
            at,
            y + gap * sheet.between(0.6, 1.0),
            min(sheet.between(45, 85), sheet.width - at - 4),
        )
    y += gap + size
    for _ in range(int(sheet.rng.integers(0, 3))):
        sheet.text(at, y, words.name(sheet.rng), size)
        y += size * 1.35
    if sheet.chance(0.35):
        sheet.text(left, y + 8, "cc: " + words.name(sheet.rng), size)
    if sheet.chance(0.12) and signed:
        other = left if at > left + 20 else left + 0.55 * column
        sign(sheet, other, y - size, 55)
        sheet.text(other, y + size, words.name(sheet.rng), size)
    if sheet.chance(0.1):
        rubber_stamp(
            sheet, sheet.between(20, sheet.width - 20), sheet.between(0.5, 0.95) * sheet.height
        )


def _signed_together(sheet: Sheet, at: float, y: float, size: float) -> None:
    """Two to five who sign closely below one another, on lines or above their typed names."""
    count = int(sheet.rng.integers(2, 6))
    gap = sheet.between(11, 24)
    room = min(sheet.between(45, 80), sheet.width - at - 4)
    ruled, named = sheet.chance(0.6), sheet.chance(0.85)
    y = max(min(y, sheet.height - count * gap - 8), 30.0)
    if sheet.chance(0.5):
        sheet.text(at, y, sheet.pick(words.CLOSINGS), size)
    for _ in range(count):
        y += gap
        if ruled:
            sheet.rule(at, y, at + room, y, sheet.between(0.15, 0.5))
        if named:
            sheet.text(at, y + size * 1.15, words.name(sheet.rng), size)
        if sheet.chance(0.9):
            sign(sheet, at, y, room, highest=gap * sheet.between(0.7, 1.3))


def contract(sheet: Sheet, signed: bool) -> None:
    """Clauses, and the places where the parties sign, in rows and columns."""
    size = sheet.between(2.4, 3.8)
    left = sheet.between(12, 28)
    column = sheet.width - 2 * left
    y = sheet.between(14, 26)
    if sheet.chance(0.5):
        sheet.text(
            sheet.width / 2,
            y,
            words.sentence(sheet.rng, sheet.script, 3).upper(),
            size * 1.4,
            anchor="ms",
        )
        y += size * 3
    rows = int(sheet.rng.integers(1, 4))
    columns = int(sheet.rng.choice([1, 2, 2, 2, 3]))
    high = sheet.between(22, 34)  # of a row
    need = rows * high
    until = sheet.height - need - sheet.between(8, 60)
    clause = int(sheet.rng.integers(1, 12))
    while y < until:
        sheet.text(left, y, f"{clause}.", size)
        y = sheet.paragraph(
            left + 8, y, column - 8, int(sheet.rng.integers(2, 7)), size, sheet.between(1.2, 1.6)
        )
        y += size * sheet.between(0.4, 1.4)
        clause += 1
    _parties(sheet, (left, y), (column / columns, high), (rows, columns), signed)
    if sheet.chance(0.3) and signed:  # each page is initialled
        for _ in range(int(sheet.rng.integers(1, 4))):
            initial(sheet, sheet.width - sheet.between(10, 45), sheet.height - sheet.between(8, 18))
    if sheet.chance(0.15) and signed:  # beside what was changed by hand
        down = sheet.between(0.15, 0.6) * sheet.height
        sheet.rule(left + 20, down, left + sheet.between(40, 90), down, 0.4, sheet.pen)
        initial(sheet, sheet.width - left / 2 - 4, down)
    if sheet.chance(0.2):
        bar_code(sheet, left, sheet.height - 14)


def _parties(
    sheet: Sheet,
    at: tuple[float, float],
    cell: tuple[float, float],
    grid: tuple[int, int],
    signed: bool,
) -> None:
    (left, y), (wide, high), (rows, columns) = at, cell, grid
    boxed = sheet.chance(0.2)
    for row in range(rows):
        for place in range(columns):
            x, top = left + place * wide, y + row * high
            if boxed:
                sheet.frame(x, top - 4, wide, high)
            if sheet.chance(0.5):
                sheet.text(x + 2, top + 1, words.company(sheet.rng), 3.0)
            there = signed and sheet.chance(0.85)
            line = top + high * 0.56
            signing_place(sheet, x + wide * 0.08, line, wide * 0.8, there, 1.1 * high)


def memo(sheet: Sheet, signed: bool) -> None:
    """Some lines of head, a little text, initials beside the sender or a signature."""
    left, size = sheet.between(15, 30), sheet.between(3, 4.2)
    y = letterhead(sheet, left)
    for label in ("To:", "From:", "Date:", "Re:"):
        sheet.text(left, y, label, size)
        sheet.text(left + 20, y, words.name(sheet.rng), size)
        if label == "From:" and signed and sheet.chance(0.3):
            initial(sheet, left + sheet.between(68, 95), y - 1)
        y += size * 1.8
    sheet.rule(left, y, sheet.width - left, y, 0.6)
    y = _body(
        sheet, left, y + 8, sheet.width - 2 * left, size, sheet.height * sheet.between(0.35, 0.6)
    )
    if signed and sheet.chance(_TOGETHER):
        _signed_together(sheet, left + sheet.pick_number((0.0, 70.0)), y, size)
    elif signed:
        sign(sheet, left + sheet.between(0, 90), y + sheet.between(14, 30), 70)


def handwritten(sheet: Sheet, signed: bool) -> None:
    """A letter written by hand, signed or not: only the last line is a signature."""
    hand, left = int(sheet.rng.integers(400)), sheet.between(15, 30)
    gap = sheet.between(8, 12)
    if sheet.chance(0.5):
        for down in range(20, int(sheet.height), round(gap)):
            sheet.rule(0, down, sheet.width, down, 0.15, int(sheet.between(130, 210)))
    y = 20.0 + gap
    sheet.text(left, 14, words.date(sheet.rng), 3)
    until = sheet.height * sheet.between(0.35, 0.8)
    while y < until:
        text = " ".join(words.word(sheet.rng) for _ in range(int(sheet.rng.integers(3, 7))))
        entry(sheet, left, y, text, sheet.width - 2 * left, hand)
        y += gap
    if signed:
        sign(sheet, left + sheet.between(0, 0.5) * sheet.width, y + gap * 1.5, 70)
    if sheet.chance(0.2):
        scrawl(sheet)
