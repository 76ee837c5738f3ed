"""Read damaged files of all formats: each gives a signature or one of the project's own errors that
names the file, and none takes long.

    python scripts/reliability/damaged_images.py --files 20000
"""

from __future__ import annotations

import argparse
import io
import random
import statistics
import struct
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator

import numpy as np
from PIL import Image, features

from sigsearch.errors import ImageError
from sigsearch.imaging import read_signature
from sigsearch.synthesis import Writer

_SLOW = 2.0  # seconds of the processor: what else runs does not count
_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    warnings.simplefilter("ignore")  # of Pillow, about what is damaged
    outcomes, seconds, faults = Counter[str](), [], []
    for name, data in damaged(given.files, given.seed):
        start = time.process_time()
        outcome = outcome_of(data, name)
        seconds.append((time.process_time() - start, name))
        outcomes[outcome] += 1
        if outcome.startswith("!"):
            faults.append(f"{name}: {outcome}")
    times = [taken for taken, _ in seconds]
    print(f"Pillow {Image.__version__}, {given.files} files, seed {given.seed}")
    print(", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()))
    print(f"median {statistics.median(times) * 1000:.1f} ms, slowest:")
    for taken, name in sorted(seconds, reverse=True)[:5]:
        print(f"  {taken:6.2f} s  {name}")
    for fault in faults[:20]:
        print(fault)
    sys.exit(bool(faults) or max(times) > _SLOW)


def outcome_of(data: bytes, name: str) -> str:
    """`read`, the code of the error, or what went wrong, after an exclamation mark."""
    try:
        read_signature(data, name)
    except ImageError as fault:
        return fault.code if name in str(fault) else f"! does not name the file: {fault}"
    except Exception as fault:  # what is looked for
        return f"! {type(fault).__name__}: {fault}"
    return "read"


def damaged(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """`count` damaged files, all formats in turn, with a name that tells how each was made."""
    rng = random.Random(seed)
    whole = list(valid_files())
    for number in range(count):
        kind, data = whole[number % len(whole)]
        way = rng.choice(_WAYS)
        yield f"{kind}-{way.__name__}-{number}", way(data, rng)


def valid_files() -> Iterator[tuple[str, bytes]]:
    """A small signature in every format and mode that is read, where this Pillow can write it."""
    page = np.pad(Writer.from_seed(5).specimen(0).page, 20, constant_values=255)
    grey = Image.fromarray(page)
    grey.thumbnail((160, 120))
    for kind, (mode, name, options) in _FORMATS.items():
        held = io.BytesIO()
        try:
            _in_mode(grey, mode).save(held, name, **options)
        except (OSError, KeyError, ValueError):
            continue
        yield kind, held.getvalue()


def _in_mode(grey: Image.Image, mode: str) -> Image.Image:
    if mode == "I;16":
        return Image.fromarray(np.asarray(grey).astype(np.uint16) * 16)
    if mode == "F":
        return Image.fromarray(np.asarray(grey).astype(np.float32) / 255)
    if mode == "LAB":
        bands = [grey, *(Image.new("L", grey.size, 128) for _ in range(2))]
        return Image.merge("LAB", bands)
    return grey.convert(mode)


_EXIF = (
    b"Exif\0\0II*\0\x08\0\0\0\x02\0"
    + struct.pack("<HHLL", 0x0112, 3, 1, 6)
    + struct.pack("<HHLL", 0x011A, 5, 1, 38)
    + b"\0\0\0\0"
    + struct.pack("<LL", 300, 1)
)
_FORMATS: dict[str, tuple[str, str, dict[str, object]]] = {
    "png": ("L", "PNG", {"dpi": (300, 150)}),
    "png-1": ("1", "PNG", {}),
    "png-p": ("P", "PNG", {}),
    "png-rgb": ("RGB", "PNG", {}),
    "png-rgba": ("RGBA", "PNG", {}),
    "png-16": ("I;16", "PNG", {}),
    "jpeg": ("L", "JPEG", {"exif": _EXIF}),
    "jpeg-rgb": ("RGB", "JPEG", {"progressive": True, "dpi": (200, 100)}),
    "jpeg-cmyk": ("CMYK", "JPEG", {}),
    "tiff": ("L", "TIFF", {"dpi": (204, 98)}),
    "tiff-g3": ("1", "TIFF", {"compression": "group3"}),
    "tiff-g4": ("1", "TIFF", {"compression": "group4"}),
    "tiff-lzw": ("RGB", "TIFF", {"compression": "tiff_lzw"}),
    "tiff-zip": ("L", "TIFF", {"compression": "tiff_adobe_deflate"}),
    "tiff-jpeg": ("RGB", "TIFF", {"compression": "jpeg"}),
    "tiff-packbits": ("1", "TIFF", {"compression": "packbits"}),
    "tiff-16": ("I;16", "TIFF", {}),
    "tiff-float": ("F", "TIFF", {}),
    "tiff-lab": ("LAB", "TIFF", {}),
    "tiff-pages": ("L", "TIFF", {"save_all": True, "append_images": [Image.new("L", (9, 9))]}),
    "bmp": ("L", "BMP", {}),
    "bmp-1": ("1", "BMP", {}),
    "bmp-rgb": ("RGB", "BMP", {}),
    "gif": ("P", "GIF", {}),
    "webp": ("RGB", "WEBP", {"quality": 80}),
    "webp-lossless": ("RGBA", "WEBP", {"lossless": True}),
    "pbm": ("1", "PPM", {}),
    "pgm": ("L", "PPM", {}),
    "ppm": ("RGB", "PPM", {}),
    "jp2": ("L", "JPEG2000", {}),
    "jp2-rgb": ("RGB", "JPEG2000", {}),
    "j2k": ("L", "JPEG2000", {"no_jp2": True}),
    "pcx": ("L", "PCX", {}),
    "pcx-1": ("1", "PCX", {}),
} | ({"avif": ("RGB", "AVIF", {})} if "avif" in features.modules else {})


def flipped(data: bytes, rng: random.Random) -> bytes:
    held = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 40))):
        held[rng.randrange(len(held))] ^= 1 << rng.randrange(8)
    return bytes(held)


