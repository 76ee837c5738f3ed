"""A Parquet file from elsewhere: believed in nothing, and never larger in memory than it may be.

A small file can claim, or hold, gigabytes: texts are stored once and repeated, pages are packed. So
the file's own table of contents is held against what `export` writes, texts are read as numbers and
a dictionary, and each value is measured before it is made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sigsearch.errors import IndexFault, ReferenceRefused, SigsearchError
from sigsearch.index.local.files import named_faults
from sigsearch.index.records import EncoderIdentity, Reference, check_reference

if TYPE_CHECKING:
    from typing_extensions import Self

COLUMNS = (
    "writer", "reference", "vector", "local", "content_hash", "source", "metadata", "warnings",
    "enrolled_at",
)  # fmt: skip
Check = Callable[[Reference], None]
"""Raises ReferenceRefused."""

_TEXTS = [
    "writer", "local", "content_hash", "source", "enrolled_at", "metadata.key_value.key",
    "metadata.key_value.value", "warnings.list.element",
]  # fmt: skip
"""What is read as a dictionary, by its path in the file."""
_ROWS, _TOGETHER = 1 << 16, 256  # rows of a group at most, and rows decoded at once
_GROUP = 1 << 27  # bytes of a group when unpacked
_MANY = 64  # entries of a reference's metadata, or its warnings
_LONGEST = 1 << 18  # bytes of one value
_WIDEST = 1 << 14  # dimensions
_KIND = {"id": str, "preprocessing_version": int, "dimensions": int, "metric": str}


@dataclass(frozen=True, slots=True)
class Export:
    """An opened file whose table of contents is as `export` writes it."""

    path: Path
    file: Any
    identity: EncoderIdentity

    columns: ClassVar[Sequence[str]] = COLUMNS
    texts: ClassVar[Sequence[str]] = _TEXTS

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator[Self]:
        """Raises IndexFault: no file of ours; whatever is met inside is named with the file."""
        with named(path):
            schema = parquet().read_schema(path)
        notes, columns = schema.metadata or {}, cls.columns
        if b"sigsearch.encoder" not in notes or set(columns) - set(schema.names):
            raise IndexFault(f"{path}: not exported by sigsearch: the columns must be {columns}")
        how = {"read_dictionary": list(cls.texts), "page_checksum_verification": True}
        with named(path), parquet().ParquetFile(path, **how) as file:
            export = cls(path, file, _identity(json.loads(notes[b"sigsearch.encoder"])))
            export._look_at_types()
            for number in range(file.metadata.num_row_groups):
                export._look_at_group(file.metadata.row_group(number))
            yield export

    def settings(self) -> dict[str, dict[str, Any]]:
        found = json.loads(self.file.schema_arrow.metadata.get(b"sigsearch.settings", b"{}"))
        if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
            raise ValueError("its settings are not JSON objects")
        return found

    def references(self, check: Check | None) -> Iterator[Reference]:
        """Every row as a reference that could be enrolled; raises IndexFault at the first other."""
        number, seen, columns = 0, set[tuple[str, str]](), list(self.columns)
        for batch in self.file.iter_batches(_TOGETHER, columns=columns, use_threads=False):
            _measure(batch, columns)
            for at in range(len(batch)):
                number += 1
                try:
                    (row,) = batch.slice(at, 1).to_pylist()
                    one = self.reference_in(row)
                    if one is None:
                        continue
                    check_reference(one, self.identity.dimensions)
                    if check is not None:
                        check(one)
                except (ReferenceRefused, ValueError, TypeError, KeyError) as fault:
                    raise IndexFault(f"{self.path}: row {number}: {fault}") from fault
                if (one.writer, one.content_hash) not in seen:
                    seen.add((one.writer, one.content_hash))
                    yield one
                else:
                    self.met_again(number)

    @staticmethod
    def types(identity: EncoderIdentity) -> dict[str, Any]:
        """The type of each column."""
        return types_for(identity)

    @staticmethod
    def reference_in(row: dict[str, Any]) -> Reference | None:
        """What a row holds, not yet looked at; None where that is no reference at all."""
        return reference_of(row, row["local"], row["content_hash"], row["enrolled_at"])

    def met_again(self, number: int) -> None:
        """What is done about a reference that row `number` holds once more."""
        raise IndexFault(f"{self.path}: row {number}: repeats a reference")

    def _look_at_types(self) -> None:
        schema = self.file.schema_arrow
        for name, expected in self.types(self.identity).items():
            if _shape(schema.field(name).type) != _shape(expected):
                found = schema.field(name).type
                raise IndexFault(f"{self.path}: the column {name} holds {found}, not {expected}")

    def _look_at_group(self, group: Any) -> None:
        rows, parts = group.num_rows, range(group.num_columns)
        columns = [group.column(part) for part in parts]
        unpacked = sum(column.total_uncompressed_size for column in columns)
        most = {"vector": self.identity.dimensions, "metadata": _MANY, "warnings": _MANY, "box": 4}
        many = any(
            column.num_values > rows * most.get(column.path_in_schema.partition(".")[0], 1)
            for column in columns
        )
        if rows > _ROWS or unpacked > _GROUP or many:
            raise IndexFault(
                f"{self.path}: a row group would take {unpacked >> 20} MiB or more when unpacked; "
                "files that `index export` wrote have no such group"
            )


def types_for(identity: EncoderIdentity) -> dict[str, Any]:
    """The type of each column."""
    text = arrow().string()
    special = {
        "reference": arrow().int64(),
        "vector": arrow().list_(arrow().float32(), identity.dimensions),
        "local": arrow().binary(),
        "metadata": arrow().map_(text, text),
        "warnings": arrow().list_(text),
    }
    return {name: special.get(name, text) for name in COLUMNS}


def _identity(document: dict[str, Any]) -> EncoderIdentity:
    if set(document) != set(_KIND) or not all(
        type(document[name]) is kind for name, kind in _KIND.items()
    ):
        raise ValueError("its encoder is not described as `export` does it")
    if not 0 < document["dimensions"] <= _WIDEST:
        raise ValueError(f"vectors of {document['dimensions']} dimensions")
    return EncoderIdentity(**document)


def reference_of(
    row: dict[str, Any], local: bytes, content_hash: str, enrolled_at: str
) -> Reference:
    """The reference of a row, of what is called the same in all files, and of the rest."""
    return Reference(
        writer=row["writer"],
        vector=np.array(row["vector"], np.float32),
        local=local,
        content_hash=content_hash,
        source=row["source"],
        metadata=dict(row["metadata"]),
        warnings=tuple(row["warnings"]),
        enrolled_at=enrolled_at,
    )


def _measure(batch: Any, columns: Sequence[str]) -> None:
    """Raises ValueError where a value is longer, or a row has more of them, than is enrolled."""
    for name in columns:
        column = batch.column(name)
        parts = [column]
        if name == "metadata":
            parts = [column.keys, column.items]
        elif name == "warnings":
            parts = [column.values]
        if name in ("metadata", "warnings") and len(column):
            most = np.diff(column.offsets.to_numpy(zero_copy_only=False)).max(initial=0)
            if most > _MANY:
                raise ValueError(f"{most} entries of {name} in one row")
        for part in parts:
            if _longest(part) > _LONGEST:
                raise ValueError(f"a value of {name} has more than {_LONGEST >> 10} KiB")


def _longest(column: Any) -> int:
    """Bytes of the longest value of a column that was read as a dictionary."""
    import pyarrow.compute

    texts = getattr(column, "dictionary", None)
    if texts is None or not len(texts):
        return 0
    return int(pyarrow.compute.max(pyarrow.compute.binary_length(texts)).as_py() or 0)


def _shape(kind: Any) -> object:
    """A type without the names of its parts, and as if it had not been read as a dictionary."""
    types = arrow().types
    if types.is_dictionary(kind):
        return _shape(kind.value_type)
    if types.is_map(kind):
        return "map", _shape(kind.key_type), _shape(kind.item_type)
    if types.is_fixed_size_list(kind):
        return kind.list_size, _shape(kind.value_type)
    return ("list", _shape(kind.value_type)) if types.is_list(kind) else str(kind)


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Whatever pyarrow, or what lies in the file, raises, as an IndexFault that names the file."""
    try:
        with named_faults(path):
            yield
    except (SigsearchError, MemoryError):
        raise
    except Exception as fault:  # pyarrow has some dozen types, and raises others as well
        told = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
        raise IndexFault(f"{path}: not a sound sigsearch export ({told})") from fault


def parquet() -> Any:
    arrow()
    import pyarrow.parquet

    return pyarrow.parquet


def arrow() -> Any:
    """Raises IndexFault where the package is missing."""
    try:
        import pyarrow
    except ImportError as error:
        raise IndexFault(
            "export and import need the package pyarrow: pip install 'sigsearch[parquet]'"
        ) from error
    return pyarrow
