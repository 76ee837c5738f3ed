"""Every figure of a comparison log in one go.

    python scripts/measurements/approaches.py DATA/bhsig260 -o report/approaches

DATA/bhsig260 has the folders Bengali and Hindi. What is finished is not done again. Most of the
time goes into eight classifiers. To measure another encoder beside the same classifiers, remove
bengali/comparison.json and bhsig260/comparison.json under the output, and keep the work folders:
what was trained on the same images in the same way is taken as it is, with the cost that it had.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from sigsearch.cli.output import line, say


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bhsig", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=40, help="of each classifier, at most")
    parser.add_argument("--steps", type=int, default=200, help="of each loss")
    parser.add_argument("--encoder", help="another encoder than the shipped one")
    asked = parser.parse_args()
    bengali = asked.bhsig / "Bengali"
    encoder = ["--encoder", asked.encoder] if asked.encoder else []
    for name, data, writer in (
        ("bengali", bengali, "58"),
        ("bhsig260", asked.bhsig, "bhsig260-bengali/58"),
    ):
        page = asked.out / name
        if not (page / "comparison.json").exists():
            epochs = ["--epochs", str(asked.epochs)]
            sigsearch("compare", str(data), "-o", str(page), *epochs, *encoder)
        tell(name, json.loads((page / "comparison.json").read_text(encoding="utf-8")))
        sheet = str(page / "writer-58.png")
        model = str(classifier_of_all(page / "work"))
        sigsearch("classify", "--writer", writer, str(data), "-m", model, "-o", sheet)
    losses = Path(__file__).parents[1] / "encoder" / "compare_losses.py"
    if not (asked.out / "losses" / "losses.json").exists():
        run(str(losses), str(bengali), "-o", str(asked.out / "losses"), "--steps", str(asked.steps))


def tell(name: str, found: dict[str, Any]) -> None:
    """The figures that a comparison log quotes."""
    learnt, enrolled = (found["stages"][-1][which] for which in ("classifier", "index"))
    asked = found["strangers"]
    line(
        f"{name}: of {learnt['questions']} test images the classifier is right on "
        f"{learnt['right']} ({found['closed_set']['classifier']:.2%}, {learnt['epochs']} epochs, "
        f"{learnt['train']['cpu_seconds']:.0f} s of work), the index on {enrolled['right']} "
        f"({found['closed_set']['index']:.2%}, encoder {found['encoder']})"
    )
    line(
        f"{name}: of {asked['questions']} strangers' the index names {asked['index_named']:.1%} "
        f"where {asked['fpir']:.1%} was stated; it misses {asked['index_missed']:.1%} of the known"
    )


def classifier_of_all(work: Path) -> Path:
    """The last of the classifiers that the comparison trained: the one of all writers."""
    return max(work.glob("classifier-*"), key=lambda folder: int(folder.name.split("-")[1]))


def sigsearch(*arguments: str) -> None:
    run("-c", "from sigsearch.cli import main; main()", *arguments)


def run(*arguments: str) -> None:
    say("$ " + " ".join(a for a in arguments if "import" not in a))
    subprocess.run([sys.executable, *arguments], check=True)


if __name__ == "__main__":
    main()
