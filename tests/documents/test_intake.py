"""Documents to signatures: which are found, how they are named and chosen, what is said where there
is none. Where the boxes lie is given here; that they are found is tested with the detector."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from drawn_pages import photographed, printed, put
from made_pdfs import annotated_pdf, black, pictures_pdf, signature_field
from PIL import Image

from sigsearch.documents import finding
from sigsearch.documents.boxes import Box
from sigsearch.documents.findings import looked_through
from sigsearch.documents.intake import (
    chosen_from,
    each_to_enrol,
    signature_from,
    signature_to_enrol,
    signatures_in,
)
from sigsearch.errors import (
    AddressUnclear,
    ImageError,
    NoSignature,
    NoSuchPage,
    SeveralSignatures,
)
from sigsearch.imaging import read_signature
from sigsearch.synthesis import Writer

PAGE = printed(lines=20)
INKS = [Writer.from_seed(seed, "latin").specimen(0).page for seed in (11, 12)]
SIGNED = put(put(PAGE, INKS[0], 150, 1100), INKS[1], 150, 1400)


def box_of(ink: np.ndarray, x: int, y: int, confidence: float = 0.9, kind: str = "signature"):
    return Box(x, y, ink.shape[1], ink.shape[0], confidence, kind)


FIRST, SECOND = box_of(INKS[0], 150, 1100, 0.8), box_of(INKS[1], 150, 1400, 0.9)
STAMP = Box(800, 200, 150, 150, 0.95, "stamp")


@pytest.fixture
def finds(monkeypatch: pytest.MonkeyPatch):
    """Has the detector find these boxes, on each page in turn; on the last for ever."""

    def give(*pages: tuple[Box, ...]) -> None:
        left = list(pages)

        class Given:
            threshold = 0.5

            def find(self, page: np.ndarray, least: float | None = None) -> tuple[Box, ...]:
                return left.pop(0) if len(left) > 1 else left[0]

        monkeypatch.setattr(finding, "shipped_detector", Given)

    return give


def file_of(tmp_path: Path, page: np.ndarray = SIGNED, name: str = "page.png") -> Path:
    path = tmp_path / name
    Image.fromarray(page).save(path)
    return path


def agreement(ink: np.ndarray, other: np.ndarray) -> float:
    """How much of two inks lies in both, cropped to their boxes."""
    height, width = (max(a, b) for a, b in zip(ink.shape, other.shape, strict=True))
    both = [np.pad(one, ((0, height - one.shape[0]), (0, width - one.shape[1]))) for one in
            (ink, other)]  # fmt: skip
    return float((both[0] & both[1]).sum() / (both[0] | both[1]).sum())


def test_a_crop_gives_exactly_what_it_gave(tmp_path: Path):
    path = file_of(tmp_path, INKS[0], "crop.png")
    (found,), crop = signatures_in(path), read_signature(path)
    assert np.array_equal(found.ink, crop.ink)
    assert (found.content_hash, found.name, found.region) == (crop.content_hash, crop.name, None)


def test_each_signature_is_cut_out_and_named(tmp_path: Path, finds):
    finds((SECOND, STAMP, FIRST))
    path = file_of(tmp_path)
    found = signatures_in(path)
    assert [one.name for one in found] == [f"{path}#signature=1", f"{path}#signature=2"]
    assert [one.region[1] for one in found] == [1100, 1400]
    assert len({one.content_hash for one in found}) == 2
    for one, ink in zip(found, INKS, strict=True):
        assert agreement(one.ink, read_signature(ink).ink) > 0.98
    for one in found:
        assert np.array_equal(signature_from(one.name).ink, one.ink)


def test_the_surest_is_compared_and_warns_of_the_others(tmp_path: Path, finds):
    finds((FIRST, SECOND))
    found = signature_from(file_of(tmp_path))
    assert found.confidence == 0.9
    assert "several_signatures" in found.warnings
    assert "several_signatures" not in chosen_from(file_of(tmp_path), 2).warnings


def test_only_one_signature_is_enrolled_unless_one_is_chosen(tmp_path: Path, finds):
    finds((FIRST, SECOND))
    path = file_of(tmp_path)
    with pytest.raises(SeveralSignatures, match=r"2 signatures.*#signature=1"):
        signature_to_enrol(path)
    assert signature_to_enrol(f"{path}#signature=2").region[1] == 1400
    faults = list(each_to_enrol([path, f"{path}#signature=1"]))
    assert isinstance(faults[0], SeveralSignatures)
    assert faults[1].region[1] == 1100
    finds((FIRST,))
    assert signature_to_enrol(path).name == str(path)


def test_what_is_doubtful_is_said_to_be_and_not_enrolled(tmp_path: Path, finds):
    finds((box_of(INKS[0], 150, 1100, 0.3),))
    path = file_of(tmp_path)
    assert "doubtful_box" in signature_from(path).warnings
    with pytest.raises(NoSignature, match="may not be a signature"):
        signature_to_enrol(path)
    assert signature_to_enrol(f"{path}#signature=1").region[1] == 1100
    finds((box_of(INKS[0], 150, 1100, 0.3), SECOND))
    assert [one.region[1] for one in signatures_in(path)] == [1400]


def test_what_may_be_another_signature_is_said_and_nothing_enrolled(tmp_path: Path, finds):
    path = file_of(tmp_path)
    finds((SECOND, box_of(INKS[0], 150, 1100, 0.45)))
    assert signature_from(path).warnings == ("perhaps_several",)
    with pytest.raises(SeveralSignatures, match="may be a signature too"):
        signature_to_enrol(path)
    assert signature_to_enrol(f"{path}#signature=1").region[1] == 1400


def test_a_page_without_a_signature_gives_none(tmp_path: Path, finds):
    finds((STAMP,))
    with pytest.raises(NoSignature, match=r"page\.png: no signature was found \(the page looked"):
        signatures_in(file_of(tmp_path, PAGE))
    data = pictures_pdf([PAGE, PAGE])
    with pytest.raises(NoSignature, match=r"2 pages looked at.*#page=1&box="):
        signatures_in(data, "two.pdf")
    path = tmp_path / "two.pdf"
    path.write_bytes(data)
    with pytest.raises(NoSignature, match="say where: #page=2&box="):
        signatures_in(f"{path}#page=2")
    digital = annotated_pdf([signature_field(5)], [black()], fields=b"4 0 R")
    with pytest.raises(NoSignature, match="1 digital signature"):
        signatures_in(digital, "digital.pdf")


def test_a_box_without_ink_is_no_signature(tmp_path: Path, finds):
    finds((Box(700, 1600, 300, 100, 0.9),))
    path = file_of(tmp_path, PAGE)
    with pytest.raises(NoSignature, match=r"cannot be read.*say where: #box=") as refused:
        signatures_in(path)
    assert str(refused.value).count(str(path)) == 1


@pytest.mark.parametrize("number", [0, -1])
def test_signatures_are_counted_from_one(tmp_path: Path, finds, number: int):
    finds((FIRST, SECOND))
    with pytest.raises(AddressUnclear, match=r"page\.png: .*counted from 1"):
        signatures_in(file_of(tmp_path), signature=number)


def test_a_choice_that_contradicts_itself_is_refused(tmp_path: Path, finds):
    finds((FIRST, SECOND))
    path = file_of(tmp_path)
    with pytest.raises(AddressUnclear, match="a box and for a signature"):
        chosen_from(f"{path}#box=150,1100,300,100", 2)
    with pytest.raises(AddressUnclear, match="signature 1 and for 2"):
        chosen_from(f"{path}#signature=1", 2)
    with pytest.raises(AddressUnclear, match="page more than once"):
        signatures_in(f"{path}#page=1#page=1")
    with pytest.raises(AddressUnclear, match="counted from 1"):
        signatures_in(f"{path}#page=0")


@pytest.mark.parametrize("kind", ["pdf", "tif", "svg"])
def test_a_page_that_is_not_there_is_named(tmp_path: Path, finds, kind: str):
    finds(())
    path = tmp_path / f"a.{kind}"
    if kind == "pdf":
        path.write_bytes(pictures_pdf([PAGE]))
    elif kind == "svg":
        path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100"/>')
    else:
        Image.fromarray(PAGE).save(path)
    with pytest.raises(NoSuchPage, match=r"has 1 page\(s\); there is no page 2"):
        signatures_in(f"{path}#page=2")


def test_what_cannot_be_read_keeps_its_number_and_counts(tmp_path: Path, finds):
    empty, bare = Box(700, 1020, 200, 40, 0.95), Box(700, 1650, 200, 60, 0.95)
    path = file_of(tmp_path)
    finds((empty, SECOND))
    (found,) = signatures_in(path)
    assert found.name == f"{path}#signature=2"
    assert "perhaps_several" in found.warnings
    with pytest.raises(SeveralSignatures, match=r"ask for .*#signature=2"):
        signature_to_enrol(path)
    assert signature_to_enrol(f"{path}#signature=2").region == found.region
    with pytest.raises(ImageError):
        signatures_in(f"{path}#signature=1")
    finds((empty, bare))
    with pytest.raises(NoSignature, match="cannot be read"):
        signatures_in(path)


def test_the_doubtful_one_that_is_chosen_is_not_doubted(tmp_path: Path, finds):
    finds((box_of(INKS[0], 150, 1100, 0.3),))
    path = file_of(tmp_path)
    assert "doubtful_box" in signatures_in(path)[0].warnings
    assert "doubtful_box" not in signatures_in(f"{path}#signature=1")[0].warnings


def test_find_says_what_a_question_says_of_a_page_that_passes_for_a_crop(
    tmp_path: Path, finds, monkeypatch: pytest.MonkeyPatch
):
    finds((FIRST, SECOND))
    path = file_of(tmp_path)
    monkeypatch.setattr(
        finding, "leaf_of", lambda page, printed=False, search=True: finding.Leaf(page, "crop")
    )
    with looked_through(path) as (_, pages):
        ((_, page),) = pages
    assert page.seen == "page"
    assert [one.address for one in page.found] == [one.name for one in signatures_in(path)]


def test_pages_are_numbered_and_chosen(tmp_path: Path, finds):
    path = tmp_path / "three.pdf"
    path.write_bytes(pictures_pdf([PAGE, SIGNED, SIGNED], dpi=150))
    boxes = [Box(*(round(side * 4 / 3) for side in (b.x, b.y, b.width, b.height)), b.confidence)
             for b in (FIRST, SECOND)]  # fmt: skip
    finds((), tuple(boxes), (boxes[0],))
    found = signatures_in(path)
    ends = ["#page=2&signature=1", "#page=2&signature=2", "#page=3&signature=1"]
    assert [one.name for one in found] == [f"{path}{end}" for end in ends]
    assert [one.page for one in found] == [2, 2, 3]
    finds((), tuple(boxes), (boxes[0],))
    assert signatures_in(path, signature=3)[0].page == 3
    finds((boxes[0],))
    assert signatures_in(f"{path}#page=3")[0].name == f"{path}#page=3"
    with pytest.raises(NoSignature, match="no signature 4"):
        signatures_in(f"{path}#page=3", signature=4)


def test_a_given_box_needs_no_detector(tmp_path: Path, finds):
    finds(())
    path = file_of(tmp_path)
    height, width = INKS[1].shape
    (found,) = signatures_in(f"{path}#box=150,1400,{width},{height}")
    assert agreement(found.ink, read_signature(INKS[1]).ink) > 0.98
    with pytest.raises(NoSignature, match="outside"):
        signatures_in(f"{path}#box=5000,10,40,40")


def test_what_stands_beside_the_box_is_left_out_and_strokes_that_leave_it_are_kept(
    tmp_path: Path, finds
):
    height, width = INKS[0].shape
    tight = Box(150 + 8, 1100 + 8, width - 16, height - 16, 0.9)
    beside = put(SIGNED, printed(400, 300, 4)[20:60], 150, 1100 + height + 4)
    finds((tight,))
    (found,) = signatures_in(file_of(tmp_path, beside))
    assert agreement(found.ink, read_signature(INKS[0]).ink) > 0.95


@pytest.mark.parametrize("inside", [4, 8, 16, 24])
def test_print_that_a_box_cuts_through_is_left_out(tmp_path: Path, inside: int):
    height, width = INKS[0].shape
    name = printed(2000, 2800, 1)[200:240, 190 : 190 + width]  # 34 high
    name = name[np.flatnonzero((name < 128).any(1))[0] :]
    page = put(put(PAGE, INKS[0], 150, 1100), name, 150, 1100 + height - 2)
    box = f"150,1100,{width},{height - 2 + inside}"
    (found,) = signatures_in(f"{file_of(tmp_path, page)}#box={box}")
    assert agreement(found.ink, read_signature(INKS[0]).ink) > 0.985
    assert found.bare is not None, "what was taken for print may be looked at again"
    assert found.bare.sum() > found.ink.sum()


def test_a_box_that_cuts_through_a_stroke_says_so(tmp_path: Path):
    along = np.arange(700)
    wave = np.zeros((200, 700), np.bool_)
    for thick in range(-4, 5):
        wave[(100 + 70 * np.sin(along / 25)).astype(int) + thick, along] = True
    path = file_of(tmp_path, put(PAGE, np.where(wave, 20, 255).astype(np.uint8), 150, 1100))
    (whole,) = signatures_in(f"{path}#box=150,1100,700,200")
    assert "cut_through" not in whole.warnings
    (part,) = signatures_in(f"{path}#box=600,1100,200,200")
    assert "cut_through" in part.warnings


def test_a_photographed_crop_is_flattened_and_says_so(tmp_path: Path):
    sheet = np.full((900, 1300), 255, np.uint8)
    corners = [(200, 150), (1400, 180), (1380, 1000), (230, 960)]
    path = file_of(tmp_path, photographed(put(sheet, INKS[0], 300, 400), corners), "photo.png")
    (found,) = signatures_in(path)
    assert "surroundings" in found.warnings
    assert found.region is None


def test_a_page_that_lies_upside_down_is_righted(tmp_path: Path, finds):
    finds((FIRST,))
    (found,) = signatures_in(file_of(tmp_path, np.rot90(SIGNED, 2)))
    assert agreement(found.ink, read_signature(INKS[0]).ink) > 0.98


def test_what_cannot_be_read_keeps_its_name(tmp_path: Path):
    for source in (tmp_path / "none.pdf", b"%PDF-1.7 rubbish", tmp_path):
        with pytest.raises(ImageError):
            signatures_in(source, None)
