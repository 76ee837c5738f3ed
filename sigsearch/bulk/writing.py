"""One part: written aside and renamed, and looked at again before it is passed over."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from sigsearch.bulk.places import Place
from sigsearch.bulk.rows import Row
from sigsearch.bulk.units import Unit, fingerprint_of
from sigsearch.errors import IndexFault
from sigsearch.index.care.parquet import arrow, parquet
from sigsearch.index.care.parts import PART_COLUMNS, PART_NOTE, Part, part_name, part_types
from sigsearch.index.records import EncoderIdentity

_GROUP = 128  # rows: as many are held in memory for each part that is imported


@dataclass(frozen=True, slots=True)
class Counts:
    """What a part holds: rows, of which some have an error."""

    rows: int
    errors: int


@dataclass(frozen=True, slots=True)
class PartOrder:
    """One part of an output: where, which of how many, of which inputs, by which encoder."""

    number: int
    parts: int
    inputs: str  # fingerprint
    identity: EncoderIdentity

    @classmethod
    def of(
        cls, number: int, parts: int, units: Sequence[Unit], identity: EncoderIdentity
    ) -> PartOrder:
        return cls(number, parts, fingerprint_of(units), identity)

    @property
    def name(self) -> str:
        return part_name(self.number, self.parts)

    @property
    def note(self) -> dict[str, object]:
        return {"number": self.number, "parts": self.parts, "inputs": self.inputs}


def write_part(place: Place, order: PartOrder, rows: Iterable[Row]) -> Counts:
    """Write all rows of a part; it is there as a whole or not at all.

    Raises IndexFault or StorageFault.
    """
    types, counts, left = part_types(order.identity), Counts(0, 0), iter(rows)
    notes = {
        "sigsearch.encoder": json.dumps(order.identity.to_dict()),
        PART_NOTE.decode(): json.dumps(order.note),
    }
    schema = arrow().schema([(name, types[name]) for name in PART_COLUMNS], metadata=notes)
    how = {"compression": "zstd", "write_page_checksum": True, "write_statistics": False}
    with (
        place.replacing(order.name) as beside,
        parquet().ParquetWriter(beside, schema, **how) as writer,
    ):
        while group := list(islice(left, _GROUP)):
            writer.write_table(arrow().Table.from_pylist(group, schema))
            errors = sum(row["error"] is not None for row in group)
            counts = Counts(counts.rows + len(group), counts.errors + errors)
    place.sweep(order.name)
    return counts


def counts_if_done(place: Place, order: PartOrder) -> Counts | None:
    """What a part holds that is there and sound; None where its inputs are others now, or another
    encoder's. Raises IndexFault for one that is damaged, StorageFault."""
    with place.at(order.name) as path, Part.opened(path) as part:
        if part.note != order.note or part.identity != order.identity:
            return None
        rows = errors = 0
        for batch in part.file.iter_batches(_GROUP, use_threads=False):
            rows += len(batch)
            errors += len(batch) - batch.column("error").null_count
        return Counts(rows, errors)


def damage_of(place: Place, order: PartOrder) -> tuple[Counts | None, str]:
    """`counts_if_done`, and what is wrong with a damaged part."""
    try:
        return counts_if_done(place, order), ""
    except IndexFault as fault:
        return None, str(fault)
