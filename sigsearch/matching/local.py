"""The local reading compared: token by token within a small neighbourhood, in numpy.

The same arithmetic as `sigsearch.training.encoder.matcher.LocalMatcher`, which fitted the
parameters; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Protocol
from zipfile import BadZipFile

import numpy as np

from sigsearch.arrays import Bytes, Ids, Singles, SmallInts
from sigsearch.errors import EncoderError
from sigsearch.matching.band import Band, band_of
from sigsearch.models.folder import ModelFolder

_BARE = np.float32(-1)  # the likeness of ink to no ink: that of a stroke to its opposite
_NEVER = np.float32(4)  # taken off the likeness of places that do not count, so that none is best
_CHUNK = 32  # pairs compared at once: keeps the working set inside the cache
DEFAULT_PAIR = (4.0, 1.0, 0.0)
"""What weighs cosine and logit, and a bias, where nothing was fitted (`similarity.pair_scores`)."""


class LocalReadings(Protocol):
    """What is compared: `sigsearch.encoder.Embeddings` is one. tokens: int8 (n, T, c), unit vectors
    times 127; weights: uint8 (n, T), ink shares of each image, the largest being 255."""

    @property
    def tokens(self) -> SmallInts: ...
    @property
    def weights(self) -> Bytes: ...


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
    def load(cls, path: Path, sha256: str) -> LocalMatcher:
        """Read `matcher.npz`; raises EncoderError when it is missing, altered or another kind."""
        data = ModelFolder(path.parent, {path.name: sha256}).read(path.name)
        try:
            with np.load(BytesIO(data), allow_pickle=False) as file:
                values = {name: file[name] for name in file.files}
            return cls(
                grid=(int(values["grid"][0]), int(values["grid"][1])),
                reach=(int(values["reach"][0]), int(values["reach"][1])),
                scale=float(values["scale"]),
                bias=float(values["bias"]),
                common=float(values["common"]),
                pair=(float(values["pair"][0]), float(values["pair"][1]), float(values["pair"][2])),
            )
        except (OSError, ValueError, KeyError, IndexError, BadZipFile) as fault:
            raise EncoderError(f"{path}: cannot be read as a matcher ({fault})") from None

    def compare(self, a: LocalReadings, b: LocalReadings) -> Singles:
        """Scores (len(a), len(b)), higher = closer, in logits of "the same hand"."""
        scores: Singles = self.compare_parts(a, b)[..., 0]
        return scores

    def compare_parts(self, a: LocalReadings, b: LocalReadings) -> Singles:
        """The scores, and beside each the likeness of the mean tokens, which is what the two have
        in common wherever one looks: (len(a), len(b), 2)."""
        (left, share), (right, shares) = floats_of(a), floats_of(b)
        parts = np.zeros((len(left), len(right), 2), np.float32)
        for i in range(len(left)):
            for start in range(0, len(right), _CHUNK):
                some = slice(start, start + _CHUNK)
                parts[i, some] = self._chunk(
                    left[i, None], share[i, None], right[some], shares[some]
                )
        return parts

    def plainness(self, readings: LocalReadings) -> Singles:
        """How like each reading is to itself upside down (n,), in the logits of `compare`: where
        every piece is like every other, strangers' signatures come near by chance."""
        tokens, shares = floats_of(readings)
        others, others_share = (
            part.reshape(len(part), *self.grid, *part.shape[2:])[:, ::-1].reshape(part.shape)
            for part in (tokens, shares)
        )
        found = [
            self._chunk(tokens[n, None], shares[n, None], others[n, None], others_share[n, None])
            for n in range(len(tokens))
        ]
        return np.array([one[0, 0] for one in found], np.float32)

    def evidence(self, a: LocalReadings, b: LocalReadings) -> Singles:
        """How well each token of the first of `a` is matched in the first of `b`: (rows, columns),
        in logits."""
        (left, _), (right, shares) = floats_of(a), floats_of(b)
        band = band_of(self.grid, self.reach)
        best = _best(band.products(left[:1], right[:1]), band.there, band, shares[:1])
        logits: Singles = np.float32(self.scale) * best + np.float32(self.bias)
        return logits.reshape(self.grid)

    def _chunk(self, a: Singles, share: Singles, b: Singles, shares: Singles) -> Singles:
        band = band_of(self.grid, self.reach)
        likeness = band.products(a, b)
        # Sums that come out alike however many are compared at once; BLAS's do not.
        there = np.einsum("nt,t->n", _best(likeness, band.there, band, shares), share[0])
        back = np.einsum("nt,nt->n", _best(likeness, band.back, band, share), shares)
        mean, theirs = (np.matmul(s[:, None], x)[:, 0] for s, x in ((share, a), (shares, b)))
        common = np.einsum("nc,c->n", theirs, mean[0])
        beyond = (there + back) / 2 - np.float32(self.common) * common
        logits: Singles = np.float32(self.scale) * beyond + np.float32(self.bias)
        return np.stack([logits, common], axis=1)


def floats_of(readings: LocalReadings) -> tuple[Singles, Singles]:
    """Tokens as float32 unit vectors and weights that sum to one."""
    share = readings.weights.astype(np.float32)
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1)
    return readings.tokens.astype(np.float32) * np.float32(1 / 127), share


def _best(likeness: Singles, pairs: Ids, band: Band, shares: Singles) -> Singles:
    """The likeness (n, T) of each token to its best match among its neighbours.

    likeness: a band of tokens with tokens; pairs (T, places): where in it the neighbours of each
    token are; shares (1 or n, T): of the image that is searched, whose bare places do not count.
    """
    close = likeness.reshape(len(likeness), -1).take(pairs, axis=1)
    close -= ((shares <= 0) * _NEVER).take(band.near, axis=1)
    best: Singles = np.maximum(close.max(axis=2), _BARE)
    return best
