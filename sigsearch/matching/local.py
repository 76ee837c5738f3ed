"""The local reading compared: token by token within a small neighbourhood, in numpy.

The same arithmetic as `sigsearch.training.encoder.matcher.LocalMatcher`, which fitted the
parameters; a test holds the two together.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import EncoderError
from sigsearch.matching.band import Band, band_of

Floats = NDArray[np.float32]
_BARE = np.float32(-1)  # the likeness of ink to no ink: that of a stroke to its opposite
_NEVER = np.float32(4)  # taken off the likeness of places that do not count, so that none is best
_CHUNK = 32  # pairs compared at once: keeps the working set inside the cache
DEFAULT_PAIR = (4.0, 1.0, 0.0)
"""What weighs cosine and logit, and a bias, where nothing was fitted (`similarity.pair_scores`)."""


@dataclass(frozen=True, slots=True)
class LocalTokens:
    """tokens: int8 (n, T, c), unit vectors times 127; weights: uint8 (n, T), ink shares of each
    image scaled so that the largest is 255."""

    tokens: NDArray[np.int8]
    weights: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, rows: slice) -> LocalTokens:
        return LocalTokens(self.tokens[rows], self.weights[rows])

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
    scale: float
    bias: float
    common: float
    pair: tuple[float, float, float] = DEFAULT_PAIR

    @classmethod
    def load(cls, path: Path, sha256: str | None = None) -> LocalMatcher:
        """Read `matcher.npz`; raises EncoderError when it is missing, altered or another kind."""
        try:
            data = path.read_bytes()
            if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
                raise EncoderError(f"{path}: its hash is not the model card's; reinstall sigsearch")
            with np.load(path, allow_pickle=False) as file:
                values = {name: file[name] for name in file.files}
            return cls(
                grid=(int(values["grid"][0]), int(values["grid"][1])),
                reach=(int(values["reach"][0]), int(values["reach"][1])),
                scale=float(values["scale"]),
                bias=float(values["bias"]),
                common=float(values["common"]),
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

    def plainness(self, readings: LocalTokens) -> Floats:
        """How like each reading is to itself upside down (n,), in the logits of `compare`: where
        every piece is like every other, strangers' signatures come near by chance."""
        rows, columns = self.grid

        def turned(part: NDArray[Any]) -> NDArray[Any]:
            grids = part.reshape(len(part), rows, columns, *part.shape[2:])
            return grids[:, ::-1].reshape(part.shape)

        others = LocalTokens(turned(readings.tokens), turned(readings.weights))
        each = [slice(n, n + 1) for n in range(len(readings))]
        return np.array([self.compare(readings[n], others[n])[0, 0] for n in each], np.float32)

    def evidence(self, a: LocalTokens, b: LocalTokens) -> Floats:
        """How well each token of `a[0]` is matched in `b[0]`: (rows, columns), in logits."""
        (left, _), (right, shares) = a[:1].floats(), b[:1].floats()
        band = band_of(self.grid, self.reach)
        best = _best(band.products(left, right), band.there, band, shares)
        logits: Floats = np.float32(self.scale) * best + np.float32(self.bias)
        return logits.reshape(self.grid)

    def _against_all(self, a: Floats, share: Floats, b: Floats, shares: Floats) -> Floats:
        scores: Floats = np.zeros(len(b), np.float32)
        for start in range(0, len(b), _CHUNK):
            part = slice(start, start + _CHUNK)
            scores[part] = self._chunk(a[None], share[None], b[part], shares[part])
        return scores

    def _chunk(self, a: Floats, share: Floats, b: Floats, shares: Floats) -> Floats:
        band = band_of(self.grid, self.reach)
        likeness = band.products(a, b)
        there = _best(likeness, band.there, band, shares) @ share[0]
        back = np.einsum("nt,nt->n", _best(likeness, band.back, band, share), shares)
        common = _mean(b, shares) @ _mean(a, share)[0]
        beyond = (there + back) / 2 - np.float32(self.common) * common
        logits: Floats = np.float32(self.scale) * beyond + np.float32(self.bias)
        return logits


def _mean(tokens: Floats, shares: Floats) -> Floats:
    """Tokens (n, T, c) averaged over the ink, (n, c)."""
    mean: Floats = np.matmul(shares[:, None], tokens)[:, 0]
    return mean


def _best(likeness: Floats, pairs: NDArray[np.int64], band: Band, shares: Floats) -> Floats:
    """The likeness (n, T) of each token to its best match among its neighbours.

    likeness: a band of tokens with tokens; pairs (T, places): where in it the neighbours of each
    token are; shares (1 or n, T): of the image that is searched, whose bare places do not count.
    """
    close = likeness.reshape(len(likeness), -1).take(pairs, axis=1)
    close -= ((shares <= 0) * _NEVER).take(band.near, axis=1)
    best: Floats = np.maximum(close.max(axis=2), _BARE)
    return best
