"""An exported file that somebody altered: refused before anything is stored, in bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from index_samples import IDENTITY, reference

from sigsearch.errors import IndexFault
from sigsearch.index import WriterIndex
from sigsearch.index.care.transfer import export_index, identity_in, settings_in, take_in

parquet = pytest.importorskip("pyarrow.parquet")
import pyarrow  # noqa: E402

Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("exported")
    with WriterIndex.create(folder / "index", IDENTITY) as index:
        index.enrol([reference("ann", number) for number in range(5)])
        export_index(index, folder / "out.parquet")
    return parquet.read_table(folder / "out.parquet")


def put(**values: Any) -> Change:
    return lambda row: row.update(values)


CHANGES: dict[str, Change] = {
    "no name": put(writer=""),
    "a name that is missing": put(writer=None),
    "a long name": put(writer="x" * 300_000),
    "no hash": put(content_hash=""),
    "half a hash": put(content_hash="ab"),
    "a long vector": put(vector=[9.0] * 16),
    "a vector of nothing": put(vector=[0.0] * 16),
    "no number": put(vector=[float("nan")] * 16),
    "an infinite one": put(vector=[float("inf")] * 16),
    "no vector": put(vector=None),
    "no tokens": put(local=None),
    "tokens without end": put(local=bytes(1 << 20)),
    "metadata that is missing": put(metadata=None),
    "metadata without end": put(metadata=[(str(n), "x") for n in range(500)]),
    "a value that is missing": put(metadata=[("a", None)]),
    "a warning that is missing": put(warnings=[None]),
    "no source": put(source=None),
    "no date": put(enrolled_at=None),
}


@pytest.mark.parametrize("change", CHANGES)
def test_one_row_that_is_no_reference_keeps_all_others_out(
    exported: Any, tmp_path: Path, change: str
) -> None:
    rows = exported.to_pylist()
    CHANGES[change](rows[3])
    parquet.write_table(pyarrow.Table.from_pylist(rows, exported.schema), tmp_path / "bad.parquet")
    with WriterIndex.create(tmp_path / "index", IDENTITY) as index:
        with pytest.raises(IndexFault, match=r"bad\.parquet"):
            take_in(index, tmp_path / "bad.parquet", settings={"a": {}})
        assert (len(index), index.setting("a"), index.generation) == (0, None, 0)


def test_a_row_twice_and_a_check_of_ones_own_are_refused(exported: Any, tmp_path: Path) -> None:
    from sigsearch.errors import ReferenceRefused

    file = tmp_path / "twice.parquet"
    parquet.write_table(pyarrow.concat_tables([exported, exported]), file)

    def never(one: Any) -> None:
        raise ReferenceRefused("not this one")

    with WriterIndex.create(tmp_path / "index", IDENTITY) as index:
        with pytest.raises(IndexFault, match="row 6: repeats a reference"):
            take_in(index, file)
        with pytest.raises(IndexFault, match="row 1: not this one"):
            take_in(index, file, never)
        assert len(index) == 0


@pytest.mark.parametrize(
    "notes",
    [
        {"sigsearch.encoder": "[" * 100_000},
        {"sigsearch.encoder": "7"},
        {"sigsearch.encoder": "{}"},
        {"sigsearch.encoder": json.dumps({**IDENTITY.to_dict(), "dimensions": 1 << 40})},
        {"sigsearch.encoder": json.dumps({**IDENTITY.to_dict(), "dimensions": "16"})},
        {"sigsearch.encoder": json.dumps({**IDENTITY.to_dict(), "id": ["a"]})},
        {"sigsearch.settings": "[" * 100_000},
        {"sigsearch.settings": '{"calibration": 7}'},
    ],
)
def test_notes_that_say_something_else_are_named(
    exported: Any, tmp_path: Path, notes: dict[str, str]
) -> None:
    file, held = tmp_path / "bad.parquet", exported.schema.metadata
    given = {**held, **{key.encode(): text.encode() for key, text in notes.items()}}
    parquet.write_table(exported.replace_schema_metadata(given), file)
    ask = settings_in if "sigsearch.settings" in notes else identity_in
    with pytest.raises(IndexFault, match=r"bad\.parquet"):
        ask(file)


LARGE = """
import resource, sys
from pathlib import Path
from sigsearch.errors import IndexFault
from sigsearch.index.care import transfer
from sigsearch.index import WriterIndex
import pyarrow.compute
index, file = WriterIndex.open(sys.argv[1]), Path(sys.argv[2])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    transfer.take_in(index, file)
except IndexFault as fault:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before >> 10, len(index), fault)
"""


@pytest.mark.parametrize("column", ["writer", "local", "metadata", "warnings"])
def test_a_small_file_cannot_become_gigabytes(exported: Any, tmp_path: Path, column: str) -> None:
    """A text of two megabytes is stored once, and repeated in every one of 3,000 rows."""
    large: Any = "x" * (2 << 20)
    large = {"local": large.encode(), "metadata": [("k", large)], "warnings": [large]}.get(
        column, large
    )
    row = exported.to_pylist()[0]
    few = [{**row, "content_hash": f"{n:064x}", column: large} for n in range(40)]
    file = tmp_path / "large.parquet"
    with parquet.ParquetWriter(file, exported.schema, compression="zstd") as writer:
        for _ in range(10):
            writer.write_table(pyarrow.Table.from_pylist(few, exported.schema))
    assert file.stat().st_size < 500_000
    WriterIndex.create(tmp_path / "index", IDENTITY).close()
    asked = [sys.executable, "-c", LARGE, tmp_path / "index", file]
    done = subprocess.run(asked, capture_output=True, text=True)
    mebibytes, held, *told = done.stdout.split()
    assert (int(mebibytes) < 300, held) == (True, "0"), done.stdout
    assert "large.parquet" in " ".join(told)
