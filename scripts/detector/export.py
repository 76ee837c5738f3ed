"""Write a trained detector and its card.

    python scripts/detector/export.py runs/detector/run.pt --out sigsearch/documents/weights

The threshold is taken from validation pages: letters and composed ones, signed and not.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sigsearch.documents.page_view import AREA
from sigsearch.models.folder import CARD_NAME, hashes_of, read_card, write_card
from sigsearch.training.detector.export import write_detector
from sigsearch.training.detector.found_figures import threshold_of
from sigsearch.training.detector.network import parameters_of
from sigsearch.training.detector.packed_pages import KINDS, PackedPage, load_pages
from sigsearch.training.detector.trainer import DetectorTraining, look

_NAME = "detector.onnx"
_KEPT = ("figures", "limits")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, nargs="?", default=Path("runs/detector/run.pt"))
    parser.add_argument("--pages", type=Path, default=Path("runs/detector/pages"))
    parser.add_argument("--out", type=Path, default=Path("runs/detector/weights"))
    given = parser.parse_args()
    torch.set_num_threads(1)
    run = DetectorTraining()
    run.load(given.run)
    given.out.mkdir(parents=True, exist_ok=True)
    write_detector(run.mean, given.out / _NAME)
    names = ("letters", "composed")
    pages = [page for n in names for page in load_pages([given.pages / f"validation-{n}.npz"])]
    found = look(run.mean, pages)
    unsigned = [one for one, page in zip(found, pages, strict=True) if not _signed(page)]
    threshold = math.ceil(1000 * threshold_of(found, unsigned)) / 1000
    write_card(given.out / CARD_NAME, {**_facts(run, threshold), **_old(given.out),
                                       "files": hashes_of(given.out, [_NAME])})  # fmt: skip
    size = (given.out / _NAME).stat().st_size / 1e6
    print(f"{given.out / _NAME}: {size:.2f} MB, threshold {threshold}")


def _signed(page: PackedPage) -> bool:
    return bool(
        np.isin(page.boxes[:, 4], (KINDS.index("signature"), KINDS.index("initials"))).any()
    )


def _facts(run: DetectorTraining, threshold: float) -> dict[str, Any]:
    return {
        "name": "detector of signatures on pages",
        "task": "boxes around the signatures, initials, stamps and logos of a page",
        "kinds": list(KINDS),
        "input": f"the darkness of an upright page, about {AREA} pixels of it",
        "parameters": parameters_of(run.network),
        "steps": run.step,
        "threshold": threshold,
        "trained_on": "composed documents, signed by invented writers and with the ink of training "
        "writers of research data sets, and business letters of Tobacco-800 (Lewis et al. 2006, "
        "Zhu and Doermann 2007) without those of validation and test authors",
        "licence": "Apache-2.0",
    }


def _old(folder: Path) -> dict[str, Any]:
    """What was measured, and the limits that were written down, stay until measured again."""
    path = folder / CARD_NAME
    old = read_card(path) if path.exists() else {}
    return {name: old[name] for name in _KEPT if name in old}


if __name__ == "__main__":
    main()
