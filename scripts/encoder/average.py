"""The mean of the weights of several checkpoints of one run, as a checkpoint to export.

    python scripts/encoder/average.py best.pt last.pt -o mean.pt

A run wanders about its optimum, and the mean of two of its places lies nearer to it than either
(stochastic weight averaging: Izmailov and others 2018).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoints", nargs="+", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    given = parser.parse_args()
    states = [torch.load(path, map_location="cpu", weights_only=True) for path in given.checkpoints]
    mean = max(states, key=lambda state: state["step"])
    mean["average"] = {
        name: sum(state["average"][name] for state in states) / len(states)
        if value.is_floating_point()
        else value
        for name, value in mean["average"].items()
    }
    torch.save(mean, given.out)
    print(f"{len(states)} checkpoints, up to step {mean['step']} -> {given.out}")


if __name__ == "__main__":
    main()
