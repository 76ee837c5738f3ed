"""Pages as a batch has them."""

from __future__ import annotations

import numpy as np

from sigsearch.training.detector.packed_pages import PackedPage, load_pages, pack_page, save_pages
from sigsearch.training.detector.page_batches import PageBatches, worn


def page_with_a_bar() -> PackedPage:
    dark = np.zeros((820, 580), np.uint8)
    dark[500:540, 200:400] = 250
    return PackedPage(dark, np.array([(200, 500, 400, 540, 0)], np.float32))


def test_the_box_stays_on_the_ink():
    rng, seen = np.random.default_rng(1), 0
    for _ in range(12):
        view, boxes = worn(page_with_a_bar(), (704, 480), rng)
        assert view.shape == (704, 480)
        for left, top, right, bottom, kind in boxes:
            seen += 1
            part = view[int(top) + 3 : int(bottom) - 3, int(left) + 8 : int(right) - 8]
            assert part.mean() > 100 > view.mean()
            assert kind == 0
    assert seen > 6


def test_a_batch_has_one_shape():
    wide = PackedPage(np.zeros((400, 1000), np.uint8), np.zeros((0, 5), np.float32))
    batches = PageBatches([[page_with_a_bar()], [wide]], [0.5, 0.5])
    rng = np.random.default_rng(2)
    for _ in range(3):
        views, boxes = batches.draw(4, rng)
        assert views.shape[0] == len(boxes)
        assert len(boxes) in (4, 12)
        assert all(side % 32 == 0 for side in views.shape[1:])


def test_pages_come_back_as_they_were_packed(tmp_path):
    rng = np.random.default_rng(3)
    boxes = np.array([(100, 200, 300, 260, 1)], np.float32)
    pages = [pack_page(rng.integers(0, 255, shape, np.uint8), boxes[:n])
             for n, shape in enumerate([(900, 700), (400, 1000)])]  # fmt: skip
    save_pages(tmp_path / "pages.npz", pages)
    for kept, page in zip(load_pages([tmp_path / "pages.npz"]), pages, strict=True):
        assert np.array_equal(kept.dark, page.dark)
        assert np.array_equal(kept.boxes, page.boxes)
