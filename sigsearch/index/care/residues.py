"""Looks through files, byte by byte, for pieces of what should be gone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sigsearch.index.records import Reference

PIECE = 16
_WINDOW = 1 << 24
_SHORTEST = 6
_MIX = np.uint64(0x9E3779B97F4A7C15)
_BITS = 20


@dataclass(frozen=True, slots=True)
class Residue:
    """A piece of something forgotten, in a file at a byte offset."""

    kind: str
    file: str
    offset: int


@dataclass(slots=True)
class Needles:
    """Byte strings to look for, by what they are a piece of.

    Long templates are cut into pieces of 16 bytes, so that a part of one is found as well:
    any 31 bytes in a row hold a whole piece. Pieces of almost one value (blank tokens) say
    nothing and are left out; texts too short to be told from chance are kept apart.
    """

    pieces: dict[bytes, str] = field(default_factory=dict)
    too_short: dict[bytes, str] = field(default_factory=dict)

    @classmethod
    def of(cls, references: Sequence[Reference]) -> Needles:
        needles = cls()
        for one in references:
            needles.add_template("vector", one.vector.astype("<f4").tobytes())
            needles.add_template("tokens", one.local)
            needles.add_template("content hash", bytes.fromhex(one.content_hash))
            needles.add_text("content hash", one.content_hash)
            needles.add_text("name", one.writer)
            needles.add_text("source", one.source)
            for value in one.metadata.values():
                needles.add_text("metadata", value)
        return needles

    def add_template(self, kind: str, data: bytes) -> None:
        for start in range(0, len(data) - PIECE + 1, PIECE):
            piece = data[start : start + PIECE]
            if len(set(piece)) >= PIECE // 3:
                self.pieces.setdefault(piece, kind)

    def add_text(self, kind: str, text: str) -> None:
        for form in {text.encode("utf-8"), json.dumps(text)[1:-1].encode()}:
            if len(form) >= _SHORTEST:
                self.pieces.setdefault(form, kind)
            elif form:
                self.too_short.setdefault(form, kind)

    def only(self, wanted: set[bytes]) -> Needles:
        return Needles({piece: kind for piece, kind in self.pieces.items() if piece in wanted})

    def counts(self) -> dict[str, int]:
        """How many pieces there are of each kind."""
        return dict(Counter(self.pieces.values()))


class Finder:
    """All needles at once: the first bytes of each are looked up at every position."""

    def __init__(self, needles: Needles) -> None:
        self._needles = needles
        self._by_head: dict[int, list[bytes]] = {}
        self._short = [piece for piece in needles.pieces if len(piece) < 8]
        for piece in needles.pieces:
            if len(piece) >= 8:
                self._by_head.setdefault(int.from_bytes(piece[:8], "little"), []).append(piece)
        self._heads = np.sort(np.fromiter(self._by_head, np.uint64, len(self._by_head)))
        self._marked = np.zeros(1 << _BITS, bool)
        self._marked[_mixed(self._heads)] = True
        self._longest = max((len(piece) for piece in needles.pieces), default=0)

    def in_bytes(self, data: bytes) -> list[tuple[int, bytes]]:
        """Offsets and needles that occur in `data`."""
        found = [(at, piece) for piece in self._short for at in _everywhere(data, piece)]
        for shift in range(min(8, len(data))):
            words = np.frombuffer(data, "<u8", (len(data) - shift) // 8, shift)
            likely = np.flatnonzero(self._marked[_mixed(words)])
            likely = likely[np.isin(words[likely], self._heads)]
            for place in likely.tolist():
                at = 8 * place + shift
                for piece in self._by_head[int(words[place])]:
                    if data.startswith(piece, at):
                        found.append((at, piece))
        return found

    def in_file(self, path: Path) -> list[tuple[Residue, bytes]]:
        """Residues in a file, read in overlapping windows."""
        found: dict[tuple[int, bytes], Residue] = {}
        with open(path, "rb") as file:
            start, kept = 0, b""
            while fresh := file.read(_WINDOW):
                data = kept + fresh
                for at, piece in self.in_bytes(data):
                    kind = self._needles.pieces[piece]
                    found[start + at, piece] = Residue(kind, path.name, start + at)
                kept = data[-self._longest :] if self._longest else b""
                start += len(data) - len(kept)
        return [(residue, piece) for (_, piece), residue in found.items()]


def _mixed(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    return (words * _MIX) >> np.uint64(64 - _BITS)


def _everywhere(data: bytes, piece: bytes) -> list[int]:
    places, at = [], data.find(piece)
    while at >= 0:
        places.append(at)
        at = data.find(piece, at + 1)
    return places
