"""The same-scan alarm: nobody signs twice alike, so a questioned signature that is a shifted,
scaled, recompressed or slightly turned copy of a reference was not written anew.

A fingerprint keeps the ink as a coarse bilevel picture. Two of them are aligned by the similarity
(shift, scale, rotation) that brings their blurred inks closest, found by Gauss-Newton steps (Lucas
and Kanade 1981), and then each ink must lie within one cell of the other nearly everywhere.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import ImageError
from sigsearch.imaging.ink import Ink
from sigsearch.imaging.signature import Signature

Floats = NDArray[np.float64]
_ROWS, _COLUMNS = 62, 128
_HEADER = struct.Struct("<2sf")  # format, width over height of the ink's box
_FORMAT = b"C1"
FINGERPRINT_BYTES = _HEADER.size + _ROWS * _COLUMNS // 8

_LEAST_AGREEMENT = 0.965
"""Genuine signatures of real writers reach 0.948, and more only where a set holds one specimen
twice; of 480 of drawn writers, each against eight references, two reach it."""
_LEAST_LIKENESS = 0.80  # of the blurred pictures
_STAGES = ((3.0, 3, 9), (1.5, 2, 6))  # blur in cells, every how many cells, steps
_PROMISING = 0.94  # likeness in the coarse picture: of 945 copies found none stayed below 0.97
_HOPELESS, _SOON = 0.92, 3  # likeness after so many steps: of 127 copies none stayed below 0.96
_MORE = 1e-3  # likeness that a further step has to add
_STILL = 1e-3  # a step so small changes nothing
_MOST_TURN = 0.15  # radians


def fingerprint(signature: Signature) -> bytes:
    """What the alarm needs to know of a reference: FINGERPRINT_BYTES bytes."""
    height, width = signature.ink.shape
    bits = _coarse(signature.ink, signature.stroke)
    return _HEADER.pack(_FORMAT, width / height) + np.packbits(bits).tobytes()


def is_copy(a: bytes, b: bytes) -> bool:
    """Whether two fingerprints are of one specimen. Raises ImageError for other bytes."""
    return agreement(a, b, _PROMISING, _HOPELESS) >= _LEAST_AGREEMENT


def agreement(
    a: bytes, b: bytes, promising: float = _LEAST_LIKENESS, hopeless: float = 0.0
) -> float:
    """How well two inks agree when aligned, 0..1; 0 where they are plainly unlike. What is less
    than `promising` in a coarse picture is not looked at more finely, and what is less than
    `hopeless` after some steps not to its end.

    The least of: the share of either ink that lies within a cell of the other's, which thick
    strokes reach too easily, and the likeness of the blurred pictures, which thin ones do.
    """
    left, right = _read(a), _read(b)
    likeness, motion = _best_motion(left, right, promising, hopeless)
    if likeness < _LEAST_LIKENESS:
        return 0.0
    there = left.ink @ motion.matrix.T + motion.shift
    back = (right.ink - motion.shift) @ np.linalg.inv(motion.matrix).T
    return float(min(right.holds(there).mean(), left.holds(back).mean(), likeness))


def alignment(a: bytes, b: bytes) -> tuple[Floats, Floats]:
    """The similarity that lays the ink of `a` on that of `b`: matrix (2, 2) and shift (2,) of
    (x, y) from the top left corner of each ink's box, in units of the box's height."""
    left, right = _read(a), _read(b)
    _, motion = _best_motion(left, right, _LEAST_LIKENESS)
    matrix = motion.matrix * (right.size / left.size)
    return matrix, right.centre + motion.shift * right.size - matrix @ left.centre


@dataclass(frozen=True, slots=True)
class _Motion:
    """b = matrix @ a + shift, in coordinates of the inks' own size around their middles."""

    matrix: Floats
    shift: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Print:
    """A fingerprint unpacked. ink: (n, 2) x and y of its cells relative to `centre`, in units of
    `size` (the root of the total variance); turn: angle of the principal axis; levels: for each
    stage the blurred picture and its gradients along x and y, (3, rows + 2, columns + 2)."""

    ink: Floats
    near: Ink
    centre: Floats
    size: float
    turn: float
    pitch: Floats  # width and height of a cell; the box is 1 high
    levels: tuple[Floats, ...]

    def place(self, points: Floats) -> Floats:
        """Where points (n, 2) lie among the cells, (x, y), 0 being the middle of the first."""
        cells: Floats = (points * self.size + self.centre) / self.pitch - 0.5
        return cells

    def holds(self, points: Floats) -> NDArray[np.bool_]:
        """Whether there is ink within one cell of each point."""
        x, y = np.rint(self.place(points)).astype(int).T + 1
        inside = (x >= 0) & (x < self.near.shape[1]) & (y >= 0) & (y < self.near.shape[0])
        found = np.zeros(len(points), bool)
        found[inside] = self.near[y[inside], x[inside]]
        return found

    def grid(self, every: int) -> tuple[Floats, NDArray[np.int64]]:
        """Points of every `every`-th cell, and these cells' flat numbers in a level."""
        y, x = (part.ravel() for part in np.mgrid[0:_ROWS:every, 0:_COLUMNS:every])
        points = (np.stack([x, y], axis=1) + 0.5) * self.pitch
        return (points - self.centre) / self.size, (y + 1) * (_COLUMNS + 2) + x + 1


