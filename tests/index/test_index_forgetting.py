from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pytest
from index_samples import IDENTITY, reference, vector

from sigsearch.errors import (
    ErasureIncomplete,
    ErasureRefused,
    IndexFault,
    IndexFull,
    WriterUnknown,
)
from sigsearch.index import Reference, WriterIndex
from sigsearch.index.care.compaction import compact
from sigsearch.index.care.proof import forget_with_proof
from sigsearch.index.care.residues import Finder, Needles
from sigsearch.index.care.shredding import erase_folder
from sigsearch.index.local.files import read_document
from sigsearch.index.local.locks import hold
from sigsearch.index.local.store import Store
from sigsearch.index.results import Receipt

VICTIM = "Trần Văn Victim/7"


def victim(number: int) -> Reference:
    return Reference(
        VICTIM, vector(number + 1000), np.random.default_rng(number).bytes(1500),
        f"{number + 0xABCDEF0123456789:064x}", f"scans/of/victim-{number}.png",
        {"account": "acct-99887766", "branch": "Hà Nội"},
    )  # fmt: skip


@pytest.fixture
def index(tmp_path: Path):
    with WriterIndex.create(tmp_path / "index", IDENTITY) as made:
        for number in range(12):
            made.enrol([reference(f"writer {number}", n) for n in range(3)] + [victim(number)])
        yield made


def secrets() -> list[bytes]:
    """Every 12 bytes in a row of the vectors and tokens, and the texts."""
    found = [VICTIM.encode(), json.dumps(VICTIM)[1:-1].encode(), b"acct-99887766", b"victim-"]
    for number in range(12):
        one = victim(number)
        for data in (one.vector.tobytes(), one.local, bytes.fromhex(one.content_hash)[-8:]):
            found += [data[at : at + 12] for at in range(0, max(1, len(data) - 12), 12)]
    return found


def leftovers(root: Path) -> int:
    files = [path.read_bytes() for path in root.rglob("*") if path.is_file()]
    return sum(secret in data for data in files for secret in secrets())


def test_plain_forgetting_leaves_bytes_behind_which_proof_removes(index: WriterIndex) -> None:
    assert leftovers(index.path) > 1000
    before = index.search(vector(5), 4)
    receipt = forget_with_proof(index, VICTIM)
    assert leftovers(index.path) == 0
    assert receipt.reference_count == 12
    assert receipt.overwritten
    assert receipt.shared == 1  # the branch, which all writers have
    assert {file.path for file in receipt.files} >= {"index.json", "store-2/data.mdb"}
    assert receipt.pieces["vector"] == 12 * 4
    assert VICTIM not in {near.writer for near in index.search(vector(5), 13)[0]}
    assert len(before) == 1


def test_what_living_writers_share_is_no_residue(index: WriterIndex) -> None:
    twin = victim(3)
    index.enrol([Reference("twin", twin.vector, twin.local, twin.content_hash)])
    receipt = forget_with_proof(index, VICTIM)
    assert receipt.shared > 90
    assert index.references("twin")[0].local == twin.local


def test_a_copied_store_in_the_folder_is_named_before_anything_is_forgotten(
    index: WriterIndex, tmp_path: Path
) -> None:
    kept = index.path / "damaged-store-1"  # as `index repair` leaves it
    shutil.copytree(index.path / "store-1", kept)
    (index.path / "backup.bin").write_bytes(victim(2).local)
    (index.path / "empty").mkdir()
    receipt = tmp_path / "receipt.json"
    with pytest.raises(ErasureRefused, match=r"backup\.bin, damaged-store-1;"):
        forget_with_proof(index, VICTIM, receipt=receipt)
    assert len(index.references(VICTIM)) == 12
    assert not receipt.exists()
    shutil.rmtree(kept)
    (index.path / "backup.bin").unlink()
    assert forget_with_proof(index, VICTIM, receipt=receipt).reference_count == 12
    assert read_document(receipt)["incomplete"] is None
    assert leftovers(index.path) == 0


def test_without_a_place_for_the_receipt_nothing_is_forgotten(
    index: WriterIndex, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "none" / "r.json", tmp_path / "folder", index.path / "r.json"):
        with pytest.raises(IndexFault, match=place.name):
            forget_with_proof(index, VICTIM, receipt=place)
        assert len(index.references(VICTIM)) == 12
    with pytest.raises(WriterUnknown):
        forget_with_proof(index, "nobody", receipt=tmp_path / "r.json")
    assert not (tmp_path / "r.json").exists()


