"""Typefaces: Pillow's own, and those that happen to be on the machine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_FOLDERS = (Path("/usr/share/fonts"), Path("/Library/Fonts"), Path("C:/Windows/Fonts"))
_PRINT = (
    *("DejaVuSans", "DejaVuSerif", "STIXGeneral", "Liberation", "Arial", "Times", "Courier"),
    *("cmr10", "cmb10", "cmss10", "cmtt10", "cmti10", "Georgia", "Verdana", "Calibri"),
)
_ARABIC = (
    "DejaVuSans.ttf",
    "DejaVuSans-Bold.ttf",
    "DejaVuSansCondensed.ttf",
    "DejaVuSansCondensed-Bold.ttf",
)
OWN = ""
"""The name of the typeface that Pillow brings along."""


def machine_faces() -> tuple[str, ...]:
    """Paths of text typefaces on this machine, in the order of their names; Pillow's own is first.

    Pages are the same for a seed only with the same faces.
    """
    folders = list(_FOLDERS)
    plotting = find_spec("matplotlib")
    if plotting and plotting.origin:
        folders.append(Path(plotting.origin).parent / "mpl-data" / "fonts" / "ttf")
    found = {
        path.name: str(path)
        for folder in folders
        for path in folder.rglob("*.[to]tf")
        if path.name.startswith(_PRINT) and "Display" not in path.name
    }
    return (OWN, *(found[name] for name in sorted(found)))


def speaks(face: str, script: str) -> bool:
    """Whether a face has letters of "greek", "cyrillic" or "arabic"; all have those of "latin"."""
    name = Path(face).name
    if script == "latin":
        return True
    if script == "arabic":
        return name in _ARABIC
    return name.startswith("DejaVu")


def pick_face(faces: Sequence[str], script: str, rng: Any) -> str | None:
    """One of `faces` that has the script's letters; None when none has."""
    able = [face for face in faces if speaks(face, script)]
    return able[int(rng.integers(len(able)))] if able else None


@cache
def font(face: str, size: int) -> Any:
    """The face at a size in pixels."""
    from PIL import ImageFont

    size = max(size, 4)
    return ImageFont.truetype(face, size) if face else ImageFont.load_default(size)
