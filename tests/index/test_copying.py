"""An index copied from a folder to a database and back: the same in every record and answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from index_samples import IDENTITY, reference, same, vector
from running_postgres import PostgresServer

from sigsearch.errors import IndexFault, VerifyOnly
from sigsearch.index import EmbeddedIndex, Index, copying
from sigsearch.index.opening import check_index, create_index, open_index

KEY = bytes(range(32))
_NUMBERS = count()


@pytest.fixture
def address(database: PostgresServer) -> str:
    return database.address(f"copy_{next(_NUMBERS)}")


@pytest.fixture
def source(tmp_path: Path) -> Iterator[EmbeddedIndex]:
    """Writers that came and went, two names of one form each, settings, a decision log."""
    with EmbeddedIndex.create(tmp_path / "source", IDENTITY) as made:
        for n in range(30):
            made.enrol([reference(f"w{(n * 7) % 11}", n), reference(f"w{n % 5}", 100 + n)])
        made.forget("w3")
        made.rename("w4", "wer\0da é")
        made.enrol([replace(reference("w9", 5), metadata={"branch": "1"})])
        made.put_setting("accounts", {"a": [1, "ü"]})
        made.note("verify", {"decision": "match"}, ["w9"])
        made.note("identify", {"decision": "unknown"}, ["w9", "w1"])
        yield made


def equal(one: Index, other: Index) -> None:
    assert list(one.writers()) == list(other.writers())
    names = [writer.name for writer in one.writers()]
    assert one.numbers(names) == other.numbers(names)
    for these, those in zip(one.references_of(names), other.references_of(names), strict=True):
        assert len(these) == len(those)
        assert all(map(same, these, those))
    asked = np.stack([vector(n) for n in range(40)])
    for where in (None, {"branch": "1"}, {"branch": "Hà Nội"}):
        found, again = one.search(asked, 5, where), other.search(asked, 5, where)
        assert found.writers.tolist() == again.writers.tolist()
        assert found.similarity.tobytes() == again.similarity.tobytes()
        assert found.reference_counts.tolist() == again.reference_counts.tolist()
    assert one.setting("accounts") == other.setting("accounts")
    assert [e.to_dict() for e in one.decisions()] == [e.to_dict() for e in other.decisions()]


def test_there_and_back(source: EmbeddedIndex, address: str, tmp_path: Path):
    with create_index(address, IDENTITY, KEY) as there:
        done = copying.copy_index(source, there)
        assert done.reference_count == len(source)
        equal(source, there)
        there.note("verify", {}, ["w9"])
        assert there.names(there.numbers(["w9"])) == ["w9"]
        with EmbeddedIndex.create(tmp_path / "back", IDENTITY) as back:
            assert copying.copy_index(there, back).sha256 == done.sha256
            equal(there, back)
            back.enrol([reference("new")])
    assert check_index(tmp_path / "back").sound
    assert check_index(address, KEY).sound


def test_a_copy_that_was_stopped_goes_on(
    source: EmbeddedIndex, address: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(copying, "_BATCH", 7)

    def stop(copied: int) -> None:
        if copied > 20:
            raise KeyboardInterrupt

    with create_index(address, IDENTITY) as there:
        with pytest.raises(KeyboardInterrupt):
            copying.copy_index(source, there, stop)
        assert 20 < len(there) < len(source)
        counts: list[int] = []
        copying.copy_index(source, there, counts.append)
        assert counts[0] > 20
        equal(source, there)
        with pytest.raises(IndexFault, match="not an unfinished copy"):
            copying.copy_index(source, there)


def test_what_changed_meanwhile_is_no_copy(
    source: EmbeddedIndex, address: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(copying, "_BATCH", 7)

    def stop(copied: int) -> None:
        raise KeyboardInterrupt

    with create_index(address, IDENTITY) as there:
        with pytest.raises(KeyboardInterrupt):
            copying.copy_index(source, there, stop)
        source.forget("w0")
        with pytest.raises(IndexFault, match="start again"):
            copying.copy_index(source, there)


def test_only_into_an_empty_index_of_the_same_encoder(
    source: EmbeddedIndex, address: str, tmp_path: Path
):
    with create_index(address, IDENTITY) as there:
        there.enrol([reference("ann")])
        with pytest.raises(IndexFault, match="holds 1 references"):
            copying.copy_index(source, there)
    with (
        EmbeddedIndex.create(tmp_path / "v", IDENTITY, verify_only=True) as sealed,
        open_index(address) as there,
        pytest.raises(VerifyOnly),
    ):
        copying.copy_index(sealed, there)
