"""Exact, flat, clustered: the same answers through the same door."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from index_samples import IDENTITY

from sigsearch.errors import ArgumentRefused, SnapshotDamaged
from sigsearch.index import Reference, WriterIndex
from sigsearch.index.care.integrity import check_index
from sigsearch.index.local.files import file_sha256, write_document
from sigsearch.index.local.layout import Rows
from sigsearch.index.local.store import Store
from sigsearch.index.search.shelf import Shelf
from sigsearch.index.search.structures import centroids, clustering, contest
from sigsearch.index.search.structures.clusters import FACTS, FILE, WHOLE, Clusters
from sigsearch.index.search.structures.codes import FASTSCAN, RABITQ
from sigsearch.index.search.structures.exact import ExactStructure
from sigsearch.index.search.structures.flat import FlatStructure
from sigsearch.index.search.structures.layered import LayeredStructure
from sigsearch.index.search.structures.protocol import CLUSTERS, FLAT, NUMPY, Floats, Structure
from sigsearch.index.search.structures.tuning import Tuning

WRITERS, EACH = 150, 6


def cloud() -> Floats:
    """References that lie near their writer's centre, as embeddings do."""
    rng = np.random.default_rng(7)
    centres = np.repeat(rng.normal(size=(WRITERS, 16)), EACH, axis=0)
    drawn = centres + 0.3 * rng.normal(size=centres.shape)
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def references(numbers: range) -> list[Reference]:
    vectors = cloud()
    return [
        Reference(
            f"w{n // EACH}", vectors[n], b"", f"{n:064x}", metadata={"branch": f"b{n // EACH % 5}"}
        )
        for n in numbers
    ]


@pytest.fixture(params=[NUMPY, FLAT, FASTSCAN.name, RABITQ.name])
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest):
    """An index of a chosen kind, as it is after reopening."""
    kind: str = request.param
    numpy, exact = {NUMPY: (10**6, 10**7), FLAT: (1, 10**7)}.get(kind, (1, 2))
    code = {FASTSCAN.name: FASTSCAN}.get(kind, RABITQ)
    monkeypatch.setattr(clustering, "fastest", lambda *_: code)  # not by a clock
    monkeypatch.setattr("sigsearch.index.search.structures.choice.NUMPY_UP_TO", numpy)
    monkeypatch.setattr("sigsearch.index.search.structures.choice.EXACT_UP_TO", exact)
    monkeypatch.setattr("sigsearch.index.search.searcher.SNAPSHOT_FROM", 1)
    with WriterIndex.create(tmp_path / "index", IDENTITY) as made:
        made.enrol(references(range(WRITERS * EACH)))
    with WriterIndex.open(tmp_path / "index") as opened:
        info = opened.info()
        assert (info.code or info.structure) == kind
        yield opened


def expected(index: WriterIndex, asked: Floats, count: int, only: str = "") -> list[list[str]]:
    best: dict[str, Floats] = {}
    for writer in index.writers():
        held = index.references(writer.name)
        if not only or held[0].metadata["branch"] == only:
            best[writer.name] = np.max([asked @ one.vector for one in held], axis=0)
    names = np.array(list(best))
    order = np.argsort(-np.stack(list(best.values())), axis=0)[:count]
    return [names[order[:, row]].tolist() for row in range(len(asked))]


def agreement(index: WriterIndex, count: int, only: str = "") -> float:
    """The share of ranks on which the index and plain comparison agree."""
    asked = cloud()[::7] + 0.1 * np.random.default_rng(3).normal(size=(129, 16))
    asked = (asked / np.linalg.norm(asked, axis=1, keepdims=True)).astype(np.float32)
    found = index.search(asked, count, {"branch": only} if only else None)
    assert (np.diff(found.similarity, axis=1) <= 1e-6).all()
    return float((found.writers == np.array(expected(index, asked, count, only))).mean())


def test_every_structure_agrees_with_plain_comparison(index: WriterIndex) -> None:
    assert agreement(index, 1) >= 0.99
    assert agreement(index, 5) >= 0.9


