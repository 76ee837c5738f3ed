"""A duplicator: more specimens from one real image, for a writer with a single reference.

The ink is bent smoothly as a whole (the hand's changing posture) and each of its pieces is moved,
turned and scaled a little by itself (strokes between two lifts of the pen), after the intra- and
inter-component deformations of Diaz et al. (2016); then the pen is made a little broader or finer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sigsearch.imaging.components import find_components, paint
from sigsearch.synthesis.glyphs import BoolArray, FloatArray
from sigsearch.synthesis.raster import GreyImage

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_LARGEST = 12  # pieces that move by themselves; the rest, mostly dots, move together
_GRID = (14, 5)  # meshes across and down for the elastic part


def duplicate(ink: BoolArray, seed: int, strength: float = 1.0) -> GreyImage:
    """Another specimen of the signature in `ink` (h, w), true where there is ink.

    Returns grey ink, 0 = paper, 255 = full, with a narrow margin; the same for a seed. With
    `strength` 1 it strays as far as specimens of one sitting do, with 0 not at all.
    """
    rng = np.random.default_rng((8, seed))
    height, width = ink.shape
    reach = 0.13 * strength * min(height, width)
    margin = int(np.ceil(2 * reach)) + 4
    size = (width + 2 * margin, height + 2 * margin)
    page = _pieces(np.pad(ink, margin), 0.03 * strength, rng)
    page = page.transform(size, _mesh_method(), _mesh(size, reach, rng), _bilinear())
    return _trimmed(_pen_width(page, strength, rng))


def _pieces(ink: BoolArray, amount: float, rng: np.random.Generator) -> Picture:
    """Each connected piece under its own small affine map about its middle."""
    from PIL import Image, ImageChops

    parts = find_components(ink)
    order = np.argsort(-parts.area, kind="stable")
    page = Image.new("L", (ink.shape[1], ink.shape[0]), 0)
    groups = [order[i : i + 1] for i in range(min(_LARGEST, len(order)))]
    if len(order) > _LARGEST:
        groups.append(order[_LARGEST:])
    for group in groups:
        keep = np.zeros(len(parts), bool)
        keep[group] = True
        piece = Image.fromarray(paint(parts, keep, ink.shape).astype(np.uint8) * 255)
        box, room = parts.box[group], int(2 + 0.1 * min(ink.shape))
        left, top = np.maximum(box[:, :2].min(0) - room, 0).tolist()
        right, bottom = np.minimum(box[:, 2:].max(0) + room, page.size).tolist()
        piece = piece.crop((left, top, right, bottom))
        middle = np.array(piece.size) / 2
        turn = np.eye(2) + rng.normal(0, amount, (2, 2))
        shift = rng.normal(0, 0.5, 2) * amount * min(ink.shape)
        offset = middle - turn @ (middle + shift)
        matrix = (*turn[0], offset[0], *turn[1], offset[1])
        moved = piece.transform(piece.size, Image.Transform.AFFINE, matrix, _bilinear())
        page.paste(ImageChops.lighter(page.crop((left, top, right, bottom)), moved), (left, top))
    return page


def _mesh(size: tuple[int, int], reach: float, rng: np.random.Generator) -> list[Any]:
    """Where each mesh of the new image is fetched from: a global affine map and smooth waves."""
    width, height = size
    across, down = _GRID
    x = np.linspace(0, width, across + 1)
    y = np.linspace(0, height, down + 1)
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    unit = grid / (width, height) - 0.5
    bend = rng.normal(0, 0.12, (2, 2))
    slow = np.sin(2 * np.pi * (unit @ rng.uniform(-1.2, 1.2, (2, 2)) + rng.uniform(0, 1, 2)))
    fast = np.sin(2 * np.pi * (unit @ rng.uniform(-4, 4, (2, 2)) + rng.uniform(0, 1, 2)))
    source: FloatArray = grid + np.clip(unit @ bend + 0.3 * slow + 0.08 * fast, -1, 1) * reach
    meshes = []
    for row in range(down):
        for column in range(across):
            corners = [(row, column), (row + 1, column), (row + 1, column + 1), (row, column + 1)]
            box = (round(x[column]), round(y[row]), round(x[column + 1]), round(y[row + 1]))
            meshes.append((box, [float(v) for at in corners for v in source[at]]))
    return meshes


def _pen_width(page: Picture, strength: float, rng: np.random.Generator) -> GreyImage:
    """Broader or finer by a fraction of a pixel: blur, then a steep curve about another grey."""
    from PIL import ImageFilter

    soft = np.asarray(page.filter(ImageFilter.GaussianBlur(0.8))).astype(np.float32)
    cut = 112 + 22 * strength * float(np.clip(rng.normal(), -2, 2))
    return np.asarray(np.clip((soft - cut) * 4 + 127, 0, 255).astype(np.uint8))


def _trimmed(ink: GreyImage) -> GreyImage:
    """The box of the ink and four pixels around it."""
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if not len(rows):
        return ink
    return np.pad(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 4)


def _mesh_method() -> Any:
    from PIL import Image

    return Image.Transform.MESH


def _bilinear() -> Any:
    from PIL import Image

    return Image.Resampling.BILINEAR
