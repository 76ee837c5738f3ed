"""Batches of pages: turned, scaled, shifted and worn anew each time they are seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsearch.documents.page_view import AREA, STRIDE, scale_to
from sigsearch.training.detector.packed_pages import Boxes, PackedPage

Views = NDArray[np.uint8]
_SHAPES = (0.4, 0.71, 0.78, 1.4, 2.2)  # width over height
_LEAST_SEEN = 0.45  # of a box: less of it is nobody's signature
_ZOOMED = 0.1  # of the pages: a part of them, closer
_PARTS, _PART = 0.55, (224, 256)  # of the batches, and their shape
_AIMED = 0.75  # of the parts: around a mark


@dataclass(frozen=True, slots=True)
class PageBatches:
    """`shares[i]`: how much of a batch is drawn from `pools[i]`."""

    pools: Sequence[Sequence[PackedPage]]
    shares: Sequence[float]

    def draw(self, size: int, rng: np.random.Generator) -> tuple[Views, list[Boxes]]:
        """Views (size, h, w) of one shape, and the boxes on them; at times thrice as many parts of
        pages, most of them around a mark, which teach more a pixel."""
        if rng.random() < _PARTS:
            return _stacked([worn(self._page(rng), _PART, rng, part=True) for _ in range(3 * size)])
        first = self._page(rng)
        aspect = first.dark.shape[1] / first.dark.shape[0]
        nearest = min(_SHAPES, key=lambda shape: abs(np.log(shape / aspect)))
        shape = _canvas(nearest)
        pages = [first]
        while len(pages) < size:
            page = self._page(rng)
            other = page.dark.shape[1] / page.dark.shape[0]
            if abs(np.log(other / nearest)) < 0.5 or rng.random() < 0.1:
                pages.append(page)
        return _stacked([worn(page, shape, rng) for page in pages])

    def _page(self, rng: np.random.Generator) -> PackedPage:
        pool = self.pools[int(rng.choice(len(self.pools), p=self.shares))]
        return pool[int(rng.integers(len(pool)))]


def _stacked(made: Sequence[tuple[Views, Boxes]]) -> tuple[Views, list[Boxes]]:
    return np.stack([view for view, _ in made]), [boxes for _, boxes in made]


def _canvas(aspect: float) -> tuple[int, int]:
    high = (AREA / aspect) ** 0.5
    return round(high / STRIDE) * STRIDE, round(high * aspect / STRIDE) * STRIDE


def worn(page: PackedPage, shape: tuple[int, int], rng: np.random.Generator,
         part: bool = False) -> tuple[Views, Boxes]:  # fmt: skip
    """The page, or a `part` of it, on a canvas of `shape`, and its boxes there: each time another
    way."""
    from PIL import Image

    height, width = page.dark.shape
    fitting = min(shape[0] / height, shape[1] / width)
    scale = min(scale_to((height, width)), 1.6) if part else fitting
    scale *= float(np.exp(rng.normal(0.0, 0.1)))
    if rng.random() < _ZOOMED:
        scale *= rng.uniform(1.2, 2.2)
    angle = rng.normal(0, 1.3) if rng.random() < 0.6 else 0.0
    stretch = float(np.exp(rng.normal(0, 0.04)))
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    turn = np.array([[cos, -sin], [sin, cos]]) @ np.diag([scale * stretch, scale / stretch])
    canvas, whole = np.array([shape[1], shape[0]]), np.array([width, height])
    slack = np.abs(canvas - whole * scale)
    middle = canvas / 2 + rng.uniform(-0.5, 0.5, 2) * (slack + 8)
    origin = whole / 2
    if part and len(page.boxes) and rng.random() < _AIMED:
        box = page.boxes[int(rng.integers(len(page.boxes)))]
        origin = (box[:2] + box[2:4]).astype(np.float64) / 2
        middle = canvas * rng.uniform(0.12, 0.88, 2)
    back = np.linalg.inv(turn)
    offset = origin - back @ middle
    picture = Image.fromarray(page.dark).transform(
        (shape[1], shape[0]),
        Image.Transform.AFFINE,
        (*back[0], offset[0], *back[1], offset[1]),
        Image.Resampling.BILINEAR,
    )
    return _toned(np.asarray(picture), rng), _moved(page.boxes, turn, origin, middle, shape)


def _moved(boxes: Boxes, turn: NDArray[np.float64], origin: NDArray[np.float64],
           middle: NDArray[np.float64], shape: tuple[int, int]) -> Boxes:  # fmt: skip
    kept = []
    for left, top, right, bottom, kind in boxes.tolist():
        x, y = (left + right) / 2, (top + bottom) / 2
        # The middles of the sides: a hand leaves little ink in the corners of its box.
        points = np.array([(left, y), (right, y), (x, top), (x, bottom)])
        new = (points - origin) @ turn.T + middle
        low, high = new.min(0), new.max(0)
        inside = np.clip((*low, *high), 0, (shape[1], shape[0]) * 2)
        area = (inside[2] - inside[0]) * (inside[3] - inside[1])
        if area > _LEAST_SEEN * float(np.prod(high - low)) and area > 12:
            kept.append((*inside, kind))
    return np.array(kept, np.float32).reshape(-1, 5)


def _toned(dark: Views, rng: np.random.Generator) -> Views:
    """Paler or darker, blurred, sharpened to black and white, noisy."""
    from PIL import Image, ImageFilter

    if rng.random() < 0.25:
        blur = ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.1)))
        dark = np.asarray(Image.fromarray(dark).filter(blur))
    values = np.arange(256) / 255.0
    kind = rng.random()
    if kind < 0.55:
        values = np.clip(values * np.exp(rng.normal(0, 0.35)), 0, 1) ** np.exp(rng.normal(0, 0.25))
    elif kind < 0.75:  # as on a copy
        edge = rng.uniform(0.12, 0.4)
        values = np.clip((values - edge) / rng.uniform(0.05, 0.4) + 0.5, 0, 1)
    dark = (255 * values).astype(np.uint8)[dark]
    if rng.random() < 0.25:
        noise = rng.normal(0, rng.uniform(2, 14), (dark.shape[0] // 2, dark.shape[1]))
        rough = np.repeat(noise.astype(np.int16), 2, axis=0)
        dark = np.clip(dark.astype(np.int16) + rough, 0, 255).astype(np.uint8)
    return dark
