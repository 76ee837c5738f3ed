"""How rank-1 and the skilled-forgery EER hold when the questioned image is captured badly.

    python scripts/measurements/robustness.py --data DATA --picture \\
        docs/research/encoder/robustness.png

References are enrolled as they are (five each of all test writers of the sets); signatures of some
of these writers are questioned, each image spoilt in one way and by one amount at a time. The
threshold of the EER is chosen afterwards, anew at each point.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from rich.progress import track

from sigsearch.datasets import Protocol, Sample
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.judge import Judge
from sigsearch.errors import ImageError
from sigsearch.evaluation.stated_rates.recaptured import jpeg
from sigsearch.imaging import read_signature
from sigsearch.metrics.rates import eer
from sigsearch.trials.readings import read_embeddings
from sigsearch.trials.roles import datasets_of

SETS = ("cedar", "bhsig260", "svc2004")
REFERENCES, WRITERS, QUESTIONED, CANDIDATES = 5, 10, 4, 20
PAPER = 255
Change = Callable[[Image.Image, float], Image.Image]


@dataclass(frozen=True)
class Enrolled:
    references: Embeddings
    own: NDArray[np.float32]


@dataclass(frozen=True)
class Question:
    sample: Sample
    writer: int  # number among the enrolled


def rotated(page: Image.Image, degrees: float) -> Image.Image:
    return page.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=paper(page))


def scaled(page: Image.Image, factor: float) -> Image.Image:
    size = (max(round(page.width * factor), 1), max(round(page.height * factor), 1))
    return page.resize(size, Image.Resampling.LANCZOS)


def resolved(page: Image.Image, dpi: float) -> Image.Image:
    """Scanned at another resolution than 300 and made bilevel, as archives do."""
    small = np.asarray(scaled(page, dpi / 300)).astype(np.int16)
    middle = (int(np.percentile(small, 1)) + paper(page)) // 2
    return Image.fromarray(np.where(small < middle, 0, PAPER).astype(np.uint8))


def noisy(page: Image.Image, spread: float) -> Image.Image:
    grain = np.random.default_rng(0).normal(0, spread, (page.height, page.width))
    return Image.fromarray((np.asarray(page) + grain).clip(0, 255).astype(np.uint8))


def ruled(page: Image.Image, lines: float) -> Image.Image:
    """Grey printed rules, two pixels thick, at even distances across the signature."""
    page = page.copy()
    draw = ImageDraw.Draw(page)
    for number in range(int(lines)):
        y = round((number + 1) * page.height / (int(lines) + 1))
        draw.line((0, y, page.width, y), fill=110, width=2)
    return page


def coloured(page: Image.Image, contrast: float) -> Image.Image:
    """Blue ink on yellow paper whose contrast in grey is that share of the original's."""
    ink = (paper(page) - np.asarray(page, np.float32)).clip(0)[..., None] / 255
    sheet = np.array([250, 235, 160], np.float32)
    pen = sheet + contrast * (np.array([20, 30, 150], np.float32) - sheet)
    return Image.fromarray((sheet + ink * (pen - sheet)).clip(0, 255).astype(np.uint8))


def cropped(page: Image.Image, percent: float) -> Image.Image:
    """Cut into the signature's own box, so much of it from each side."""
    dark = np.asarray(page) < paper(page) - 60
    rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
    if not len(rows):
        return page
    high, wide = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    dy, dx = round(high * percent / 100), round(wide * percent / 100)
    return page.crop((columns[0] + dx, rows[0] + dy, columns[-1] + 1 - dx, rows[-1] + 1 - dy))


def paper(page: Image.Image) -> int:
    return int(np.percentile(np.asarray(page), 95))


WAYS: dict[str, tuple[Change, tuple[float, ...]]] = {
    "rotation, degrees": (rotated, (-10, -6, -3, 0, 3, 6, 10)),
    "size, times": (scaled, (0.5, 0.7, 1, 1.4, 2)),
    "resolution, dpi, bilevel": (resolved, (75, 100, 150, 200, 300, 600)),
    "JPEG quality": (jpeg, (5, 10, 20, 40, 70)),
    "noise, grey levels": (noisy, (0, 5, 10, 20, 40)),
    "ruled lines": (ruled, (0, 1, 2, 4)),
    "blue on yellow, contrast": (coloured, (0.2, 0.35, 0.5, 1)),
    "cut off each side, %": (cropped, (0, 2, 5, 10)),
}