@pytest.mark.parametrize("what", ["no room", "a late file"])
def test_an_erasure_that_ends_badly_gives_a_receipt_that_says_so(
    index: WriterIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def disturbed(store: Store, patience: float) -> bool:
        assert read_document(receipt)["incomplete"]  # what a kill would leave
        if what == "no room":
            raise IndexFull("no room left")
        (index.path / "backup.bin").write_bytes(b"?" * 77 + victim(2).local[100:200])
        return compact(store, patience=patience)

    receipt = tmp_path / "receipt.json"
    monkeypatch.setattr("sigsearch.index.care.compaction.compact", disturbed)
    reason = {"no room": "no room left; mend", "a late file": r"tokens in backup\.bin at byte"}
    with pytest.raises(ErasureIncomplete, match=reason[what]) as raised:
        forget_with_proof(index, VICTIM, receipt=receipt)
    found = read_document(receipt)
    assert found == raised.value.receipt
    assert (found["writer"], found["reference_count"]) == (VICTIM, 12)
    assert re.search(reason[what], found["incomplete"])


def test_compaction_erases_earlier_removals_and_readers_follow(index: WriterIndex) -> None:
    index.forget(VICTIM)
    index.search(vector(1), 1)
    with WriterIndex.open(index.path, read_only=True) as reader:
        assert compact(index.store)
        assert leftovers(index.path) == 0
        assert len(reader) == 36
        index.enrol([reference("late")])
        assert reader.search(reference("late").vector, 1)[0][0].writer == "late"
    with WriterIndex.open(index.path) as again:
        assert len(again) == 37
    assert [path.name for path in index.path.glob("store-*")] == ["store-2"]


def test_an_erasure_that_was_cut_short_is_finished_by_the_next_compaction(
    index: WriterIndex,
) -> None:
    for name, data in (("store-7", bytes(9000)), ("store-8", b""), ("store-9", victim(1).local)):
        (index.path / name).mkdir()
        (index.path / name / "data.mdb").write_bytes(data)
        (index.path / name / "spare").touch()
    (index.path / "store-10").mkdir()
    assert compact(index.store)
    assert [path.name for path in index.path.glob("store-*")] == ["store-11"]


HOLD = """
import hashlib, sys, lmdb
def digest(txn): return hashlib.sha256(repr(list(txn.cursor())).encode()).hexdigest()
with lmdb.open(sys.argv[1], readonly=True).begin() as txn:
    print(digest(txn), flush=True)
    sys.stdin.readline()
    print(digest(txn), flush=True)
"""


def test_a_read_under_way_in_another_process_keeps_what_it_sees(index: WriterIndex) -> None:
    folder = str(index.store.environment.folder())
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, folder], stdin=PIPE, stdout=PIPE, text=True
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        before = reader.stdout.readline()
        assert not compact(index.store, patience=0.2)
        assert not Path(folder).exists()
        after, _ = reader.communicate("\n")
        assert after == before != ""


def test_the_finder_finds_pieces_at_any_offset() -> None:
    one = victim(0)
    finder = Finder(Needles.of([one]))
    for offset in range(17):
        data = bytes(offset) + one.local[8:40]
        assert (offset + 8, one.local[16:32]) in finder.in_bytes(data)
    assert finder.in_bytes(bytes(4096)) == []
    assert finder.in_bytes(np.random.default_rng(9).bytes(1 << 20)) == []


def test_a_piece_across_two_windows_of_a_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigsearch.index.care.residues._WINDOW", 1000)
    one = victim(0)
    finder = Finder(Needles.of([one]))
    path = tmp_path / "file"
    for offset in (970, 985, 999, 1990):
        path.write_bytes(bytes(offset) + one.local[:16] + bytes(50))
        assert [residue.offset for residue, _ in finder.in_file(path)] == [offset]


def test_what_another_process_has_mapped_is_unlinked_not_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "neighbours-7-0123abcd"
    mapped, free = folder / "clusters.mapped", folder / "owners.npy"
    folder.mkdir()
    for path in (mapped, free):
        path.write_bytes(b"secret")
    with hold(mapped) as held:
        assert not erase_folder(tmp_path, folder.name)
        assert held.read() == b"secret"
    assert not folder.exists()


