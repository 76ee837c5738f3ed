"""An A4 document by fpdf2: the pieces that sheets are made of. No pair is split over two pages."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib import resources
from typing import TYPE_CHECKING, Any

from sigsearch.report.exhibit import Plate
from sigsearch.report.score_plot import KEYS, Kinds, shares_around
from sigsearch.report.sheet_texts import Row
from sigsearch.report.svg import LABELLED_LEFT, Mark, levels, round_ticks

if TYPE_CHECKING:
    from collections.abc import Iterator


Colour = tuple[int, int, int]
BLUE, ORANGE, GREY, QUIET, INK = (
    (0, 90, 181), (200, 60, 0), (119, 119, 127), (85, 85, 93), (28, 28, 30),
)  # fmt: skip
_FAINT: Colour = (225, 225, 230)
COLOURS: dict[str, Colour] = {"accepted": BLUE, "review": GREY, "rejected": ORANGE}
_MARGIN, _GAP = 14.0, 4.0  # mm
_FONT, _SIZE = "dejavu", 9.0
_LINE = 4.6  # mm, of text in _SIZE
_TALLEST = 95.0  # mm, of a picture
_PLOT_HEIGHT = 52.0


class Document:
    """An A4 document that grows from top to bottom."""

    def __init__(self, title: str, at: datetime, foot: str = "") -> None:
        from fpdf import FPDF

        pdf: Any = _with_footer(FPDF)(format="A4", unit="mm")
        fonts = resources.files("sigsearch.report") / "fonts"
        for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            with resources.as_file(fonts / name) as path:
                pdf.add_font(_FONT, style, path)
        pdf.set_margins(_MARGIN, _MARGIN, _MARGIN)
        pdf.set_auto_page_break(True, 18)
        pdf.set_creation_date(at)
        font: Any = pdf.fonts[_FONT]
        self.pdf, self._known = pdf, set(font.cmap)
        pdf.set_title(self.told(title))
        pdf.foot = self.told(foot)
        pdf.set_font(_FONT, "", _SIZE)
        pdf.add_page()

    def told(self, text: str) -> str:
        """The text; a character that the font lacks as its code, so that none is lost."""
        return "".join(
            c if ord(c) in self._known or c == "\n" else f"[U+{ord(c):04X}]" for c in text
        )

    @property
    def width(self) -> float:
        return float(self.pdf.epw)

    def heading(self, text: str, size: float = 11.0, room: float = 40.0) -> None:
        """A heading, on the next page where less than `room` millimetres are left."""
        self.keep(room)
        self.pdf.ln(3)
        self.text(text, size=size, bold=True)
        self.pdf.ln(1)

    def text(
        self, text: str, size: float = _SIZE, bold: bool = False, colour: Colour = INK
    ) -> None:
        self.pdf.set_font(_FONT, "B" if bold else "", size)
        self.pdf.set_text_color(*colour)
        self._cell(self.width, text, _LINE * size / _SIZE)
        self.pdf.ln(0.8)
        self.pdf.set_font(_FONT, "", _SIZE)
        self.pdf.set_text_color(*INK)

    def box(self, head: str, lines: Sequence[str], colour: Colour) -> None:
        """A framed statement."""
        pdf, padding = self.pdf, 3.0
        self.keep(30)
        top = pdf.get_y() + 1
        pdf.set_y(top + padding)
        with self._inset(padding):
            if head:
                self.text(head, size=15, bold=True, colour=colour)
            for line in lines:
                self.text(line)
        pdf.set_draw_color(*colour)
        pdf.set_line_width(0.7)
        pdf.rect(_MARGIN, top, self.width, pdf.get_y() - top + 1)
        pdf.set_y(pdf.get_y() + 4)

    def facts(self, rows: Sequence[Row], first: float = 50.0) -> None:
        """Names and values."""
        pdf = self.pdf
        for name, value in rows:
            lines = len(self._lines(self.width - first, value))
            self.keep(_LINE * max(lines, len(self._lines(first, name))) + 1)
            top = pdf.get_y()
            pdf.set_text_color(*QUIET)
            self._cell(first - 2, name, _LINE)
            under = pdf.get_y()
            pdf.set_xy(_MARGIN + first, top)
            pdf.set_text_color(*INK)
            self._cell(self.width - first, value, _LINE)
            pdf.set_y(max(pdf.get_y(), under) + 0.6)
            pdf.set_draw_color(*_FAINT)
            pdf.set_line_width(0.1)
            pdf.line(_MARGIN, pdf.get_y(), _MARGIN + self.width, pdf.get_y())
            pdf.set_y(pdf.get_y() + 0.6)

    def plates(self, plates: Sequence[Plate], across: int, tallest: float = _TALLEST) -> None:
        """Pictures beside one another, `across` in a row; a row stays on one page."""
        for start in range(0, len(plates), across):
            self._row(plates[start : start + across], across, tallest)

    def plot(self, score: float, marks: Sequence[Mark], kinds: Kinds) -> None:
        """The distributions, the score and the thresholds."""
        pdf, shares = self.pdf, shares_around(score, kinds)
        self.keep(_PLOT_HEIGHT + 26)
        top = pdf.get_y() + 16
        floor, left, width = top + _PLOT_HEIGHT - 12, _MARGIN, self.width

        def share_of_width(value: float) -> float:
            return (value - shares.low) / (shares.high - shares.low)

        def across(value: float) -> float:
            return left + share_of_width(value) * width

        pdf.set_font(_FONT, "", 7.5)
        for name, share in shares.kinds.items():
            pdf.set_draw_color(KEYS[name].colour)
            pdf.set_line_width(0.5)
            heights = floor - share / shares.most * (floor - top)
            pdf.polyline(list(zip(map(across, shares.middles), heights.tolist(), strict=True)))
        pdf.set_draw_color(*INK)
        pdf.set_line_width(0.2)
        pdf.line(left, floor, left + width, floor)
        for tick in round_ticks(shares.low, shares.high):
            told = f"{tick:g}"
            pdf.line(across(tick), floor, across(tick), floor + 1)
            pdf.text(across(tick) - pdf.get_string_width(told) / 2, floor + 4, told)
        pdf.text(left + width / 2 - 4, floor + 8.5, "score")
        all_marks = [Mark(f"this score {score:.2f}", score, strong=True), *marks]
        for number, level in levels(all_marks, share_of_width):
            mark = all_marks[number]
            at, high = across(mark.at), top - 14 + 4 * level
            pdf.set_line_width(0.6 if mark.strong else 0.25)
            pdf.line(at, high, at, floor)
            wide = pdf.get_string_width(mark.name)
            to_left = share_of_width(mark.at) > LABELLED_LEFT
            pdf.text(at - wide - 1 if to_left else at + 1, high + 2.6, mark.name)
        pdf.set_xy(left, floor + 11)
        for name in shares.kinds:
            pdf.set_text_color(KEYS[name].colour)
            pdf.cell(text=f"\u25a0 {KEYS[name].name}   ")
        pdf.set_text_color(*INK)
        pdf.set_font(_FONT, "", _SIZE)
        pdf.set_xy(left, floor + 17)

    def keep(self, room: float) -> None:
        """Begin a page where less than `room` millimetres are left."""
        if self.pdf.will_page_break(room):
            self.pdf.add_page()

    def lines_to_sign(self, names: Sequence[str]) -> None:
        self.keep(30)
        pdf, each = self.pdf, self.width / len(names)
        y = pdf.get_y() + 20
        pdf.set_draw_color(*INK)
        pdf.set_line_width(0.2)
        for at, name in enumerate(names):
            x = _MARGIN + at * each
            pdf.line(x, y, x + each - 6, y)
            pdf.text(x, y + 4, name)
        pdf.set_y(y + 8)

    def to_bytes(self) -> bytes:
        return bytes(self.pdf.output())

    def _row(self, plates: Sequence[Plate], across: int, tallest: float) -> None:
        from PIL import Image

        pdf, width = self.pdf, (self.width - _GAP * (across - 1)) / across
        pdf.set_font(_FONT, "", 7.5)
        sizes = [_fitted(plate, width, tallest) for plate in plates]
        captions = [self._lines(width, plate.caption) for plate in plates]
        tall = max(size[1] for size in sizes)
        self.keep(tall + 3.6 * max(map(len, captions)) + 5)
        top = pdf.get_y() + 1
        for at, (plate, (w, h), caption) in enumerate(zip(plates, sizes, captions, strict=True)):
            x = _MARGIN + at * (width + _GAP)
            if plate.pixels is None:
                pdf.text(x + 2, top + 5, "image not at hand")
            else:
                pdf.image(Image.fromarray(plate.pixels), x, top, w, h)
                pdf.set_draw_color(*_FAINT)
                pdf.set_line_width(0.1)
                pdf.rect(x, top, w, h)
            pdf.set_text_color(*QUIET)
            for n, line in enumerate(caption):
                pdf.text(x, top + tall + 3.6 * (n + 1), line)
            pdf.set_text_color(*INK)
        pdf.set_font(_FONT, "", _SIZE)
        pdf.set_y(top + tall + 3.6 * max(map(len, captions)) + 3)

    def _cell(self, width: float, text: str, height: float) -> None:
        self.pdf.multi_cell(
            width, height, self.told(text), align="L", new_x="LMARGIN", new_y="NEXT",
            wrapmode=_wrap_mode(text),
        )  # fmt: skip

    def _lines(self, width: float, text: str) -> list[str]:
        found: Any = self.pdf.multi_cell(
            width, _LINE, self.told(text), align="L", dry_run=True, output="LINES",
            wrapmode=_wrap_mode(text),
        )  # fmt: skip
        return list(found) or [""]

    @contextmanager
    def _inset(self, by: float) -> Iterator[None]:
        self.pdf.set_left_margin(_MARGIN + by)
        self.pdf.set_right_margin(_MARGIN + by)
        yield
        self.pdf.set_left_margin(_MARGIN)
        self.pdf.set_right_margin(_MARGIN)


def _fitted(plate: Plate, width: float, tallest: float) -> tuple[float, float]:
    """Width and height of a picture in millimetres."""
    if plate.pixels is None:
        return width, 10.0
    height, pixels = plate.pixels.shape[:2]
    scale = min(width / pixels, tallest / height)
    return pixels * scale, height * scale


def _wrap_mode(text: str) -> Any:
    """A long path or hash is broken anywhere."""
    from fpdf.enums import WrapMode

    longest = max(map(len, text.split()), default=0)
    return WrapMode.CHAR if longest > 40 else WrapMode.WORD


def _with_footer(base: Any) -> Any:
    class Numbered(base):  # type: ignore[misc]
        foot = ""  # on each page, so that none can be taken for another document's

        def footer(self) -> None:
            self.set_y(-12)
            self.set_font(_FONT, "", 7)
            self.set_text_color(*QUIET)
            self.cell(0, 5, self.foot)
            self.set_x(_MARGIN)
            self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="R")
            self.set_text_color(*INK)

    return Numbered
