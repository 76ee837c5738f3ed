"""Whether drawn ink looks like real ink to the encoder: SigComp2009 has the same acts of signing
from a tablet and scanned from the paper on it.

    python scripts/pictures/pen_and_paper.py "$SIGSEARCH_DATA"

Tells, and draws, how close pairs of signatures are: of one act, of one writer, of a writer and an
imitation, of two writers; both scanned, both drawn, or one of each. Every writer counts, with a few
acts each. The picture shows figures only.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from rich.progress import track

from sigsearch.datasets.pen_data import PenData
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.judge import matcher_of
from sigsearch.errors import ImageError
from sigsearch.imaging import read_signature
from sigsearch.matching.similarity import pair_scores
from sigsearch.metrics.rates import eer

PICTURE = Path(__file__).parents[2] / "docs" / "research" / "encoder" / "pen-and-paper.png"
GENUINE, IMITATIONS = 5, 3  # acts of each writer
KINDS = ("one act", "one writer", "an imitation", "two writers")
SIDES = ("scanned", "drawn")
Scores = dict[tuple[str, str, str], list[float]]
"""By kind, and by what the questioned signature and the reference are."""


def acts(data: Path) -> Iterator[tuple[str, bool, Path, int]]:
    """Writer, whether genuine, the scan, and the row of the pen data, of a few acts of each."""
    with np.load(data / "pens" / "sigcomp2009-pen.npz", allow_pickle=False) as archive:
        row_of = {str(name): row for row, name in enumerate(archive["name"])}
    taken: dict[tuple[str, bool], int] = defaultdict(int)
    with (data / "sigcomp2009" / "manifest.csv").open(encoding="utf-8") as listed:
        for one in csv.DictReader(listed):
            scan, genuine = data / "sigcomp2009" / one["path"], one["kind"] == "genuine"
            row = row_of.get(f"{one['writer']}__{scan.stem}")
            most = GENUINE if genuine else IMITATIONS
            if row is not None and taken[one["writer"], genuine] < most:
                taken[one["writer"], genuine] += 1
                yield one["writer"], genuine, scan, row


def compared(data: Path, encoder: Encoder) -> Scores:
    pen, matcher = PenData(data / "pens" / "sigcomp2009-pen.npz"), matcher_of(encoder)
    known: list[tuple[str, bool]] = []
    signatures: dict[str, list] = {side: [] for side in SIDES}
    for writer, genuine, scan, row in track(list(acts(data)), "reading"):
        try:
            both = read_signature(scan), read_signature(pen.draw(row))
        except ImageError:
            continue
        known.append((writer, genuine))
        for side, signature in zip(SIDES, both, strict=True):
            signatures[side].append(signature)
    read = {side: encoder.embed(signatures[side]) for side in SIDES}
    return paired(known, read, matcher)


def paired(known: Sequence[tuple[str, bool]], read: dict[str, Embeddings], matcher) -> Scores:
    scores: Scores = defaultdict(list)
    rng = np.random.default_rng(0)
    genuine = np.array([own for _, own in known])
    writers = np.array([writer for writer, _ in known])
    for at in track(np.flatnonzero(genuine).tolist(), "comparing"):
        own = np.flatnonzero((writers == writers[at]) & genuine)
        forged = np.flatnonzero((writers == writers[at]) & ~genuine)
        others = rng.choice(np.flatnonzero((writers != writers[at]) & genuine), 5, replace=False)
        groups = zip(KINDS, ([at], own[own != at], forged, others), strict=True)
        for kind, rows in groups:
            for left in SIDES if len(rows) else ():
                for right in SIDES:
                    if kind == "one act" and left == right:
                        continue
                    some = read[left][np.asarray(rows)]
                    scores[kind, left, right] += pair_scores(some, read[right][at], matcher)[
                        :, 0
                    ].tolist()
    return scores


def draw(scores: Scores) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(len(KINDS), 1, figsize=(7, 7), sharex=True, layout="constrained")
    for axis, kind in zip(axes, KINDS, strict=True):
        for (which, left, right), found in scores.items():
            if which == kind:
                label = f"{left}, against {right}"
                axis.hist(found, bins=np.linspace(-10, 5, 61), density=True, histtype="step",
                          label=label)  # fmt: skip
        axis.set(ylabel=kind, yticks=[])
    handles, labels = axes[1].get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=8, ncols=4, loc="outside upper center")
    axes[-1].set(xlabel="pair score")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE, dpi=90)


def tell(scores: Scores) -> None:
    for key, found in sorted(scores.items()):
        quarter = np.quantile(found, [0.25, 0.5, 0.75]).round(2).tolist()
        print(f"{', '.join(key)}: {len(found)} pairs, quartiles {quarter}")
    for left in SIDES:
        for right in SIDES:
            mates = np.array(scores["one writer", left, right])
            for kind in ("an imitation", "two writers"):
                rate = eer(mates, np.array(scores[kind, left, right]))
                print(f"{left} against {right}, {kind}: EER {rate:.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    scores = compared(parser.parse_args().data, Encoder.load())
    tell(scores)
    draw(scores)


if __name__ == "__main__":
    main()
