"""Measure the copy alarm and the enrolment audit on test writers.

python scripts/measurements/alarms.py --data "$SIGSEARCH_DATA" copies
python scripts/measurements/alarms.py --data "$SIGSEARCH_DATA" audit --cache runs/readings
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image

from sigsearch.audit import Enrolled, audit
from sigsearch.calibration import read_embeddings
from sigsearch.datasets import Dataset, Protocol, Sample, drop_copies
from sigsearch.encoder import Encoder
from sigsearch.engine.judge import Judge
from sigsearch.engine.template import LIKELIEST
from sigsearch.imaging import read_signature
from sigsearch.imaging.fingerprint import agreement, fingerprint, is_copy
from sigsearch.trials.roles import FOLDERS, datasets_of

SAMPLED, REFERENCES, SWAPPED = 60, 8, 0.05


def grey(sample: Sample) -> Image.Image:
    source = sample.source
    return Image.open(source).convert("L") if isinstance(source, Path) else Image.fromarray(source)


def jpeg(image: Image.Image, quality: float = 40) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=int(quality))
    return Image.open(file).convert("L")


def shift(image: Image.Image) -> Image.Image:
    wide = Image.new("L", (image.width + 60, image.height + 50), int(np.median(image)))
    wide.paste(image, (41, 17))
    return wide


def scale(image: Image.Image, by: float) -> Image.Image:
    size = (max(round(image.width * by), 1), max(round(image.height * by), 1))
    return image.resize(size, Image.Resampling.BICUBIC)


def turn(image: Image.Image, degrees: float) -> Image.Image:
    paper = int(np.median(image))
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=paper)


WAYS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "shifted": shift,
    "scaled by 0.8": lambda image: scale(image, 0.8),
    "scaled by 1.25": lambda image: scale(image, 1.25),
    "JPEG quality 40": jpeg,
    "turned by 3 degrees": lambda image: turn(image, 3),
    "turned by -3 degrees": lambda image: turn(image, -3),
    "all, smaller": lambda image: jpeg(shift(scale(turn(image, 3), 0.8))),
    "all, larger": lambda image: jpeg(shift(scale(turn(image, -3), 1.25))),
}


def measure_copies(dataset: Dataset, encoder: Encoder) -> None:
    """How many copies of a reference are found among REFERENCES of its writer, and which of the
    genuine signatures pass for copies of another."""
    unique, judge = drop_copies(dataset), Judge.of(encoder)
    samples = unique.genuine()
    signatures = {s.id: read_signature(s.source) for s in samples}
    prints = {name: fingerprint(signature) for name, signature in signatures.items()}
    random = np.random.default_rng(0)
    picked = [samples[n] for n in random.choice(len(samples), min(SAMPLED, len(samples)), False)]
    references = [_with_others(s, unique.genuine(s.writer)) for s in picked]
    enrolled = [encoder.embed([signatures[s.id] for s in some]) for some in references]
    for name, way in WAYS.items():
        found = []
        for some, readings, sample in zip(references, enrolled, picked, strict=True):
            copy = read_signature(np.asarray(way(grey(sample))))
            scores = judge.pair_scores(encoder.embed([copy]), readings)[0]
            looked_at = [prints[some[n].id] for n in np.argsort(-scores)[:LIKELIEST]]
            print_of_it = fingerprint(copy)
            found.append(any(is_copy(print_of_it, kept) for kept in looked_at))
        print(f"{dataset.name}: {name}: {np.mean(found):.1%} of {len(found)} found")
    pairs = [p for w in unique.writers for p in combinations(unique.genuine(w), 2)]
    alarms = [(a.id, b.id, v) for a, b in pairs if is_copy(x := prints[a.id], y := prints[b.id])
              for v in [agreement(x, y)]]  # fmt: skip
    print(f"{dataset.name}: {len(alarms)} alarms among {len(pairs)} pairs of genuine signatures")
    for a, b, value in alarms:
        print(f"  {a} and {b}: {value:.3f}")


def _with_others(sample: Sample, genuine: Sequence[Sample]) -> list[Sample]:
    return [sample, *(s for s in genuine if s.id != sample.id)][:REFERENCES]


def measure_audit(dataset: Dataset, encoder: Encoder, cache: Path | None) -> None:
    """Swap some labels between writers, and see what the audit says of those and of the rest."""
    judge = Judge.of(encoder)
    used, readings = read_embeddings(dataset, encoder, cache)
    row = {s.id: n for n, s in enumerate(used.samples)}
    rows = [row[s.id] for w in used.writers for s in used.genuine(w)[:REFERENCES]]
    names = [used.samples[n].writer for n in rows]
    random = np.random.default_rng(0)
    order = random.permutation(len(rows))[: round(SWAPPED * len(rows)) // 2 * 2]
    swapped = set()
    for a, b in order.reshape(-1, 2).tolist():
        if names[a] != names[b]:
            names[a], names[b] = names[b], names[a]
            swapped |= {a, b}
    blank: list[tuple[str, ...]] = [()] * len(rows)
    enrolled = Enrolled(
        names, [used.samples[n].id for n in rows], [f"{n:064x}" for n in rows], blank,
        [None] * len(rows), readings[np.array(rows)],
    )  # fmt: skip
    found = audit(enrolled, judge.matcher).findings
    named = {f.reference for f in found if f.kind == "mislabelled"}
    unlike = {f.reference for f in found if f.kind == "inconsistent"}
    rest = len(rows) - len(swapped)
    print(
        f"{dataset.name}: of {len(swapped)} swapped labels {len(named & swapped)} named "
        f"mislabelled, {len(unlike & swapped)} inconsistent; of {rest} others "
        f"{len(named - swapped)} named mislabelled, {len(unlike - swapped)} inconsistent"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("copies", "audit"))
    parser.add_argument("--data", type=Path, required=True, help=f"holds {', '.join(FOLDERS)}")
    parser.add_argument("--sets", nargs="+", choices=FOLDERS, default=FOLDERS)
    parser.add_argument("--protocol", default="unseen-writers-1")
    parser.add_argument("--role", default="test", choices=("validation", "test"))
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--cache", type=Path, help="where readings are kept between runs")
    given = parser.parse_args()
    encoder = Encoder.load(given.encoder, threads=1)
    for dataset in datasets_of(given.data, Protocol.load(given.protocol), given.role, given.sets):
        if given.what == "copies":
            measure_copies(dataset, encoder)
        elif dataset.name.startswith(("cedar", "bhsig")):
            measure_audit(dataset, encoder, given.cache)


if __name__ == "__main__":
    main()
