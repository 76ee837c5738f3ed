"""Pen data from a tablet: an archive of `xy`, `stroke`, `start`, `name`, `writer`, `genuine`.

`xy` is int16 (points, 2), y downwards; `start` (specimens + 1,) tells where each specimen begins
among the points; `name`, `writer` and `genuine` have one entry a specimen. Each is drawn with a pen
chosen by its number.
"""

from __future__ import annotations

from pathlib import Path

from sigsearch.datasets.layouts.shape import FileLayout
from sigsearch.datasets.samples import Kind, LeftOut, Sample
from sigsearch.errors import DatasetError

_NEEDED = ("xy", "stroke", "start", "name", "writer", "genuine")
_FEWEST = 8  # points: less is a slip of the pen


def holds_pen_data(path: Path) -> bool:
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as archive:
            return "xy" in archive
    except (OSError, ValueError, EOFError, AttributeError):
        return False


def read(path: Path) -> tuple[list[Sample], list[LeftOut]]:
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [key for key in _NEEDED if key not in archive]
            if missing:
                raise DatasetError(f"{path}: pen data without the array {', '.join(missing)}")
            points, strokes = archive["xy"].shape, len(archive["stroke"])
            start, names, writers, genuine = (archive[key] for key in _NEEDED[2:])
    except (OSError, ValueError, EOFError) as error:
        raise DatasetError(f"{path}: not a readable npz archive ({error})") from error
    whole = len(names) == len(writers) == len(genuine) == len(start) - 1
    steps = np.diff(start.astype(np.int64))
    ordered = len(start) > 0 and start[0] >= 0 and bool((steps >= 0).all())
    if not whole or not ordered or start[-1] > strokes or points != (strokes, 2):
        raise DatasetError(
            f"{path}: xy is {points} with {strokes} stroke numbers, {len(names)} specimens begin "
            f"at {len(start)} places; xy must be (points, 2), start ascending with one entry more"
        )
    samples: list[Sample] = []
    left_out: list[LeftOut] = []
    for row, (name, writer, own) in enumerate(zip(names, writers, genuine, strict=True)):
        if start[row + 1] - start[row] < _FEWEST:
            left_out.append(LeftOut(path, "hardly any points"))
            continue
        kind: Kind = "genuine" if own else "forgery"
        samples.append(Sample(path, str(writer), kind, number=row, id=str(name), entry=row))
    return samples, left_out


LAYOUT = FileLayout("pen-data", __doc__, (".npz",), read, holds_pen_data)
