"""The local reading compared: token by token within a small neighbourhood, in numpy.

The same arithmetic as `sigsearch.training.matcher.LocalMatcher`, which fitted the parameters; a
test holds the two together. Only the neighbours of a token are ever exponentiated.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import EncoderError

Floats = NDArray[np.float32]
_BARE = 20.0  # logits taken off a token without ink, so that ink looks for ink
_CHUNK = 256  # pairs compared at once: keeps the working set inside the cache


@dataclass(frozen=True, slots=True)
class LocalTokens:
    """tokens: int8 (n, T, c), unit vectors times 127; weights: uint8 (n, T), ink shares of each
    image scaled so that the largest is 255."""

    tokens: NDArray[np.int8]
    weights: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.tokens)

    def floats(self) -> tuple[Floats, Floats]:
        """Tokens as float32 unit vectors and weights that sum to one."""
        share = self.weights.astype(np.float32)
        share /= np.maximum(share.sum(axis=1, keepdims=True), 1)
        return self.tokens.astype(np.float32) * np.float32(1 / 127), share


@dataclass(frozen=True, slots=True)
class LocalMatcher:
    """The fitted parameters of the comparison; see the training module for their meaning."""

    grid: tuple[int, int]
    reach: tuple[int, int]
    sharpness: float
    likeness: float
    severity: float
    difference: Floats  # (channels, hidden)
    difference_bias: Floats  # (hidden,)
    weighing: Floats  # (hidden,)
    weighing_bias: float
    pair: tuple[float, float, float] = (4.0, 1.0, 0.0)  # see `similarity.pair_scores`

    @classmethod
    def load(cls, path: Path, sha256: str | None = None) -> LocalMatcher:
        """Read `matcher.npz`; raises EncoderError when it is missing, altered or another kind."""
        try:
            data = path.read_bytes()
            if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
                raise EncoderError(
                    f"{path}: its hash is not the model card's; install sigsearch anew"
                )
            with np.load(path, allow_pickle=False) as file:
                values = {name: file[name] for name in file.files}
            return cls(
                grid=(int(values["grid"][0]), int(values["grid"][1])),
                reach=(int(values["reach"][0]), int(values["reach"][1])),
                sharpness=float(values["sharpness"]),
                likeness=float(values["likeness"]),
                severity=float(values["severity"]),
                difference=np.ascontiguousarray(values["difference"], np.float32),
                difference_bias=values["difference_bias"].astype(np.float32),
                weighing=values["weighing"].astype(np.float32),
                weighing_bias=float(values["weighing_bias"]),
                pair=(float(values["pair"][0]), float(values["pair"][1]), float(values["pair"][2])),
            )
        except (OSError, ValueError, KeyError, IndexError) as fault:
            raise EncoderError(f"{path}: cannot be read as a matcher ({fault})") from None

    def compare(self, a: LocalTokens, b: LocalTokens) -> Floats:
        """Scores (len(a), len(b)), higher = closer, in logits of "the same hand"."""
        left, right = a.floats(), b.floats()
        if len(b) == 0 or len(a) == 0:
            return np.zeros((len(a), len(b)), np.float32)
        rows = [self._against_all(left[0][i], left[1][i], *right) for i in range(len(a))]
        return np.stack(rows)

    def evidence(self, a: LocalTokens, b: LocalTokens) -> Floats:
        """How well each token of `a[0]` is matched in `b[0]`: (rows, columns), higher = better."""
        tokens, weights = b.floats()
        own, _ = a.floats()
        likeness = own[0] @ tokens.transpose(0, 2, 1)
        one_way = self._evidence(likeness, own[0][None], tokens, weights)
        evidence: Floats = one_way[0].reshape(self.grid)
        return evidence

    def _against_all(self, a: Floats, share: Floats, b: Floats, shares: Floats) -> Floats:
        scores: Floats = np.zeros(len(b), np.float32)
        for start in range(0, len(b), _CHUNK):
            part = slice(start, start + _CHUNK)
            scores[part] = self._chunk(a, share, b[part], shares[part])
        return scores

    def _chunk(self, a: Floats, share: Floats, b: Floats, shares: Floats) -> Floats:
        likeness = a @ b.transpose(0, 2, 1)
        wide = np.broadcast_to(a, b.shape)
        wide_share = np.broadcast_to(share, shares.shape)
        there = self._evidence(likeness, wide, b, shares)
        back = self._evidence(likeness.transpose(0, 2, 1), b, wide, wide_share)
        both: Floats = self._pool(there, wide_share) + self._pool(back, shares)
        return both * np.float32(0.5)

    def _evidence(self, likeness: Floats, a: Floats, b: Floats, b_share: Floats) -> Floats:
        """likeness (n, T, T) of a's tokens with b's -> evidence at each token of a, (n, T)."""
        near, outside = _neighbours(self.grid, self.reach)
        token = np.arange(near.shape[0])[:, None]
        close = likeness[:, token, near]
        logits = close * np.float32(self.sharpness) + outside
        logits -= (b_share <= 0)[:, near] * np.float32(_BARE)
        logits -= logits.max(axis=2, keepdims=True)
        attention = np.exp(logits, out=logits)
        attention /= attention.sum(axis=2, keepdims=True)
        spread = np.zeros(likeness.shape, np.float32)
        # Places outside the grid repeat a neighbour with attention zero: add, do not overwrite.
        _add_at(spread, token, near, attention)
        gap = np.abs(a - spread @ b)
        hidden = np.maximum(gap @ self.difference + self.difference_bias, 0)
        rest = hidden @ self.weighing + np.float32(self.weighing_bias)
        result: Floats = np.float32(self.likeness) * (attention * close).sum(axis=2) + rest
        return result

    def _pool(self, evidence: Floats, share: Floats) -> Floats:
        """A soft minimum: an imitation is betrayed by its worst places."""
        terms = np.log(np.maximum(share, 1e-9)) - np.float32(self.severity) * evidence
        top = terms.max(axis=1, keepdims=True)
        total = np.log(np.exp(terms - top).sum(axis=1)) + top[:, 0]
        result: Floats = -total / np.float32(self.severity)
        return result


def _add_at(
    spread: Floats, token: NDArray[np.int64], near: NDArray[np.int64], attention: Floats
) -> None:
    for place in range(near.shape[1]):
        spread[:, token[:, 0], near[:, place]] += attention[:, :, place]


@lru_cache(maxsize=8)
def _neighbours(grid: tuple[int, int], reach: tuple[int, int]) -> tuple[NDArray[np.int64], Floats]:
    """For each token, its neighbours (T, places) and a penalty for those outside the grid."""
    row, column = np.divmod(np.arange(grid[0] * grid[1]), grid[1])
    step = np.mgrid[-reach[0] : reach[0] + 1, -reach[1] : reach[1] + 1].reshape(2, -1)
    rows, columns = row[:, None] + step[0], column[:, None] + step[1]
    inside = (rows >= 0) & (rows < grid[0]) & (columns >= 0) & (columns < grid[1])
    near = rows.clip(0, grid[0] - 1) * grid[1] + columns.clip(0, grid[1] - 1)
    return near, np.where(inside, 0, -1e4).astype(np.float32)