def test_everybody_can_be_asked_for(index: WriterIndex) -> None:
    found = index.search(cloud()[:3], WRITERS + 5)
    assert found.writers.shape == (3, WRITERS)
    assert all(len(set(row)) == WRITERS for row in found.writers)
    assert np.isfinite(found.similarity).all()


def test_changes_are_followed_without_building_anew(index: WriterIndex) -> None:
    for name in ("w3", "w77"):
        index.forget(name)
    late = cloud()[3 * EACH]
    assert index.search(late, 1)[0][0].writer != "w3"
    index.enrol([Reference("late", late, b"", "f" * 64)])
    first = index.search(late, 2)[0]
    assert first[0].writer == "late"
    assert first[0].similarity == pytest.approx(1.0, abs=1e-6)
    index.forget("late")
    assert index.search(late, 1)[0][0].writer not in ("late", "w3")
    assert agreement(index, 5) >= 0.9


def test_filters_keep_recall(index: WriterIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    assert agreement(index, 5, only="b2") >= 0.9
    monkeypatch.setattr("sigsearch.index.search.ranking._FEW", 0)
    assert agreement(index, 5, only="b2") >= 0.9
    index.forget("w2")
    assert agreement(index, 5, only="b2") >= 0.9
    nobody = index.search(cloud()[:2], 5, {"branch": "b2", "colour": "red"})
    assert nobody.similarity.shape == (2, 0)
    assert index.search(cloud()[:2], 99, {"branch": "b1"}).similarity.shape == (2, WRITERS // 5)


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("choice", "exact"):
        monkeypatch.setattr(f"sigsearch.index.search.structures.{module}.NUMPY_UP_TO", 20)
    for module in ("choice", "flat"):
        monkeypatch.setattr(f"sigsearch.index.search.structures.{module}.EXACT_UP_TO", 60)


def kind_in_use(index: WriterIndex) -> str:
    cache = index._searcher._cache
    return cache.structure.kind if cache else ""


@pytest.mark.usefixtures("small_limits")
def test_an_index_that_grows_is_built_anew_in_the_background(tmp_path: Path) -> None:
    kinds, given = [], references(range(600))
    with WriterIndex.create(tmp_path / "index", IDENTITY) as index:
        for start in range(0, 600, 15):
            index.enrol(given[start : start + 15])
            found = index.search(given[start].vector, 3)[0]
            assert found[0].writer == given[start].writer
            index._searcher.finish()
            kinds.append(kind_in_use(index))
    assert list(dict.fromkeys(kinds)) == [NUMPY, FLAT, CLUSTERS]
    with WriterIndex.open(tmp_path / "index", read_only=True) as index:
        assert index.search(given[300].vector, 1)[0][0].writer == given[300].writer
        assert kind_in_use(index) == CLUSTERS


@pytest.mark.usefixtures("small_limits")
def test_a_reader_takes_over_what_a_writer_has_built(tmp_path: Path) -> None:
    given = references(range(300))
    with WriterIndex.create(tmp_path / "index", IDENTITY) as writer:
        writer.enrol(given[:50])
        with WriterIndex.open(tmp_path / "index", read_only=True) as reader:
            reader.search(given[0].vector, 1)
            assert kind_in_use(reader) == FLAT
            writer.enrol(given[50:])
            reader.search(given[0].vector, 1)
            assert kind_in_use(reader) == FLAT
            writer.optimise()
            writer.enrol([Reference("late", given[7].vector, b"", "e" * 64)])
            found = reader.search(given[7].vector, 2)[0]
            assert {near.writer for near in found} == {"late", given[7].writer}
            assert kind_in_use(reader) == CLUSTERS


@pytest.mark.usefixtures("small_limits")
def test_forgetting_while_clusters_are_built_is_not_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = references(range(300))
    monkeypatch.setattr("sigsearch.index.local.store._CHUNK", 40)
    monkeypatch.setattr("sigsearch.index.search.searcher.SNAPSHOT_FROM", 1)
    rows_of = clustering.rows_below
    with WriterIndex.create(tmp_path / "index", IDENTITY) as index:
        index.enrol(given)

        def rows_and_changes(store: Store, end: int) -> Iterator[Rows]:
            for number, rows in enumerate(rows_of(store, end)):
                yield rows
                if number == 1:
                    index.forget("w2")  # was read already
                    index.forget("w40")  # was not
                    index.enrol([Reference("late", given[7].vector, b"", "e" * 64)])

        monkeypatch.setattr(clustering, "rows_below", rows_and_changes)
        index.optimise()
        monkeypatch.undo()
        for opened in (index, WriterIndex.open(index.path, read_only=True)):
            assert len(opened) == 300 - 2 * EACH + 1
            everybody = opened.search(given[7].vector, 99)[0]
            names = {near.writer for near in everybody}
            assert names == {w.name for w in opened.writers()}
            assert "w2" not in names
            assert {near.writer for near in everybody[:2]} == {"late", given[7].writer}
            assert kind_in_use(opened) == CLUSTERS
            opened.close()


@pytest.mark.parametrize("index", [FASTSCAN.name, RABITQ.name], indirect=True)
def test_the_recall_that_was_measured_is_told_without_loading(index: WriterIndex) -> None:
    recall = index.info().recall
    assert recall is not None
    assert recall >= 0.99
    assert index._searcher._cache is None
    index.search(cloud()[:1], 1)
    assert index.info().recall == recall
    (folder,) = index.path.glob("neighbours-*")
    (folder / "clusters.json").write_text('{"recall": 2}')
    with WriterIndex.open(index.path, read_only=True) as again:
        assert again.info().recall is None


def test_the_recall_is_told_of_an_encrypted_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("cryptography")
    monkeypatch.setattr("sigsearch.index.search.structures.choice.NUMPY_UP_TO", 1)
    monkeypatch.setattr("sigsearch.index.search.structures.choice.EXACT_UP_TO", 2)
    path, key = tmp_path / "index", bytes(range(32))
    with WriterIndex.create(path, IDENTITY, key=key) as made:
        made.enrol(references(range(WRITERS * EACH)))
        assert made.info().recall is None  # clusters suit it, and are not built
        made.optimise()
    with WriterIndex.open(path, key=key, read_only=True) as opened:
        recall = opened.info().recall
        assert recall is not None
        assert recall >= 0.99


@pytest.mark.parametrize("index", [NUMPY, FLAT], indirect=True)
def test_exact_structures_agree_with_exact_search(index: WriterIndex) -> None:
    assert index.info().recall == 1.0


def test_many_centroids_are_trained_in_parts_and_found_by_their_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigsearch.index.search.structures.centroids.COMPARED_UP_TO", 16)
    monkeypatch.setattr("sigsearch.index.search.structures.choice.NUMPY_UP_TO", 1)
    monkeypatch.setattr("sigsearch.index.search.structures.choice.EXACT_UP_TO", 2)
    with WriterIndex.create(tmp_path / "index", IDENTITY) as made:
        made.enrol(references(range(WRITERS * EACH)))
        made.optimise()  # anew, with the same centroids
        made.optimise()
    with WriterIndex.open(tmp_path / "index", read_only=True) as index:
        assert agreement(index, 1) >= 0.99
        assert agreement(index, 5) >= 0.85
        test_everybody_can_be_asked_for(index)
        cache = index._searcher._cache
        assert cache is not None
        assert isinstance(cache.structure, LayeredStructure)
        assert isinstance(cache.structure.base._centroids, faiss.IndexRefine)
        assert cache.structure.base.probes < cache.structure.base.lists


def test_many_at_once_and_none_are_answered_alike(index: WriterIndex) -> None:
    asked = np.tile(cloud(), (2, 1))[: WRITERS * EACH + 300]  # more than FAISS is given at once
    together = index.search(asked, 3)
    apart = [index.search(one, 3) for one in asked[::97]]
    assert together.writers[::97].tolist() == [one.writers[0].tolist() for one in apart]
    assert index.search(asked[:0], 3).writers.shape == (0, 3)


def test_faiss_has_its_threads_again_after_one_query(index: WriterIndex) -> None:
    faiss.omp_set_num_threads(3)
    try:
        index.search(cloud()[:1], 1)
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(1)


def test_centroids_in_a_graph_of_an_earlier_version_are_compared(tmp_path: Path) -> None:
    vectors, ids = cloud(), np.arange(1, WRITERS * EACH + 1)
    graph = faiss.IndexHNSWFlat(16, 8, faiss.METRIC_INNER_PRODUCT)
    graph.add(vectors[::9])
    made = Clusters(RABITQ.index(graph, 16, graph.ntotal, vectors), RABITQ)
    made.add(ids, vectors)
    made.write(Shelf(tmp_path))
    read = Clusters.read(Shelf(tmp_path))
    assert isinstance(read._centroids, faiss.IndexFlat)
    _, found = read.search(vectors, len(ids), None, read.lists)
    assert (np.sort(found, axis=1) == ids).all()


def test_more_is_weighed_where_codes_tell_too_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no number of lists mends, a second look at more entries does."""
    vectors, ids = cloud(), np.arange(1, WRITERS * EACH + 1)
    rows, coarse = Rows(ids, ids, vectors), replace(RABITQ, looked_at=4)
    clusters = Clusters(coarse.index(centroids.trained(vectors, 16), 16, 16, vectors), RABITQ)
    clusters.add(ids, vectors)
    clusters.code = coarse
    tuning = Tuning(rows, np.arange(0, len(ids), 5))
    tuning.see(rows)
    fewest = tuning._least(clusters, 4)
    probes, weighed, agreement = tuning.effort(clusters)
    assert fewest[1] < 0.99 <= agreement
    assert weighed > 4
    assert probes <= 16


@pytest.mark.parametrize("index", [RABITQ.name], indirect=True)
def test_a_damaged_list_is_found_when_it_is_looked_into_and_never_served(
    index: WriterIndex,
) -> None:
    (folder,) = index.path.glob("neighbours-*")
    path = folder / FILE
    whole = path.read_bytes()
    right = index.search(cloud(), 3).writers.tolist()
    index.drop_cache()
    for place in (len(whole) - 5, len(whole) - 5000, len(whole) // 2, 100):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :])
        with pytest.raises(SnapshotDamaged):
            Clusters.read(Shelf(folder)).check_all()
        with WriterIndex.open(index.path, read_only=True) as reader:
            again = reader.search(cloud(), 3).writers
            assert (again == np.array(right)).mean() > 0.95
            assert reader._searcher._cache is not None
            assert reader._searcher._cache.structure.kind == FLAT
    path.write_bytes(whole[:-4000])
    with pytest.raises(SnapshotDamaged):
        Clusters.read(Shelf(folder))


@pytest.mark.parametrize("index", [FASTSCAN.name], indirect=True)
def test_lists_that_are_read_whole_are_not_served_when_damaged(index: WriterIndex) -> None:
    (folder,) = index.path.glob("neighbours-*")
    whole = (folder / WHOLE).read_bytes()
    right = index.search(cloud(), 3).writers
    index.drop_cache()
    for place in (len(whole) - 5, len(whole) // 2, 100):
        altered = whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :]
        (folder / WHOLE).write_bytes(altered)
        assert not check_index(index.path).sound
        with WriterIndex.open(index.path, read_only=True) as reader:
            assert (reader.search(cloud(), 3).writers == right).mean() > 0.95
            assert kind_in_use(reader) == FLAT


def test_the_memory_that_codes_may_take_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigsearch.index.search.structures.choice.NUMPY_UP_TO", 1)
    monkeypatch.setattr("sigsearch.index.search.structures.choice.EXACT_UP_TO", 2)
    monkeypatch.setattr(clustering, "fastest", lambda codes, _: codes[-1])  # not by a clock
    with WriterIndex.create(tmp_path / "index", IDENTITY) as index:
        index.enrol(references(range(WRITERS * EACH)))
        index.optimise()
        assert index.info().code == FASTSCAN.name
        before = index.search(cloud()[::7], 3)
        index.optimise(memory=35 - 1)
        assert index.info().code == RABITQ.name
        after = index.search(cloud()[::7], 3)
        assert (before.writers[:, 0] == after.writers[:, 0]).mean() >= 0.99
        index.optimise()
        assert index.info().code == RABITQ.name
        with pytest.raises(ArgumentRefused):
            index.optimise(memory=0)


@pytest.mark.parametrize("index", [RABITQ.name], indirect=True)
def test_a_snapshot_from_before_there_was_a_choice_is_searched(index: WriterIndex) -> None:
    right = index.search(cloud(), 3).writers.tolist()
    (folder,) = index.path.glob("neighbours-*")
    facts = json.loads((folder / FACTS).read_bytes())
    del facts["code"], facts["times"]
    (folder / FACTS).write_text(json.dumps(facts))
    manifest = json.loads((index.path / "neighbours.json").read_bytes())["content"]
    manifest["sha256"][FACTS] = file_sha256(folder / FACTS)
    manifest["kind"] = "faiss ivf rabitq"
    write_document(index.path / "neighbours.json", manifest)
    with WriterIndex.open(index.path, read_only=True) as older:
        assert older.info().code == RABITQ.name
        assert older.info().faster_code is None
        assert older.search(cloud(), 3).writers.tolist() == right
        assert kind_in_use(older) == CLUSTERS


@pytest.mark.parametrize("index", [FASTSCAN.name], indirect=True)
def test_another_processor_gives_the_same_answers_and_is_told_of_a_faster_code(
    index: WriterIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = index.search(cloud(), 3)
    times = index._searcher.agreement().times
    assert times
    assert all(set(by_code) == {FASTSCAN.name, RABITQ.name} for by_code in times.values())
    module: Any = faiss
    used = module.SIMDConfig.get_level()
    try:
        module.SIMDConfig.set_level(module.SIMDLevel_NONE)
        again = index.search(cloud(), 3)
    finally:
        module.SIMDConfig.set_level(used)
    assert again.writers.tolist() == right.writers.tolist()
    assert again.similarity == pytest.approx(right.similarity, abs=1e-6)
    monkeypatch.setattr(contest, "level_here", lambda: "SLOW")
    assert (
        contest.faster(FASTSCAN.name, {"SLOW": {RABITQ.name: 2.0, FASTSCAN.name: 3.0}}) == "rabitq"
    )
    assert contest.faster(FASTSCAN.name, {"SLOW": {RABITQ.name: 2.9, FASTSCAN.name: 3.0}}) is None
    assert contest.faster(FASTSCAN.name, {"QUICK": {RABITQ.name: 2.0, FASTSCAN.name: 3.0}}) is None


def test_codes_take_what_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    def names(*given: Any) -> list[str]:
        return [code.name for code in contest.affordable(*given)]

    assert names(1_000_000, 256, 4096, None) == ["rabitq", "pq fastscan"]
    assert names(1_000_000, 256, 4096, 70) == ["rabitq"]
    assert names(10_000_000, 256, 16384, None) == ["rabitq"]  # too much to read when opened
    assert names(10_000_000, 256, 16384, 100) == ["rabitq", "pq fastscan"]
    assert names(30, 256, 16, None) == ["rabitq"]  # too few to train on


@pytest.mark.parametrize("kind", [ExactStructure, FlatStructure])
def test_removing_from_the_middle_keeps_the_rest(kind: type[Structure]) -> None:
    vectors = cloud()[:40]
    structure = kind(16)  # type: ignore[call-arg]
    structure.add(np.arange(1, 41), vectors)
    structure.remove(np.array([1, 17, 40, 999]))
    similarity, ids = structure.search(vectors, 40)
    assert len(structure) == 37
    assert (np.sort(ids[:, 37:], axis=1) == -1).all()
    assert np.isneginf(similarity[:, 37:]).all()
    assert set(ids[0, :37].tolist()) == set(range(1, 41)) - {1, 17, 40}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_nobody_waits_for_a_file_that_is_a_pipe(index: WriterIndex) -> None:
    """Of any file of the search structure; what would wait for its other end would wait forever."""
    (folder,) = index.path.glob("neighbours-*")
    asked = cloud()[7]
    for file in sorted(folder.iterdir()):
        whole = file.read_bytes()
        file.unlink()
        os.mkfifo(file)
        with WriterIndex.open(index.path, read_only=True) as other:
            other.info()
            assert other.search(asked, 1)[0][0].writer == "w1"
        file.unlink()
        file.write_bytes(whole)
