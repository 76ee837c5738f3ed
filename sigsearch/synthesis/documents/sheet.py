"""A sheet under the printer and the pen. Places and sizes are in millimetres from its upper left
corner; tones are grey, 0 = black."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sigsearch.synthesis.documents import words
from sigsearch.synthesis.documents.faces import OWN, font, pick_face
from sigsearch.synthesis.documents.hands import Signer, invented_signature
from sigsearch.synthesis.documents.plotted import PLOTTED, plotted_line
from sigsearch.synthesis.raster import GreyImage

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MarkKind = Literal["signature", "initials", "stamp"]
_EDGE = 0.8  # millimetres of paper around the ink, in its box
_LEAST = 0.5  # of the ink that must be on the sheet, to have a box at all
MM = 25.4
_SCRIPTS = ("latin", "cyrillic", "greek", "arabic", *PLOTTED)


@dataclass(frozen=True, slots=True)
class Mark:
    """A box in pixels around what a hand or a stamp left: the upper left corner and the size."""

    kind: MarkKind
    x: float
    y: float
    width: float
    height: float

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("kind", "x", "y", "width", "height")}


@dataclass(slots=True)
class Sheet:
    """What is being composed; `tone` is that of the print, `pen` of the ink."""

    picture: Picture
    dpi: int
    rng: np.random.Generator
    faces: Sequence[str] = (OWN,)
    signer: Signer = invented_signature
    face: str = OWN
    tone: int = 20
    pen: int = 40
    script: str = "latin"
    marks: list[Mark] = field(default_factory=list)

    @classmethod
    def blank(cls, width: float, height: float, dpi: int, rng: np.random.Generator,
              faces: Sequence[str], signer: Signer) -> Sheet:  # fmt: skip
        """White paper of so many millimetres, with a typeface, a script and inks chosen for it."""
        from PIL import Image

        size = (round(width * dpi / MM), round(height * dpi / MM))
        script = str(rng.choice(_SCRIPTS, p=(0.72, 0.08, 0.03, 0.07, 0.05, 0.05)))
        face = pick_face(faces, "latin" if script in PLOTTED else script, rng)
        if face is None:
            script, face = "latin", faces[int(rng.integers(len(faces)))]
        sheet = cls(Image.new("L", size, 255), dpi, rng, faces, signer, face, script=script)
        sheet.tone = int(rng.uniform(0, 70))
        sheet.pen = int(rng.choice([rng.uniform(5, 60), rng.uniform(50, 125)]))
        return sheet

    @property
    def width(self) -> float:
        return self.picture.width * MM / self.dpi

    @property
    def height(self) -> float:
        return self.picture.height * MM / self.dpi

    @property
    def draw(self) -> Any:
        from PIL import ImageDraw

        return ImageDraw.Draw(self.picture)

    def px(self, length: float) -> int:
        return round(length * self.dpi / MM)

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def between(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def pick(self, of: Sequence[str]) -> str:
        return of[int(self.rng.integers(len(of)))]

    def pick_number(self, of: Sequence[float]) -> float:
        return of[int(self.rng.integers(len(of)))]

    def text(self, x: float, y: float, text: str, size: float = 3.4, *, anchor: str = "ls",
             face: str | None = None, tone: int | None = None) -> float:  # fmt: skip
        """Printed text with its baseline at `y`; returns how wide it came out."""
        type_ = font(self.face if face is None else face, self.px(size))
        at = (self.px(x), self.px(y))
        self.draw.text(at, text, self.tone if tone is None else tone, type_, anchor=anchor)
        return float(type_.getlength(text)) * MM / self.dpi

    def paragraph(self, x: float, y: float, width: float, lines: int, size: float = 3.4,
                  lead: float = 1.45) -> float:  # fmt: skip
        """Text set in a column; returns the baseline below its last line."""
        type_ = font(self.face, self.px(size))
        room = self.px(width)
        if self.script in PLOTTED:
            for line in range(lines):
                share = self.between(0.3, 1) if line == lines - 1 else 1.0
                made = plotted_line(self.script, int(room * share), self.px(size), self.rng)
                self.write(made, x, y - size, tone=self.tone)
                y += size * lead
            return y
        for line in range(lines):
            text = words.sentence(self.rng, self.script, 2 + int(width / size / 2.2))
            while len(text) > 4 and type_.getlength(text) > room:
                text = text[: max(int(len(text) * room / type_.getlength(text)) - 1, 4)]
            if line == lines - 1:
                text = text[: int(len(text) * self.between(0.3, 1))]
            end = self.script == "arabic"
            self.draw.text((self.px(x) + (room if end else 0), self.px(y)), text, self.tone, type_,
                           anchor="rs" if end else "ls")  # fmt: skip
            y += size * lead
        return y

    def rule(self, x: float, y: float, to_x: float, to_y: float, thick: float = 0.25,
             tone: int | None = None, dotted: bool = False) -> None:  # fmt: skip
        tone = self.tone if tone is None else tone
        ends = [self.px(v) for v in (x, y, to_x, to_y)]
        wide = max(1, self.px(thick))
        if not dotted:
            self.draw.line(ends, tone, wide)
            return
        gap = max(self.px(1.2), 3)
        for left in range(ends[0], ends[2], gap):
            self.draw.line((left, ends[1], left + max(gap // 2, 1), ends[3]), tone, wide)

    def frame(self, x: float, y: float, width: float, height: float, thick: float = 0.25,
              tone: int | None = None, fill: int | None = None) -> None:  # fmt: skip
        corners = [self.px(v) for v in (x, y, x + width, y + height)]
        if corners[2] > corners[0] and corners[3] > corners[1]:
            wide = max(1, self.px(thick))
            self.draw.rectangle(corners, fill, self.tone if tone is None else tone, wide)

    def write(self, ink: GreyImage, x: float, y: float, kind: MarkKind | None = None,
              tone: int | None = None) -> None:  # fmt: skip
        """Ink with its upper left corner there; what has a `kind` gets a box."""
        from PIL import Image

        tone = self.pen if tone is None else tone
        left, top = self.px(x), self.px(y)
        self.picture.paste(tone, (left, top), Image.fromarray(ink))
        if kind is not None:
            self.mark(kind, left, top, ink.shape[1], ink.shape[0])

    def free(self, x: float, y: float, width: float, height: float) -> bool:
        """Whether nobody signed there."""
        left, top, right, bottom = (self.px(v) for v in (x, y, x + width, y + height))
        return not any(
            m.x < right and left < m.x + m.width and m.y < bottom and top < m.y + m.height
            for m in self.marks
            if m.kind != "stamp"
        )

    def mark(self, kind: MarkKind, left: int, top: int, width: int, height: int) -> None:
        """Note what was left on these pixels, as far as they are on the sheet."""
        edge = self.px(_EDGE)
        low = max(left - edge, 0), max(top - edge, 0)
        high = (min(left + width + edge, self.picture.width),
                min(top + height + edge, self.picture.height))  # fmt: skip
        size = high[0] - low[0], high[1] - low[1]
        if min(size) > 2 and size[0] * size[1] > _LEAST * width * height:
            self.marks.append(Mark(kind, *low, *size))
