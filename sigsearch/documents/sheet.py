"""A photographed sheet: found on the desk that it lies on, seen from above, in even light."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sigsearch.arrays import Bytes, Floats, Mask
from sigsearch.documents.reduced import reduced
from sigsearch.imaging.components import find_components, paint
from sigsearch.imaging.ink import darkness, paper_of
from sigsearch.imaging.levels import histogram, otsu
from sigsearch.imaging.load import Page

MAX_PIXELS = 4_000_000
"""Of a sheet; an A4 page at 200 dpi."""
_SIDE = 256  # pixels of the look
_LEAST_SHEET, _MOST_SHEET = 0.15, 0.85  # of the picture; narrower edges are wiped, not cut off
_LEAST_STEP = 1.25  # how much brighter than the desk the sheet is
_FILLED = 0.9  # of the four-sided figure is sheet
_DESK = 0.3  # of what is around it is as bright, at most
_ACROSS, _SEEN = 2.5, 0.5  # pixels from a side to where it is dark; of it is in the picture
_STRAIGHT = 0.03  # of a side; of a right angle's sine
_RIM = 1.5  # pixels of the look, where the sheet's edge casts its shadow
_FOCAL = 0.8  # of the picture's longer side: of a lens like 28 mm on film
_LEAST_SIDE = 0.25  # of the picture's shorter side


@dataclass(frozen=True, slots=True)
class Sheet:
    """page: with nothing but the sheet on it; slanted: whether it was not seen from straight above,
    so that how wide it is for its height could only be estimated."""

    page: Page
    slanted: bool


def flattened(page: Page) -> Sheet | None:
    """The sheet in a photograph; None where none is told from what is around it."""
    small, factor = reduced(page.grey, _SIDE)
    bright = _bright(small)
    if bright is None:
        return None
    corners = _corners(bright)
    if corners is None or not _ends_sharply(small, corners):
        return None
    corners = corners - _RIM * np.sign(corners - corners.mean(axis=0))
    flat = evened(_seen_from_above(page.grey, corners * factor))
    return Sheet(replace(page, grey=flat), _is_slanted(corners))


def evened(grey: Bytes) -> Bytes:
    """`grey` over the brightness of the paper around each pixel."""
    return 255 - darkness(grey, paper_of(grey))


def _bright(small: Bytes) -> Mask | None:
    """The largest bright part of the picture, if the rest is darker; None without a rest."""
    from PIL import Image, ImageFilter

    calm = np.asarray(Image.fromarray(small).filter(ImageFilter.MedianFilter(3)))
    cut, _ = otsu(histogram(calm))
    bright = calm > cut
    share = float(bright.mean())
    if not _LEAST_SHEET < share < _MOST_SHEET or share == 1:
        return None
    if np.median(calm[bright]) < _LEAST_STEP * max(float(np.median(calm[~bright])), 1.0):
        return None
    parts = find_components(bright)
    return paint(parts, np.arange(len(parts)) == int(parts.area.argmax()), bright.shape)


def _corners(sheet: Mask) -> Floats | None:
    """(4, 2) x and y, from the upper left one clockwise; None for what is not four-sided."""
    if sheet.mean() < _LEAST_SHEET:
        return None
    hull = _hull(_outline(sheet))
    if len(hull) < 4:
        return None
    corners = _in_order(_four_sided(hull))
    inside = _inside(corners, sheet.shape)
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    if sides.min() < _LEAST_SIDE * min(sheet.shape) or not inside.any():
        return None
    if sheet[inside].mean() < _FILLED or inside.mean() > _MOST_SHEET:
        return None
    around = ~inside
    return None if around.any() and sheet[around].mean() > _DESK else corners


def _ends_sharply(small: Bytes, corners: Floats) -> bool:
    """Whether it is darker at once beyond each side within the picture: light falls off softly."""
    middle, along = corners.mean(axis=0), np.linspace(0.1, 0.9, 33)[:, None]
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        points = start + along * (end - start)
        outwards = np.array([end[1] - start[1], start[0] - end[0]]) / np.linalg.norm(end - start)
        outwards *= np.sign(outwards @ (points.mean(axis=0) - middle))
        beyond, within = points + _ACROSS * outwards, points - _ACROSS * outwards
        seen = _in_picture(beyond, small.shape) & _in_picture(within, small.shape)
        if seen.mean() < _SEEN:
            continue
        levels = [small[tuple(there[seen].astype(int).T[::-1])] for there in (within, beyond)]
        if np.median(levels[0]) < _LEAST_STEP * max(float(np.median(levels[1])), 1.0):
            return False
    return True


def _in_picture(points: Floats, shape: tuple[int, ...]) -> Mask:
    within = (points >= 0) & (points < shape[::-1])
    return within[:, 0] & within[:, 1]


def _is_slanted(corners: Floats) -> bool:
    """Whether opposite sides are not equally long, or those that meet not at right angles."""
    sides = np.roll(corners, -1, axis=0) - corners
    long = np.linalg.norm(sides, axis=1)
    unequal = np.abs(long[:2] - long[2:]) > _STRAIGHT * long[:2]
    leaning = np.abs((sides * np.roll(sides, -1, axis=0)).sum(axis=1)) > _STRAIGHT * long * np.roll(
        long, -1
    )
    return bool(unequal.any() or leaning.any())


def _outline(mask: Mask) -> Floats:
    """The outermost pixels of each row, as corners of pixels: (n, 2) x and y."""
    rows = np.flatnonzero(mask.any(axis=1))
    first = mask[rows].argmax(axis=1)
    last = mask.shape[1] - mask[rows][:, ::-1].argmax(axis=1)
    points = [(first, rows), (first, rows + 1), (last, rows), (last, rows + 1)]
    return np.concatenate([np.stack(pair, axis=1) for pair in points]).astype(np.float64)


def _hull(points: Floats) -> Floats:
    """Andrew's monotone chain; anticlockwise where y points up."""
    ordered = points[np.lexsort((points[:, 1], points[:, 0]))].tolist()
    halves = []
    for way in (ordered, ordered[::-1]):
        chain: list[list[float]] = []
        for point in way:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        halves += chain[:-1]
    return np.array(halves)


