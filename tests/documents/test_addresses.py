"""The end of a path says what of a document is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigsearch.documents.addresses import Address, fragment
from sigsearch.errors import AddressUnclear


@pytest.mark.parametrize(
    ("text", "page", "box", "signature"),
    [
        ("a.pdf", None, None, None),
        ("a.pdf#page=2", 2, None, None),
        ("a.pdf#box=1,2,30,40", None, (1, 2, 30, 40), None),
        ("a.pdf#page=3&box=1,2,30,40", 3, (1, 2, 30, 40), None),
        ("a.pdf#page=3#signature=2", 3, None, 2),
        ("a#1.pdf#signature=1", None, None, 1),
    ],
)
def test_parts_are_read(text: str, page, box, signature):
    found = Address.of(text)
    assert (found.page, found.box, found.signature) == (page, box, signature)
    assert found.source == text[: len(text) - len(found.fragment)]


@pytest.mark.parametrize("text", ["a.pdf#page=0", "a.pdf#box=1,2,3", "a.pdf#page=1,2", "a#b=1"])
def test_what_is_no_part_belongs_to_the_name(text: str):
    assert Address.of(text) == Address(text)


def test_a_file_may_be_called_that(tmp_path: Path):
    path = tmp_path / "scan.png#page=2"
    path.write_bytes(b"")
    assert Address.of(path) == Address(path)


def test_what_is_no_path_is_left_alone():
    assert Address.of("-") == Address("-")
    assert Address.of("data:image/png;base64,AA#page=2").page is None
    assert Address.of(b"a#page=2").page is None


def test_a_fragment_is_read_back():
    end = fragment(2, (1, 2, 3, 4), 5)
    assert Address.of("a.pdf" + end).fragment == end == "#page=2&box=1,2,3,4&signature=5"


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ("#page=0", "page=0: pages and signatures are counted from 1"),
        ("#signature=0", "signature=0: pages and signatures are counted from 1"),
        ("#page=2&signature=-1", "signature=-1: pages and signatures are counted from 1"),
        ("#page=two", "page=two: pages and signatures are counted from 1"),
        ("#box=1,2,3", "box=1,2,3: a box is x,y,width,height"),
        ("#box=9,9,0,0", "box=9,9,0,0: a box needs a width and a height"),
        ("#box=9,9,5,0", "a box needs a width and a height"),
        ("#page=3#page=4", "asks for page more than once"),
        ("#signature=2&signature=1", "asks for signature more than once"),
        ("#box=1,2,3,4&signature=1", "asks for a box and for a signature"),
    ],
)
def test_what_no_document_can_have_is_said(tmp_path: Path, end: str, why: str):
    path = tmp_path / "a.png"
    path.write_bytes(b"")
    with pytest.raises(AddressUnclear) as refused:
        Address.of(f"{path}{end}").refuse_unclear()
    assert str(refused.value).startswith(f"{path}: ")
    assert why in str(refused.value)
    Path(f"{path}{end}").write_bytes(b"")  # a file may be called that
    Address.of(f"{path}{end}").refuse_unclear()


def test_two_different_signatures_cannot_be_asked_for():
    assert Address.of("a.pdf#signature=2").asking(2).signature == 2
    with pytest.raises(AddressUnclear, match=r"a\.pdf: asks for signature 2 and for 1"):
        Address.of("a.pdf#signature=2").asking(1)
