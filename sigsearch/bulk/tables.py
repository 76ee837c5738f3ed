"""Images in Parquet files: a column `image` of bytes, or of `{bytes, path}` as datasets are often
shared, and if wanted `id` and `writer`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sigsearch.bulk.items import Item
from sigsearch.bulk.places import file_system, is_url
from sigsearch.errors import DatasetError, SigsearchError
from sigsearch.index.care.parquet import arrow, parquet
from sigsearch.names import one_form

_TOGETHER = 32  # rows


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
        yield from items_in(self)


def groups_of(path: str, name: str, writers: bool) -> Iterator[RowGroup]:
    """The groups of rows of one file. Raises DatasetError where it holds no images."""
    with _opened(path) as file:
        _image_kind(file.schema_arrow, path)
        first, about = 0, file.metadata
        for number in range(about.num_row_groups):
            group = about.row_group(number)
            yield RowGroup(
                path, name, number, first, group.num_rows, group.total_byte_size, writers
            )
            first += group.num_rows


def items_in(group: RowGroup) -> Iterator[Item]:
    """Its rows. Raises DatasetError where the file cannot be read any more."""
    with _opened(group.path) as file:
        schema = file.schema_arrow
        nested = _image_kind(schema, group.path)
        columns = [one for one in ("id", "writer") if one in schema.names]
        number = group.first
        for batch in file.iter_batches(
            _TOGETHER, [group.number], [*columns, "image"], use_threads=False
        ):
            for row in batch.to_pylist():
                number += 1
                image = row["image"]
                data = image.get("bytes") if nested and image else image
                writer = row.get("writer") if group.writers else None
                yield Item(
                    str(row.get("id") or f"{group.name}#row={number}"),
                    data or b"",
                    one_form(str(writer)) if writer is not None else "",
                    fault="" if data else "the row holds no image",
                )


def _image_kind(schema: Any, path: str) -> bool:
    """Whether images lie in `{bytes, path}`. Raises DatasetError for what are no images."""
    types = arrow().types
    if "image" in schema.names:
        kind = schema.field("image").type
        if types.is_struct(kind) and kind.get_field_index("bytes") >= 0:
            return True
        if types.is_binary(kind) or types.is_large_binary(kind):
            return False
    raise DatasetError(
        f"{path}: no column `image` of bytes, or of {{bytes, path}}; its columns are "
        f"{', '.join(schema.names[:12])}"
    )


@contextmanager
def _opened(path: str) -> Iterator[Any]:
    """Raises DatasetError."""
    try:
        if is_url(path):
            files, inner = file_system(path)
            with files.open(inner, "rb") as stream, parquet().ParquetFile(stream) as file:
                yield file
        else:
            with parquet().ParquetFile(path) as file:
                yield file
    except SigsearchError:
        raise
    except (OSError, ValueError, arrow().ArrowException) as fault:
        raise DatasetError(f"{path}: cannot be read as Parquet ({fault})") from fault
