"""Train the detector on packed pages.

    python scripts/detector/pack.py --letters DATA/tobacco800-pages --hands DATA/cedar DATA/chisig
    python scripts/detector/train.py --steps 4000
    python scripts/detector/train.py --steps 5500 --cool 1500   # the end: the rate falls to nothing
    python scripts/detector/train.py --from sigsearch/documents/weights/detector.onnx --steps 6000

A run goes on from its checkpoint. Ctrl-C or SIGTERM stops it safely.
"""

from __future__ import annotations

import argparse
import signal
import time
from pathlib import Path

import numpy as np
import torch

from sigsearch.training.detector.found_figures import figures
from sigsearch.training.detector.packed_pages import PackedPage, load_pages, resized
from sigsearch.training.detector.page_batches import PageBatches
from sigsearch.training.detector.trainer import Course, DetectorTraining, look, train

_EVERY = 50


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=Path, default=Path("runs/detector/pages"))
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--cool", type=int, default=0)
    parser.add_argument("--letters", type=float, default=0.3, help="share of real letters")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--round", type=int, default=2000, help="steps before pages are read anew")
    parser.add_argument("--measure", type=int, default=500, help="steps between measurements")
    parser.add_argument("--from", dest="start", type=Path, help="a shipped detector to start from")
    parser.add_argument("--out", type=Path, default=Path("runs/detector/run.pt"))
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    run = DetectorTraining(given.seed)
    if given.out.exists():
        run.load(given.out)
    elif given.start:
        run.start_from(given.start, read_batches(given.pages, given.letters), given.seed)
    watch = Watch(run, given)
    course = Course(given.steps, given.batch, given.rate, cool=given.cool)
    try:
        while run.step < given.steps:
            # Pages that were packed meanwhile come in at each new round.
            batches = read_batches(given.pages, given.letters)
            train(run, batches, course, given.seed, watch, run.step + given.round)
    except KeyboardInterrupt:
        print("stopped", flush=True)
    run.save(given.out)


class Watch:
    """Prints the losses, saves the run, and measures it from time to time."""

    def __init__(self, run: DetectorTraining, given: argparse.Namespace) -> None:
        self.run, self.given = run, given
        self.losses: list[tuple[float, float]] = []
        self.since = time.time()
        names = ("letters", "composed")
        self.sets = {n: load_pages([given.pages / f"validation-{n}.npz"]) for n in names}

    def __call__(self, step: int, middle: float, side: float) -> None:
        self.losses.append((middle, side))
        if step % _EVERY == 0:
            middle, side = np.mean(self.losses[-_EVERY:], axis=0)
            pace = (time.time() - self.since) / len(self.losses)
            print(f"{step:6d}  middles {middle:.3f}  sides {side:.3f}  {pace:.2f} s", flush=True)
        if step % (2 * _EVERY) == 0:
            self.run.save(self.given.out)
        if step % self.given.measure == 0:
            self.measure()

    def measure(self) -> None:
        for name, pages in self.sets.items():
            print(f"  {name}: {figures(look(self.run.mean, pages[:80]))}", flush=True)


def read_batches(folder: Path, letters: float) -> PageBatches:
    real = [resized(page) for page in load_pages([folder / "train-letters.npz"])]
    parts = sorted(folder.glob("train-composed-*.npz"))
    composed = [resized(page) for part in parts for page in load_pages([part])]
    print(f"{len(real)} letters, {len(composed)} composed pages", flush=True)
    pools: list[list[PackedPage]] = [real, composed]
    if not composed:
        return PageBatches(pools[:1], [1.0])
    return PageBatches(pools, [letters, 1 - letters])


if __name__ == "__main__":
    main()
