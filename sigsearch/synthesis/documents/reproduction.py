"""What happens to a sheet before it is a file: scanned, copied, faxed, photographed."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sigsearch.synthesis.documents.sheet import Mark

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Floats = NDArray[np.float64]
Marks = tuple[Mark, ...]
_BOTH_WAYS = np.array([[1.0], [-1.0], [1.0], [-1.0]])
REPRODUCTIONS = ("clean", "scan", "copy", "fax", "photo")


def reproduce(
    page: Picture, marks: Sequence[Mark], how: str, rng: np.random.Generator
) -> tuple[Picture, Marks]:
    """The page as it comes out, and where its marks are then. `how` is one of REPRODUCTIONS."""
    if how == "clean":
        return page, tuple(marks)
    if how == "photo":
        return _photo(page, marks, rng)
    angle = float(rng.normal(0, 0.8)) if rng.random() < 0.7 else 0.0
    page, moved = _turned(page, marks, angle, int(rng.integers(235, 256)))
    page = page.convert("L")
    if how == "scan":
        return _scan(page, rng), moved
    return _bilevel(page, how, rng), moved


def _turned(
    page: Picture, marks: Sequence[Mark], angle: float, paper: int
) -> tuple[Picture, Marks]:
    from PIL import Image

    turned = page.rotate(angle, Image.Resampling.BILINEAR, fillcolor=paper)
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    middle = np.array(page.size) / 2
    turn = np.array([[cos, sin], [-sin, cos]])
    return turned, moved(marks, page.size, lambda points: (points - middle) @ turn.T + middle)


def moved(marks: Sequence[Mark], size: tuple[int, int], where: Callable[[Floats], Floats]) -> Marks:
    """The boxes around where the inner part of the old ones went, as far as on a page of `size`."""
    found = []
    for mark in marks:
        # The ink of a hand is seldom in the corners: the middle of the sides is what counts.
        x, y = mark.x + mark.width / 2, mark.y + mark.height / 2
        level, upright = (mark.width / 2, 0.0), (0.0, mark.height / 2)
        points = np.array([(x, y)] * 4) + np.array([level, upright]).repeat(2, 0) * _BOTH_WAYS
        new = where(points)
        low = np.clip(new.min(0), 0, size)
        wide, high = np.clip(new.max(0), 0, size) - low
        if wide > 3 and high > 3:
            found.append(Mark(mark.kind, *(float(v) for v in (*low, wide, high))))
    return tuple(found)


def _scan(page: Picture, rng: np.random.Generator) -> Picture:
    """Optics, tinted or cloudy paper, sensor noise, mostly JPEG."""
    from PIL import Image, ImageFilter

    page = page.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.0, 0.8))))
    values = np.asarray(page).astype(np.float32)
    paper = rng.uniform(175, 255) if rng.random() < 0.5 else rng.uniform(240, 255)
    values *= paper / 255
    if rng.random() < 0.4:
        values = values * _field(page.size, rng, 0.06) + 0
    if rng.random() < 0.3:
        values = np.clip(
            (values - 128) * rng.uniform(0.5, 1.4) + 128 + rng.uniform(-10, 25), 0, 255
        )
    values += rng.standard_normal(values.shape, np.float32) * np.float32(rng.uniform(0.5, 7))
    if rng.random() < 0.12:
        _edges(values, rng)
    picture = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
    return _jpeg(picture, int(rng.integers(30, 95))) if rng.random() < 0.6 else picture


def _bilevel(page: Picture, how: str, rng: np.random.Generator) -> Picture:
    """Black and white, with specks, black edges, holes, and on a fax coarse and slipped lines."""
    from PIL import Image, ImageFilter

    size = page.size
    if how == "fax":
        page = page.resize(
            (round(size[0] * 0.72), round(size[1] * rng.choice([0.36, 0.72]))), Image.Resampling.BOX
        )
    page = page.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.2, 1.1))))
    values = np.asarray(page).astype(np.float32)
    values += rng.standard_normal(values.shape, np.float32) * np.float32(rng.uniform(2, 18))
    if rng.random() < 0.3:
        values *= _field(page.size, rng, 0.06)
    black = values < rng.uniform(165, 225)
    specks = float(rng.choice([0.0, 0.0003, 0.002]))
    black |= rng.random(black.shape, np.float32) < specks
    if how == "fax":
        for row in rng.integers(0, black.shape[0], rng.poisson(1.0)):
            black[row:] = np.roll(black[row:], int(rng.integers(-2, 3)), axis=1)
    made = np.where(black, 0, 255).astype(np.float32)
    if rng.random() < 0.35:
        _edges(made, rng)
    return Image.fromarray(made.astype(np.uint8)).resize(size, Image.Resampling.BILINEAR)


def _edges(values: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Black where the lid was open, holes of a punch, in place."""
    height, width = values.shape
    for side in range(4):
        if rng.random() < 0.4:
            deep = int(rng.uniform(0.003, 0.06) * min(values.shape))
            strip = np.moveaxis(values, 0, 0) if side < 2 else values.T
            part = strip[:deep] if side % 2 == 0 else strip[len(strip) - deep :]
            rough = rng.uniform(0, 1, part.shape[1])
            part[:, rough < 0.97] *= rng.uniform(0, 0.25)
    if rng.random() < 0.4:
        y, x = np.ogrid[:height, :width]
        radius = 0.012 * height
        for share in rng.choice([0.2, 0.35, 0.5, 0.65, 0.8], int(rng.integers(1, 4))):
            at = (
                (0.035 * width, share * height)
                if rng.random() < 0.6
                else (share * width, 0.025 * height)
            )
            values[(x - at[0]) ** 2 + (y - at[1]) ** 2 < radius**2] = rng.uniform(0, 60)


