"""MCYT-75: `<wwww>v<nn>` genuine, `<wwww>f<nn>` forged, in any folder."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from sigsearch.datasets.layouts.shape import Label, TreeLayout

_NAME = re.compile(r"(\d{4})([vf])(\d{2})", re.IGNORECASE)


def parse(path: PurePosixPath) -> Label | None:
    found = _NAME.fullmatch(path.stem)
    if not found:
        return None
    writer, kind, number = found.groups()
    return Label(
        writer=str(int(writer)),
        kind="genuine" if kind.lower() == "v" else "forgery",
        number=int(number),
        script="Latin",
    )


LAYOUT = TreeLayout("mcyt", __doc__, parse, title="mcyt75")
