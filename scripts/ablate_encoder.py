"""What each part of the training is worth: small networks trained alike but for one thing.

    python scripts/ablate_encoder.py --extra runs/packed/synthetic.npz --steps 400 -o runs/ablation

Every variant trains the same small network for the same steps on the same batches, and is measured
on validation writers. `as-shipped` runs with three seeds, since what lies between these is noise.
Interrupted runs go on where they were; `--only NAME` picks variants. Prints a table for
docs/encoder.md.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from train_encoder import SHARES

from sigsearch.training.augment import GROUPS
from sigsearch.training.networks import NetworkShape
from sigsearch.training.packed import PackedImages, join
from sigsearch.training.siamese import Plan, Trainer

SMALL = NetworkShape((32, 32, 64, 128), (1, 1, 1, 1))
REAL = {name: share for name, share in SHARES.items() if name != "synthetic"}


def variants(base: Plan) -> dict[str, Plan]:
    """Name -> the plan that differs from `base` in that alone."""
    several = {f"as-shipped, seed {seed}": replace(base, seed=seed) for seed in (1, 2, 3)}
    one_less = {
        f"without {group}": replace(base, groups=tuple(g for g in GROUPS if g != group))
        for group in GROUPS
    }
    return {
        **several,
        **one_less,
        "without set loss": replace(base, set_weight=0.0),
        "global reading only": replace(base, local_weight=0.0, set_weight=0.0),
        "without invented writers": replace(base, shares=REAL),
        "invented writers only": replace(base, shares={"synthetic": 1.0}),
        "64 dimensions": replace(base, network=replace(SMALL, dimensions=64)),
        "20 token channels": replace(base, network=replace(SMALL, token_channels=20)),
        "deeper": replace(base, network=NetworkShape(SMALL.widths, (1, 2, 2, 2))),
        "wider": replace(base, network=NetworkShape((32, 64, 128, 256), SMALL.blocks)),
    }


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
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--only", action="append", help="names of variants; all unless given")
    parser.add_argument("-o", "--out", type=Path, default=Path("runs/ablation"))
    given = parser.parse_args()
    parts = [given.packed / "train.npz", *given.extra]
    train = join([PackedImages.load(path) for path in parts])
    validation = PackedImages.load(given.packed / "validation.npz")
    base = Plan(
        steps=given.steps,
        warmup=50,
        decay=0.5,
        validate_every=given.steps,
        shares=SHARES,
        network=SMALL,
    )
    print("| variant | global, 1 reference | local, 1 | local, 4, own |\n|---|---|---|---|")
    for name, plan in variants(base).items():
        if given.only and name not in given.only:
            continue
        folder = given.out / name.replace(",", "").replace(" ", "-")
        trainer = Trainer(plan, train, validation, folder)
        if (folder / "last.pt").exists():
            trainer.resume(folder / "last.pt")
        trainer.run()
        figures = last_figures(folder)
        if figures is not None:
            print(row(name, figures), flush=True)


if __name__ == "__main__":
    main()
