"""Real letters with labelled boxes: a folder `pages/` beside `boxes.csv` (page, kind, x, y, width,
height, author), as Tobacco-800 is kept. Corrections are a table of their own (change: `added` or
`removed`, page, kind, x, y, width, height)."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sigsearch.datasets import Protocol
from sigsearch.names import one_form
from sigsearch.training.detector.packed_pages import KINDS, Boxes

_NAMES = {"signature": "signature", "logo": "stamp", "stamp": "stamp", "initials": "initials"}


@dataclass(frozen=True, slots=True)
class Letter:
    path: Path
    boxes: Boxes
    authors: frozenset[str]

    def read(self) -> NDArray[np.uint8]:
        """(h, w), 255 = paper."""
        from PIL import Image

        with Image.open(self.path) as picture:
            return np.asarray(picture.convert("L"))


def read_letters(
    folder: Path, protocol: Protocol, role: str, corrections: Path | None = None
) -> list[Letter]:
    """The letters of a role: of the test if any author is a test writer, else of validation if any
    is one of its, else of training. With `corrections` their boxes are those that are there, not
    those that were labelled."""
    changes = _by_page(corrections) if corrections is not None else {}
    return [
        replace(letter, boxes=_corrected(letter.boxes, changes.get(letter.path.name, ())))
        for letter in _all(folder)
        if _role(letter, protocol, folder.name) == role
    ]


def _corrected(boxes: Boxes, changes: Iterable[dict[str, str]]) -> Boxes:
    for row in changes:
        box = np.array([_box(row)], np.float32)
        if row["change"] == "added":
            boxes = np.concatenate([boxes, box])
        else:
            boxes = boxes[np.abs(boxes - box).max(axis=1) > 1]  # pixel
    return boxes


def _role(letter: Letter, protocol: Protocol, dataset: str) -> str:
    roles = protocol.roles[dataset]
    for role in ("test", "validation"):
        if letter.authors & roles[role]:
            return role
    return "train"


def _all(folder: Path) -> Iterator[Letter]:
    rows = _by_page(folder / "boxes.csv")
    for path in sorted((folder / "pages").iterdir()):
        own = rows.get(path.name, [])
        boxes = [_box(row) for row in own if row["kind"] in _NAMES]
        authors = frozenset(one_form(row["author"]) for row in own if row["author"])
        yield Letter(path, np.array(boxes, np.float32).reshape(-1, 5), authors)


def _by_page(path: Path) -> dict[str, list[dict[str, str]]]:
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            rows[row["page"]].append(row)
    return rows


def _box(row: dict[str, str]) -> tuple[float, ...]:
    x, y, width, height = (float(row[name]) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height, float(KINDS.index(_NAMES[row["kind"]]))
