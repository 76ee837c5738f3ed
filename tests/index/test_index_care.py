from __future__ import annotations

from pathlib import Path

import pytest
from index_samples import IDENTITY, reference, same, vector

from sigsearch.errors import IndexCorrupt, IndexMissing
from sigsearch.index import WriterIndex
from sigsearch.index.care.integrity import check_index
from sigsearch.index.care.repair import repair_index
from sigsearch.index.local.ledger import Ledger
from sigsearch.index.local.pages import _Meta

NAMES = ["ann", "bob", "ký tên", "dan"]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("sigsearch.index.search.searcher.SNAPSHOT_FROM", 1)
    with WriterIndex.create(tmp_path / "index", IDENTITY) as made:
        made.enrol([reference("gone", n) for n in range(3)])
        made.enrol([reference(name, n) for name in NAMES for n in range(3)])
        made.forget("gone")
        made.put_setting("calibration", {"a": 1})
    return tmp_path / "index"


def flip(path: Path, inside: bytes) -> None:
    """Flip a bit in every copy of some bytes in the store."""
    (data,) = path.glob("store-*/data.mdb")
    whole = data.read_bytes()
    assert inside in whole
    data.write_bytes(whole.replace(inside, bytes([inside[0] ^ 1]) + inside[1:]))


def test_a_sound_index_is_sound(path: Path) -> None:
    health = check_index(path)
    assert health.problems == ()
    assert (health.writer_count, health.reference_count) == (4, 12)
    assert health.records == 12 * 6 + 4 * 2 + 1 + 2 + 4
    before = {one: one.read_bytes() for one in path.rglob("*.*") if one.name != "lock.mdb"}
    check_index(path)
    assert before == {one: one.read_bytes() for one in before}


def test_verify_names_each_damaged_record(path: Path) -> None:
    flip(path, reference("bob", 1).vector.tobytes())
    flip(path, reference("dan", 2).local)
    health = check_index(path)
    assert not health.sound
    assert len(health.problems) == 2
    assert all("checksum" in problem for problem in health.problems)


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ("names", "not found by name"),
        ("hashes", "not found by content hash"),
        ("locals", "lacks the record"),
        ("members", "its record says"),
    ],
)
def test_verify_finds_a_record_that_is_missing(path: Path, table: str, what: str) -> None:
    with WriterIndex.open(path) as index:

        def lose(ledger: Ledger) -> None:
            key = next(iter(ledger.scan(table)))[0]
            ledger.delete(table, key)
            ledger.commit_change(ledger.state())

        index.store.change(lose)
    assert what in " ".join(check_index(path).problems)


def test_verify_does_not_trust_a_damaged_page_to_lmdb(path: Path) -> None:
    (data,) = path.glob("store-*/data.mdb")
    with open(data, "rb") as file:
        metas = [_Meta.read(file, at) for at in (0, 4096)]
    root = max(metas, key=lambda meta: meta.number).root
    whole = bytearray(data.read_bytes())
    whole[root * 4096 + 12] ^= 0xFF  # where the pointers of the root page end
    data.write_bytes(whole)
    assert any("data.mdb" in problem for problem in check_index(path).problems)


def test_verify_names_a_damaged_snapshot_and_a_left_over_store(path: Path) -> None:
    (owners,) = path.glob("neighbours-*/owners.npy")
    owners.write_bytes(owners.read_bytes()[:-1] + b"?")
    (path / "store-7").mkdir()
    health = check_index(path)
    assert "snapshot is damaged" in " ".join(health.problems)
    assert "store-7 is left" in " ".join(health.notes)


def test_verify_of_no_index_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        check_index(tmp_path)


def test_repair_of_a_sound_index_loses_nothing(path: Path) -> None:
    (path / "index.json").write_text("{}")
    repair = repair_index(path)
    assert (repair.writer_count, repair.reference_count, repair.lost) == (4, 12, ())
    check(path, lost=set())


def test_repair_saves_all_but_the_damaged_references(path: Path) -> None:
    flip(path, reference("bob", 1).vector.tobytes())
    flip(path, reference("dan", 2).local)
    repair = repair_index(path)
    assert repair.reference_count == 10
    assert len(repair.lost) == 2
    check(path, lost={("bob", 1), ("dan", 2)})
    assert [(path / one.name / "data.mdb").is_file() for one in repair.kept] == [True]


def test_repair_without_a_state_record(path: Path) -> None:
    with WriterIndex.open(path) as index:
        state = index.store.state().pack()
    flip(path, state)
    with pytest.raises(IndexCorrupt):
        WriterIndex.open(path)
    repair = repair_index(path)
    assert "state" in repair.lost[0]
    check(path, lost=set())


def check(path: Path, lost: set[tuple[str, int]]) -> None:
    assert check_index(path).problems == ()
    with WriterIndex.open(path, identity=IDENTITY) as index:
        for name in NAMES:
            kept = [reference(name, n) for n in range(3) if (name, n) not in lost]
            assert all(same(*pair) for pair in zip(index.references(name), kept, strict=True))
        assert index.setting("calibration") == {"a": 1}
        assert index.search(vector(0), 9).similarity.shape == (1, 4)
        assert index.enrol([reference("new")]) == 1
        assert index.search(reference("new").vector, 1)[0][0].writer == "new"


def test_a_number_of_any_length_under_a_sound_checksum_is_named(tmp_path: Path) -> None:
    with WriterIndex.create(tmp_path / "index", IDENTITY) as index:
        index.enrol([reference("ann")])

        def forge(ledger: Ledger) -> None:
            ledger.put("names", index.store.seal.name_key("ann"), b"\xff" * 9)
            ledger.commit_change(ledger.state())

        index.store.change(forge)
        with pytest.raises(IndexCorrupt, match="cannot be understood"):
            index.references("ann")
        assert not check_index(index.path).sound
