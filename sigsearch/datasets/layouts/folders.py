"""A folder per writer: `<writer>/*`.

Forgeries are named `forg...`, or lie in a folder named so: `<writer>/forged/*`, `<writer>_forg/*`,
`forgeries/<writer>/*`. The word must stand alone, so that Anna Forgacs keeps her signatures.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from sigsearch.datasets.layouts.shape import Label, TreeLayout

_FORGED = re.compile(
    r"(?<![^\W\d_])(?:forg(?:e|ed|er|ery|eries)?|fakes?|faked)(?![^\W\d_])", re.IGNORECASE
)
_KIND = re.compile(r"genuines?|originals?|real|org|gen|full_org", re.IGNORECASE)


def parse(path: PurePosixPath) -> Label | None:
    folders = path.parts[:-1]
    forged = bool(_FORGED.match(path.stem)) or any(_FORGED.search(part) for part in folders)
    writer = next((name for name in map(_writer, folders) if name), None)
    if writer is None:
        return None
    numbers = re.findall(r"\d+", path.stem)
    return Label(
        writer=writer,
        kind="forgery" if forged else "genuine",
        number=int(numbers[-1]) if numbers else 0,
    )


def _writer(folder: str) -> str:
    """The writer that a folder names; empty when it only says genuine or forged."""
    if _KIND.fullmatch(folder):
        return ""
    return re.sub(r"^full$", "", _FORGED.sub("", folder).strip(" _-.()"))


LAYOUT = TreeLayout("folders", __doc__, parse)
