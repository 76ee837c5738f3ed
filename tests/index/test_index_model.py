"""The index against a plain dict, under random enrolments, removals and reopenings."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from index_samples import IDENTITY, reference, same, vector

from sigsearch.index import Reference, WriterIndex

NAMES = st.sampled_from(["ann", "bob", "a/b", "ký tên", "e\u0301", "é"])


class IndexModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.index = WriterIndex.create(self.root / "index", IDENTITY)
        self.truth: dict[str, dict[int, Reference]] = {}

    @rule(batch=st.lists(st.tuples(NAMES, st.integers(0, 6)), max_size=8))
    def enrol(self, batch: list[tuple[str, int]]) -> None:
        new = 0
        for name, number in batch:
            held = self.truth.setdefault(name, {})
            new += number not in held
            held.setdefault(number, reference(name, number))
        assert self.index.enrol([reference(*one) for one in batch]) == new

    @rule(name=NAMES)
    def forget(self, name: str) -> None:
        if name in self.truth:
            assert self.index.forget(name) == len(self.truth.pop(name))

    @rule()
    def reopen(self) -> None:
        self.index.close()
        self.index = WriterIndex.open(self.root / "index", identity=IDENTITY)

    @rule(seed=st.integers(0, 50), count=st.integers(1, 7))
    def search(self, seed: int, count: int) -> None:
        asked = vector(seed)
        best = {
            name: max(float(np.dot(one.vector, asked)) for one in held.values())
            for name, held in self.truth.items()
        }
        found = self.index.search(asked, count)[0]
        expected = sorted(best.values(), reverse=True)[:count]
        assert np.allclose([near.similarity for near in found], expected, atol=1e-6)
        assert all(abs(best[near.writer] - near.similarity) < 1e-6 for near in found)
        assert len({near.writer for near in found}) == len(found)

    @invariant()
    def holds_what_was_acknowledged(self) -> None:
        listed = {writer.name: writer.reference_count for writer in self.index.writers()}
        assert listed == {name: len(held) for name, held in self.truth.items()}
        assert len(self.index) == sum(listed.values())
        for name, held in self.truth.items():
            stored = self.index.references(name)
            assert all(same(*pair) for pair in zip(stored, held.values(), strict=True))

    def teardown(self) -> None:
        self.index.close()
        shutil.rmtree(self.root)


IndexModel.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestIndexModel = IndexModel.TestCase
