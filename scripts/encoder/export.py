r"""Export a trained checkpoint as the encoder that ships.

python scripts/encoder/export.py runs/encoder/best.pt --validation runs/packed/validation.npz \
    --quantise runs/packed/train.npz runs/packed/synthetic.npz
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from sigsearch.encoder import shipped_folder
from sigsearch.matching.local import DEFAULT_PAIR
from sigsearch.training.encoder.export import WEIGHTS, export
from sigsearch.training.encoder.quantise import calibration_canvases
from sigsearch.training.encoder.trainer import load_model
from sigsearch.training.encoder.validate import fit_comparison
from sigsearch.training.packed import PackedImages

SHIPPED_WEIGHTS = Path(__file__).parents[2] / "weights" / "sigsearch_weights"
HEAD_ALONE = "train and validation of unseen-writers-2, for the head of the score alone"
TRAINING_DATA = [
    {"name": "CEDAR", "writers": "1-35", "cite": "Kalera, Srihari, Xu 2004"},
    {"name": "BHSig260 Bengali", "writers": "1-44", "cite": "Pal, Alaei, Pal, Blumenstein 2016"},
    {"name": "BHSig260 Hindi", "writers": "1-90", "cite": "Pal, Alaei, Pal, Blumenstein 2016"},
    {"name": "SVC2004", "writers": "1-24", "cite": "Yeung et al. 2004"},
    {
        "name": "Cross-media signatures",
        "writers": "1-72, ten names each",
        "cite": "Luo et al. 2023, doi 10.1002/aisy.202300439",
    },
    {"name": "invented writers", "writers": "18,000", "cite": "sigsearch.synthesis"},
    {"name": "MCYT-100", "writers": HEAD_ALONE, "cite": "Ortega-Garcia et al. 2003"},
    {"name": "SUSIG, visual", "writers": HEAD_ALONE, "cite": "Kholmatov and Yanikoglu 2009"},
    {"name": "210 Persian writers", "writers": HEAD_ALONE, "cite": "pen data, source not stated"},
    {"name": "SigComp2009", "writers": HEAD_ALONE, "cite": "Blankers et al. 2009"},
    {"name": "UTSig", "writers": HEAD_ALONE, "cite": "Soleimani, Fouladi, Araabi 2017"},
    {"name": "ChiSig", "writers": HEAD_ALONE, "cite": "Yan et al. 2022, non-commercial"},
]
LIMITS = [
    "The real training sets are public research data; check their terms before commercial use.",
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
    steps = int(torch.load(given.checkpoint, map_location="cpu", weights_only=True)["step"])
    training = {"steps": steps, "protocol": "unseen-writers-1"}
    if given.started_from:
        training["started_from"] = given.started_from
    card = export(
        model,
        given.out,
        given.name,
        pair,
        calibration,
        training_data=TRAINING_DATA,
        training=training,
        limits=LIMITS,
    )
    if given.out == shipped_folder():
        (given.out / WEIGHTS).replace(SHIPPED_WEIGHTS / WEIGHTS)  # a distribution of its own
    print(f"{card.id} ({card.arithmetic}, pair weights {pair}) -> {given.out}")


if __name__ == "__main__":
    main()
