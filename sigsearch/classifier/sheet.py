"""A contact sheet of one writer's images, the wrong ones first and framed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sigsearch.classifier.answers import Checked, WriterCheck
from sigsearch.imaging import read_signature

if TYPE_CHECKING:
    from PIL.Image import Image

_CELL, _PICTURE, _MARGIN, _COLUMNS = (236, 138), (224, 96), 6, 4
_WRONG, _QUIET, _INK = (200, 60, 0), (218, 222, 228), (28, 28, 30)


def draw_sheet(check: WriterCheck, out: Path) -> None:
    """Write the sheet as PNG: under each image its file, whom the network named, how surely, and
    whether it was trained on the image."""
    from PIL import Image

    ordered = [*check.wrong, *(one for one in check.checked if one.right)]
    rows = -(-len(ordered) // _COLUMNS)
    size = (_CELL[0] * min(len(ordered), _COLUMNS), _CELL[1] * rows)
    sheet = Image.new("RGB", size, (255, 255, 255))
    for at, one in enumerate(ordered):
        row, column = divmod(at, _COLUMNS)
        sheet.paste(_cell(one), (column * _CELL[0], row * _CELL[1]))
    sheet.quantize(64).save(out, "PNG", optimize=True)


def _cell(one: Checked) -> Image:
    from PIL import Image, ImageDraw

    cell = Image.new("RGB", _CELL, (255, 255, 255))
    picture = Image.fromarray(255 - read_signature(one.image).canvas)
    picture.thumbnail(_PICTURE)  # whatever the canvas measures, it keeps inside its frame
    left = _MARGIN + (_PICTURE[0] - picture.width) // 2
    cell.paste(picture, (left, _MARGIN + (_PICTURE[1] - picture.height) // 2))
    draw = ImageDraw.Draw(cell)
    frame = _QUIET if one.right else _WRONG
    right, below = _MARGIN + _PICTURE[0], _MARGIN + _PICTURE[1]
    draw.rectangle((_MARGIN - 2, _MARGIN - 2, right + 1, below + 1), outline=frame, width=2)
    text = _INK if one.right else _WRONG
    verdict = "" if one.right else "WRONG: "
    draw.text((_MARGIN, below + 4), f"{Path(one.image).name} ({one.role})", fill=_INK)
    draw.text((_MARGIN, below + 17), f"{verdict}{one.named}", fill=text)
    return cell
