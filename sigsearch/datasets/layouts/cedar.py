"""CEDAR: `full_org/original_<writer>_<n>`, `full_forg/forgeries_<writer>_<n>`."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from sigsearch.datasets.layouts.shape import Label, TreeLayout

_NAME = re.compile(r"(original|forgeries)_(\d+)_(\d+)", re.IGNORECASE)


def parse(path: PurePosixPath) -> Label | None:
    found = _NAME.fullmatch(path.stem)
    if not found:
        return None
    kind, writer, number = found.groups()
    return Label(
        writer=str(int(writer)),
        kind="genuine" if kind.lower() == "original" else "forgery",
        number=int(number),
        script="Latin",
    )


LAYOUT = TreeLayout("cedar", __doc__, parse, title="cedar")
