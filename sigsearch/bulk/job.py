"""The work of one run, as whoever does it is told."""

from __future__ import annotations

from dataclasses import dataclass

from sigsearch.bulk.units import Unit
from sigsearch.bulk.writing import PartOrder


@dataclass(frozen=True, slots=True)
class Job:
    """What an engine is to make: parts, each of some inputs; encoder: its folder, empty for the one
    that ships."""

    source: str
    out: str
    encoder: str
    parts: tuple[tuple[PartOrder, tuple[Unit, ...]], ...]

    @property
    def inputs(self) -> int:
        return sum(unit.count for _, units in self.parts for unit in units)
