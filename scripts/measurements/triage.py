"""What the cheap look before the segmentation spares, and what it changes: each image is read with
it and without.

    python scripts/measurements/triage.py DATA/cedar DATA/bhsig260 DATA/svc2004 --each 300
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np

from sigsearch.errors import ImageError
from sigsearch.imaging import read_signature, segmentation
from sigsearch.imaging.triage import may_hold_print

IMAGES = (".png", ".tif", ".webp", ".jpg")
_WORTH = 0.01  # of the ink: told by name


class Watched:
    """The look, counted, or one that spares nothing."""

    def __init__(self) -> None:
        self.spared, self.asking = 0, True

    def __call__(self, view: np.ndarray) -> bool:
        needed = not self.asking or may_hold_print(view)
        self.spared += not needed
        return needed


def changed(path: Path, look: Watched) -> float:
    """The share of the ink that differs; all of it where one is refused."""
    inks = []
    for look.asking in (True, False):
        try:
            inks.append(read_signature(path).on_page())
        except ImageError:
            inks.append(None)
    there, whole = inks
    if there is None or whole is None:
        return float(there is not whole)
    return float(np.count_nonzero(there != whole) / np.count_nonzero(whole))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--each", type=int, default=300, help="images of a folder")
    given = parser.parse_args()
    for folder in given.folders:
        paths = sorted(path for path in folder.rglob("*") if path.suffix in IMAGES)
        random.Random(1).shuffle(paths)
        look = Watched()
        segmentation.may_hold_print = look
        shares = {path: changed(path, look) for path in paths[: given.each]}
        differ = np.array(list(shares.values()))
        print(
            f"{folder.name}: {look.spared / len(shares):.0%} spared; of {len(shares)} images "
            f"{np.count_nonzero(differ)} differ, by {differ.mean():.4%} of all ink",
            flush=True,
        )
        for path, share in shares.items():
            if share > _WORTH:
                print(f"  {path.relative_to(folder)}: {share:.1%}")


if __name__ == "__main__":
    main()
