"""What each part of the training is worth: small networks trained alike but for one thing.

    python scripts/encoder/ablate.py --extra runs/packed/synthetic.npz --steps 400 -o runs/ablation

Every variant trains the same small network for the same steps on the same batches of 8 writers,
and is measured on validation writers. `as-shipped` runs with two seeds, since what lies between
these is noise. Interrupted runs go on where they were; `--only NAME` picks variants, `--table`
prints what has been measured. Grey ink wants `--grey runs/grey` (`pack_grey.py`), a teacher the
weights that ship.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ablation_trials import (
    BentTrainer,
    DistilledTrainer,
    GreyImages,
    HeadTrainer,
    seen_as,
)
from train import SHARES, shares

from sigsearch.training.encoder.augment import GROUPS
from sigsearch.training.encoder.losses import LOSSES
from sigsearch.training.encoder.network import NetworkShape, canvas_of
from sigsearch.training.encoder.trainer import Plan, Trainer
from sigsearch.training.packed import PackedImages, join
from sigsearch.training.weights import shipped_weights

SMALL = NetworkShape((32, 32, 64, 128), (0, 1, 1, 1))
NO_STROKES = tuple(group for group in GROUPS if group != "strokes")
GRIDS = {(6, 14): (1, 2), (12, 28): (3, 4)}  # of tokens, and as long a reach on the canvas


@dataclass(frozen=True)
class Data:
    train: PackedImages
    validation: PackedImages


@dataclass(frozen=True)
class Variant:
    """What differs from the base: the plan, and the images or the trainer where it must."""

    plan: Plan
    images: Callable[[Data], Data] = lambda data: data
    trainer: type[Trainer] = Trainer


def variants(base: Plan, grey: Path | None) -> dict[str, Variant]:
    """Name -> what is trained."""
    several = {f"as-shipped, seed {seed}": Variant(replace(base, seed=seed)) for seed in (1, 2)}
    one_less = {
        f"without {group}": Variant(replace(base, groups=tuple(g for g in GROUPS if g != group)))
        for group in GROUPS
    }
    shapes = {
        "64 dimensions": replace(SMALL, dimensions=64),
        "40 token channels": replace(SMALL, token_channels=40),
        "a block at stride 2": replace(SMALL, blocks=(1, 1, 1, 1)),
        "deeper": replace(SMALL, blocks=(0, 2, 2, 2)),
        "wider": replace(SMALL, widths=(32, 64, 128, 256)),
    }
    losses = (name for name in LOSSES if name != base.loss)
    found = {
        **several,
        "without set loss": Variant(replace(base, set_weight=0.0)),
        "global reading only": Variant(replace(base, local_weight=0.0, set_weight=0.0)),
        **{f"loss {name}": Variant(replace(base, loss=name)) for name in losses},
        "without invented writers": Variant(replace(base, shares=SHARES)),
        "invented writers only": Variant(replace(base, shares={"synthetic": 1.0})),
        "bent imitations only": Variant(base, trainer=BentTrainer),
        "matching head": Variant(base, trainer=HeadTrainer),
        "six in ten composed": Variant(replace(base, composed=0.6)),
        "taught by the shipped": Variant(base, trainer=DistilledTrainer),
        **one_less,
        **{name: Variant(replace(base, network=shape)) for name, shape in shapes.items()},
        **dict(_other_canvases(base)),
        "canvas as large, reach 1, 2": Variant(replace(base, reach=(1, 2))),
    }
    if grey is not None:
        real = replace(base, shares=SHARES, groups=NO_STROKES)
        found["real writers, no strokes, bilevel"] = Variant(real)
        found["real writers, no strokes, grey"] = Variant(real, lambda _data: _grey(grey))
    return found


def _other_canvases(base: Plan) -> Iterator[tuple[str, Variant]]:
    for grid, reach in GRIDS.items():
        height, width = canvas_of(grid)
        yield f"canvas {height} x {width}", Variant(replace(base, grid=grid, reach=reach))


def _grey(folder: Path) -> Data:
    parts = (PackedImages.load(folder / f"{role}.npz") for role in ("train", "validation"))
    return Data(*(seen_as(GreyImages, part) for part in parts))


def run(variant: Variant, data: Data, folder: Path) -> None:
    """Train what is left of `variant`."""
    data = variant.images(data)
    trainer = variant.trainer(variant.plan, data.train, data.validation, folder)
    if isinstance(trainer, DistilledTrainer):
        trainer.teach(shipped_weights(), NetworkShape())
    if (folder / "last.pt").exists():
        trainer.resume(folder / "last.pt")
    trainer.run()


def last_figures(folder: Path) -> dict[str, object] | None:
    """What a run's log says last of validation writers."""
    log = folder / "log.jsonl"
    if not log.exists():
        return None
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    found = [entry["validation"] for entry in entries if "validation" in entry]
    return found[-1] if found else None


def row(name: str, figures: dict[str, object]) -> str:
    sets = [by for by in figures.values() if isinstance(by, dict)]

    def mean(key: str) -> str:
        values = [100 * by[key] for by in sets if key in by]
        return f"{sum(values) / len(values):.1f}"

    return f"| {name} | {mean('global 1')} | {mean('local 1')} | {mean('local 4 own')} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--packed", type=Path, default=Path("runs/packed"))
    parser.add_argument("--extra", type=Path, action="append", default=[])
    parser.add_argument("--grey", type=Path, help="folder of `pack_grey.py`")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--only", action="append", help="names of variants; all unless given")
    parser.add_argument("--table", action="store_true", help="train nothing")
    parser.add_argument("-o", "--out", type=Path, default=Path("runs/ablation"))
    given = parser.parse_args()
    data = None
    if not given.table:
        parts = [given.packed / "train.npz", *given.extra]
        train = join([PackedImages.load(path) for path in parts])
        data = Data(train, PackedImages.load(given.packed / "validation.npz"))
    base = Plan(
        steps=given.steps,
        writers=8,
        warmup=50,
        decay=0.5,
        validate_every=given.steps,
        shares=shares(0.7),
        network=SMALL,
    )
    print("| variant | global, 1 reference | local, 1 | local, 4, own |\n|---|---|---|---|")
    for name, variant in variants(base, given.grey).items():
        if given.only and name not in given.only:
            continue
        folder = given.out / name.replace(",", "").replace(" ", "-")
        if data is not None:
            run(variant, data, folder)
        figures = last_figures(folder)
        if figures is not None:
            print(row(name, figures), flush=True)


if __name__ == "__main__":
    main()
