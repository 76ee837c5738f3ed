"""A folder per writer: `<writer>/*`. The folder's name is the writer's, verbatim.

The folders around it are kept as metadata. A folder called only `genuine`, `forged` and the like
says the kind, wherever it stands: `<writer>/forged/*`, `forgeries/<writer>/*`; so do `anna_forg`
beside `anna`, and a file named `forg...`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import PurePosixPath
from typing import get_args

from sigsearch.datasets.kinds import forged_of, is_forged_file, kind_of_folder
from sigsearch.datasets.layouts.shape import Label, Reading, TreeLayout
from sigsearch.datasets.samples import Kind
from sigsearch.errors import DatasetError
from sigsearch.names import as_text
from sigsearch.schema import WriterFolder

WRITER_FOLDERS: tuple[str, ...] = get_args(WriterFolder)


class Tree:
    """The folders of some paths, and what each says: a kind, or a name."""

    def __init__(self, paths: Sequence[PurePosixPath]) -> None:
        self._paths = paths
        self._named: dict[PurePosixPath, tuple[tuple[str, ...], Kind]] = {}

    @cached_property
    def _inside(self) -> dict[PurePosixPath, set[str]]:
        """Folder -> the names of the folders in it."""
        inside: dict[PurePosixPath, set[str]] = {}
        for folder in {parent for path in self._paths for parent in path.parents}:
            if folder.name:
                inside.setdefault(folder.parent, set()).add(folder.name)
        return inside

    def names(self, folder: PurePosixPath) -> tuple[tuple[str, ...], Kind]:
        """The names that a folder and those around it bear, outermost first, kinds left out; and
        the kind, genuine unless one of them says otherwise."""
        if not folder.name:
            return (), "genuine"
        known = self._named.get(folder)
        if known is None:
            known = self._named[folder] = self._read(folder)
        return known

    def _read(self, folder: PurePosixPath) -> tuple[tuple[str, ...], Kind]:
        around, kind = self.names(folder.parent)
        beside = self._inside.get(folder.parent, set())
        if said := kind_of_folder(folder.name, beside):
            return around, said
        if whose := forged_of(folder.name, beside):
            return (*around, whose), "forgery"
        return (*around, folder.name), kind


def read(paths: Sequence[PurePosixPath], writer_folder: WriterFolder = "auto") -> Reading:
    """Label each file by its folders. Raises DatasetError where one name stands in two places and
    `writer_folder` does not decide whether that is one writer."""
    tree = Tree(paths)
    places = [tree.names(path.parent) for path in paths]
    if writer_folder == "auto":
        _refuse_two_places([names for names, _ in places if names])
    labels = [
        _label(path, names, kind, writer_folder) if names else None
        for path, (names, kind) in zip(paths, places, strict=True)
    ]
    return Reading(labels, _notes([names for names, _ in places if names], writer_folder))


def _label(
    path: PurePosixPath, names: tuple[str, ...], kind: Kind, writer_folder: WriterFolder
) -> Label:
    if writer_folder == "outermost":
        writer, around = names[0], names[1:]
    elif writer_folder == "path":
        writer, around = "/".join(names), ()
    else:
        writer, around = names[-1], names[:-1]
    numbers = re.findall(r"\d+", path.stem)
    forged = kind == "forgery" or is_forged_file(path.stem, writer)
    return Label(
        writer=writer,
        kind="forgery" if forged else "genuine",
        number=int(numbers[-1][:18]) if numbers else 0,
        folder="/".join(around),
    )


def _refuse_two_places(places: Sequence[tuple[str, ...]]) -> None:
    seen: dict[str, tuple[str, ...]] = {}
    for names in places:
        first = seen.setdefault(names[-1], names)
        if first != names:
            one, other = (as_text("/".join(place)) for place in (first, names))
            raise DatasetError(
                f"two folders are called {as_text(names[-1])!r}: {one} and {other}; say whose "
                "signatures these are: --writer-folder outermost (of "
                f"{as_text(first[0])!r} and {as_text(names[0])!r}), path (of two writers, "
                f"{one!r} and {other!r}) or innermost (of one writer, {as_text(names[-1])!r})"
            )


def _notes(places: Sequence[tuple[str, ...]], writer_folder: WriterFolder) -> tuple[str, ...]:
    """A folder with images of its own around folders with images is a writer too: worth a word."""
    if writer_folder not in ("auto", "innermost"):
        return ()
    writers = set(places)
    around = sorted({names[:-1] for names in writers if names[:-1] in writers})
    if not around:
        return ()
    named = ", ".join(as_text("/".join(names)) for names in around[:3])
    more = f" and {len(around) - 3} others" if len(around) > 3 else ""
    return (
        f"images lie in {named}{more} and in folders inside: each folder was taken for a writer; "
        "--writer-folder outermost takes them together",
    )


LAYOUT = TreeLayout("folders", __doc__, lambda path: read([path]).labels[0])
