"""Drawings (SVG), drawn by resvg in a process of its own: it ends a process whose memory it runs
out of, and one line of a file can ask for more than there is."""

from __future__ import annotations

import subprocess
import sys

from sigsearch.errors import ImageTooLarge, NotAnImage

MAX_BYTES = 8 * 2**20
SECONDS = 20.0
"""For a drawing."""
TALLEST = 8  # heights over widths
WIDTH = 1600  # pixels
_MEMORY = 3 * 2**30  # bytes of address space
_BAD = 3  # exit code: what resvg says is wrong is on stdout
_SHOWN = ("image", "feImage")  # elements that show another file
_CHILD = "import sys; sys.path[:] = sys.argv[1:]; from sigsearch.documents.svg import main; main()"


def drawn(data: bytes, name: str) -> bytes:
    """The drawing as a PNG, WIDTH pixels wide whatever size it says it has; less wide where it
    would be more than TALLEST times as tall.

    Raises NotAnImage, or ImageTooLarge for one that takes too long or too much memory.
    """
    if len(data) > MAX_BYTES:
        raise ImageTooLarge(f"{name}: an SVG of more than {MAX_BYTES // 2**20} MB; save it as PNG")
    text = data.decode("utf-8", "replace")
    _refuse_references(text, name)
    command = [sys.executable, "-I", "-c", _CHILD, *sys.path]
    try:
        done = subprocess.run(
            command, input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ImageTooLarge(
            f"{name}: an SVG that takes longer than {SECONDS:g} seconds to draw; save it as PNG"
        ) from None
    if done.returncode == _BAD:
        why = done.stdout.decode("utf-8", "replace")
        raise NotAnImage(f"{name}: an SVG that cannot be drawn ({why}); save it as PNG")
    if done.returncode:
        raise ImageTooLarge(f"{name}: an SVG that needs too much memory; save it as PNG")
    return done.stdout


def main() -> None:
    """Draw what is on standard input, in the process that `drawn` starts."""
    import resvg_py

    _bound()
    text = sys.stdin.buffer.read().decode()
    try:
        # Both sides are given: the drawing is fitted into them, its own size is not used
        png = resvg_py.svg_to_bytes(
            svg_string=text, background="white", width=WIDTH, height=WIDTH * TALLEST
        )
    except ValueError as fault:
        sys.stdout.write(" ".join(str(fault).split()))
        sys.exit(_BAD)
    sys.stdout.buffer.write(bytes(png))


def _bound() -> None:
    """So much memory and no more, where the system can say so."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        pass


def _refuse_references(text: str, name: str) -> None:
    """A drawing holds all that it shows. Another file that it names would be read and shown,
    whoever sent the drawing. Raises NotAnImage."""
    from xml.etree import ElementTree

    told = f"{name}: an SVG that refers to other files; save it as PNG"
    if "<!ENTITY" in text:
        raise NotAnImage(told)
    try:
        elements = list(ElementTree.fromstring(text).iter())
    except ElementTree.ParseError as fault:
        raise NotAnImage(f"{name}: an SVG that cannot be read ({fault})") from None
    for one in elements:
        if str(one.tag).rpartition("}")[2] not in _SHOWN:
            continue
        targets = [value for key, value in one.attrib.items() if key.endswith("href")]
        if any(not target.strip().startswith(("#", "data:")) for target in targets):
            raise NotAnImage(told)
