"""Normalise and pack the real training and validation writers of a protocol, once.

    python scripts/encoder/pack_real.py DATA/cedar DATA/bhsig260 DATA/svc2004 DATA/crossmedia \\
        DATA/pens/*.npz DATA/sigcomp2009 DATA/rows182 DATA/utsig115 DATA/chisig DATA/finger
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sigsearch.datasets import Protocol, Sample
from sigsearch.training.packed import pack_datasets

Pack = Callable[[Sample], NDArray[np.uint8] | None]


def main(about: str | None = __doc__, out: str = "runs/packed", pack: Pack | None = None) -> None:
    """`about`, `out` and `pack` are those of a script that packs something else than bits."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("-o", "--out", type=Path, default=Path(out))
    parser.add_argument("--protocol", default="unseen-writers-2")
    given = parser.parse_args()
    protocol = Protocol.load(given.protocol)
    for role in ("train", "validation"):
        packed = pack_datasets(given.data, protocol, role, report=print, pack=pack)
        packed.save(given.out / f"{role}.npz")
        print(f"{role}: {len(packed)} images -> {given.out / role}.npz")


if __name__ == "__main__":
    main()
