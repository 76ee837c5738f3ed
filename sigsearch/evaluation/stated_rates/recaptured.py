"""Copies of an image as they are handed in again: shifted, scaled, turned, recompressed."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sigsearch.datasets import Sample

if TYPE_CHECKING:
    from PIL.Image import Image

Change = Callable[["Image"], "Image"]


def grey(sample: Sample) -> Image:
    from PIL import Image

    source = sample.source
    return Image.open(source).convert("L") if isinstance(source, Path) else Image.fromarray(source)


def jpeg(image: Image, quality: float = 40) -> Image:
    from PIL import Image

    file = io.BytesIO()
    image.save(file, "JPEG", quality=int(quality))
    return Image.open(file).convert("L")


def shifted(image: Image) -> Image:
    from PIL import Image

    wide = Image.new("L", (image.width + 60, image.height + 50), _paper(image))
    wide.paste(image, (41, 17))
    return wide


def _paper(image: Image) -> int:
    return int(np.median(np.asarray(image)))


def scaled(image: Image, by: float) -> Image:
    from PIL.Image import Resampling

    size = (max(round(image.width * by), 1), max(round(image.height * by), 1))
    return image.resize(size, Resampling.BICUBIC)


def turned(image: Image, degrees: float) -> Image:
    from PIL.Image import Resampling

    return image.rotate(degrees, Resampling.BICUBIC, expand=True, fillcolor=_paper(image))


WAYS: dict[str, Change] = {
    "shifted": shifted,
    "scaled by 0.8": lambda image: scaled(image, 0.8),
    "scaled by 1.25": lambda image: scaled(image, 1.25),
    "JPEG quality 40": jpeg,
    "turned by 3 degrees": lambda image: turned(image, 3),
    "turned by -3 degrees": lambda image: turned(image, -3),
    "all, smaller": lambda image: jpeg(shifted(scaled(turned(image, 3), 0.8))),
    "all, larger": lambda image: jpeg(shifted(scaled(turned(image, -3), 1.25))),
}
