"""The pages of a PDF, drawn one at a time by PDFium in a process of its own
(`sigsearch.documents.pdfium`). Its scripts are never run, and what it says of digital signatures is
reported, not drawn: a certificate is no ink."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock, Timer
from time import monotonic
from typing import IO, Any

import numpy as np

from sigsearch.arrays import Bytes
from sigsearch.errors import DocumentDamaged, DocumentLocked, ImageTooLarge

MAX_PAGES = 2_000
"""Of one file, unless a page of it is asked for."""
SECONDS = 20.0
"""For opening a file, and for drawing a page."""
MINUTES = 10.0
"""For drawing all pages of a file."""
_CHILD = (
    "import sys; sys.path[:] = sys.argv[1:]; from sigsearch.documents.pdfium import main; main()"
)


class Pdf:
    """An open PDF; close it, or use it as a context. pages: how many; signature_fields: for digital
    signatures."""

    def __init__(self, source: Path | bytes, name: str) -> None:
        """Raises DocumentLocked or DocumentDamaged."""
        self.name = name
        self._one_at_a_time = Lock()
        self._spent = 0.0  # seconds, on drawing
        # The same modules as here, and nothing from the folder that the program was started in
        command = [sys.executable, "-I", "-c", _CHILD, *sys.path]
        pipe = subprocess.PIPE
        self._child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        try:
            about = self._open(source)
        except BaseException:
            self.close()
            raise
        self.pages, self.signature_fields = about["pages"], about["signature_fields"]

    def __enter__(self) -> Pdf:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._child.kill()
        for stream in (self._child.stdin, self._child.stdout):
            with suppress(OSError):
                _held(stream).close()
        self._child.wait()

    def refuse_many(self) -> None:
        """Raise ImageTooLarge where nobody would wait for all pages."""
        if self.pages > MAX_PAGES:
            raise ImageTooLarge(
                f"{self.name}: has {self.pages} pages, more than {MAX_PAGES}; "
                f"ask for one of them: {self.name}#page=1"
            )

    def draw(self, number: int) -> Bytes:
        """Page `number`, from 1: grey uint8 (height, width) at 200 dpi, or fewer where it is huge.

        Raises DocumentDamaged, also for a page that takes longer than SECONDS, or ImageTooLarge
        where all that were drawn took longer than MINUTES.
        """
        with self._one_at_a_time:
            if self._spent > 60 * MINUTES:
                raise ImageTooLarge(
                    f"{self.name}: drawing its pages takes longer than {MINUTES:g} minutes; "
                    f"ask for one of them: {self.name}#page={number}"
                )
            started = monotonic()
            told, pixels = self._ask(b"%d\n" % number, f"page {number}")
            self._spent += monotonic() - started
        if "fault" in told:
            raise DocumentDamaged(
                f"{self.name}: page {number} cannot be drawn ({told['fault']}); ask for another "
                f"page by its number: {self.name}#page=N"
            )
        return np.frombuffer(pixels, np.uint8).reshape(told["height"], told["width"])

    def _open(self, source: Path | bytes) -> dict[str, Any]:
        path = str(source.absolute()) if isinstance(source, Path) else None
        data = source if isinstance(source, bytes) else b""
        head = {"path": path, "bytes": len(data), "seconds": SECONDS}
        told, _ = self._ask(json.dumps(head).encode() + b"\n" + data, "the PDF")
        if told.get("locked"):
            raise DocumentLocked(f"{self.name}: the PDF needs a password; save it without one")
        if not told.get("pages"):
            raise DocumentDamaged(
                f"{self.name}: the PDF is damaged or cut short; save or send it again"
            )
        return told

    def _ask(self, question: bytes, what: str) -> tuple[dict[str, Any], bytes]:
        """The answer, and the pixels after it."""
        late = Timer(SECONDS, self._child.kill)
        late.start()
        try:
            given, answers = _held(self._child.stdin), _held(self._child.stdout)
            given.write(question)
            given.flush()
            told = json.loads(answers.readline())
            size = told.get("width", 0) * told.get("height", 0)
            pixels = answers.read(size)
            if len(pixels) == size:
                return told, pixels
        except (OSError, ValueError):  # a broken pipe, half an answer
            pass
        finally:
            late.cancel()
        raise DocumentDamaged(
            f"{self.name}: {what} cannot be drawn, or not in {SECONDS:g} seconds; print it to a "
            "new PDF"
        )


def _held(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # it was asked for
    return stream
