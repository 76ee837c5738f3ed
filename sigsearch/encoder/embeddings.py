"""What the encoder gives: a global vector and local tokens an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsearch.arrays import Bytes, Singles, SmallInts


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Of n images: vectors float32 (n, d), unit length; tokens int8 (n, T, c), unit vectors times
    127; weights uint8 (n, T), each token's share of the ink, the largest being 255."""

    vectors: Singles
    tokens: SmallInts
    weights: Bytes

    def __len__(self) -> int:
        return len(self.vectors)

    def __getitem__(self, key: int | slice | NDArray[np.intp]) -> Embeddings:
        """The chosen images, always as Embeddings: `e[3]` has length one."""
        rows = slice(key, key + 1 or None) if isinstance(key, int) else key
        return Embeddings(self.vectors[rows], self.tokens[rows], self.weights[rows])

    def local_bytes(self, row: int) -> bytes:
        """The local reading of one image as bytes, for the index to keep."""
        return bytes(self.tokens[row].tobytes() + self.weights[row].tobytes())

    @classmethod
    def from_parts(
        cls,
        vectors: Sequence[Singles],
        local: Sequence[bytes],
        token_shape: tuple[int, int, int],
    ) -> Embeddings:
        """Put together again what an index kept: `local` from `local_bytes`."""
        rows, columns, channels = token_shape
        count = rows * columns
        packed = np.frombuffer(b"".join(local), np.uint8).reshape(
            len(local), count * (channels + 1)
        )
        tokens = packed[:, : count * channels].view(np.int8).reshape(-1, count, channels)
        return cls(np.stack(vectors), tokens, packed[:, count * channels :])

    @classmethod
    def concatenate(cls, parts: Sequence[Embeddings]) -> Embeddings:
        return cls(
            np.concatenate([p.vectors for p in parts]),
            np.concatenate([p.tokens for p in parts]),
            np.concatenate([p.weights for p in parts]),
        )
