"""BHSig260: `Bengali/<www>/B-S-<writer>-G-<nn>` genuine, `-F-` forged; `Hindi/`, `H-` likewise."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from sigsearch.datasets.layouts.shape import Label, TreeLayout, numbered

_NAME = re.compile(r"([BH])-S-(\d+)-([GF])-(\d+)", re.IGNORECASE)
_SCRIPTS = {"B": ("bhsig260-bengali", "Bengali"), "H": ("bhsig260-hindi", "Devanagari")}


def parse(path: PurePosixPath) -> Label | None:
    found = _NAME.fullmatch(path.stem)
    if not found:
        return None
    language, writer, kind, number = found.groups()
    part, script = _SCRIPTS[language.upper()]
    return Label(
        writer=str(int(writer)),
        kind="genuine" if kind.upper() == "G" else "forgery",
        number=int(number),
        script=script,
        part=part,
    )


def fits(folder: PurePosixPath, label: Label) -> bool:
    language = "bengali" if label.script == "Bengali" else "hindi"
    return folder.name.lower() == language or numbered(folder, label)


LAYOUT = TreeLayout("bhsig", __doc__, parse, fits, title="bhsig260")
