"""Many questions, each answered from its image on in one of several processes that have the index
open: one interpreter is busy with a question for most of its time, so threads would take turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from sigsearch.cli.questioned import Questioned
    from sigsearch.datasets.claims import Claim
    from sigsearch.engine.judge import Rates
    from sigsearch.engine.results import Verification
    from sigsearch.engine.signature_index import SignatureIndex

MANY = 64
"""Questions from which on it pays to start these processes."""


@dataclass(frozen=True, slots=True)
class Opening:
    """An index in a folder, as every process opens it for itself."""

    index: str
    encoder: Path | None
    key: bytes | None


def opening_of(
    index: str, encoder: Path | None, key: bytes | None, questions: int, log: bool
) -> Opening | None:
    """None where it does not pay, where each process would hold all vectors, and with a `log`: what
    is noted there is decided in its turn, and nothing is noted that nobody was told."""
    from sigsearch.imaging.ahead import cores
    from sigsearch.index.postgres.address import is_address

    if log or questions < MANY or cores() < 2 or is_address(index):
        return None
    return Opening(index, encoder, key)


@lru_cache(maxsize=1)
def _opened(opening: Opening) -> SignatureIndex:
    from sigsearch.encoder import Encoder
    from sigsearch.engine.signature_index import SignatureIndex

    encoder = Encoder.load(opening.encoder, threads=1)
    return SignatureIndex.open(opening.index, encoder, read_only=True, key=opening.key)


def identified(
    opening: Opening, signature: int | None, asked: Mapping[str, Any], image: str
) -> list[Questioned]:
    """`on_image`, each with its answer, asked as `SignatureIndex.identify` is."""
    from sigsearch.cli.questioned import answered, on_image

    identify = partial(_opened(opening).identify, **asked)
    return [answered(one, identify) for one in on_image(image, signature)]


def verified(opening: Opening, rates: Rates, claim: Claim) -> Verification:
    """Raises ImageError, WriterUnknown, CalibrationError, or DatasetError for a row that is no
    claim."""
    from sigsearch.cli.claims import signature_of

    return _opened(opening).verify(signature_of(claim), claim.writer, rates)