def flipped_at_the_start(data: bytes, rng: random.Random) -> bytes:
    held = bytearray(data)
    for _ in range(rng.choice((1, 2, 4))):
        held[rng.randrange(min(len(held), 120))] = rng.randrange(256)
    return bytes(held)


def cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(1, len(data))]


def zeroed(data: bytes, rng: random.Random) -> bytes:
    at, length = rng.randrange(len(data)), rng.randrange(1, 200)
    return data[:at] + b"\0" * min(length, len(data) - at) + data[at + length :]


def doubled(data: bytes, rng: random.Random) -> bytes:
    at, length = rng.randrange(len(data)), rng.randrange(1, 400)
    return data[:at] + data[at : at + length] + data[at:]


def left_out(data: bytes, rng: random.Random) -> bytes:
    at, length = rng.randrange(len(data)), rng.randrange(1, 60)
    return data[:at] + data[at + length :]


def extreme(data: bytes, rng: random.Random) -> bytes:
    """A number near the start, or anywhere, set to the largest or the smallest."""
    kind = rng.choice((">H", "<H", ">L", "<L"))
    size = struct.calcsize(kind)
    at = rng.randrange(min(len(data), rng.choice((64, 400, len(data)))))
    number = rng.choice(_EXTREMES) & (256**size - 1)
    return (data[:at] + struct.pack(kind, number) + data[at + size :])[: max(len(data), at + size)]


_WAYS = (flipped, flipped, flipped_at_the_start, cut, zeroed, doubled, left_out, extreme, extreme)

if __name__ == "__main__":
    main()
