"""What test-time averaging would give: validation writers' EERs when an image is read several
times, turned, stretched, shifted or mirrored, and the scores of the readings are averaged.

python scripts/measure_views.py runs/packed/validation.npz

Mirrored views are compared with mirrored references, so these would have to be stored as well; all
others concern the questioned signature alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from compare_encoders import claims, embed
from torch.nn import functional as F

from sigsearch.encoder import Encoder
from sigsearch.matching.local import LocalMatcher
from sigsearch.training.packed import PackedImages
from sigsearch.training.quantise import Canvases, canvases_of
from sigsearch.training.validate import Claim, figures_of

VIEWS = {
    "as it is": (1.0, 1.0, 0.0, 0.0),  # sampling steps in x and y, degrees, shift in half widths
    "narrower": (1.06, 1.0, 0.0, 0.0),
    "wider": (0.94, 1.0, 0.0, 0.0),
    "lower": (1.0, 1.06, 0.0, 0.0),
    "taller": (1.0, 0.94, 0.0, 0.0),
    "turned left": (1.0, 1.0, 3.0, 0.0),
    "turned right": (1.0, 1.0, -3.0, 0.0),
    "to the left": (1.0, 1.0, 0.0, 0.07),
    "to the right": (1.0, 1.0, 0.0, -0.07),
    "left to right": (-1.0, 1.0, 0.0, 0.0),
    "upside down": (1.0, -1.0, 0.0, 0.0),
}
MIRRORED = ("left to right", "upside down")
GROUPS = {
    "one view": [],
    "stretched": ["narrower", "wider", "lower", "taller"],
    "turned": ["turned left", "turned right"],
    "shifted": ["to the left", "to the right"],
    "mirrored left to right": ["left to right"],
    "mirrored upside down": ["upside down"],
    "mirrored both ways": ["left to right", "upside down"],
}


def seen(canvases: Canvases, view: tuple[float, float, float, float]) -> Canvases:
    x, y, degrees, shift = view
    height, width = canvases.shape[2:]
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    aspect = width / height
    rows = [[cos * x, -sin / aspect * x, shift], [sin * aspect * y, cos * y, 0.0]]
    theta = torch.tensor(rows, dtype=torch.float32).expand(len(canvases), 2, 3)
    grid = F.affine_grid(theta, list(canvases.shape), align_corners=False)
    moved = F.grid_sample(torch.from_numpy(canvases).float(), grid, align_corners=False)
    return moved.round().clamp(0, 255).to(torch.uint8).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("validation", type=Path)
    parser.add_argument("--encoder", type=Path)
    given = parser.parse_args()
    encoder = Encoder.load(given.encoder, threads=1)
    matcher = LocalMatcher.load(encoder.matcher_path)
    images = PackedImages.load(given.validation)
    canvases = canvases_of(images, np.arange(len(images)))
    plain = embed(encoder, canvases)
    views = {}
    for name, view in VIEWS.items():
        read = plain if name == "as it is" else embed(encoder, seen(canvases, view))
        views[name] = claims(read if name in MIRRORED else plain, read, matcher, images)
    weight = matcher.pair[0]
    print("| views averaged | global, 1 reference | both, 1 | both, 4, own |\n|---|---|---|---|")
    for group, more in GROUPS.items():
        averaged = []
        for parts in zip(*(views[name] for name in ["as it is", *more]), strict=True):
            wide = np.mean([part.wide for part in parts], axis=0)
            fine = np.mean([part.fine for part in parts], axis=0)
            averaged.append(Claim(parts[0].source, wide, fine + weight * wide))
        by = list(figures_of(averaged).eer.values())
        means = (
            np.mean([100 * one[key] for one in by if key in one])
            for key in ("global 1", "local 1", "local 4 own")
        )
        print(f"| {group} | " + " | ".join(f"{mean:.1f}" for mean in means) + " |", flush=True)


if __name__ == "__main__":
    main()
