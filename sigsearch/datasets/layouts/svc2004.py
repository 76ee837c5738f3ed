"""SVC2004 drawn as images: `user<w>/genuine/U<w>S<n>`, `user<w>/forged/U<w>S<n>`."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from sigsearch.datasets.layouts.shape import Label, TreeLayout

_NAME = re.compile(r"U(\d+)S(\d+)", re.IGNORECASE)
_GENUINE = 20  # the competition's own numbering: 1-20 genuine, 21-40 skilled forgeries


def parse(path: PurePosixPath) -> Label | None:
    found = _NAME.fullmatch(path.stem)
    if not found:
        return None
    number = int(found[2])
    folder = path.parent.name.lower()
    if folder.startswith("forg") or folder == "genuine":
        forged = folder != "genuine"
    else:
        forged = number > _GENUINE
    return Label(
        writer=str(int(found[1])),
        kind="forgery" if forged else "genuine",
        number=number,
        script="Chinese and Latin",
    )


def fits(folder: PurePosixPath, label: Label) -> bool:
    if folder.name.lower() in ("genuine", "forged"):
        folder = folder.parent
    return folder.name.lower() in ("", f"user{label.writer}")


LAYOUT = TreeLayout("svc2004", __doc__, parse, fits, title="svc2004")
