"""An index as a Parquet file and back: nobody is locked in.

One row a reference; the columns are COLUMNS. The encoder's identity and the settings are in
the file's own metadata, under the keys `sigsearch.encoder` and `sigsearch.settings`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from sigsearch.errors import IndexFault
from sigsearch.index.local.files import named_faults, replacing
from sigsearch.index.local.ledger import Ledger
from sigsearch.index.local.writer_index import WriterIndex
from sigsearch.index.records import EncoderIdentity, Reference

COLUMNS = (
    "writer", "reference", "vector", "local", "content_hash", "source", "metadata", "warnings",
    "enrolled_at",
)  # fmt: skip
_BATCH = 2048
_MEASURED = {"population"}  # settings that say something of the very references they lie with


def export_index(index: WriterIndex, path: Path) -> int:
    """Write all references, of one generation, to a Parquet file; returns how many.

    Raises:
        VerifyOnly: a verify-only index cannot be read through.
        IndexFault: the package pyarrow is missing, or the file cannot be written.
    """
    index.store.must_go_through()
    parquet = _parquet()

    def work(ledger: Ledger, beside: Path) -> int:
        schema, count, rows = _schema(index.identity, ledger), 0, _rows(ledger)
        with parquet.ParquetWriter(beside, schema, compression="zstd") as writer:
            while batch := list(islice(rows, _BATCH)):
                writer.write_table(_pyarrow().Table.from_pylist(batch, schema))
                count += len(batch)
        return count

    with replacing(path) as beside:
        return index.store.read(lambda ledger: work(ledger, beside))


def identity_in(path: Path) -> EncoderIdentity:
    """The encoder of the index that a Parquet file was exported from.

    Raises:
        IndexFault: not a file of ours.
    """
    return EncoderIdentity(**json.loads(_notes(_opened(path))[b"sigsearch.encoder"]))


def take_in(index: WriterIndex, path: Path) -> int:
    """Enrol what a Parquet file holds; returns how many references were new.

    The settings come along only where nobody is enrolled yet, since they decide about writers who
    are, and what was measured of the other index never does.

    Raises:
        IndexFault: not a file of ours; EncoderMismatch: the index has another encoder.
    """
    index.require(identity_in(path))
    file = _opened(path)
    if not len(index):
        for name, document in json.loads(_notes(file)[b"sigsearch.settings"]).items():
            if name not in _MEASURED and index.setting(name) is None:
                index.put_setting(name, document)
    return sum(
        index.enrol([_reference(row) for row in batch.to_pylist()])
        for batch in file.iter_batches(_BATCH)
    )


def _opened(path: Path) -> Any:
    with named_faults(path):
        return _parquet().ParquetFile(path)


def _notes(file: Any) -> dict[bytes, bytes]:
    notes: dict[bytes, bytes] = file.schema_arrow.metadata or {}
    if b"sigsearch.encoder" not in notes or set(COLUMNS) - set(file.schema_arrow.names):
        raise IndexFault(f"not exported by sigsearch: the columns must be {COLUMNS}")
    return notes


def _rows(ledger: Ledger) -> Iterator[dict[str, Any]]:
    for writer_id, writer in ledger.writers_from(0):
        for number in ledger.members(writer_id):
            one = ledger.reference(number, writer.name)
            yield {
                **one.to_dict(),
                "metadata": list(one.metadata.items()),
                "reference": number,
                "vector": one.vector,
                "local": one.local,
            }


def _reference(row: dict[str, Any]) -> Reference:
    return Reference(
        writer=row["writer"],
        vector=np.array(row["vector"], np.float32),
        local=row["local"],
        content_hash=row["content_hash"],
        source=row["source"],
        metadata=dict(row["metadata"]),
        warnings=tuple(row["warnings"]),
        enrolled_at=row["enrolled_at"],
    )


def _schema(identity: EncoderIdentity, ledger: Ledger) -> Any:
    arrow = _pyarrow()
    text = arrow.string()
    types = {
        "reference": arrow.int64(),
        "vector": arrow.list_(arrow.float32(), identity.dimensions),
        "local": arrow.binary(),
        "metadata": arrow.map_(text, text),
        "warnings": arrow.list_(text),
    }
    settings = {key.decode(): json.loads(body) for key, body in ledger.scan("settings")}
    notes = {
        "sigsearch.encoder": json.dumps(identity.to_dict()),
        "sigsearch.settings": json.dumps(settings),
    }
    return arrow.schema([(name, types.get(name, text)) for name in COLUMNS], metadata=notes)


def _parquet() -> Any:
    _pyarrow()
    import pyarrow.parquet

    return pyarrow.parquet


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise IndexFault(
            "export and import need the package pyarrow: pip install 'sigsearch[parquet]'"
        ) from error
    return pyarrow
