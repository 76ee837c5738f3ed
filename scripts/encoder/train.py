"""Train the encoder: pack the data once, train (or go on), report on validation writers.

    python scripts/encoder/pack_real.py DATA/cedar DATA/bhsig260 DATA/pens/*.npz ...
    python scripts/encoder/train.py --packed runs/packed --out runs/encoder --steps 3000

Stop it whenever you like; the same command goes on from the last checkpoint. `--extra FILE` adds
packed images of another kind, such as synthetic writers; `--from FILE` starts from trained weights
(safetensors) or a checkpoint, also of a smaller network; `--from shipped` from those of the encoder
that ships (they come with the extra `train`; in a checkout, `pip install ./weights`).

A run that goes on with fewer `--steps` ends sooner: its rate falls over the last `--decay` of them.

With `--only-extra` no real writer is needed, nor anything packed of them.

With `--without SET ... --measure-left-out` the figures are those of the sets left out: of their
training and validation writers, none of whom has been seen, many more than validation has.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import torch
from sources import SHIPPED

from sigsearch.training.encoder.network import NetworkShape
from sigsearch.training.encoder.trainer import GRID, REACH, Plan, Trainer
from sigsearch.training.encoder.warm_start import warm_start
from sigsearch.training.packed import PackedImages, join
from sigsearch.training.weights import shipped_weights

ROLES = ("train", "validation")
SHARES = {
    "cedar": 0.22,
    "bhsig260-bengali": 0.2,
    "bhsig260-hindi": 0.25,
    "svc2004": 0.13,
    "crossmedia": 0.2,
    "mcyt100": 0.28,
    "susig-visual": 0.24,
    "susig-blind": 0.14,
    "persian210": 0.28,
    "sigcomp2009": 0.22,
    "sigcomp2009-pen": 0.12,
    "svc2004-task2": 0.1,
    "japanese11": 0.05,
    "utsig115": 0.2,
    "chisig": 0.2,
    "rows182": 0.1,
    "finger": 0.05,
}
FIRST = ("cedar", "bhsig260-bengali", "bhsig260-hindi", "svc2004", "crossmedia")
INVENTED = 0.35  # beside 1 for all real writers


def shares(invented: float = INVENTED, sets: Iterable[str] = FIRST) -> dict[str, float]:
    """How often each of `sets` is drawn, and invented writers beside 1 for all of them."""
    real = {name: SHARES[name] for name in sets if name in SHARES}
    return {**real, "synthetic": invented * (sum(real.values()) or 1.0)}


def load(given: argparse.Namespace) -> tuple[PackedImages, PackedImages | None]:
    """What to train on and what to measure: nothing, where no real writers are packed."""
    extra = [PackedImages.load(path) for path in given.extra]
    if given.only_extra and not (given.packed / "validation.npz").exists():
        return join(extra), None
    train, validation = (PackedImages.load(given.packed / f"{role}.npz") for role in ROLES)
    left_out = join(part.only(given.without) for part in (train, validation))
    parts = [] if given.only_extra else [train.without(given.without)]
    asked = left_out if given.measure_left_out else validation.without(given.without)
    return join([*parts, *extra]), asked


def learned_before(start: Path) -> dict[str, int]:
    """What the weights that a run starts from had learned from, where they tell."""
    if start == Path("shipped"):
        return SHIPPED
    if start.suffix == ".safetensors":
        return {}
    found: dict[str, int] = torch.load(start, map_location="cpu", weights_only=True).get("writers")
    return found or {}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--packed", type=Path, default=Path("runs/packed"))
    parser.add_argument("--extra", type=Path, action="append", default=[])
    parser.add_argument("--only-extra", action="store_true", help="leave the real writers out")
    parser.add_argument(
        "--without", nargs="+", default=(), help="sets to leave out, also of choosing"
    )
    parser.add_argument("--measure-left-out", action="store_true", help="see above")
    parser.add_argument("--out", type=Path, default=Path("runs/encoder"))
    parser.add_argument(
        "--from", dest="start", type=Path, help="trained weights to start from, or `shipped`"
    )
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--loss", default="supcon")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.3)
    parser.add_argument("--validate-every", type=int, default=250)
    parser.add_argument("--save-every", type=int, default=50)
    parser.add_argument("--set-weight", type=float, default=0.5)
    parser.add_argument(
        "--composed", type=float, default=0.6, help="share of writers put together from two"
    )
    parser.add_argument(
        "--posture",
        type=float,
        default=1.0,
        help="how far each image is swayed; 1 = as far as usual",
    )
    parser.add_argument("--invented", type=float, default=INVENTED, help="per real writer")
    parser.add_argument("--writers", type=int, default=12, help="in a batch")
    parser.add_argument("--warmup", type=int, default=150)
    parser.add_argument("--widths", type=int, nargs=4, default=NetworkShape().widths)
    parser.add_argument("--blocks", type=int, nargs=4, default=NetworkShape().blocks)
    parser.add_argument("--token-channels", type=int, default=NetworkShape().token_channels)
    parser.add_argument("--grid", type=int, nargs=2, default=GRID, help="rows, columns of tokens")
    parser.add_argument("--reach", type=int, nargs=2, default=REACH, help="in tokens")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()

    train, validation = load(given)
    plan = Plan(
        steps=given.steps,
        writers=given.writers,
        warmup=given.warmup,
        loss=given.loss,
        rate=given.rate,
        set_weight=given.set_weight,
        decay=given.decay,
        composed=given.composed,
        posture=given.posture,
        seed=given.seed,
        validate_every=given.validate_every,
        save_every=given.save_every,
        grid=tuple(given.grid),
        reach=tuple(given.reach),
        shares=shares(given.invented, train.writers_of()),
        network=NetworkShape(
            tuple(given.widths), tuple(given.blocks), token_channels=given.token_channels
        ),
    )
    trainer = Trainer(plan, train, validation, given.out)
    last = given.out / "last.pt"
    if last.exists():
        trainer.resume(last)
        print(f"continuing from step {trainer.step}")
    elif given.start:
        start = shipped_weights() if given.start == Path("shipped") else given.start
        warm_start(trainer.model, start)
        for name, writers in learned_before(given.start).items():
            now = trainer.learned_from.get(name, 0)
            trainer.learned_from[name] = max(writers, now)
    trainer.run(lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
