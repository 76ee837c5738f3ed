"""Redraw a dataset so that nothing but the handwriting is left to tell writers by.

    python scripts/measurements/redraw.py DATA/cedar runs/redrawn/cedar --role test
    sigsearch evaluate runs/redrawn/cedar

Every image becomes its ink alone, bilevel, thinned to a line and drawn again with one and the same
stroke width. File names stay, so that the layout is still recognised. Unreadable images are named
and left out.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from rich.progress import track

from sigsearch.arrays import Mask
from sigsearch.datasets import Protocol, Sample, read_datasets
from sigsearch.errors import ImageError
from sigsearch.imaging import read_signature

STROKE, MARGIN = 5, 8  # pixels


def thinned(ink: Mask) -> Mask:
    """Lines one pixel wide (Zhang and Suen 1984)."""
    line = np.pad(ink, 1)
    while True:
        before = int(line.sum())
        for first in (True, False):
            north, south, west, east = (
                line[:-2, 1:-1],
                line[2:, 1:-1],
                line[1:-1, :-2],
                line[1:-1, 2:],
            )
            ring = np.stack(
                [
                    north,
                    line[:-2, 2:],
                    east,
                    line[2:, 2:],
                    south,
                    line[2:, :-2],
                    west,
                    line[:-2, :-2],
                ]
            )
            count = ring.sum(axis=0)
            rises = (~ring & np.roll(ring, -1, axis=0)).sum(axis=0)
            corner = (
                ~(north & east & south) & ~(east & south & west)
                if first
                else ~(north & east & west) & ~(north & south & west)
            )
            line[1:-1, 1:-1] &= ~((count >= 2) & (count <= 6) & (rises == 1) & corner)
        if int(line.sum()) == before:
            return line[1:-1, 1:-1]


def redrawn(ink: Mask, stroke: int = STROKE) -> Image.Image:
    """Black on white, the strokes `stroke` (odd) pixels wide."""
    line = Image.fromarray(np.pad(thinned(ink), MARGIN).view(np.uint8) * np.uint8(255))
    drawn = line.filter(ImageFilter.MaxFilter(stroke))
    return Image.fromarray(255 - np.asarray(drawn)).convert("1")


def redraw(sample: Sample, root: Path, out: Path) -> str | None:
    """The reason why a sample could not be redrawn, if so."""
    target = (out / sample.path.relative_to(root)).with_suffix(".png")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        redrawn(read_signature(sample.source).ink).save(target)
    except ImageError as fault:
        return str(fault)
    return None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--role", choices=("train", "validation", "test"), help="these writers only"
    )
    parser.add_argument("--protocol", default="unseen-writers-1")
    given = parser.parse_args()
    datasets = read_datasets(given.data)
    if given.role:
        protocol = Protocol.load(given.protocol)
        datasets = tuple(protocol.select(dataset, given.role) for dataset in datasets)
    samples = [s for dataset in datasets for s in dataset.samples]
    one = partial(redraw, root=given.data, out=given.out)
    with ProcessPoolExecutor(given.workers) as pool:
        results = pool.map(one, samples, chunksize=16)
        for fault in track(results, "redrawing", total=len(samples)):
            if fault:
                print(fault)


if __name__ == "__main__":
    main()
