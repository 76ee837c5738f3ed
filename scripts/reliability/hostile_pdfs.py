"""Ask about hostile and damaged PDFs: each gives signatures or one of the project's own errors that
names the file, in bounded time and memory, and no process dies of it.

    python scripts/reliability/hostile_pdfs.py --files 2000

The files are read in a child process, a new one for each that died or took too long.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

from PIL import Image

from sigsearch.documents.intake import signatures_in
from sigsearch.errors import ImageError
from sigsearch.synthesis.documents import compose

_SLOW = 60.0  # seconds for one file
_MOST = 1_200  # MB that reading them may come to


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    outcomes, faults, slowest, largest = Counter[str](), [], (0.0, ""), 0
    reader = Reader()
    for name, data in [*hostile(), *mutated(given.files, given.seed)]:
        start = time.monotonic()
        outcome, megabytes = reader.read(name, data)
        slowest = max(slowest, (time.monotonic() - start, name))
        largest = max(largest, megabytes)
        outcomes[outcome.split(":")[0]] += 1
        if outcome.startswith("!") or not name[0].islower():
            print(f"{name}: {outcome}")
        faults += [name] if outcome.startswith("!") else []
    print(", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()))
    print(f"slowest {slowest[0]:.1f} s ({slowest[1]}), largest process {largest} MB")
    sys.exit(bool(faults) or largest > _MOST)


class Reader:
    """A child process that reads what it is sent."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._child = context.Process(target=serve, args=(there,), daemon=True)
        self._child.start()
        there.close()

    def read(self, name: str, data: bytes) -> tuple[str, int]:
        try:
            self._here.send((name, data))
            if self._here.poll(_SLOW):
                outcome, megabytes = self._here.recv()
                return str(outcome), int(megabytes)
            fault = f"! took more than {_SLOW:g} s"
        except (EOFError, OSError):
            fault = "! the process died"
        self._child.kill()
        self._child.join()
        self._start()
        return fault, 0


def serve(pipe: Connection) -> None:
    while True:
        name, data = pipe.recv()
        pipe.send(
            (outcome_of(data, name), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
        )


def outcome_of(data: bytes, name: str) -> str:
    """`read`, the code of the error, or what went wrong, after an exclamation mark."""
    try:
        signatures_in(data, name)
    except ImageError as fault:
        return fault.code if name in str(fault) else f"! does not name the file: {fault}"
    except Exception as fault:  # what is looked for
        return f"! {type(fault).__name__}: {fault}"
    return "read"


def hostile() -> Iterator[tuple[str, bytes]]:
    """Files made to do harm."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %s] %s >>"
    boxes = {"Huge-box": b"14400 14400", "Endless-box": b"1e30 1e30", "Thin-box": b"1 1e9"}
    for name, box in {**boxes, "No-box": b"0 0", "Turned-box": b"-9 -9"}.items():
        yield name, pdf([b"<< /Count 1 /Kids [3 0 R] >>", page % (box, b"")])
    kids = b" ".join([b"3 0 R"] * 100_000)
    yield "Pages-100000", pdf([b"<< /Count 100000 /Kids [%s] >>" % kids, page % (b"9 9", b"")])
    yield "Pages-stated", pdf([b"<< /Count 2000000000 /Kids [3 0 R] >>", page % (b"9 9", b"")])
    yield "Pages-in-pages", pdf([b"<< /Count 9 /Kids [2 0 R] >>"])
    script = b"/OpenAction << /S /JavaScript /JS (while(1){app.alert(1)}) >>"
    yield "Script", pdf([b"<< /Count 1 /Kids [3 0 R] >>", page % (b"99 99", b"")], script)
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 4 0 R >> >>"
    around = b"/Resources << /XObject << /F 4 0 R >> >> /Contents 4 0 R"
    for name, content in (("Form-in-itself", b"/F Do"), ("Form-many-times", b"/F Do " * 9999)):
        body = [b"<< /Count 1 /Kids [3 0 R] >>", page % (b"99 99", around), stream(content, form)]
        yield name, pdf(body)
    lines = b"".join(b"%d %d l " % (n % 97, n % 91) for n in range(900_000))
    dashes = b"[0.0001] 0 d 0 0 m 99 99 l S " * 999
    contents = {"Lines": b"0 0 m " + lines + b"S", "States": b"q " * 900_000, "Dashes": dashes}
    for name, content in contents.items():
        body = [b"<< /Count 1 /Kids [3 0 R] >>", page % (b"99 99", b"/Contents 4 0 R")]
        yield name, pdf([*body, stream(content)])
    picture = (
        b"/Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceGray /BitsPerComponent 8"
    )
    drawn = b"/Resources << /XObject << /I 5 0 R >> >> /Contents 4 0 R"
    body = [
        b"<< /Count 1 /Kids [3 0 R] >>",
        page % (b"99 99", drawn),
        stream(b"99 0 0 99 0 0 cm /I Do"),
    ]
    yield "Picture-huge", pdf([*body, stream(b"\0" * 99, picture)])
    yield "Nothing", b""
    yield "Head-only", b"%PDF-1.7\n"
    deep = b"[" * 100_000 + b"]" * 100_000
    yield "Arrays-deep", pdf([b"<< /Count 1 /Kids [3 0 R] >>", page % (b"9 9", b"/X " + deep)])


def pdf(objects: list[bytes], more: bytes = b"") -> bytes:
    """The catalogue, then `objects` from number 2 on."""
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate([b"<< /Type /Catalog /Pages 2 0 R %s >>" % more, *objects], 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows = b"".join(b"%010d 00000 n \n" % at for at in offsets)
    count = len(offsets) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, rows)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        count,
        out.rindex(b"xref\n0"),
    )


def stream(data: bytes, about: bytes = b"") -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (about, len(data), data)


def mutated(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """A small signed page as a PDF, damaged in `count` ways."""
    rng, whole = random.Random(seed), list(_whole())
    for number in range(count):
        way = rng.choice(_WAYS)
        yield f"{way.__name__}-{number}", way(rng.choice(whole), rng)


def _whole() -> Iterator[bytes]:
    for kind in ("cheque", "card", "strip"):
        page = Image.fromarray(compose(5, kind).page)
        page.thumbnail((600, 600))
        for mode, count in (("L", 1), ("1", 3), ("RGB", 1)):
            held, pages = io.BytesIO(), [page.convert(mode)] * count
            pages[0].save(held, "PDF", save_all=True, append_images=pages[1:])
            yield held.getvalue()
    content = b"BT /F 9 Tf 9 9 Td (Signed) Tj ET 0 0 m 50 90 99 20 90 9 c S"
    page_of = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R >>"
    yield pdf([b"<< /Count 1 /Kids [3 0 R] >>", page_of, stream(content)])


def flipped(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 5, 50))):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def dropped(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.randrange(1, 200) :]


def repeated(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    return (
        data[:start]
        + data[start : start + rng.randrange(1, 300)] * rng.randrange(2, 9)
        + data[start:]
    )


def renumbered(data: bytes, rng: random.Random) -> bytes:
    """A number becomes another: an object refers to a wrong one, or a length is false."""
    digits = [at for at, byte in enumerate(data) if chr(byte).isdigit()]
    out = bytearray(data)
    for _ in range(rng.choice((1, 3, 9))):
        out[rng.choice(digits)] = ord(str(rng.randrange(10)))
    return bytes(out)


_WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(flipped, cut, dropped, repeated, renumbered),
)


if __name__ == "__main__":
    main()
