"""Files as people have them: unequal resolutions, turned, of many pages, damaged or hostile."""

from __future__ import annotations

import base64
import io
import os
import struct
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sigsearch import errors
from sigsearch.imaging import read_signature, sources
from sigsearch.imaging.load import load_page
from sigsearch.synthesis import Writer

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts" / "reliability"))
from damaged_images import damaged, outcome_of, valid_files

PAGE = np.pad(Writer.from_seed(5).specimen(0).page, 40, constant_values=255)
HEIGHT, WIDTH = PAGE.shape


def as_file(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def stretched(across: int, down: int) -> Image.Image:
    size = (WIDTH * across // 300, HEIGHT * down // 300)
    return Image.fromarray(PAGE).resize(size, Image.Resampling.LANCZOS)


@pytest.mark.parametrize("dpi", [(204, 98), (204, 391), (300, 150), (150, 300), (200, 100)])
@pytest.mark.parametrize("kind", ["TIFF", "PNG", "JPEG", "BMP"])
def test_pixels_are_made_square(kind: str, dpi: tuple[int, int]):
    found = load_page(as_file(stretched(*dpi), kind, dpi=dpi)).grey
    assert found.shape[1] / found.shape[0] == pytest.approx(WIDTH / HEIGHT, rel=0.02)


@pytest.mark.parametrize("dpi", [(300, 300), (72, 72), (1, 300), (0, 0), (300, 299)])
def test_pixels_that_are_square_or_nonsense_stay(dpi: tuple[int, int]):
    assert load_page(as_file(Image.fromarray(PAGE), "PNG", dpi=dpi)).grey.shape == PAGE.shape


def test_jfif_may_give_a_ratio_alone():
    data = bytearray(as_file(stretched(300, 150), "JPEG", quality=95))
    at = data.index(b"JFIF\0") + 7
    data[at : at + 5] = struct.pack(">BHH", 0, 2, 1)
    found = load_page(bytes(data)).grey
    assert found.shape[1] / found.shape[0] == pytest.approx(WIDTH / HEIGHT, rel=0.02)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_turned_as_its_tag_says(kind: str, orientation: int):
    exif = Image.Exif()
    exif[274] = orientation
    undone = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    picture = Image.fromarray(PAGE)
    stored = picture.transpose(undone[orientation]) if orientation > 1 else picture
    found = load_page(as_file(stored, kind, exif=exif)).grey
    assert found.shape == PAGE.shape
    assert np.abs(found.astype(int) - PAGE).mean() < 3


def test_exif_of_an_odd_type_does_not_matter():
    entries = struct.pack("<HHL", 0x0112, 3, 1) + struct.pack("<HH", 1, 0)
    entries += struct.pack("<HHL", 0x0102, 11, 1) + struct.pack("<L", 38)
    exif = b"Exif\0\0II*\0" + struct.pack("<LH", 8, 2) + entries + bytes(4)
    exif += struct.pack("<f", 8.0)
    data = as_file(Image.fromarray(PAGE), "JPEG", quality=95, exif=exif)
    assert load_page(data).grey.shape == PAGE.shape


def test_sources_of_every_kind():
    data = as_file(Image.fromarray(PAGE))
    url = "data:image/png;base64," + base64.b64encode(data).decode()
    plain = read_signature(data)
    for source in (bytearray(data), memoryview(data), url, PAGE[None], PAGE[..., None]):
        np.testing.assert_array_equal(read_signature(source).ink, plain.ink)
    rgb = np.stack([PAGE] * 3)
    for source in (rgb, np.moveaxis(rgb, 0, 2), rgb[None][0] / 255):
        np.testing.assert_array_equal(read_signature(source).ink, plain.ink)


@pytest.mark.parametrize("url", ["data:image/png;base64", "data:;base64,@@@", "data:,hello"])
def test_a_bad_data_url(url: str):
    with pytest.raises(errors.NotAnImage, match="data URL"):
        read_signature(url)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_pipes_and_devices_are_refused(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path / "pipe.png", Path("/dev/zero")):
        with pytest.raises(errors.NotAnImage, match="pipe or a device"):
            read_signature(path)


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_BYTES", 1000)
    path = tmp_path / "large.png"
    path.write_bytes(bytes(1001))
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("was read"))
    with pytest.raises(errors.ImageTooLarge, match=r"large\.png"):
        read_signature(path)
    with pytest.raises(errors.ImageTooLarge):
        read_signature(io.BytesIO(bytes(1001)))


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "PostScript"),
        (b"%PDF-1.7\n", "PDF"),
        (b"8BPS\0\1", "Photoshop"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"SIMPLE  =                    T", "not an image"),
    ],
)
def test_other_formats_are_named(start: bytes, words: str):
    with pytest.raises(errors.NotAnImage, match=words):
        read_signature(start + bytes(200), "form")


def test_a_file_whose_name_looks_like_a_page(tmp_path: Path):
    path = tmp_path / "scan.png#page=2"
    path.write_bytes(as_file(Image.fromarray(PAGE)))
    assert load_page(path).grey.shape == PAGE.shape


def test_pages_are_counted_and_named(tmp_path: Path):
    path = tmp_path / "three.tif"
    pages = [Image.fromarray(PAGE) for _ in range(3)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    first, second = read_signature(path), read_signature(f"{path}#page=2")
    assert (first.page, first.pages, second.page) == (1, 3, 2)
    assert "several_pages" in first.warnings
    assert first.content_hash != second.content_hash


def tiff_of(pages: int, circle: bool = False) -> bytes:
    fields = [(256, 64), (257, 64), (258, 8), (259, 1), (262, 1), (273, 4), (278, 64), (279, 4096)]
    out = bytearray(b"II*\0" + struct.pack("<L", 8))
    for number in range(pages):
        out += struct.pack("<H", len(fields))
        for tag, value in fields:
            out += struct.pack("<HHLL", tag, 4 if value > 255 else 3, 1, value)
        last = number == pages - 1
        out += struct.pack("<L", 8 if last and circle else 0 if last else len(out) + 4)
    return bytes(out)


@pytest.mark.parametrize(("pages", "circle"), [(50_000, False), (3, True)])
def test_too_many_pages(pages: int, circle: bool):
    with pytest.raises(errors.ImageTooLarge, match="pages"):
        read_signature(tiff_of(pages, circle), "book.tif")


@pytest.mark.parametrize("name", ["checkerboard", "stripes", "halftone"])
def test_patterns_take_bounded_memory(name: str):
    y, x = np.mgrid[0:1500, 0:1500]
    pattern = {
        "checkerboard": (x + y) % 2 == 0,
        "stripes": y % 3 != 0,
        "halftone": np.cos(x * 1.05) + np.cos(y * 1.05) < 0.4 * np.sin(x / 200),
    }[name]
    data = as_file(Image.fromarray(pattern))
    tracemalloc.start()
    try:
        assert not outcome_of(data, name).startswith("!")
        assert tracemalloc.get_traced_memory()[1] < 120e6
    finally:
        tracemalloc.stop()


def test_valid_files_of_all_formats_are_read():
    for kind, data in valid_files():
        assert outcome_of(data, kind) == "read", kind


@pytest.mark.filterwarnings("ignore")  # Pillow's, about what is damaged
def test_damaged_files_give_named_errors():
    wrong = [
        (name, outcome)
        for name, data in damaged(400, seed=7)
        if (outcome := outcome_of(data, name)).startswith("!")
    ]
    assert not wrong
