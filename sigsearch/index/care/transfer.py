"""An index as a Parquet file and back, and in from what `embed` wrote: nobody is locked in.

One row a reference; the columns are COLUMNS, those of `embed` PART_COLUMNS. The encoder's identity
and the settings are in the file's own metadata, under the keys `sigsearch.encoder` and
`sigsearch.settings`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from sigsearch.index.care.parquet import COLUMNS, Check, arrow, parquet, types_for
from sigsearch.index.care.parts import Parts, opened
from sigsearch.index.keeping import Records
from sigsearch.index.local.files import replacing
from sigsearch.index.records import EncoderIdentity
from sigsearch.index.stored_index import StoredIndex

Settings = Mapping[str, Mapping[str, Any]]
"""Documents by the name of a setting."""
_BATCH = 2048


def export_index(index: StoredIndex, path: Path) -> int:
    """Write all references, of one generation, to a Parquet file; returns how many.

    Raises:
        VerifyOnly: a verify-only index cannot be read through.
        IndexFault: the package pyarrow is missing, or the file cannot be written.
    """
    index.store.must_go_through()

    def work(ledger: Records, beside: Path) -> int:
        schema, count, rows = _schema(index.identity, ledger), 0, _rows(ledger)
        with parquet().ParquetWriter(beside, schema, compression="zstd") as writer:
            while batch := list(islice(rows, _BATCH)):
                writer.write_table(arrow().Table.from_pylist(batch, schema))
                count += len(batch)
        return count

    with replacing(path) as beside:
        return index.store.read(lambda ledger: work(ledger, beside))


def identity_in(path: Path) -> EncoderIdentity:
    """The encoder of the index that a Parquet file was exported from, or of `embed`.

    Raises:
        IndexFault: not a file of ours.
    """
    with opened(path) as export:
        return export.identity


def settings_in(path: Path) -> dict[str, dict[str, Any]]:
    """The settings that lie in a Parquet file, by name. Nobody has looked at what they say.

    Raises:
        IndexFault: not a file of ours.
    """
    with opened(path) as export:
        return export.settings()


def passed_over(path: Path) -> tuple[int, int]:
    """How many rows of `embed` have an error, and how many others no writer. Raises IndexFault."""
    with opened(path) as found:
        return found.passed_over() if isinstance(found, Parts) else (0, 0)


def take_in(
    index: StoredIndex, path: Path, check: Check | None = None, settings: Settings | None = None
) -> int:
    """Enrol what a Parquet file, or a folder of `embed`, holds; returns how many references were
    new.

    Every row is looked at before the first one is stored, also by `check`, which raises
    ReferenceRefused for what the index's own rules do not know of. No setting comes along by
    itself, since settings decide about writers: `settings` are kept, whatever the file holds.

    Raises:
        IndexFault: not a file of ours, or a row of it is no reference; EncoderMismatch: the index
        has another encoder. Nothing was stored.
    """
    with opened(path) as export:
        index.require(export.identity)
        for _ in export.references(check):
            pass
        for name, document in (settings or {}).items():
            index.put_setting(name, document)
        checked = export.references(check)
        return sum(index.enrol(batch) for batch in iter(lambda: list(islice(checked, _BATCH)), []))


def _rows(ledger: Records) -> Iterator[dict[str, Any]]:
    for number, one in ledger.enrolled():
        yield {
            **one.to_dict(),
            "metadata": list(one.metadata.items()),
            "reference": number,
            "vector": one.vector,
            "local": one.local,
        }


def _schema(identity: EncoderIdentity, ledger: Records) -> Any:
    types = types_for(identity)
    notes = {
        "sigsearch.encoder": json.dumps(identity.to_dict()),
        "sigsearch.settings": json.dumps(ledger.settings()),
    }
    return arrow().schema([(name, types[name]) for name in COLUMNS], metadata=notes)
