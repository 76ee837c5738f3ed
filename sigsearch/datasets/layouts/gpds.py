"""GPDS (960, 300, synthetic): `c-<www>-<nn>` genuine, `cf-<www>-<nn>` forged, in any folder."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from sigsearch.datasets.layouts.shape import Label, TreeLayout

_NAME = re.compile(r"(cf?)-(\d+)-(\d+)", re.IGNORECASE)


def parse(path: PurePosixPath) -> Label | None:
    found = _NAME.fullmatch(path.stem)
    if not found:
        return None
    kind, writer, number = found.groups()
    return Label(
        writer=str(int(writer)),
        kind="genuine" if kind.lower() == "c" else "forgery",
        number=int(number),
        script="Latin",
    )


LAYOUT = TreeLayout("gpds", __doc__, parse, title="gpds")