def _turn(a: list[float], b: list[float], c: list[float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _four_sided(hull: Floats) -> Floats:
    """A small figure of four sides around the convex `hull`: sides are left out one at a time, that
    first which adds the least area when its neighbours are lengthened until they meet."""
    corners = list(hull)
    while len(corners) > 4:
        best: tuple[float, int, Floats] | None = None
        for at in range(len(corners)):
            a, b, c, d = (corners[(at + step) % len(corners)] for step in (-1, 0, 1, 2))
            meeting = _meeting(a, b, c, d)
            if meeting is None:
                continue
            added = abs(_turn(b.tolist(), c.tolist(), meeting.tolist())) / 2
            if best is None or added < best[0]:
                best = added, at, meeting
        if best is None:
            break
        _, at, meeting = best
        after = (at + 1) % len(corners)
        corners[at] = meeting
        del corners[after]
    return np.array(corners)[:4]


def _meeting(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats | None:
    """Where the line from a through b meets that from d through c, beyond b and c."""
    along, back = b - a, c - d
    apart = along[0] * back[1] - along[1] * back[0]
    if abs(apart) < 1e-9:
        return None
    way = ((d - a)[0] * back[1] - (d - a)[1] * back[0]) / apart
    there = ((d - a)[0] * along[1] - (d - a)[1] * along[0]) / apart
    return a + way * along if way >= 1 and there >= 1 else None


def _in_order(corners: Floats) -> Floats:
    middle = corners.mean(axis=0)
    angle = np.arctan2(*(corners - middle).T[::-1])
    round_about = corners[np.argsort(angle)]  # clockwise, since y points down
    return np.roll(round_about, -int(round_about.sum(axis=1).argmin()), axis=0)


def _inside(corners: Floats, shape: tuple[int, ...]) -> Mask:
    from PIL import Image, ImageDraw

    picture = Image.new("1", (shape[1], shape[0]))
    ImageDraw.Draw(picture).polygon([tuple(corner) for corner in corners.tolist()], fill=1)
    return np.asarray(picture)


def _seen_from_above(grey: Bytes, corners: Floats) -> Bytes:
    from PIL import Image

    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = max(sides[0], sides[2]), max(sides[1], sides[3])
    aspect = _aspect(corners, grey.shape)
    width, height = max(width, height * aspect), max(height, width / aspect)
    shrink = min((MAX_PIXELS / (width * height)) ** 0.5, 1.0)
    factor = max(int(1 / shrink), 1)
    picture = Image.fromarray(grey).reduce(factor) if factor > 1 else Image.fromarray(grey)
    size = max(round(width * shrink), 1), max(round(height * shrink), 1)
    goal = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float64)
    way = _projection(goal, corners / factor)
    flat = picture.transform(
        size, Image.Transform.PERSPECTIVE, way.tolist(), Image.Resampling.BILINEAR
    )
    return np.asarray(flat)


def _aspect(corners: Floats, shape: tuple[int, ...]) -> float:
    """Width over height of a rectangle seen with these corners, by the camera that telephones have
    (Zhang and He 2007, Whiteboard scanning and image enhancement, with the focal length given)."""
    middle, focal = np.array(shape[::-1]) / 2, _FOCAL * max(shape)
    rays = np.column_stack([(corners - middle) / focal, np.ones(4)])
    upper_left, upper_right, lower_right, lower_left = rays
    across, down = np.cross(upper_left, lower_right), np.cross(upper_right, lower_right)
    width = across @ lower_left / (down @ lower_left) * upper_right - upper_left
    down = np.cross(lower_left, lower_right)
    height = across @ upper_right / (down @ upper_right) * lower_left - upper_left
    return float(np.linalg.norm(width) / max(float(np.linalg.norm(height)), 1e-9))


def _projection(goal: Floats, source: Floats) -> Floats:
    """The eight numbers of the projection that takes the points `goal` to `source`, (4, 2) each."""
    (x, y), (u, v) = goal.T, source.T
    one, none = np.ones(4), np.zeros(4)
    upper = np.stack([x, y, one, none, none, none, -u * x, -u * y], axis=1)
    lower = np.stack([none, none, none, x, y, one, -v * x, -v * y], axis=1)
    return np.linalg.solve(np.concatenate([upper, lower]), np.concatenate([u, v]))
