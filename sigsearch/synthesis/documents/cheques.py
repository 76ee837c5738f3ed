"""Cheques and other wide slips."""

from __future__ import annotations

from sigsearch.synthesis.documents import words
from sigsearch.synthesis.documents.sheet import Sheet
from sigsearch.synthesis.documents.stamps import guilloche, logo, rubber_stamp
from sigsearch.synthesis.documents.strokes import entry, initial, scrawl, sign


def cheque(sheet: Sheet, signed: bool) -> None:
    """Payee, amounts and date, by hand or by machine, a guilloche, a code line, and who signs."""
    wide, high, rng = sheet.width, sheet.height, sheet.rng
    if sheet.chance(0.75):
        guilloche(sheet, sheet.between(140, 190))
    if sheet.chance(0.6):
        logo(sheet, 4, 3)
    hand = int(rng.integers(400))
    by_hand = sheet.chance(0.75)
    unit = high / 75
    sheet.text(
        sheet.between(6, 40), 10 * unit, words.company(rng).upper(), sheet.between(3.5, 6) * unit
    )
    sheet.text(sheet.between(6, 40), 15 * unit, words.sentence(rng, words=4), 2.3 * unit)
    sheet.text(wide - 30, 9 * unit, "No. " + words.number(rng, 6), 3 * unit)
    _line(sheet, wide - 62, 18 * unit, 55, "DATE", words.date(rng), (by_hand, hand))
    _line(
        sheet,
        6,
        30 * unit,
        wide * 0.7,
        sheet.pick(
            (
                "PAY TO THE ORDER OF",
                "Pay",
                "PAY",
                "Zahlen Sie an",
                "Payez contre ce chèque",
                "Páguese a",
            )
        ),
        words.name(rng),
        (by_hand, hand),
    )
    amount = " ".join(words.word(rng) for _ in range(int(rng.integers(3, 7))))
    _line(
        sheet,
        6,
        40 * unit,
        wide - 14,
        sheet.pick(("RUPEES", "", "the sum of", "Amount", "Betrag")),
        amount,
        (by_hand, hand),
    )
    sheet.frame(wide - 48, 23 * unit, 42, 9 * unit, 0.3, fill=255 if sheet.chance(0.5) else None)
    _filled(
        sheet,
        wide - 44,
        30 * unit,
        f"{words.number(rng, 4)}.{words.number(rng, 2)}",
        36,
        (by_hand, hand),
    )
    if sheet.chance(0.6):
        _line(
            sheet,
            6,
            58 * unit,
            wide * 0.35,
            sheet.pick(("MEMO", "FOR", "A/C No.", "Konto")),
            words.number(rng, 9),
            (by_hand and sheet.chance(0.5), hand),
        )
    _signatures(sheet, unit, signed)
    if sheet.chance(0.85):
        code = f"⑈{words.number(rng, 6)}⑈ {words.number(rng, 9)}: {words.number(rng, 10)}"
        sheet.text(
            wide * sheet.between(0.1, 0.3),
            high - 4 * unit,
            code.replace("⑈", '"'),
            4 * unit,
            face=sheet.faces[0],
        )
    _handled(sheet)


def _line(
    sheet: Sheet, x: float, y: float, room: float, label: str, text: str, style: tuple[bool, int]
) -> None:
    start = x + sheet.text(x, y, label, 2.6) + 2
    sheet.rule(start, y + 0.4, x + room, y + 0.4, 0.2, int(sheet.between(20, 120)))
    _filled(sheet, start + 1, y, text, x + room - start - 2, style)


def _filled(
    sheet: Sheet, x: float, y: float, text: str, room: float, style: tuple[bool, int]
) -> None:
    by_hand, hand = style
    if room < 6 or sheet.chance(0.06):
        return
    if by_hand:
        entry(sheet, x, y, text, room, hand)
    else:
        sheet.text(x, y, text[: int(room / 1.8)], 3.2, face=sheet.pick(sheet.faces))


def _signatures(sheet: Sheet, unit: float, signed: bool) -> None:
    wide, y = sheet.width, sheet.height - sheet.between(9, 20) * unit
    room = sheet.between(48, 75)
    several = 2 if sheet.chance(0.25) else 1
    beside = several == 2 and sheet.chance(0.6)
    for number in range(several):
        x = wide - room - 6 - (room + 4 if beside and number else 0)
        line = y if beside or not number else y - 13 * unit
        if sheet.chance(0.7):
            sheet.rule(x, line, x + room, line, 0.2, int(sheet.between(20, 140)))
        if sheet.chance(0.6):
            sheet.text(x + room / 2, line + 2.8, sheet.pick(words.CAPTIONS), 2.2, anchor="ms")
        if sheet.chance(0.4):
            sheet.text(
                x + room,
                line - sheet.between(13, 17) * unit,
                "For " + words.company(sheet.rng),
                2.8,
                anchor="rs",
            )
        if signed:
            sign(sheet, x, line, room)
    if sheet.chance(0.2):
        rubber_stamp(sheet, wide - room / 2 - sheet.between(-20, 60), y - sheet.between(0, 14))


def _handled(sheet: Sheet) -> None:
    """What banks add."""
    if sheet.chance(0.25):
        rubber_stamp(
            sheet, sheet.between(15, sheet.width * 0.7), sheet.between(10, sheet.height - 10)
        )
    if sheet.chance(0.12):
        x = sheet.between(15, 60)
        sheet.rule(x, 30, x + 20, 5, 0.4, sheet.pen)
        sheet.rule(x + 5, 30, x + 25, 5, 0.4, sheet.pen)
        if sheet.chance(0.5):
            sheet.text(x + 8, 20, "A/C PAYEE", 2.6)
    if sheet.chance(0.08):
        initial(sheet, sheet.between(20, sheet.width - 40), sheet.between(15, sheet.height - 15))
    if sheet.chance(0.1):
        scrawl(sheet)


def strip(sheet: Sheet, signed: bool) -> None:
    """The lower part of a page alone: a few lines and whoever signs below them."""
    y = sheet.between(6, 12)
    y = sheet.paragraph(
        8, y, sheet.width - 16, int(sheet.rng.integers(0, 5)), sheet.between(2.4, 3.8)
    )
    y = min(y + sheet.between(12, 24), sheet.height - 10)
    places = int(sheet.rng.integers(1, 4))
    room = (sheet.width - 16) / places
    for place in range(places):
        x = 8 + place * room
        sheet.rule(x, y, x + room * 0.8, y, 0.3)
        sheet.text(
            x,
            y + 3.4,
            sheet.pick(words.CAPTIONS) if sheet.chance(0.5) else words.name(sheet.rng),
            2.7,
        )
        if signed and sheet.chance(0.85):
            sign(sheet, x, y, room * 0.8)
