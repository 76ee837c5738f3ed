"""Scans as pictures of a sheet: with a scale in millimetres, and with regions drawn on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sigsearch.engine.scan import Scan
from sigsearch.imaging import Signature
from sigsearch.imaging.canvas import placed
from sigsearch.report.pictures import AGREES, DISAGREES, INK, Pixels

Place = tuple[int, int]
_LENGTHS = (50, 20, 10, 5, 2, 1)  # millimetres that a scale may show
_FLOOR = 30  # pixels below the picture for the scale
_TINT = 0.55
_FAINTEST = 0.15  # of the evidence: less is not drawn


def scan_picture(scan: Scan, widest: int) -> Pixels:
    """The scan with its scale below, (h, w, 3), shrunk to `widest` pixels."""
    small = scan.reduced(min(widest / scan.grey.shape[1], 1.0))
    return with_scale(np.repeat(small.grey[..., None], 3, axis=2), small.per_mm)


def ink_picture_of(scan: Scan, signature: Signature, widest: int) -> Pixels:
    """The cleaned ink as it lies in the scan, with the same scale."""
    grey = np.full(scan.grey.shape, 255, np.uint8)
    left, top, right, bottom = scan.box
    if (bottom - top, right - left) == signature.ink.shape:
        grey[top:bottom, left:right][signature.ink] = INK[0]
    return scan_picture(Scan(grey, scan.box, scan.per_mm), widest)


def with_scale(picture: Pixels, per_mm: float | None) -> Pixels:
    """The picture, and below it a bar of so many millimetres; nothing where nobody says how large
    the pixels are."""
    from PIL import Image, ImageDraw, ImageFont

    if not per_mm:
        return picture
    length = next((mm for mm in _LENGTHS if mm * per_mm <= 0.4 * picture.shape[1]), None)
    if length is None:
        return picture
    canvas = Image.fromarray(np.pad(picture, ((0, _FLOOR), (0, 0), (0, 0)), constant_values=255))
    draw, x, y = ImageDraw.Draw(canvas), 8, picture.shape[0] + 16
    end = x + round(length * per_mm)
    draw.line([(x, y), (end, y)], fill=INK, width=2)
    for step in range(length + 1):
        at = x + round(step * per_mm)
        tall = 6 if step in (0, length) or step % 5 == 0 else 3
        draw.line([(at, y - tall), (at, y + tall)], fill=INK, width=1)
    draw.text((end + 8, y - 8), f"{length} mm", font=ImageFont.load_default(14), fill=INK)
    return np.asarray(canvas)


def regions_on_scan(
    scan: Scan, signature: Signature, evidence: NDArray[np.float64], marked: Sequence[Place],
    widest: int = 1600,
) -> Pixels:  # fmt: skip
    """The scan tinted where it agrees (blue) and differs (orange), with the `marked` places framed
    and numbered. evidence: (rows, columns) in -1..1 on the network's canvas."""
    from PIL import Image, ImageDraw, ImageFont

    small = scan.reduced(min(widest / scan.grey.shape[1], 1.0))
    spread = _spread(small, signature, evidence)[..., None]
    tint = np.where(spread >= 0, np.array(AGREES), np.array(DISAGREES))
    strength = _TINT * np.where(np.abs(spread) < _FAINTEST, 0.0, np.abs(spread))
    paper = small.grey[..., None].astype(np.float64)
    picture = paper * (1 - strength) + tint * strength * (paper / 255)
    drawn = Image.fromarray(picture.clip(0, 255).astype(np.uint8))
    draw, font = ImageDraw.Draw(drawn), ImageFont.load_default(max(drawn.width // 50, 12))
    counts = {True: 0, False: 0}
    for place in marked:
        agrees = bool(evidence[place] > 0)
        counts[agrees] += 1
        left, top, right, bottom = _frame(small, signature, place, evidence.shape)
        colour = AGREES if agrees else DISAGREES
        draw.rectangle((left, top, right, bottom), outline=colour, width=max(drawn.width // 400, 2))
        name = f"{'A' if agrees else 'D'}{counts[agrees]}"
        draw.text((left + 3, top + 1), name, font=font, fill=colour)
    return with_scale(np.asarray(drawn), small.per_mm)


def _spread(scan: Scan, signature: Signature, evidence: NDArray[np.float64]) -> NDArray[np.float64]:
    """The evidence at every pixel of the scan, 0 outside the signature's box."""
    rows = _cells(scan, signature, evidence.shape[0], across=False)
    columns = _cells(scan, signature, evidence.shape[1], across=True)
    left, top, right, bottom = scan.box
    inside = np.zeros(scan.grey.shape, np.bool_)
    inside[top:bottom, left:right] = True
    found: NDArray[np.float64] = np.where(inside, evidence[np.ix_(rows, columns)], 0.0)
    return found


def _cells(scan: Scan, signature: Signature, count: int, across: bool) -> NDArray[np.int64]:
    """Which column (`across`) or row of the grid each column or row of the scan lies in."""
    start, share, side = _stretch(scan, signature, across)
    pixels = np.arange(scan.grey.shape[int(across)])
    on_canvas = start + pixels * share
    cells: NDArray[np.int64] = np.clip(on_canvas * count // side, 0, count - 1).astype(np.int64)
    return cells


def _stretch(scan: Scan, signature: Signature, across: bool) -> tuple[float, float, int]:
    """Where on the canvas the scan's edge lies, canvas pixels for each of the scan's, and the
    canvas's side."""
    side = signature.canvas.shape[int(across)]
    top, left, height, width = placed(signature.ink.shape, signature.canvas.shape)
    first, size = (left, width) if across else (top, height)
    near, far = (scan.box[0], scan.box[2]) if across else (scan.box[1], scan.box[3])
    share = size / max(far - near, 1)
    return first - near * share, share, side


def _frame(
    scan: Scan, signature: Signature, place: Place, grid: tuple[int, ...]
) -> tuple[float, float, float, float]:
    """What a place and its neighbours cover of the scan."""
    edges = []
    for across in (True, False):
        start, share, side = _stretch(scan, signature, across)
        cell, at = side / grid[int(across)], place[int(across)]
        limit = scan.grey.shape[int(across)] - 1
        ends = ((at - 0.5) * cell - start) / share, ((at + 1.5) * cell - start) / share
        edges.append([min(max(end, 0), limit) for end in ends])
    return edges[0][0], edges[1][0], edges[0][1], edges[1][1]
