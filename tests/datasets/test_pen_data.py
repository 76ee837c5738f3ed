"""Pen data: read as a dataset, and drawn so that neither speed nor pressure shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sigsearch.datasets import Protocol, drop_copies, read_dataset
from sigsearch.datasets.signatures import signature_of
from sigsearch.errors import DatasetError
from sigsearch.synthesis.pen_data import draw_pen_data


def movement(points: int, seed: int = 0) -> np.ndarray:
    """A loop of two strokes, (points, 2), at constant steps in time."""
    along = np.linspace(0, 1, points)
    lean = 0.2 + 0.1 * seed
    x = 9000 * along + 1200 * np.cos(11 * along)
    y = 1500 * np.sin(9 * along) + lean * x
    return np.stack([x, y], axis=1).astype(np.int16)


def archive(folder: Path, **changes: np.ndarray) -> Path:
    """Two writers with two genuine signatures and a forgery each, the last specimen a dot."""
    parts = [movement(200, n // 3) for n in range(6)] + [movement(3)]
    sizes = [len(part) for part in parts]
    arrays = {
        "xy": np.concatenate(parts),
        "stroke": np.concatenate([(np.arange(n) >= n // 2).astype(np.uint8) for n in sizes]),
        "start": np.insert(np.cumsum(sizes), 0, 0).astype(np.int32),
        "name": np.array([f"s{n}" for n in range(7)]),
        "writer": np.array(["ada"] * 3 + ["bob"] * 4),
        "genuine": np.array([True, True, False] * 2 + [True]),
    } | changes
    path = folder / "tablet.npz"
    np.savez(path, **arrays)
    return path


def test_an_archive_is_recognised_and_labelled(tmp_path: Path) -> None:
    dataset = read_dataset(archive(tmp_path))
    assert (dataset.name, dataset.layout, dataset.writers) == ("tablet", "pen-data", ("ada", "bob"))
    assert len(dataset.genuine("bob")) == 2
    assert len(dataset.forgeries("bob")) == 1
    assert [item.reason for item in dataset.left_out] == ["hardly any points"]


def test_the_same_movement_twice_is_a_copy_and_pens_differ(tmp_path: Path) -> None:
    dataset = read_dataset(archive(tmp_path))
    first, second = dataset.genuine("ada")
    assert not np.array_equal(first.source, second.source)
    np.testing.assert_array_equal(first.source, first.source)
    kept = drop_copies(dataset)
    assert not kept.genuine()  # each was also handed in as a forgery, so none can be believed
    assert len(kept.left_out) == 7


def test_drawn_ink_reads_as_a_signature(tmp_path: Path) -> None:
    sample = read_dataset(archive(tmp_path)).samples[0]
    signature = signature_of(sample)
    assert signature.ink.shape[1] > 2 * signature.ink.shape[0]
    assert set(signature.warnings) <= {"few_strokes"}  # two strokes are drawn


@pytest.mark.parametrize("points", [50, 1000])
def test_how_fast_it_was_written_does_not_show(points: int) -> None:
    def ink(count: int) -> np.ndarray:
        rng = np.random.default_rng(1)
        path = movement(count)
        return draw_pen_data(path, np.zeros(count, int), 60 / 9000, rng) > 90

    usual, other = ink(200), ink(points)
    height, width = np.minimum(usual.shape, other.shape)
    assert np.abs(np.subtract(usual.shape, other.shape)).max() <= 2
    both, either = (
        join(usual[:height, :width], other[:height, :width]).sum()
        for join in (np.logical_and, np.logical_or)
    )
    assert both / either > 0.8


def test_strokes_are_not_joined() -> None:
    dots = np.array([[0, 0]] * 9 + [[900, 0]] * 9)
    rng = np.random.default_rng(0)
    ink = draw_pen_data(dots, np.repeat([0, 1], 9), 0.05, rng)
    assert not ink[:, ink.shape[1] // 2].any()
    assert ink.any()


@pytest.mark.parametrize(
    "fault",
    [
        {"start": np.array([0, 5, 3, 4, 6, 8, 9, 10])},
        {"start": np.array([0, 9])},
        {"xy": np.zeros((4, 3))},
        {"genuine": np.array([True])},
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, fault: dict[str, np.ndarray]) -> None:
    with pytest.raises(DatasetError, match=r"xy must be \(points, 2\)"):
        read_dataset(archive(tmp_path, **fault))


def test_pen_data_without_writers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bare.npz"
    np.savez(path, xy=np.zeros((9, 2)), start=np.array([0, 9]))
    with pytest.raises(DatasetError, match="without the array stroke"):
        read_dataset(path)


def test_sheets_of_names_are_one_hand_with_many_identities(draw) -> None:
    root = draw("a.png", "b.png")
    rows = "path,writer,kind,sheet,name\na.png,s1-7,genuine,s1,7\nb.png,s2-7,genuine,s2,7\n"
    (root / "manifest.csv").write_text(rows)
    dataset = read_dataset(root)
    assert dataset.name == root.name
    assert [(s.hand, s.text) for s in dataset.samples] == [("s1", "7"), ("s2", "7")]
    assert [s.writer for s in dataset.impostors("s1-7")] == ["s2-7"]
    roles = {"datasets": {root.name: {"train": ["s1-7"], "test": ["s2"]}}, "name": "mine"}
    protocol = Protocol.from_dict(roles)
    assert protocol.select(dataset, "train").writers == ("s1-7",)
    assert protocol.select(dataset, "test").writers == ("s2-7",)
