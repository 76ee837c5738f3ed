"""What is to be embedded, and in which part it lands: that depends on the input alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sigsearch.datasets import Sample


@dataclass(frozen=True, slots=True)
class Item:
    """One image or document. source: a path or URL, which may end in `#page=2`, the bytes of a file
    or a sample of an archive; fault: why it cannot be read, where that is known already; size: of
    the file in bytes, 0 where nobody says."""

    id: str
    source: str | bytes | Sample
    writer: str = ""
    metadata: tuple[tuple[str, str], ...] = ()
    fault: str = ""
    size: int = 0

    @property
    def key(self) -> str:
        """A writer's signatures stay together."""
        return self.writer or self.id

    @property
    def facts(self) -> tuple[Any, ...]:
        """What makes it another input when it changes."""
        return self.id, self.writer, self.size, self.metadata, self.fault

    @property
    def count(self) -> int:
        return 1

    def items(self) -> Iterator[Item]:
        yield self


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Images in a Parquet file: one of its groups of rows, read when its turn comes. name: of the
    file below the input; first: how many rows come before it."""

    path: str
    name: str
    number: int
    first: int
    rows: int
    size: int
    writers: bool

    @property
    def key(self) -> str:
        return f"{self.name}#group={self.number}"

    @property
    def facts(self) -> tuple[Any, ...]:
        return self.key, self.rows, self.size, self.writers

    @property
    def count(self) -> int:
        return self.rows

    def items(self) -> Iterator[Item]:
        from sigsearch.bulk.tables import items_in

        yield from items_in(self)


Unit = Item | RowGroup
"""What lands in one part as a whole."""


def part_of(unit: Unit, parts: int) -> int:
    """From 0."""
    digest = hashlib.sha256(unit.key.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") % parts


def fingerprint_of(units: Iterable[Unit]) -> str:
    """What tells these inputs, in this order, from others."""
    digest = hashlib.sha256()
    for unit in units:
        digest.update(repr(unit.facts).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
