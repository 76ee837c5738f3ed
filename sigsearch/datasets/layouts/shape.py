"""The shape that every layout has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sigsearch.datasets.samples import Kind, LeftOut, Sample


@dataclass(frozen=True, slots=True)
class Label:
    """What a file's place in the tree says about it."""

    writer: str
    kind: Kind
    number: int = 0
    group: str = ""
    hand: str = ""
    text: str = ""
    script: str = ""
    part: str = ""  # a dataset that is a part of the tree (BHSig260: one a script)


Parse = Callable[[PurePosixPath], Label | None]


def named(pattern: str, forged: str, script: str = "") -> Parse:
    """A parser for layouts whose file names say everything, whatever the folder.

    pattern: of the name without its suffix, with groups `writer`, `number` and `kind`; forged: the
    kind that forgeries bear, in lower case.
    """
    expression = re.compile(pattern, re.IGNORECASE)

    def parse(path: PurePosixPath) -> Label | None:
        found = expression.fullmatch(path.stem)
        if not found:
            return None
        return Label(
            writer=str(int(found["writer"])),
            kind="forgery" if found["kind"].lower() == forged else "genuine",
            number=int(found["number"]),
            script=script,
        )

    return parse


def _always(_: Sequence[PurePosixPath]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class TreeLayout:
    """A folder of images whose names say whose they are.

    `parse` labels one file by its path below the root, or returns None. `recognise` looks at all
    paths, for trees whose single names could also be something else.
    """

    name: str
    about: str
    parse: Parse
    recognise: Callable[[Sequence[PurePosixPath]], bool] = _always
    title: str = ""  # the dataset's name, when it is a known one

    def share(self, paths: Sequence[PurePosixPath]) -> float:
        """The share of the files that this layout can label; 0 when it does not recognise them."""
        if not paths or not self.recognise(paths):
            return 0.0
        return sum(self.parse(path) is not None for path in paths) / len(paths)


@dataclass(frozen=True, slots=True)
class FileLayout:
    """One file that lists or holds the images. `read` returns samples and what was left out;
    `recognise` looks into files whose suffix several layouts share."""

    name: str
    about: str
    suffixes: tuple[str, ...]
    read: Callable[[Path], tuple[Iterable[Sample], Iterable[LeftOut]]]
    recognise: Callable[[Path], bool] = lambda _path: True
