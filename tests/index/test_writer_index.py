from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from index_samples import IDENTITY, reference, same, vector

from sigsearch.errors import (
    EncoderMismatch,
    IndexCorrupt,
    IndexFault,
    IndexMissing,
    IndexReadOnly,
    ReferenceRefused,
    WriterUnknown,
)
from sigsearch.index import EncoderIdentity, Reference, WriterIndex

ODD_NAMES = [
    "a/b c",
    "Nguyễn Văn A",
    "签名者",
    "..",
    "n\nl",
    "x" * 3000,
    " lead",
    "\0",
    "é",
    "e\u0301",
]


@pytest.fixture
def index(tmp_path: Path):
    with WriterIndex.create(tmp_path / "index", IDENTITY) as made:
        yield made


def test_enrolled_references_come_back_whole_after_reopening(tmp_path: Path) -> None:
    given = [reference("ann", number) for number in range(3)]
    with WriterIndex.create(tmp_path / "index", IDENTITY) as index:
        assert index.enrol(given) == 3
    with WriterIndex.open(tmp_path / "index", identity=IDENTITY) as index:
        assert len(index) == 3
        assert all(same(*pair) for pair in zip(index.references("ann"), given, strict=True))


def test_any_unicode_text_is_a_writer_name(index: WriterIndex) -> None:
    index.enrol([reference(name) for name in ODD_NAMES])
    assert [writer.name for writer in index.writers()] == ODD_NAMES
    for name in ODD_NAMES:
        assert index.search(reference(name).vector, 1)[0][0].writer == name
        assert index.forget(name) == 1
    assert len(index) == 0


def test_the_same_image_of_the_same_writer_is_enrolled_once(index: WriterIndex) -> None:
    assert index.enrol([reference("ann"), reference("ann")]) == 1
    before = index.generation
    assert index.enrol([reference("ann")]) == 0
    assert index.generation == before
    copied = Reference("bob", vector(1), content_hash=reference("ann").content_hash)
    assert index.enrol([copied]) == 1
    assert index.has(copied.content_hash)
    assert index.has(copied.content_hash, "bob")
    index.forget("bob")
    assert index.has(copied.content_hash)
    assert not index.has(copied.content_hash, "bob")
    assert not index.has("0" * 64)


def test_many_writers_references_come_in_one_read(index: WriterIndex) -> None:
    index.enrol([reference("ann", 0), reference("ann", 1), reference("bob")])
    found = index.references_of(["bob", "nobody", "ann"])
    assert [[one.writer for one in held] for held in found] == [["bob"], [], ["ann", "ann"]]
    assert index.writer_count == 2
    other = replace(reference("ann", 2), metadata={"branch": "Huế", "desk": "1"})
    index.enrol([other])
    chosen = index.references_of(["bob", "ann"], {"branch": "Huế"})
    assert [[one.source for one in held] for held in chosen] == [[], [other.source]]
    assert index.search(vector(0), 5, {"branch": "Huế"}).writer_count == 1
    assert index.search(vector(0), 1).writer_count == 2


def test_search_gives_one_row_per_writer_best_first(index: WriterIndex) -> None:
    index.enrol([reference(f"w{w}", n) for w in range(20) for n in range(1 + w % 4)])
    questioned = np.stack([vector(seed) for seed in range(7)])
    found = index.search(questioned, 5)
    assert found.similarity.shape == found.writers.shape == (7, 5)
    for row, asked in zip(found, questioned, strict=True):
        best = {
            w.name: max(float(r.vector @ asked) for r in index.references(w.name))
            for w in index.writers()
        }
        expected = sorted(best, key=best.__getitem__, reverse=True)[:5]
        assert [near.writer for near in row] == expected
        assert [near.similarity for near in row] == pytest.approx([best[n] for n in expected])
        assert [near.reference_count for near in row] == [1 + int(n[1:]) % 4 for n in expected]


def test_search_gives_fewer_columns_when_there_are_fewer_writers(index: WriterIndex) -> None:
    assert index.search(vector(0), 3).similarity.shape == (1, 0)
    index.enrol([reference("ann", n) for n in range(9)])
    assert index.search(vector(0), 3).similarity.shape == (1, 1)
    assert index.search(np.zeros((0, 16), np.float32), 3).similarity.shape == (0, 1)


def test_a_forgotten_writer_is_gone_and_can_come_back(index: WriterIndex) -> None:
    index.enrol([reference("ann"), reference("bob")])
    assert index.search(reference("ann").vector, 1)[0][0].writer == "ann"
    index.forget("ann")
    assert [near.writer for near in index.search(reference("ann").vector, 2)[0]] == ["bob"]
    with pytest.raises(WriterUnknown, match="ann"):
        index.references("ann")
    with pytest.raises(WriterUnknown):
        index.forget("ann")
    assert index.enrol([reference("ann")]) == 1
    assert index.search(reference("ann").vector, 1)[0][0].writer == "ann"


