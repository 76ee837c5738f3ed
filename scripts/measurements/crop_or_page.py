"""How many crops of signatures are taken for a page, and how many pages for a crop.

    python scripts/measurements/crop_or_page.py --data DATA --pages PAGES

`DATA`: data sets that the protocol divides; crops of its test writers, drawn pen data left out.
`PAGES`: images of whole pages. Composed documents are counted besides.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from rich.progress import track

from sigsearch.datasets import Protocol
from sigsearch.documents.finding import leaf_of
from sigsearch.errors import ImageError
from sigsearch.imaging.load import Page, load_page
from sigsearch.synthesis.documents import KINDS, compose
from sigsearch.trials.roles import datasets_of

SETS = (
    *("cedar", "bhsig260", "crossmedia", "svc2004", "sigcomp2009", "rows182", "utsig115"),
    *("chisig", "singles955"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--sets", nargs="+", default=SETS, help="folders of DATA")
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--protocol", default="unseen-writers-2")
    parser.add_argument("--each", type=int, default=0, help="at most so many of each set; 0: all")
    parser.add_argument("--composed", type=int, default=10, help="of each kind")
    given = parser.parse_args()
    total: Counter[str] = Counter()
    protocol, sets = Protocol.load(given.protocol), given.sets if given.data else []
    for dataset in datasets_of(given.data, protocol, "test", sets):
        sources = [sample.source for sample in dataset.samples if sample.pen_data is None]
        random.Random(1).shuffle(sources)
        seen = counted(map(load_page, sources[: given.each or None]), dataset.name, len(sources))
        tell(dataset.name, seen)
        total += seen
    tell("all crops", total)
    if given.pages:
        files = sorted(path for path in given.pages.iterdir() if path.is_file())
        tell("pages", counted(map(load_page, files), "pages", len(files)))
    for kind in KINDS if given.composed else ():
        tell(f"composed {kind}", counted(composed(kind, given.composed), kind, given.composed))


def composed(kind: str, count: int) -> Iterator[Page]:
    for seed in range(count):
        yield Page(np.asarray(compose(10_000 + seed, kind).page), kind, "")


def counted(pages: Iterable[Page], label: str, count: int) -> Counter[str]:
    seen: Counter[str] = Counter()
    for page in track(pages, label, count, transient=True):
        try:
            seen[leaf_of(page).seen] += 1
        except ImageError as fault:
            seen[fault.code] += 1
    return seen


def tell(name: str, seen: Counter[str]) -> None:
    every = max(sum(seen.values()), 1)
    print(f"{name}: {sum(seen.values())} images, page {seen['page'] / every:.2%}", dict(seen))


if __name__ == "__main__":
    main()
