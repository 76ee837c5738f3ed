"""Synthetic signatures beside real ones: distributions in one plot, and their medians in a table.

    python scripts/measurements/synthesis.py --data "$SIGSEARCH_DATA" \
        --out docs/research/synthesis/compare.png

`--data` holds folders `cedar`, `bhsig260/Bengali`, `bhsig260/Hindi` and `svc2004`; missing ones are
left out. Only aggregate statistics are drawn. Distances need the shipped encoder and are left out
while there is none. Needs matplotlib.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sigsearch.datasets import read_dataset
from sigsearch.encoder import Encoder
from sigsearch.errors import EncoderError, ImageError
from sigsearch.imaging import Signature, read_signature
from sigsearch.imaging.components import find_components
from sigsearch.synthesis import Writer, forgery, writer_seed

REAL = {
    "CEDAR": "cedar",
    "Bengali": "bhsig260/Bengali",
    "Hindi": "bhsig260/Hindi",
    "SVC": "svc2004",
}
STATISTICS = {
    "width / height of the ink": "log",
    "stroke width / ink height": "linear",
    "ink density in the box": "linear",
    "pieces of ink": "linear",
    "ink path / box diagonal": "log",
    "within-writer spread of width / height": "linear",
}
DISTANCES = ("genuine pairs, distance", "skilled forgeries, distance", "other writers, distance")
Group = tuple[list[Signature], list[Signature]]  # genuine and forged, of one writer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of real datasets")
    parser.add_argument("--out", type=Path, default=Path("docs/research/synthesis/compare.png"))
    parser.add_argument("--writers", type=int, default=40)
    parser.add_argument("--specimens", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", type=Path, help="folder of another encoder than the shipped one")
    asked = parser.parse_args()
    encoder = load_encoder(asked.model)
    values: dict[str, dict[str, NDArray[np.float64]]] = {}
    for name, folder in {"synthetic": "", **REAL}.items():
        if folder and not (asked.data / folder).exists():
            continue
        groups = list(
            real_groups(asked.data / folder, asked.writers, asked.specimens, asked.seed)
            if folder
            else synthetic_groups(asked.writers * 3, asked.specimens, asked.seed)
        )
        values[name] = {**shapes(groups), **(distances(encoder, groups) if encoder else {})}
    print_table(values)
    if encoder:
        print(f"\ndistances: cosine, global reading of the encoder {encoder.card.id}")
    draw(values, asked.out)


def load_encoder(folder: Path | None) -> Encoder | None:
    try:
        return Encoder.load(folder, threads=1)
    except EncoderError as fault:
        print(f"no distances: {fault}")
        return None


def synthetic_groups(writers: int, specimens: int, seed: int) -> Iterator[Group]:
    for index in range(writers):
        writer = Writer.from_seed(writer_seed(seed, index))
        genuine = read([255 - writer.specimen(k).ink for k in range(specimens)])
        yield genuine, read([255 - forgery(writer, k).ink for k in range(specimens)])


def real_groups(folder: Path, writers: int, specimens: int, seed: int) -> Iterator[Group]:
    samples = read_dataset(folder).samples
    names = sorted({sample.writer for sample in samples})
    rng = np.random.default_rng(seed)
    for name in rng.permutation(names)[:writers]:
        mine = [s for s in samples if s.writer == name]
        kinds = ([s for s in mine if s.genuine], [s for s in mine if not s.genuine])
        chosen = [[g[i] for i in rng.permutation(len(g))[:specimens]] for g in kinds]
        yield read([s.source for s in chosen[0]]), read([s.source for s in chosen[1]])


def read(sources: Sequence[object]) -> list[Signature]:
    found = []
    for source in sources:
        try:
            found.append(read_signature(source))  # type: ignore[arg-type]
        except ImageError as fault:
            print(f"left out: {fault}")
    return found


def shapes(groups: Sequence[Group]) -> dict[str, NDArray[np.float64]]:
    rows, spread = [], []
    for genuine, _ in groups:
        mine = np.array([shape(signature) for signature in genuine])
        rows.append(mine)
        spread.append(np.log(mine[:, 0]).std(ddof=1))
    columns = [*np.concatenate(rows).T, np.array(spread)]
    return dict(zip(STATISTICS, columns, strict=True))


def shape(signature: Signature) -> tuple[float, ...]:
    ink = signature.ink
    height, width = ink.shape
    parts = find_components(ink)
    pieces = int((parts.area > signature.stroke**2).sum())
    path = ink.sum() / signature.stroke / np.hypot(height, width)
    return width / height, signature.stroke / height, float(ink.mean()), float(pieces), path


def distances(encoder: Encoder, groups: Sequence[Group]) -> dict[str, NDArray[np.float64]]:
    """Cosine distances of the global reading."""
    vectors = [encoder.embed(genuine).vectors for genuine, _ in groups]
    forged = [encoder.embed(forged).vectors for _, forged in groups if forged]
    within = [(1 - v @ v.T)[np.triu_indices(len(v), 1)] for v in vectors]
    skilled = [(1 - v @ f.T).ravel() for v, f in zip(vectors, forged, strict=False)]
    firsts = np.stack([v[0] for v in vectors])
    between = (1 - firsts @ firsts.T)[np.triu_indices(len(firsts), 1)]
    columns = (np.concatenate(within), np.concatenate(skilled), between)
    return dict(zip(DISTANCES, (c.astype(np.float64) for c in columns), strict=True))


def print_table(values: dict[str, dict[str, NDArray[np.float64]]]) -> None:
    """Medians with the 10th and 90th percentile, as Markdown."""
    print("| |", " | ".join(values), "|")
    print("|---|" + "---|" * len(values))
    for statistic in next(iter(values.values())):
        cells = []
        for columns in values.values():
            low, middle, high = np.percentile(columns[statistic], (10, 50, 90))
            cells.append(f"{middle:.3g} ({low:.3g}-{high:.3g})")
        print(f"| {statistic} |", " | ".join(cells), "|")


def draw(values: dict[str, dict[str, NDArray[np.float64]]], out: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = list(next(iter(values.values())))
    rows = -(-len(names) // 3)
    figure, axes = pyplot.subplots(rows, 3, figsize=(12, 2.9 * rows), layout="constrained")
    for axis, name in zip(np.ravel(axes), names, strict=False):
        columns = [columns[name] for columns in values.values()]
        log = STATISTICS.get(name) == "log"
        pooled = np.concatenate(columns)
        low, high = np.percentile(pooled, (0.5, 99.5))
        edges = np.geomspace(max(low, 1e-3), high, 40) if log else np.linspace(low, high, 40)
        for label, column in zip(values, columns, strict=True):
            synthetic = label == "synthetic"
            share = np.histogram(column, edges)[0] / len(column)
            smooth = np.convolve(share, (0.25, 0.5, 0.25), mode="same")
            middle = np.sqrt(edges[1:] * edges[:-1]) if log else (edges[1:] + edges[:-1]) / 2
            axis.plot(
                middle,
                smooth,
                label=label,
                lw=2.6 if synthetic else 1.2,
                color="black" if synthetic else None,
            )
        axis.set_title(name, fontsize=10)
        axis.set_yticks([])
        if log:
            axis.set_xscale("log")
    for axis in np.ravel(axes)[len(names) :]:
        axis.axis("off")
    np.ravel(axes)[0].legend(fontsize=8)
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=80)
    print(f"drawn: {out}")


if __name__ == "__main__":
    main()