def _photo(page: Picture, marks: Sequence[Mark], rng: np.random.Generator) -> tuple[Picture, Marks]:
    """A sheet that was photographed and flattened: what is left of the perspective, a rim of desk,
    shadows, blur."""
    from PIL import Image, ImageFilter

    width, height = page.size
    rim = rng.uniform(0, 0.06, 4) if rng.random() < 0.6 else np.zeros(4)
    slack = rng.normal(0, 0.012, (4, 2))
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
    target = corners * (1 - rim[0] - rim[1], 1 - rim[2] - rim[3]) + (rim[0], rim[2]) + slack
    to_page = homography(target * page.size, corners * page.size)
    to_photo = np.linalg.inv(to_page)
    desk = int(rng.uniform(20, 190))
    coefficients = (to_page / to_page[2, 2]).ravel()[:8]
    seen = page.convert("L").transform(
        page.size,
        Image.Transform.PERSPECTIVE,
        coefficients.tolist(),
        Image.Resampling.BILINEAR,
        fillcolor=0,
    )
    inside = Image.new("L", page.size, 255).transform(
        page.size,
        Image.Transform.PERSPECTIVE,
        coefficients.tolist(),
        Image.Resampling.NEAREST,
        fillcolor=0,
    )
    values = np.where(np.asarray(inside) > 0, np.asarray(seen), desk).astype(np.float32)
    values *= _field(page.size, rng, 0.13) * np.float32(rng.uniform(0.6, 1.0))
    if rng.random() < 0.4:  # the shadow of a hand or a phone
        x, y = np.arange(width)[None], np.arange(height)[:, None]
        slope, at = rng.normal(0, 0.8), rng.uniform(0.2, 0.8) * height
        soft = 1 / (
            1 + np.exp(np.clip((y - at - slope * (x - width / 2)) / rng.uniform(4, 60), -30, 30))
        )
        values *= 1 - np.float32(rng.uniform(0.15, 0.5)) * soft.astype(np.float32)
    values += rng.standard_normal(values.shape, np.float32) * np.float32(rng.uniform(1, 8))
    photo = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
    photo = photo.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.2, 1.5))))

    def where(points: Floats) -> Floats:
        mapped = np.column_stack([points, np.ones(len(points))]) @ to_photo.T
        return np.asarray(mapped[:, :2] / mapped[:, 2:])

    return _jpeg(photo, int(rng.integers(40, 92))), moved(marks, page.size, where)


def homography(source: Floats, target: Floats) -> Floats:
    """The matrix (3, 3) that takes four points to four others."""
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1.0).reshape(3, 3)


def _field(size: tuple[int, int], rng: np.random.Generator, spread: float) -> NDArray[np.float32]:
    """A slow change over the page, about 1."""
    from PIL import Image

    knots = np.clip(rng.normal(1.0, spread, (4, 4)), 0.6, 1.25).astype(np.float32)
    return np.asarray(Image.fromarray(knots).resize(size, Image.Resampling.BICUBIC))


def _jpeg(page: Picture, quality: int) -> Picture:
    from PIL import Image

    file = io.BytesIO()
    page.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("L")
