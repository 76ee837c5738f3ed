"""Train the segmentation that tells a signature from what is printed around it, and write it.

    python scripts/segmenter/pack_forms.py DATA/cedar DATA/bhsig260 DATA/svc2004 DATA/crossmedia
    python scripts/segmenter/train.py runs/forms --out sigsearch/imaging/segmenter.onnx

Half an hour on two cores.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from sigsearch.imaging.view import VIEW_SHAPE
from sigsearch.models.folder import hashes_of, write_card
from sigsearch.training.encoder.quantise import quantise
from sigsearch.training.onnx_file import write_onnx
from sigsearch.training.segmenter.network import Deployed, Segmenter
from sigsearch.training.segmenter.trainer import measure, train

FACTS = {
    "task": "which of the ink on a page is the signature's",
    "trained_on": "invented forms, signed by invented writers and with the ink of training writers "
    "of CEDAR, BHSig260, SVC2004 and Cross-media (research data)",
    "licence": "Apache-2.0",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("forms", type=Path, help="the folder that pack_forms.py wrote")
    parser.add_argument("--steps", type=int, default=12_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--only-invented", action="store_true", help="keep it from every real signature"
    )
    parser.add_argument("--out", type=Path, default=Path("runs/segmenter.onnx"))
    given = parser.parse_args()
    train_file = np.load(given.forms / "train.npz")
    seen = train_file["views"]
    if given.only_invented:
        seen = seen[: train_file["invented"]]
    file = np.load(given.forms / "validation.npz")
    sets = dict(zip(("invented", "real"), np.split(file["views"], [file["invented"]]), strict=True))

    def report(step: int, loss: float, network: Segmenter) -> None:
        line = f"{step:5d}  loss {loss:.3f}"
        if step % 500 == 0 or step == given.steps:
            line += "".join(f"; {name}: {measure(network, of)}" for name, of in sets.items())
        print(line, flush=True)

    network = train(seen, given.steps, given.seed, report)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    write_onnx(Deployed(network), given.out, ["likely"], "views", (2, *VIEW_SHAPE))
    quantise(given.out, seen[:: len(seen) // 384 or 1, :2].copy(), "views", in_float=())
    note(given.out)
    print(f"{given.out}: {given.out.stat().st_size / 1e6:.1f} MB")


def note(path: Path) -> None:
    """Write into the file what it is and what it learned from, and its hash into a card beside."""
    import onnx

    model = onnx.load(path)
    onnx.helper.set_model_props(model, FACTS)
    onnx.save(model, path)
    write_card(path.with_suffix(".json"), {"files": hashes_of(path.parent, [path.name]), **FACTS})


if __name__ == "__main__":
    main()
