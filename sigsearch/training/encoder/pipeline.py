"""Training from dataset folders to an encoder folder, in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from sigsearch.datasets import Protocol
from sigsearch.encoder.card import ModelCard
from sigsearch.errors import EncoderError
from sigsearch.training.curves import CURVES, draw_curves, siamese_curves
from sigsearch.training.encoder.export import export
from sigsearch.training.encoder.losses import LOSSES
from sigsearch.training.encoder.synthetic import pack_synthetic
from sigsearch.training.encoder.trainer import Plan, Trainer, load_model
from sigsearch.training.encoder.validate import fit_comparison
from sigsearch.training.packed import PackedImages, join, pack_datasets

SYNTHETIC_SHARE = 0.4
COMPOSED, DECAY = 0.8, 0.5  # as for the encoder that ships


def train_siamese(
    data: Sequence[Path],
    out: Path,
    protocol: str,
    loss: str,
    steps: int,
    synthetic: int,
    seed: int,
    report: Callable[[str], None],
    patience: int = 0,
    watch: Callable[[Sequence[int]], Iterable[int]] = iter,
) -> ModelCard:
    """Pack (once), train (or go on), draw the curves, export the best to `out`/encoder.

    Raises EncoderError for a loss that is not one of LOSSES, before anything is read.
    """
    if loss not in LOSSES:
        raise EncoderError(f"unknown loss {loss!r}; choose one of {', '.join(LOSSES)}")
    roles = Protocol.load(protocol)
    train = _packed(out / "train.npz", lambda: pack_datasets(data, roles, "train", report=report))
    validation = _packed(
        out / "validation.npz", lambda: pack_datasets(data, roles, "validation", report=report)
    )
    shares = {str(name): (1 - SYNTHETIC_SHARE) / len(train.names) for name in train.names}
    if synthetic:
        extra = _packed(out / "synthetic.npz", lambda: pack_synthetic(synthetic, 6, 4, seed, 2))
        shares |= {str(extra.names[0]): SYNTHETIC_SHARE}
        train = join([train, extra])
    plan = Plan(
        steps=steps, loss=loss, seed=seed, shares=shares, patience=patience,
        composed=COMPOSED, decay=DECAY,
    )  # fmt: skip
    trainer = Trainer(plan, train, validation, out)
    if (out / "last.pt").exists():
        trainer.resume(out / "last.pt")
        report(f"continuing from step {trainer.step}")
    best = trainer.run(report, watch)
    draw_curves(siamese_curves, out / "log.jsonl", out / CURVES, report)
    model = load_model(best)
    pair = fit_comparison(model.network, model.matcher, validation)
    return export(model, out / "encoder", f"siamese-{loss}", pair)


def _packed(path: Path, make: Callable[[], PackedImages]) -> PackedImages:
    if not path.exists():
        make().save(path)
    return PackedImages.load(path)
