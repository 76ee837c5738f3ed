"""Pages as the detector sees them, somewhat finer, so that training can turn and scale them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sigsearch.documents.page_view import AREA, darkness, scale_to, shrunk

KINDS = ("signature", "initials", "stamp")
FINER = 1.3  # times the area of a view: in training
_PACKED = 440_000  # pixels of a page on disk
_LONGEST = 1600
Boxes = NDArray[np.float32]
"""(n, 5): left, top, right, bottom, and the place of the kind in KINDS."""


@dataclass(frozen=True, slots=True)
class PackedPage:
    """`dark` uint8 (h, w), and `boxes` in its pixels."""

    dark: NDArray[np.uint8]
    boxes: Boxes


def pack_page(page: NDArray[np.uint8], boxes: Boxes) -> PackedPage:
    scale = scale_to((page.shape[0], page.shape[1]), _PACKED, _LONGEST)
    moved = boxes.copy()
    moved[:, :4] *= scale
    return PackedPage(darkness(shrunk(page, scale)), moved)


def resized(page: PackedPage, area: float = FINER * AREA) -> PackedPage:
    """The page with about that many pixels, or as it is if it has no more."""
    scale = (area / page.dark.size) ** 0.5
    if scale > 0.95:
        return page
    boxes = page.boxes.copy()
    boxes[:, :4] *= scale
    return PackedPage(shrunk(page.dark, scale), boxes)


def save_pages(path: Path, pages: Sequence[PackedPage]) -> None:
    """One file; written aside first, so that a reader never meets half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    with aside.open("wb") as file:
        np.savez(
            file,
            pixels=np.concatenate([page.dark.ravel() for page in pages]),
            shapes=np.array([page.dark.shape for page in pages], np.int32),
            boxes=np.concatenate([page.boxes for page in pages]).astype(np.float32),
            counts=np.array([len(page.boxes) for page in pages], np.int32),
        )
    aside.rename(path)


def load_pages(paths: Iterable[Path]) -> list[PackedPage]:
    pages: list[PackedPage] = []
    for path in paths:
        with np.load(path, allow_pickle=False) as file:
            pixels, shapes, boxes = file["pixels"], file["shapes"], file["boxes"]
            starts = np.insert(np.cumsum(shapes.prod(1, dtype=np.int64)), 0, 0)
            of_page = np.split(boxes, np.cumsum(file["counts"])[:-1])
        pages += [
            PackedPage(pixels[a:b].reshape(shape), own)
            for a, b, shape, own in zip(starts, starts[1:], shapes, of_page, strict=False)
        ]
    return pages
