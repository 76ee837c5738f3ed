"""The local reading compared: token by token within a small neighbourhood, in numpy.

The same arithmetic as `sigsearch.training.matcher.LocalMatcher`, which fitted the parameters; a
test holds the two together. Only the neighbours of a token are ever exponentiated.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import EncoderError
from sigsearch.matching.band import band_of

Floats = NDArray[np.float32]
_BARE = 20.0  # logits taken off a token without ink, so that ink looks for ink
_CHUNK = 32  # pairs compared at once: keeps the working set inside the cache


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
    context: Floats  # (channels, hidden)
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
                context=np.ascontiguousarray(values["context"], np.float32),
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
        band = band_of(self.grid, self.reach)
        likeness, spread = band.products(own[:1], tokens[:1]), band.empty(1)
        there = self._evidence(likeness, band.there, own[:1], tokens[:1], weights[:1], spread)
        evidence: Floats = there[0].reshape(self.grid)
        return evidence

    def _against_all(self, a: Floats, share: Floats, b: Floats, shares: Floats) -> Floats:
        scores: Floats = np.zeros(len(b), np.float32)
        for start in range(0, len(b), _CHUNK):
            part = slice(start, start + _CHUNK)
            scores[part] = self._chunk(a[None], share[None], b[part], shares[part])
        return scores

    def _chunk(self, a: Floats, share: Floats, b: Floats, shares: Floats) -> Floats:
        band = band_of(self.grid, self.reach)
        likeness, spread = band.products(a, b), band.empty(len(b))
        there = self._evidence(likeness, band.there, a, b, shares, spread)
        back = self._evidence(likeness, band.back, b, a, share, spread)
        both: Floats = self._pool(there, share) + self._pool(back, shares)
        return both * np.float32(0.5)

    def _evidence(
        self,
        likeness: Floats,
        pairs: NDArray[np.int64],
        a: Floats,
        b: Floats,
        b_share: Floats,
        spread: Floats,
    ) -> Floats:
        """Evidence at each token of a, (n, T).

        likeness: a band of a's tokens with b's; pairs (T, places): where in it the neighbours of
        each token are. One of a and b may be a single signature for all n. `spread`, a band that
        is zero but where neighbours are, is written to.
        """
        band, count = band_of(self.grid, self.reach), len(likeness)
        close = likeness.reshape(count, -1).take(pairs, axis=1)
        logits = close * np.float32(self.sharpness)
        logits += band.outside
        logits -= ((b_share <= 0) * np.float32(_BARE)).take(band.near, axis=1)
        logits -= logits.max(axis=2, keepdims=True)
        attention = np.exp(logits, out=logits)
        attention /= attention.sum(axis=2, keepdims=True)
        # Places outside the grid repeat a neighbour with attention zero: only those within count.
        within = attention.reshape(count, -1).take(band.within, axis=1)
        spread.reshape(count, -1)[:, band.there.ravel()[band.within]] = within
        matched = band.sums(spread, b)
        gap = np.abs(np.subtract(a, matched, out=matched), out=matched)
        hidden = gap @ self.difference
        hidden += a @ self.context
        hidden += self.difference_bias
        rest = np.maximum(hidden, 0, out=hidden) @ self.weighing + np.float32(self.weighing_bias)
        alike = np.einsum("ntp,ntp->nt", attention, close)
        result: Floats = np.float32(self.likeness) * alike + rest
        return result

    def _pool(self, evidence: Floats, share: Floats) -> Floats:
        """A soft minimum: an imitation is betrayed by its worst places."""
        terms = np.log(np.maximum(share, 1e-9)) - np.float32(self.severity) * evidence
        top = terms.max(axis=1, keepdims=True)
        total = np.log(np.exp(terms - top).sum(axis=1)) + top[:, 0]
        result: Floats = -total / np.float32(self.severity)
        return result