def prepare(
    data: Path, encoder: Encoder, judge: Judge, cache: Path | None
) -> tuple[list[Enrolled], list[Question]]:
    """All test writers enrolled; the questioned signatures of evenly chosen writers of each set."""
    enrolled: list[Enrolled] = []
    questions: list[Question] = []
    for dataset in datasets_of(data, Protocol.load("unseen-writers-1"), "test", SETS):
        used, readings = read_embeddings(dataset, encoder, cache)
        row = {s.id: n for n, s in enumerate(used.samples)}
        writers = used.writers
        asked = {writers[n] for n in np.linspace(0, len(writers) - 1, WRITERS).astype(int)}
        for writer in writers:
            genuine = used.genuine(writer)
            references = readings[np.array([row[s.id] for s in genuine[:REFERENCES]])]
            if writer in asked:
                samples = [*genuine[REFERENCES:][:QUESTIONED], *used.forgeries(writer)[:QUESTIONED]]
                questions += [Question(sample, len(enrolled)) for sample in samples]
            enrolled.append(Enrolled(references, judge.own_scores(references)))
    return enrolled, questions


def measure(
    encoder: Encoder, judge: Judge, enrolled: list[Enrolled], questions: list[Question],
    change: Change, amount: float,
) -> dict[str, float]:  # fmt: skip
    gallery = np.concatenate([e.references.vectors for e in enrolled])
    owner = np.repeat(np.arange(len(enrolled)), [len(e.references) for e in enrolled])
    scores: dict[bool, list[float]] = {True: [], False: []}
    right, genuine, unreadable = 0, 0, 0
    for question in questions:
        genuine += question.sample.genuine
        with Image.open(question.sample.path) as file:
            page = change(file.convert("L"), amount)
        try:
            reading = encoder.embed([read_signature(page)])
        except ImageError:
            unreadable += 1
            continue
        claimed = enrolled[question.writer]
        score = judge.fused(reading, claimed.references, claimed.own)[0][0]
        scores[question.sample.genuine].append(float(score))
        if question.sample.genuine:
            order = owner[np.argsort(-(gallery @ reading.vectors[0]))]
            near = list(dict.fromkeys(order.tolist()))[:CANDIDATES]
            fused = [
                judge.fused(reading, enrolled[w].references, enrolled[w].own)[0][0] for w in near
            ]
            right += near[int(np.argmax(fused))] == question.writer
    return {
        "rank1": right / genuine,
        "eer": eer(scores[True], scores[False]),
        "unreadable": unreadable / len(questions),
    }


def draw(found: dict[str, list[dict[str, float]]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2, 4, figsize=(13, 6), sharey=True, layout="constrained")
    for axis, (name, points) in zip(axes.flat, found.items(), strict=True):
        at = [point["amount"] for point in points]
        axis.plot(at, [100 * p["rank1"] for p in points], "o-", label="rank-1")
        axis.plot(at, [100 * p["eer"] for p in points], "s-", label="EER, skilled")
        axis.plot(at, [100 * p["unreadable"] for p in points], "x:", label="refused")
        axis.set(xlabel=name, ylim=(-2, 102))
        axis.grid(alpha=0.3)
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel("%")
    axes[0, 0].legend(frameon=False, loc="center left")
    figure.savefig(path, dpi=90)


def all_points() -> Iterator[tuple[str, Change, float]]:
    for name, (change, amounts) in WAYS.items():
        for amount in amounts:
            yield name, change, amount


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help=f"holds {', '.join(SETS)}")
    parser.add_argument("-o", "--out", type=Path, default=Path("runs/robustness"))
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--cache", type=Path, help="where readings are kept between runs")
    given = parser.parse_args()
    encoder = Encoder.load(threads=1)
    judge = Judge.of(encoder)
    enrolled, questions = prepare(given.data, encoder, judge, given.cache)
    genuine = sum(q.sample.genuine for q in questions)
    print(
        f"{encoder.card.id}: {len(enrolled)} writers enrolled with {REFERENCES} references, "
        f"{genuine} genuine signatures and {len(questions) - genuine} forgeries questioned"
    )
    found: dict[str, list[dict[str, float]]] = {name: [] for name in WAYS}
    for name, change, amount in track(list(all_points()), "measuring"):
        figures = measure(encoder, judge, enrolled, questions, change, amount)
        found[name].append({"amount": amount, **figures})
        print(f"{name} {amount:g}: " + ", ".join(f"{k} {v:.1%}" for k, v in figures.items()))
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "robustness.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    draw(found, given.picture or given.out / "robustness.png")


if __name__ == "__main__":
    main()
