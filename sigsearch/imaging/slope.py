"""Signatures that run uphill or downhill, brought nearer to the level.

A page lies askew on the scanner or before the camera, and a hand writes on a slope one day and less
of one the next. What slope is usual stays: only what goes beyond it is taken off. All limits are
faded in, so that two signatures on either side of one are not treated unlike.
"""

from __future__ import annotations

import numpy as np

from sigsearch.imaging.ink import Ink, stroke_width

_USUAL = 4.5  # degrees of slope that are left
_SLOPING = (30.0, 45.0)  # degrees: beyond the first less and less is taken off, it may be no slope
_LONG = (3.0, 5.0)  # length over height, squared: shorter ink has no direction of its own
_LEAST_TURN = 0.5  # degrees: less is not worth the time
_THIN, _LARGER = 2.5, 3  # pixels, times: thinner strokes would be torn, so they are enlarged
_POINTS = 64  # rows or columns of ink that are looked at, about


def levelled(ink: Ink) -> Ink:
    """`ink` (height, width), cropped to its box, without the slope that goes beyond the usual,
    cropped anew, enlarged where its strokes are thin; itself where there is no such slope."""
    turn = _turn(ink)
    if abs(turn) < _LEAST_TURN:
        return ink
    from PIL import Image

    picture = Image.fromarray(ink.view(np.uint8) * np.uint8(255))
    cut = 127
    if stroke_width(ink) < _THIN:
        size = (_LARGER * picture.width, _LARGER * picture.height)
        picture, cut = picture.resize(size, Image.Resampling.BILINEAR), 64
    grey = picture.rotate(turn, Image.Resampling.BILINEAR, expand=True)
    turned = np.asarray(grey) > cut
    rows, columns = np.flatnonzero(turned.any(axis=1)), np.flatnonzero(turned.any(axis=0))
    if not len(rows):
        return ink
    kept = turned[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.ascontiguousarray(kept)


def _turn(ink: Ink) -> float:
    """Degrees anticlockwise by which the ink should be turned."""
    step = max(min(ink.shape) // _POINTS, 1)
    rows, columns = np.nonzero(ink[::step, ::step])
    if len(rows) < 2:
        return 0.0
    (across, mixed), (_, down) = np.cov(columns, rows)
    # The principal axis of the ink, and how much longer it is than the other.
    slope = np.degrees(np.arctan2(2 * mixed, across - down)) / 2
    spread = np.hypot(across - down, 2 * mixed)
    long = (across + down + spread) / max(across + down - spread, 1e-6)
    beyond = np.sign(slope) * max(abs(slope) - _USUAL, 0.0)
    first, last = _SLOPING
    beyond *= np.clip((last - abs(slope)) / (last - first), 0, 1)
    first, last = _LONG
    return float(beyond * np.clip((long - first) / (last - first), 0, 1))
