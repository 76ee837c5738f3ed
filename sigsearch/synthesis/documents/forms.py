"""Forms, tables, ballots, cards and receipts."""

from __future__ import annotations

from sigsearch.synthesis.documents import words
from sigsearch.synthesis.documents.letters import letterhead
from sigsearch.synthesis.documents.sheet import Sheet
from sigsearch.synthesis.documents.stamps import bar_code, guilloche, logo, rubber_stamp
from sigsearch.synthesis.documents.strokes import entry, initial, sign, signing_place


def form(sheet: Sheet, signed: bool) -> None:
    """Fields with labels, filled in by hand, by machine or not at all, and a place to sign."""
    left = sheet.between(10, 22)
    y = letterhead(sheet, left)
    how = sheet.pick(("hand", "hand", "machine", "empty"))
    hand, size = int(sheet.rng.integers(400)), sheet.between(2.2, 3.4)
    boxed = sheet.chance(0.5)
    until = sheet.height * sheet.between(0.45, 0.8)
    while y < until:
        if sheet.chance(0.15):
            y = (
                sheet.paragraph(
                    left, y, sheet.width - 2 * left, int(sheet.rng.integers(1, 5)), size
                )
                + 4
            )
        _fields(sheet, left, y, int(sheet.rng.integers(1, 4)), (how, boxed), hand, size)
        y += sheet.between(9, 14)
    y += sheet.between(14, 24)
    places = 1 if sheet.chance(0.7) else 2
    room = min((sheet.width - 2 * left) / places - 14, sheet.between(50, 95))
    for place in range(places):
        x = left + 10 + place * (room + 18) + (sheet.between(0, 60) if places == 1 else 0)
        signing_place(
            sheet, min(x, sheet.width - room - 6), min(y, sheet.height - 14), room, signed
        )
    if sheet.chance(0.25):
        _office_use(sheet, left, min(y + 18, sheet.height - 32), signed)


def _fields(
    sheet: Sheet, left: float, y: float, count: int, style: tuple[str, bool], hand: int, size: float
) -> None:
    how, boxed = style
    wide = (sheet.width - 2 * left) / count
    for place in range(count):
        x, label = left + place * wide, sheet.pick(words.LABELS)
        if sheet.chance(0.12):
            _ticks(sheet, x, y, wide)
            continue
        if boxed:
            sheet.frame(x, y - 5, wide - 1, 9)
            sheet.text(x + 1, y - 2.8, label, size * 0.7)
            start = x + 2
        else:
            start = x + sheet.text(x, y, label, size) + 2
            sheet.rule(start, y + 0.5, x + wide - 3, y + 0.5, 0.2, dotted=sheet.chance(0.2))
        filled = words.name(sheet.rng) if sheet.chance(0.6) else words.date(sheet.rng)
        room = x + wide - start - 3
        if how == "hand" and room > 8 and sheet.chance(0.85):
            entry(sheet, start, y + 1.5, filled, room, hand)
        elif how == "machine":
            sheet.text(
                start,
                y,
                filled[: max(int(room / size * 1.7), 1)],
                size,
                face=sheet.pick(sheet.faces),
            )


def _ticks(sheet: Sheet, x: float, y: float, wide: float) -> None:
    while wide > 22:
        sheet.frame(x, y - 3, 3, 3, 0.25)
        if sheet.chance(0.4):
            ticked = [(x + 0.3, y - 1.5), (x + 1.3, y), (x + 4, y - 5)]
            sheet.draw.line(
                [(sheet.px(a), sheet.px(b)) for a, b in ticked], sheet.pen, max(1, sheet.px(0.4))
            )
        sheet.text(x + 4.5, y, sheet.pick(words.LABELS), 2.4)
        x, wide = x + 26, wide - 26


def _office_use(sheet: Sheet, left: float, y: float, signed: bool) -> None:
    sheet.frame(left, y, sheet.width - 2 * left, 24, 0.4)
    sheet.text(left + 2, y + 4, "FOR OFFICE USE ONLY", 2.6)
    if sheet.chance(0.6):
        rubber_stamp(sheet, left + 25, y + 14)
    if signed and sheet.chance(0.6):
        initial(sheet, sheet.width - left - 22, y + 14)


def table(sheet: Sheet, signed: bool) -> None:
    """Rows and columns: an invoice with its signature below, or a list that everyone signs."""
    left = sheet.between(8, 18)
    y = letterhead(sheet, left)
    columns = int(sheet.rng.integers(3, 7))
    a_list = sheet.chance(0.35)
    high = sheet.between(9, 16) if a_list else sheet.between(5, 8)
    rows = min(int(sheet.rng.integers(5, 26)), max(int((sheet.height - y - 40) / high), 2))
    wide = (sheet.width - 2 * left) / columns
    hand = int(sheet.rng.integers(400))
    by_hand = sheet.chance(0.3)
    ruled = sheet.chance(0.75)
    for row in range(rows):
        for column in range(columns):
            x, top = left + column * wide, y + row * high
            if ruled:
                sheet.frame(x, top, wide, high, 0.2)
            if row and a_list and column == columns - 1:
                if signed and sheet.chance(0.7):
                    sign(sheet, x + 1, top + high * 0.85, wide * 0.9)
                continue
            text = (
                words.number(sheet.rng, int(sheet.rng.integers(1, 6)))
                if sheet.chance(0.5)
                else words.word(sheet.rng)
            )
            if by_hand and row:
                entry(sheet, x + 1, top + high * 0.85, text, wide - 2, hand + row * a_list)
            else:
                sheet.text(x + 1, top + high * 0.7, text[: int(wide / 1.9)], min(high * 0.5, 3.2))
    if not a_list or sheet.chance(0.2):
        bottom = min(y + rows * high + sheet.between(16, 36), sheet.height - 10)
        room = sheet.between(45, 80)
        signing_place(sheet, sheet.between(left + 8, sheet.width - room - 8), bottom, room, signed)
    if sheet.chance(0.25):
        rubber_stamp(
            sheet, sheet.between(20, sheet.width - 20), sheet.height - sheet.between(20, 60)
        )