def _best_motion(
    a: _Print, b: _Print, promising: float, hopeless: float = 0.0
) -> tuple[float, _Motion]:
    turns = sorted({0.0, _turn_between(a, b)})
    found = [_align(a, b, turn, promising, hopeless) for turn in turns]
    return max(found, key=lambda pair: pair[0])


def _align(
    a: _Print, b: _Print, turn: float, promising: float, hopeless: float
) -> tuple[float, _Motion]:
    """The best similarity from a `turn` on, and how alike the blurred pictures are under it."""
    at = np.array([0.0, 0.0, 0.0, turn])  # shift x, shift y, log scale, angle
    likeness = 0.0
    for stage, (_, every, steps) in enumerate(_STAGES):
        points, cells = a.grid(every)
        goal = a.levels[stage][0].ravel()[cells]
        for taken in range(1, steps + 1):
            before = likeness
            step, likeness = _step(at, points, goal, b, b.levels[stage])
            at = at + np.clip(step, -0.2, 0.2)
            lost = hopeless and taken >= _SOON and likeness < promising
            if np.abs(step).max() < _STILL or (
                lost and (likeness < hopeless or likeness < before + _MORE)
            ):
                break
        if likeness < promising:  # a finer look is not worth while
            break
    return likeness, _motion(at)


def _step(
    at: Floats, points: Floats, goal: Floats, b: _Print, level: Floats
) -> tuple[Floats, float]:
    motion = _motion(at)
    turned = points @ motion.matrix.T
    seen, along_x, along_y = _sample(level, b.place(turned + motion.shift))
    gain = float(goal @ seen) / (float(seen @ seen) + 1e-12)
    slopes = np.stack([along_x / b.pitch[0], along_y / b.pitch[1]]) * b.size
    x, y = turned.T
    ways = gain * np.stack([*slopes, slopes[0] * x + slopes[1] * y, slopes[1] * x - slopes[0] * y])
    square = ways @ ways.T
    square += np.eye(4) * (1e-3 / 4 * np.trace(square) + 1e-12)
    likeness = gain * float(np.linalg.norm(seen)) / (float(np.linalg.norm(goal)) + 1e-12)
    return np.linalg.solve(square, ways @ (goal - gain * seen)), likeness


def _motion(at: Floats) -> _Motion:
    cosine, sine = np.exp(at[2]) * np.cos(at[3]), np.exp(at[2]) * np.sin(at[3])
    return _Motion(np.array([[cosine, -sine], [sine, cosine]]), at[:2])


