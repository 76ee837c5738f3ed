"""Explanations as PNG pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sigsearch.arrays import Bytes
from sigsearch.explanation.maps import FeatureMap
from sigsearch.explanation.pair import PairRegions
from sigsearch.imaging import Signature
from sigsearch.report.pictures import region_picture

if TYPE_CHECKING:
    from PIL.Image import Image

_TILE, _GAP, _LABEL = (168, 72), 6, 16
_INK = (28, 28, 30)


def draw_maps(
    signature: Signature, maps: Sequence[FeatureMap], out: Path, columns: int = 8
) -> None:
    """The canvas, and below it a row for each layer with its `columns` liveliest channels; dark
    where a channel answers, each against its own maximum."""
    from PIL import Image, ImageDraw

    height = _LABEL + _TILE[1] + _GAP
    width = columns * (_TILE[0] + _GAP) + _GAP
    sheet = Image.new("RGB", (width, height * (len(maps) + 1) + _GAP), (255, 255, 255))
    draw = ImageDraw.Draw(sheet)
    draw.text((_GAP, _GAP), f"what the network is given: {_short(signature.name)}", fill=_INK)
    sheet.paste(_tile(signature.canvas), (_GAP, _GAP + _LABEL))
    for row, layer in enumerate(maps, start=1):
        top = _GAP + row * height
        channels, tall, wide = layer.values.shape
        draw.text((_GAP, top), f"{layer.layer}: {channels} channels, {tall} x {wide}", fill=_INK)
        for column, channel in enumerate(layer.loudest(columns)):
            values = layer.values[channel]
            shade = (255 * values / max(float(values.max()), 1e-9)).clip(0, 255).astype(np.uint8)
            sheet.paste(_tile(shade), (_GAP + column * (_TILE[0] + _GAP), top + _LABEL))
    sheet.quantize(64).save(out, "PNG", optimize=True)


def draw_pair(a: Signature, b: Signature, regions: PairRegions, out: Path) -> None:
    """Both signatures side by side, blue where they are alike and orange where they differ."""
    from PIL import Image, ImageDraw

    left, right = (
        region_picture(signature, evidence)
        for signature, evidence in zip((a, b), regions.evidence, strict=True)
    )
    sheet = Image.new(
        "RGB", (left.shape[1] + right.shape[1] + 3 * _GAP, left.shape[0] + 3 * _LABEL), "white"
    )
    draw = ImageDraw.Draw(sheet)
    place = _GAP
    for signature, picture in ((a, left), (b, right)):
        draw.text((place, 2), _short(signature.name), fill=_INK)
        sheet.paste(Image.fromarray(picture), (place, _LABEL))
        place += picture.shape[1] + _GAP
    told = (
        f"pair score {regions.score:.2f} (higher = closer); blue: alike, orange: different, "
        "against the mean of this pair"
    )
    draw.text((_GAP, _LABEL + left.shape[0] + 6), told, fill=_INK)
    sheet.quantize(64).save(out, "PNG", optimize=True)


def _short(name: str) -> str:
    """The file and its folder: enough to know it by."""
    return "/".join(Path(name).parts[-2:])[-60:]


def _tile(shade: Bytes) -> Image:
    """uint8 (h, w), 255 = strongest, as dark on white, framed."""
    from PIL import Image, ImageOps

    picture = Image.fromarray(255 - shade).resize((_TILE[0] - 2, _TILE[1] - 2))
    return ImageOps.expand(picture, 1, fill=190)
