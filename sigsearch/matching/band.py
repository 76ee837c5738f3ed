"""Matrices of the tokens of two signatures, of which only places near each other are kept.

A token is compared with those few rows above and below its own in the other image. So of the
T x T likenesses of two signatures only a band is needed, and products over it cost a fraction.
A band is (n, rows, columns, window): for each token (row, column) of one image the tokens of the
other in the rows within reach, in reading order; rows beyond the grid hold anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sigsearch.arrays import Ids, Singles


@dataclass(frozen=True, slots=True)
class Band:
    """Where what lies, for a grid (rows, columns) and a reach (rows, columns).

    near: (T, places), the neighbours of each token, those beyond the grid repeating one on its
    edge; there, back: (T, places), positions of (token, neighbour) and of (neighbour, token) in a
    band flattened but for n; rows: for each row what `products` multiplies, and where it puts that.
    """

    grid: tuple[int, int]
    reach: tuple[int, int]
    near: Ids
    there: Ids
    back: Ids
    rows: tuple[tuple[slice, slice, slice], ...]

    def products(self, a: Singles, b: Singles) -> Singles:
        """Scalar products of a's tokens (1 or n, T, c) with b's (n, T, c)."""
        rows, columns = self.grid
        band = np.empty((len(b), rows, columns, (2 * self.reach[0] + 1) * columns), np.float32)
        turned = b.transpose(0, 2, 1)
        for row, (mine, theirs, place) in enumerate(self.rows):
            np.matmul(a[:, mine], turned[:, :, theirs], out=band[:, row, :, place])
        return band


@lru_cache(maxsize=8)
def band_of(grid: tuple[int, int], reach: tuple[int, int]) -> Band:
    """The band of a grid and a reach."""
    token = np.arange(grid[0] * grid[1])
    row, column = np.divmod(token, grid[1])
    step = np.mgrid[-reach[0] : reach[0] + 1, -reach[1] : reach[1] + 1].reshape(2, -1)
    rows, columns = row[:, None] + step[0], column[:, None] + step[1]
    near = rows.clip(0, grid[0] - 1) * grid[1] + columns.clip(0, grid[1] - 1)
    window = (2 * reach[0] + 1) * grid[1]

    def place(a: Ids, b: Ids) -> Ids:
        """Where in a band the pair of a's token with b's lies."""
        apart: Ids = b // grid[1] - a // grid[1] + reach[0]
        return a * window + apart * grid[1] + b % grid[1]

    mine = np.broadcast_to(token[:, None], near.shape)
    return Band(
        grid=grid,
        reach=reach,
        near=near,
        there=place(mine, near),
        back=place(near, mine),
        rows=tuple(_slices(grid, reach[0], row) for row in range(grid[0])),
    )


def _slices(grid: tuple[int, int], reach: int, row: int) -> tuple[slice, slice, slice]:
    """The tokens of a row, the other image's tokens within reach, and their place in a band."""
    columns = grid[1]
    first, last = max(row - reach, 0), min(row + reach + 1, grid[0])
    start = (first - row + reach) * columns
    return (
        slice(row * columns, (row + 1) * columns),
        slice(first * columns, last * columns),
        slice(start, start + (last - first) * columns),
    )
