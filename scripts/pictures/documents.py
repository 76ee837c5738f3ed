"""Draw composed documents and what the detector finds on them: hits, misses and false boxes.

    python scripts/pictures/documents.py --out docs/synthesis/documents.jpg
    python scripts/pictures/documents.py --found --out docs/research/detector/found.jpg

Everything on them is invented. Documents are taken as they come, none is picked.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from sigsearch.documents.detection import shipped_detector
from sigsearch.documents.peaks import overlap
from sigsearch.synthesis.documents import Document, compose, machine_faces

FIRST = 5_000_000
KINDS = ("letter", "contract", "form", "cheque", "table", "ballot", "card", "receipt")
HIT, MISSED, FALSE, STAMP = (0, 140, 60), (220, 30, 30), (230, 140, 0), (60, 90, 220)
CELL = (330, 430)
Corners = tuple[float, float, float, float]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--found", action="store_true", help="with what the detector finds")
    parser.add_argument("--rows", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("docs/synthesis/documents.jpg"))
    given = parser.parse_args()
    faces, across = machine_faces(), 4
    sheet = Image.new("RGB", (across * CELL[0], given.rows * CELL[1]), "lightgrey")
    for number in range(across * given.rows):
        document = compose(FIRST + number, KINDS[number % len(KINDS)], faces=faces)
        drawn = with_boxes(document, found(document) if given.found else truth(document))
        drawn.thumbnail((CELL[0] - 14, CELL[1] - 14))
        sheet.paste(drawn, (number % across * CELL[0] + 7, number // across * CELL[1] + 7))
    given.out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(given.out, quality=88)


def truth(document: Document) -> Iterable[tuple[Corners, tuple[int, int, int]]]:
    for mark in document.marks:
        yield corners(mark), HIT if mark.kind != "stamp" else STAMP


def found(document: Document) -> Iterable[tuple[Corners, tuple[int, int, int]]]:
    boxes = [corners(b) for b in shipped_detector().find(document.page) if b.kind != "stamp"]
    there = [corners(mark) for mark in document.marks if mark.kind != "stamp"]
    for box in there:
        if not hits(box, boxes):
            yield box, MISSED
    for box in boxes:
        yield box, HIT if hits(box, there) else FALSE


def hits(box: Corners, others: list[Corners]) -> bool:
    if not others:
        return False
    shared, _ = overlap(np.array(box, np.float32), np.array(others, np.float32))
    return bool(shared.max() >= 0.5)


def corners(mark: object) -> Corners:
    x, y, width, height = (float(getattr(mark, n)) for n in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def with_boxes(
    document: Document, boxes: Iterable[tuple[Corners, tuple[int, int, int]]]
) -> Image.Image:
    page = Image.fromarray(document.page).convert("RGB")
    draw = ImageDraw.Draw(page)
    for box, colour in boxes:
        draw.rectangle(box, outline=colour, width=5)
    return page


if __name__ == "__main__":
    main()
