"""Composed documents: the same for a seed, with boxes where the ink is."""

from __future__ import annotations

import numpy as np
import pytest

from sigsearch.synthesis.documents import KINDS, REPRODUCTIONS, compose


def test_a_seed_gives_one_document():
    first, again = compose(3), compose(3)
    assert np.array_equal(first.page, again.page)
    assert first.marks == again.marks
    assert not np.array_equal(first.page[:50, :50], compose(4).page[:50, :50])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_boxes_on_the_page(kind: str):
    document = compose(11, kind, signed=True, dpi=75)
    height, width = document.page.shape
    assert document.page.dtype == np.uint8
    for mark in document.marks:
        assert 0 <= mark.x < mark.x + mark.width <= width + 1
        assert 0 <= mark.y < mark.y + mark.height <= height + 1


@pytest.mark.parametrize("kind", ["letter", "cheque", "ballot", "memo", "card"])
def test_what_is_signed_has_a_signature(kind: str):
    document = compose(5, kind, signed=True, reproduction="clean", dpi=100)
    assert "signature" in [mark.kind for mark in document.marks]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_signed_has_none(kind: str):
    for seed in range(3):
        document = compose(seed, kind, signed=False, dpi=50)
        assert not [mark for mark in document.marks if mark.kind == "signature"]


@pytest.mark.parametrize("how", REPRODUCTIONS)
def test_the_boxes_go_where_the_ink_goes(how: str):
    clean = compose(21, "letter", signed=True, reproduction="clean")
    document = compose(21, "letter", signed=True, reproduction=how)
    mark = next(m for m in document.marks if m.kind == "signature")
    as_drawn = next(m for m in clean.marks if m.kind == "signature")
    part = document.page[int(mark.y) : int(mark.y + mark.height),
                         int(mark.x) : int(mark.x + mark.width)]  # fmt: skip
    assert np.median(part) - np.percentile(part, 2) > 20
    assert mark.width == pytest.approx(as_drawn.width, rel=0.35)


def test_the_resolution_changes_nothing_but_the_pixels():
    coarse, fine = (compose(8, "cheque", reproduction="clean", dpi=dpi) for dpi in (75, 150))
    assert fine.page.shape[0] == pytest.approx(2 * coarse.page.shape[0], abs=2)


def test_unknown_names_are_named():
    with pytest.raises(ValueError, match="no kind of document 'novel'"):
        compose(1, "novel")
    with pytest.raises(ValueError, match="no reproduction 'painted'"):
        compose(1, reproduction="painted")
