"""Claims in bulk: a CSV file that says of each image whose signature it is said to be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sigsearch.datasets.csv_rows import find_image, rows

_COLUMNS = ("image", "writer")


@dataclass(frozen=True, slots=True)
class Claim:
    """`line` of the file; `fault`: what is wrong with the row or its file, else empty."""

    image: Path
    writer: str
    line: int
    fault: str = ""


def read_claims(path: Path) -> list[Claim]:
    """The rows of a CSV file with the columns `image,writer`; images are looked for from its own
    folder, and may end in `#page=N`. Raises DatasetError for what is no such file."""
    return [
        _claim(path.parent, fields, line, fault)
        for line, fields, fault in rows(path, _COLUMNS, _COLUMNS)
    ]


def _claim(folder: Path, fields: dict[str, str], line: int, fault: str) -> Claim:
    given, writer = fields.get("image", ""), fields.get("writer", "")
    if not given or not writer:
        return Claim(folder / given, writer, line, fault or "a row without an image or a writer")
    image, wrong = find_image(folder, given)
    return Claim(image, writer, line, fault or wrong)
