"""Compose pages and pack them, with real letters, for training the detector.

    python scripts/detector/pack.py --letters DATA/tobacco800-pages --hands DATA/cedar DATA/chisig
    python scripts/detector/pack.py --letters DATA/tobacco800-pages --first 3000 --pages 3000

Pages go in parts of 250, so that training can begin before all are made. The seeds of composed
pages begin at 1,000,000 in training; those of validation and of the measurements are others.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from sigsearch.datasets import Protocol
from sigsearch.synthesis.documents import compose, machine_faces
from sigsearch.training.detector.composed import boxes_of
from sigsearch.training.detector.letters import read_letters
from sigsearch.training.detector.packed_pages import pack_page, save_pages
from sigsearch.training.detector.real_hands import Ink, MixedSigner, real_inks

SEEDS = {"train": 1_000_000, "validation": 2_000_000}
_PART = 250


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--letters", type=Path)
    parser.add_argument("--hands", nargs="*", default=[], type=Path, help="sets of signatures")
    parser.add_argument("--each", type=int, default=400, help="signatures of a set")
    parser.add_argument("--protocol", default="unseen-writers-2")
    parser.add_argument("--pages", type=int, default=4000, help="composed, for training")
    parser.add_argument("--first", type=int, default=0, help="the number of the first of them")
    parser.add_argument("--kinds", nargs="*", help="of composed pages, by turns; else as met")
    parser.add_argument("--validation", type=int, default=250, help="composed, for validation")
    parser.add_argument("-o", "--out", type=Path, default=Path("runs/detector/pages"))
    given = parser.parse_args()
    protocol = Protocol.load(given.protocol)
    if given.letters and not given.first:
        for role in SEEDS:
            letters = read_letters(given.letters, protocol, role)
            packed = [pack_page(letter.read(), letter.boxes) for letter in letters]
            save_pages(given.out / f"{role}-letters.npz", packed)
            print(f"{role}: {len(packed)} letters", flush=True)
    faces = machine_faces()
    if not given.first:
        made = [compose(SEEDS["validation"] + n, faces=faces) for n in range(given.validation)]
        save_pages(
            given.out / "validation-composed.npz", [pack_page(d.page, boxes_of(d)) for d in made]
        )
    signer = MixedSigner(_inks(given, protocol))
    print(f"{len(signer.inks)} real signatures", flush=True)
    for start in range(given.first, given.first + given.pages, _PART):
        numbers = range(start, min(start + _PART, given.first + given.pages))
        made = [
            compose(SEEDS["train"] + n, _kind(given.kinds, n), faces=faces, signer=signer)
            for n in numbers
        ]
        path = given.out / f"train-composed-{start:06d}.npz"
        save_pages(path, [pack_page(d.page, boxes_of(d)) for d in made])
        print(f"{start + len(made)} composed pages", flush=True)


def _kind(kinds: list[str] | None, number: int) -> str | None:
    return kinds[number % len(kinds)] if kinds else None


def _inks(given: argparse.Namespace, protocol: Protocol) -> list[Ink]:
    """Read once, and kept beside the pages."""
    if not given.hands:
        return []
    kept = given.out / "inks.npz"
    if kept.exists():
        with np.load(kept, allow_pickle=False) as file:
            return list(file.values())
    inks = real_inks(given.hands, protocol, given.each, 5)
    np.savez_compressed(kept, *inks)
    return inks


if __name__ == "__main__":
    main()
