"""Real letters: their boxes, and the role that their authors give them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sigsearch.datasets import Protocol
from sigsearch.training.detector.letters import read_letters

ROWS = """page,kind,x,y,width,height,author
a.tif,signature,10,20,30,12,Ann
a.tif,logo,1,2,8,8,
b.tif,signature,5,5,20,10,Bob
b.tif,signature,5,35,20,10,Cy
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "letters"
    (folder / "pages").mkdir(parents=True)
    for name in "abc":
        Image.new("1", (60, 80), 1).save(folder / "pages" / f"{name}.tif")
    (folder / "boxes.csv").write_text(ROWS)
    return folder


ROLES = {"train": ["Ann", "Bob"], "validation": [], "test": ["Cy"]}
PROTOCOL = Protocol.from_dict({"name": "mine", "datasets": {"letters": ROLES}})


def test_a_page_is_of_the_test_if_any_author_is(folder: Path):
    protocol = PROTOCOL
    train, test = (read_letters(folder, protocol, role) for role in ("train", "test"))
    assert [letter.path.name for letter in train] == ["a.tif", "c.tif"]
    assert [letter.path.name for letter in test] == ["b.tif"]
    assert train[0].boxes.tolist() == [[10, 20, 40, 32, 0], [1, 2, 9, 10, 2]]
    assert train[1].boxes.shape == (0, 5)
    assert np.array_equal(train[0].read(), np.full((80, 60), 255))


def test_corrections_put_boxes_in_and_take_them_out(folder: Path, tmp_path: Path):
    table = tmp_path / "corrections.csv"
    table.write_text(
        "change,page,kind,x,y,width,height\n"
        "removed,b.tif,signature,5,35,20,10\n"
        "added,b.tif,initials,30,40,6,6\n"
        "added,c.tif,signature,1,1,9,9\n"
    )
    (b,) = read_letters(folder, PROTOCOL, "test", table)
    assert b.boxes.tolist() == [[5, 5, 25, 15, 0], [30, 40, 36, 46, 1]]
    a, c = read_letters(folder, PROTOCOL, "train", table)
    assert len(a.boxes) == 2
    assert c.boxes.tolist() == [[1, 1, 10, 10, 0]]
    assert (b.authors, c.authors) == (frozenset({"Bob", "Cy"}), frozenset())
