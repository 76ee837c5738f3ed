"""After `close` every method raises, and the index can be opened again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from index_samples import IDENTITY, reference, vector

from sigsearch.errors import IndexClosed
from sigsearch.index import WriterIndex

METHODS: dict[str, Callable[[WriterIndex], Any]] = {
    "generation": lambda index: index.generation,
    "writer_count": lambda index: index.writer_count,
    "len": len,
    "state": lambda index: index.state(),
    "numbers": lambda index: index.numbers(["ann"]),
    "writing": lambda index: index.writing().__enter__(),
    "enrol": lambda index: index.enrol([reference("bob")]),
    "enrol nothing": lambda index: index.enrol([]),
    "forget": lambda index: index.forget("ann"),
    "writers": lambda index: list(index.writers()),
    "references": lambda index: index.references("ann"),
    "references_of": lambda index: index.references_of(["ann"]),
    "names": lambda index: index.names([1]),
    "holders": lambda index: index.holders("00" * 32),
    "amend": lambda index: index.amend("ann", []),
    "rename": lambda index: index.rename("ann", "anne"),
    "has": lambda index: index.has("00" * 32),
    "search": lambda index: index.search(vector(0), 1),
    "compact": lambda index: index.compact(),
    "gets_keys": lambda index: index.gets_keys(),
    "optimise": lambda index: index.optimise(),
    "catch_up": lambda index: index.catch_up(),
    "drop_cache": lambda index: index.drop_cache(),
    "setting": lambda index: index.setting("calibration"),
    "put_setting": lambda index: index.put_setting("calibration", {}),
    "info": lambda index: index.info(),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with WriterIndex.create(tmp_path / "index", IDENTITY) as index:
        index.enrol([reference(name) for name in ("ann", "carl", "dan")])
    return tmp_path / "index"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shared", [False, True], ids=["alone", "open elsewhere"])
def test_a_closed_index_answers_nothing(path: Path, method: str, shared: bool) -> None:
    other = WriterIndex.open(path) if shared else None
    index = WriterIndex.open(path)
    index.search(vector(0), 1)
    index.close()
    index.close()
    with pytest.raises(IndexClosed, match="open it again"):
        METHODS[method](index)
    if other:
        assert len(other) == 3
        other.close()
    with WriterIndex.open(path) as again:
        assert [one.name for one in again.writers()] == ["ann", "carl", "dan"]
        assert again.enrol([reference("bob")]) == 1


def test_every_method_is_among_them() -> None:
    public = {name for name in vars(WriterIndex) if not name.startswith("_")}
    named = {"create", "open", "close", "identity", "require"}
    assert public - named <= set(METHODS)


def test_a_generator_that_outlives_its_index_raises(path: Path) -> None:
    index = WriterIndex.open(path)
    writers = index.writers()
    assert next(writers).name == "ann"
    index.close()
    with pytest.raises(IndexClosed):
        next(writers)
