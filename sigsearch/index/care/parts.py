"""The files that `embed` writes, a folder of them or one alone, as references: rows that have a
writer and no error. They are believed in as little as an exported file (`care.parquet`)."""

from __future__ import annotations

import heapq
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, ClassVar

from sigsearch.errors import IndexFault
from sigsearch.index.care.parquet import Check, Export, arrow, named, parquet, reference_of
from sigsearch.index.records import EncoderIdentity, Reference
from sigsearch.names import natural

PART_COLUMNS = (
    "id", "writer", "source", "sha256", "page", "box", "vector", "tokens", "metadata", "warnings",
    "error", "encoder",
)  # fmt: skip
PART_NOTE = b"sigsearch.part"
"""The key of a part's own metadata: {"number", "parts", "inputs"}."""
_TEXTS = (
    "id", "writer", "source", "sha256", "tokens", "metadata.key_value.key",
    "metadata.key_value.value", "warnings.list.element", "error", "encoder",
)  # fmt: skip
_TOGETHER = 128  # parts that are open at once


def part_name(number: int, parts: int) -> str:
    """What the part of that number, from 0, of so many is called."""
    return f"part-{number + 1:05}-of-{parts:05}.parquet"


def part_types(identity: EncoderIdentity) -> dict[str, Any]:
    """The type of each column."""
    text = arrow().string()
    special = {
        "page": arrow().int32(),
        "box": arrow().list_(arrow().int32(), 4),
        "vector": arrow().list_(arrow().float32(), identity.dimensions),
        "tokens": arrow().binary(),
        "metadata": arrow().map_(text, text),
        "warnings": arrow().list_(text),
    }
    return {name: special.get(name, text) for name in PART_COLUMNS}


@dataclass(frozen=True, slots=True)
class Part(Export):
    """One opened file."""

    columns: ClassVar[Sequence[str]] = PART_COLUMNS
    texts: ClassVar[Sequence[str]] = _TEXTS

    @property
    def note(self) -> dict[str, Any]:
        """What the file says of itself. Raises ValueError where that is nothing sound."""
        found = json.loads((self.file.schema_arrow.metadata or {})[PART_NOTE])
        if not isinstance(found, dict) or not isinstance(found.get("parts"), int):
            raise ValueError("it does not say which part it is")
        return found

    @staticmethod
    def types(identity: EncoderIdentity) -> dict[str, Any]:
        return part_types(identity)

    @staticmethod
    def reference_in(row: dict[str, Any]) -> Reference | None:
        if row["error"] or not row["writer"]:
            return None
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        return reference_of(row, row["tokens"], row["sha256"], now)

    def met_again(self, number: int) -> None:
        """An image that lies in a writer's folder twice is enrolled once, as `index build` does."""


@dataclass(frozen=True, slots=True)
class Parts:
    """All files of one `embed`, complete and of one encoder."""

    paths: tuple[Path, ...]
    identity: EncoderIdentity

    @classmethod
    def of(cls, path: Path) -> Parts:
        """The parts in a folder, or a file by itself. Raises IndexFault."""
        if not path.is_dir():
            with Part.opened(path) as part:
                return cls((path,), part.identity)
        paths = sorted(path.glob("part-*.parquet"))
        if not paths:
            raise IndexFault(f"{path}: no files of `sigsearch embed` in it")
        with Part.opened(paths[0]) as first:
            count, identity = first.note["parts"], first.identity
        names = {one.name for one in paths}
        missing = (name for n in range(count) if (name := part_name(n, count)) not in names)
        if count > len(paths):
            raise IndexFault(
                f"{path}: {count - len(paths)} of {count} parts are missing, such as "
                f"{next(missing)}; run `sigsearch embed` again, for all shards"
            )
        if count < len(paths) or next(missing, None):
            raise IndexFault(f"{path}: holds the parts of more than one `sigsearch embed`")
        return cls(tuple(paths), identity)

    def settings(self) -> dict[str, dict[str, Any]]:
        """None: `embed` knows no index."""
        return {}

    def references(self, check: Check | None) -> Iterator[Reference]:
        """Of all writers in the order of `index build`, as far as the files are open together.
        Raises IndexFault at the first row that is no reference."""
        for start in range(0, len(self.paths), _TOGETHER):
            with ExitStack() as stack:
                opened = [
                    stack.enter_context(Part.opened(path))
                    for path in self.paths[start : start + _TOGETHER]
                ]
                for part in opened:
                    if part.identity != self.identity:
                        raise IndexFault(f"{part.path}: made by another encoder than the others")
                held = [_named_rows(part, check) for part in opened]
                yield from heapq.merge(*held, key=lambda one: natural(one.writer))

    def passed_over(self) -> tuple[int, int]:
        """How many rows have an error, and how many others have no writer."""
        failed, nobody = 0, 0
        for path in self.paths:
            with Part.opened(path) as part:
                for batch in part.file.iter_batches(columns=["writer", "error"]):
                    for row in batch.to_pylist():
                        failed += bool(row["error"])
                        nobody += not row["error"] and not row["writer"]
        return failed, nobody


def _named_rows(part: Part, check: Check | None) -> Iterator[Reference]:
    """Of several files that are open the one is named that is damaged."""
    with named(part.path):
        yield from part.references(check)


@contextmanager
def opened(path: Path) -> Iterator[Export | Parts]:
    """What `export` wrote, or `embed`. Raises IndexFault for what is neither."""
    if os.path.isdir(path) or _is_part(path):
        yield Parts.of(path)
    else:
        with Export.opened(path) as export:
            yield export


def _is_part(path: Path) -> bool:
    try:
        return PART_NOTE in (parquet().read_schema(path).metadata or {})
    except (OSError, ValueError, arrow().ArrowException):
        return False  # what is wrong with it is said by who opens it
