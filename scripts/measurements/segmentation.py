"""What becomes of signatures when what is printed around them is taken out of the ink.

    python scripts/measurements/segmentation.py forms --writers 150
    python scripts/measurements/segmentation.py scans --data DATA

`forms`: invented writers on the pages that `sigsearch synth` draws, which are not those that the
segmentation was taught on: how much of the ink is told rightly, and how well writers are told apart
as their pages are, segmented, and with only the signature's own ink. `scans`: how much of the ink
of clean scans goes, which should be nothing; test writers.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from sigsearch.datasets import Dataset, Protocol, Sample
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.judge import matcher_of
from sigsearch.errors import ImageError
from sigsearch.imaging import Signature, segmentation, signature_from_ink
from sigsearch.imaging.canvas import grown
from sigsearch.imaging.ink import Ink, find_ink
from sigsearch.imaging.load import load_page
from sigsearch.imaging.segmentation import find_signature
from sigsearch.imaging.signature import normalise
from sigsearch.matching.local import LocalMatcher
from sigsearch.matching.similarity import pair_scores
from sigsearch.metrics.rates import eer
from sigsearch.synthesis import STYLES, Specimen, Writer, capture, forgery, writer_seed
from sigsearch.trials.roles import datasets_of

SEED = 99
GENUINE, FORGED, STRANGERS = 4, 6, 8
READINGS = ("as it is", "segmented", "own ink")


class Page(NamedTuple):
    """lost, left: shares of the signature's ink and of all other; canvas: by READINGS, None where
    the image was refused."""

    lost: float
    left: float
    canvas: list[NDArray[np.uint8] | None]


def pages_of(number: int, style: str) -> list[Page]:
    """Of one invented writer, genuine specimens first."""
    writer = Writer.from_seed(writer_seed(SEED, number))
    specimens = [writer.specimen(n) for n in range(GENUINE)]
    specimens += [forgery(writer, n) for n in range(FORGED)]
    return [_page(specimen, style) for specimen in specimens]


def _page(specimen: Specimen, style: str) -> Page:
    shot = capture(specimen, style, seed=7)
    page = load_page(shot.image)
    found = find_ink(page)
    own = find_signature(page, found)
    foreign = found & ~grown(shot.mask, 2)  # ink is found a little broader than it was put down
    readings: list[Callable[[], Signature]] = [
        lambda: normalise(page, found, found),
        lambda: normalise(page, found, own),
        lambda: signature_from_ink(found & shot.mask),
    ]
    return Page(
        _share(found & shot.mask & ~own, found & shot.mask),
        _share(foreign & own, foreign) if _share(foreign, found) > 0.02 else np.nan,
        [_canvas(read) for read in readings],
    )


def _share(part: Ink, whole: Ink) -> float:
    return float(np.count_nonzero(part)) / max(np.count_nonzero(whole), 1)


def _canvas(read: Callable[[], Signature]) -> NDArray[np.uint8] | None:
    try:
        return read().canvas
    except ImageError:
        return None


@dataclass(frozen=True)
class Errors:
    """EERs with one reference against skilled and random forgeries, and how many were refused."""

    skilled: float
    random: float
    refused: int

    def __str__(self) -> str:
        return f"{100 * self.skilled:.1f} / {100 * self.random:.1f}"


def errors_of(
    canvases: list[list[NDArray[np.uint8] | None]], encoder: Encoder, matcher: LocalMatcher
) -> Errors:
    """Of writers by their canvases, genuine ones first: each of these is the reference in turn."""
    rng = np.random.default_rng(0)
    blank = np.zeros_like(next(c for of in canvases for c in of if c is not None))
    read = [
        encoder.embed_canvases(np.stack([blank if c is None else c for c in of])) for of in canvases
    ]
    there = [np.array([c is not None for c in of]) for of in canvases]
    genuine, skilled, strangers = [], [], []
    for writer, (embeddings, ok) in enumerate(zip(read, there, strict=True)):
        references = np.flatnonzero(ok[:GENUINE])
        scores = pair_scores(embeddings[references], embeddings, matcher)
        for row, reference in enumerate(references):
            others = references[references != reference]
            genuine += scores[row, others].tolist()
            skilled += scores[row, GENUINE:][ok[GENUINE:]].tolist()
        unlike = [o for o in rng.choice(len(read), STRANGERS) if o != writer and there[o][0]]
        other = Embeddings.concatenate([read[o][0] for o in unlike])
        strangers += pair_scores(embeddings[references], other, matcher).ravel().tolist()
    return Errors(
        eer(genuine, skilled), eer(genuine, strangers), int(sum((~ok).sum() for ok in there))
    )


def measure_forms(writers: int, workers: int) -> None:
    encoder = Encoder.load()
    matcher = matcher_of(encoder)
    print(f"encoder {encoder.card.id}; {writers} writers; skilled / random EER %, one reference")
    print(f"{'pages':8s} lost   left  " + "".join(f"{name:>14s}" for name in READINGS))
    for style in STYLES:
        with ProcessPoolExecutor(workers) as pool:
            work = pool.map(partial(pages_of, style=style), range(writers), chunksize=4)
            made = list(track(work, style, total=writers))
        pages = [page for of in made for page in of]
        lost = np.mean([page.lost for page in pages])
        others = [page.left for page in pages if not np.isnan(page.left)]
        left = np.mean(others) if others else np.nan
        found = [
            errors_of([[page.canvas[k] for page in of] for of in made], encoder, matcher)
            for k in range(len(READINGS))
        ]
        refused = ", ".join(str(f.refused) for f in found)
        print(
            f"{style:8s} {100 * lost:4.1f}  {100 * left:5.1f}  "
            + "".join(f"{f!s:>14s}" for f in found)
            + f"   refused {refused} of {len(pages)}",
            flush=True,
        )


def both_ways(sample: Sample) -> tuple[Signature, Signature] | None:
    """With all the ink that is found, and segmented; None where either is refused."""
    try:
        page = load_page(sample.source)
        found = find_ink(page)
        own = find_signature(page, found)
        return normalise(page, found, found), normalise(page, found, own)
    except ImageError:
        return None


def changed(sample: Sample) -> float | None:
    """The share of a scan's ink that the segmentation takes, beyond what cleaning takes anyway."""
    read = both_ways(sample)
    if read is None:
        return None
    before, after = read
    return _share(before.on_page() & ~after.on_page(), before.on_page())