def _sample(level: Floats, cells: Floats) -> Floats:
    """`level` (3, rows + 2, columns + 2, a rim of zeros) between its cells: (3, n)."""
    x = np.clip(cells[:, 0] + 1, 0, _COLUMNS + 0.999)
    y = np.clip(cells[:, 1] + 1, 0, _ROWS + 0.999)
    left, top = x.astype(int), y.astype(int)
    right, down = x - left, y - top
    flat, first = level.reshape(3, -1), top * level.shape[2] + left
    upper = flat[:, first] * (1 - right) + flat[:, first + 1] * right
    first = first + level.shape[2]
    lower = flat[:, first] * (1 - right) + flat[:, first + 1] * right
    between: Floats = upper * (1 - down) + lower * down
    return between


def _turn_between(a: _Print, b: _Print) -> float:
    turn = (b.turn - a.turn + np.pi / 2) % np.pi - np.pi / 2
    return float(turn) if abs(turn) < _MOST_TURN else 0.0


@lru_cache(maxsize=512)
def _read(data: bytes) -> _Print:
    if len(data) != FINGERPRINT_BYTES or data[:2] != _FORMAT:
        raise ImageError(
            "these bytes are not the fingerprint of a signature; enrol the image again"
        )
    _, aspect = _HEADER.unpack_from(data)
    ink = coarse_ink(data)
    pitch = np.array([aspect / _COLUMNS, 1 / _ROWS])
    points = (np.argwhere(ink)[:, ::-1] + 0.5) * pitch
    centre = points.mean(axis=0)
    spread = np.cov((points - centre).T)
    size = float(np.sqrt(np.trace(spread)))
    turn = float(np.arctan2(2 * spread[0, 1], spread[0, 0] - spread[1, 1])) / 2
    levels = tuple(_level(ink, blur) for blur, _, _ in _STAGES)
    near = _widened(np.pad(ink, 1))
    return _Print((points - centre) / size, near, centre, size, turn, pitch, levels)


def coarse_ink(data: bytes) -> Ink:
    """The bilevel picture in a fingerprint: boolean (rows, columns), stretched to the same
    shape."""
    bits = np.unpackbits(np.frombuffer(data, np.uint8, offset=_HEADER.size))
    return bits.reshape(_ROWS, _COLUMNS).astype(bool)


def _coarse(ink: Ink, stroke: float) -> Ink:
    """`ink` in cells. A cell counts when it holds half of what a stroke through it would give, so
    that thin strokes on a large page survive."""
    from PIL import Image

    picture = Image.fromarray(ink.view(np.uint8) * np.uint8(255))
    small = np.asarray(picture.resize((_COLUMNS, _ROWS), Image.Resampling.BOX))
    cell = float(np.sqrt(ink.shape[0] / _ROWS * ink.shape[1] / _COLUMNS))
    least = np.clip(0.5 * stroke / cell, 0.1, 0.5)
    cells: Ink = small > min(255 * least, int(small.max()) - 1)
    return cells


def _level(ink: Ink, blur: float) -> Floats:
    reach = int(3 * blur + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / blur) ** 2)
    kernel /= kernel.sum()
    picture = ink.astype(np.float64)
    for axis in (0, 1):
        wide = np.pad(picture, [(reach, reach) if a == axis else (0, 0) for a in (0, 1)])
        windows = np.lib.stride_tricks.sliding_window_view(wide, 2 * reach + 1, axis=axis)
        picture = windows @ kernel
    down, right = np.gradient(picture)
    return np.pad(np.stack([picture, right, down]), ((0, 0), (1, 1), (1, 1)))


def _widened(ink: Ink) -> Ink:
    """`ink` with every cell's eight neighbours."""
    wide = ink.copy()
    wide[1:] |= ink[:-1]
    wide[:-1] |= ink[1:]
    wider = wide.copy()
    wider[:, 1:] |= wide[:, :-1]
    wider[:, :-1] |= wide[:, 1:]
    return wider
