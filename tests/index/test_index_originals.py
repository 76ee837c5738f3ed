"""The vectors beside the codes: laid out by reference, checked row by row, in no secret index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_index_structures import EACH, IDENTITY, WRITERS, cloud, references

from sigsearch.errors import SnapshotDamaged
from sigsearch.index import WriterIndex
from sigsearch.index.care.integrity import check_index
from sigsearch.index.care.proof import forget_with_proof
from sigsearch.index.care.repair import repair_index
from sigsearch.index.local.layout import Rows
from sigsearch.index.search.shelf import Shelf
from sigsearch.index.search.structures.protocol import CLUSTERS, FLAT
from sigsearch.index.search.structures.vectors import FILE, Originals


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sigsearch.index.search.structures.choice.NUMPY_UP_TO", 1)
    monkeypatch.setattr("sigsearch.index.search.structures.choice.EXACT_UP_TO", 2)
    monkeypatch.setattr("sigsearch.index.search.searcher.SNAPSHOT_FROM", 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with WriterIndex.create(tmp_path / "index", IDENTITY) as made:
        made.enrol(references(range(WRITERS * EACH)))
    return tmp_path / "index"


def originals_of(path: Path) -> Path:
    (file,) = path.glob(f"neighbours-*/{FILE}")
    return file


def kind_in_use(index: WriterIndex) -> str:
    cache = index._searcher._cache
    return cache.structure.kind if cache else ""


def test_rows_come_back_and_absent_ones_are_told_apart(tmp_path: Path) -> None:
    vectors, ids = cloud()[:50], np.arange(1, 100, 2)
    chunks = [Rows(ids[part], ids[part], vectors[part]) for part in (slice(0, 20), slice(20, 50))]
    Originals.write(Shelf(tmp_path), chunks, 110, 16)
    held = Originals.read(Shelf(tmp_path))
    ids, rows = np.array([[99, 1, 51], [2, 99, -1]]), np.array([[49, 0, 25], [-1, 49, -1]])
    right = np.where(rows < 0, -np.inf, np.einsum("nd,nkd->nk", vectors[:2], vectors[rows]))
    for some in (slice(0, 2), slice(0, 1), slice(1, 2)):  # one is weighed otherwise than many
        found, lacking = held.similarity(vectors[:2][some], ids[some])
        assert np.allclose(found, right[some], atol=1e-6)
        assert (lacking is None) == (rows[some] >= 0).all()
    _, lacking = held.similarity(vectors[:1], np.array([[1, 99, 2, 100, 110, 10_000]]))
    assert lacking is not None
    assert lacking.tolist() == [[False, False, True, True, True, True]]


def test_none_at_all_can_be_laid_out(tmp_path: Path) -> None:
    Originals.write(Shelf(tmp_path), [], 4, 16)
    held = Originals.read(Shelf(tmp_path))
    for asked in (1, 2):
        ids = np.tile(np.arange(9), (asked, 1))
        found, lacking = held.similarity(np.ones((asked, 16), np.float32), ids)
        assert np.isneginf(found).all()
        assert lacking is not None
        assert lacking.all()


def test_a_search_weighs_with_them_and_reads_no_vector_from_the_store(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WriterIndex.open(path, read_only=True) as index:
        index.search(cloud()[:1], 1)
        monkeypatch.setattr(
            "sigsearch.index.local.ledger.Ledger.vectors_of",
            lambda *_: pytest.fail("the store was read"),
        )
        found = index.search(cloud()[::50], 2)
        assert np.allclose(found.similarity[:, 0], 1, atol=1e-5)


def test_a_flipped_byte_is_found_when_its_row_is_looked_at(path: Path) -> None:
    file = originals_of(path)
    whole = bytearray(file.read_bytes())
    with WriterIndex.open(path, read_only=True) as index:
        right = index.search(cloud(), 1).writers.tolist()
    for place in (3, len(whole) // 2, len(whole) - 1):
        damaged = bytearray(whole)
        damaged[place] ^= 0x40
        file.write_bytes(damaged)
        assert "originals" in check_index(path).problems[0]
        with WriterIndex.open(path, read_only=True) as index:
            assert index.search(cloud(), 1).writers.tolist() == right
            assert kind_in_use(index) == FLAT
    file.write_bytes(whole[:-8])
    with pytest.raises(SnapshotDamaged):
        Originals.read(Shelf(file.parent))
    repair_index(path)
    with WriterIndex.open(path) as index:
        index.optimise()
        assert index.search(cloud(), 1).writers.tolist() == right
        assert kind_in_use(index) == CLUSTERS
    assert check_index(path).sound


def test_an_erasure_erases_them_too(path: Path) -> None:
    gone = np.concatenate([one.vector for one in references(range(3 * EACH, 4 * EACH))]).tobytes()
    with WriterIndex.open(path) as index:
        index.search(cloud()[:1], 1)
        assert gone in originals_of(path).read_bytes()
        receipt = forget_with_proof(index, "w3")
        assert receipt.overwritten
        assert not list(path.glob("neighbours-*"))
        index.optimise()
        assert gone not in originals_of(path).read_bytes()
    assert all(gone[:16] not in one.read_bytes() for one in path.rglob("*") if one.is_file())


def test_a_secret_index_does_not_have_them(tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    with WriterIndex.create(tmp_path / "index", IDENTITY, key=bytes(32)) as made:
        made.enrol(references(range(WRITERS * EACH)))
        made.optimise()
        assert made.search(cloud()[7], 1)[0][0].writer == f"w{7 // EACH}"
        assert kind_in_use(made) == CLUSTERS
    files = [one for one in (tmp_path / "index").rglob("*") if one.is_file()]
    assert len([one for one in files if one.parent.name.startswith("neighbours-")]) >= 3
    assert not [one for one in files if one.name.endswith(".mapped")]
    pieces = [cloud()[n].tobytes()[:16] for n in range(0, WRITERS * EACH, 90)]
    assert not [one for one in files for piece in pieces if piece in one.read_bytes()]
