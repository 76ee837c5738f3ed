"""Every figure of docs/approaches.md in one go.

    python scripts/measure_approaches.py DATA/bhsig260 -o report/approaches

DATA/bhsig260 has the folders Bengali and Hindi. What is finished is not done again; remove a
folder under the output to repeat its part. Takes about half an hour on two idle cores.
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
    parser.add_argument("--steps", type=int, default=200, help="of each loss")
    parser.add_argument("--encoder", help="another encoder than the shipped one")
    asked = parser.parse_args()
    bengali = asked.bhsig / "Bengali"
    encoder = ["--encoder", asked.encoder] if asked.encoder else []
    for name, data in (("bengali", bengali), ("bhsig260", asked.bhsig)):
        model = asked.out / name / "model"
        if not (model / "card.json").exists():
            sigsearch("train", "classifier", str(data), "-o", str(model))
        told = json.loads((model / "card.json").read_text(encoding="utf-8"))["training"]
        line(
            f"{name}: classifier right on {told['test']['accuracy']:.2%} of "
            f"{told['test']['images']} test images; {told['epochs']} epochs, {told['seconds']} s"
        )
        writer = "58" if name == "bengali" else "bhsig260-bengali/58"
        sheet = asked.out / name / "writer-58.png"
        sigsearch("classify", "--writer", writer, str(data), "-m", str(model), "-o", str(sheet))
        page = asked.out / name / "comparison"
        if not (page / "comparison.json").exists():
            sigsearch("compare", str(data), "-o", str(page), *encoder)
        else:
            line((page / "comparison.json").read_text(encoding="utf-8"))
    losses = Path(__file__).with_name("compare_losses.py")
    run(str(losses), str(bengali), "-o", str(asked.out / "losses"), "--steps", str(asked.steps))


def sigsearch(*arguments: str) -> None:
    run("-c", "from sigsearch.cli import main; main()", *arguments)


def run(*arguments: str) -> None:
    say("$ " + " ".join(a for a in arguments if "import" not in a))
    subprocess.run([sys.executable, *arguments], check=True)


if __name__ == "__main__":
    main()
