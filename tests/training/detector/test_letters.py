"""Real letters: their boxes, and the role that their authors give them."""

from __future__ import annotations

import numpy as np
from PIL import Image

from sigsearch.datasets import Protocol
from sigsearch.training.detector.letters import read_letters

ROWS = """page,kind,x,y,width,height,author
a.tif,signature,10,20,30,12,Ann
a.tif,logo,1,2,8,8,
b.tif,signature,5,5,20,10,Bob
b.tif,signature,5,35,20,10,Cy
"""


def test_a_page_is_of_the_test_if_any_author_is(tmp_path):
    folder = tmp_path / "letters"
    (folder / "pages").mkdir(parents=True)
    for name in "abc":
        Image.new("1", (60, 80), 1).save(folder / "pages" / f"{name}.tif")
    (folder / "boxes.csv").write_text(ROWS)
    roles = {"train": ["Ann", "Bob"], "validation": [], "test": ["Cy"]}
    protocol = Protocol.from_dict({"name": "mine", "datasets": {"letters": roles}})
    train, test = (read_letters(folder, protocol, role) for role in ("train", "test"))
    assert [letter.path.name for letter in train] == ["a.tif", "c.tif"]
    assert [letter.path.name for letter in test] == ["b.tif"]
    assert train[0].boxes.tolist() == [[10, 20, 40, 32, 0], [1, 2, 9, 10, 2]]
    assert train[1].boxes.shape == (0, 5)
    assert np.array_equal(train[0].read(), np.full((80, 60), 255))
