"""Every figure of docs/approaches.md in one go.

    python scripts/measure_approaches.py DATA/bhsig260 -o report/approaches

DATA/bhsig260 has the folders Bengali and Hindi. What is finished is not done again; remove a
folder under the output to repeat its part. Most of the time goes into eight classifiers.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

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
        model = classifier_of_all(page / "work")
        told = json.loads((model / "card.json").read_text(encoding="utf-8"))["training"]
        line(
            f"{name}: classifier right on {told['test']['accuracy']:.2%} of "
            f"{told['test']['images']} test images; {told['epochs']} epochs, {told['seconds']} s"
        )
        sheet = str(page / "writer-58.png")
        sigsearch("classify", "--writer", writer, str(data), "-m", str(model), "-o", sheet)
    losses = Path(__file__).with_name("compare_losses.py")
    run(str(losses), str(bengali), "-o", str(asked.out / "losses"), "--steps", str(asked.steps))


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
