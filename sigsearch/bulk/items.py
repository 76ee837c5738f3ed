"""One image or document to be embedded."""

from __future__ import annotations

from collections.abc import Iterator
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