def ballot(sheet: Sheet, signed: bool) -> None:
    """The envelope of a postal vote: an oath, name and address, and the voter's signature."""
    left = sheet.between(8, 16)
    y = sheet.between(10, 18)
    if sheet.chance(0.4):
        logo(sheet, sheet.width - 34, 5)
    sheet.text(
        left,
        y,
        sheet.pick(
            ("OFFICIAL BALLOT", "VOTER'S DECLARATION", "RETURN ENVELOPE", "AFFIDAVIT OF VOTER")
        ),
        5,
    )
    y = sheet.paragraph(left, y + 8, sheet.width - 2 * left, int(sheet.rng.integers(2, 6)), 2.8) + 4
    if sheet.chance(0.5):
        for _ in range(int(sheet.rng.integers(2, 7))):
            sheet.draw.ellipse(
                [sheet.px(v) for v in (left, y - 3, left + 4, y + 0.5)], None, sheet.tone, 1
            )
            if sheet.chance(0.3):
                sheet.draw.ellipse(
                    [sheet.px(v) for v in (left, y - 3, left + 4, y + 0.5)], sheet.pen
                )
            sheet.text(left + 7, y, words.name(sheet.rng), 3.2)
            y += 6
    hand = int(sheet.rng.integers(400))
    for label in ("Printed name", "Residence address", "Date")[: int(sheet.rng.integers(1, 4))]:
        y += 10
        start = left + sheet.text(left, y, label, 2.8) + 2
        sheet.rule(start, y + 0.5, sheet.width - left, y + 0.5, 0.25)
        if sheet.chance(0.7):
            entry(
                sheet,
                start + 2,
                y,
                words.date(sheet.rng) if label == "Date" else words.name(sheet.rng),
                70,
                hand,
            )
    room = min(sheet.between(60, 110), sheet.width - 2 * left - 12)
    signing_place(sheet, left + 10, min(y + sheet.between(18, 26), sheet.height - 9), room, signed)
    if sheet.chance(0.4):
        bar_code(sheet, sheet.width - 55, sheet.height - 18)


def card(sheet: Sheet, signed: bool) -> None:
    """An identity card or a specimen card, with a portrait or a second signature."""
    if sheet.chance(0.5):
        guilloche(sheet)
    left, y = sheet.between(4, 9), sheet.between(8, 13)
    sheet.text(left, y, words.company(sheet.rng).upper(), 4)
    portrait = sheet.chance(0.6)
    start = left + (sheet.width * 0.34 if portrait else 0)
    if portrait:
        high = sheet.height * 0.5
        sheet.frame(left, y + 4, sheet.width * 0.28, high, 0.2, 60, int(sheet.between(100, 220)))
        middle, across = left + sheet.width * 0.14, sheet.width * 0.07
        head = [sheet.px(v) for v in (middle - across, y + 8, middle + across, y + 8 + high * 0.5)]
        sheet.draw.ellipse(head, int(sheet.between(60, 200)))
    size = sheet.height / 22
    for _ in range(int(sheet.rng.integers(3, 7))):
        y += size * 1.9
        sheet.text(start, y, f"{sheet.pick(words.LABELS)}: {words.name(sheet.rng)}", size)
    if signed:
        sign(
            sheet,
            start if sheet.chance(0.6) else left,
            sheet.height - sheet.height * 0.1,
            sheet.width * 0.5,
        )
        if sheet.chance(0.2):
            sign(sheet, start, sheet.height * 0.78, sheet.width * 0.45)
    if sheet.chance(0.4):
        sheet.text(start, sheet.height - 2, sheet.pick(words.CAPTIONS), size * 0.8)


def receipt(sheet: Sheet, signed: bool) -> None:
    """A slip of a till or of a delivery: narrow, in small type, signed at its end."""
    y, left = 8.0, sheet.between(3, 7)
    sheet.text(sheet.width / 2, y, words.company(sheet.rng), 4, anchor="ms")
    lines = int((sheet.height - 45) / 5)
    for _ in range(max(lines, 1)):
        y += sheet.between(3.6, 4.6)
        sheet.text(left, y, words.word(sheet.rng), 2.6)
        sheet.text(
            sheet.width - left,
            y,
            f"{words.number(sheet.rng, 2)}.{words.number(sheet.rng, 2)}",
            2.6,
            anchor="rs",
        )
    signing_place(
        sheet,
        left + 4,
        min(y + sheet.between(16, 24), sheet.height - 8),
        sheet.width - 2 * left - 8,
        signed,
    )
