"""Draw the picture of an answer that the README shows: a query, and an imitation verified.

    python scripts/pictures/answer.py

Everything on it is invented and answered by the encoder that ships, whose id the picture keeps.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from sigsearch import Identification, SignatureIndex, Verification
from sigsearch.matching.strength import ratio
from sigsearch.synthesis.export import write_dataset
from sigsearch.synthesis.order import Order

SEED, WRITERS, ENROLLED, SPECIMENS, FORGERIES = 7, 12, 6, 8, 3
WHO, SHOWN = "writer_0004", 3
SIZE, CELL = (1080, 540), (300, 130)
INK, SOFT, LINE, PAPER = (32, 36, 44), (112, 120, 132), (214, 219, 226), (255, 255, 255)
GREEN, AMBER, RED = (24, 122, 72), (160, 110, 10), (176, 48, 44)
COLOURS = {
    "accepted": GREEN, "match": GREEN, "review": AMBER, "inconclusive": AMBER,
    "rejected": RED, "non_match": RED,
}  # fmt: skip


class Sheet:
    """A white sheet that takes signatures and lines of text."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.image = Image.new("RGB", size, PAPER)
        self.draw = ImageDraw.Draw(self.image)

    def signature(self, path: Path, left: int, top: int) -> None:
        picture = Image.open(path).convert("L")
        picture.thumbnail((CELL[0] - 24, CELL[1] - 20), Image.Resampling.LANCZOS)
        self.draw.rounded_rectangle((left, top, left + CELL[0], top + CELL[1]), 8, outline=LINE)
        at = left + (CELL[0] - picture.width) // 2, top + (CELL[1] - picture.height) // 2
        self.image.paste(picture, at)

    def text(
        self, words: str, left: int, top: int, size: int = 20, fill: tuple[int, ...] = INK
    ) -> None:
        self.draw.text((left, top), words, font=ImageFont.load_default(size), fill=fill)


def ask(folder: Path) -> tuple[Identification, Verification]:
    """The answers for a fresh specimen, and for an imitation, of one of the enrolled writers."""
    write_dataset(folder / "asked", order(SPECIMENS, FORGERIES))
    write_dataset(folder / "refs", order(ENROLLED, 0))
    index, _ = SignatureIndex.build(folder / "refs", folder / "index")
    with index:
        asked = folder / "asked" / WHO
        return (
            index.identify(asked / f"{SPECIMENS:02}.png", k=SHOWN),
            index.verify(asked / "forgery_02.png", WHO),
        )


def order(genuine: int, forgeries: int) -> Order:
    return Order(WRITERS, genuine, forgeries, SEED, "clean", "folders", None, 300)


def draw(folder: Path, found: Identification, imitation: Verification) -> Image.Image:
    sheet = Sheet(SIZE)
    asked = folder / "asked" / WHO
    sheet.text("Who signed this?", 24, 20, 24)
    sheet.signature(asked / f"{SPECIMENS:02}.png", 24, 62)
    answer = found.verdict.answer
    sheet.text(": ".join(filter(None, (answer, found.writer))), 24, 206, 22, COLOURS[answer])
    for at, candidate in enumerate(found.candidates):
        top = 62 + at * (CELL[1] + 12)
        sheet.signature(folder / "refs" / candidate.writer / "01.png", 400, top)
        sheet.text(f"{candidate.rank}  {candidate.writer}", 724, top + 14, 22)
        facts = f"likelihood ratio {ratio(candidate.llr)} against a stranger"
        sheet.text(facts, 724, top + 50, 18, SOFT)
        if candidate.verification:
            fill = COLOURS[candidate.verification]
            sheet.text(candidate.verification, 724, top + 82, 20, fill)
    sheet.text("closest writers, a reference of each", 400, 24, 18, SOFT)
    sheet.text(f"Is this by {WHO}?", 24, 284, 24)
    sheet.signature(asked / "forgery_02.png", 24, 326)
    answer, llr = imitation.verdict.answer, imitation.evidence.llr
    sheet.text(answer, 24, 470, 22, COLOURS[answer])
    sheet.text(f"likelihood ratio {ratio(llr)} against an imitation", 24, 504, 18, SOFT)
    return sheet.image


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--out", type=Path, default=Path("docs/pictures/answer.png"))
    given = parser.parse_args()
    kept = PngInfo()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found, imitation = ask(folder)
        picture = draw(folder, found, imitation)
    kept.add_text("encoder", found.model)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    picture.save(given.out, optimize=True, pnginfo=kept)


if __name__ == "__main__":
    main()
