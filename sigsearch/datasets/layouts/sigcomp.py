"""SigComp 2009 and 2011 (ICDAR competitions).

2011: genuine `<www>_<nn>` or `<nn>_<www>`, forged `<ffff><www>_<nn>` or `<nn>_<ffff><www>` where
`ffff` is the forger. 2009: `NFI-<aaa><nn><www>`, written by `aaa` under the name of `www`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from sigsearch.datasets.kinds import kind_of_folder
from sigsearch.datasets.layouts.shape import Label, TreeLayout, numbered

_WRITER_FIRST = re.compile(r"(?P<forger>\d{4})?(?P<writer>\d{3})_(?P<number>\d{1,2})")
_NUMBER_FIRST = re.compile(r"(?P<number>\d{1,2})_(?P<forger>\d{4})?(?P<writer>\d{3})")
_NFI = re.compile(r"NFI-(?P<author>\d{3})(?P<number>\d{2})(?P<writer>\d{3})", re.IGNORECASE)


def parse(path: PurePosixPath) -> Label | None:
    found = (
        _WRITER_FIRST.fullmatch(path.stem)
        or _NUMBER_FIRST.fullmatch(path.stem)
        or _NFI.fullmatch(path.stem)
    )
    if not found:
        return None
    fields = found.groupdict()
    forged = fields.get("forger") is not None
    if "author" in fields:
        forged = fields["author"] != fields["writer"]
    return Label(
        writer=str(int(fields["writer"])),
        kind="forgery" if forged else "genuine",
        number=int(fields["number"]),
    )


def recognise(paths: Sequence[PurePosixPath]) -> bool:
    # Genuine names alone (`001/001_01.png`) could as well be anyone's folder per writer, and so
    # could forged ones alone (`1204417/1204417_1.png`).
    kinds = {label.kind for path in paths if (label := parse(path))}
    return len(kinds) == 2


def fits(folder: PurePosixPath, label: Label) -> bool:
    if kind_of_folder(folder.name, ()) == label.kind:
        return True
    name = folder.name.lower().removesuffix("_forg")
    forged = name != folder.name.lower()
    return numbered(PurePosixPath(name), label) and forged == (label.kind == "forgery")


LAYOUT = TreeLayout("sigcomp", __doc__, parse, fits, recognise, title="sigcomp")
