r"""Train the cheap look that spares clean scans the segmentation, and write it.

    python scripts/segmenter/pack_forms.py DATA/cedar DATA/bhsig260 DATA/svc2004 DATA/crossmedia
    python scripts/segmenter/train_triage.py runs/forms --scans DATA/stamped DATA/tobacco800 \
        --sets DATA/rows182 DATA/singles955 DATA/utsig115 DATA/chisig

Two minutes on two cores. What `--limit` costs is told of views that it has not learned from: how
many are spared, and how much ink stays that the segmentation takes.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sigsearch.datasets import Protocol, read_datasets
from sigsearch.errors import ImageError
from sigsearch.imaging.ink import find_ink, ink_box
from sigsearch.imaging.load import ImageSource, load_page
from sigsearch.imaging.segmentation import without_marks
from sigsearch.imaging.view import view_of
from sigsearch.models.folder import hashes_of, write_card
from sigsearch.training.segmenter.triage import Triage, taken_shares, train, whole_numbers

FACTS = {
    "task": "whether anything on a view may be print, so that the segmentation is asked",
    "trained_on": "the segmentation's answers on invented forms, some with the ink of training "
    "writers of CEDAR, BHSig260, SVC2004 and Cross-media, on stamped signatures and crops of "
    "Tobacco-800, and on scans of training writers of rows182, singles955, UTSig and ChiSig "
    "(research data)",
    "licence": "Apache-2.0",
}
IMAGES = (".png", ".tif", ".webp", ".jpg")
LIMITS = (-4.0, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0)
Views = NDArray[np.uint8]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("forms", type=Path, help="the folder that pack_forms.py wrote")
    parser.add_argument("--scans", nargs="*", type=Path, default=[], help="folders of images")
    parser.add_argument("--sets", nargs="*", type=Path, default=[], help="their training writers")
    parser.add_argument("--protocol", default="unseen-writers-2")
    parser.add_argument("--each", type=int, default=900, help="images of a folder")
    parser.add_argument("--steps", type=int, default=900)
    parser.add_argument("--limit", type=float, default=-2.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("sigsearch/imaging/triage.npz"))
    given = parser.parse_args()
    seen = [np.load(given.forms / "train.npz")["views"][:, :2]]
    unseen = {"forms": np.load(given.forms / "validation.npz")["views"][:, :2]}
    for path in given.sets:
        seen.append(views_of(training_sources(path, given.protocol), given.each))
    for folder in given.scans:
        paths = sorted(path for path in folder.rglob("*") if path.suffix in IMAGES)
        views = views_of(paths, given.each)
        cut = len(views) * 2 // 3
        seen.append(views[:cut])
        unseen[folder.name] = views[cut:]
    views = np.concatenate(seen)
    print(f"{len(views)} views", flush=True)
    taken = taken_shares(views)
    network = train(views, taken, given.steps, given.seed, lambda line: print(line, flush=True))
    np.savez(given.out, **whole_numbers(network, views[:: len(views) // 256 or 1], given.limit))
    card = {"files": hashes_of(given.out.parent, [given.out.name]), **FACTS}
    write_card(given.out.with_suffix(".json"), card)
    for name, held in unseen.items():
        report(name, network, held)


def training_sources(path: Path, protocol: str) -> list[ImageSource]:
    """The images of the training writers of the sets in `path`."""
    roles = Protocol.load(protocol)
    chosen = [roles.select(dataset, "train") for dataset in read_datasets(path)]
    return [sample.source for dataset in chosen for sample in dataset.samples]


def views_of(sources: Sequence[ImageSource], most: int) -> Views:
    """What the segmentation would see of `most` of these images, any of them."""
    chosen = list(sources)
    random.Random(1).shuffle(chosen)
    views = []
    for source in chosen[:most]:
        try:
            page = load_page(source)
            found = without_marks(find_ink(page))
        except ImageError:
            continue
        if found.any():
            views.append(view_of(page, found, ink_box(found)))
    return np.stack(views)


def report(name: str, network: Triage, views: Views) -> None:
    import torch

    taken = taken_shares(views)
    with torch.inference_mode():
        parts = np.array_split(views, max(len(views) // 64, 1))
        doubt = np.concatenate(
            [network(torch.from_numpy(part).float() / 255).numpy() for part in parts]
        )
    for limit in LIMITS:
        spared = doubt < limit
        print(
            f"{name:12s} limit {limit:4.1f}: {spared.mean():5.1%} spared; of all ink "
            f"{(spared * taken).mean():.2%} stays of {taken.mean():.2%}, more than 1 % in "
            f"{(spared & (taken > 0.01)).mean():.1%} of the images"
        )


if __name__ == "__main__":
    main()
