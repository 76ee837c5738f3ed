"""Encrypted and verify-only indexes: what they give, and what their files do not."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import lmdb
import numpy as np
import pytest
from index_samples import IDENTITY, reference, same, vector

from sigsearch.errors import IndexCorrupt, IndexLocked, VerifyOnly, WriterUnknown
from sigsearch.index import WriterIndex
from sigsearch.index.care.integrity import check_index
from sigsearch.index.care.proof import forget_with_proof
from sigsearch.index.care.repair import repair_index
from sigsearch.index.local.layout import State
from sigsearch.index.local.sealing import new_sealing, seal_of

pytest.importorskip("cryptography")

KEY = bytes(range(32))
NAMES = ["Nguyễn Văn A", "bob the builder", "carl/x"]


def given() -> list:
    return [reference(name, number) for name in NAMES for number in range(40)]


def secrets() -> list[bytes]:
    found = [name.encode() for name in NAMES] + ["Hà Nội".encode(), b"carl/x/0.png"]
    for one in given():
        found += [one.vector.tobytes()[:12], one.vector.tobytes()[40:52], one.local[:12]]
        found += [bytes.fromhex(one.content_hash)[:8], one.content_hash.encode()]
    return found


def told(root: Path) -> set[bytes]:
    """Which secrets lie open in a file."""
    files = [path.read_bytes() for path in root.rglob("*") if path.is_file()]
    return {secret for secret in secrets() for data in files if secret in data}


@pytest.fixture(params=["numpy exact", "faiss flat", "faiss ivf"])
def encrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest):
    numpy, exact = {"numpy": (999, 9999), "flat": (1, 9999), "ivf": (1, 2)}[
        request.param.split()[request.param.startswith("faiss")]
    ]
    monkeypatch.setattr("sigsearch.index.search.structures.choice.NUMPY_UP_TO", numpy)
    monkeypatch.setattr("sigsearch.index.search.structures.choice.EXACT_UP_TO", exact)
    monkeypatch.setattr("sigsearch.index.search.searcher.SNAPSHOT_FROM", 1)
    with WriterIndex.create(tmp_path / "index", IDENTITY, key=KEY) as index:
        index.enrol(given())
    return tmp_path / "index"


def test_an_encrypted_index_answers_like_any_other(encrypted: Path) -> None:
    with WriterIndex.open(encrypted, key=KEY) as index:
        for one in given()[::17]:
            assert index.search(one.vector, 1)[0][0].writer == one.writer
        held = index.references(NAMES[0])
        assert all(same(*pair) for pair in zip(held, given()[:40], strict=True))
        assert index.has(given()[5].content_hash)
        assert index.search(vector(0), 3, {"branch": "Hà Nội"}).similarity.shape == (1, 3)
    assert list(encrypted.glob("neighbours-*"))
    assert check_index(encrypted, KEY).problems == ()


def test_no_file_of_an_encrypted_index_tells_anything(encrypted: Path) -> None:
    assert told(encrypted) == set()


def test_an_encrypted_index_stays_shut_without_its_key(encrypted: Path) -> None:
    with pytest.raises(IndexLocked, match="give its key"):
        WriterIndex.open(encrypted)
    with pytest.raises(IndexLocked, match="a different key"):
        WriterIndex.open(encrypted, key=bytes(32))
    with pytest.raises(IndexLocked, match="32 bytes"):
        WriterIndex.open(encrypted, key=b"short")


def test_an_open_index_takes_no_key(tmp_path: Path) -> None:
    with WriterIndex.create(tmp_path / "index", IDENTITY), pytest.raises(IndexLocked):
        WriterIndex.open(tmp_path / "index", key=KEY)


def test_damage_to_encrypted_records_and_snapshots_is_found(encrypted: Path) -> None:
    (data,) = encrypted.glob("store-*/data.mdb")
    whole = data.read_bytes()
    rng, found = np.random.default_rng(0), 0
    for place in rng.integers(8192, len(whole), 40).tolist():
        data.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            with WriterIndex.open(encrypted, key=KEY, read_only=True) as index:
                pairs = zip(index.references(NAMES[1]), given()[40:80], strict=True)
                assert all(same(*pair) for pair in pairs)
        except IndexCorrupt:
            found += 1
    data.write_bytes(whole)
    assert found
    for path in encrypted.glob("neighbours-*/*"):
        sound = path.read_bytes()
        path.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
        with WriterIndex.open(encrypted, key=KEY, read_only=True) as index:
            assert index.search(given()[0].vector, 1)[0][0].writer == NAMES[0]
        path.write_bytes(sound)


def test_an_encrypted_index_is_repaired_with_its_key(encrypted: Path) -> None:
    (encrypted / "index.json").write_text("lost")
    assert repair_index(encrypted, KEY).reference_count == 120
    assert not list(encrypted.glob("damaged-*"))
    kept = {name: (encrypted / name).read_bytes() for name in ("index.json", "index.copy.json")}
    for name in kept:
        (encrypted / name).unlink()
    with pytest.raises(IndexCorrupt, match="back from a copy"):  # the salt is in no other place
        repair_index(encrypted)
    assert not (encrypted / "index.json").exists()
    for name, whole in kept.items():
        (encrypted / name).write_bytes(whole)
    with WriterIndex.open(encrypted, key=KEY) as index:
        assert len(index) == 120
    assert told(encrypted) == set()


@pytest.mark.parametrize("key", [None, KEY])
def test_a_verify_only_index_knows_whom_it_is_asked_about_and_nobody_else(
    tmp_path: Path, key: bytes | None
) -> None:
    path = tmp_path / "index"
    with WriterIndex.create(path, IDENTITY, key=key, verify_only=True) as index:
        assert index.enrol(given()) == 120
        assert index.enrol(given()[:50]) == 0
        assert index.enrol([reference(NAMES[0], 99)]) == 1
    assert told(path) == set()
    with WriterIndex.open(path, key=key) as index:
        held = index.references(NAMES[0])
        assert len(held) == 41
        assert all(same(*pair) for pair in zip(held[:40], given()[:40], strict=True))
        assert index.has(held[3].content_hash, NAMES[0])
        with pytest.raises(WriterUnknown):
            index.references("somebody else")
        for forbidden in (
            lambda: index.search(vector(0), 1),
            lambda: list(index.writers()),
            index.optimise,
        ):
            with pytest.raises(VerifyOnly):
                forbidden()
        assert forget_with_proof(index, NAMES[1]).reference_count == 40
        assert len(index) == 81
    assert check_index(path, key).problems == ()
    (path / "index.json").unlink()
    assert repair_index(path, key).reference_count == 81
    (data,) = path.glob("store-*/data.mdb")
    whole, tokens = data.read_bytes(), b"Mencoder"
    data.write_bytes(whole.replace(tokens, tokens[::-1]))
    with pytest.raises((VerifyOnly, IndexCorrupt)):
        repair_index(path, key)


def test_templates_of_a_verify_only_index_do_not_open_without_the_name(tmp_path: Path) -> None:
    """Not even for code that leaves the public door aside."""
    with WriterIndex.create(tmp_path / "index", IDENTITY, verify_only=True) as index:
        index.enrol(given())
        seal = index.store.seal
        with pytest.raises(VerifyOnly):
            seal.close(b"V" + bytes(8), b"x")
        for rows in (lambda ledger: next(ledger.vectors_from(1)), lambda ledger: ledger.vector(1)):
            with pytest.raises(VerifyOnly):
                index.store.read(rows)


def test_an_older_copy_that_was_put_back_is_found(encrypted: Path, tmp_path: Path) -> None:
    with WriterIndex.open(encrypted, key=KEY) as index:
        noted = index.generation
    shutil.copytree(encrypted, tmp_path / "copy")
    with WriterIndex.open(encrypted, key=KEY) as index:
        index.forget(NAMES[0])
        forgotten = index.generation
    assert check_index(encrypted, KEY, at_least=forgotten).sound
    back = tmp_path / "copy"
    assert check_index(back, KEY, at_least=noted).sound
    found = check_index(back, KEY, at_least=forgotten)
    assert "a copy was put back" in found.problems[0]
    with lmdb.open(str(back / "store-1")) as env, env.begin(write=True) as transaction:
        stored = transaction.get(b"Mstate")  # what it holds is in the open
        state = State.unpack(stored[:-16])
        claimed = replace(state, generation=forgotten, transaction=transaction.id()).pack()
        transaction.put(b"Mstate", claimed + stored[-16:])
    found = check_index(back, KEY, at_least=forgotten)
    assert "without the key" in found.problems[0]


def test_equal_records_do_not_look_equal(tmp_path: Path) -> None:
    seal = seal_of(new_sealing(KEY, verify_only=False), KEY, tmp_path)
    one, other = seal.close(b"Vk", b"same"), seal.close(b"Vk", b"same")
    assert one != other
    assert seal.open(b"Vk", one) == seal.open(b"Vk", other) == b"same"
    with pytest.raises(IndexCorrupt):
        seal.open(b"Vj", one)


def test_a_verify_only_index_lets_references_be_managed_by_name(tmp_path: Path) -> None:
    with WriterIndex.create(tmp_path / "index", IDENTITY, verify_only=True) as index:
        given = [reference("ann", n) for n in range(3)]
        index.enrol(given)
        numbers = index.numbers(["ann"])
        assert index.amend("ann", [given[0].content_hash], [reference("bob")]) == (1, 1)
        assert index.rename("ann", "carl") == 2
        assert index.numbers(["carl", "ann"]) == [*numbers, None]
        held = [one.content_hash for one in index.references("carl")]
        assert held == [one.content_hash for one in given[1:]]
        assert index.names(numbers) == [None]
        with pytest.raises(VerifyOnly):
            index.holders(given[1].content_hash)
    assert check_index(tmp_path / "index").sound
