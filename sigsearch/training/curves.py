"""Training curves as a picture, from the log that a training writes. Needs matplotlib."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

CURVES = "curves.png"
Curve = Sequence[tuple[float, float]]


def draw_curves(
    draw: Callable[[Path, Path], None], log: Path, out: Path, report: Callable[[str], None]
) -> None:
    """Draw them if matplotlib is there; a training is not lost for want of a picture."""
    try:
        draw(log, out)
    except ModuleNotFoundError as missing:
        report(f"no {out.name}: it needs {missing.name} (pip install 'sigsearch[train]')")


def read_log(path: Path) -> list[dict[str, Any]]:
    """The entries of a log.jsonl, a line cut short by a crash left out."""
    entries = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entries.append(json.loads(line))
        except ValueError:
            continue
    return entries


def classifier_curves(log: Path, out: Path) -> None:
    """Loss and accuracy by epoch, of training and validation images."""
    entries = {entry["epoch"]: entry for entry in read_log(log)}  # a resumed epoch counts once
    rows = [entries[epoch] for epoch in sorted(entries)]

    def curve(name: str) -> Curve:
        return [(row["epoch"], row[name]) for row in rows]

    _draw(
        out,
        "epoch",
        {
            "cross-entropy": {"training": curve("loss"), "validation": curve("validation_loss")},
            "accuracy": {
                "training (augmented)": curve("accuracy"),
                "validation": curve("validation_accuracy"),
            },
        },
    )


def siamese_curves(log: Path, out: Path) -> None:
    """The losses by step, and the validation EERs' summary where there were validation writers. A
    run too short for either gets no picture."""
    entries = read_log(log)
    losses = [entry for entry in entries if "global" in entry]
    checks = [entry for entry in entries if "validation" in entry]
    panels: dict[str, dict[str, Curve]] = {}
    if losses:
        panels["loss"] = {
            name: [(entry["step"], entry[name]) for entry in losses if name in entry]
            for name in ("global", "local", "set")
            if name in losses[-1]
        }
    if checks:
        points = [(entry["step"], entry["validation"]["summary"]) for entry in checks]
        panels["validation: mean EER"] = {"local reading": points}
    if panels:
        _draw(out, "step", panels)


def _draw(out: Path, along: str, panels: Mapping[str, Mapping[str, Curve]]) -> None:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(4.5 * len(panels), 3.4), layout="constrained")
    for axes, (title, curves) in zip(
        figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True
    ):
        for name, points in curves.items():
            axes.plot(*zip(*points, strict=True), label=name, linewidth=1.4)
        axes.set_title(title, fontsize=10)
        axes.set_xlabel(along)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        axes.legend(frameon=False, fontsize=8)
    figure.savefig(out, dpi=120)
