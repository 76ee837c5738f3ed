"""Each writer's images are divided alike, copies never lie on two sides, too few are refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from sigsearch.classifier.split import read_split, read_together
from sigsearch.errors import DatasetError
from sigsearch.synthesis import Writer


def test_the_parts_share_no_image_and_name_the_same_writers(references: Path):
    split = read_split([references], 2, 1, 2)
    parts = [{s.path for s in part} for part in (split.train, split.validation, split.test)]
    assert [len(part) for part in parts] == [12, 6, 12]
    assert len(set().union(*parts)) == 30
    assert len(split.forgeries) == 12
    for part in (split.train, split.validation, split.test):
        assert {s.writer for s in part} == set(split.writers)
        assert all(s.genuine for s in part)


def test_the_same_seed_splits_alike_and_a_writer_alone_decides(references: Path, tmp_path: Path):
    split = read_split([references], 2, 1, 2)
    assert read_split([references], 2, 1, 2) == split
    assert read_split([references], 2, 1, 2, seed=2).train != split.train
    for name in ("anna", "bo"):
        shutil.copytree(references / name, tmp_path / name)
    fewer = read_split([tmp_path], 2, 1, 2)
    assert [s.id for s in fewer.train] == [s.id for s in split.only(["anna", "bo"]).train]


def test_copies_are_dropped_before_the_split(references: Path, tmp_path: Path):
    shutil.copytree(references, tmp_path / "refs")
    for number in range(3):
        shutil.copy(tmp_path / "refs/bo/0.png", tmp_path / f"refs/bo/copy{number}.png")
    split = read_split([tmp_path / "refs"], 2, 1, 2)
    assert split.copies == 3
    assert len(split.train + split.validation + split.test) == 30


def test_writers_with_fewer_images_get_their_share(references: Path):
    split = read_split([references], 12, 4, 8)
    assert [len(part) for part in (split.train, split.validation, split.test)] == [12, 6, 12]


def test_one_image_a_writer_is_refused(tmp_path: Path):
    for seed in (1, 2, 3):
        folder = tmp_path / f"writer{seed}"
        folder.mkdir()
        Image.fromarray(Writer.from_seed(seed).specimen(0).page).save(folder / "0.png")
    with pytest.raises(DatasetError, match="0 of 3 writers have the 3 different"):
        read_split([tmp_path])


def test_a_writer_with_too_few_is_left_out_and_named(references: Path, tmp_path: Path):
    shutil.copytree(references, tmp_path / "refs")
    for number in (2, 3, 4):
        (tmp_path / f"refs/bo/{number}.png").unlink()
    split = read_split([tmp_path / "refs"], 2, 1, 2)
    assert split.left_out == {"bo": 2}
    assert "bo" not in split.writers
    assert "bo (2)" in str(split)


def test_two_sets_keep_their_writers_apart(references: Path, tmp_path: Path):
    for name in ("one", "two"):
        shutil.copytree(references / "bo", tmp_path / name / "58")
        shutil.copytree(references / "anna", tmp_path / name / "59")
    together = read_together([tmp_path / "one", tmp_path / "two"])
    assert set(together.writers) == {"one/58", "one/59", "two/58", "two/59"}
