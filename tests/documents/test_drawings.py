"""A drawing (SVG) shows what it holds, and nothing else of this machine."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from PIL import Image

from sigsearch.documents import svg
from sigsearch.documents.extra_formats import picture_of
from sigsearch.errors import ImageTooLarge, NotAnImage

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="300" height="100">'  # noqa: E501


def drawn(inner: str, head: str = HEAD) -> bytes:
    return f"{head}{inner}</svg>".encode()


def test_strokes_are_drawn():
    page = picture_of(drawn('<path d="M10 50 L290 50" stroke="black" stroke-width="9"/>'), "a.svg")
    assert page is not None
    assert (page.grey < 50).any()


@pytest.mark.parametrize("form", ["href", "xlink:href"])
@pytest.mark.parametrize("element", ["image", "feImage"])
def test_another_file_is_not_read(tmp_path: Path, form: str, element: str):
    secret = tmp_path / "secret.png"
    Image.new("L", (300, 100)).save(secret)
    inner = f'<{element} {form}="{secret}" title=">" width="300" height="100"/>'
    with pytest.raises(NotAnImage, match="refers to other files"):
        picture_of(drawn(inner), "a.svg")


def test_not_by_way_of_an_entity_either(tmp_path: Path):
    secret = tmp_path / "secret.png"
    Image.new("L", (300, 100)).save(secret)
    head = f'<!DOCTYPE svg [<!ENTITY it "{secret}">]>{HEAD}'
    try:
        page = picture_of(drawn('<image href="&it;" width="300" height="100"/>', head), "a.svg")
    except NotAnImage:
        page = None
    assert page is None  # refused, or taken for no drawing at all


def test_nor_by_a_drawing_in_the_drawing(tmp_path: Path):
    secret = tmp_path / "secret.png"
    Image.new("L", (300, 100)).save(secret)
    nested = base64.b64encode(drawn(f'<image href="{secret}" width="300" height="100"/>')).decode()
    inner = f'<image href="data:image/svg+xml;base64,{nested}" width="300" height="100"/>'
    page = picture_of(drawn(inner), "a.svg")
    assert page is not None
    assert page.grey.min() > 200


@pytest.mark.parametrize(
    "sides",
    [
        'width="100%" height="1e9" viewBox="0 0 1 1"',
        'width="10" height="1e6"',
        'data-x=">" width="1" height="90000"',
        'viewBox="0 0 1 1e6"',
    ],
)
def test_one_that_is_much_too_tall_is_refused(sides: str):
    with pytest.raises(ImageTooLarge, match=r"a\.svg: an SVG much taller"):
        picture_of(f'<svg xmlns="http://www.w3.org/2000/svg" {sides}></svg>'.encode(), "a.svg")


@pytest.mark.parametrize(
    "sides", ['width="1e30" height="1e30"', 'width="30em" height="1e1em"', 'viewBox="0 0 30 10"']
)
def test_the_size_that_it_says_it_has_is_not_used(sides: str):
    page = picture_of(f'<svg xmlns="http://www.w3.org/2000/svg" {sides}></svg>'.encode(), "a.svg")
    assert page is not None
    assert page.grey.shape[1] == svg.WIDTH


def test_one_that_needs_more_memory_than_there_is_ends_alone():
    pattern = '<pattern id="p" width="1e6" height="1e6" patternUnits="userSpaceOnUse"><path d="M0 0h1e6v1e6z"/></pattern>'  # noqa: E501
    inner = f'{pattern}<rect width="300" height="100" fill="url(#p)"/>'
    with pytest.raises(ImageTooLarge, match="too much memory"):
        picture_of(drawn(inner), "a.svg")


def test_one_that_cannot_be_drawn_says_why():
    with pytest.raises(NotAnImage, match=r"a\.svg: an SVG that cannot be drawn \(.*size"):
        picture_of(drawn("", HEAD.replace("300", "0")), "a.svg")


def test_one_that_takes_too_long_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(svg, "SECONDS", 0.001)
    with pytest.raises(ImageTooLarge, match=r"a\.svg: .*0\.001 seconds"):
        picture_of(drawn(""), "a.svg")
