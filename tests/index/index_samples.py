"""Invented references for the tests of the index."""

from __future__ import annotations

import hashlib

import numpy as np

from sigsearch.index import EncoderIdentity, Reference
from sigsearch.index.records import Vector

IDENTITY = EncoderIdentity("test-encoder", 1, 16)


def vector(seed: int, dimensions: int = 16) -> Vector:
    drawn = np.random.default_rng(seed).normal(size=dimensions)
    return (drawn / np.linalg.norm(drawn)).astype(np.float32)


def reference(writer: str, number: int = 0, dimensions: int = 16) -> Reference:
    """The same writer and number give the same reference, vector and hash."""
    digest = hashlib.sha256(f"{writer}#{number}".encode()).hexdigest()
    return Reference(
        writer=writer,
        vector=vector(int(digest[:12], 16), dimensions),
        local=bytes.fromhex(digest) * 3,
        content_hash=digest,
        source=f"{writer}/{number}.png",
        metadata={"branch": "Hà Nội"},
        warnings=("faint",),
        enrolled_at="2026-01-02T03:04:05Z",
    )


def same(one: Reference, other: Reference) -> bool:
    """Equal in every field, the vector bit by bit."""
    return (
        one.to_dict() == other.to_dict()
        and one.local == other.local
        and one.vector.tobytes() == other.vector.tobytes()
    )
