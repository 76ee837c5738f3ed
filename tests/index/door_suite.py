"""What every filling of the door must do; a filling gives `make` and runs all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from index_samples import IDENTITY, reference, same, vector

from sigsearch.errors import ReferenceRefused, ReferenceUnknown, WriterUnknown
from sigsearch.index import Index

Make = Callable[[str], Index]
"""The index of a name, made if there is none; asked again, another handle to the same one."""


class DoorSuite:
    """Subclass it and give the fixture `make`."""

    @pytest.fixture
    def index(self, make: Make) -> Iterator[Index]:
        opened = make("one")
        yield opened
        opened.close()

    def test_an_empty_index_finds_nobody(self, index: Index):
        found = index.search(vector(1), 5)
        assert found.writer_count == 0
        assert found.writers.shape == (1, 0)
        assert (index.state().writer_count, index.state().reference_count) == (0, 0)

    def test_references_come_back_bit_by_bit_in_the_order_of_their_enrolment(self, index: Index):
        given = [reference("ann", n) for n in range(4)]
        assert index.enrol(given[2:]) == 2
        assert index.enrol(given) == 2
        expected = [*given[2:], *given[:2]]
        assert all(map(same, index.references("ann"), expected))

    def test_the_same_image_of_a_writer_is_enrolled_once(self, index: Index):
        one = reference("ann")
        assert index.enrol([one, one]) == 1
        assert index.enrol([one, replace(one, writer="bob")]) == 1
        assert index.has(one.content_hash)
        assert index.has(one.content_hash, "bob")
        assert not index.has(one.content_hash, "carl")
        assert index.state().reference_count == 2

    def test_a_bad_reference_refuses_the_whole_batch(self, index: Index):
        for bad in (
            reference("", 0),
            replace(reference("x"), vector=vector(1, 8)),
            replace(reference("x"), vector=2 * vector(1)),
            replace(reference("x"), content_hash="ABC"),
        ):
            with pytest.raises(ReferenceRefused):
                index.enrol([reference("ann"), bad])
        assert index.state().reference_count == 0

    def test_writers_are_listed_in_order_of_first_enrolment(self, index: Index):
        names = ["zoë", "a/b", "签名者", "e\u0301", "é"]
        for n, name in enumerate(names):
            index.enrol([reference(name, k) for k in range(n + 1)])
        assert [(w.name, w.reference_count) for w in index.writers()] == [
            (name, n + 1) for n, name in enumerate(names)
        ]

    def test_the_closest_writers_are_those_of_the_closest_references(self, index: Index):
        given = [reference(f"w{n % 7}", n) for n in range(50)]
        index.enrol(given)
        questioned = np.stack([vector(900 + n) for n in range(3)])
        found = index.search(questioned, 7)
        likeness = questioned @ np.stack([one.vector for one in given]).T
        for row in range(3):
            best = {
                name: max(
                    x for x, one in zip(likeness[row], given, strict=True) if one.writer == name
                )
                for name in {one.writer for one in given}
            }
            order = sorted(best, key=lambda name: -best[name])
            assert found.writers[row].tolist() == order
            np.testing.assert_allclose(found.similarity[row], [best[name] for name in order], 1e-5)
        assert index.search(questioned, 3).writers.shape == (3, 3)
        assert found.generation == index.state().generation

    def test_metadata_narrows_the_search_and_the_records(self, index: Index):
        near = [replace(reference("ann", n), metadata={"branch": str(n % 2)}) for n in range(4)]
        far = [replace(reference("bob", n), metadata={"branch": "1"}) for n in range(4)]
        index.enrol(near + far)
        found = index.search(vector(5), 5, {"branch": "0"})
        assert found.writers[0].tolist() == ["ann"]
        assert found.writer_count == 1
        held = index.references_of(["ann", "bob", "nobody"], {"branch": "0"})
        assert [len(one) for one in held] == [2, 0, 0]
        assert index.search(vector(5), 5, {"branch": "7"}).writer_count == 0

    def test_who_is_forgotten_is_gone_from_every_answer(self, index: Index):
        index.enrol([reference(name, n) for name in ("ann", "bob") for n in range(3)])
        assert index.forget("ann") == 3
        assert [w.name for w in index.writers()] == ["bob"]
        assert index.search(reference("ann").vector, 5).writers[0].tolist() == ["bob"]
        assert index.references_of(["ann"]) == [[]]
        assert not index.has(reference("ann").content_hash)
        for ask in (index.forget, index.references, index.erase):
            with pytest.raises(WriterUnknown, match="ann"):
                ask("ann")

    def test_every_change_is_one_generation_and_another_token(self, index: Index):
        seen = {index.state().token}
        for n, change in enumerate(
            (
                lambda: index.enrol([reference("ann"), reference("bob")]),
                lambda: index.put_setting("a", {"b": 1}),
                lambda: index.forget("ann"),
            ),
            start=1,
        ):
            before = index.state().generation
            change()
            assert index.state().generation == before + 1
            seen.add(index.state().token)
            assert len(seen) == n + 1
        before = index.state().token
        index.enrol([reference("bob")])
        assert index.state().token == before  # nothing was new

    def test_settings_are_kept(self, make: Make, index: Index):
        assert index.setting("calibration") is None
        index.put_setting("calibration", {"a": [1.5, "ü"]})
        index.put_setting("calibration", {"a": [2.5, "ü"]})
        other = make("one")
        assert other.setting("calibration") == {"a": [2.5, "ü"]}
        other.close()

    def test_another_handle_sees_what_was_acknowledged(self, make: Make, index: Index):
        other = make("one")
        other.search(vector(1), 1)
        index.enrol([reference("ann", n) for n in range(3)])
        assert other.search(reference("ann").vector, 1).writers[0].tolist() == ["ann"]
        index.forget("ann")
        assert other.search(reference("ann").vector, 1).writer_count == 0
        other.close()

    def test_one_writer_holds_on_through_several_changes(self, index: Index):
        with index.writing():
            index.enrol([reference("ann")])
            index.enrol([reference("bob")])
        assert index.state().writer_count == 2

    def test_decisions_are_kept_in_order_and_without_names(self, index: Index):
        index.enrol([reference("ann")])
        index.note("verify", {"decision": "match"}, ["ann"])
        index.note("identify", {"decision": "unknown"})
        entries = list(index.decisions())
        assert [(e.number, e.event) for e in entries] == [(1, "verify"), (2, "identify")]
        assert entries[1].previous == entries[0].hash
        assert "ann" not in str(entries[0].to_dict())

    def test_erasure_leaves_nothing_and_says_so(self, index: Index, tmp_path: Path):
        index.enrol([reference(name, n) for name in ("ann", "bob") for n in range(3)])
        receipt = index.erase("ann", tmp_path / "receipt.json")
        assert (receipt.reference_count, receipt.incomplete) == (3, None)
        assert (tmp_path / "receipt.json").is_file()
        assert [w.name for w in index.writers()] == ["bob"]

    def test_an_export_comes_back_whole(self, make: Make, index: Index, tmp_path: Path):
        pytest.importorskip("pyarrow")
        given = [reference(name, n) for name in ("ann", "bob") for n in range(3)]
        index.enrol(given)
        index.put_setting("calibration", {"a": 1})
        assert index.export(tmp_path / "out.parquet") == 6
        other = make("two")
        assert other.take_in(tmp_path / "out.parquet") == 6
        assert other.take_in(tmp_path / "out.parquet") == 0
        assert all(map(same, other.references("bob"), given[3:]))
        assert other.setting("calibration") is None
        other.close()

    def test_info_says_what_is_there(self, index: Index):
        index.enrol([reference("ann", n) for n in range(3)])
        info = index.info()
        assert (info.writer_count, info.reference_count, info.encoder) == (1, 3, IDENTITY.id)
        assert info.generation == index.state().generation

    def test_references_are_taken_out_and_put_in_at_once(self, index: Index):
        given = [reference("ann", n) for n in range(3)]
        index.enrol(given)
        before = index.state()
        moved = replace(given[0], writer="bob")
        assert index.amend("ann", [given[0].content_hash], [moved, reference("ann", 5)]) == (1, 2)
        assert index.state().generation == before.generation + 1
        held = [one.content_hash for one in index.references("ann")]
        assert held == [
            given[1].content_hash,
            given[2].content_hash,
            reference("ann", 5).content_hash,
        ]
        assert same(index.references("bob")[0], moved)
        assert index.holders(given[0].content_hash) == ["bob"]
        assert (index.state().writer_count, index.state().reference_count) == (2, 4)
        found = index.search(given[0].vector, 1)
        assert found.writers[0].tolist() == ["bob"]

    def test_a_writer_without_references_is_forgotten(self, index: Index):
        index.enrol([reference("ann"), reference("bob")])
        assert index.amend("ann", [reference("ann").content_hash]) == (1, 0)
        assert [writer.name for writer in index.writers()] == ["bob"]
        with pytest.raises(WriterUnknown):
            index.references("ann")
        assert index.search(reference("ann").vector, 5).writers[0].tolist() == ["bob"]

    def test_what_cannot_be_amended_changes_nothing(self, index: Index):
        index.enrol([reference("ann")])
        before = index.state()
        one = reference("ann").content_hash
        with pytest.raises(ReferenceUnknown):
            index.amend("ann", [one, "0" * 64])
        with pytest.raises(WriterUnknown):
            index.amend("bob", [one])
        with pytest.raises(ReferenceRefused):
            index.amend("ann", [one], [replace(reference("x"), vector=vector(1, 8))])
        assert index.state() == before
        assert len(index.references("ann")) == 1

    def test_a_writer_keeps_the_number_under_another_name(self, index: Index):
        given = [reference("ann", n) for n in range(2)]
        index.enrol([*given, reference("bob")])
        (number,) = index.numbers(["ann"])
        assert index.rename("ann", "Änne") == 2
        assert index.numbers(["Änne", "ann"]) == [number, None]
        assert index.names([number, None, 99]) == ["Änne", None, None]
        assert all(map(same, index.references("Änne"), [replace(g, writer="Änne") for g in given]))
        assert index.search(given[1].vector, 1).writers[0].tolist() == ["Änne"]
        assert index.has(given[0].content_hash, "Änne")
        with pytest.raises(ReferenceRefused, match="move"):
            index.rename("Änne", "bob")
        with pytest.raises(WriterUnknown):
            index.rename("ann", "carl")
