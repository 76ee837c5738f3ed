from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from sigsearch.errors import ImageError
from sigsearch.imaging import read_signature
from sigsearch.imaging.fingerprint import (
    FINGERPRINT_BYTES,
    agreement,
    alignment,
    fingerprint,
    is_copy,
)
from sigsearch.synthesis import Writer

WRITERS = [Writer.from_seed(seed) for seed in (3, 7, 11, 21)]


def page(writer: Writer, number: int = 0) -> Image.Image:
    return Image.fromarray(np.pad(writer.specimen(number).page, 12, constant_values=255))


def print_of(image: Image.Image) -> bytes:
    return fingerprint(read_signature(image))


def recompressed(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=40)
    return Image.open(file)


def scaled(image: Image.Image, by: float) -> Image.Image:
    size = (round(image.width * by), round(image.height * by))
    return image.resize(size, Image.Resampling.BICUBIC)


def turned(image: Image.Image, degrees: float) -> Image.Image:
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def shifted(image: Image.Image) -> Image.Image:
    wider = Image.new("L", (image.width + 90, image.height + 40), 255)
    wider.paste(image, (61, 13))
    return wider


COPIES = {
    "the same": lambda image: image,
    "shifted": shifted,
    "smaller": lambda image: scaled(image, 0.8),
    "larger": lambda image: scaled(image, 1.25),
    "recompressed": recompressed,
    "turned left": lambda image: turned(image, 3),
    "turned right": lambda image: turned(image, -3),
    "all at once": lambda image: recompressed(shifted(scaled(turned(image, -3), 0.8))),
}


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("writer", WRITERS, ids=lambda w: str(w.seed))
def test_copies_are_found(writer, copy):
    original = page(writer)
    assert is_copy(print_of(original), print_of(COPIES[copy](original)))


@pytest.mark.parametrize("writer", WRITERS, ids=lambda w: str(w.seed))
def test_a_signature_written_anew_is_no_copy(writer):
    prints = [print_of(page(writer, number)) for number in range(4)]
    assert max(agreement(a, b) for i, a in enumerate(prints) for b in prints[:i]) < 0.93


def test_half_a_signature_is_no_copy_of_the_whole():
    original = page(WRITERS[0])
    half = original.crop((0, 0, original.width * 3 // 5, original.height))
    assert not is_copy(print_of(original), print_of(half))
    assert not is_copy(print_of(half), print_of(original))


def test_it_does_not_matter_which_is_the_reference():
    original = page(WRITERS[1])
    a, b = print_of(original), print_of(turned(original, 3))
    assert agreement(a, b) == pytest.approx(agreement(b, a), abs=0.02)


def test_a_fingerprint_is_small():
    assert len(print_of(page(WRITERS[0]))) == FINGERPRINT_BYTES <= 1024


@pytest.mark.parametrize("data", [b"", b"C1" + bytes(3), b"XX" + bytes(FINGERPRINT_BYTES - 2)])
def test_other_bytes_are_refused(data):
    with pytest.raises(ImageError, match="not the fingerprint"):
        is_copy(data, print_of(page(WRITERS[0])))


def test_alignment_lays_one_ink_on_the_other():
    original = page(WRITERS[0])
    a, b = read_signature(original), read_signature(turned(scaled(original, 1.25), 3))
    matrix, shift = alignment(fingerprint(a), fingerprint(b))
    # Both boxes are one high, whatever their pixels; (x, y), y downwards: left is negative.
    angle = np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))
    assert angle == pytest.approx(-3, abs=0.4)
    points = np.argwhere(a.ink)[::50, ::-1] / a.ink.shape[0]
    moved = ((points @ matrix.T + shift) * b.ink.shape[0]).round().astype(int)
    near = [b.ink[max(y - 3, 0) : y + 4, max(x - 3, 0) : x + 4].any() for x, y in moved]
    assert np.mean(near) > 0.97
