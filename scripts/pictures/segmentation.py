"""Draw invented pages, the ink that is found on them, and what of it is taken for the signature's.

python scripts/pictures/segmentation.py -o docs/research/segmentation/pages.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sigsearch.imaging.ink import Ink, find_ink
from sigsearch.imaging.load import load_page
from sigsearch.imaging.segmentation import find_signature
from sigsearch.synthesis import Writer, capture, writer_seed

SEED = 99
WRITERS = (1, 2, 4, 6, 7, 10, 12, 13)
CELL = (430, 150)
GONE = (226, 96, 72)
GAP = 8


def cells(number: int) -> list[Image.Image]:
    shot = capture(Writer.from_seed(writer_seed(SEED, number)).specimen(0), "cheque", seed=7)
    page = load_page(shot.image)
    found = find_ink(page)
    own = find_signature(page, found)
    return [Image.fromarray(shot.image).convert("RGB"), two_coloured(found, own)]


def two_coloured(found: Ink, own: Ink) -> Image.Image:
    picture: NDArray[np.uint8] = np.full((*found.shape, 3), 255, np.uint8)
    picture[found] = GONE
    picture[own] = 0
    return Image.fromarray(picture)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "-o", "--out", type=Path, default=Path("docs/research/segmentation/pages.png")
    )
    given = parser.parse_args()
    columns = 4
    rows = -(-2 * len(WRITERS) // columns)
    size = (columns * (CELL[0] + GAP) + GAP, rows * (CELL[1] + GAP) + GAP)
    sheet = Image.new("RGB", size, (228, 232, 238))
    pictures = [cell for number in WRITERS for cell in cells(number)]
    for at, picture in enumerate(pictures):
        picture.thumbnail(CELL, Image.Resampling.LANCZOS)
        left = GAP + (at % columns) * (CELL[0] + GAP) + (CELL[0] - picture.width) // 2
        top = GAP + (at // columns) * (CELL[1] + GAP) + (CELL[1] - picture.height) // 2
        sheet.paste(picture, (left, top))
    given.out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(given.out, optimize=True)


if __name__ == "__main__":
    main()
