"""The end of a path says what of a document is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigsearch.documents.addresses import Address, fragment


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