@pytest.mark.parametrize(
    ("unfit", "reason"),
    [
        (Reference("", vector(0), content_hash="0" * 64), "name"),
        (Reference("\ud800", vector(0), content_hash="0" * 64), "Unicode"),
        (Reference("ann", vector(0)[:8], content_hash="0" * 64), "shape"),
        (Reference("ann", vector(0) * 2, content_hash="0" * 64), "length 2"),
        (Reference("ann", vector(0) * np.nan, content_hash="0" * 64), "nan"),
        (Reference("ann", vector(0), content_hash="xyz"), "content hash"),
    ],
)
def test_an_unfit_reference_is_refused_and_nothing_of_its_batch_stored(
    index: WriterIndex, unfit: Reference, reason: str
) -> None:
    with pytest.raises(ReferenceRefused, match=reason):
        index.enrol([reference("bob"), unfit])
    assert len(index) == 0


def test_an_index_of_another_encoder_is_refused(index: WriterIndex) -> None:
    for other in (
        EncoderIdentity("other", 1, 16),
        EncoderIdentity("test-encoder", 2, 16),
        EncoderIdentity("test-encoder", 1, 32),
    ):
        with pytest.raises(EncoderMismatch, match="test-encoder"):
            WriterIndex.open(index.path, identity=other)


def test_creating_twice_is_refused_unless_allowed(index: WriterIndex) -> None:
    index.enrol([reference("ann")])
    with pytest.raises(IndexFault, match="already"):
        WriterIndex.create(index.path, IDENTITY)
    with WriterIndex.create(index.path, IDENTITY, exist_ok=True) as again:
        assert len(again) == 1


def test_a_missing_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="no index at"):
        WriterIndex.open(tmp_path / "nowhere")
    (tmp_path / "file").write_text("x")
    with pytest.raises(IndexMissing):
        WriterIndex.open(tmp_path / "file")


def test_a_creation_cut_short_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "index" / "store-1").mkdir(parents=True)
    (tmp_path / "index" / "store-1" / "data.mdb").write_bytes(b"half")
    with pytest.raises(IndexCorrupt, match="store-1"):  # whose it is, nobody knows
        WriterIndex.create(tmp_path / "index", IDENTITY, exist_ok=True)
    (tmp_path / "index" / "store-1" / "spare").touch()
    with WriterIndex.create(tmp_path / "index", IDENTITY, exist_ok=True) as index:
        assert index.enrol([reference("ann")]) == 1


def test_settings_are_kept(index: WriterIndex) -> None:
    assert index.setting("calibration") is None
    index.put_setting("calibration", {"a": [1, 2.5], "ß": None})
    with WriterIndex.open(index.path, read_only=True) as other:
        assert other.setting("calibration") == {"a": [1, 2.5], "ß": None}
        with pytest.raises(IndexReadOnly):
            other.put_setting("calibration", {})
        with pytest.raises(IndexReadOnly):
            other.enrol([reference("ann")])


def test_another_process_sees_what_this_one_enrols(index: WriterIndex) -> None:
    script = (
        "import sys; from sigsearch.index import WriterIndex\n"
        "index = WriterIndex.open(sys.argv[1], read_only=True)\n"
        "for line in sys.stdin:\n"
        "    print(index.generation, len(index), flush=True)\n"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", script, str(index.path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert reader.stdin is not None
    assert reader.stdout is not None
    for number in range(3):
        index.enrol([reference("ann", number)])
        reader.stdin.write("\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == f"{number + 1} {number + 1}\n"
    reader.stdin.close()
    assert reader.wait() == 0


def test_the_store_grows_by_itself_while_another_object_reads(tmp_path: Path) -> None:
    path = tmp_path / "index"
    with WriterIndex.create(path, IDENTITY) as index, WriterIndex.open(path) as other:
        for number in range(6):
            heavy = Reference("ann", vector(number), os.urandom(5 << 20), f"{number:064x}")
            index.enrol([heavy])
            assert other.references("ann")[-1].local == heavy.local
    with WriterIndex.open(path) as index:
        assert len(index) == 6


def test_nothing_heavy_is_imported_with_the_package() -> None:
    script = (
        "import sys, sigsearch.index\n"
        "print(sorted({'lmdb', 'faiss', 'torch', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_lazy_sync_writes_as_well_and_gives_way_to_full(tmp_path: Path) -> None:
    path = tmp_path / "index"
    WriterIndex.create(path, IDENTITY).close()
    with WriterIndex.open(path, sync="lazy") as lazy:
        assert lazy.enrol([reference("ann")]) == 1
        assert flags(lazy)["metasync"] is False
        with WriterIndex.open(path) as full:
            assert full.enrol([reference("bob")]) == 1
            assert flags(full)["metasync"] is True
    with WriterIndex.open(path) as index:
        assert len(index) == 2


def flags(index: WriterIndex):
    env = index.store.environment._env
    assert env is not None
    return env.flags()
