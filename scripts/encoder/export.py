r"""Export a trained checkpoint as the encoder that ships.

python scripts/encoder/export.py runs/encoder/best.pt --validation runs/packed/validation.npz \
    --quantise runs/packed/train.npz runs/packed/synthetic.npz
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from sources import RETRAINING, SEGMENTATION, TERMS, learned_by_network

from sigsearch.encoder import shipped_folder
from sigsearch.matching.local import DEFAULT_PAIR
from sigsearch.training.encoder.export import WEIGHTS, export
from sigsearch.training.encoder.quantise import calibration_canvases
from sigsearch.training.encoder.trainer import load_model
from sigsearch.training.encoder.validate import fit_comparison
from sigsearch.training.packed import PackedImages

SHIPPED_WEIGHTS = Path(__file__).parents[2] / "weights" / "sigsearch_weights"
LIMITS = [
    "It learned from research data; the model card names the sets, and says what that means for "
    "commercial use.",
    "Few writers of Latin script and of flourishes without letters: expect more errors there.",
    "Skilled forgeries in the training sets were made by amateurs with practice, not by experts.",
    "A result is evidence to be weighed, never a finding that a signature was forged.",
]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=shipped_folder())
    parser.add_argument("--name", default="two-readings-7")
    parser.add_argument("--protocol", default="unseen-writers-2", help="whose training writers")
    parser.add_argument("--started-from", help="id of the encoder whose weights it started from")
    parser.add_argument(
        "--validation", type=Path, help="packed validation images, to fit what is weighed by hand"
    )
    parser.add_argument(
        "--quantise",
        type=Path,
        nargs="+",
        metavar="PACKED",
        help="put the network into bytes, by packed images of training writers",
    )
    given = parser.parse_args()
    model = load_model(given.checkpoint)
    pair = DEFAULT_PAIR
    if given.validation:
        images = PackedImages.load(given.validation)
        pair = fit_comparison(model.network, model.matcher, images)
    calibration = None
    if given.quantise:
        calibration = calibration_canvases([PackedImages.load(path) for path in given.quantise])
    state = torch.load(given.checkpoint, map_location="cpu", weights_only=True)
    training = {"steps": int(state["step"]), "protocol": given.protocol}
    if given.started_from:
        training["started_from"] = given.started_from
    if "writers" not in state:
        parser.error(f"{given.checkpoint} does not tell what it learned from; train on from it")
    card = export(
        model,
        given.out,
        given.name,
        pair,
        calibration,
        training_data=[*learned_by_network(state["writers"]), SEGMENTATION],
        training=training,
        terms=TERMS,
        retraining=RETRAINING,
        limits=LIMITS,
    )
    if given.out == shipped_folder():
        (given.out / WEIGHTS).replace(SHIPPED_WEIGHTS / WEIGHTS)  # a distribution of its own
    print(f"{card.id} ({card.arithmetic}, pair weights {pair}) -> {given.out}")


if __name__ == "__main__":
    main()