def test_an_erased_file_is_overwritten_before_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "store-7" / "data.mdb"
    path.parent.mkdir()
    path.write_bytes(b"secret")
    with open(path, "rb") as held:
        assert erase_folder(tmp_path, "store-7")
        assert held.read() == bytes(6)
    assert not path.parent.exists()


def test_a_folder_that_an_index_does_not_make_is_not_erased(tmp_path: Path) -> None:
    (tmp_path / "store-backup").mkdir()
    with pytest.raises(IndexFault, match="left as it is"):
        erase_folder(tmp_path, "store-backup")
    assert (tmp_path / "store-backup").exists()


def test_what_many_share_is_no_residue(tmp_path: Path) -> None:
    """With more references than are read at once the first of the records hold nothing at all."""
    many = [
        Reference(f"w{n // 50}", vector(n), b"", f"{n:064x}", metadata={"branch": "Hà Nội"})
        for n in range(4200)
    ]
    with WriterIndex.create(tmp_path / "index", IDENTITY, sync="lazy") as index:
        index.enrol(many)
        receipt = forget_with_proof(index, "w7")
    assert (receipt.incomplete, receipt.shared > 0) == (None, True)


def test_a_superseded_search_structure_is_overwritten_before_it_goes(
    index: WriterIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigsearch.index.search.searcher.SNAPSHOT_FROM", 1)
    index.optimise()
    (folder,) = index.path.glob("neighbours-*")
    with open(folder / "structure", "rb") as disk:  # the blocks, whatever their name
        assert victim(0).vector.tobytes()[:12] in disk.read()
        index.forget(VICTIM)
        index.optimise()
        assert not folder.exists()
        disk.seek(0)
        assert not any(disk.read())


def test_in_ciphertext_nothing_is_searched_and_that_is_said(tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    with WriterIndex.create(tmp_path / "index", IDENTITY, key=bytes(range(32))) as index:
        index.enrol([victim(n) for n in range(3)] + [reference("ann")])
        receipt = forget_with_proof(index, VICTIM)
    assert (receipt.incomplete, receipt.files) == (None, ())
    assert "encrypted, so no file was searched" in receipt.not_shown[0]
    with WriterIndex.create(tmp_path / "plain", IDENTITY) as index:
        index.enrol([victim(n) for n in range(3)] + [reference("ann")])
        receipt = forget_with_proof(index, VICTIM)
    assert receipt.files
    assert any("backups" in one for one in receipt.not_shown)


def test_an_index_stays_the_one_that_was_opened_when_the_process_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        with WriterIndex.create(tmp_path / place / "index", IDENTITY) as made:
            made.enrol([victim(n) for n in range(3)] + [reference("ann")])
    monkeypatch.chdir(tmp_path / "here")
    with WriterIndex.open("index") as index:
        assert index.info().path == "index"
        monkeypatch.chdir(tmp_path / "there")
        receipt = forget_with_proof(index, VICTIM, receipt=Path("receipt.json"))
    assert (receipt.incomplete, leftovers(tmp_path / "here" / "index")) == (None, 0)
    assert (tmp_path / "there" / "receipt.json").exists()
    with WriterIndex.open(tmp_path / "there" / "index") as other:
        assert len(other.references(VICTIM)) == 3


def test_a_receipt_that_cannot_be_finished_is_no_index_that_is_whole(
    index: WriterIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sigsearch.index.care import proof

    writes, keep = [], proof._keep

    def full(path: Path | None, receipt: Receipt) -> None:
        writes.append(receipt)
        if len(writes) == 2:
            raise IndexFull(f"no room left to write {path}; what was stored before is whole")
        keep(path, receipt)

    monkeypatch.setattr(proof, "_keep", full)
    with pytest.raises(ErasureIncomplete, match="is forgotten, but the receipt could not") as told:
        forget_with_proof(index, VICTIM, receipt=tmp_path / "r.json")
    assert "is whole" not in str(told.value)
    assert "begun" in read_document(tmp_path / "r.json")["incomplete"]
    assert leftovers(index.path) == 0


def test_a_refused_erasure_says_that_nothing_was_forgotten(
    index: WriterIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(writer: str) -> int:
        raise IndexFull("no room left")

    monkeypatch.setattr(index, "forget", full)
    with pytest.raises(IndexFull):
        forget_with_proof(index, VICTIM, receipt=tmp_path / "r.json")
    assert "nothing was forgotten" in read_document(tmp_path / "r.json")["incomplete"]
    assert len(index.references(VICTIM)) == 12
