"""Every kind of source and every kind of image gives the same ink."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from sigsearch import errors
from sigsearch.imaging import decoding, read_signature
from sigsearch.imaging.load import load_page
from sigsearch.synthesis import Writer

PAGE = np.pad(Writer.from_seed(5).specimen(0).page, 40, constant_values=255)
INK = read_signature(PAGE).ink


def as_file(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def alike(ink: np.ndarray) -> float:
    """Overlap (intersection over union) with the ink of the plain page, both from the corner."""
    height, width = max(ink.shape[0], INK.shape[0]), max(ink.shape[1], INK.shape[1])
    both = [np.zeros((height, width), bool) for _ in range(2)]
    both[0][: ink.shape[0], : ink.shape[1]] = ink
    both[1][: INK.shape[0], : INK.shape[1]] = INK
    return float((both[0] & both[1]).sum() / (both[0] | both[1]).sum())


def grey() -> Image.Image:
    return Image.fromarray(PAGE)


def transparent() -> Image.Image:
    layer = Image.new("RGBA", (PAGE.shape[1], PAGE.shape[0]), (0, 0, 90, 0))
    layer.putalpha(ImageOps.invert(grey()))
    return layer


def sixteen_bit() -> Image.Image:
    return Image.fromarray(PAGE.astype(np.uint16) * 257)


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(lambda: as_file(grey()), id="grey"),
        pytest.param(lambda: as_file(grey().convert("1", dither=Image.Dither.NONE)), id="bilevel"),
        pytest.param(lambda: as_file(grey().convert("P")), id="palette"),
        pytest.param(lambda: as_file(grey().convert("RGB")), id="colour"),
        pytest.param(lambda: as_file(transparent()), id="alpha on white"),
        pytest.param(lambda: as_file(sixteen_bit()), id="16-bit"),
        pytest.param(lambda: as_file(grey().convert("CMYK"), "TIFF"), id="cmyk"),
        pytest.param(lambda: as_file(ImageOps.invert(grey())), id="white on black"),
        pytest.param(lambda: as_file(grey(), "JPEG", quality=85), id="jpeg"),
    ],
)
def test_every_mode_gives_the_same_ink(picture):
    assert alike(read_signature(picture()).ink) > 0.85


def test_exif_rotation_is_undone():
    turned = grey().transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # "rotate 90 degrees clockwise to view"
    data = as_file(turned.convert("RGB"), "JPEG", quality=95, exif=exif)
    assert alike(read_signature(data).ink) > 0.9


def test_sources_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    data = as_file(grey())
    path = tmp_path / "s.png"
    path.write_bytes(data)
    stdin = io.TextIOWrapper(io.BytesIO(data))
    monkeypatch.setattr("sys.stdin", stdin)
    sources = [path, str(path), data, io.BytesIO(data), "-"]
    found = [read_signature(source) for source in sources]
    assert {s.content_hash for s in found} == {found[0].content_hash}
    for other in [*found[1:], read_signature(grey()), read_signature(PAGE)]:
        np.testing.assert_array_equal(other.canvas, found[0].canvas)


def test_a_page_of_a_tiff_is_chosen(tmp_path: Path):
    path = tmp_path / "two.tif"
    blank = Image.new("L", (300, 200), 255)
    blank.save(path, save_all=True, append_images=[grey()])
    assert alike(read_signature(f"{path}#page=2").ink) == 1.0
    with pytest.raises(errors.ImageBlank):
        read_signature(path)
    with pytest.raises(errors.NoSuchPage, match="no page 3"):
        read_signature(f"{path}#page=3")


def test_refusals_name_the_file_and_the_reason(tmp_path: Path):
    whole = as_file(grey())
    cases = {
        "empty.png": (b"", errors.NotAnImage, "empty"),
        "text.png": (b"Dear Sir or Madam,\n" * 20, errors.NotAnImage, "not an image.* PDF"),
        "short.png": (whole[: len(whole) // 2], errors.ImageTruncated, "cut short"),
        "blank.png": (as_file(Image.new("L", (300, 100), 250)), errors.ImageBlank, "blank"),
    }
    for name, (data, kind, words) in cases.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(kind, match=f"{name}.*{words}"):
            read_signature(path)
    with pytest.raises(errors.NotAnImage, match="directory"):
        read_signature(tmp_path)
    with pytest.raises(errors.ImageMissing, match="no such file"):
        read_signature(tmp_path / "absent.png")


def test_ink_refusals():
    dot = np.full((300, 300), 255, np.uint8)
    dot[100:104, 100:104] = 0
    with pytest.raises((errors.InkTooSmall, errors.NoInk)):
        read_signature(dot)
    dark = np.full((300, 300), 255, np.uint8)
    dark[20:280, 60:240] = 20
    with pytest.raises(errors.AllInk):
        read_signature(dark)
    grain = np.random.default_rng(0).normal(200, 3, (300, 600)).clip(0, 255).astype(np.uint8)
    with pytest.raises((errors.ImageBlank, errors.NoInk)):
        read_signature(grain)


def test_too_many_pixels_are_refused_before_decoding(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(decoding, "MAX_PIXELS", 10_000)
    with pytest.raises(errors.ImageTooLarge, match="pixels"):
        load_page(as_file(grey()), "bomb.png")


@pytest.mark.parametrize(
    "array",
    [np.zeros((3, 4, 5, 6)), np.zeros((0, 5)), np.zeros((40, 40, 2)), np.array(["x"] * 9)],
)
def test_arrays_that_are_no_images(array):
    with pytest.raises(errors.NotAnImage):
        read_signature(array)