def canvases_of(samples: list[Sample]) -> list[list[NDArray[np.uint8] | None]]:
    """Of one writer's scans, as they are and segmented."""
    read = [both_ways(sample) for sample in samples]
    return [[None, None] if pair is None else [one.canvas for one in pair] for pair in read]


def measure_scans(data: Path, each: int, workers: int, role: str) -> None:
    encoder = Encoder.load()
    matcher = matcher_of(encoder)
    print(
        f"{role} writers; share of the ink that goes: mean, and of the images that lose more than; "
        f"encoder {encoder.card.id}: skilled / random EER %, one reference, up to {FORGED} "
        "imitations a writer"
    )
    beside = "".join(f"{name:>14s}" for name in READINGS[:2])
    print(f"{'':18s} images   mean     0.5 %      3 %     15 %{beside}")
    for dataset in datasets_of(data, Protocol.load("unseen-writers-1"), role):
        rows = np.random.default_rng(4).permutation(len(dataset.samples))[:each]
        of_writers = [_some(dataset, writer) for writer in dataset.writers]
        with ProcessPoolExecutor(workers) as pool:
            gone = _known(pool.map(changed, [dataset.samples[r] for r in rows], chunksize=16))
            shares = np.array(list(gone))
            made = list(pool.map(canvases_of, [some for some in of_writers if some], chunksize=4))
        beyond = "".join(f"{100 * np.mean(shares > most):7.1f} %" for most in (0.005, 0.03, 0.15))
        found = [errors_of([[pair[k] for pair in of] for of in made], encoder, matcher)
                 for k in range(2)]  # fmt: skip
        print(
            f"{dataset.name:18s} {len(shares):6d} {100 * shares.mean():6.2f} %{beyond}"
            + "".join(f"{errors!s:>14s}" for errors in found),
            flush=True,
        )


def _some(dataset: Dataset, writer: str) -> list[Sample]:
    """A few genuine signatures and imitations of a writer; none where there are too few."""
    genuine = dataset.genuine(writer)
    imitations = dataset.forgeries(writer) or dataset.impostors(writer)
    if len(genuine) < GENUINE or not imitations:
        return []
    return [*genuine[:GENUINE], *imitations[:FORGED]]


def _known(values: Iterable[float | None]) -> Iterator[float]:
    return (value for value in values if value is not None)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("forms", "scans"))
    parser.add_argument("--data", type=Path, help="the folder of the public sets")
    parser.add_argument("--role", default="test")
    parser.add_argument("--each", type=int, default=1000, help="images of a set at most")
    parser.add_argument("--writers", type=int, default=150)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--network", type=Path, help="another segmenter.onnx beside its card")
    given = parser.parse_args()
    if given.network:
        segmentation.WEIGHTS = given.network
    if given.what == "forms":
        measure_forms(given.writers, given.workers)
    else:
        measure_scans(given.data, given.each, given.workers, given.role)


if __name__ == "__main__":
    main()
