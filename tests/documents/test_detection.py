"""The shipped detector on pages that were composed for it, and on what is hardly a page."""

from __future__ import annotations

import numpy as np
import pytest

from sigsearch.documents.boxes import Box
from sigsearch.documents.detection import WEIGHTS, Detector, shipped_detector
from sigsearch.errors import EncoderError
from sigsearch.models.folder import CARD_NAME, ModelFolder
from sigsearch.synthesis.documents import Document, compose

SEED = 4_000_000


def shared(box: Box, mark) -> float:
    wide = min(box.x + box.width, mark.x + mark.width) - max(box.x, mark.x)
    high = min(box.y + box.height, mark.y + mark.height) - max(box.y, mark.y)
    inner = max(wide, 0) * max(high, 0)
    return inner / (box.width * box.height + mark.width * mark.height - inner)


def hits(document: Document, found: tuple[Box, ...]) -> tuple[int, int]:
    signed = [mark for mark in document.marks if mark.kind == "signature"]
    return sum(max((shared(b, m) for b in found), default=0) > 0.5 for m in signed), len(signed)


@pytest.mark.parametrize("kind", ["letter", "form", "cheque", "contract"])
def test_most_signatures_of_composed_pages_are_found(kind: str):
    documents = [compose(SEED + n, kind, signed=True, dpi=150) for n in range(4)]
    detector = shipped_detector()
    counts = [hits(document, detector.find(document.page)) for document in documents]
    assert sum(found for found, _ in counts) >= 0.7 * sum(there for _, there in counts)


def test_the_surest_is_first_and_boxes_are_on_the_page():
    document = compose(SEED + 50, "contract", signed=True)
    found = shipped_detector().find(document.page, least=0.05)
    height, width = document.page.shape
    assert [b.confidence for b in found] == sorted((b.confidence for b in found), reverse=True)
    for box in found:
        assert 0 <= box.x < box.x + box.width <= width
        assert 0 <= box.y < box.y + box.height <= height
        assert box.kind in ("signature", "initials", "stamp")


def test_the_resolution_of_the_scan_does_not_matter_much():
    detector = shipped_detector()
    for dpi in (100, 300):
        document = compose(SEED + 60, "letter", signed=True, reproduction="clean", dpi=dpi)
        assert hits(document, detector.find(document.page))[0] >= 1


@pytest.mark.parametrize("shape", [(2339, 1654), (1, 1), (2, 3000), (3000, 2), (40, 40)])
def test_nothing_is_found_on_empty_paper(shape: tuple[int, int]):
    for tone in (255, 130, 0):
        assert shipped_detector().find(np.full(shape, tone, np.uint8)) == ()


def test_a_page_is_grey():
    with pytest.raises(ValueError, match=r"shape \(height, width\)"):
        shipped_detector().find(np.zeros((10, 10, 3), np.uint8))


def test_the_weights_are_the_card_s_and_small():
    folder = ModelFolder.of(WEIGHTS)
    assert set(folder.files) == {"detector.onnx"}
    assert len(folder.read("detector.onnx")) < 3_000_000


def test_an_altered_file_is_refused(tmp_path):
    for name in ("detector.onnx", CARD_NAME):
        (tmp_path / name).write_bytes((WEIGHTS / name).read_bytes())
    with (tmp_path / "detector.onnx").open("ab") as file:
        file.write(b"\0")
    page = np.full((50, 50), 255, np.uint8)
    page[20:24, 5:45] = 0
    with pytest.raises(EncoderError, match="SHA-256"):
        Detector(tmp_path).find(page)


@pytest.mark.parametrize("card", [None, "[]", "{}"], ids=["none", "a list", "empty"])
def test_a_folder_without_a_card_is_named(tmp_path, card):
    if card is not None:
        (tmp_path / CARD_NAME).write_text(card)
    page = np.full((50, 50), 255, np.uint8)
    page[20:24, 5:45] = 0
    with pytest.raises(EncoderError, match=r"card\.json"):
        Detector(tmp_path).find(page)
