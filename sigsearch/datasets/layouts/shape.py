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
    folder: str = ""  # the folders around the writer's


@dataclass(frozen=True, slots=True)
class Reading:
    """What a layout makes of a tree: labels in the order of the files, None for a file that it
    cannot label, and notes for a person."""

    labels: Sequence[Label | None]
    notes: tuple[str, ...] = ()


Fits = Callable[[PurePosixPath, Label], bool]
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


def numbered(folder: PurePosixPath, label: Label) -> bool:
    """Whether a folder bears its writer's number: `007` for writer 7."""
    return folder.name.isdecimal() and str(int(folder.name)) == label.writer


def _always(_: Sequence[PurePosixPath]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class TreeLayout:
    """A folder of images whose names say whose they are.

    `parse` labels one file by its path below the root, or returns None. `fits` says whether a
    folder is one of the layout's own for the file that lies in it. `recognise` looks at all paths,
    for trees whose single names could also be something else.
    """

    name: str
    about: str
    parse: Parse
    fits: Fits = numbered
    recognise: Callable[[Sequence[PurePosixPath]], bool] = _always
    title: str = ""  # the dataset's name, when it is a known one

    def read(self, paths: Sequence[PurePosixPath]) -> Reading:
        return Reading([self.parse(path) for path in paths])


@dataclass(frozen=True, slots=True)
class FileLayout:
    """One file that lists or holds the images. `read` returns samples and what was left out;
    `recognise` looks into files whose suffix several layouts share."""

    name: str
    about: str
    suffixes: tuple[str, ...]
    read: Callable[[Path], tuple[Iterable[Sample], Iterable[LeftOut]]]
    recognise: Callable[[Path], bool] = lambda _path: True
