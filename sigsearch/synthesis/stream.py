"""Specimens one after another, without the disk: for training, tests and scale."""

from __future__ import annotations

from collections.abc import Iterator

from sigsearch.synthesis.forger import LEVELS, forge
from sigsearch.synthesis.specimen import Specimen
from sigsearch.synthesis.writer import DEFAULT_DPI, Writer

_WRITERS_PER_SEED = 1_000_003  # so that streams of neighbouring seeds share no writer
_FORGERS = 20  # who try their hand at one writer


def writer_seed(seed: int, writer: int) -> int:
    """The seed of the n-th writer of a stream; memory and time do not depend on n."""
    return seed * _WRITERS_PER_SEED + writer


def forgery(writer: Writer, number: int, dpi: int = DEFAULT_DPI) -> Specimen:
    """The n-th forgery of a writer: the levels in turn, by forgers who are not asked twice soon."""
    forger = writer.seed * _FORGERS + number % _FORGERS
    return forge(writer, number, forger, LEVELS[number % len(LEVELS)], dpi)


def stream(
    seed: int,
    writers: int,
    genuine: int = 12,
    forgeries: int = 0,
    *,
    script: str | None = None,
    dpi: int = DEFAULT_DPI,
) -> Iterator[Specimen]:
    """All specimens of writer 0, then of writer 1, and so on; genuine first, then forgeries."""
    for index in range(writers):
        writer = Writer.from_seed(writer_seed(seed, index), script)
        for number in range(genuine):
            yield writer.specimen(number, dpi)
        for number in range(forgeries):
            yield forgery(writer, number, dpi)
